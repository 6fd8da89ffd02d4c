"""A ledger for an hour: temporary tables of one connection, gone with it whatever happens.

They are made in the cluster's database ``postgres``: no table of an office is in reach there, and the locks that
commands take, which count in one database, hold nobody up but another simulation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from sqlalchemy import Engine, StaticPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.schema import CreateIndex, CreateTable

from db.models import Base
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
    connect to ``postgres`` or make temporary tables there.
    """
    engine = create_engine(
        make_url(ledger).set(database=_PLACE),
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


def _furnish(engine: Engine) -> None:
    """The tables without their foreign keys: rows are never deleted here, and the office's own ledger checks them."""
    try:
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(CreateTable(table, include_foreign_key_constraints=()))
                for index in table.indexes:
                    connection.execute(CreateIndex(index))
    except (OperationalError, ProgrammingError) as error:
        raise Refusal("scratch_forbidden", why=str(error.orig).strip().splitlines()[-1]) from error
