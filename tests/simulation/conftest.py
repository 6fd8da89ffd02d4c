"""Simulations beside an office's ledger that nobody may touch."""

from collections.abc import Callable
from datetime import date

import pytest

from db.embedded import LEDGER
from foresight.simulation import Scenario, Simulation, simulate
from plan.model import Plan
from plan.policy import Policy
from rules.work_time import WorkTime
from tests.conftest import administer, as_account
from tests.plans import one_measure

Simulate = Callable[..., Simulation]


@pytest.fixture(scope="session")
def ledger(postgres: Callable[[str], str]) -> str:
    """The address of a ledger in whose cluster a simulation may make its own."""
    administer(postgres("postgres"), "CREATE DATABASE office TEMPLATE template_ledger")
    return as_account(postgres("office"), LEDGER)


@pytest.fixture(scope="session")
def simulated(ledger: str, work_time: WorkTime, policy: Policy) -> Simulate:
    """Runs a scenario (a ``Scenario``, or what its file would hold) on a plan of one monthly report."""

    def run(
        scenario: Scenario | dict[str, object],
        first: str = "2025-02-05",
        last: str = "2025-03-31",
        plan: Plan | None = None,
        where: WorkTime = work_time,
        rules: Policy = policy,
    ) -> Simulation:
        if isinstance(scenario, dict):
            scenario = Scenario.model_validate({"title": "试", "about": "试一试"} | scenario)
        days = date.fromisoformat(first), date.fromisoformat(last)
        return simulate(plan or one_measure(), scenario, where, rules, *days, ledger)

    return run
