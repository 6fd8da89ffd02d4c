"""Windows follow each other without a gap, and when a period falls due never depends on when one asks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from cronsim import CronSim
from hypothesis import assume, given
from hypothesis import strategies as st

from plan.due import WEEKDAYS, Basis, DueRule
from plan.overrides import DayOverride
from plan.types import Cadence, Precision, Roll
from rules.cadence import CadenceRule, Window, cron_for, explain_window, next_window, window, window_at
from rules.calendar import WorkCalendar
from tests.rules.windows import windows

CHINA = WorkCalendar.china()
DAY = timedelta(days=1)
RECURRING = [cadence for cadence in Cadence if cadence is not Cadence.ONCE]
DUE_TEXTS = [
    "end",
    "end-5d",
    "end+5d",
    "end-3wd",
    "end+3wd",
    "start+0d",
    "start+9wd",
    "workday 3",
    "workday -1",
    "monday 1",
    "friday -1",
    "sunday 4",
    "day 25",
    "day 31",
    "month 2 day 10",
    "month 6 day 31",
    "after day 5",
]
ANCHORS = st.none() | st.dates(date(1995, 1, 1), date(2035, 12, 31)) | st.just(date(2024, 2, 29))
DAYS = st.dates(date(2001, 1, 1), date(2040, 12, 31))


def rule(cadence: Cadence, due: str = "end", **fields: Any) -> CadenceRule:
    return CadenceRule(cadence, due=DueRule.parse(due), **fields)


RULES = st.builds(
    rule,
    st.sampled_from(RECURRING),
    st.sampled_from(DUE_TEXTS),
    anchor=ANCHORS,
    roll=st.sampled_from(Roll),
    precision=st.sampled_from(Precision),
)


@given(RULES, st.integers(-300, 300))
def test_the_next_window_starts_on_the_day_the_last_one_ends(tested: CadenceRule, ordinal: int) -> None:
    this, following = window(tested, ordinal, CHINA), window(tested, ordinal + 1, CHINA)
    assert this.starts_on < this.ends_on == following.starts_on


@given(RULES, DAYS)
def test_the_window_at_a_day_contains_the_day(tested: CadenceRule, day: date) -> None:
    found = window_at(tested, day, CHINA)
    assert found is not None
    assert found.starts_on <= day < found.ends_on


@given(RULES, DAYS, DAYS)
def test_every_way_to_a_window_gives_the_same_window(tested: CadenceRule, day: date, other: date) -> None:
    found = window_at(tested, day, CHINA)
    assert found is not None
    assert window(tested, found.ordinal, CHINA) == found
    assert next_window(tested, found.starts_on - DAY, CHINA) == found
    start = min(found.starts_on, max(other, found.starts_on - timedelta(days=800)))
    assert list(windows(tested, start, found.ends_on, CHINA))[-1] == found


@given(RULES, DAYS)
def test_windows_lists_exactly_those_that_start_in_the_span(tested: CadenceRule, first: date) -> None:
    until = first + timedelta(days=100)
    at_each_day = {window_at(tested, first + timedelta(days=offset), CHINA) for offset in range(100)}
    expected = sorted((w for w in at_each_day if w and first <= w.starts_on), key=lambda w: w.ordinal)
    assert list(windows(tested, first, until, CHINA)) == expected


@given(RULES, DAYS)
def test_an_anchor_is_the_first_day_of_window_zero(tested: CadenceRule, anchor: date) -> None:
    assume(tested.cadence not in (Cadence.TEN_DAY, Cadence.HALF_MONTHLY))
    assert window(replace(tested, anchor=anchor), 0, CHINA).starts_on == anchor


@given(RULES, DAYS)
def test_labels_are_unique_within_a_rule(tested: CadenceRule, first: date) -> None:
    labels = [found.label for found in islice(windows(tested, first, date.max, CHINA), 60)]
    assert len(set(labels)) == 60


@given(st.sampled_from([one for one in RECURRING if one not in (Cadence.DAILY, Cadence.WEEKLY)]), DAYS)
def test_the_first_and_the_last_working_day_lie_in_the_window_with_none_before_or_behind(
    cadence: Cadence, day: date
) -> None:
    first, last = (window_at(rule(cadence, due), day, CHINA) for due in ("workday 1", "workday -1"))
    assert first is not None
    assert last is not None
    assert first.starts_on <= first.due_on <= last.due_on < last.ends_on
    assert CHINA.count_workdays(first.starts_on, first.due_on) == 1
    assert CHINA.count_workdays(last.due_on, last.ends_on - DAY) == 1


@given(st.sampled_from(WEEKDAYS), st.integers(1, 4), DAYS)
def test_the_nth_weekday_of_a_month_lies_in_it_with_one_less_before_or_behind(
    weekday: Basis, number: int, day: date
) -> None:
    for signed in (number, -number):
        found = window_at(rule(Cadence.MONTHLY, f"{weekday} {signed}"), day, CHINA)
        assert found is not None
        due = found.due_on
        assert due.strftime("%A").lower() == weekday
        assert found.starts_on <= due < found.ends_on
        assert ((due - found.starts_on) if signed > 0 else (found.ends_on - DAY - due)).days // 7 == number - 1


@given(RULES, DAYS)
def test_a_later_window_is_never_due_earlier(tested: CadenceRule, first: date) -> None:
    following = list(islice(windows(tested, first, date.max, CHINA), 12))
    assert all(a.formal_due_on <= b.formal_due_on for a, b in pairwise(following))
    # The second working day after a holiday may lie behind the first, on which a daily duty is due already.
    assert tested.roll is Roll.NTH_WORKDAY_AFTER or all(a.due_on <= b.due_on for a, b in pairwise(following))


@given(RULES, DAYS)
def test_the_due_date_is_the_formal_one_rolled(tested: CadenceRule, day: date) -> None:
    found = window_at(tested, day, CHINA)
    assert found is not None
    assert found.due_on == CHINA.roll(found.formal_due_on, tested.roll, tested.roll_workdays)
    assert tested.roll is Roll.NONE or CHINA.is_workday(found.due_on)
    if tested.precision is Precision.MONTH:
        assert (found.formal_due_on + DAY).day == 1


@given(RULES, DAYS, DAYS, DAYS)
def test_opens_on_and_ends_on_leave_out_windows_and_change_none(
    tested: CadenceRule, opens_on: date, ends_on: date, day: date
) -> None:
    bounded, free = replace(tested, opens_on=opens_on, ends_on=ends_on), window_at(tested, day, CHINA)
    assert free is not None
    exists = free.ends_on > opens_on and free.starts_on <= ends_on
    assert window_at(bounded, day, CHINA) == (free if exists else None)
    assert window(bounded, free.ordinal, CHINA) == free
    assert (free in windows(bounded, day - timedelta(days=400), day + DAY, CHINA)) is exists


@given(RULES, DAYS)
def test_the_cron_fires_on_the_first_day_of_every_window_over_three_years(tested: CadenceRule, first: date) -> None:
    cron = cron_for(tested, 7)
    if cron is None:
        assert tested.anchor is not None
        assert tested.anchor.day > 28
        return
    until = first + timedelta(days=3 * 365)
    starts = [found.starts_on for found in windows(tested, first, until, CHINA)]
    fired = list(islice(CronSim(cron, datetime.combine(first, time(), UTC)), len(starts) + 1))
    assert fired[:-1] == [datetime.combine(start, time(0, 7), UTC) for start in starts]
    assert fired[-1].date() >= until


@pytest.mark.parametrize(
    ("tested", "cron"),
    [
        (rule(Cadence.DAILY), "7 0 * * *"),
        (rule(Cadence.WEEKLY), "7 0 * * 1"),
        (rule(Cadence.WEEKLY, anchor=date(2025, 3, 2)), "7 0 * * 0"),
        (rule(Cadence.TEN_DAY), "7 0 1,11,21 * *"),
        (rule(Cadence.HALF_MONTHLY), "7 0 1,16 * *"),
        (rule(Cadence.MONTHLY, anchor=date(2025, 3, 20)), "7 0 20 * *"),
        (rule(Cadence.MONTHLY, anchor=date(2025, 3, 29)), None),
        (rule(Cadence.BIMONTHLY), "7 0 1 1-11/2 *"),
        (rule(Cadence.BIMONTHLY, anchor=date(2025, 2, 1)), "7 0 1 2-12/2 *"),
        (rule(Cadence.QUARTERLY), "7 0 1 1-10/3 *"),
        (rule(Cadence.HALF_YEARLY, anchor=date(2025, 12, 5)), "7 0 5 6-12/6 *"),
        (rule(Cadence.YEARLY, anchor=date(2025, 3, 9)), "7 0 9 3 *"),
        (rule(Cadence.ONCE, opens_on=date(2025, 1, 31), due_on=date(2025, 5, 31)), "7 0 31 1 *"),
    ],
)
def test_each_cadence_has_its_cron(tested: CadenceRule, cron: str | None) -> None:
    assert cron_for(tested, 7) == cron


@pytest.mark.parametrize(
    ("cadence", "day", "anchor", "label"),
    [
        (Cadence.DAILY, date(2025, 5, 10), None, "2025年5月10日"),
        (Cadence.WEEKLY, date(2025, 3, 19), None, "2025年第12周"),
        (Cadence.WEEKLY, date(2024, 12, 30), None, "2025年第1周"),
        (Cadence.WEEKLY, date(2027, 1, 1), None, "2026年第53周"),
        (Cadence.WEEKLY, date(2025, 3, 19), date(2025, 1, 7), "2025年3月18日—24日"),
        (Cadence.TEN_DAY, date(2025, 5, 10), None, "2025年5月上旬"),
        (Cadence.TEN_DAY, date(2025, 5, 11), None, "2025年5月中旬"),
        (Cadence.TEN_DAY, date(2025, 5, 31), None, "2025年5月下旬"),
        (Cadence.HALF_MONTHLY, date(2025, 5, 15), None, "2025年5月上半月"),
        (Cadence.HALF_MONTHLY, date(2025, 5, 16), None, "2025年5月下半月"),
        (Cadence.MONTHLY, date(2025, 3, 31), None, "2025年3月"),
        (Cadence.MONTHLY, date(2025, 4, 19), date(2020, 1, 20), "2025年3月20日—4月19日"),
        (Cadence.MONTHLY, date(2025, 12, 20), date(2020, 1, 20), "2025年12月20日—2026年1月19日"),
        (Cadence.MONTHLY, date(2025, 2, 28), date(2024, 12, 31), "2025年2月28日—3月30日"),
        (Cadence.BIMONTHLY, date(2025, 4, 30), None, "2025年3—4月"),
        (Cadence.BIMONTHLY, date(2026, 1, 1), date(2025, 2, 1), "2025年12月—2026年1月"),
        (Cadence.QUARTERLY, date(2025, 3, 31), None, "2025年第1季度"),
        (Cadence.QUARTERLY, date(2025, 10, 1), None, "2025年第4季度"),
        (Cadence.QUARTERLY, date(2025, 3, 31), date(2025, 2, 1), "2025年2—4月"),
        (Cadence.HALF_YEARLY, date(2025, 6, 30), None, "2025年上半年"),
        (Cadence.HALF_YEARLY, date(2025, 7, 1), None, "2025年下半年"),
        (Cadence.YEARLY, date(2025, 6, 30), None, "2025年度"),
        (Cadence.YEARLY, date(2025, 6, 30), date(2020, 3, 1), "2025年3月—2026年2月"),
        (Cadence.YEARLY, date(2025, 6, 30), date(2020, 3, 20), "2025年3月20日—2026年3月19日"),
    ],
)
def test_labels_read_as_an_office_writes_them(cadence: Cadence, day: date, anchor: date | None, label: str) -> None:
    found = window_at(rule(cadence, anchor=anchor), day, CHINA)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize(
    ("cadence", "day", "due", "expected"),
    [
        (Cadence.MONTHLY, date(2024, 2, 1), "end", date(2024, 2, 29)),
        (Cadence.MONTHLY, date(2025, 2, 1), "end", date(2025, 2, 28)),
        (Cadence.BIMONTHLY, date(2025, 3, 9), "end", date(2025, 4, 30)),
        (Cadence.MONTHLY, date(2025, 3, 9), "end-5d", date(2025, 3, 26)),
        (Cadence.MONTHLY, date(2025, 1, 9), "end-3wd", date(2025, 1, 24)),  # 27th, 26th (made up), 24th
        (Cadence.MONTHLY, date(2025, 9, 9), "end+3wd", date(2025, 10, 11)),  # after the holiday: 9th, 10th, 11th
        (Cadence.WEEKLY, date(2025, 3, 21), "start+1d", date(2025, 3, 18)),  # the Tuesday
        (Cadence.QUARTERLY, date(2025, 5, 1), "start+9wd", date(2025, 4, 15)),  # Qingming on the 4th
        (Cadence.MONTHLY, date(2025, 3, 9), "day 25", date(2025, 3, 25)),
        (Cadence.QUARTERLY, date(2025, 1, 9), "day 25", date(2025, 3, 25)),
        (Cadence.MONTHLY, date(2025, 2, 9), "day 31", date(2025, 2, 28)),
        (Cadence.MONTHLY, date(2025, 12, 9), "after day 5", date(2026, 1, 5)),
        (Cadence.MONTHLY, date(2025, 1, 9), "after day 31", date(2025, 2, 28)),
        (Cadence.QUARTERLY, date(2025, 6, 9), "month 2 day 10", date(2025, 5, 10)),
        (Cadence.QUARTERLY, date(2025, 1, 9), "month 2 day 31", date(2025, 2, 28)),
        (Cadence.YEARLY, date(2025, 9, 9), "month 6 day 30", date(2025, 6, 30)),
        (Cadence.MONTHLY, date(2025, 2, 9), "workday 1", date(2025, 2, 5)),  # the Spring Festival lasts until the 4th
        (Cadence.MONTHLY, date(2025, 5, 9), "workday -1", date(2025, 5, 30)),  # the 31st is a Saturday, and free
        (Cadence.MONTHLY, date(2025, 9, 9), "workday -2", date(2025, 9, 29)),
        (Cadence.MONTHLY, date(2025, 9, 9), "monday 1", date(2025, 9, 1)),
        (Cadence.MONTHLY, date(2025, 5, 9), "friday -1", date(2025, 5, 30)),
        (Cadence.MONTHLY, date(2025, 2, 9), "saturday -4", date(2025, 2, 1)),
        (Cadence.QUARTERLY, date(2025, 2, 9), "tuesday 2", date(2025, 1, 14)),
        (Cadence.WEEKLY, date(2025, 9, 29), "workday -1", date(2025, 9, 30)),
    ],
)
def test_due_rules_fall_on_the_day_counted_by_hand(cadence: Cadence, day: date, due: str, expected: date) -> None:
    found = window_at(rule(cadence, due), day, CHINA)
    assert found is not None
    assert (found.formal_due_on, found.due_on) == (expected, expected)


def test_a_clipped_anchor_comes_back_to_its_day_after_february() -> None:
    tested = rule(Cadence.MONTHLY, anchor=date(2024, 1, 31))
    starts = [found.starts_on for found in windows(tested, date(2024, 1, 1), date(2024, 6, 1), CHINA)]
    assert starts == [date(2024, month, day) for month, day in [(1, 31), (2, 29), (3, 31), (4, 30), (5, 31)]]


def test_a_weekly_report_due_in_a_holiday_moves_to_the_second_working_day_after_it() -> None:
    tested = rule(Cadence.WEEKLY, "start+1d", roll=Roll.NTH_WORKDAY_AFTER)
    found = window_at(tested, date(2025, 10, 7), CHINA)
    assert found is not None
    assert (found.formal_due_on, found.due_on) == (date(2025, 10, 7), date(2025, 10, 10))


def once(precision: Precision = Precision.DAY, **fields: Any) -> CadenceRule:
    return rule(Cadence.ONCE, opens_on=date(2025, 1, 13), due_on=date(2025, 5, 20), precision=precision, **fields)


@pytest.mark.parametrize(
    ("precision", "due_on", "label"),
    [
        (Precision.DAY, date(2025, 5, 20), "2025年5月20日前"),
        (Precision.MONTH, date(2025, 5, 31), "2025年5月底前"),
    ],
)
def test_a_duty_owed_once_has_one_window_up_to_its_due_date(precision: Precision, due_on: date, label: str) -> None:
    tested = once(precision)
    expected = Window(0, label, date(2025, 1, 13), due_on + DAY, due_on, due_on, provisional=False)
    assert list(windows(tested, date(2020, 1, 1), date(2030, 1, 1), CHINA)) == [expected]
    assert window_at(tested, date(2025, 1, 13), CHINA) == window_at(tested, due_on, CHINA) == expected
    assert next_window(tested, date(2025, 1, 12), CHINA) == expected


def test_a_duty_owed_once_has_nothing_before_or_after() -> None:
    assert window_at(once(), date(2025, 1, 12), CHINA) is None
    assert window_at(once(), date(2025, 5, 21), CHINA) is None
    assert next_window(once(), date(2025, 1, 13), CHINA) is None


def test_a_duty_owed_once_rolls_but_knows_no_other_due_rule() -> None:
    tested = replace(once(roll=Roll.NEXT_WORKDAY), due=DueRule.parse("end-3wd"), due_on=date(2025, 5, 31))
    found = window(tested, 0, CHINA)
    assert (found.formal_due_on, found.due_on) == (date(2025, 5, 31), date(2025, 6, 3))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"due_on": date(2025, 5, 31)}, "cadence once needs opens_on and due_on"),
        ({"opens_on": date(2025, 5, 31)}, "cadence once needs opens_on and due_on"),
        (
            {"opens_on": date(2025, 6, 1), "due_on": date(2025, 5, 31)},
            "opens_on 2025-06-01 lies after due_on 2025-05-31",
        ),
    ],
)
def test_a_duty_owed_once_without_its_two_dates_in_order_is_refused(fields: dict[str, date], message: str) -> None:
    with pytest.raises(ValueError, match=r"once|opens_on") as refused:
        CadenceRule(Cadence.ONCE, **fields)  # type: ignore[arg-type]
    assert str(refused.value) == message


def test_a_duty_owed_once_has_no_second_window() -> None:
    with pytest.raises(ValueError, match=r"^cadence once has window 0 only, not 1$"):
        window(once(), 1, CHINA)


@pytest.mark.parametrize(
    ("opens_on", "ends_on", "labels"),
    [
        (date(2025, 3, 31), date(2025, 5, 1), ["2025年3月", "2025年4月", "2025年5月"]),
        (date(2025, 4, 1), date(2025, 4, 30), ["2025年4月"]),
        (date(2025, 4, 1), date(2025, 3, 31), []),
    ],
)
def test_windows_exist_from_the_one_opens_on_lies_in_to_the_one_ends_on_lies_in(
    opens_on: date, ends_on: date, labels: list[str]
) -> None:
    tested = rule(Cadence.MONTHLY, opens_on=opens_on, ends_on=ends_on)
    assert [found.label for found in windows(tested, date(2025, 1, 1), date(2026, 1, 1), CHINA)] == labels
    months = [window_at(tested, date(2025, month, 1), CHINA) for month in range(1, 13)]
    assert [found.label for found in months if found] == labels


PROVISIONAL_FROM = date(CHINA.published_until, 12, 1)


@pytest.mark.parametrize(
    ("due", "roll", "day", "provisional"),
    [
        ("end", Roll.NONE, PROVISIONAL_FROM, False),
        ("end", Roll.NEXT_WORKDAY, PROVISIONAL_FROM, True),
        ("end", Roll.NEXT_WORKDAY, PROVISIONAL_FROM - DAY, False),
        ("end-3wd", Roll.NONE, PROVISIONAL_FROM, True),
        ("end-30wd", Roll.NONE, PROVISIONAL_FROM, True),
        ("end-40d", Roll.NEXT_WORKDAY, PROVISIONAL_FROM, False),
        ("start+3wd", Roll.NONE, PROVISIONAL_FROM - DAY, False),
        ("workday -1", Roll.NONE, PROVISIONAL_FROM - DAY, False),
        ("workday 1", Roll.NONE, PROVISIONAL_FROM, True),
        ("end+1wd", Roll.NONE, PROVISIONAL_FROM - DAY, True),
        ("after day 5", Roll.PREVIOUS_WORKDAY, PROVISIONAL_FROM - DAY, True),
    ],
)
def test_a_due_date_is_provisional_exactly_when_a_paper_to_come_may_move_it(
    due: str, roll: Roll, day: date, provisional: bool
) -> None:
    found = window_at(rule(Cadence.MONTHLY, due, roll=roll), day, CHINA)
    assert found is not None
    assert found.provisional is provisional


@given(RULES, DAYS, DAYS, st.booleans())
def test_only_provisional_due_dates_move_when_a_later_day_of_the_calendar_changes(
    tested: CadenceRule, day: date, changed: date, working: bool
) -> None:
    changed = max(changed, PROVISIONAL_FROM)
    before = window_at(tested, day, CHINA)
    after = window_at(tested, day, WorkCalendar.china([DayOverride(changed, working, "x")]))
    assert before is not None
    assert before.provisional or before == after


def test_a_window_can_say_why_it_is_due_when_it_is() -> None:
    tested = rule(Cadence.MONTHLY, "after day 5", roll=Roll.NEXT_WORKDAY)
    found = window_at(tested, date(2025, 9, 1), CHINA)
    assert found is not None
    assert explain_window(tested, found, CHINA) == [
        ("cadence", "monthly"),
        ("window", "2025-09-01..2025-09-30"),
        ("rule", "after day 5"),
        ("precision", "day"),
        ("formal due", "2025-10-05"),
        ("roll", "next_workday: 2025-10-05 -> 2025-10-09"),
        ("calendar", f"published until {CHINA.published_until}"),
    ]
