"""Whole months as people write and name them."""

from datetime import date

import pytest

from rules.month_span import MonthSpan, months, months_of, read_months
from text.refusals import Refusal

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("written", "first", "last", "label"),
    [
        ("2025-03", date(2025, 3, 1), date(2025, 3, 31), "2025年3月"),
        ("2025-3..4", date(2025, 3, 1), date(2025, 4, 30), "2025年3—4月"),
        ("2025-03..04", date(2025, 3, 1), date(2025, 4, 30), "2025年3—4月"),
        ("2025-11..2026-02", date(2025, 11, 1), date(2026, 2, 28), "2025年11月—2026年2月"),
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31), "2026年3月"),
    ],
)
def test_are_read_and_called_as_periods_are(written: str, first: date, last: date, label: str) -> None:
    found = read_months(written, TODAY)
    assert (found, found.label) == (MonthSpan(first, last), label)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2025-04..03", "months_backwards"),
        ("2025-04..2024-05", "months_backwards"),
        ("2024-01..2025-01", "months_too_many"),
        ("2026-04", "months_to_come"),
        *((wrong, "months_wrong") for wrong in ("", "2025", "2025-0", "2025-13", "2025-01..13", "2025-01...02")),
        *((wrong, "months_wrong") for wrong in ("２０２５-01", "2025/01", "2025-01-01", "9999-01..9999-02", "0001-01")),
    ],
)
def test_are_refused_where_they_are_none(written: str, code: str) -> None:
    with pytest.raises(Refusal) as told:
        read_months(written, TODAY)
    assert told.value.code == code


def test_are_counted_across_the_end_of_a_year() -> None:
    assert months(2025, 0) == months(2024, 12) == MonthSpan(date(2024, 12, 1), date(2024, 12, 31))
    assert months(2025, -1, 2) == MonthSpan(date(2024, 11, 1), date(2024, 12, 31))
    assert months(2024, 2).last == date(2024, 2, 29)


def test_are_found_in_a_window_of_whole_months_alone() -> None:
    assert months_of(date(2025, 1, 1), date(2025, 3, 1)) == months(2025, 1, 2)
    assert months_of(date(2025, 1, 2), date(2025, 3, 2)) is None
    assert months_of(date(2025, 1, 1), date(2025, 1, 8)) is None
