"""分报: what other units contribute to a period. They are asked when it opens, reminded, and told of by the lead unit.

A part is never asked twice: what was given stays given, also when the report comes back, and a unit that was missing is
asked anew in the next round (tests/promises/the_lead_unit_gathers_parts_test.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db.ledger import audit, message_queue
from db.ledger.bulk import among, insert_rows
from db.ledger.context import LedgerContext, lock_period, name_of, recipients_of, reminder_at
from db.ledger.deciders import authorised
from db.ledger.row_images import note_rows
from db.models import Alert, Part, Period
from plan.types import Act, AlertKind, Audience, Level, PartState, PeriodState, severity
from rules.parts import first_asked, part_due
from rules.roster import Stands
from text.clean import line
from text.reason import checked_text
from text.refusals import Refusal

PART_ASKED = "part-asked"
"""The event by which a unit hears of its part; the id of the part follows, and the day of a reminder."""
AT_ONCE = 1000
_NOT_YET = ("reminded_on", "text", "percent", "given_by", "given_at")
"""What a part has nothing of when it is asked for."""
_IF_NEW = "ON CONFLICT (period_id, unit, round) WHERE state <> 'withdrawn' DO NOTHING RETURNING id, period_id, unit"
# Mostly there is none: their numbers alone are asked for first.
_DUE = (
    select(Part.id)
    .where(Part.next_reminder_at <= bindparam("now"))
    .order_by(Part.next_reminder_at)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


def sources_of(period: Period) -> list[dict[str, Any]]:
    """The units whose parts a period gathers, as ``Measure.gathers`` has them; none where it is not gathered.

    Args:
        period: with its duty and measure.
    """
    found: list[dict[str, Any]] = period.duty.measure.gathers.get(period.duty.key, [])
    return found


def posts_of(part: Part, *, may: bool = False) -> list[int]:
    """The posts of the unit that is asked for a part; none where the plan gathers nothing from it any more.

    Args:
        part: with its period, duty and measure.
        may: also those of its leaders, who are not asked and whose part is taken.

    Returns:
        Ids of recipients, in order.
    """
    source = next((one for one in sources_of(part.period) if one["unit"] == part.unit), None)
    return [*source["handler"], *(source["leader"] if may else ())] if source else []


@dataclass(frozen=True, slots=True)
class Asking:
    """A period whose parts are to be asked for; ``due_on`` is its limit, a day in the office's zone."""

    period_id: int
    due_on: date
    round: int
    sources: Sequence[dict[str, Any]]


def ask_parts(ctx: LedgerContext, periods: Iterable[Asking]) -> None:
    """Ask for the parts of periods that wait for their report; what is asked already is not asked again.

    Args:
        ctx: the context; its ``today`` is when they are asked, the next patrol tells the units.
        periods: with the units that are to be asked, as ``Measure.gathers`` has them.
    """
    rows = [
        {
            "period_id": one.period_id,
            "unit": source["unit"],
            "unit_name": source["name"],
            "round": one.round,
            "due_on": part_due(one.due_on, ctx.today, ctx.policy.parts, ctx.work_time),
        }
        for one in periods
        for source in one.sources
    ]
    if not rows:
        return
    shared = {"asked_at": ctx.now, "state": PartState.WAITING, "next_reminder_at": first_asked(ctx.now, ctx.work_time)}
    written = insert_rows(ctx.connection, Part, rows, _IF_NEW, **shared).all()
    asked = {(row["period_id"], row["unit"]): row for row in rows}
    images = ({"id": one, **asked[period, unit]} for one, period, unit in written)
    note_rows(ctx.session, "parts", images, **shared, **dict.fromkeys(_NOT_YET))


def follow_sources(ctx: LedgerContext, period: Period) -> None:
    """Bring the parts of an open period to what its plan gathers and to its round.

    Args:
        ctx: the context.
        period: locked by this transaction.
    """
    wanted = {one["unit"]: one for one in sources_of(period)}
    present = select(Part).where(Part.period_id == period.id, Part.state.in_((PartState.WAITING, PartState.GIVEN)))
    had = set[str]()
    for part in ctx.session.execute(present).scalars():
        if part.unit in wanted:
            part.unit_name = wanted[part.unit]["name"]
        elif part.state == PartState.WAITING:
            part.state, part.next_reminder_at = PartState.WITHDRAWN, None
        had.add(part.unit)
    missing = [source for unit, source in wanted.items() if unit not in had]
    if missing and period.state == PeriodState.WAITING:
        ask_parts(ctx, [Asking(period.id, period.due_on, period.round, missing)])
        ctx.session.expire(period, ["parts"])


def awaited_parts(ctx: LedgerContext, period_id: int) -> Sequence[Part]:
    """The parts of a period that were asked for and not given, in the order in which they were asked.

    Args:
        ctx: the context.
        period_id: of a period that waits for its report.
    """
    awaited = select(Part).where(Part.period_id == period_id, Part.state == PartState.WAITING)
    return ctx.session.execute(awaited.order_by(Part.id)).scalars().all()


def miss_parts(ctx: LedgerContext, period: Period) -> list[str]:
    """The report comes in: parts that are still awaited are asked for no more.

    Args:
        ctx: the context.
        period: locked by this transaction.

    Returns:
        The names of the units whose parts it goes without, in the order in which they were asked.
    """
    if not sources_of(period):
        return []
    missed = awaited_parts(ctx, period.id)
    for part in missed:
        part.state, part.next_reminder_at = PartState.MISSED, None
    return [part.unit_name for part in missed]


def give_part(ctx: LedgerContext, part_id: int, text: str, percent: int | None = None) -> Part:
    """Hand in a unit's part of a report.

    Args:
        ctx: the context; its ``now`` is when it came in, its actor who hands it in.
        part_id: a part that is awaited.
        text: what the unit did; the lead unit's report starts from it.
        percent: how far its work is, 0 to 100; None where that is not said.

    Returns:
        The part as given.

    Raises:
        Refusal: ``part_over`` where nothing is asked of the unit any more, ``measure_suspended``, ``text_empty``,
            ``text_too_long``, ``percent_out_of_range``, and those of ``authorised``.
    """
    period_id = ctx.session.execute(select(Part.period_id).where(Part.id == part_id)).scalar_one()
    # The period first, as every command locks; its parts are only changed under it.
    period = lock_period(ctx, period_id)
    part = ctx.session.get_one(Part, part_id, populate_existing=True)
    ctx = awaited_by(ctx, period, part)
    if period.stopped_on is not None:
        raise Refusal("measure_suspended", measure=period.duty.measure.full_code)
    words = checked_text(text, "分报内容")
    if percent is not None and not 0 <= percent <= 100:
        raise Refusal("percent_out_of_range", percent=percent)
    part.state, part.text, part.percent = PartState.GIVEN, words, percent
    part.given_by, part.given_at, part.next_reminder_at = ctx.actor, ctx.now, None
    facts = {"unit": part.unit_name, "body": words} | ({"percent": percent} if percent is not None else {})
    audit.append(
        ctx, "part", name_of(period), period=period.id, part=part.id, **facts, **ctx.instead_of(posts_of(part))
    )
    return part


def awaited_by(ctx: LedgerContext, period: Period, part: Part) -> LedgerContext:
    """The same context in the name of whoever hands a part in, or what belongs to it, while it is awaited.

    Args:
        ctx: its actor acts.
        period: locked by this transaction.
        part: one of its parts, read after that.

    Raises:
        Refusal: ``part_over`` where nothing is asked of the unit any more, and those of ``authorised``.
    """
    ctx = authorised(ctx, Act.PART, period.duty.measure, posts_of(part, may=True))
    if part.state != PartState.WAITING or period.state != PeriodState.WAITING:
        raise Refusal("part_over", unit=part.unit_name, period=name_of(period), state=_stands(part, period))
    return ctx


def _stands(part: Part, period: Period) -> PartState | PeriodState:
    """Why nothing is asked any more: the part's own state, or that of its period where that went on without it."""
    return PartState(part.state) if part.state != PartState.WAITING else PeriodState(period.state)


def meant_part(ctx: LedgerContext, period: Period, unit: str) -> Part:
    """The part of a period that a person means by the name or the key of its unit.

    Args:
        ctx: the context.
        period: a loaded period.
        unit: as the plan calls it.

    Raises:
        Refusal: ``part_unknown``, which names the units that are asked.
    """
    in_force = select(Part).where(Part.period_id == period.id, Part.state != PartState.WITHDRAWN)
    # The newest first: a unit that was missing once was asked anew.
    found = ctx.session.execute(in_force.order_by(Part.id.desc())).scalars().all()
    for part in found:
        if line(unit) in (part.unit, part.unit_name):
            return part
    known = "、".join(dict.fromkeys(part.unit_name for part in reversed(found))) or "无"
    raise Refusal("part_unknown", period=name_of(period), unit=line(unit, 40), known=known)


def missing_parts() -> ColumnElement[str | None]:
    """The names of the units whose parts of a period are late, for a query over ``Period`` at the day ``today``.

    Null where none is.
    """
    late = (Part.period_id == Period.id, Part.state == PartState.WAITING, Part.due_on < bindparam("today"))
    names = select(func.string_agg(Part.unit_name, aggregate_order_by(literal("、"), Part.id)))
    return names.where(*late).correlate(Period).scalar_subquery()


def remind_of_parts(ctx: LedgerContext) -> tuple[int, int]:
    """Tell units of their parts: that one is asked for, before it is due, and once it is late; then the lead unit, too.

    All goes into the daily messages of those who stand for the posts. A late part climbs to nobody else: the report it
    belongs to has its own ladder.

    Args:
        ctx: the context; what has come by its ``now`` is told, of at most a thousand parts.

    Returns:
        How many parts were looked at, and how many messages were made.
    """
    ids = ctx.connection.execute(_DUE, {"now": ctx.now}).scalars().all()
    if not ids:
        return 0, 0
    audit.queue(ctx.session)  # the chain before the letters, as everywhere
    found = ctx.session.execute(select(Part).where(among(Part.id, ids)).order_by(Part.id)).scalars().all()
    told: list[dict[str, Any]] = []
    for part in found:
        try:
            told += _tell(ctx, part)
        except Exception as error:  # a poison row stops nobody; the self-audit counts it
            part.next_reminder_at = None
            reason = f"{type(error).__name__}: {error}"[:200]
            message_queue.notify_operators(ctx, f"part:{part.id}:{ctx.today}", f"分报 {part.id} 无法提醒：{reason}")
    made = _write(ctx, told)
    audit.append(ctx, "remind-parts", f"{len(found)} parts", periods=sorted({part.period_id for part in found}))
    return len(found), made


def _tell(ctx: LedgerContext, part: Part) -> list[dict[str, Any]]:
    """The alerts of one part that are due now; it is moved on to its next reminder."""
    period = part.period
    due_at = part.next_reminder_at
    if part.state != PartState.WAITING or period.state != PeriodState.WAITING or period.stopped_on is not None:
        part.next_reminder_at = None
        return []
    first, late = part.reminded_on is None, ctx.today > part.due_on
    part.reminded_on = ctx.today
    part.next_reminder_at = reminder_at(ctx, part)
    rung = f"{PART_ASKED}:{part.id}" + ("" if first else f":{ctx.today}")
    level = Level.YELLOW if late else Level.NONE if first else Level.BLUE
    told = [(post, rung, AlertKind.PART, level) for post in posts_of(part)]
    if late:
        lead = recipients_of(period.duty.measure, [Audience.HANDLER])
        told += [(post, f"part-missing:{part.id}", AlertKind.PART_MISSING, Level.YELLOW) for post in lead]
    return [
        {
            "period_id": period.id,
            "rung": key,
            "recipient_id": post,
            "kind": kind,
            "level": colour,
            "fell_due_at": due_at,
        }
        for post, key, kind, colour in told
    ]


def _write(ctx: LedgerContext, told: Sequence[dict[str, Any]]) -> int:
    """Put alerts into the daily messages of those who stand for their posts; how many messages were made."""
    posts = {one["recipient_id"] for one in told}
    stands: dict[int, Stands] = {post: one for post, one in ctx.stands(posts).items() if one is not None}
    severities: dict[int, int] = {}
    for one in told:
        if (who := stands.get(one["recipient_id"])) is not None:
            person = who.who.person
            severities[person] = max(severity(one["level"]), severities.get(person, 0))
    if severities:
        letters, made = message_queue.daily_messages(ctx, severities)
        heard = [one for one in told if one["recipient_id"] in stands]
        alerts = [one | {"message_id": letters[stands[one["recipient_id"]].who.person]} for one in heard]
        # The lead unit is told once that a part is missing; the unique key knows.
        ending = "ON CONFLICT DO NOTHING RETURNING period_id, rung, recipient_id"
        new = {tuple(row) for row in insert_rows(ctx.connection, Alert, alerts, ending, recorded_at=ctx.now)}
        names = ("period_id", "rung", "recipient_id")
        note_rows(ctx.session, "alerts", (one for one in alerts if tuple(one[name] for name in names) in new))
    else:
        made = 0
    message_queue.enqueue(ctx, message_queue.gap_words(ctx, posts))
    return made
