"""From when until when a recurrence is owed: read with it, so that nobody is asked too early or for ever."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import read_limit, read_wording

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))

STRETCHES = [
    ("自2025年3月起，每月25日前向市整改办报送", "2025-03-01", None, True),
    ("从2025年2月10日起每周报送", "2025-02-10", None, True),
    ("2025年二季度开始，每季度检查一次", "2025-04-01", None, True),
    ("自今年3月起，每月报送", "2025-03-01", None, True),
    ("自3月起，每月报送", "2025-03-01", None, False),
    ("3月至5月，每周调度", "2025-03-01", "2025-05-31", False),
    ("2025年3月至12月，每月25日前报送", "2025-03-01", "2025-12-31", True),
    ("2025年3月1日至6月30日每周调度", "2025-03-01", "2025-06-30", True),
    ("2025年11月至2026年2月，每周巡查", "2025-11-01", "2026-02-28", True),
    ("2025年内每两个月督导一次", None, "2025-12-31", True),
    ("年内每月督导一次", None, "2025-12-31", False),
    ("2025年底前每月调度一次", None, "2025-12-31", False),
]


@pytest.mark.parametrize(("sentence", "first", "last", "certain"), STRETCHES)
def test_a_date_directly_before_a_recurrence_bounds_it_and_is_no_limit(sentence, first, last, certain):
    (hint,) = read_wording(sentence, PAGE).hints
    assert hint.cadence is not None
    given = hint.as_dict()
    assert (given.get("opens_on"), given.get("ends_on"), hint.certain) == (first, last, certain)
    assert all(str(day) in hint.note for day in (first, last) if day)


@pytest.mark.parametrize("sentence", ["2025年底前，每月调度一次", "2025年12月底前完成整改，每月调度一次"])
def test_a_limit_that_stands_apart_stays_a_limit(sentence):
    limit, recurrence = read_wording(sentence, PAGE).hints
    assert (limit.due, recurrence.cadence, recurrence.ends_on) == ("2025-12-31", "monthly", None)


def test_what_recurred_in_a_stretch_that_is_over_is_not_owed():
    assert read_wording("2024年3月至12月，每月调度一次", PAGE).hints == ()


@pytest.mark.parametrize("sentence", ["自反馈之日起，每月报送", "自2025年2月30日起，每月报送"])
def test_a_beginning_without_a_day_of_the_calendar_bounds_nothing(sentence):
    (hint,) = read_wording(sentence, PAGE).hints
    assert (hint.cadence, hint.opens_on, hint.ends_on) == ("monthly", None, None)


@pytest.mark.parametrize("sentence", ["自3月起，每月报送", "3月至5月，每月调度"])
def test_a_month_without_a_year_that_would_lie_far_ahead_bounds_nothing(sentence):
    (hint,) = read_wording(sentence, DocumentDates(published_on=date(2025, 7, 10))).hints
    assert (hint.cadence, hint.opens_on, hint.ends_on) == ("monthly", None, None)


def test_in_a_column_of_limits_the_date_is_the_limit():
    assert read_limit("2025年3月至12月，每月一次", PAGE).due == date(2025, 12, 31)
