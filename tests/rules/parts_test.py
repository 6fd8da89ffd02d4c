"""When a part is due and when its unit hears of it, from the dates alone."""

from datetime import date

import pytest
from pydantic import ValidationError

from plan.policy import Parts
from rules.parts import first_asked, next_reminder, part_due, same_words
from rules.work_time import WorkTime
from tests.conftest import at

SHIPPED = Parts()
FRIDAY = date(2025, 2, 28)


def test_a_part_is_due_before_the_report_and_never_before_it_is_asked(work_time: WorkTime) -> None:
    assert part_due(FRIDAY, date(2025, 2, 5), SHIPPED, work_time) == date(2025, 2, 25)
    in_days = Parts.model_validate({"days_before": "5d"})
    assert part_due(FRIDAY, date(2025, 2, 5), in_days, work_time) == date(2025, 2, 23)
    assert part_due(FRIDAY, FRIDAY, SHIPPED, work_time) == FRIDAY  # of one day
    assert part_due(FRIDAY, date(2025, 3, 10), SHIPPED, work_time) == date(2025, 3, 10)  # past already


def test_a_unit_is_reminded_before_it_is_late_and_then_again_and_again(work_time: WorkTime) -> None:
    due, days = date(2025, 2, 25), [date(2025, 2, 5)]
    while len(days) < 5:
        days.append(next_reminder(due, days[-1], SHIPPED, work_time))
    assert [f"{day:%m-%d}" for day in days] == ["02-05", "02-24", "02-26", "03-05", "03-12"]


def test_what_opens_at_night_or_on_a_holiday_is_asked_when_people_work(work_time: WorkTime) -> None:
    assert first_asked(at("2025-03-01T00:00"), work_time) == at("2025-03-03T08:30")
    assert first_asked(at("2025-03-03T10:00"), work_time) == at("2025-03-03T10:00")


def test_blanks_make_no_other_text() -> None:
    assert same_words("已清理\n 河道　三公里", "已清理河道三公里")
    assert not same_words("已清理河道三公里", "已清理河道四公里")


@pytest.mark.parametrize(
    "wrong", [{"days_before": "-3wd"}, {"remind": "-1d"}, {"again": "0d"}, {"days_before": "三天"}]
)
def test_a_distance_that_leads_nowhere_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Parts.model_validate(wrong)
