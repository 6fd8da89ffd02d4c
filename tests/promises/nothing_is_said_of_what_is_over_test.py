"""What happens between the writing of a letter and its leaving counts: of what is over by then nothing is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from db import ledger
from db.ledger import LedgerContext, Report
from letters.delivery import Delivery
from plan.model import Plan
from plan.types import AlertKind
from rules.message import Message
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

Act = Callable[[LedgerContext], object]
CHANGE, DECISION, REQUEST = AlertKind.CHANGE, AlertKind.DECISION, AlertKind.REQUEST
CHASE, ESCALATION, NOTICE = AlertKind.CHASE, AlertKind.ESCALATION, AlertKind.NOTICE


def _plan() -> Plan:
    return plan_of(measure(duties=[duty()]), measure("02-1"))


@pytest.fixture
def written(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    """The report of February is late: letters with its chases and sheets are written and wait for the opening."""
    activated("2025-02-17T08:00", _plan())
    with ledger_at("2025-02-27T08:00", "经办人") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 5), "汛期")
    patrol_at("2025-03-17T07:00")


@pytest.fixture
def leaving(ledger_at: ContextAt) -> Callable[[], set[AlertKind]]:
    """Delivers all that waits, as the office does, and gives the kinds of what was said of the period."""

    def deliver() -> set[AlertKind]:
        said: set[AlertKind] = set()

        def send(message: Message, _now: datetime) -> None:
            said.update(item.kind for item in message.items if item.period_id == 1)

        Delivery(lambda _: ledger_at("2025-03-17T08:30"), send, lambda: at("2025-03-17T08:30"), 50).run()
        return said

    return deliver


def _reported(ctx: LedgerContext) -> None:
    ledger.submit(ctx, 1, Report(body="已报送", percent=50))


def _accepted(ctx: LedgerContext) -> None:
    _reported(ctx)
    ledger.review(replace(ctx, actor="整改办"), 1, accept=True)


def _instructed(ctx: LedgerContext) -> None:
    sheet = ledger.open_escalation(ctx, 1)
    assert sheet is not None
    ledger.instruct(ctx, sheet.id, "本周内报送")


HAPPENED: dict[str, tuple[str, Act, set[AlertKind]]] = {
    "nothing": ("经办人", lambda ctx: None, {CHASE, ESCALATION, REQUEST}),
    "it was reported": ("经办人", _reported, {REQUEST}),
    "it was accepted": ("经办人", _accepted, set()),
    "it was skipped": ("office", lambda ctx: ledger.skip(ctx, 1, "不必报送"), {CHANGE}),
    "it was dropped": (
        "整改办",
        lambda ctx: ledger.amend(ctx, plan_of(measure("02-1")), base_digest=None, apply=True),
        {CHANGE},
    ),
    "a longer limit was granted": (
        "分管领导",
        lambda ctx: ledger.decide_extension(ctx, 1, grant=True),
        {NOTICE, DECISION, CHANGE},
    ),
    "the sheet was answered": ("局长", _instructed, {CHASE, DECISION, REQUEST}),
}


@pytest.mark.parametrize("happened", HAPPENED)
def test_what_is_over_when_a_letter_leaves_is_not_in_it(
    written: None, ledger_at: ContextAt, leaving: Callable[[], set[AlertKind]], happened: str
) -> None:
    who, act, said = HAPPENED[happened]
    with ledger_at("2025-03-17T08:10", who) as ctx:
        act(ctx)
    assert leaving() == said
