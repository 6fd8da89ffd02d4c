"""The scratch ledger: the tables of the migrations, gone whatever happens, the office's own ledger as it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, text

from config.settings import HERE
from db.models import Base
from db.scratch import scratch_ledger
from tests.conftest import ContextAt
from tests.simulation.conftest import Simulate

Address = Callable[[str], str]
_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
           is_identity, identity_generation, udt_name
    FROM information_schema.columns
    WHERE table_schema = CAST(CAST(:schema AS regnamespace) AS text) AND table_name <> 'alembic_version'
"""
_INDEXES = """
    SELECT regexp_replace(indexdef, ' ON (public|pg_temp)[.]', ' ON ') FROM pg_indexes
    WHERE schemaname = CAST(CAST(:schema AS regnamespace) AS text) AND tablename <> 'alembic_version'
        AND indexdef NOT LIKE '% USING gin %' -- those of the search, which a scratch ledger does without
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = CAST(:schema AS regnamespace) AND conrelid::regclass::text <> 'alembic_version'
        AND contype <> 'f'
"""
_OWN = text("SELECT CAST(CAST(pg_my_temp_schema() AS regnamespace) AS text)")


def _schema(connection: Connection, schema: str) -> list[list[str]]:
    asked = (connection.execute(text(query), {"schema": schema}) for query in (_COLUMNS, _INDEXES, _CONSTRAINTS))
    return [sorted(map(str, rows)) for rows in asked]


@contextmanager
def _asked(address: str) -> Iterator[Connection]:
    engine = create_engine(address)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _left(address: Address) -> int:
    """How many temporary tables there are where simulations make theirs."""
    with _asked(address("postgres")) as connection:
        query = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
        return int(connection.execute(text(query)).scalar_one())


def _until_gone(address: Address) -> None:
    deadline = time.monotonic() + 30
    while _left(address):  # PostgreSQL notices the end of a connection in its own time
        assert time.monotonic() < deadline


def test_it_has_the_tables_of_the_migrations_but_for_their_foreign_keys(database: str) -> None:
    with _asked(database) as migrated, scratch_ledger(database) as scratch, scratch.engine.connect() as made:
        found = _schema(made, made.execute(_OWN).scalar_one())
        assert found == _schema(migrated, "public")
        assert len(found[0]) > 100
        assert {table for table in Base.metadata.tables} > {"periods", "alerts", "audit"}


def test_it_is_gone_when_the_block_ends_and_when_it_breaks(ledger: str, postgres: Address) -> None:
    with scratch_ledger(ledger):
        assert _left(postgres) == len(Base.metadata.tables)
    _until_gone(postgres)
    with pytest.raises(ZeroDivisionError), scratch_ledger(ledger):
        print(1 / 0)
    _until_gone(postgres)


def test_it_is_gone_when_the_simulation_is_killed(ledger: str, postgres: Address) -> None:
    script = f"from db.scratch import scratch_ledger\nwith scratch_ledger({ledger!r}): print('up', flush=True); input()"
    surroundings = os.environ | {"PYTHONPATH": str(HERE.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=surroundings, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    assert _left(postgres) == len(Base.metadata.tables)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _until_gone(postgres)


def test_two_at_once_and_the_office_do_not_see_each_other(ledger: str) -> None:
    with (
        scratch_ledger(ledger) as one,
        scratch_ledger(ledger) as other,
        one.engine.begin() as here,
        other.engine.connect() as there,
    ):
        here.execute(text("INSERT INTO recipients (inspection_id, key, name) VALUES (1, 'a', '甲')"))
        assert there.execute(text("SELECT count(*) FROM recipients")).scalar_one() == 0
        assert here.execute(text("SHOW search_path")).scalar_one() == "pg_temp"


def test_the_offices_own_ledger_is_not_touched(
    database: str, ledger_at: ContextAt, activated: Callable[..., object], simulated: Simulate, postgres: Address
) -> None:
    activated("2025-01-17T09:00")
    before = _content(database)
    assert before["periods"] is not None
    with scratch_ledger(database), scratch_ledger(database):
        pass
    simulated({})
    assert _content(database) == before
    _until_gone(postgres)


def _content(database: str) -> dict[str, str | None]:
    """Every row of every table, with the place and the transaction that tell a written row from an untouched one."""
    with _asked(database) as connection:
        return {
            name: connection.execute(
                text(f"SELECT string_agg(concat(ctid, xmin, rows), ',' ORDER BY ctid) FROM {name} AS rows")  # noqa: S608
            ).scalar_one()
            for name in Base.metadata.tables
        }
