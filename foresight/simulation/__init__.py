"""A stretch of supervision on a virtual clock: the real ledger commands, a scratch ledger, letters only noted."""

from foresight.simulation.result import Simulation
from foresight.simulation.run import simulate
from foresight.simulation.scenario import Scenario, load_scenario

__all__ = ["Scenario", "Simulation", "load_scenario", "simulate"]
