"""Stop-watch, medians, tables, and the machine they were taken on: what every part of the bench shares."""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from time import perf_counter


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes, once."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_seconds(runs: int, work: Callable[[], object]) -> float:
    """The median of ``runs`` timings of ``work``."""
    return median(seconds(work) for _ in range(runs))


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as Markdown, ready for ``docs/performance.md``."""
    print(f"\n### {title}\n\n| {' | '.join(heads)} |\n|{' ---: |' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def progress(text: str) -> None:
    """Say on standard error what is being measured; the tables on standard output stay clean."""
    print(f"… {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """One line about this machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the start"
    )
