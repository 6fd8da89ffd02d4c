"""SQLite against the embedded PostgreSQL: the figures of docs/decisions/0001-one-engine.md.

The hot path in bare form (claim a batch, write alerts and letters) and a person's small transactions beside it, by the
same SQLAlchemy Core code on both; both promise that what is committed survives a power cut.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from bench.ground import Server, temporary_home
from bench.measuring import percentile, progress, seconds, show

PERIODS, DUE, BATCH, RECIPIENTS = 100_000, 10_000, 1_000, 2_000
LOCK_SECONDS = 5
"""How long SQLite waits for a lock: the default of Python's driver."""

_meta = MetaData()
_OPEN = text("next_step IS NOT NULL")
PERIOD = Table(
    "periods",
    _meta,
    Column("id", Integer, primary_key=True),
    Column("recipient", Integer, nullable=False),
    Column("fired", Text, nullable=False),
    Column("next_step", Integer),
    Index("due", "next_step", postgresql_where=_OPEN, sqlite_where=_OPEN),
)
ALERT = Table(
    "alerts",
    _meta,
    Column("id", Integer, primary_key=True),
    Column("period", Integer, nullable=False),
    Column("rung", Text, nullable=False),
    Column("recipient", Integer, nullable=False),
    UniqueConstraint("period", "rung", "recipient"),
)
LETTER = Table(
    "letters",
    _meta,
    Column("id", Integer, primary_key=True),
    Column("recipient", Integer, nullable=False, index=True),
    Column("state", Text, nullable=False),
)
NOTE = Table("notes", _meta, Column("id", Integer, primary_key=True), Column("text", Text, nullable=False))


@dataclass(slots=True)
class Person:
    """What somebody who files reports lives through while a sweep runs."""

    waits: list[float] = field(default_factory=list)
    locked: int = 0


def sqlite(path: Path, immediate: bool = True) -> Engine:
    """SQLite with a write-ahead log, as durable at commit as PostgreSQL.

    ``immediate``: a transaction takes the one write lock when it begins. Without it a transaction that has read and
    then writes fails at once when somebody else has written meanwhile, however long it would have waited.
    """
    made = create_engine(f"sqlite:///{path}", poolclass=QueuePool, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(made, "connect")
    def _settings(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return made


def fill(engine: Engine) -> None:
    """The tables, with ``DUE`` of ``PERIODS`` periods due."""
    _meta.create_all(engine)
    steps = (0 if number < DUE else number for number in range(PERIODS))
    rows = [{"id": n, "recipient": n % RECIPIENTS, "fired": "open", "next_step": step} for n, step in enumerate(steps)]
    with engine.begin() as connection:
        connection.execute(insert(PERIOD), rows)
        connection.execute(text("ANALYZE"))


def claim(connection: Connection) -> int:
    """One batch: claim what is due, write an alert each, and the letters that are missing."""
    query = select(PERIOD.c.id, PERIOD.c.recipient).where(PERIOD.c.next_step <= 0).order_by(PERIOD.c.next_step)
    due = connection.execute(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    if not due:
        return 0
    people = sorted({row.recipient for row in due})
    known = set(connection.scalars(select(LETTER.c.recipient).where(LETTER.c.recipient.in_(people))))
    if fresh := [{"recipient": one, "state": "pending"} for one in people if one not in known]:
        connection.execute(insert(LETTER), fresh)
    connection.execute(insert(ALERT), [{"period": row.id, "rung": "due", "recipient": row.recipient} for row in due])
    moved = update(PERIOD).where(PERIOD.c.id == bindparam("this")).values(fired="open,due", next_step=PERIODS + 1)
    connection.execute(moved, [{"this": row.id} for row in due])
    return len(due)


def sweep(engine: Engine, think: float = 0) -> int:
    """Claim all that is due, each transaction open for ``think`` seconds more; returns how many alerts there are."""
    while True:
        with engine.begin() as connection:
            claimed = claim(connection)
            sleep(think)
        if not claimed:
            break
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(ALERT)) or 0


def file_reports(engine: Engine, stop: Event) -> Person:
    """One small transaction after another (look, then write), until told to stop."""
    person = Person()
    while not stop.is_set():
        start = perf_counter()
        try:
            with engine.begin() as connection:
                connection.execute(select(PERIOD).where(PERIOD.c.id == PERIODS - 1)).one()
                sleep(0.001)  # what the command checks between reading and writing
                connection.execute(insert(NOTE), {"text": "report"})
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            person.locked += 1
        person.waits.append(perf_counter() - start)
    return person


def beside_a_sweep(engine: Engine) -> tuple[Person, str]:
    """A person files reports while a sweep runs in another thread; says how the sweep fared too."""
    stop, outcome = Event(), []

    def run() -> None:
        try:
            outcome.append(f"{sweep(engine, think=0.1):,}")
        except OperationalError as error:
            outcome.append(f"failed: {error.orig}")
        finally:
            stop.set()

    sweeper = Thread(target=run)
    sweeper.start()
    person = file_reports(engine, stop)
    sweeper.join()
    return person, outcome[0]


Maker = Callable[[], Engine]


def engines() -> Sequence[tuple[str, Maker]]:
    """Names of engines and how a fresh database of each is made."""
    home, numbers = temporary_home(), count(1)
    server = Server(home)
    return (
        ("SQLite, BEGIN IMMEDIATE", lambda: sqlite(home / f"{next(numbers)}.sqlite")),
        ("SQLite, BEGIN", lambda: sqlite(home / f"{next(numbers)}.sqlite", immediate=False)),
        ("PostgreSQL", lambda: server.fresh(f"bare_{next(numbers)}")),
    )


def _pace(make: Maker) -> float:
    engine = make()
    fill(engine)
    taken = seconds(lambda: sweep(engine))
    engine.dispose()
    return DUE / taken


def _beside(name: str, make: Maker) -> Sequence[object]:
    engine = make()
    fill(engine)
    person, swept = beside_a_sweep(engine)
    engine.dispose()
    waits = median(person.waits), percentile(person.waits, 0.99), max(person.waits)
    return name, len(person.waits), person.locked, *(f"{wait * 1000:.0f}" for wait in waits), swept


# Run in processes of their own, one after the other: the server ends with the last process that uses it.
_START = """
import sys
from pathlib import Path
from time import perf_counter
from bench.engines import touch
from db.embedded import OWNER, embedded_ledger
from db.session import make_engine
start = perf_counter()
touch(make_engine(embedded_ledger(Path(sys.argv[1]), OWNER)))
print(perf_counter() - start)
"""


def _starts() -> Sequence[Sequence[object]]:
    home = temporary_home()
    first, again = (seconds(lambda: touch(sqlite(home / "one.sqlite"))) for _ in range(2))
    small = _megabytes(home.glob("one.sqlite*"))
    command = [sys.executable, "-c", _START, str(home)]
    new, cold = (float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(2))
    big = _megabytes((home / "postgres").rglob("*"))
    return (
        ("SQLite", f"{first:.2f}", f"{again:.2f}", f"{small:.2f}"),
        ("PostgreSQL", f"{new:.2f}", f"{cold:.2f}", f"{big:.0f}"),
    )


def _megabytes(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.is_file()) / 2**20


def touch(engine: Engine) -> None:
    """Make a table: the first moment at which a fresh database has done something."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS touched (id integer)"))
    engine.dispose()


def main(runs: int) -> None:
    """Print three tables: pace, a person beside a sweep, start and size."""
    known = engines()
    progress("engines: pace")
    paces = [(name, f"{median(_pace(make) for _ in range(runs)):,.0f}") for name, make in known]
    show("Engines: bare hot path, 10⁴ of 10⁵ due, batches of 1 000", ("engine", "rungs/s"), paces)
    progress("engines: two writers")
    heads = ("engine", "reports tried", "“database is locked”", "median ms", "p99 ms", "longest ms", "alerts swept")
    show("Engines: a person files reports while a sweep runs", heads, (_beside(name, make) for name, make in known))
    show("Engines: start and size", ("engine", "first start s", "next start s", "empty MB"), _starts())
