"""Each check of a simulation sees the fault it is there for: without this, a green list would prove nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.ledger import LedgerContext
from foresight.simulation import run
from foresight.simulation.result import SentLetter
from tests.plans import ROLES, measure, plan_of
from tests.simulation.conftest import Simulate

Change = Callable[[LedgerContext], object]
Letters = Callable[[list[SentLetter]], list[SentLetter]]


def _sql(statement: str) -> Change:
    return lambda ctx: ctx.session.execute(text(statement))


def _again(letters: list[SentLetter]) -> list[SentLetter]:
    return [*letters, letters[0]]


def _at_night(letters: list[SentLetter]) -> list[SentLetter]:
    return [*letters[:-1], replace(letters[-1], at=letters[-1].at + timedelta(hours=12))]


def _a_week_later(letters: list[SentLetter]) -> list[SentLetter]:
    """The chase of 25 February, as if it had left after the report."""
    return [replace(one, at=one.at + timedelta(days=21)) if "chase" in _kinds(one) else one for one in letters]


def _kinds(letter: SentLetter) -> set[str]:
    return {entry.kind for entry in letter.entries}


def _swallow(letters: list[SentLetter]) -> list[SentLetter]:
    return [one for one in letters if "escalation" not in _kinds(one)]


def _same(letters: list[SentLetter]) -> list[SentLetter]:
    return letters


def _nothing(ctx: LedgerContext) -> None:
    """Leave the ledger as it is."""


FAULTS: dict[str, tuple[str, Change, Letters]] = {
    "an escalation nobody recorded": (
        "escalations_recorded",
        _sql("UPDATE periods SET fired = array_remove(fired, 'orange')"),
        _same,
    ),
    "an escalation recorded twice": (
        "escalations_recorded",
        _sql("UPDATE periods SET fired = fired || 'orange'::varchar WHERE id = 1"),
        _same,
    ),
    "an escalation that told nobody": (
        "escalations_recorded",
        _sql("DELETE FROM alerts WHERE rung = 'orange'"),
        _same,
    ),
    "a letter that never left": ("escalations_arrive", _nothing, _swallow),
    "two digests on one day": ("one_digest_a_day", _nothing, _again),
    "a fourth chase": (
        "few_chases",
        _sql("UPDATE alerts SET kind = 'chase', limit_on = '2025-02-28' WHERE rung = 'open'"),
        _same,
    ),
    "a letter at night": ("quiet_hours", _nothing, _at_night),
    "a chase after the report": ("a_report_stops_the_ladder", _nothing, _a_week_later),
    "an alert recorded after the report": (
        "a_report_stops_the_ladder",
        _sql("UPDATE alerts SET recorded_at = recorded_at + interval '20 days' WHERE rung = 'yellow'"),
        _same,
    ),
    "a letter stuck in the outbox": (
        "no_letter_is_lost",
        _sql("UPDATE messages SET state = 'pending', next_try_at = created_at WHERE id = 1"),
        _same,
    ),
    "a letter that died in silence": (
        "no_letter_is_lost",
        _sql("UPDATE messages SET state = 'dead' WHERE id = 1"),
        _same,
    ),
    "an open period nobody looks at": (
        "nothing_overlooked",
        _sql("UPDATE periods SET next_step_at = NULL"),
        _same,
    ),
    "a rung that waits in the past": (
        "nothing_overlooked",
        _sql("UPDATE periods SET next_step_at = opened_at WHERE closed_at IS NULL"),
        _same,
    ),
    "a paper that nobody was asked for": (
        "no_paper_is_forgotten",
        _sql("DELETE FROM drafts"),
        _same,
    ),
    "a paper that waits and of which nobody heard": (
        "no_paper_is_forgotten",
        _sql("DELETE FROM alerts WHERE rung LIKE 'paper-drafted:%'"),
        _same,
    ),
    "an entry that was changed": (
        "chain_holds",
        _sql("UPDATE audit SET actor = '别人' WHERE id = 2"),
        _same,
    ),
}


@pytest.mark.parametrize(("check", "change", "letters"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_seen(
    simulated: Simulate, monkeypatch: pytest.MonkeyPatch, check: str, change: Change, letters: Letters
) -> None:
    """What goes wrong is done to the ledger, or to the letters, after the last day and before the checks."""
    read = run.read_records

    def tampered(ctx: LedgerContext, sent: list[SentLetter]) -> Any:
        change(ctx)
        return read(ctx, letters(list(sent)))

    monkeypatch.setattr(run, "read_records", tampered)
    plan = plan_of(measure("01-1"), roles={n: {"name": n, "channels": {"phone": "1"}} for n in ROLES})
    behaviour = {"default": {"report": "due+4wd", "review": "+1wd"}, "papers": {"after": "never"}}
    found = simulated(behaviour, plan=plan, last="2025-03-20")
    broken = {one.key: one for one in found.checks if not one.kept}
    assert check in broken
    assert broken[check].faults[0]
