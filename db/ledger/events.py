"""What happens, for the office's other systems: the acts of the trail in short, without anything that people wrote.

A system asks for what came after an entry of the trail, or is told: then the entry up to which it was told is noted in
the transaction that queues the message, so that nothing is told twice or lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from db.ledger.audit import CLIMB, trail_end
from db.ledger.bulk import among
from db.ledger.context import LedgerContext
from db.ledger.message_queue import queue_events
from db.models import AuditEntry, Duty, Escalation, Inspection, Measure, Period, System
from plan.types import SHEET_KINDS

TYPES: Mapping[str, str] = {
    "open": "period.opened",
    "part": "part.given",
    "submit": "period.reported",
    "accept": "period.accepted",
    "return": "period.returned",
    "skip": "period.skipped",
    "merge": "period.merged",
    "ask-extension": "extension.asked",
    "decide-extension": "extension.decided",
    "acknowledge": "sheet.acknowledged",
    "instruct": "sheet.instructed",
    "interview": "sheet.interviewed",
    "circulate": "sheet.circulated",
    "escalate": "sheet.raised",
    "add-evidence": "evidence.added",
    "remove-evidence": "evidence.removed",
    "suspend": "measure.suspended",
    "prolong-suspension": "measure.suspended",
    "resume": "measure.resumed",
    "look-back": "measure.looked-at",
    "begin-closure": "closure.begun",
    "closure-step": "closure.stepped",
    "object": "closure.objected",
    "answer-objection": "closure.answered",
    "withdraw-closure": "closure.withdrawn",
    "close": "measure.closed",
    "reopen": "measure.reopened",
    "delegate": "matter.delegated",
    "take-back": "matter.taken-back",
    "activate": "plan.activated",
    "amend": "plan.amended",
    CLIMB: "period.reminded",
}
"""The commands of the trail of which systems are told, and as what. Of a patrol: ``period.late`` after the limit, and
``sheet.opened`` where a supervisor is asked."""
LOOKED_AT, MOST_EVENTS, MOST_PAGES = 500, 100, 20
"""Entries looked at together, events of one message, looks of one delivery."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order of the trail, the entry up to which it was looked at, and whether there are more entries."""

    events: tuple[dict[str, Any], ...]
    upto: int
    more: bool


def events_after(ctx: LedgerContext, after: int) -> EventPage:
    """What happened after an entry of the trail.

    Args:
        ctx: the context; instants are told in its zone.
        after: number of the entry; 0 for all from the beginning.

    Returns:
        The events of at most ``LOOKED_AT`` entries.
    """
    query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(LOOKED_AT + 1)
    entries = ctx.session.execute(query).scalars().all()
    more, entries = len(entries) > LOOKED_AT, entries[:LOOKED_AT]
    wanted = [one for one in entries if one.command in TYPES]
    known = _Known(ctx, {period for one in wanted for period in _periods(one.facts)})
    events = [
        {"id": f"{one.id}-{number}", "at": one.at.astimezone(ctx.work_time.zone).isoformat(), **event}
        for one in wanted
        for number, event in enumerate(_told(one, known))
    ]
    return EventPage(tuple(events), entries[-1].id if entries else after, more)


def _periods(facts: Mapping[str, Any]) -> Iterator[int]:
    if isinstance(one := facts.get("period"), int):
        yield one
    yield from facts.get("periods", ())
    yield from (claim[0] for claim in facts.get("claims", ()))


class _Known:
    """How the periods of some events, and their sheets, are called."""

    def __init__(self, ctx: LedgerContext, periods: Iterable[int]) -> None:
        ids = sorted(periods)
        named = (
            select(Period.id, Period.label, Duty.title, Measure.code, Inspection.key)
            .join(Duty, Duty.id == Period.duty_id)
            .join(Measure, Measure.id == Duty.measure_id)
            .join(Inspection, Inspection.id == Measure.inspection_id)
            .where(among(Period.id, ids))
        )
        self._periods = {row.id: row for row in ctx.session.execute(named)} if ids else {}
        sheets = select(Escalation).where(among(Escalation.period_id, ids)).order_by(Escalation.id)
        self._sheets: dict[tuple[int, str, date | None], Escalation] = {}
        self._numbered: dict[str, Escalation] = {}
        for one in ctx.session.execute(sheets).scalars() if ids else ():
            self._sheets[one.period_id, one.rung, one.due_on] = one
            self._numbered[one.number] = one

    def about(self, period: int) -> dict[str, Any]:
        """What tells which period it is about; ``matter`` is its tag."""
        row = self._periods.get(period)
        if row is None:
            return {}
        facts = {"inspection": row.key, "measure": row.code, "duty": row.title, "period": row.label}
        return facts | {"matter": f"period-{period}"}

    def sheet(self, period: int, rung: str, limit: str | None) -> Escalation | None:
        """The sheet that a rung opened for a limit, if it opened one."""
        return self._sheets.get((period, rung, date.fromisoformat(limit) if limit else None))

    def numbered(self, number: str) -> Escalation | None:
        """The sheet of a number."""
        return self._numbered.get(number)


def _told(entry: AuditEntry, known: _Known) -> Iterator[dict[str, Any]]:
    facts = entry.facts
    if entry.command == CLIMB:
        yield from _climbed(facts, known)
        return
    said = {"type": TYPES[entry.command], "by": entry.actor}
    said |= {name: facts[name] for name in ("door", "system", "granted") if facts.get(name) is not None}
    if entry.command == "open":
        for period in facts.get("periods", ()):
            yield {"type": said["type"]} | known.about(period)
        return
    about = known.about(facts["period"]) if isinstance(facts.get("period"), int) else {"subject": entry.subject}
    sheet = known.numbered(entry.subject)
    if sheet is not None:
        about |= {"sheet": sheet.number, "matter": f"escalation-{sheet.id}"}
    if "matter" in facts:
        about["matter"] = facts["matter"]
    yield said | about


def _climbed(facts: Mapping[str, Any], known: _Known) -> Iterator[dict[str, Any]]:
    # What earlier releases wrote of a patrol names no rungs.
    for period, _, _, *places in facts.get("claims", ()) if "told" in facts else ():
        for place in places:
            rung, limit, kind, level, who = facts["told"][place]
            # Passed over when the matter was raised, or nobody is there: nobody was asked.
            if kind in SHEET_KINDS and not who:
                continue
            said = {"type": TYPES[CLIMB], "kind": kind, "level": level, "due_on": limit} | known.about(period)
            sheet = known.sheet(period, rung, limit) if kind in SHEET_KINDS else None
            if sheet is not None:
                said |= {"type": "sheet.opened", "sheet": sheet.number, "matter": f"escalation-{sheet.id}"}
                said["answer_by"] = sheet.limit_on.isoformat()
            elif limit and limit < facts["on"]:
                said["type"] = "period.late"
            yield said


def tell_systems(ctx: LedgerContext) -> None:
    """Queue, for each system that wants to be told, what happened since it was told last.

    Args:
        ctx: the ledger at the instant of sending.
    """
    wants = select(System).where(System.hook_address.is_not(None), System.revoked_at.is_(None)).order_by(System.id)
    end: int | None = None
    for system in ctx.session.execute(wants.with_for_update(skip_locked=True)).scalars():
        end = trail_end(ctx.session)[0] if end is None else end
        for _ in range(MOST_PAGES):
            if (upto := system.told_upto or 0) >= end:
                break
            page = events_after(ctx, upto)
            queue_events(ctx, system.id, list(_batches(page.events)))
            system.told_upto = page.upto


def _batches(events: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(events), MOST_EVENTS):
        yield events[start : start + MOST_EVENTS]
