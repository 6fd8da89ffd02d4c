"""The work calendar agrees with what was published, and knows what is not yet."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.overrides import DayOverride, PublishedYear, load_overrides
from plan.types import Roll
from plan.yaml_reader import FileProblems
from rules.calendar import WorkCalendar

CHINA = WorkCalendar.china()
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
MARGIN_DAYS = st.dates(date(1992, 1, 1), date(2098, 12, 31))
NUMBERS = st.integers(-250, 250)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 1, 26), True),  # Sunday, worked for the Spring Festival
        (date(2025, 2, 8), True),  # Saturday, likewise
        (date(2025, 1, 28), False),  # Tuesday, New Year's Eve by the lunar calendar
        (date(2025, 2, 4), False),  # Tuesday off in exchange for 02-08
        (date(2025, 1, 25), False),  # a plain Saturday
        (date(2025, 3, 12), True),  # a plain Wednesday
        (date(2011, 12, 31), True),  # Saturday, moved by the paper of 2012
        (date(2018, 12, 29), True),  # Saturday, worked for 2018-12-31
        (date(2020, 1, 31), False),  # Friday, added in January 2020
        (date(2019, 5, 2), False),  # Thursday, added in March 2019
        (date(2015, 9, 3), False),  # Thursday, added in May 2015
    ],
)
def test_published_days_are_as_the_papers_say(day: date, working: bool) -> None:
    assert CHINA.is_workday(day) is working


def test_the_make_up_days_of_2026_are_exactly_the_published_six() -> None:
    year = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    worked = [day for day in year if day.isoweekday() > 5 and CHINA.is_workday(day)]
    assert worked == [date(2026, *month_day) for month_day in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]]


@pytest.mark.parametrize(
    ("first", "last", "workdays"),
    [
        (date(2023, 7, 27), date(2023, 8, 9), 10),
        (date(2023, 1, 9), date(2023, 1, 20), 10),
        (date(2025, 1, 21), date(2025, 2, 8), 10),
        (date(2024, 9, 29), date(2024, 10, 9), 4),
        (date(2019, 12, 13), date(2019, 12, 19), 5),
    ],
)
def test_publicity_windows_of_real_notices_have_the_working_days_found_by_hand(
    first: date, last: date, workdays: int
) -> None:
    assert CHINA.count_workdays(first, last) == workdays
    assert CHINA.publicity_end(first, workdays) == last


def test_a_publicity_window_that_starts_on_a_rest_day_counts_from_the_next_working_day() -> None:
    assert CHINA.publicity_end(date(2025, 10, 1), 1) == date(2025, 10, 9)


@pytest.mark.parametrize("workdays", [0, -1])
def test_a_publicity_window_without_a_working_day_is_refused(workdays: int) -> None:
    with pytest.raises(ValueError, match=f"^a publicity has at least one working day, not {workdays}$"):
        CHINA.publicity_end(date(2025, 3, 3), workdays)


def test_years_after_the_last_paper_and_the_december_before_them_are_provisional() -> None:
    last = CHINA.published_until
    assert last >= 2026
    assert not CHINA.provisional(date(last, 11, 30))
    assert CHINA.provisional(date(last, 12, 1))
    assert CHINA.provisional(date(last + 1, 6, 1))
    assert not CHINA.provisional(date(1995, 12, 31))


def test_the_package_at_hand_ends_with_2026() -> None:
    """Fails when a newer package brings 2027: then this file and the make-up days above want a new year."""
    assert CHINA.published_until == 2026
    assert CHINA.provisional(date(2027, 3, 1))


def test_an_unpublished_year_still_rests_on_the_days_the_law_names() -> None:
    assert not CHINA.is_workday(date(2029, 10, 1))  # Monday
    assert not CHINA.is_workday(date(2030, 5, 1))  # Wednesday
    assert CHINA.is_workday(date(2030, 3, 12))


@given(DAYS)
def test_every_year_has_an_answer(day: date) -> None:
    assert CHINA.previous_workday(day) <= day <= CHINA.next_workday(day)
    assert (CHINA.next_workday(day) == day) is CHINA.is_workday(day) is (CHINA.previous_workday(day) == day)
    assert CHINA.next_workday(day) - CHINA.previous_workday(day) < timedelta(days=13)


@given(MARGIN_DAYS, NUMBERS)
def test_adding_working_days_and_taking_them_away_comes_back(day: date, number: int) -> None:
    start = CHINA.next_workday(day)
    assert CHINA.add_workdays(CHINA.add_workdays(start, number), -number) == start


@given(MARGIN_DAYS, NUMBERS)
def test_one_working_day_more_is_strictly_later(day: date, number: int) -> None:
    assert CHINA.add_workdays(day, number) < CHINA.add_workdays(day, number + 1)


@given(MARGIN_DAYS, st.integers(1, 250))
def test_adding_lands_on_the_working_day_whose_count_it_is(day: date, number: int) -> None:
    end = CHINA.add_workdays(day, number)
    assert CHINA.is_workday(end)
    assert CHINA.count_workdays(day + timedelta(days=1), end) == number


@given(DAYS)
def test_adding_no_working_days_changes_nothing(day: date) -> None:
    assert CHINA.add_workdays(day, 0) == day


@given(MARGIN_DAYS, st.integers(1, 60))
def test_a_publicity_window_has_its_working_days_and_ends_on_one(first: date, workdays: int) -> None:
    end = CHINA.publicity_end(first, workdays)
    assert CHINA.is_workday(end)
    assert CHINA.count_workdays(first, end) == workdays


def test_counting_backwards_is_no_working_days() -> None:
    assert CHINA.count_workdays(date(2025, 3, 5), date(2025, 3, 4)) == 0


@given(MARGIN_DAYS, st.sampled_from([roll for roll in Roll if roll is not Roll.NONE]), st.integers(1, 10))
def test_a_rolled_date_is_a_working_day_and_a_working_day_stays(day: date, roll: Roll, workdays: int) -> None:
    rolled = CHINA.roll(day, roll, workdays)
    assert CHINA.is_workday(rolled)
    assert (rolled == day) is CHINA.is_workday(day)


@pytest.mark.parametrize(
    ("roll", "expected"),
    [
        (Roll.NONE, date(2025, 10, 5)),
        (Roll.PREVIOUS_WORKDAY, date(2025, 9, 30)),
        (Roll.NEXT_WORKDAY, date(2025, 10, 9)),
        (Roll.NTH_WORKDAY_AFTER, date(2025, 10, 10)),
    ],
)
def test_a_date_in_the_national_holiday_rolls_as_the_duty_says(roll: Roll, expected: date) -> None:
    assert CHINA.roll(date(2025, 10, 5), roll, 2) == expected


def test_an_override_changes_its_day_and_no_other() -> None:
    local = WorkCalendar.china([DayOverride(date(2025, 3, 12), False, "x"), DayOverride(date(2025, 3, 15), True, "x")])
    spring = [date(2025, 3, 1) + timedelta(days=offset) for offset in range(31)]
    changed = [day for day in spring if local.is_workday(day) is not CHINA.is_workday(day)]
    assert changed == [date(2025, 3, 12), date(2025, 3, 15)]
    assert CHINA.is_workday(date(2025, 3, 12))


def test_a_year_declared_published_is_the_law_plus_what_was_entered() -> None:
    year = CHINA.published_until + 1
    declared = WorkCalendar.china([PublishedYear(year, "x"), DayOverride(date(year, 11, 20), False, "x")])
    assert declared.published_until == year
    assert not declared.provisional(date(year, 11, 30))
    assert declared.provisional(date(year, 12, 1))
    assert not declared.is_workday(date(year, 10, 1))
    assert not declared.is_workday(date(year, 11, 20))


def test_the_usual_substitute_days_give_way_to_an_entered_paper() -> None:
    assert not CHINA.is_workday(date(2027, 10, 4))  # Monday after a weekend in the holiday, an estimate
    assert WorkCalendar.china([PublishedYear(2027, "x")]).is_workday(date(2027, 10, 4))


def test_a_year_declared_after_a_gap_is_not_yet_published() -> None:
    gap = WorkCalendar.china([PublishedYear(CHINA.published_until + 2, "x")])
    assert gap.published_until == CHINA.published_until


def test_overrides_are_read_in_the_order_of_file_names(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("workdays: [2027-02-20]\n")
    (tmp_path / "a.yaml").write_text("# paper\npublished: [2027]\nholidays:\n  - 2027-02-08\n")
    (tmp_path / "c.yaml").write_text("# nothing yet\n")
    (tmp_path / "README.md").write_text("not read")
    assert load_overrides(tmp_path) == [
        PublishedYear(2027, "a.yaml"),
        DayOverride(date(2027, 2, 8), False, "a.yaml"),
        DayOverride(date(2027, 2, 20), True, "b.yaml"),
    ]


def test_a_folder_that_does_not_exist_has_no_overrides(tmp_path: Path) -> None:
    assert load_overrides(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("holidays:\n  - 2027-02-30\n", "x.yaml:2: holidays 第1项: “2027-02-30”不是日期，请写成 2025-05-31"),
        ("holidays:\n  - 2027-13-01\n", "x.yaml:2: holidays 第1项: “2027-13-01”不是日期，请写成 2025-05-31"),
        ("workdays: [soon]\n", "x.yaml:1: workdays 第1项: “soon”不是日期，请写成 2025-05-31"),
        ("published:\n  - 2027-01-01\n", "x.yaml:2: published 第1项: “2027-01-01”不是年份，请写成 2027"),
        ("published: [0]\n", "x.yaml:1: published 第1项: “0”不是年份，请写成 2027"),
        ("\nholiday: []\n", "x.yaml:2: holiday: 不是这里的栏目；是否应为“holidays”？"),
        ("holidays: 2027-02-08\n", "x.yaml:1: holidays: 须为列表，不能是“2027-02-08”"),
        ("- 2027-02-08\n", "x.yaml:1: 文件: 须为键值，不能是一组值"),
        ("holidays: [2027-02-08\n", "x.yaml:2: 文件: 括号、引号或缩进没有配好；请核对本行及上一行"),
        (
            "holidays: [2027-02-08]\nworkdays: [2027-02-08]\n",
            "x.yaml:2: workdays 第1项: 2027-02-08既是假日又是工作日（另见 x.yaml）；请只留一处",
        ),
    ],
)
def test_a_bad_override_file_is_refused_with_file_and_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(FileProblems) as refused:
        load_overrides(tmp_path)
    assert str(refused.value) == expected


def test_what_is_wrong_in_several_override_files_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("holidays: [2027-02-08, soon]\n")
    (tmp_path / "b.yaml").write_text("holidays: [2027-02-09]\n")
    (tmp_path / "c.yaml").write_text("workdays: [2027-02-09]\nyears: []\n")
    with pytest.raises(FileProblems) as refused:
        load_overrides(tmp_path)
    assert [(one.file, one.where) for one in refused.value.problems] == [
        ("a.yaml", "holidays 第2项"),
        ("c.yaml", "years"),
    ]


def test_a_file_that_is_not_text_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(FileProblems, match=r"^x\.yaml:1: 文件: 不是UTF-8编码"):
        load_overrides(tmp_path)
