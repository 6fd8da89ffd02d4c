"""Answers and changes that come before the letter left go in it together; each is told once and none is lost."""

from datetime import date

from sqlalchemy import select

from db import ledger
from db.ledger import message_queue
from db.models import Alert, Period, QueuedMessage
from tests.conftest import ContextAt, at
from tests.messages import items_of, sent
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

PLAN = plan_of(measure(), measure("01-2"), measure("01-3"))


def _instruct(ledger_at: ContextAt, moment: str, period: int) -> None:
    with ledger_at(moment, "分管副局长") as ctx:
        sheet = ledger.open_escalation(ctx, period)
        assert sheet is not None
        ledger.instruct(ctx, sheet.id, f"第{period}项抓紧", date(2025, 3, 20))


def _words(ctx: ledger.LedgerContext) -> list[tuple[str, list[str]]]:
    """Every letter of words: to whom, and the notes in it."""
    found = (
        select(QueuedMessage)
        .where(QueuedMessage.key.not_like("digest-%"))
        .order_by(QueuedMessage.person_id, QueuedMessage.id)
    )
    return [
        (one.person.name, [entry.note or "" for entry in items_of(ctx, one.id)])
        for one in ctx.session.execute(found).scalars()
    ]


def test_three_instructions_of_one_morning_are_one_letter(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", PLAN)
    patrol_at("2025-03-11T09:00")
    for period in (1, 2, 3):
        _instruct(ledger_at, "2025-03-11T10:00", period)
    with ledger_at("2025-03-11T10:05") as ctx:
        told = {name: len(notes) for name, notes in _words(ctx)}
        assert told == {"handler": 3, "leader": 3}
        assert len(_words(ctx)) == 2


def test_what_comes_after_the_letter_began_to_leave_goes_in_the_next(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", PLAN)
    patrol_at("2025-03-11T09:00")
    _instruct(ledger_at, "2025-03-11T10:00", 1)
    with ledger_at("2025-03-11T10:01") as ctx:
        taken = [one for one in message_queue.lease(ctx, 100) if not one.key.startswith("digest-")]
    _instruct(ledger_at, "2025-03-11T10:02", 2)
    with ledger_at("2025-03-11T10:03") as ctx:
        sent(ctx, *taken)
    _instruct(ledger_at, "2025-03-11T10:04", 3)
    with ledger_at("2025-03-11T10:05") as ctx:
        assert [(name, len(notes)) for name, notes in _words(ctx)] == [
            ("handler", 1),
            ("handler", 2),
            ("leader", 1),
            ("leader", 2),
        ]


def test_a_letter_somebody_holds_is_left_to_him(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", PLAN)
    patrol_at("2025-03-11T09:00")
    _instruct(ledger_at, "2025-03-11T10:00", 1)
    with ledger_at("2025-03-11T10:01") as sender:
        held = message_queue.lease(sender, 100)
        _instruct(ledger_at, "2025-03-11T10:01", 2)  # neither waits nor writes into the letter that is being read
        assert held
    with ledger_at("2025-03-11T10:02") as ctx:
        assert [len(notes) for _, notes in _words(ctx)] == [1, 1, 1, 1]


def test_the_same_event_told_again_writes_nothing(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00")
    for moment in ("2025-03-11T09:00", "2025-03-11T09:05"):
        with ledger_at(moment) as ctx:
            message_queue.notify_operators(ctx, "fallback:mail:2025-03-11", "通道 mail 发送失败")
            sent(ctx, *message_queue.lease(ctx, 100))
    with ledger_at("2025-03-11T09:10") as ctx:
        assert ctx.session.execute(select(Alert.rung)).scalars().all() == ["fallback:mail:2025-03-11"]
        assert ctx.session.execute(select(QueuedMessage.state)).scalars().all() == ["sent"]


def test_who_works_on_it_hears_of_a_limit_that_was_moved_and_of_what_was_dropped(
    activated: Activate, ledger_at: ContextAt
) -> None:
    finish = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-05-30")
    activated("2025-03-03T09:00", plan_of(measure(duties=[finish]), measure("01-2")))
    moved = plan_of(measure(duties=[finish | {"due_on": "2025-06-30"}]), measure("01-3"))
    for apply in (False, True):
        with ledger_at("2025-03-04T09:00", "整改办") as ctx:
            ledger.amend(ctx, moved, base_digest=None, apply=apply)
        with ledger_at("2025-03-04T09:01") as ctx:
            told = [("handler", ["整改方案调整，期限由2025-05-30改为2025-06-30", "整改方案调整，本期不再要求"])]
            assert _words(ctx) == (told if apply else [])


def test_every_move_of_a_limit_is_told_even_within_one_instant(activated: Activate, ledger_at: ContextAt) -> None:
    finish = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-05-30")
    activated("2025-03-03T09:00", plan_of(measure(duties=[finish])))
    for limit in ("2025-06-30", "2025-05-30", "2025-06-30"):
        with ledger_at("2025-03-04T09:00", "整改办") as ctx:
            ledger.amend(ctx, plan_of(measure(duties=[finish | {"due_on": limit}])), base_digest=None, apply=True)
    with ledger_at("2025-03-04T09:01") as ctx:
        ((_, notes),) = _words(ctx)
        assert [note[-10:] for note in notes] == ["2025-06-30", "2025-05-30", "2025-06-30"]


def test_what_an_amendment_makes_timely_asks_no_supervisor_any_more(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    finish = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-02-28")
    activated("2025-02-03T09:00", plan_of(measure(duties=[finish])))
    patrol_at("2025-03-11T09:00")
    with ledger_at("2025-03-11T10:00", "整改办") as ctx:
        assert ledger.open_escalation(ctx, 1) is not None
        later = plan_of(measure(duties=[finish | {"due_on": "2025-03-31"}]))
        ledger.amend(ctx, later, base_digest=None, apply=True)
    with ledger_at("2025-03-11T10:05") as ctx:
        assert ledger.open_escalation(ctx, 1) is None
    patrol_at("2025-04-01T09:00")  # late again: its rungs have fired, the next reminder is a repeat's
    with ledger_at("2025-04-01T09:05") as ctx:
        again = ctx.session.get_one(Period, 1).next_step_at
        assert ledger.open_escalation(ctx, 1) is None
    assert again is not None
    assert again < at("2025-04-20T09:00")
    patrol_at("2025-04-20T09:00")
    with ledger_at("2025-04-20T09:05") as ctx:
        assert ledger.open_escalation(ctx, 1) is not None
