"""``python -m bench`` prints the tables of every part; ``--full`` adds a ledger of a million, and 10 000 messages."""

import argparse
import subprocess
import sys
from collections.abc import Callable

from bench import delivery, documents, engines, forecast, pages, papers, peers, simulation, sweep
from bench.measuring import machine

SIZES = (10_000, 100_000)
MILLION = 1_000_000
BURST = (sys.executable, "-m", "bench.burst")
"""In a process of its own: it sets up the environment of a Prefect server."""
QUICK_BURST = ("--limits", "4", "--engines", "postgresql")


def main() -> None:
    """Run the chosen parts, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parts: dict[str, Callable[[], object]] = {
        "sweep": lambda: sweep.main((*SIZES, MILLION) if asked.full else SIZES, asked.runs),
        "peers": lambda: peers.main(asked.runs),
        "forecast": lambda: forecast.main(asked.runs),
        "simulation": lambda: simulation.main(asked.runs),
        "documents": lambda: documents.main(asked.runs),
        "papers": lambda: papers.main(asked.runs),
        "delivery": lambda: delivery.main(10_000 if asked.full else 1_000),
        "engines": lambda: engines.main(asked.runs),
        "pages": pages.main,
        "burst": lambda: subprocess.run([*BURST, *([] if asked.full else QUICK_BURST)], check=True),
    }
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--full", action="store_true", help="also a million open periods, and 10 000 messages")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is taken (3)")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(machine(), flush=True)
    for name in asked.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
