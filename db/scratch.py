"""A ledger for an hour, empty or a copy: temporary tables of one connection, gone with it whatever happens.

They are made in the cluster's database ``postgres``: no table of an office is in reach there, and the locks that
commands take, which count in one database, hold nobody up but another simulation.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, StaticPool, Table, create_engine, func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.schema import CreateIndex, CreateTable

from db.carried import load_tables
from db.ledger.replay import Verdict, verify
from db.models import IN_A_LEDGER_ALONE, Base
from db.session import ledger_url, make_engine, postgres_url
from text.refusals import Refusal

_PLACE = "postgres"
_OPTIONS = (
    "-c timezone=UTC",
    "-c search_path=pg_temp",  # what is made is temporary, and nothing else is seen
    "-c temp_buffers=32MB",
    "-c plan_cache_mode=force_generic_plan",  # without statistics no value deserves a plan of its own
)
_TIDY = text(f"VACUUM (ANALYZE) {', '.join(Base.metadata.tables)}")


@dataclass(frozen=True, slots=True)
class ScratchLedger:
    """An empty ledger with one connection and one session, which keeps what it has read over its transactions."""

    engine: Engine
    session: Session

    def transaction(self) -> SessionTransaction:
        """A transaction of the session, committed when its ``with`` block ends well."""
        return self.session.begin()

    def tidy(self) -> None:
        """What PostgreSQL does of its own accord for any other table: clear dead rows away and look how many live."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(_TIDY)


@contextmanager
def scratch_ledger(ledger: str) -> Iterator[ScratchLedger]:
    """An empty ledger in the cluster of the database ``ledger`` (its URL); gone when the block ends.

    The tables are those of the migrations but for their foreign keys
    (tests/simulation/scratch_test.py). Raises ``Refusal`` (``scratch_forbidden``) when the database user may not
    connect to ``postgres`` or make temporary tables there, ``database_wrong`` for another kind of database.
    """
    engine = create_engine(
        postgres_url(ledger).set(database=_PLACE),
        # The tables live in one connection, so there must be one.
        poolclass=StaticPool,
        json_deserializer=orjson.loads,
        connect_args={"options": " ".join(_OPTIONS)},
    )
    try:
        _furnish(engine)
        with Session(engine, expire_on_commit=False) as session:
            yield ScratchLedger(engine, session)
    finally:
        engine.dispose()


# Of the trail the newest entry alone is built on; a patrol of another day proves nothing here.
_LEFT_OUT = {"audit": "id = (SELECT max(id) FROM audit)", "patrols": "false"}


@contextmanager
def copied_ledger(ledger: str) -> Iterator[ScratchLedger]:
    """A scratch ledger that stands where the migrated ledger at ``ledger`` (its URL) stands; gone when the block ends.

    What is copied is read as of one instant, and nothing of it is locked or changed. Raises ``Refusal`` as
    ``scratch_ledger`` does.
    """
    live = make_engine(ledger)
    try:
        with scratch_ledger(ledger) as scratch:
            one_view = live.connect().execution_options(isolation_level="REPEATABLE READ")
            with one_view as source, scratch.engine.begin() as target:
                for table in Base.metadata.sorted_tables:
                    _copy(table, source, target)
            scratch.tidy()
            yield scratch
    finally:
        live.dispose()


@contextmanager
def refilled_scratch(tables: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[Verdict]:
    """A scratch ledger filled with rows that were carried elsewhere, and what its own trail says of them.

    Args:
        tables: each with its rows, of the present revision (``db.carried``).

    Raises:
        Refusal: ``export_unfit``, and as ``scratch_ledger``.
    """
    with scratch_ledger(ledger_url()) as scratch, scratch.transaction():
        load_tables(scratch.session.connection(), tables)
        yield verify(scratch.session)


def _copy(table: Table, source: Connection, target: Connection) -> None:
    """Bring the rows of one table over, and have its numbers go on after the last."""
    columns = ", ".join(column.name for column in table.columns)
    rows = f"SELECT {columns} FROM {table.name} WHERE {_LEFT_OUT.get(table.name, 'true')}"  # noqa: S608
    # SQLAlchemy has no COPY of its own; row by row a province would take hours.
    read: psycopg.Connection[Any] = source.connection.driver_connection  # type: ignore[assignment]
    write: psycopg.Connection[Any] = target.connection.driver_connection  # type: ignore[assignment]
    into = f"COPY {table.name} ({columns}) FROM STDIN"
    with read.cursor().copy(f"COPY ({rows}) TO STDOUT") as found, write.cursor().copy(into) as taken:
        for block in found:
            taken.write(block)
    for column in table.columns:
        if column.identity is not None:
            last = source.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
            target.execute(text(f"ALTER TABLE {table.name} ALTER COLUMN {column.name} RESTART WITH {last + 1}"))


def _furnish(engine: Engine) -> None:
    """The tables without their foreign keys: rows are never deleted here, and the office's own ledger checks them."""
    try:
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(CreateTable(table, include_foreign_key_constraints=()))
                for index in table.indexes:
                    if not index.info.get(IN_A_LEDGER_ALONE):
                        connection.execute(CreateIndex(index))
    except (OperationalError, ProgrammingError) as error:
        raise Refusal("scratch_forbidden", why=str(error.orig).strip().splitlines()[-1]) from error
