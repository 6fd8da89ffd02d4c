"""The application's account works with the ledger and can only lengthen its trail: it owns nothing, becomes nobody."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

import db.session
from cli.up import _ledger_environment
from db import ledger
from db.embedded import LEDGER, OWNER, embedded_ledger
from db.ledger.replay import verify
from db.rights import may_change_the_trail, may_work
from db.session import MIGRATIONS, engine, make_engine, migrate
from tasks.context import ledger_context
from tests.conftest import ContextAt, administer, as_account, reread_settings
from tests.ledger.migrations_test import at_revision
from tests.plans import one_measure
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

DETOURS = {
    "change an entry": "UPDATE audit SET actor = '他人'",
    "remove an entry": "DELETE FROM audit",
    "empty it": "TRUNCATE audit",
    "drop its trigger": "DROP TRIGGER audit_only_grows ON audit",
    "disarm its trigger": "ALTER TABLE audit DISABLE TRIGGER audit_only_grows",
    "disarm all triggers": "SET session_replication_role = replica",
    "another body for the trigger": "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$",
    "a trigger that swallows": "CREATE TRIGGER swallow BEFORE INSERT ON audit FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a rule that swallows": "CREATE RULE swallow AS ON INSERT TO audit DO INSTEAD NOTHING",
    "drop the table": "DROP TABLE audit",
    "rename the table": "ALTER TABLE audit RENAME TO elsewhere",
    "change a column": "ALTER TABLE audit DROP COLUMN facts",
    "a table before it": "CREATE TABLE public.audit2 (id bigint)",
    "drop the schema": "DROP SCHEMA public CASCADE",
    "take the table": f"ALTER TABLE audit OWNER TO {LEDGER}",
    "become the owner": f"SET ROLE {OWNER}",
    "act as the owner": f"SET SESSION AUTHORIZATION {OWNER}",
    "become like the owner": f"GRANT {OWNER} TO {LEDGER}",
    "become more": f"ALTER ROLE {LEDGER} SUPERUSER",
    "more rights": f"GRANT UPDATE ON audit TO {LEDGER}",
    "a program on the server": "COPY audit TO PROGRAM 'true'",
    "say that it was migrated": "UPDATE alembic_version SET version_num = '0001'",
}


def _try(connection: Connection, detour: str) -> None:
    connection.execute(text(detour))
    # GRANT by somebody who may not is only a warning: what counts is what can be done afterwards.
    connection.execute(text("UPDATE audit SET actor = '他人'"))


@pytest.mark.parametrize("detour", DETOURS.values(), ids=DETOURS.keys())
def test_every_detour_is_refused(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, engine: Engine, detour: str
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-25T09:00")
    with engine.connect() as connection:
        before = connection.execute(text("SELECT * FROM audit ORDER BY id")).all()
        connection.rollback()
        with pytest.raises(DBAPIError):
            _try(connection, detour)
        connection.rollback()
        assert connection.execute(text("SELECT * FROM audit ORDER BY id")).all() == before
        assert not may_change_the_trail(connection)
    patrol_at("2025-02-26T09:00")
    with ledger_at("2025-03-01T10:00") as ctx:
        assert verify(ctx.session).whole


_POWERS = {
    "a right": "GRANT UPDATE ON audit TO {account}",
    "a right on a column": "GRANT UPDATE (actor) ON audit TO {account}",
    "the table": "ALTER TABLE audit OWNER TO {account}",
    "the schema": "ALTER SCHEMA public OWNER TO {account}",
    "membership in the owner": "GRANT postgres TO {account}",
    "accounts": "ALTER ROLE {account} CREATEROLE",
    "everything": "ALTER ROLE {account} SUPERUSER",
    "the server's programs": "GRANT pg_execute_server_program TO {account}",
}


@pytest.mark.parametrize("power", _POWERS.values(), ids=_POWERS.keys())
def test_an_account_that_could_is_known(owners_engine: Engine, engine: Engine, power: str) -> None:
    with owners_engine.connect() as owners:
        owners.execute(text("CREATE ROLE tried LOGIN"))
        owners.execute(text(power.format(account="tried")))
        owners.execute(text("SET LOCAL ROLE tried"))
        assert may_change_the_trail(owners)
        owners.rollback()
    with engine.connect() as connection:
        assert not may_change_the_trail(connection)


_STATE = """
    SELECT relname, relacl::text, relowner::regrole::text, xmin::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the embedded database."""
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    monkeypatch.setenv("DUBAN_CLOCK", "2025-03-10T09:00")
    reread_settings()
    yield tmp_path
    reread_settings()


def _state(home: Path) -> list[tuple[str, ...]]:
    owners = create_engine(embedded_ledger(home, OWNER))
    with owners.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(_STATE))]
    owners.dispose()
    return found


def _account() -> str:
    with engine().connect() as connection:
        assert not may_change_the_trail(connection)
        return str(connection.execute(text("SELECT current_user")).scalar_one())


def test_a_home_works_so_from_the_first_start_and_a_second_start_changes_nothing(at_home: Path) -> None:
    assert _account() == LEDGER
    with ledger_context("测试") as ctx:
        ledger.activate(ctx, one_measure(), without_supervisors=True)
    first = _state(at_home)
    reread_settings()
    assert _account() == LEDGER
    with ledger_context("测试") as ctx:
        assert verify(ctx.session).whole
    assert _state(at_home) == first


def test_a_home_of_an_earlier_version_works_so_from_its_next_start(at_home: Path) -> None:
    owners = make_engine(embedded_ledger(at_home, OWNER))
    migrate(owners)  # earlier versions had one account for everything
    with owners.connect() as connection:
        assert not connection.execute(text("SELECT has_table_privilege('duban', 'audit', 'INSERT')")).scalar_one()
    owners.dispose()
    assert _account() == LEDGER
    after = _state(at_home)
    reread_settings()
    assert _account() == LEDGER
    assert _state(at_home) == after


_REVISIONS = ScriptDirectory(str(MIGRATIONS))


@pytest.mark.parametrize("revision", sorted(one.revision for one in _REVISIONS.walk_revisions()))
def test_a_ledger_of_every_earlier_revision_opens_for_an_account_that_can_only_add(
    database: str, owners_engine: Engine, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    at_revision(owners_engine, revision, "downgrade")
    with owners_engine.begin() as connection:
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {LEDGER}"))
    _set(monkeypatch, database, as_account(database, OWNER))
    assert db.session.trail_is_guarded() == (LEDGER, True)
    with engine().connect() as connection:
        assert may_work(connection)


def test_the_worker_is_not_told_of_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, "postgresql+psycopg://duban@/duban", "postgresql+psycopg://owner@/duban")
    told = _ledger_environment()
    assert ("DUBAN_DATABASE_URL" in told, "DUBAN_DATABASE_OWNER_URL" in told) == (True, False)
    monkeypatch.undo()
    reread_settings()


@pytest.fixture
def office(postgres: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of an office's own; no setting leads there yet."""
    name = f"office_{os.getpid()}"
    administer(postgres("postgres"), f"CREATE DATABASE {name}")
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    yield postgres(name)
    monkeypatch.delenv("DUBAN_DATABASE_OWNER_URL", raising=False)
    reread_settings()
    administer(postgres("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def _set(monkeypatch: pytest.MonkeyPatch, url: str, owner: str | None = None) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", url)
    if owner is None:
        monkeypatch.delenv("DUBAN_DATABASE_OWNER_URL", raising=False)
    else:
        monkeypatch.setenv("DUBAN_DATABASE_OWNER_URL", owner)
    reread_settings()


def test_in_an_offices_own_database_one_account_does_everything_until_the_owner_is_set(
    office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, office)
    assert db.session.trail_is_guarded() == (OWNER, False)
    # What the doctor asks for: another account, and the one of before as the owner.
    _set(monkeypatch, as_account(office, LEDGER), office)
    assert db.session.trail_is_guarded() == (LEDGER, True)
    # From then on the owner is needed for upgrades alone: a worker is not told of him.
    _set(monkeypatch, as_account(office, LEDGER))
    assert db.session.trail_is_guarded() == (LEDGER, True)


def test_an_account_that_may_not_make_the_tables_is_told_which_setting_is_missing(
    office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, as_account(office, LEDGER))
    with pytest.raises(Refusal) as refused:
        engine()
    assert refused.value.code == "database_rights"
    _set(monkeypatch, as_account(office, LEDGER), office)
    assert db.session.trail_is_guarded() == (LEDGER, True)


def test_two_settings_that_lead_to_two_databases_are_refused(
    office: str, postgres: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"other_{os.getpid()}"
    administer(postgres("postgres"), f"CREATE DATABASE {other}")
    _set(monkeypatch, as_account(office, LEDGER), postgres(other))
    with pytest.raises(Refusal) as refused:
        engine()
    administer(postgres("postgres"), f"DROP DATABASE {other} WITH (FORCE)")
    assert refused.value.code == "database_owner_elsewhere"


def test_a_restored_copy_without_rights_is_opened_at_the_next_start(
    database: str, owners_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owners_engine.begin() as connection:
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {LEDGER}"))
    _set(monkeypatch, database, as_account(database, OWNER))
    assert db.session.trail_is_guarded() == (LEDGER, True)
    with engine().connect() as connection:
        assert may_work(connection)


def test_a_ledger_of_a_newer_version_is_refused_in_one_line(
    database: str, owners_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owners_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    _set(monkeypatch, database)
    with pytest.raises(Refusal) as refused:
        engine()
    assert refused.value.code == "database_newer"
