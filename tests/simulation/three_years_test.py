"""Three years of a real plan: what is claimed to be done is struck off and looked at again, and none is forgotten."""

from collections import Counter

from config.settings import HERE
from foresight.simulation import load_scenario
from foresight.simulation.scenario import Closing
from plan.loader import load_plan
from plan.policy import Policy, load_policy
from plan.types import DutyKind
from tests.simulation.conftest import Simulate


def test_after_three_years_everything_is_filed_or_goes_on(simulated: Simulate, policy: Policy) -> None:
    plan = load_plan(HERE / "plans" / "ezhou-2024.yaml")
    shipped = load_policy(HERE / "policy.yaml")
    rules = policy.model_copy(update={"closure": shipped.closure, "lookback": shipped.lookback})
    closing = Closing(returned=1, objection="东侧没有修好", rebounds=["*"])
    scenario = load_scenario("on-time").model_copy(update={"closing": closing})
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
