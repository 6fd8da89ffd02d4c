"""The windows of a duty and when each falls due, by arithmetic on the window's ordinal.

Promise: a window depends on its rule, its ordinal and the calendar, never on when it is computed; consecutive windows
leave no gap and share no day (tests/rules/cadence_test.py).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from plan.due import WEEKDAYS, Basis, DueRule
from plan.types import MONTHS_OF, Cadence, Precision, Roll
from rules.calendar import WorkCalendar

_DAY = timedelta(days=1)
_EPOCH = date(2000, 1, 1)
# Weeks begin on Monday (ISO 8601), and the epoch was a Saturday.
_FIRST_MONDAY = date(2000, 1, 3)
_END = DueRule(Basis.END)
_CUTS = {Cadence.TEN_DAY: (1, 11, 21), Cadence.HALF_MONTHLY: (1, 16)}
"""The days of the month on which the parts of a month begin."""
_PART_NAMES = {Cadence.TEN_DAY: ("上旬", "中旬", "下旬"), Cadence.HALF_MONTHLY: ("上半月", "下半月")}


@dataclass(frozen=True, slots=True)
class CadenceRule:
    """How often a duty falls due and when; all dates are days in the office's zone.

    ``anchor``: the first day of some window; default 2000-01-01 (weekly: Monday 2000-01-03). Ten-day and half-monthly
    windows follow the calendar month and take no notice of it. Another anchor means other ordinals.
    ``opens_on``, ``ends_on``: windows that are over by ``opens_on`` or start after ``ends_on`` do not exist.
    ``due_on``: the due date of cadence once, whose only window runs from ``opens_on`` to it; there it replaces ``due``.
    Raises ValueError for a cadence once that lacks one of the two or has them in the wrong order.
    """

    cadence: Cadence
    anchor: date | None = None
    due: DueRule = _END
    due_on: date | None = None
    opens_on: date | None = None
    ends_on: date | None = None
    roll: Roll = Roll.NONE
    roll_workdays: int = 2
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        if self.cadence is Cadence.ONCE:
            _only_window(self)


@dataclass(frozen=True, slots=True)
class Window:
    """One period of a duty. ``starts_on`` is in it, ``ends_on`` is the first day of the next.

    ``formal_due_on`` is what the rule says, ``due_on`` what is left after the holiday roll; ``provisional``: a work
    calendar still to be published may move ``due_on``.
    """

    ordinal: int
    label: str
    starts_on: date
    ends_on: date
    formal_due_on: date
    due_on: date
    provisional: bool


def window_at(rule: CadenceRule, on: date, calendar: WorkCalendar) -> Window | None:
    """The window that contains a day.

    Args:
        rule: how often the duty falls due.
        on: a day in the office's zone.
        calendar: the working days that due rule and holiday roll ask for.

    Returns:
        The window; None if the rule has none there.
    """
    ordinal = _ordinal_at(rule, on)
    return window(rule, ordinal, calendar) if _exists(rule, ordinal) else None


def window(rule: CadenceRule, ordinal: int, calendar: WorkCalendar) -> Window:
    """The window with this ordinal, also one that ``opens_on`` or ``ends_on`` excludes.

    Args:
        rule: how often the duty falls due.
        ordinal: windows are numbered from that of the anchor, which is 0; earlier ones are negative.
        calendar: the working days that due rule and holiday roll ask for (domain.md 7.1).

    Returns:
        The window with its due date; all its dates are days in the office's zone.

    Raises:
        ValueError: an ordinal other than 0 with cadence once.
    """
    starts_on, ends_on = _bounds(rule, ordinal)
    last = ends_on - _DAY
    asked_from, formal = _formal_due(rule, starts_on, last, calendar)
    due_on = calendar.roll(formal, rule.roll, rule.roll_workdays)
    # A date that no working day has a say in is settled, whatever the year.
    asks_calendar = rule.roll is not Roll.NONE or (rule.due.workdays and rule.cadence is not Cadence.ONCE)
    return Window(
        ordinal=ordinal,
        label=_label(rule, ordinal, starts_on, last),
        starts_on=starts_on,
        ends_on=ends_on,
        formal_due_on=formal,
        due_on=due_on,
        provisional=asks_calendar and calendar.provisional(max(asked_from, due_on)),
    )


def next_window(rule: CadenceRule, after: date, calendar: WorkCalendar) -> Window | None:
    """The window that follows.

    Args:
        rule: how often the duty falls due.
        after: a day in the office's zone; the window starts later.
        calendar: the working days that due rule and holiday roll ask for.

    Returns:
        The window; None if the rule has no more.
    """
    # The window that holds that day has begun; the one behind it is the first that starts later.
    ordinal = _ordinal_at(rule, after) + 1
    if rule.opens_on:
        ordinal = max(ordinal, _ordinal_at(rule, rule.opens_on))
    return window(rule, ordinal, calendar) if _exists(rule, ordinal) else None


def explain_window(rule: CadenceRule, found: Window, calendar: WorkCalendar) -> list[tuple[str, str]]:
    """Why a window is due when it is: short facts, by name, in the order in which they were applied.

    Args:
        rule: how often the duty falls due.
        found: a window of this rule.
        calendar: the calendar by which it was found.
    """
    rolled = f"{found.formal_due_on} -> {found.due_on}" if found.due_on != found.formal_due_on else "not needed"
    return [
        ("cadence", str(rule.cadence)),
        ("window", f"{found.starts_on}..{found.ends_on - _DAY}"),
        ("rule", str(rule.due_on or rule.due)),
        ("precision", str(rule.precision)),
        ("formal due", str(found.formal_due_on)),
        ("roll", "none" if rule.roll is Roll.NONE else f"{rule.roll}: {rolled}"),
        ("calendar", "provisional" if found.provisional else f"published until {calendar.published_until}"),
    ]


def cron_for(rule: CadenceRule, minute: int) -> str | None:
    """The cron that fires in the hour after midnight, office zone, on the first day of each window.

    A cron has no year: that of cadence once fires each year, and that of any rule outside ``opens_on`` and ``ends_on``
    too; ask ``window_at`` when it does.

    Args:
        rule: how often the duty falls due.
        minute: of that hour, 0 to 59.

    Returns:
        Five fields; None if cron cannot say it (windows that start on the 29th, 30th or 31st).
    """
    if rule.cadence is Cadence.ONCE:
        starts_on, _ = _only_window(rule)
        return f"{minute} 0 {starts_on.day} {starts_on.month} *"
    if rule.cadence is Cadence.DAILY:
        return f"{minute} 0 * * *"
    if rule.cadence is Cadence.WEEKLY:
        # Cron calls Sunday 0.
        return f"{minute} 0 * * {_anchor(rule).isoweekday() % 7}"
    if cuts := _CUTS.get(rule.cadence):
        return f"{minute} 0 {','.join(map(str, cuts))} * *"
    anchor = _anchor(rule)
    # Beyond the 28th cron would leave out the months that are shorter.
    return f"{minute} 0 {anchor.day} {_cron_months(anchor, MONTHS_OF[rule.cadence])} *" if anchor.day <= 28 else None


def _cron_months(anchor: date, months: int) -> str:
    first = (anchor.month - 1) % months + 1
    if months in (1, 12):
        return "*" if months == 1 else str(first)
    return f"{first}-{12 - months + first}/{months}"


def _exists(rule: CadenceRule, ordinal: int) -> bool:
    if rule.cadence is Cadence.ONCE and ordinal != 0:
        return False
    starts_on, ends_on = _bounds(rule, ordinal)
    ended_before = rule.opens_on is not None and ends_on <= rule.opens_on
    starts_after = rule.ends_on is not None and starts_on > rule.ends_on
    return not ended_before and not starts_after


def _anchor(rule: CadenceRule) -> date:
    if rule.cadence in _CUTS:
        return _EPOCH  # the parts of a month follow the calendar, whatever the plan says
    return rule.anchor or (_FIRST_MONDAY if rule.cadence is Cadence.WEEKLY else _EPOCH)


def _only_window(rule: CadenceRule) -> tuple[date, date]:
    if rule.opens_on is None or rule.due_on is None:
        raise ValueError("cadence once needs opens_on and due_on")
    last = _with_precision(rule.due_on, rule.precision)
    if rule.opens_on > last:
        raise ValueError(f"opens_on {rule.opens_on} lies after due_on {last}")
    return rule.opens_on, last + _DAY


def _bounds(rule: CadenceRule, ordinal: int) -> tuple[date, date]:
    if rule.cadence is Cadence.ONCE:
        if ordinal != 0:
            raise ValueError(f"cadence once has window 0 only, not {ordinal}")
        return _only_window(rule)
    return _start(rule, ordinal), _start(rule, ordinal + 1)


def _start(rule: CadenceRule, ordinal: int) -> date:
    anchor = _anchor(rule)
    if cuts := _CUTS.get(rule.cadence):
        months, part = divmod(ordinal, len(cuts))
        return _day_in(anchor, months, cuts[part])
    if months := MONTHS_OF.get(rule.cadence, 0):
        return _day_in(anchor, ordinal * months, anchor.day)
    return anchor + timedelta(days=ordinal * _days(rule.cadence))


def _ordinal_at(rule: CadenceRule, on: date) -> int:
    """The inverse of ``_start``; for cadence once -1 before its window and 1 after it."""
    if rule.cadence is Cadence.ONCE:
        starts_on, ends_on = _only_window(rule)
        return (on >= ends_on) - (on < starts_on)
    anchor = _anchor(rule)
    months_since = (on.year - anchor.year) * 12 + on.month - anchor.month
    if cuts := _CUTS.get(rule.cadence):
        return months_since * len(cuts) + sum(cut <= on.day for cut in cuts) - 1
    if months := MONTHS_OF.get(rule.cadence, 0):
        ordinal = months_since // months
        # By months alone a day before the anchor's day would fall into the window that starts later in its month.
        return ordinal if _start(rule, ordinal) <= on else ordinal - 1
    return (on - anchor).days // _days(rule.cadence)


def _days(cadence: Cadence) -> int:
    return 7 if cadence is Cadence.WEEKLY else 1


# Plain arithmetic on purpose: a forecast asks this for every window, and with pendulum's dates the windows of sixty
# years took four times as long.
def _day_in(base: date, months: int, day: int) -> date:
    """That day of the month ``months`` after ``base``'s own, or its last day if it is shorter (domain.md 7.1)."""
    year, month = divmod(base.year * 12 + base.month - 1 + months, 12)
    return date(year, month + 1, day if day <= 28 else min(day, monthrange(year, month + 1)[1]))


def _with_precision(day: date, precision: Precision) -> date:
    return _day_in(day, 0, 31) if precision is Precision.MONTH else day


def _formal_due(rule: CadenceRule, starts_on: date, last: date, calendar: WorkCalendar) -> tuple[date, date]:
    """The day from which the due rule, or else the roll, asks for working days, and the due date before the roll."""
    if rule.cadence is Cadence.ONCE:
        return last, last
    due = rule.due
    if due.month:
        found = _day_in(starts_on, due.month - 1, due.number)
    elif due.basis in (Basis.DAY, Basis.DAY_AFTER):
        found = _day_in(last, int(due.basis is Basis.DAY_AFTER), due.number)
    elif due.basis is Basis.WORKDAY:
        first, outside = (starts_on, starts_on - _DAY) if due.number > 0 else (last, last + _DAY)
        return first, _with_precision(calendar.add_workdays(outside, due.number), rule.precision)
    elif due.basis in WEEKDAYS:
        found = _nth_weekday(due, starts_on, last)
    else:
        base = last if due.basis is Basis.END else starts_on
        if due.workdays:
            return base, _with_precision(calendar.add_workdays(base, due.number), rule.precision)
        found = base + timedelta(days=due.number)
    formal = _with_precision(found, rule.precision)
    return formal, formal


def _nth_weekday(due: DueRule, first: date, last: date) -> date:
    weeks, weekday = timedelta(days=7 * (abs(due.number) - 1)), WEEKDAYS.index(due.basis)
    if due.number > 0:
        return first + timedelta(days=(weekday - first.weekday()) % 7) + weeks
    return last - timedelta(days=(last.weekday() - weekday) % 7) - weeks


def _label(rule: CadenceRule, ordinal: int, first: date, last: date) -> str:
    cadence = rule.cadence
    if cadence is Cadence.ONCE:
        return f"{last.year}年{last.month}月底前" if rule.precision is Precision.MONTH else once_label(last)
    if names := _PART_NAMES.get(cadence):
        return f"{first.year}年{first.month}月{names[ordinal % len(names)]}"
    if cadence is Cadence.DAILY:
        return _full(first)
    if cadence is Cadence.WEEKLY and first.isoweekday() == 1:
        year, week, _ = first.isocalendar()
        return f"{year}年第{week}周"
    if cadence is Cadence.WEEKLY or first.day != 1:
        return f"{_full(first)}—{_short(first, last)}"
    # Whole months go by name if they are a calendar quarter, half-year or year.
    index, odd = divmod(first.month - 1, MONTHS_OF[cadence])
    if cadence is Cadence.MONTHLY:
        return f"{first.year}年{first.month}月"
    if cadence is Cadence.BIMONTHLY or odd:
        between = "—" if first.year == last.year else f"月—{last.year}年"
        return f"{first.year}年{first.month}{between}{last.month}月"
    if cadence is Cadence.QUARTERLY:
        return f"{first.year}年第{index + 1}季度"
    return f"{first.year}年度" if cadence is Cadence.YEARLY else f"{first.year}年{'上下'[index]}半年"


def once_label(limit: date) -> str:
    """The label of what is owed once, by its ``limit`` (a day in the office's zone), which may have been moved."""
    return f"{_full(limit)}前"


def _full(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _short(first: date, last: date) -> str:
    """``last`` without the year, or the year and the month, that it shares with ``first``."""
    if first.year != last.year:
        return _full(last)
    return f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
