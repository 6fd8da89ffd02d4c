"""What activation would send, counted before anything is written."""

from datetime import date

from foresight.preview import preview
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import at
from tests.plans import duty, measure, plan_of


def test_what_opens_at_once_and_what_is_late_already(work_time: WorkTime, policy: Policy) -> None:
    late = duty("finish", kind="finish", title="完成整改", cadence="once", due_on="2025-02-28")
    found = preview(plan_of(measure(duties=[duty(), late])), work_time, policy, at("2025-03-03T09:00"))
    assert [(one.duty, one.due_on) for one in found.opening] == [
        ("每月报送", date(2025, 3, 31)),
        ("完成整改", date(2025, 2, 28)),
    ]
    assert [one.duty for one in found.overdue] == ["完成整改"]
    told = {name: (first, later) for name, first, later in found.per_recipient()}
    assert told["handler"][0] == 4  # two openings, and of what is late its last day and the yellow
    assert told["head"] == (0, 1)  # red, seven working days after the limit


def test_as_json_it_says_the_same(work_time: WorkTime, policy: Policy) -> None:
    found = preview(plan_of(measure()), work_time, policy, at("2025-03-03T09:00"))
    said = found.as_dict()
    assert (said["overdue"], said["assumed"]) == ([], 0)
    assert said["opening"] == [
        {"measure": "01-1", "duty": "每月报送", "label": "2025年3月", "due_on": date(2025, 3, 31)}
    ]
    assert sum(one["at_once"] for one in said["recipients"]) == found.at_once.total()
