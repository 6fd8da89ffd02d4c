"""The forecast of the Ezhou plan for a silent year, under version control: no rule changes a date unnoticed."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import HERE
from foresight.planned import planned
from plan.loader import load_plan
from plan.policy import load_policy
from rules.calendar import WorkCalendar
from rules.forecast import Event, forecast
from rules.work_time import WorkTime
from text.catalogue import term

GOLDEN = Path(__file__).with_name("ezhou-2025.txt")
RENEW = "python -m tests.forecast.golden"
FIRST, LAST = date(2025, 1, 17), date(2026, 1, 16)


def lines() -> list[str]:
    """One line for each event of the year, repeats after the first left out: they only go on at growing gaps."""
    policy = load_policy(HERE / "policy.yaml")
    work_time = WorkTime(WorkCalendar.china(), policy.hours, ZoneInfo("Asia/Shanghai"))
    now = datetime(2025, 1, 17, 9, tzinfo=work_time.zone)
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    found = forecast(planned(plan, policy, work_time, now).duties, policy, work_time, now, FIRST, LAST)
    return sorted(_line(event, work_time) for event in found if not _further_repeat(event))


def _further_repeat(event: Event) -> bool:
    return event.step is not None and event.step.key.startswith("repeat#") and event.step.key != "repeat#1"


def _line(event: Event, work_time: WorkTime) -> str:
    one, at = event.duty, event.at.astimezone(work_time.zone)
    when = f"{event.day} {at:%H:%M}" if event.step else f"{event.day} 24:00"
    what = f"{term(event.kind)} {event.step.key if event.step else '-'}"
    told = "、".join(person.name for person in event.recipients) or "-"
    marks = "".join((" 暂定" if event.provisional else "", f" 限{event.limit_on}" if event.limit_on else ""))
    return f"{when} {one.measure} {one.key} {event.period.label} {what} → {told}{marks}"
