"""The scratch ledger: the tables of the migrations, gone whatever happens, the office's own ledger as it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, create_engine, text

from config.settings import HERE
from db.models import Base
from tasks.simulation.scratch import scratch
from tests.conftest import DeskAt
from tests.simulation.conftest import Simulate

Address = Callable[[str], str]
_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
           is_identity, identity_generation, udt_name
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
        AND contype <> 'f'
"""


def _schema(connection: Connection) -> list[list[str]]:
    return [sorted(map(str, connection.execute(text(query)))) for query in (_COLUMNS, _INDEXES, _CONSTRAINTS)]


def _scratches(address: Address) -> list[str]:
    engine = create_engine(address("postgres"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE '%\\_simulation\\_%'"))
        names = list(found.scalars())
    engine.dispose()
    return names


def test_it_has_the_tables_of_the_migrations_but_for_their_foreign_keys(database: str) -> None:
    ledger = create_engine(database)
    with ledger.connect() as migrated, scratch(database) as engine, engine.connect() as made:
        assert _schema(made) == _schema(migrated)
        assert {table for table in Base.metadata.tables} > {"periods", "alerts", "audit"}
    ledger.dispose()


def test_it_is_gone_when_the_block_ends_and_when_it_breaks(ledger: str, postgres: Address) -> None:
    with scratch(ledger):
        assert len(_scratches(postgres)) == 1
    assert _scratches(postgres) == []
    with pytest.raises(ZeroDivisionError), scratch(ledger):
        print(1 / 0)
    assert _scratches(postgres) == []


def test_what_a_killed_simulation_left_is_removed_by_the_next_and_a_living_one_is_not(
    ledger: str, postgres: Address
) -> None:
    script = f"from tasks.simulation.scratch import scratch\nwith scratch({ledger!r}): print('up', flush=True); input()"
    surroundings = os.environ | {"PYTHONPATH": str(HERE.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=surroundings, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    (living,) = _scratches(postgres)
    with scratch(ledger):
        assert living in _scratches(postgres)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 30
    while living in _scratches(postgres):  # PostgreSQL notices the end of the connection in its own time
        assert time.monotonic() < deadline
        with scratch(ledger):
            pass
    assert _scratches(postgres) == []


def test_the_offices_own_ledger_is_not_touched(
    database: str, desk_at: DeskAt, activated: Callable[..., object], simulated: Simulate, postgres: Address
) -> None:
    activated("2025-01-17T09:00")
    before = _content(database)
    assert before["periods"] is not None
    with scratch(database), scratch(database):
        pass
    simulated({})
    assert _content(database) == before
    assert _scratches(postgres) == []


def _content(database: str) -> dict[str, str | None]:
    """Every row of every table, with the place and the transaction that tell a written row from an untouched one."""
    engine = create_engine(database)
    with engine.connect() as connection:
        found = {
            name: connection.execute(
                text(f"SELECT string_agg(concat(ctid, xmin, rows), ',' ORDER BY ctid) FROM {name} AS rows")  # noqa: S608
            ).scalar_one()
            for name in Base.metadata.tables
        }
    engine.dispose()
    return found
