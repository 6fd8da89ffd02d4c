"""A ledger for an hour: a database of its own beside the office's, dropped whatever happens.

Only ``CREATE DATABASE`` and ``DROP DATABASE`` are said on the office's own connection; none of its tables is read.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, NullPool, StaticPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateTable

from db.models import Base
from rules.refusal import Refusal

_MARK = "_simulation_"
_LOCK = 0x0D0BA5
_FAST = "-c timezone=UTC -c synchronous_commit=off -c plan_cache_mode=force_generic_plan"
"""Nothing here outlives a crash, and without statistics no value deserves a plan of its own."""


@contextmanager
def scratch(ledger: str) -> Iterator[Engine]:
    """The engine of an empty ledger in the cluster of the database ``ledger`` (its URL); gone when the block ends.

    What a killed simulation left behind is removed first. The tables are those of the migrations but for their foreign
    keys (tests/simulation/scratch_test.py). Raises ``Refusal`` (``scratch_forbidden``) when the database user may not
    create databases.
    """
    home = make_url(ledger)
    name = f"{_prefix(home)}{uuid4().hex[:12]}"
    engine = create_engine(home.set(database=name), poolclass=StaticPool, connect_args={"options": _FAST})
    with _administration(home) as admin:
        try:
            _bring_to_life(admin, home, name, engine)
            _furnish(engine)
            yield engine
        finally:
            engine.dispose()
            admin.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def _administration(home: URL) -> Iterator[Connection]:
    engine = create_engine(home, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _bring_to_life(admin: Connection, home: URL, name: str, engine: Engine) -> None:
    """Create and connect under a lock, so that no other simulation takes the newborn for an abandoned one."""
    admin.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    try:
        _remove_abandoned(admin, home)
        _create(admin, name)
        engine.connect().close()  # the pool keeps it open: who is connected is alive
    finally:
        admin.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})


def _prefix(home: URL) -> str:
    """The ledger's name in front: two offices in one cluster keep out of each other's way."""
    return f"{re.sub('[^0-9A-Za-z_]', '_', home.database or '')[:30]}{_MARK}"


def _create(admin: Connection, name: str) -> None:
    try:
        admin.execute(text(f'CREATE DATABASE "{name}"'))
    except ProgrammingError as error:
        raise Refusal("scratch_forbidden") from error


def _furnish(engine: Engine) -> None:
    """The tables without their foreign keys: rows are never deleted here, and the office's own ledger checks them."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(CreateTable(table, include_foreign_key_constraints=()))
            for index in table.indexes:
                connection.execute(CreateIndex(index))


def _remove_abandoned(admin: Connection, home: URL) -> None:
    """A simulation stays connected to its database as long as it lives; PostgreSQL refuses to drop that one."""
    query = text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)")
    for name in admin.execute(query, {"prefix": _prefix(home)}).scalars():
        with suppress(OperationalError, ProgrammingError):
            admin.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
