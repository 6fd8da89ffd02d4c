"""What messages are about: their alerts with what is known now of the periods."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import bindparam, case, exists, or_, select

from db import matters
from db.ledger.bulk import AnyRow, among
from db.ledger.closure_stages import CLOSURE_ASKED, asked_posts, asked_to_look, chain_of, stage_name
from db.ledger.context import LedgerContext, acting_posts, period_dates, recipients_for
from db.ledger.handover import HANDED_OVER
from db.ledger.inspections import titles_to_tell
from db.ledger.one_ladder import led, younger, younger_text
from db.ledger.parts import missing_parts
from db.models import (
    Alert,
    Closure,
    Duty,
    Escalation,
    Extension,
    Lookback,
    Measure,
    Part,
    Period,
    QueuedMessage,
    sheet_number,
)
from plan.policy import ClosureChain
from plan.types import (
    LIVE,
    ONLY_INFORMED,
    OPEN,
    SHEET_KINDS,
    AlertKind,
    Audience,
    Level,
    LookbackState,
    PartState,
    PeriodState,
    severity,
)
from rules.closure import stage_lamp
from rules.ladder import Step
from rules.message import MessageItem
from rules.roster import Standing
from rules.timestate import lamp
from text.catalogue import phrase, term

logger = logging.getLogger(__name__)
_UNIT = (Audience.HANDLER, Audience.LEADER)
_ASKS_AGAIN = ("repeat", HANDED_OVER)
"""How the keys of rungs begin that ask about whichever sheet is open, and not about their own."""

# The kind as plain text: what no version of ours has written is found out by whoever asks what the kind means,
# message by message.
_ALERTS = (
    select(
        Alert.message_id,
        Alert.recipient_id,
        Alert.recorded_at,
        QueuedMessage.person_id,
        Alert.rung,
        Alert.kind,
        Alert.level,
        Alert.note,
        Alert.period_id,
        Period.state,
        Period.label,
        Period.due_on,
        (Period.provisional | Duty.assumed).label("assumed"),
        Period.opens_on,
        Period.submitted_on,
        Period.round,
        Period.climbs_from,
        Period.ladder_id,
        Period.fired,
        Period.hold_until,
        Period.stopped_on,
        Duty.kind.label("duty_kind"),
        Duty.title.label("duty"),
        Measure.full_code.label("code"),
        Measure.inspection_id,
        Measure.title,
        Measure.lead_unit,
        Measure.warn_days,
        Measure.audiences,
        Measure.heard_on,
        Escalation.id.label("sheet_id"),
        Escalation.rung.label("sheet_rung"),
        Escalation.kind.label("sheet_kind"),
        Escalation.year.label("sheet_year"),
        Escalation.serial.label("sheet_serial"),
        Escalation.limit_on,
        Escalation.recipients.label("sheet_recipients"),
        exists()
        .where(Extension.period_id == Period.id, Extension.granted.is_(None))
        .correlate(Period)
        .label("decision_awaited"),
        matters.tag_of_alert().label("tag"),
        case((Alert.limit_on.is_not(None), younger())).label("younger"),
        Closure.id.label("closure_id"),
        Lookback.id.label("lookback_id"),
        Part.state.label("part_state"),
        Part.unit.label("part_unit"),
        Part.unit_name.label("part_unit_name"),
        Part.due_on.label("part_due_on"),
        case((Measure.gathers.has_key(Duty.key), missing_parts())).label("parts_missing"),
        Measure.gathers[Duty.key].label("sources"),
        led().label("led"),
    )
    .join(QueuedMessage, QueuedMessage.id == Alert.message_id)
    # Outer joins: an alert about the engine has no period, and a period may have no open sheet.
    .outerjoin(Period, Period.id == Alert.period_id)
    .outerjoin(Escalation, (Escalation.period_id == Period.id) & Escalation.state.in_(LIVE))
    .outerjoin(Duty, Duty.id == Period.duty_id)
    .outerjoin(Measure, Measure.id == Duty.measure_id)
    .outerjoin(Closure, Closure.id == matters.MATTERS["self-check"].alerted())
    .outerjoin(Lookback, Lookback.id == matters.MATTERS["lookback"].alerted())
    .outerjoin(Part, Part.id == matters.MATTERS["part"].alerted())
    .where(
        among(Alert.message_id, bindparam("messages")),
        # What a rung said of a limit that a later one replaced is true no more.
        or_(Alert.limit_on.is_(None), Period.limit_since.is_(None), Alert.recorded_at >= Period.limit_since),
    )
    .order_by(Alert.fell_due_at, Alert.id)
)


def alerts_of(ctx: LedgerContext, messages: Iterable[int]) -> dict[int, list[MessageItem]]:
    """The alerts of several messages, in the order in which they fell due; as many queries for one as for all.

    Args:
        ctx: the ledger; a matter's colour is that of its ``now``.
        messages: ids in the queue.

    Returns:
        Alerts by message, whatever became of their periods, but for those of a limit that is no more in force; an empty
        list for a message without any.
    """
    found: dict[int, list[MessageItem]] = {message: [] for message in messages}
    climbs: list[tuple[int, int, list[int]]] = []
    rounds = titles_to_tell(ctx.session)
    rows = ctx.connection.execute(_ALERTS, {"messages": sorted(found), "today": ctx.today}).all()
    ctx.stands({row.recipient_id for row in rows})
    for row in rows:
        try:
            item, above = _item(ctx, row, rounds)
            if above:
                climbs.append((row.message_id, len(found[row.message_id]), above))
        # A row that nobody can read is parked by the patrol; it must not hold up the letters of everybody.
        except Exception:
            logger.exception("提醒的期次 %s 读不出来，只按登记的写", row.period_id)
            item = MessageItem(row.rung, row.kind, row.level, row.note, row.period_id, row.state, row.code, row.title)
        if row.younger:
            item = replace(item, note=younger_text(row.younger))
        found[row.message_id].append(item)
    if climbs:
        ctx.stands({one for _, _, above in climbs for one in above})
        for message, place, above in climbs:
            known = "、".join(ctx.asked_names(above))
            item = found[message][place]
            found[message][place] = replace(item, climbs_to=known, climbs_on=item.climbs_on if known else None)
    return found


def _item(ctx: LedgerContext, row: AnyRow, rounds: Mapping[int, str]) -> tuple[MessageItem, list[int]]:
    """What an alert says, and who is asked next if nothing comes in; ``rounds`` as ``titles_to_tell`` has them."""
    if row.closure_id is not None and (closure := ctx.session.get(Closure, row.closure_id)) is not None:
        told = re.search(rf"(?:^|:){CLOSURE_ASKED}:\d+:(\d+)", row.rung)
        is_open = closure.ended_at is None and told is not None and int(told[1]) == closure.entry
        posts = asked_posts(closure) if is_open else []
        label = phrase("closure.duty"), stage_name(closure)
        return _stage_item(ctx, row, closure, chain_of(closure), posts, label, rounds, is_open=is_open), []
    if row.lookback_id is not None and (lookback := ctx.session.get(Lookback, row.lookback_id)) is not None:
        chain, label = chain_of(lookback.closure), (phrase("lookback.duty"), term(LookbackState(lookback.state)))
        is_open = lookback.state == LookbackState.WAITING
        posts = asked_to_look(lookback)
        return _stage_item(ctx, row, lookback, chain, posts, label, rounds, is_open=is_open), []
    if row.period_id is None:
        return MessageItem(row.rung, row.kind, row.level, row.note, tag=row.tag), []
    level, state = row.level, PeriodState(row.state)
    climbs_on, above = None, list[int]()
    if state in OPEN:
        # Several rungs speak to several people: each reads the colour the matter has by now.
        dates = period_dates(row, row.duty_kind, row.warn_days, row.heard_on)
        steps = ctx.ladders.steps(ctx, row.ladder_id, dates, state)
        level = max(level, lamp(steps, ctx.now), key=severity)
        climbs_on, above = _next_sheet(ctx, row, steps)
    if row.kind == AlertKind.PART and row.part_state is not None:
        return _part_item(ctx, row, rounds), []
    acting = acting_posts(row.audiences)
    # A sheet that went only to people who are elsewhere informed asks them after all: somebody has to answer.
    asked = row.recipient_id in acting or not acting.intersection(row.sheet_recipients or ())
    # Of another limit the unit is asked to keep it, its supervisors only to know it.
    moved = row.kind == AlertKind.CHANGE and not _is_units(row)
    # A higher rung's sheet asks somebody else; the unit's own work is asked of the unit all the same.
    sheet_asks = row.kind in SHEET_KINDS and not row.rung.startswith(_ASKS_AGAIN)
    taken_over = sheet_asks and row.sheet_rung not in (None, row.rung)
    item = MessageItem(
        rung=row.rung,
        kind=row.kind,
        level=level,
        note=row.note,
        period_id=row.period_id,
        state=state,
        round_title=rounds.get(row.inspection_id, ""),
        measure=row.code,
        title=row.title,
        duty=row.duty,
        label=row.label,
        due_on=row.due_on,
        tag=row.tag,
        unit=row.lead_unit,
        assumed=row.assumed,
        sheet=sheet_number(row.sheet_kind, row.sheet_year, row.sheet_serial) if row.sheet_id else "",
        sheet_limit=row.limit_on,
        informed=not asked or taken_over or moved,
        decision_awaited=row.decision_awaited,
        addressed=any(row.recipient_id in held for held in row.audiences.values()) and not handed_over(ctx, row),
        instead_of=_instead_of(ctx, row),
        climbs_on=climbs_on,
        parts_missing=(row.parts_missing or "") if _is_units(row) else "",
    )
    return item, above


def _stage_item(
    ctx: LedgerContext,
    row: AnyRow,
    about: Closure | Lookback,
    chain: ClosureChain,
    asked: Sequence[int],
    label: tuple[str, str],
    rounds: Mapping[int, str],
    *,
    is_open: bool,
) -> MessageItem:
    """What is asked in a stage of closure or in a look-back, or told of it: of nothing that is over."""
    measure = about.measure
    told = {post for held in measure.audiences.values() for post in held}
    level = stage_lamp(chain, about.due_on, about.fired, ctx.today) if is_open else Level.NONE
    return MessageItem(
        rung=row.rung,
        kind=row.kind,
        level=max(row.level, level, key=severity),
        note=row.note,
        round_title=rounds.get(measure.inspection_id, ""),
        measure=measure.full_code,
        title=measure.title,
        duty=label[0],
        label=label[1],
        due_on=about.due_on if is_open else None,
        tag=row.tag,
        unit=measure.lead_unit,
        informed=row.kind != AlertKind.CLOSURE,
        addressed=row.recipient_id in (asked if row.kind == AlertKind.CLOSURE else told) and not handed_over(ctx, row),
        instead_of=_instead_of(ctx, row),
        stage_awaited=is_open,
    )


def _is_units(row: AnyRow) -> bool:
    """Whether the reader is of the unit that leads the measure."""
    return any(row.recipient_id in row.audiences.get(one, ()) for one in _UNIT)


def _part_item(ctx: LedgerContext, row: AnyRow, rounds: Mapping[int, str]) -> MessageItem:
    """What is asked of a unit that owes a part: by the part's own limit, and nothing of the period's ladder."""
    posts = [post for one in row.sources or () if one["unit"] == row.part_unit for post in one["handler"]]
    return MessageItem(
        rung=row.rung,
        kind=row.kind,
        level=row.level,
        # Whoever handles the matters of two units is asked for two.
        note="；".join(filter(None, (phrase("part.of", unit=row.part_unit_name), row.note))),
        period_id=row.period_id,
        state=PeriodState(row.state),
        round_title=rounds.get(row.inspection_id, ""),
        measure=row.code,
        title=row.title,
        duty=row.duty,
        label=row.label,
        due_on=row.part_due_on,
        tag=row.tag,
        unit=row.lead_unit,
        assumed=row.assumed,
        addressed=row.recipient_id in posts and not handed_over(ctx, row),
        instead_of=_instead_of(ctx, row),
        part_awaited=row.part_state == PartState.WAITING and row.stopped_on is None,
    )


def handed_over(ctx: LedgerContext, row: AnyRow) -> bool:
    """Whether who took over the post since was told of an alert himself, so that its reader hears no more of it.

    Args:
        ctx: the ledger.
        row: with the post, the reader and the instant of the alert.
    """
    stands = ctx.stands([row.recipient_id])[row.recipient_id]
    if stands is None or stands.why not in (Standing.HOLDER, Standing.ABSENT) or stands.who.stand_in:
        return False
    told_at = stands.who.told_at
    return stands.who.person != row.person_id and (told_at is None or told_at > row.recorded_at)


def _instead_of(ctx: LedgerContext, row: AnyRow) -> str:
    stands = ctx.stands([row.recipient_id])[row.recipient_id]
    return stands.instead_of if stands and stands.who.person == row.person_id else ""


def _next_sheet(ctx: LedgerContext, row: AnyRow, steps: Sequence[Step]) -> tuple[date | None, list[int]]:
    """When the next sheet is opened if nothing comes in, and who is asked by it; nobody where none will be."""
    # What is suspended, or led by an older period of its duty, does not climb.
    if row.state != PeriodState.WAITING or row.stopped_on is not None or row.led:
        return None, []
    for step in steps:
        if step.rung.limit and step.at > ctx.now and step.key not in row.fired:
            acting = [name for name in step.rung.audience if name not in ONLY_INFORMED] or step.rung.audience
            # An empty rung is passed by, as the patrol does.
            if above := recipients_for(row.audiences, acting):
                return ctx.work_time.day_of(max(step.at, row.hold_until or step.at)), above
    return None, []
