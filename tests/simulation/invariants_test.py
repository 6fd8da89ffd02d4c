"""On random plans, calendars, policies and behaviours: whatever people do, what always holds does hold.

The checks themselves are held to account in checks_test.py: each of them sees the fault it is there for.
"""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import HERE
from foresight.simulation import Scenario, Simulation, load_scenario
from plan.loader import load_plan
from plan.model import Plan
from plan.overrides import DayOverride
from plan.policy import Offset, Policy
from plan.types import Cadence
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime
from tests.plans import ROLES, duty, measure, plan_of
from tests.simulation.conftest import Simulate

FIRST = date(2025, 1, 6)
CHANNELS: list[dict[str, str]] = [
    {"outbox": ""},
    {"phone": "1"},
    {"phone": "1", "mail": "a"},
    {"mail": "a", "outbox": ""},
]
RECURRING = [one.value for one in Cadence if one not in (Cadence.ONCE, Cadence.YEARLY, Cadence.HALF_YEARLY)]
DAYS = st.integers(0, 60).map(lambda days: FIRST + timedelta(days=days))


@st.composite
def duties(draw: st.DrawFn, key: str) -> dict[str, Any]:
    """A recurring duty, or one with a single date, that may have passed already."""
    if draw(st.booleans()):
        due = draw(st.sampled_from(["end", "end-3wd", "end+5d", "start+9d", "day 25", "after day 5"]))
        roll = draw(st.sampled_from(["none", "previous_workday", "next_workday", "nth_workday_after"]))
        receiver = draw(st.sampled_from([None, "省厅"]))
        return duty(key, cadence=draw(st.sampled_from(RECURRING)), due=due, roll=roll, receiver=receiver)
    due_on = draw(DAYS) - timedelta(days=20)
    return duty(key, kind="finish", cadence="once", due_on=str(due_on), title="完成")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to three measures with up to two duties; some rungs may have nobody on them."""
    measures = [
        measure(
            f"0{number}-1",
            duties=[draw(duties(f"d{one}")) for one in range(draw(st.integers(1, 2)))],
            warn_days=draw(st.none() | st.integers(1, 15)),
        )
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    roles = {name: {"name": name, "channels": draw(st.sampled_from(CHANNELS))} for name in ROLES}
    posts = {
        name: [name] if draw(st.sampled_from([True, True, False])) else [] for name in ("deputy", "head", "discipline")
    }
    units = {"water": {"name": "水科", "handler": ["handler"], "leader": draw(st.sampled_from([["leader"], []]))}}
    return plan_of(*measures, roles=roles, units=units, audiences=posts | {"office": ["office"]})


@st.composite
def offices(draw: st.DrawFn, policy: Policy) -> tuple[WorkTime, Policy]:
    """A work calendar with days off and make-up days of its own, other hours, other rungs."""
    marked = draw(st.dictionaries(DAYS, st.booleans(), max_size=25))
    calendar = WorkCalendar.china(DayOverride(day, working, "试") for day, working in marked.items())
    hours = policy.hours.model_copy(
        update={
            "open": draw(st.sampled_from([time(8, 30), time(9), time(0)])),
            "close": draw(st.sampled_from([time(17, 30), time(12), time(23, 59)])),
            "exempt": draw(st.sampled_from([frozenset(), frozenset({"outbox"}), frozenset({"phone"})])),
        }
    )
    hold = Offset(count=draw(st.integers(1, 3)), unit="wd")
    changed = {"hours": hours, "acknowledge_hold": hold, "short_until_days": draw(st.sampled_from([1, 35, 400]))}
    zone = ZoneInfo(draw(st.sampled_from(["Asia/Shanghai", "Asia/Shanghai", "America/New_York"])))
    return WorkTime(calendar, hours, zone), policy.model_copy(update=changed)


WHEN = st.sampled_from(
    ["open", "open+1d", "due-5wd", "due-2wd", "due", "due+1d", "due+2wd", "due+5wd", "due+12wd", "never"]
)
LATER = st.sampled_from(["+0wd", "+1wd", "+2wd", "+5d"])
EVER = LATER | st.just("never")
BEHAVIOUR = {
    "report": WHEN,
    "percent": st.integers(0, 100),
    "returned": st.integers(0, 2),
    "again": LATER,
    "review": EVER,
    "ask": st.sampled_from(["never", "open", "due-5wd", "due-1wd", "due"]),
    "longer": st.sampled_from(["+1wd", "+10d", "+40d"]),
    "decide": EVER,
    "grant": st.booleans(),
    "acknowledge": EVER,
    "instruct": EVER,
    "limit": LATER,
}


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A default, up to two rules about some periods, and channels that fail for some hours or days."""
    rules = [
        draw(st.fixed_dictionaries({}, optional=BEHAVIOUR)) | {"where": {"ordinal": draw(st.integers(1, 3))}}
        for _ in range(draw(st.integers(0, 2)))
    ]
    outages = []
    for _ in range(draw(st.integers(0, 2))):
        start = f"{draw(DAYS)}T{draw(st.integers(0, 23)):02}:00"
        end = f"{date.fromisoformat(start[:10]) + timedelta(days=draw(st.integers(1, 6)))}T12:00"
        outages.append({"channel": draw(st.sampled_from(["phone", "mail", "outbox"])), "from": start, "to": end})
    default = draw(st.fixed_dictionaries({}, optional=BEHAVIOUR))
    papers = {"after": draw(EVER)}
    return Scenario.model_validate(
        {"title": "试", "about": "试", "default": default, "rules": rules, "outages": outages, "papers": papers}
    )


def _broken(found: Simulation) -> list[object]:
    return [check for check in found.checks if not check.kept]


@settings(max_examples=25)
@given(data=st.data(), plan=plans(), scenario=scenarios(), days=st.integers(5, 60))
def test_whatever_people_do(
    simulated: Simulate, policy: Policy, data: st.DataObject, plan: Plan, scenario: Scenario, days: int
) -> None:
    where, rules = data.draw(offices(policy))
    last = str(FIRST + timedelta(days=days))
    found = simulated(scenario, first=str(FIRST), last=last, plan=plan, where=where, rules=rules)
    assert _broken(found) == []
    if days < 15:
        assert simulated(scenario, first=str(FIRST), last=last, plan=plan, where=where, rules=rules) == found


@pytest.mark.parametrize("name", ["on-time", "late", "silent"])
def test_a_year_of_ezhou(simulated: Simulate, name: str) -> None:
    plan = load_plan(Path(HERE / "plans" / "ezhou-2024.yaml"))
    found = simulated(load_scenario(name), first="2025-01-17", last="2026-01-16", plan=plan)
    assert _broken(found) == []
    assert len(found.periods) == 264
    expected = {"on-time": "on_time", "late": "late", "silent": "overdue"}[name]
    assert set(found.outcomes()) == {expected, "open"}
    assert bool(found.sheets) == (name != "on-time")
    assert max(one.most_a_day for one in found.people()) == 1
