"""A duty whose rule changed: its open periods are dated anew, what fired stays fired, and what it owes next follows.

Never two running periods for one duty, never a day nobody answers for (tests/ledger/amend_test.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import exists, func, select

from db.ledger.activate import duty_fields, duty_from
from db.ledger.context import LedgerContext, reschedule_next_step
from db.ledger.limits import move_limit
from db.ledger.periods import await_window, first_window, open_of, retire, rule_of, withdraw
from db.ledger.reports import drop_overtaken
from db.models import Duty, Measure, Period
from plan.model import DutySpec
from plan.types import Cadence, PeriodState, WorkState
from rules.cadence import Window, next_window, window, window_at
from text.refusals import Refusal

_NUMBERING = {"cadence", "anchor"}
"""The fields that give windows their ordinals."""
_DATING = {*_NUMBERING, "due", "due_on", "opens_on", "ends_on", "roll", "roll_workdays", "precision"}


def follow_duty(ctx: LedgerContext, duty: Duty, before: DutySpec, after: DutySpec) -> None:
    """Bring one duty from one plan to another.

    New dates move its open periods; one whose window no longer exists is withdrawn. For another rhythm see
    ``_change_rhythm``.

    Args:
        ctx: the context of the command.
        duty: the row that stands under the duty's key.
        before: the duty as the plan in force says it.
        after: the duty as the new plan says it.

    Raises:
        Refusal: ``history_closed`` for new dates of a one-off that is closed, unless its measure is reopened.
    """
    differing = {name for name in DutySpec.model_fields if getattr(before, name) != getattr(after, name)}
    if differing & _DATING and _closed_for_good(ctx, duty):
        if duty.measure.work_state != WorkState.REOPENED:
            raise Refusal("history_closed", what=f"{duty.measure.full_code} {duty.title}")
        _begin_anew(ctx, duty, after)
        return
    # Under other numbers an ordinal would name another window: the unique key (duty, ordinal) needs a new row.
    if differing & _NUMBERING or (differing & _DATING and _needs_new_row(ctx, duty)):
        _change_rhythm(ctx, duty, after)
        return
    for name, value in duty_fields(after, duty.opens_on or ctx.today).items():
        setattr(duty, name, value)
    if differing & _DATING:
        _move_periods(ctx, duty)
        _await_next(ctx, duty)


def _closed_for_good(ctx: LedgerContext, duty: Duty) -> bool:
    closed = exists().where(Period.duty_id == duty.id, Period.state == PeriodState.CLOSED)
    return duty.cadence == Cadence.ONCE and ctx.session.execute(select(closed)).scalar_one()


def _begin_anew(ctx: LedgerContext, old: Duty, spec: DutySpec) -> Duty:
    """Retire a row; another takes its key and waits for its first window."""
    retire(ctx, [old])
    new = duty_from(spec, ctx.today, ctx.work_time)
    new.measure_id = old.measure_id
    ctx.session.add(new)
    ctx.session.flush()
    return new


def _needs_new_row(ctx: LedgerContext, duty: Duty) -> bool:
    """Whether earlier amendments took the number of the running window, or left it to a row that retired."""
    query = select(func.max(Period.ordinal)).where(Period.duty_id == duty.id, Period.state == PeriodState.WITHDRAWN)
    last = ctx.session.execute(query).scalar_one()
    used_up = last is not None and window(rule_of(duty), last, ctx.work_time.calendar).ends_on > ctx.today
    return used_up or any(period.duty is not duty for period in _running(ctx, duty))


def _move_periods(ctx: LedgerContext, duty: Duty) -> None:
    rule, calendar = rule_of(duty), ctx.work_time.calendar
    for period in open_of(ctx, [duty]):
        if window_at(rule, window(rule, period.ordinal, calendar).starts_on, calendar) is None:
            withdraw(ctx, period)
        else:
            redate(ctx, period)


def redate(ctx: LedgerContext, period: Period) -> None:
    """Date an open ``period`` by its duty's rule, as of the ``now`` of ``ctx``.

    A limit that somebody decided on stays. A later limit climbs its own ladder, an earlier one fires nothing twice.
    """
    if not period.limit_decided:
        found = window(rule_of(period.duty), period.ordinal, ctx.work_time.calendar)
        period.label, period.opens_on = found.label, min(found.starts_on, found.due_on)
        period.formal_due_on, period.provisional = found.formal_due_on, found.provisional
        move_limit(ctx, period, found.due_on)
        drop_overtaken(ctx, period)
    reschedule_open(ctx, period)


def reschedule_open(ctx: LedgerContext, period: Period) -> None:
    """Look at an open ``period`` anew, as of the ``now`` of ``ctx``, also at one that is parked: it may be mended."""
    period.parked_at = None
    reschedule_next_step(ctx, period)


def _await_next(ctx: LedgerContext, duty: Duty) -> None:
    """The next window to open: the one a new duty would begin with, or the one after the last that ever opened."""
    rule, calendar = rule_of(duty), ctx.work_time.calendar
    last = ctx.session.execute(select(func.max(Period.ordinal)).where(Period.duty_id == duty.id)).scalar_one()
    following = first_window(duty, ctx.today, calendar)
    if following is not None and last is not None and following.ordinal <= last:
        # A number is given once: a window that opened before, even if withdrawn since, is not opened again.
        following = next_window(rule, window(rule, last, calendar).starts_on, calendar)
    duty.parked_at = None
    await_window(duty, following, ctx.work_time)


def _change_rhythm(ctx: LedgerContext, old: Duty, spec: DutySpec) -> None:
    """Another cadence or anchor numbers windows anew: a new row takes the key, and the old one retires.

    1. The running period, if its report is still awaited, becomes the new rhythm's running period; it is withdrawn
       where the new rhythm is over, and stays where that begins later. Of two, which an earlier change made overlap,
       the later one counts.
    2. One that is reported already, or whose limit was decided on, stays; a new window that ends no later is passed
       over.
    3. What is overdue by the old rhythm stays due until it is closed.
    """
    running = _running(ctx, old)
    new = _begin_anew(ctx, old, spec)
    first = first_window(new, ctx.today, ctx.work_time.calendar)
    awaited = _last_awaited(ctx, running)
    if first is None or first.ends_on <= ctx.today:
        if awaited is not None:
            withdraw(ctx, awaited)
    elif first.starts_on <= ctx.today:
        _hand_over(ctx, running, awaited, new, first)


def _hand_over(ctx: LedgerContext, running: Sequence[Period], awaited: Period | None, new: Duty, first: Window) -> None:
    """From what runs today to the window ``first`` of the new row, which contains today."""
    following = next_window(rule_of(new), first.starts_on, ctx.work_time.calendar)
    if awaited is not None:
        awaited.duty_id, awaited.ordinal = new.id, first.ordinal
        # The relationship is read-only and does not notice that the id under it changed.
        ctx.session.expire(awaited, ["duty"])
        redate(ctx, awaited)
        await_window(new, following, ctx.work_time)
    elif any(first.ends_on <= _end(ctx, period) for period in running):
        await_window(new, following or first, ctx.work_time)


def _last_awaited(ctx: LedgerContext, running: Sequence[Period]) -> Period | None:
    awaited = [one for one in running if one.state == PeriodState.WAITING and not one.limit_decided]
    # By ids, so the one opened last stays.
    for overlapped in awaited[:-1]:
        withdraw(ctx, overlapped)
    return awaited[-1] if awaited else None


def _running(ctx: LedgerContext, duty: Duty) -> list[Period]:
    """The periods under this duty's key whose window contains today, whichever row opened them."""
    same_key = select(Period).join(Period.duty).where(Duty.measure_id == duty.measure_id, Duty.key == duty.key)
    begun = same_key.where(Period.state != PeriodState.WITHDRAWN, Period.opens_on <= ctx.today)
    found = ctx.session.execute(begun.order_by(Period.id)).scalars()
    return [period for period in found if _end(ctx, period) > ctx.today]


def _end(ctx: LedgerContext, period: Period) -> date:
    """The first day after a period's window."""
    return window(rule_of(period.duty), period.ordinal, ctx.work_time.calendar).ends_on


def drop_duties(ctx: LedgerContext, measure: Measure, keys: Iterable[str]) -> None:
    """Retire the duties of ``measure`` under these ``keys``, as of the ``now`` of ``ctx``.

    What is open of them is withdrawn, also what an earlier rhythm left.
    """
    wanted = set(keys)
    duties = [duty for duty in measure.duties if duty.key in wanted]
    for period in open_of(ctx, duties):
        withdraw(ctx, period)
    retire(ctx, duties)
