"""An instruction that brought no report is followed by a new sheet; while one is open there is no second."""

from datetime import date

from sqlalchemy import select

from db import ledger
from db.models import Escalation
from tests.conftest import ContextAt
from tests.promises.conftest import Activate, PatrolAt


def test_the_reminder_after_an_instruction_is_a_sheet_of_its_own(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-03-11T09:00")  # red: 28 February and seven working days
    with ledger_at("2025-03-11T10:00", "局党组书记") as ctx:
        red = ledger.open_escalation(ctx, 1)
        assert red is not None
        ledger.instruct(ctx, red.id, "十四日前报送", date(2025, 3, 14))
    assert patrol_at("2025-03-14T17:00").alerts == 0  # the new limit is still running
    patrol_at("2025-03-17T09:00")
    with ledger_at("2025-03-17T10:00") as ctx:
        query = select(Escalation.rung, Escalation.state, Escalation.limit_on).order_by(Escalation.id)
        assert ctx.session.execute(query).tuples().all() == [
            ("orange", "superseded", date(2025, 3, 14)),
            ("red", "instructed", date(2025, 3, 18)),
            ("repeat#1", "open", date(2025, 3, 20)),
        ]
    patrol_at("2025-03-19T09:00")  # the second reminder: the sheet of the first is open, so it only reminds
    with ledger_at("2025-03-19T10:00") as ctx:
        assert ctx.session.execute(query).tuples().all()[-1][0] == "repeat#1"
