"""Sheets are numbered as an office numbers its papers: from 1 in every year of its own zone, and none is missing."""

from contextlib import suppress

from sqlalchemy import select

from db import ledger
from db.ledger.fire import Totals, fire_due
from db.models import Escalation
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

MONTHLY = [duty(title="月报")]
THREE = plan_of(*(measure(code, duties=MONTHLY) for code in ("01-1", "01-2", "01-3")))


def _numbers(ledger_at: ContextAt, moment: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return [sheet.number for sheet in ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars()]


class Undone(Exception):
    """What a power cut does to a transaction."""


def test_what_is_rolled_back_takes_no_number(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", THREE)
    patrol_at("2025-02-28T09:00")
    for _ in range(3):
        with suppress(Undone), ledger_at("2025-03-05T09:00") as ctx:
            totals = Totals()
            while fire_due(ctx, totals):
                pass
            assert totals.escalations == 3
            raise Undone
    patrol_at("2025-03-05T09:00")
    assert _numbers(ledger_at, "2025-03-05T09:01") == [f"督办〔2025〕{one}号" for one in (1, 2, 3)]
    patrol_at("2025-03-12T09:00")
    assert _numbers(ledger_at, "2025-03-12T09:01")[3:] == [f"督办〔2025〕{one}号" for one in (4, 5, 6)]


def test_a_year_begins_in_the_zone_of_the_office_and_with_number_one(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    yearly = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-12-25")
    activated("2025-02-03T09:00", plan_of(measure(duties=MONTHLY), measure("01-2", duties=[yearly])))
    patrol_at("2025-03-05T09:00")
    with ledger_at("2025-03-06T09:00", "经办人") as ctx:
        ledger.submit(ctx, 1, ledger.Report(body="已完成", percent=100, finished=True))
    # Half past seven on New Year's Day is still the old year in UTC.
    patrol_at("2026-01-01T07:30")
    found = _numbers(ledger_at, "2026-01-01T08:00")
    assert found[0] == "督办〔2025〕1号"
    assert "督办〔2026〕1号" in found
    serials = [int(one.split("〕")[1].removesuffix("号")) for one in found if "2026" in one]
    assert serials == list(range(1, len(serials) + 1))
