"""How far a reader must go: our named functions, and their modules, that three everyday things enter.

``python -m bench.entered [-v]`` patrols the Ezhou plan once, delivers three letters, reads one small .docx.
"""

import argparse
import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from zoneinfo import ZoneInfo

from bench.rooms import ROOT, modules
from config import surroundings

LISTENER = "DUBAN_BENCH_ENTERED"
"""Names the socket on which a process that our code starts tells what it entered."""
ZONE = ZoneInfo("Asia/Shanghai")
ACTIVATED, PATROLLED = datetime(2025, 1, 17, 9, tzinfo=ZONE), datetime(2025, 5, 12, 9, 5, tzinfo=ZONE)
LETTERS = 3
PARAGRAPHS = (
    "中共某市水利局党组关于巡察整改进展情况的通报",
    "2024年7月9日至9月14日，市委第四巡察组对某市水利局党组进行了巡察，2024年12月20日反馈意见。",
    "一、反馈问题整改情况",
    "（一）关于“工程调度不够”问题的整改",
    "1.每月调度一次工程进度，按季度向市委报送整改情况。",
    "2.预计2025年5月底前完成管网改造并验收，并长期坚持。",
    "（二）关于“财务制度不健全”问题的整改",
    "1.已于2024年10月印发财务管理制度，定期开展抽查。",
)


@dataclass
class Entered:
    """Which named functions of the product were called, as (module, qualified name); in every thread and child."""

    found: set[tuple[str, str]] = field(default_factory=set)
    _files: dict[str, str] = field(default_factory=lambda: {str(one.path): one.name for one in modules()})
    _seen: set[CodeType] = field(default_factory=set)
    _importing: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def profile(self, frame: FrameType, what: str, _argument: Any) -> None:
        """What ``sys.setprofile`` calls. What a module does while it is imported is nobody's call."""
        code, thread = frame.f_code, threading.get_ident()
        if code.co_name == "<module>" and what in ("call", "return"):
            if code.co_filename in self._files and frame.f_globals.get("__name__") != "__main__":
                self._importing[thread] += 1 if what == "call" else -1
        elif what == "call" and code not in self._seen and not self._importing[thread]:
            self._seen.add(code)
            self._count(code)

    def _count(self, code: CodeType) -> None:
        """Lambdas and comprehensions have no name, and the body of a class is no function."""
        module = self._files.get(code.co_filename)
        if module and not code.co_name.startswith("<") and code.co_flags & CO_OPTIMIZED:
            self.found.add((module, code.co_qualname))

    def start(self) -> None:
        """Begin to count."""
        threading.setprofile(self.profile)
        sys.setprofile(self.profile)

    def stop(self) -> None:
        """Count no more."""
        sys.setprofile(None)
        threading.setprofile(None)


@contextmanager
def counting(home: Path) -> Iterator[Entered]:
    """Count until the block ends, what child processes enter as well: they find us by ``sitecustomize``."""
    entered = Entered()
    folder = home / "sitecustomize"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom bench.entered import tell\ntell()\nsys.path.pop(0)\n"
    )
    address = str(folder / "socket")
    # A process that is told nothing of the office is told where to say what it entered.
    surroundings.KEPT, known = (*surroundings.KEPT, LISTENER), surroundings.KEPT
    kept = {name: os.environ.get(name) for name in ("PYTHONPATH", LISTENER)}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.environ |= {"PYTHONPATH": str(folder), LISTENER: address}
        entered.start()
        try:
            yield entered
        finally:
            entered.stop()
            surroundings.KEPT = known
            for name, value in kept.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            entered.found |= _told(listener)
            os.unlink(address)


def _told(listener: socket.socket) -> set[tuple[str, str]]:
    """What the children that have ended left to hear."""
    found: set[tuple[str, str]] = set()
    listener.setblocking(False)
    while True:
        try:
            child, _ = listener.accept()
        except BlockingIOError:
            return found
        child.settimeout(30)
        with child, child.makefile() as words:
            found |= {(module, name) for module, name in json.loads(words.read() or "[]")}


def tell() -> None:
    """In a child process: count from now on, and say at the end what was entered. A socket needs no file written."""
    speaker = socket.socket(socket.AF_UNIX)
    speaker.connect(os.environ[LISTENER])
    entered = Entered()

    def say() -> None:
        entered.stop()
        with speaker:
            speaker.sendall(json.dumps(sorted(entered.found)).encode())

    atexit.register(say)
    entered.start()


def patrol() -> Callable[[], object]:
    """One patrol of the ledger in May of a plan activated in January: every kind of rung is due."""
    from config.settings import HERE
    from db import ledger
    from plan.loader import load_plan
    from tasks.context import ledger_context

    with ledger_context("bench", ACTIVATED) as ctx:
        ledger.activate(ctx, load_plan(HERE / "plans/ezhou-2024.yaml"))
    return lambda: ledger.patrol(lambda: ledger_context("bench", PATROLLED))


def letters() -> Callable[[], object]:
    """Messages of that patrol: leased, merged, rendered, sent to the folder channel, recorded."""
    from tasks.channels import delivery

    office = replace(delivery("bench", lambda: PATROLLED), batch=LETTERS)

    def deliver() -> None:
        results = [office.deliver(message) for message in office.lease()]
        assert results == ["sent"] * LETTERS, results

    with office.ledger_at(PATROLLED):
        pass  # a worker that delivers has long been connected and knows its settings
    return deliver


def paper() -> Callable[[], object]:
    """One small Word document, read in this process and in those it starts."""
    import docx

    from config.settings import settings
    from intake.draft import DocumentDates
    from intake.read_draft import read_draft

    file, document = settings().home / "small.docx", docx.Document()
    for text in PARAGRAPHS:
        document.add_paragraph(text)
    document.save(str(file))

    def read() -> None:
        draft = read_draft(file, DocumentDates(), lambda _title: lambda _done, _total: None)
        assert [len(finding.measures) for finding in draft.findings] == [2, 1], draft

    return read


PARTS: dict[str, tuple[str, Callable[[], Callable[[], object]]]] = {
    "patrol": ("one patrol of the ledger", patrol),
    "letters": (f"{LETTERS} letters delivered", letters),
    "paper": ("one small .docx read", paper),
}
"""In this order, each in a process of its own, so that no part finds the caches of another filled."""


def count(part: str, home: Path) -> None:
    """Print as JSON what one part enters."""
    for module in modules():
        import_module(module.name)
    work = PARTS[part][1]()
    with counting(home) as entered:
        work()
    print(json.dumps(sorted(entered.found)))


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.entered", description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="name every function")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        count(asked.part, Path(os.environ["DUBAN_HOME"]))
        return
    # Not above: a child process imports this module before anything else, and its reading must stay cheap.
    from bench.ground import temporary_home
    from bench.measuring import progress, show

    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "PREFECT_"))}
    clean["DUBAN_HOME"] = str(temporary_home())
    rows, lists = [], []
    for part, (title, _) in PARTS.items():
        progress(title)
        command = [sys.executable, "-m", "bench.entered", "--part", part]
        said = subprocess.run(command, env=clean, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        by_module: dict[str, list[str]] = defaultdict(list)
        for module, name in json.loads(said.splitlines()[-1]):
            by_module[module].append(name)
        rows.append((title, sum(map(len, by_module.values())), len(by_module)))
        lists.append((title, [(module, len(names), ", ".join(names)) for module, names in by_module.items()]))
    show("Entered: our named functions, and modules that hold them", ("what", "functions", "modules"), rows)
    if asked.verbose:
        for title, listed in lists:
            show(title, ("module", "functions", "names"), listed)


if __name__ == "__main__":
    main()
