"""``python -m bench`` prints one table a part; ``--full`` adds the ledger of a million periods, ``PART …`` chooses parts."""

import argparse
from collections.abc import Callable

from bench import burst, engines, forecast, peers, sweep
from bench.measuring import machine

SIZES = (10_000, 100_000)
MILLION = 1_000_000


def main() -> None:
    """Run the chosen parts, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parts: dict[str, Callable[[], object]] = {
        "sweep": lambda: sweep.main((*SIZES, MILLION) if asked.full else SIZES, asked.runs),
        "peers": lambda: peers.main(asked.runs),
        "forecast": lambda: forecast.main(asked.runs),
        "engines": lambda: engines.main(asked.runs),
        "burst": lambda: burst.main(),
    }
    parser.add_argument("parts", nargs="*", choices=[*parts, []], metavar="PART", help=", ".join(parts))
    parser.add_argument("--full", action="store_true", help="also a ledger of a million open periods")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is taken (3)")
    asked = parser.parse_args()
    print(machine())
    for name in asked.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
