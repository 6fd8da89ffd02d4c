"""What readers see: the ledger, one measure, and why each of its dates is what it is."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from db.ledger.bulk import among
from db.ledger.closure_stages import lookbacks_of
from db.ledger.closure_view import closure_views, lookback_view
from db.ledger.context import LedgerContext, name_of, recipients_for, steps_of
from db.ledger.inspections import inspection, inspections, measure_by_code
from db.ledger.last_time import repeats
from db.ledger.periods import rule_of
from db.ledger.reports import outcome
from db.models import (
    Alert,
    Duty,
    Escalation,
    Extension,
    Measure,
    Part,
    Period,
    Run,
    Submission,
    Suspension,
)
from plan.types import EXCUSED, LIVE, OPEN, DutyKind, Level, PeriodState, TimeState
from rules.cadence import explain_window, window
from rules.timestate import elapsed_share, lamp, most_urgent, time_state, worst
from text.clean import line
from text.refusals import Refusal

_WITH_MEASURE = joinedload(Period.duty).joinedload(Duty.measure)


def all_measures(
    session: Session, start: int = 0, most: int | None = None, inspection_id: int | None = None
) -> Sequence[Measure]:
    """The measures of the plans in force with their findings, duties and questions, in the order of the plans.

    Args:
        session: an open transaction on the ledger.
        start: how many to leave out before the first.
        most: how many at most; None: all.
        inspection_id: of one inspection; None: of all, the one that came first before the others.
    """
    options = (
        joinedload(Measure.finding),
        joinedload(Measure.inspection),
        selectinload(Measure.duties),
        selectinload(Measure.questions),
    )
    query = select(Measure).where(Measure.retired_at.is_(None)).options(*options)
    if inspection_id is not None:
        query = query.where(Measure.inspection_id == inspection_id)
    in_order = query.order_by(Measure.inspection_id, Measure.place, Measure.id)
    return session.execute(in_order.offset(start).limit(most)).scalars().all()


def measures_in_force(session: Session) -> int:
    """How many measures the plans in force have.

    Args:
        session: an open transaction on the ledger.
    """
    query = select(func.count()).select_from(Measure).where(Measure.retired_at.is_(None))
    return session.execute(query).scalar_one()


def open_periods(session: Session, measure_id: int | None = None, inspection_id: int | None = None) -> Sequence[Period]:
    """The periods that are not over, the earliest due first, each with its reports, duty and measure.

    Args:
        session: an open transaction on the ledger.
        measure_id: of one measure; None: of all.
        inspection_id: of one inspection; None: of all.
    """
    query = select(Period).options(_WITH_MEASURE, selectinload(Period.submissions)).where(Period.state.in_(OPEN))
    if measure_id is not None:
        query = query.join(Period.duty).where(Duty.measure_id == measure_id)
    if inspection_id is not None:
        query = query.join(Period.duty).join(Duty.measure).where(Measure.inspection_id == inspection_id)
    return session.execute(query.order_by(Period.due_on, Period.id)).scalars().all()


def missed_labels(ctx: LedgerContext, duty_ids: Collection[int]) -> dict[int, list[str]]:
    """The labels of the periods of some duties that are missed, the earliest due first; only of duties that have some.

    Args:
        ctx: the context; missed is what is late on its ``today``.
        duty_ids: the duties.
    """
    of_them = select(Period.duty_id, Period.label).where(Period.duty_id.in_(duty_ids))
    late = of_them.where(Period.state == PeriodState.WAITING, Period.due_on < ctx.today, Period.stopped_on.is_(None))
    found: dict[int, list[str]] = {}
    for duty_id, label in ctx.session.execute(late.order_by(Period.due_on, Period.id)).tuples():
        found.setdefault(duty_id, []).append(label)
    return found


def meant_period(
    session: Session,
    code: str,
    duty_key: str | None = None,
    label: str | None = None,
    fits: Callable[[Period], bool] = lambda period: True,
) -> Period:
    """The open period a person means by a measure and, where several are possible, by duty or period: never a guess.

    Args:
        session: an open transaction on the ledger.
        code: code of the measure, with the key of its inspection where several have it.
        duty_key: key of the duty; None where it need not be named.
        label: what people call the period, such as ``2025年3月``; None where it need not be named.
        fits: which periods the act is about; where it is about none, any open one is meant, and the act itself says
            why it is refused.

    Raises:
        Refusal: those of ``measure_by_code``, ``duty_unknown``, ``duty_ambiguous``, ``period_unnamed``,
            ``period_ambiguous``, ``period_none_open``.
    """
    measure = measure_by_code(session, code)
    known = dict.fromkeys(duty.key for duty in measure.duties)
    if duty_key is not None and duty_key not in known:
        raise Refusal("duty_unknown", measure=code, duty=duty_key, known="、".join(known))
    found = [p for p in open_periods(session, measure.id) if duty_key in (None, p.duty.key)]
    if not found:
        raise Refusal("period_none_open", measure=code)
    if label is not None and not any(p.label == line(label) for p in found):
        raise Refusal("period_unnamed", measure=code, label=label, known="、".join(p.label for p in found))
    named = [period for period in found if label is None or period.label == line(label)]
    fitting = [period for period in named if fits(period)] or named
    keys = dict.fromkeys(period.duty.key for period in fitting)
    if len(keys) > 1:
        raise Refusal("duty_ambiguous", measure=code, known="、".join(keys))
    if len(fitting) > 1:
        labels = "、".join(f"{p.label}（期限{p.due_on}）" for p in fitting)
        raise Refusal("period_ambiguous", measure=code, known=labels)
    return fitting[0]


def meant_sheet(
    session: Session, code: str, duty_key: str | None = None, label: str | None = None, number: str | None = None
) -> Escalation:
    """The sheet a person means by a measure and, where several wait for a supervisor, by duty, period or number.

    Args:
        session: an open transaction on the ledger.
        code: code of the measure, with the key of its inspection where several have it.
        duty_key: key of the duty; None where it need not be named.
        label: what people call the period; None where it need not be named.
        number: number of the sheet, such as ``督办〔2025〕7号`` or ``7``; None where it need not be named.

    Raises:
        Refusal: those of ``measure_by_code``, ``escalation_none``, ``sheet_unnamed``, ``sheet_ambiguous``.
    """
    measure = measure_by_code(session, code)
    of_measure = select(Escalation).join(Escalation.period).join(Period.duty).where(Duty.measure_id == measure.id)
    live = of_measure.where(Escalation.state.in_(LIVE)).order_by(Escalation.id)
    found = [
        sheet
        for sheet in session.execute(live).scalars()
        if duty_key in (None, sheet.period.duty.key) and (label is None or sheet.period.label == line(label))
    ]
    if not found:
        raise Refusal("escalation_none", measure=code)
    named = [sheet for sheet in found if number is None or line(number) in (str(sheet.serial), sheet.number)]
    if len(named) == 1:
        return named[0]
    known = "、".join(f"{sheet.number}（{sheet.period.duty.title} {sheet.period.label}）" for sheet in found)
    if not named:
        raise Refusal("sheet_unnamed", measure=code, number=number, known=known)
    raise Refusal("sheet_ambiguous", measure=code, known=known)


def inspection_lines(ctx: LedgerContext) -> list[dict[str, Any]]:
    """The inspections under supervision, each with how it stands (``duban inspections --json``).

    Args:
        ctx: the context; what is late is late on its ``today``, days are told in its zone.
    """
    found = select(Measure.inspection_id, func.count()).where(Measure.retired_at.is_(None))
    measures = dict(ctx.session.execute(found.group_by(Measure.inspection_id)).tuples().all())
    late = (Period.state == PeriodState.WAITING) & (Period.due_on < ctx.today) & Period.stopped_on.is_(None)
    of_it = select(Measure.inspection_id, func.count(), func.count().filter(late))
    of_it = of_it.select_from(Period).join(Period.duty).join(Duty.measure).where(Period.state.in_(OPEN))
    counts = {one: (n, overdue) for one, n, overdue in ctx.session.execute(of_it.group_by(Measure.inspection_id))}
    return [
        {
            "key": one.key,
            "title": one.title,
            "kind": one.kind,
            "feedback_on": str(one.feedback_on),
            "measures": measures.get(one.id, 0),
            "open": counts.get(one.id, (0, 0))[0],
            "overdue": counts.get(one.id, (0, 0))[1],
            "activated_at": _local(ctx, one.activated_at),
        }
        for one in inspections(ctx.session)
    ]


def ledger_view(ctx: LedgerContext, key: str | None = None) -> dict[str, Any]:
    """An inspection of the ledger as data (``duban ledger --json``); dates are days in the office's zone, instants ISO
    text in it.

    Args:
        ctx: the context; lamps and time states are as of its ``now``.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: those of ``inspection``.
    """
    present = inspection(ctx.session, key)
    by_duty: dict[int, list[Period]] = {}
    for period in open_periods(ctx.session, inspection_id=present.id):
        by_duty.setdefault(period.duty_id, []).append(period)
    measures = all_measures(ctx.session, inspection_id=present.id)
    findings = {measure.finding_id: measure.finding for measure in measures}.values()
    closed = _last_closed(ctx.session, present.id)
    return {
        "inspection": {
            "key": present.key,
            "title": present.title,
            "organisation": present.organisation,
            "inspector": present.inspector,
            "feedback_on": str(present.feedback_on),
            "activated_at": _local(ctx, present.activated_at),
        },
        "findings": [{"code": finding.code, "title": finding.title, "goal": finding.goal} for finding in findings],
        "measures": [
            _measure_line(ctx, measure, by_duty) | {"last_closed": closed.get(measure.id)} for measure in measures
        ],
        "outcomes": outcome_counts(ctx.session, inspection_id=present.id),
    }


def measure_lines(ctx: LedgerContext, measure_ids: Sequence[int]) -> list[tuple[Measure, dict[str, Any]]]:
    """Some measures as ``ledger_view`` has them.

    Args:
        ctx: the context; lamps and time states are as of its ``now``.
        measure_ids: of measures that exist.

    Returns:
        Each with its line, in the order of ``measure_ids``.
    """
    options = (joinedload(Measure.finding), selectinload(Measure.duties), selectinload(Measure.questions))
    rows = ctx.session.execute(select(Measure).where(among(Measure.id, measure_ids)).options(*options)).scalars().all()
    of_them = select(Period).join(Period.duty).where(among(Duty.measure_id, measure_ids), Period.state.in_(OPEN))
    by_duty: dict[int, list[Period]] = {}
    for period in ctx.session.execute(of_them.options(_WITH_MEASURE).order_by(Period.due_on, Period.id)).scalars():
        by_duty.setdefault(period.duty_id, []).append(period)
    found = {one.id: (one, _measure_line(ctx, one, by_duty)) for one in rows}
    return [found[one] for one in measure_ids]


def outcome_counts(session: Session, measure_id: int | None = None, inspection_id: int | None = None) -> dict[str, int]:
    """How many periods ended in which way: on_time, late, skipped, merged; each is named, also where there is none.

    Args:
        session: an open transaction on the ledger.
        measure_id: of one measure; None: of all.
        inspection_id: of one inspection; None: of all.
    """
    late_or_not = case((Period.on_time.is_(True), "on_time"), (Period.on_time.is_(False), "late"), else_=Period.state)
    query = select(late_or_not, func.count()).where(Period.state.in_((PeriodState.CLOSED, *EXCUSED)))
    if measure_id is not None:
        query = query.join(Period.duty).where(Duty.measure_id == measure_id)
    if inspection_id is not None:
        query = query.join(Period.duty).join(Duty.measure).where(Measure.inspection_id == inspection_id)
    found: dict[str, int] = dict(session.execute(query.group_by(late_or_not)).tuples().all())
    return {name: found.get(name, 0) for name in ("on_time", "late", *EXCUSED)}


def _last_closed(session: Session, inspection_id: int) -> dict[int, str]:
    """What ended last of each measure, by its id, of which something ended: ``2025年3月 按期办结``."""
    query = (
        select(Measure.id, Period)
        .join(Period.duty)
        .join(Duty.measure)
        .where(Measure.inspection_id == inspection_id, Period.state.in_((PeriodState.CLOSED, *EXCUSED)))
        # PostgreSQL's DISTINCT ON: the first row of each measure by the order below, found in one pass.
        .distinct(Measure.id)
        .order_by(Measure.id, Period.closed_at.desc(), Period.id.desc())
    )
    found = session.execute(query).tuples()
    return {measure: f"{period.label} {outcome(period)}" for measure, period in found}


def _measure_line(ctx: LedgerContext, measure: Measure, by_duty: dict[int, list[Period]]) -> dict[str, Any]:
    periods = [period for duty in measure.duties for period in by_duty.get(duty.id, ())]
    return {
        "code": measure.code,
        "title": measure.title,
        "finding": measure.finding.code,
        "lead_unit": measure.lead_unit,
        "duration_class": measure.duration_class,
        "work_state": measure.work_state,
        "time_state": most_urgent(time_state_of(ctx, period) for period in periods),
        "unknown_since": _unknown_since(ctx, measure, periods),
        "percent": measure.percent,
        "lamp": worst(lamp_of(ctx, period) for period in periods),
        "duties": [_duty_line(ctx, duty, by_duty.get(duty.id, [])) for duty in measure.owed],
    }


def _unknown_since(ctx: LedgerContext, measure: Measure, periods: Sequence[Period]) -> str | None:
    """Since which day (in the office's zone) nobody said how far the work is, where that is not known."""
    unknown = (period for period in periods if time_state_of(ctx, period) is TimeState.UNKNOWN)
    # Nobody was asked before the period was opened, however early its window began.
    silent = [max(period.opens_on, ctx.work_time.day_of(period.opened_at)) for period in unknown]
    return str(max(min(silent), measure.heard_on or min(silent))) if silent else None


def _duty_line(ctx: LedgerContext, duty: Duty, periods: Sequence[Period]) -> dict[str, Any]:
    due_on = min((period.due_on for period in periods), default=None)
    if due_on is None and duty.next_ordinal is not None and duty.next_opens_at is not None:
        due_on = window(rule_of(duty), duty.next_ordinal, ctx.work_time.calendar).due_on
    return {
        "key": duty.key,
        "kind": duty.kind,
        "title": duty.title,
        "cadence": duty.cadence,
        "assumed": duty.assumed,
        "next_opens_at": _local(ctx, duty.next_opens_at),
        "next_due_at": due_at(ctx, due_on),
        "missed": [one.label for one in periods if time_state_of(ctx, one) is TimeState.OVERDUE],
    }


def due_at(ctx: LedgerContext, due_on: date | None) -> str | None:
    """The last second of a due date, as ISO text in the office's zone.

    Args:
        ctx: the context; it has the zone.
        due_on: a day in that zone; None gives None.
    """
    # The end of a day is the next day's midnight, and readers would take it for the next day's date.
    return _local(ctx, ctx.work_time.end_of(due_on) - timedelta(seconds=1)) if due_on else None


def _local(ctx: LedgerContext, moment: Any) -> str | None:
    return moment.astimezone(ctx.work_time.zone).isoformat() if moment else None


def lamp_of(ctx: LedgerContext, period: Period) -> Level:
    """The colour a period shows (domain.md 5.1).

    Args:
        ctx: the context; the colour is that of its ``now``.
        period: a loaded period.
    """
    return lamp(steps_of(ctx, period), ctx.now)


def last_percent(period: Period) -> int | None:
    """The progress last reported for a period and not returned, 0 to 100; None where there is none.

    Args:
        period: a loaded period with its reports.
    """
    return next((one.percent for one in reversed(period.submissions) if one.accepted is not False), None)


def time_state_of(ctx: LedgerContext, period: Period) -> TimeState:
    """What the clock says of a period (domain.md 5.2).

    Args:
        ctx: the context; the answer is as of its ``now``, by the bars of its policy.
        period: a loaded period.
    """
    measure = period.duty.measure
    return time_state(
        opens_on=period.opens_on,
        due_on=period.due_on,
        kind=DutyKind(period.duty.kind),
        percent=measure.percent,
        heard=measure.heard_on is not None,
        state=PeriodState(period.state),
        stopped=period.stopped_on is not None,
        now=ctx.now,
        work_time=ctx.work_time,
        bars=ctx.policy.progress,
    )


def waiting_name(ctx: LedgerContext, period: Period) -> str:
    """What the period's flow run is called while it waits: 待填报, 临期, 逾期·黄, 逾期·橙, 逾期·红, 待审核, 已挂账.

    Args:
        ctx: the context; the name is that of its ``now``.
        period: an open period with its reports.
    """
    if period.state == PeriodState.SUBMITTED:
        return "待审核"
    if period.stopped_on is not None:
        return "已挂账"
    colour = lamp_of(ctx, period)
    if time_state_of(ctx, period) is TimeState.OVERDUE:
        shown = {Level.YELLOW: "逾期·黄", Level.ORANGE: "逾期·橙", Level.RED: "逾期·红"}
        return shown.get(colour, "逾期")
    # Silence has a colour of its own, which says nothing of the date.
    near = (step.rung.level for step in steps_of(ctx, period) if step.rung.anchor == "due" and step.at <= ctx.now)
    return "待填报" if worst(near) is Level.NONE else "临期"


def measure_view(ctx: LedgerContext, code: str) -> dict[str, Any]:
    """One measure with its periods, reports, extensions and escalations (``duban show``).

    Args:
        ctx: the context; lamps and time states are as of its ``now``.
        code: code of the measure, with the key of its inspection where several have it.

    Raises:
        Refusal: those of ``measure_by_code``.
    """
    measure = measure_by_code(ctx.session, code)
    query = (
        select(Period)
        .join(Period.duty)
        .where(Duty.measure_id == measure.id)
        .options(_WITH_MEASURE, selectinload(Period.submissions), selectinload(Period.parts))
        .order_by(Period.opens_on, Period.id)
    )
    periods = ctx.session.execute(query).scalars().all()
    by_duty: dict[int, list[Period]] = {}
    for period in periods:
        if period.state in OPEN:
            by_duty.setdefault(period.duty_id, []).append(period)
    of_period = select(Run.subject_id, Run.run_id).where(Run.subject == "period")
    among_them = of_period.where(Run.subject_id.in_([period.id for period in periods]))
    ctx.roster.read(ctx.session, ctx.today)
    runs = dict(ctx.session.execute(among_them).tuples().all())
    return _measure_line(ctx, measure, by_duty) | {
        "inspection": measure.inspection.key,
        "text": measure.text,
        "goal": measure.finding.goal,
        "state_note": measure.state_note,
        "assisting_units": measure.assisting_units,
        "evidence": measure.evidence_rule,
        "questions": [{"phrase": q.phrase, "ask": q.ask, "suggest": q.suggest} for q in measure.questions],
        "retired_at": _local(ctx, measure.retired_at),
        "outcomes": outcome_counts(ctx.session, measure.id),
        "suspensions": [
            {
                "reason": one.reason,
                "evidence": one.evidence,
                "by": one.asked_by,
                "since": str(ctx.work_time.day_of(one.began_at)),
                "expected_end": str(one.expected_end),
                "ended_at": _local(ctx, one.ended_at),
                "ended_by": one.ended_by,
                "end_reason": one.end_reason,
            }
            for one in ctx.session.execute(
                select(Suspension).where(Suspension.measure_id == measure.id).order_by(Suspension.id)
            ).scalars()
        ],
        "periods": [_period_line(ctx, period, runs.get(period.id)) for period in periods],
        "closures": closure_views(ctx, measure),
        "lookbacks": [lookback_view(ctx, one) for one in lookbacks_of(ctx, measure)],
    }


def _period_line(ctx: LedgerContext, period: Period, run_id: str | None) -> dict[str, Any]:
    escalations = select(Escalation).where(Escalation.period_id == period.id).order_by(Escalation.id)
    asked = select(Extension).where(Extension.period_id == period.id).order_by(Extension.id)
    extensions = ctx.session.execute(asked).scalars().all()
    granted = [one for one in extensions if one.granted]
    return {
        "id": period.id,
        "name": name_of(period),
        "duty": period.duty.key,
        "title": period.duty.title,
        "label": period.label,
        "opens_on": str(period.opens_on),
        "due_on": str(period.due_on),
        "suspended_on": str(period.stopped_on) if period.stopped_on else None,
        "state": period.state,
        "time_state": time_state_of(ctx, period),
        # A lamp is reckoned from dates: what is closed would grow red with time.
        "lamp": lamp_of(ctx, period) if period.state in OPEN else Level.NONE,
        "elapsed": round(elapsed_share(period.opens_on, period.due_on, ctx.today), 2),
        "round": period.round,
        "outcome": outcome(period),
        "ended_by": period.ended_by,
        "end_reason": period.end_reason,
        "flow_run_id": run_id,
        "parked": period.parked_error,
        "limits": _limits(period, granted),
        "submissions": [_submission_line(ctx, submission) for submission in period.submissions],
        "parts": [_part_line(ctx, part) for part in period.parts],
        "extensions": [_extension_line(ctx, one) for one in extensions],
        "escalations": [_escalation_line(ctx, one) for one in ctx.session.execute(escalations).scalars()],
    }


def _limits(period: Period, granted: Sequence[Extension]) -> list[str]:
    """Every limit that a period has had as far as the ledger's rows tell, the one in force last."""
    first = granted[0].old_due_on if granted else period.formal_due_on
    days = [first, *(one.new_due_on for one in granted), period.due_on]
    return list(dict.fromkeys(str(day) for day in days))


def _submission_line(ctx: LedgerContext, submission: Submission) -> dict[str, Any]:
    names = ("round", "body", "percent", "finished", "difficulty", "help_needed", "evidence", "submitted_by")
    review = ("accepted", "reason", "reviewed_by")
    before = repeats(ctx, submission)
    return {name: getattr(submission, name) for name in (*names, *review)} | {
        "missing_parts": submission.missing,
        "same_as": before.label if before else None,
        "submitted_at": _local(ctx, submission.submitted_at),
        "reviewed_at": _local(ctx, submission.reviewed_at),
    }


def _part_line(ctx: LedgerContext, part: Part) -> dict[str, Any]:
    before = repeats(ctx, part)
    return {
        "unit": part.unit_name,
        "state": part.state,
        "round": part.round,
        "due_on": str(part.due_on),
        "text": part.text,
        "percent": part.percent,
        "given_by": part.given_by,
        "given_at": _local(ctx, part.given_at),
        "same_as": before.label if before else None,
    }


def _extension_line(ctx: LedgerContext, extension: Extension) -> dict[str, Any]:
    names = ("reason", "asked_by", "granted", "decided_by", "decision_reason")
    return {name: getattr(extension, name) for name in names} | {
        "from": str(extension.old_due_on),
        "to": str(extension.new_due_on),
        "asked_at": _local(ctx, extension.asked_at),
        "decided_at": _local(ctx, extension.decided_at),
    }


def _escalation_line(ctx: LedgerContext, escalation: Escalation) -> dict[str, Any]:
    kept = (
        "id", "number", "kind", "rung", "level", "state", "raised_by", "raise_reason", "attended", "circulated",
        "instruction", "acknowledged_by", "instructed_by",
    )  # fmt: skip
    return {name: getattr(escalation, name) for name in kept} | {
        "to": list(ctx.asked_names(escalation.recipients)),
        "opened_at": _local(ctx, escalation.opened_at),
        "acknowledged_until": _local(ctx, escalation.acknowledged_until),
        "acknowledgements": [
            one | {"until": _local(ctx, datetime.fromisoformat(one["until"]))} for one in escalation.acknowledgements
        ],
        "needed": escalation.needed,
        "instructed_at": _local(ctx, escalation.instructed_at),
        "held_on": str(escalation.held_on) if escalation.held_on else None,
        "limit_on": str(escalation.limit_on),
        "new_limit_on": str(escalation.new_limit_on) if escalation.new_limit_on else None,
    }


def explanation(ctx: LedgerContext, code: str) -> dict[str, Any]:
    """Why each date of a measure is what it is: source, rule, window, roll, calendar, rungs (``duban explain``).

    Args:
        ctx: the context; windows are reckoned by its calendar, instants told in its zone.
        code: code of the measure, with the key of its inspection where several have it.

    Raises:
        Refusal: those of ``measure_by_code``.
    """
    measure = measure_by_code(ctx.session, code)
    ctx.roster.read(ctx.session, ctx.today)
    by_duty: dict[int, list[Period]] = {}
    for period in open_periods(ctx.session, measure.id):
        by_duty.setdefault(period.duty_id, []).append(period)
    return {
        "inspection": measure.inspection.key,
        "measure": measure.code,
        "title": measure.title,
        "duties": [
            _duty_why(ctx, duty, by_duty.get(duty.id, []))
            for duty in measure.duties
            if duty.retired_at is None or duty.id in by_duty
        ],
    }


def _duty_why(ctx: LedgerContext, duty: Duty, periods: Sequence[Period]) -> dict[str, Any]:
    return {
        "duty": duty.key,
        "title": duty.title,
        "source": duty.source,
        "assumed": duty.assumed,
        "rule": {
            "cadence": duty.cadence,
            "anchor": str(duty.anchor) if duty.anchor else None,
            "due": str(duty.due_on) if duty.due_on else duty.due,
            "precision": duty.precision,
            "roll": duty.roll,
        },
        "next_opens_at": _local(ctx, duty.next_opens_at),
        "periods": [_period_why(ctx, period) for period in periods],
    }


def _period_why(ctx: LedgerContext, period: Period) -> dict[str, Any]:
    extensions = select(Extension).where(Extension.period_id == period.id).order_by(Extension.id)
    recorded = set(ctx.session.execute(select(Alert.rung).where(Alert.period_id == period.id)).scalars())
    rule, calendar = rule_of(period.duty), ctx.work_time.calendar
    return {
        "period": name_of(period),
        "facts": dict(explain_window(rule, window(rule, period.ordinal, calendar), calendar)),
        "window": f"{period.opens_on} — {period.due_on}",
        "formal_due_on": str(period.formal_due_on),
        "due_on": str(period.due_on),
        "workday": calendar.is_workday(period.due_on),
        "provisional": period.provisional,
        "hold_until": _local(ctx, period.hold_until),
        "extensions": [
            {"from": str(e.old_due_on), "to": str(e.new_due_on), "reason": e.reason, "granted": e.granted}
            for e in ctx.session.execute(extensions).scalars()
        ],
        "steps": [
            {
                "rung": step.key,
                "at": _local(ctx, step.at),
                "offset": f"{step.rung.anchor} {step.rung.offset.count:+d}{step.rung.offset.unit}",
                "level": step.rung.level,
                "to": list(ctx.asked_names(recipients_for(period.duty.measure.audiences, step.rung.audience))),
                "recorded": step.key in recorded,
                "provisional": period.provisional or calendar.provisional(ctx.work_time.day_of(step.at)),
            }
            for step in steps_of(ctx, period)
        ],
    }
