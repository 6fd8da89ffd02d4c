"""A stretch of supervision on a virtual clock: the real ledger commands, a scratch ledger, letters only noted."""

from tasks.simulation.result import Simulation
from tasks.simulation.run import simulate
from tasks.simulation.scenario import Scenario, load_scenario

__all__ = ["Scenario", "Simulation", "load_scenario", "simulate"]
