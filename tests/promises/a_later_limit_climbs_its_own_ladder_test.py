"""What fired belongs to a limit: a later one has its own ladder before it, an earlier or equal one fires nothing twice.

Whoever holds a sheet of the old limit is told once that it is moot, and cannot answer it any more.
"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext
from db.models import Alert, Escalation, Period, Recipient
from letters.select import select as select_letters
from plan.model import Plan
from plan.types import EscalationState
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

LADDER = ["remind", "due", "yellow", "orange", "red"]


def _due(day: str, **changes: Any) -> Plan:
    """One measure to be finished by a day."""
    return plan_of(measure(duties=[duty("finish", kind="finish", cadence="once", title="完成", due_on=day, **changes)]))


def _fired(ctx: LedgerContext, recipient: str = "") -> list[tuple[str, date | None]]:
    """Rungs and their limits in the order of firing, of one recipient or of all, without openings and events."""
    query = select(Alert.rung, Alert.limit_on).join(Recipient, Recipient.id == Alert.recipient_id)
    query = query.where(Alert.limit_on.is_not(None), Recipient.key == recipient if recipient else True)
    return list(dict.fromkeys(ctx.session.execute(query.order_by(Alert.id)).tuples()))


def _extended(ledger_at: ContextAt, asked: str, granted: str, to: date) -> None:
    with ledger_at(asked, "经办人") as ctx:
        ledger.ask_extension(ctx, 1, to, "汛期无法进场施工")
    with ledger_at(granted, "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)


def test_an_extended_limit_warns_the_handler_anew(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _due("2025-06-30"))
    patrol_at("2025-06-25T09:00")
    _extended(ledger_at, "2025-06-25T10:00", "2025-06-26T10:00", date(2025, 9, 30))
    patrol_at("2025-09-29T09:00")
    first, second = date(2025, 6, 30), date(2025, 9, 30)
    with ledger_at("2025-09-29T09:00") as ctx:
        passed = [(rung, first) for rung in ("green", "yellow-notice", "remind")]
        assert _fired(ctx, "handler") == [*passed, *((rung, second) for rung, _ in passed)]


def test_a_plan_that_moves_the_limit_of_what_was_red_begins_with_the_warning(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _due("2025-03-14"))
    patrol_at("2025-03-25T09:00")
    with ledger_at("2025-03-26T09:00") as ctx:
        ledger.amend(ctx, _due("2025-06-30"), base_digest=None, apply=True)
        assert ctx.session.get_one(Period, 1).next_step_at == at("2025-06-25T08:30")
    patrol_at("2025-07-09T09:00")
    with ledger_at("2025-07-09T09:00") as ctx:
        assert _fired(ctx) == [(rung, date(2025, 3, 14)) for rung in LADDER] + [
            (rung, date(2025, 6, 30)) for rung in LADDER
        ]


def test_an_extension_asked_in_time_and_granted_late_ends_the_sheets_and_their_readers_are_told_once(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _due("2025-03-14"))
    patrol_at("2025-03-12T09:00")
    with ledger_at("2025-03-13T10:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 6, 30), "汛期无法进场施工")
    patrol_at("2025-03-25T09:00")
    with ledger_at("2025-03-26T10:00", "分管领导") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
    with ledger_at("2025-03-26T10:05", "局长") as ctx:
        sheets = ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars().all()
        assert [(one.rung, one.state) for one in sheets] == [
            ("orange", EscalationState.CLOSED),
            ("red", EscalationState.CLOSED),
        ]
        query = select(Recipient.key, Alert.note).join(Alert).where(Alert.rung.like("moot:%")).order_by(Recipient.key)
        told = ctx.session.execute(query).tuples().all()
        assert [key for key, _ in told] == ["deputy", "discipline", "head"]
        assert all("不再办理" in note and "由2025-03-14改为2025-06-30" in note for _, note in told)
        for sheet in sheets:
            with pytest.raises(Refusal) as refused:
                ledger.acknowledge(ctx, sheet.id)
            assert refused.value.code == "escalation_closed"
        assert ledger.open_escalation(ctx, 1) is None
    patrol_at("2025-06-24T09:00")
    with ledger_at("2025-06-24T09:00") as ctx:
        assert not [one for one in _fired(ctx) if one[1] == date(2025, 6, 30)]
    patrol_at("2025-07-09T09:00")
    with ledger_at("2025-07-09T09:00") as ctx:
        assert [rung for rung, limit in _fired(ctx) if limit == date(2025, 6, 30)] == LADDER
        (new,) = ctx.session.execute(select(Escalation).where(Escalation.state == EscalationState.OPEN)).scalars()
        assert (new.rung, new.due_on) == ("red", date(2025, 6, 30))
        assert len(ctx.session.execute(query).all()) == 3  # nobody is told a second time


def test_a_limit_that_is_moved_to_and_fro_or_earlier_fires_nothing_twice(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _due("2025-03-14"))
    patrol_at("2025-03-17T09:00")
    for hour, day in enumerate(("2025-06-30", "2025-03-14", "2025-03-12", "2025-03-14"), 10):
        with ledger_at(f"2025-03-17T{hour}:00") as ctx:
            ledger.amend(ctx, _due(day), base_digest=None, apply=True)
    patrol_at("2025-03-18T08:35")
    with ledger_at("2025-03-18T09:00") as ctx:
        assert _fired(ctx) == [(rung, date(2025, 3, 14)) for rung in LADDER[:3]]
    patrol_at("2025-03-25T09:00")
    with ledger_at("2025-03-25T09:00") as ctx:
        assert _fired(ctx) == [(rung, date(2025, 3, 14)) for rung in LADDER]


def test_what_a_letter_still_had_to_say_of_the_old_limit_is_not_said(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", _due("2025-03-14"))
    patrol_at("2025-03-25T09:00")
    with ledger_at("2025-03-25T09:30") as ctx:
        ledger.amend(ctx, _due("2025-06-30"), base_digest=None, apply=True)
    with ledger_at("2025-03-25T10:00") as ctx:
        said = {item.rung.split(":")[0] for letter in select_letters(ctx, 100) for item in letter.items}
        assert {"amended", "moot"} <= said
        assert not said & set(LADDER)
