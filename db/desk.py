"""What lies on a person's desk beside what is asked of him: what he was only informed of, did, and handed over.

In the words of every office system: 待阅 and its 签收, 已办, 已阅, 委托.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from db import matters
from db.ledger import audit, message_queue
from db.ledger.context import LedgerContext
from db.ledger.known_names import known_names
from db.matters import Matter, subject_tag
from db.models import Alert, AuditEntry, Delegation, Person, QueuedMessage, ReadReceipt
from plan.types import AlertKind, Level
from rules.actors import is_one_of
from text.catalogue import phrase
from text.clean import line
from text.limits import LONGEST_NAME
from text.reason import checked_text
from text.refusals import Refusal

KEPT = timedelta(days=90)
"""What nobody read for a quarter is history: the trail and the measure have it."""
MOST_ALERTS = 3000
_TELL = (AlertKind.DECISION, AlertKind.CHANGE)
"""They tell even whoever is asked what others decided."""


@dataclass(frozen=True, slots=True)
class ToRead:
    """What somebody was only informed of: the matter, the newest alert about it, what it said and when (aware)."""

    matter: Matter
    alert_id: int
    kind: AlertKind
    level: Level
    note: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did, when (aware): ``subject`` and ``command`` as the audit trail has them, and its period."""

    matter: Matter
    subject: str
    command: str
    at: datetime


def to_read(ctx: LedgerContext, person: str, tag: str | None = None) -> list[ToRead]:
    """What a person was informed of and has not read, the newest first.

    He is informed by whatever reached him about a matter that asks nothing of his post, and of every decision.

    Args:
        ctx: names are as of its ``now``; what he was told a quarter before it is left out.
        person: as the plan spells him.
        tag: of the one matter that is meant; None for all.
    """
    his = select(QueuedMessage.id).join(Person, Person.id == QueuedMessage.person_id).where(Person.name == person)
    told = (
        select(matters.tag_of_alert().label("tag"), Alert.id, Alert.kind, Alert.level, Alert.note, Alert.recorded_at)
        .where(Alert.message_id.in_(his), Alert.period_id.is_not(None))
        .where(Alert.kind != AlertKind.DELEGATED, Alert.recorded_at >= ctx.now - KEPT)
        .order_by(Alert.id.desc())
        .limit(MOST_ALERTS)
    )
    if tag is not None:
        told = told.where(matters.tag_of_alert() == tag)
    seen = (
        select(ReadReceipt.matter, func.max(ReadReceipt.alert_id))
        .where(ReadReceipt.person == person)
        .group_by(ReadReceipt.matter)
    )
    read = dict(ctx.session.execute(seen).tuples().all())
    newest: dict[str, Any] = {}
    telling: dict[str, Any] = {}
    for one in ctx.session.execute(told):
        if one.id > read.get(one.tag, 0):
            newest.setdefault(one.tag, one)
            if one.kind in _TELL:
                telling.setdefault(one.tag, one)
    found = matters.matters_of(ctx, list(newest))
    items = []
    for one_tag, matter in found.items():
        asked = is_one_of(person, (*matter.concerned, *matter.asked))
        if row := telling.get(one_tag) if asked else newest[one_tag]:
            kind, level = AlertKind(row.kind), Level(row.level)
            items.append(ToRead(matter, newest[one_tag].id, kind, level, row.note or "", row.recorded_at))
    return sorted(items, key=lambda one: one.alert_id, reverse=True)


def mark_read(ctx: LedgerContext, chosen: Collection[str]) -> int:
    """签收: the context's actor has read what he was informed of.

    Args:
        ctx: its actor reads; the entry of the trail has his door.
        chosen: tags of matters, from anywhere; what he has nothing to read of is left out.

    Returns:
        How many matters he had not read.
    """
    ctx = ctx.acting()
    audit.queue(ctx.session)
    unread = [one for one in to_read(ctx, ctx.actor) if one.matter.tag in chosen]
    door = ctx.door.value if ctx.door else ""
    for one in unread:
        reading = ReadReceipt(
            person=ctx.actor, matter=one.matter.tag, alert_id=one.alert_id, read_at=ctx.now, door=door
        )
        ctx.session.add(reading)
    if unread:
        tags = sorted(one.matter.tag for one in unread)
        audit.append(ctx, "read", ctx.actor, matters=tags)
    return len(unread)


def readings(ctx: LedgerContext, person: str, most: int) -> list[tuple[Matter, datetime]]:
    """What a person has read and when (aware), the newest first.

    Args:
        ctx: names are as of its ``now``.
        person: as the plan spells him.
        most: how many at most.
    """
    query = select(ReadReceipt.matter, ReadReceipt.read_at).where(ReadReceipt.person == person)
    rows = ctx.session.execute(query.order_by(ReadReceipt.id.desc()).limit(most)).tuples().all()
    found = matters.matters_of(ctx, {tag for tag, _ in rows})
    return [(found[tag], at) for tag, at in rows if tag in found]


def done_by(ctx: LedgerContext, person: str, most: int) -> list[Done]:
    """What a person did about matters, as the audit trail has it, the newest first.

    Args:
        ctx: names are as of its ``now``.
        person: as the plan or the operators spell him.
        most: how many at most.
    """
    period = AuditEntry.facts["period"]
    acts = (
        select(AuditEntry.subject, AuditEntry.command, AuditEntry.at, period.as_integer().label("period"))
        .where(AuditEntry.actor == person, func.jsonb_typeof(period) == "number")
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    rows = ctx.session.execute(acts).all()
    found = matters.matters_of(ctx, {subject_tag("period", row.period) for row in rows})
    return [Done(found[subject_tag("period", row.period)], row.subject, row.command, row.at) for row in rows]


def may_delegate_to(ctx: LedgerContext, found: Matter, person: str) -> list[str]:
    """To whom a person may hand a matter over; nobody where it is not asked of his own post.

    Args:
        ctx: reads the names that may act.
        found: the matter.
        person: as the plan spells him.
    """
    handed_to_him = {to for _, to in found.delegated}
    if not found.kind or person not in found.asked or person in handed_to_him:
        return []
    present = known_names(ctx.session, ctx.today).values()
    return [one for one in found.may_answer if not is_one_of(one, found.asked) and is_one_of(one, present)]


def delegate(ctx: LedgerContext, tag: str, to: str, note: str) -> Delegation:
    """委托: hand one matter over to somebody who may answer it; he gets one message, and both see it.

    Args:
        ctx: its actor hands it over.
        tag: of the matter.
        to: to whom, however the name is spelt.
        note: what to tell him; may be empty.

    Returns:
        The delegation.

    Raises:
        Refusal: ``matter_unknown``, ``matter_not_asked``, ``delegation_given``, ``delegate_unfit``, ``text_too_long``,
            and those of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    audit.queue(ctx.session)
    found = matters.found_by_tag(ctx, tag)
    if given := dict(found.delegated).get(ctx.actor):
        raise Refusal("delegation_given", giver=ctx.actor, to=given)
    if not found.kind or ctx.actor not in found.asked:
        raise Refusal("matter_not_asked", person=ctx.actor, asked="、".join(found.asked))
    fit = may_delegate_to(ctx, found, ctx.actor)
    delegate_name = next((one for one in fit if is_one_of(to, [one])), None)
    if delegate_name is None:
        raise Refusal("delegate_unfit", to=line(to, LONGEST_NAME), known="、".join(fit))
    words = checked_text(note, "委托说明", needed=False)
    made = Delegation(matter=tag, given_by=ctx.actor, given_to=delegate_name, note=words, given_at=ctx.now)
    ctx.session.add(made)
    ctx.session.flush()
    said = phrase("delegation.said", note=line(words)) if words else ""
    _tell(ctx, made, found, phrase("delegation.note", giver=ctx.actor, matter=found.name, note=said))
    _note(ctx, "delegate", made, found)
    return made


def take_back(ctx: LedgerContext, tag: str) -> Delegation:
    """Take back what the context's actor handed over; whoever had it is told.

    Args:
        ctx: its actor takes it back.
        tag: of the matter, from anywhere.

    Returns:
        The delegation, ended.

    Raises:
        Refusal: ``delegation_none``, and those of ``LedgerContext.acting``.
    """
    ctx = ctx.acting()
    audit.queue(ctx.session)
    his = select(Delegation).where(Delegation.matter == tag, Delegation.given_by == ctx.actor)
    made = ctx.session.execute(his.where(Delegation.ended_at.is_(None)).with_for_update()).scalar_one_or_none()
    if made is None:
        raise Refusal("delegation_none", person=ctx.actor)
    made.ended_at = ctx.now
    found = matters.found_by_tag(ctx, tag)
    _tell(ctx, made, found, phrase("delegation.ended", giver=ctx.actor, matter=found.name), "-back")
    _note(ctx, "take-back", made, found)
    return made


def _tell(ctx: LedgerContext, made: Delegation, found: Matter, note: str, ending: str = "") -> None:
    posts = sorted(ctx.roster.of_person(ctx.session, ctx.today, made.given_to))
    stands = ctx.stands(posts)
    chosen = [post for post in posts if (one := stands[post]) and one.who.name == made.given_to][:1]
    rung = f"{AlertKind.DELEGATED}:{made.matter}:{made.id}{ending}"
    # What is asked of a measure as a whole comes after the period with which its files are kept.
    period = None if found.subject in ("closure", "lookback") else found.period_id
    message_queue.notify(ctx, chosen, rung, AlertKind.DELEGATED, found.lamp, note, period)


def _note(ctx: LedgerContext, command: str, made: Delegation, found: Matter) -> None:
    facts: dict[str, Any] = {"matter": made.matter, "to": made.given_to, "note": made.note}
    if found.period_id is not None:
        facts["period"] = found.period_id
    audit.append(ctx, command, found.name, **facts)


def delegated_by(ctx: LedgerContext, person: str) -> list[tuple[Matter, Delegation]]:
    """What a person handed over and what was handed to him, as long as it asks something.

    Args:
        ctx: names are as of its ``now``.
        person: as the plan spells him.
    """
    his = or_(Delegation.given_by == person, Delegation.given_to == person)
    query = select(Delegation).where(his, Delegation.ended_at.is_(None)).order_by(Delegation.id.desc())
    rows = ctx.session.execute(query).scalars().all()
    found = matters.matters_of(ctx, {one.matter for one in rows})
    return [(found[one.matter], one) for one in rows if one.matter in found and found[one.matter].kind]
