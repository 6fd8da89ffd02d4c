"""Three years of a real plan: what is claimed to be done is struck off and looked at again, papers go out, and
none of it is forgotten."""

from collections import Counter

from config.settings import HERE
from foresight.simulation import load_scenario
from foresight.simulation.scenario import Closing, Papers
from plan.loader import load_plan
from plan.policy import Policy, load_policy
from plan.types import DutyKind, Level
from tests.simulation.conftest import Simulate


def test_after_three_years_everything_is_filed_or_goes_on(simulated: Simulate, policy: Policy) -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    shipped = load_policy(HERE / "policy.yaml")
    rules = policy.model_copy(update={"closure": shipped.closure, "lookback": shipped.lookback})
    closing = Closing(returned=1, objection="东侧没有修好", rebounds=["*"])
    exceptions = [
        {"kind": "province", "ordinal": [2, 7], "after": "+30d"},
        {"kind": "province", "ordinal": [5, 18], "after": "never"},
        {"kind": "dispatch", "ordinal": 3, "after": "+60d"},
        {"kind": "dispatch", "ordinal": [4, 36], "after": "never"},
    ]
    papers = Papers.model_validate({"rules": exceptions})
    scenario = load_scenario("on-time").model_copy(update={"closing": closing, "papers": papers})
    found = simulated(scenario, "2025-01-17", "2028-01-16", plan, rules=rules)
    assert [check for check in found.checks if not check.kept] == []
    assert found.refused == ()
    done = Counter(act.command for act in found.acts)
    to_finish = sum(
        any(duty.kind is DutyKind.FINISH for duty in measure.duties) and measure.state != "closed"
        for finding in plan.findings
        for measure in finding.measures
    )
    assert done["close"] >= to_finish
    assert done["reopen"] >= 1
    # Each return and each objection is answered before anything goes on, each rebound is struck off anew.
    assert done["close"] == done["begin-closure"] == to_finish + done["reopen"]
    # A report every two months, a brief every month; what was left for long is late, or open and chased to the end.
    assert Counter(one.kind for one in found.papers) == {"province": 18, "dispatch": 36}
    assert found.paper_outcomes() == {"released": 48, "late": 2, "left": 4}
    assert done["release"] == 50
    reports = {one.label: (one.outcome, one.worst) for one in found.periods if one.outcome not in ("on_time", "open")}
    assert reports == {
        "2025年3—4月": ("late", Level.RED),
        "2025年9—10月": ("overdue", Level.RED),
        "2026年1—2月": ("late", Level.YELLOW),
        "2027年11—12月": ("overdue", Level.YELLOW),
    }
