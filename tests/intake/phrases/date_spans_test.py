"""The day arithmetic: months by the Civil Code, working days with make-up days, holidays, numerals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.chinese_numerals import numeral_value
from intake.phrases.date_spans import RelativeLimit, festival_span, months_span, third_span

DAYS = st.dates(date(2001, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-12-20", 2, "2025-02-20"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-08-31", 6, "2026-02-28"),
    ],
)
def test_a_limit_in_months_ends_on_the_same_day_number_or_the_last_one(start, months, end):
    assert RelativeLimit("feedback", months, "m").counted_from(date.fromisoformat(start)) == date.fromisoformat(end)


@given(DAYS, st.integers(0, 120))
def test_months_never_run_past_the_month_they_lead_to(day, months):
    end = RelativeLimit("feedback", months, "m").counted_from(day)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day <= day.day


def test_the_day_of_the_event_does_not_count():
    feedback = date(2024, 12, 20)
    assert RelativeLimit("feedback", 30, "d").counted_from(feedback) == date(2025, 1, 19)
    assert RelativeLimit("feedback", 1, "wd").counted_from(feedback) == date(2024, 12, 23)


def test_working_days_know_the_make_up_days():
    # 2025-01-26 (Sunday) and 2025-02-08 (Saturday) are worked, 01-28 to 02-04 are off.
    assert RelativeLimit("feedback", 30, "wd").counted_from(date(2024, 12, 20)) == date(2025, 2, 8)


def test_a_rule_is_written_as_people_read_it():
    assert str(RelativeLimit("receipt", 2, "m")) == "receipt+2m"


def test_spring_festival_begins_with_its_eve_where_that_is_free():
    assert festival_span(2025, "春节").first == date(2025, 1, 28)
    assert festival_span(2024, "春节").first == date(2024, 2, 10)


def test_the_last_third_of_a_month_ends_with_the_month():
    assert third_span(2024, 2, 3).last == date(2024, 2, 29)
    assert third_span(2025, 5, 1).last == date(2025, 5, 10)
    assert months_span(2025, 7, 6).last == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("5", 5), ("05", 5), ("五", 5), ("两", 2), ("十", 10), ("十五", 15), ("二十", 20), ("三十一", 31)],
        *[("廿五", 25), ("一百二十", 120), ("二〇二五", 2025), ("二零二五", 2025), ("二○二五", 2025)],
    ],
)
def test_numbers_are_read_in_digits_and_numerals(written, value):
    assert numeral_value(written) == value


@pytest.mark.parametrize("written", ["", "五月", "x"])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="no number"):
        numeral_value(written)


@given(st.integers(1, 99))
def test_every_numeral_below_a_hundred_is_read_back(value):
    tens, ones = divmod(value, 10)
    digits = "〇一二三四五六七八九"
    written = ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")
    assert numeral_value(written) == value
