"""A ledger of any size on an embedded PostgreSQL with its shipped settings, filled by set-based SQL.

A filled database is a template: every timing runs on a fresh copy of it, so no run finds the work of the one before.
"""

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, insert, make_url, text
from sqlalchemy.orm import Session

from config.settings import HERE
from db.embedded import OWNER, embedded_ledger
from db.ledger.context import LedgerContext
from db.models import LadderSnapshot
from db.session import make_engine, migrate
from plan.policy import SummaryRhythm, load_policy
from rules.calendar import WorkCalendar
from rules.work_time import WorkTime

NOW = datetime(2025, 3, 17, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday within office hours."""
RECIPIENTS, MEASURES = 2_000, 20_000
POLICY = load_policy(HERE / "policy.yaml").model_copy(update={"summary": SummaryRhythm.NONE})
"""The shipped one, without the office's summary of the day: what is counted are the rungs."""
WORK_TIME = WorkTime(WorkCalendar.china(), POLICY.hours, ZoneInfo("Asia/Shanghai"))
_copies = count(1)


@dataclass(frozen=True, slots=True)
class Scene:
    """What has come due: one rung of the short ladder in every due period, the rungs before it already recorded."""

    name: str
    rung: str
    due_on: str
    fired: tuple[str, ...]
    audiences: tuple[str, ...]

    def ladder(self) -> dict[str, Any]:
        """The shipped short ladder, its due rung speaking to this scene's audiences."""
        body = POLICY.short.model_dump(mode="json")
        for rung in body["rungs"]:
            if rung["key"] == self.rung:
                rung["audience"] = list(self.audiences)
        return body


CHASE = Scene("chase, 1 recipient", "due", "2025-03-17", ("open", "remind"), ("handler",))
THREE = Scene("chase, 3 audiences", "due", "2025-03-17", ("open", "remind"), ("handler", "leader", "deputy"))
_BEFORE_RED = ("open", "remind", "due", "yellow", "orange")
SHEET = Scene("escalation, 2 audiences", "red", "2025-03-06", _BEFORE_RED, ("head", "discipline"))


def temporary_home() -> Path:
    """A folder for a server, removed at exit: registered before the server's own farewell, so carried out after it."""
    home = Path(mkdtemp(prefix="duban-bench-"))
    atexit.register(rmtree, home, ignore_errors=True)
    return home


class Server:
    """The embedded PostgreSQL in one folder."""

    def __init__(self, home: Path) -> None:
        self.url = make_url(embedded_ledger(home, OWNER))

    def engine(self, name: str) -> Engine:
        """An engine as the application makes it."""
        return make_engine(self.url.set(database=name).render_as_string(hide_password=False))

    def run(self, *statements: str) -> None:
        """Run statements outside any transaction, in the maintenance database."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def version(self) -> str:
        """The server's version and what it promises at commit."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            values = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("server_version", "fsync")]
            values.append(connection.execute(text("SHOW synchronous_commit")).scalar_one())
        engine.dispose()
        return "PostgreSQL {}, fsync {}, synchronous_commit {}".format(*values)

    def fresh(self, name: str) -> Engine:
        """An engine on a new, empty database, in place of one of the same name."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}", "CHECKPOINT")
        return self.engine(name)

    @contextmanager
    def ledger(self, periods: int, due: int, scene: Scene) -> Iterator[str]:
        """The name of a template database with a filled ledger."""
        name = f"filled_{next(_copies)}"
        self.run(f"CREATE DATABASE {name}")
        engine = self.engine(name)
        migrate(engine)
        fill(engine, periods, due, scene)
        engine.dispose()
        yield name
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def copy(self, template: str) -> Iterator[Engine]:
        """An engine on a fresh copy of a filled ledger, checkpointed."""
        name = f"copy_{next(_copies)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy", "CHECKPOINT")
        engine = self.engine(name)
        yield engine
        engine.dispose()
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


def fill(engine: Engine, periods: int, due: int, scene: Scene) -> None:
    """Fill an empty, migrated ledger with ``periods`` open periods of which ``due`` are due at ``NOW``."""
    sizes = {"periods": periods, "due": due, "recipients": RECIPIENTS, "measures": MEASURES}
    facts = {"now": NOW, "due_on": scene.due_on, "fired": list(scene.fired)}
    with engine.begin() as connection:
        connection.execute(insert(LadderSnapshot).values(digest="bench", body=scene.ladder()))
        for statement in _FILL.split(";"):
            connection.execute(text(statement), sizes | facts)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (FREEZE, ANALYZE)"))


# Each recipient is the handler of ten measures. The due periods come first and are spread over all measures; their
# openings differ, as those of weekly, ten-day and monthly duties do. The others fall due during the next sixty days.
_FILL = """
INSERT INTO inspections (key, title, organisation, inspector, kind, feedback_on, phases, source, audiences,
                         plan_digest, activated_at)
VALUES ('bench', 'bench', 'bench', 'bench', 'party', '2024-12-20', '{}', 'bench', '{"office": [1]}', 'bench', :now);

INSERT INTO recipients (inspection_id, key, name)
SELECT 1, 'r' || n, 'Recipient ' || n FROM generate_series(1, :recipients) n;

INSERT INTO people (name, folded, channels)
SELECT 'Recipient ' || n, 'recipient' || n, '[["outbox", ""]]' FROM generate_series(1, :recipients) n;

INSERT INTO holdings (recipient_id, person_id, from_on, told_at)
SELECT n, n, '2024-12-20', :now FROM generate_series(1, :recipients) n;

INSERT INTO findings (inspection_id, code, title) SELECT 1, 'f' || n, 'Finding ' || n FROM generate_series(1, 100) n;

INSERT INTO measures (inspection_id, finding_id, code, full_code, title, text, duration_class, work_state, state_note,
                      lead_unit, assisting_units, audiences, evidence_rule)
SELECT 1, 1 + n % 100, 'm' || n, 'm' || n, 'Measure ' || n, repeat('text ', 20), 'standing', 'in_progress', '',
       'unit', '[]',
       jsonb_build_object(
           'handler', jsonb_build_array(1 + n % :recipients),
           'leader', jsonb_build_array(1 + (n + 500) % :recipients),
           'deputy', jsonb_build_array(1 + (n + 1000) % :recipients),
           'head', jsonb_build_array(1 + (n + 1500) % :recipients),
           'discipline', jsonb_build_array(1 + (n + 1700) % :recipients),
           'office', '[1]'::jsonb),
       'optional'
FROM generate_series(1, :measures) n;

INSERT INTO duties (measure_id, key, kind, title, cadence, due, roll, roll_workdays, precision, source, assumed)
SELECT n, 'report', 'report', 'Report', 'monthly', 'end', 'none', 2, 'day', 'bench', false
FROM generate_series(1, :measures) n;

INSERT INTO periods (duty_id, ordinal, label, opens_on, due_on, formal_due_on, provisional, opened_at, state, round,
                     ladder_id, fired, repeats, next_step_at)
SELECT 1 + n % :measures, n / :measures, 'Period ' || n, day - 20 - n % 15, day, day, false, :now, 'waiting', 1,
       1, fired, 0, step
FROM (
    SELECT n, CAST(:due_on AS date) AS day, CAST(:fired AS varchar[]) AS fired,
           CAST(:now AS timestamptz) - interval '1 hour' AS step
    FROM generate_series(0, :due - 1) n
    UNION ALL
    SELECT n, CAST(:now AS date) + 5 + n % 60, ARRAY['open'],
           CAST(:now AS timestamptz) + (1 + n % 60) * interval '1 day' + n % 600 * interval '1 second'
    FROM generate_series(:due, :periods - 1) n
) drawn
"""


def contexts(engine: Engine) -> Callable[[], AbstractContextManager[LedgerContext]]:
    """Opens contexts at ``NOW`` exactly as the application does: a session and a transaction each."""

    @contextmanager
    def open_context() -> Iterator[LedgerContext]:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield LedgerContext(session, WORK_TIME, POLICY, NOW, "bench")

    return open_context
