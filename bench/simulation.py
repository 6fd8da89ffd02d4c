"""(g) A simulated year of the Ezhou plan: the ledger's own commands on a virtual clock, in a scratch ledger."""

from datetime import date

from bench.ground import POLICY, WORK_TIME, temporary_home
from bench.measuring import median_seconds, progress, show
from cli.main import collect_rarely
from config.settings import HERE
from db.embedded import embedded_ledger
from foresight.simulation import load_scenario, simulate
from plan.loader import load_plan

FIRST, LAST = date(2025, 1, 17), date(2026, 1, 16)
SCENARIOS = ("on-time", "late", "silent")


def main(runs: int) -> None:
    """Print the table; the seconds include making the scratch ledger."""
    collect_rarely()
    plan = load_plan(HERE / "plans/ezhou-2024.yaml")
    ledger = embedded_ledger(temporary_home())
    rows = []
    for name in SCENARIOS:
        progress(f"a year, {name}")
        found = simulate(plan, load_scenario(name), WORK_TIME, POLICY, FIRST, LAST, ledger)
        taken = median_seconds(
            runs, lambda name=name: simulate(plan, load_scenario(name), WORK_TIME, POLICY, FIRST, LAST, ledger)
        )
        rows.append((name, len(found.periods), len(found.letters), len(found.sheets), f"{taken:.2f}"))
    show("A simulated year", ("scenario", "periods", "letters", "escalations", "seconds"), rows)
