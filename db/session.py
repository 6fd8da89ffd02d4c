"""Where the ledger's database is, and how a unit of work runs on it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from config.settings import settings
from db.carried import holds_a_ledger, load_tables
from db.embedded import OWNER, embedded_ledger
from db.ledger.replay import complete
from db.rights import let_work, may_change_the_trail, may_work
from text.refusals import Refusal

MIGRATIONS = Path(__file__).parent / "migrations"
_SETTING, _OWNERS_SETTING = "DUBAN_DATABASE_URL", "DUBAN_DATABASE_OWNER_URL"
# Whoever starts at the same moment waits for the first, and then finds everything done.
_TAKE_TURNS = text(f"SELECT pg_advisory_xact_lock({0x0D0BA5})")


def ledger_url() -> str:
    """The ledger's database: ``DUBAN_DATABASE_URL``, else the embedded PostgreSQL of ``DUBAN_HOME``."""
    configured = settings().database_url
    return configured.get_secret_value() if configured else embedded_ledger(settings().home)


def owners_url() -> str:
    """The same database, as the account that owns its tables: ``DUBAN_DATABASE_OWNER_URL`` where an office has its own
    PostgreSQL; without it there is one account for everything."""
    if settings().database_url is None:
        return embedded_ledger(settings().home, OWNER)
    owner = settings().database_owner_url
    return owner.get_secret_value() if owner else ledger_url()


@lru_cache
def engine() -> Engine:
    """The engine of this process, on a migrated ledger, as the application's account.

    The owner's account is used only where the tables are not yet those of this version, or not yet open to the
    application's.

    Raises:
        Refusal: ``database_wrong``, ``database_down``, ``database_newer``, ``database_rights``,
            ``database_owner_elsewhere``.
    """
    made = make_engine(ledger_url())
    with _said_in_one_line(_SETTING), made.connect() as connection:
        account = connection.execute(text("SELECT current_user")).scalar_one()
        if may_work(connection) and _is_newest(connection, ScriptDirectory(str(MIGRATIONS))):
            return made
    owner = make_engine(owners_url(), _OWNERS_SETTING)
    try:
        with _said_in_one_line(_OWNERS_SETTING):
            migrate(owner, account)
        with made.connect() as connection:
            if not may_work(connection):
                raise Refusal("database_owner_elsewhere")
    except ProgrammingError as error:
        raise Refusal("database_rights", account=account, why=str(error.orig).strip().splitlines()[0]) from error
    finally:
        owner.dispose()
    return made


@contextmanager
def _said_in_one_line(setting: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise Refusal("database_down", why=str(error.orig).strip().splitlines()[0], setting=setting) from error


def make_engine(url: str, setting: str = _SETTING) -> Engine:
    """An engine that checks its connections before use and speaks UTC.

    Args:
        url: of a PostgreSQL database, with its password.
        setting: where it was set.

    Raises:
        Refusal: ``database_wrong`` for an address of anything else, or by another driver.
    """
    return create_engine(
        postgres_url(url, setting),
        # A connection that a restart of the database has cut is replaced before it is used.
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        json_deserializer=orjson.loads,
        connect_args={"options": "-c timezone=UTC"},
    )


def postgres_url(url: str, setting: str = _SETTING) -> URL:
    """The address of a PostgreSQL database.

    Args:
        url: from the settings, with its password.
        setting: where it was set.

    Raises:
        Refusal: ``database_wrong``; the address is not repeated, for it may hold a password.
    """
    try:
        found = make_url(url)
    except ArgumentError:
        raise Refusal("database_wrong", setting=setting) from None
    if found.drivername != "postgresql+psycopg":
        raise Refusal("database_wrong", setting=setting)
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction on the ledger: committed when the block ends, rolled back when it raises."""
    # What a command returns is read after the commit, when there is no transaction to read it again in.
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def migrate(target: Engine, account: str | None = None) -> None:
    """Bring the ledger's tables to the newest revision and open them to the application; once done it changes nothing.

    Args:
        target: engine of the ledger's database, as the account that owns the tables.
        account: as whom the application works; None for the owner alone.

    Raises:
        Refusal: ``database_newer``.
    """
    script = ScriptDirectory(str(MIGRATIONS))
    # One transaction for all: PostgreSQL takes back a migration that fails half-way.
    with target.begin() as connection:
        connection.execute(_TAKE_TURNS)
        if not _is_newest(connection, script):
            _bring_to(connection, "head")
            with Session(connection) as session:
                complete(session)
                session.flush()
        if account is not None:
            let_work(connection, account)


def _bring_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def is_known(revision: str) -> bool:
    """Whether the tables of a revision, as a ledger or an export names it, can be brought up to this program's."""
    return revision in {one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


@contextmanager
def refilled(revision: str, tables: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[Session]:
    """Fill an empty ledger with what was carried from elsewhere: all of it, or it stays empty.

    The tables are made as they were where the rows come from, and then brought up to date as every older ledger is.

    Args:
        revision: that of the rows; one that ``is_known``.
        tables: each with its rows, in the order in which they load (``db.carried``).

    Returns:
        The transaction, for what else belongs to it, on the filled ledger; it is committed when the block ends well.

    Raises:
        Refusal: ``restore_not_empty``, ``export_unfit``, and as ``engine``.
    """
    with make_engine(ledger_url()).connect() as connection:
        account = connection.execute(text("SELECT current_user")).scalar_one()
    owner = make_engine(owners_url(), _OWNERS_SETTING)
    try:
        with _said_in_one_line(_OWNERS_SETTING), owner.begin() as connection:
            connection.execute(_TAKE_TURNS)
            if holds_a_ledger(connection):
                raise Refusal("restore_not_empty")
            _is_newest(connection, ScriptDirectory(str(MIGRATIONS)))
            _bring_to(connection, "base")
            _bring_to(connection, revision)
            connection.execute(text("DELETE FROM installation"))  # what a new ledger calls itself
            load_tables(connection, tables)
            _bring_to(connection, "head")
            with Session(connection) as session:
                if ScriptDirectory(str(MIGRATIONS)).get_current_head() != revision:
                    complete(session)
                yield session
                session.commit()
            let_work(connection, account)
    finally:
        owner.dispose()


def _is_newest(connection: Connection, script: ScriptDirectory) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    if current not in {None, *(one.revision for one in script.walk_revisions())}:
        raise Refusal("database_newer", revision=current)
    return current == script.get_current_head()


def trail_is_guarded() -> tuple[str, bool]:
    """As whom the application works with the ledger, and whether that account can only add to the trail.

    Raises:
        Refusal: as ``engine``.
    """
    with engine().connect() as connection:
        account = connection.execute(text("SELECT current_user")).scalar_one()
        return account, not may_change_the_trail(connection)
