"""Where the ledger's database is, and how a unit of work runs on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from config.settings import settings
from db.embedded import embedded_database
from db.ledger.replay import complete
from text.refusals import Refusal

MIGRATIONS = Path(__file__).parent / "migrations"


def ledger_url() -> str:
    """The ledger's database: ``DUBAN_DATABASE_URL``, else the embedded PostgreSQL of ``DUBAN_HOME``."""
    configured = settings().database_url
    return configured.get_secret_value() if configured else embedded_database(settings().home, "duban")


@lru_cache
def engine() -> Engine:
    """The engine of this process, on a migrated ledger. Raises ``Refusal`` (``database_wrong``, ``database_down``)."""
    made = make_engine(ledger_url())
    try:
        migrate(made)
    except OperationalError as error:
        raise Refusal("database_down", why=str(error.orig).strip().splitlines()[0]) from error
    return made


def make_engine(url: str) -> Engine:
    """An engine that checks its connections before use and speaks UTC.

    Args:
        url: of a PostgreSQL database, with its password.

    Raises:
        Refusal: ``database_wrong`` for an address of anything else, or by another driver.
    """
    return create_engine(
        postgres_url(url),
        # A connection that a restart of the database has cut is replaced before it is used.
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        json_deserializer=orjson.loads,
        connect_args={"options": "-c timezone=UTC"},
    )


def postgres_url(url: str) -> URL:
    """The address of a PostgreSQL database.

    Args:
        url: from the settings, with its password.

    Raises:
        Refusal: ``database_wrong``; the address is not repeated, for it may hold a password.
    """
    try:
        found = make_url(url)
    except ArgumentError:
        raise Refusal("database_wrong") from None
    if found.drivername != "postgresql+psycopg":
        raise Refusal("database_wrong")
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction on the ledger: committed when the block ends, rolled back when it raises."""
    # What a command returns is read after the commit, when there is no transaction to read it again in.
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def migrate(target: Engine) -> None:
    """Bring the ledger's tables to the newest revision; nothing happens when they are there already.

    Args:
        target: engine of the ledger's database.
    """
    script = ScriptDirectory(str(MIGRATIONS))
    # One transaction for all revisions: PostgreSQL takes back a migration that fails half-way.
    with target.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == script.get_current_head():
            return
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        with Session(connection) as session:
            complete(session)
            session.flush()
