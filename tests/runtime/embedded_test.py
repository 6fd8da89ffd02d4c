"""The embedded PostgreSQL: whoever asks gets a running server, whatever happened to the others."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from db.embedded import OWNER, SERVER_SETTINGS, embedded_ledger, embedded_prefect
from tests.runtime.conftest import until
from text.refusals import Refusal

ROOT = Path(__file__).parents[2]
# Prints the address, then holds the database until its standard input is closed.
HOLDER = """
import sys
from pathlib import Path
from db.embedded import OWNER, embedded_ledger
print(embedded_ledger(Path(sys.argv[1]), OWNER), flush=True)
sys.stdin.read()
"""


class Holder:
    """Another process that uses the database."""

    def __init__(self, home: Path, python: str = sys.executable, **options: object) -> None:
        self.process = subprocess.Popen(
            [python, "-c", HOLDER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            **options,  # type: ignore[call-overload]
        )

    def address(self) -> str:
        assert self.process.stdout is not None
        return str(self.process.stdout.readline().strip())

    def leave(self) -> str:
        """End; what it said on standard error."""
        _out, complaints = self.process.communicate()
        assert self.process.returncode == 0
        return str(complaints)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _postmaster(home: Path) -> int | None:
    file = home / "postgres" / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


def _query(address: str, statement: str) -> str:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return str(row[0])


def test_a_fresh_folder_becomes_an_empty_database_with_our_settings(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    address = holder.address()
    assert address == f"postgresql+psycopg://postgres@/duban?host={str(tmp_path / 'postgres').replace('/', '%2F')}"
    assert _query(address, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    assert {name: _query(address, f"SHOW {name}") for name in SERVER_SETTINGS} == SERVER_SETTINGS
    assert _query(address, "SHOW synchronous_commit") == "on"
    assert holder.leave() == ""
    assert _postmaster(tmp_path) is None


def test_starters_at_the_same_moment_share_one_server(tmp_path: Path) -> None:
    holders = [Holder(tmp_path), Holder(tmp_path), Holder(tmp_path)]
    assert len({_query(one.address(), "SELECT pg_postmaster_start_time()") for one in holders}) == 1
    server = _postmaster(tmp_path)
    holders[0].leave()
    holders[1].leave()
    assert _postmaster(tmp_path) == server
    holders[2].leave()
    assert _postmaster(tmp_path) is None


def test_a_killed_user_neither_stops_the_server_nor_keeps_it_from_stopping(tmp_path: Path) -> None:
    killed, other = Holder(tmp_path), Holder(tmp_path)
    killed.address()
    address = other.address()
    killed.kill()
    assert _query(address, "SELECT 1") == "1"
    other.leave()
    assert _postmaster(tmp_path) is None


def test_what_was_committed_survives_the_kill_of_the_server(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    address = holder.address()
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server = _postmaster(tmp_path)
    assert server is not None
    os.kill(server, signal.SIGKILL)
    until(lambda: not _alive(server), "the server is dead")
    assert _query(embedded_ledger(tmp_path, OWNER), "SELECT number FROM kept") == "7"
    holder.leave()


def _alive(pid: int) -> bool:
    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


def test_papers_of_a_server_from_before_a_reboot_are_not_believed(tmp_path: Path) -> None:
    Holder(tmp_path).leave()
    data = tmp_path / "postgres"
    # The ids are alive again, but they are somebody else's now; the list was cut off when the power went.
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1700000000\n5432\n{data}\n\n 1 2\nready\n")
    (data / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    (tmp_path / "postgres.users").write_text("[12")
    holder = Holder(tmp_path)
    assert _query(holder.address(), "SELECT 1") == "1"
    assert holder.leave() == ""


@pytest.mark.parametrize("times", [9, 14, 30])
def test_however_long_the_path_the_socket_lies_where_nobody_else_may_enter(tmp_path: Path, times: int) -> None:
    home = tmp_path / ("整改办" * times)[:80] / "督办"
    holder = Holder(home)
    address = holder.address()
    assert _query(address, "SELECT 1") == "1"
    folder, owner = _socket_folder(home), (home / "postgres").stat().st_uid
    assert (folder / ".s.PGSQL.5432").is_socket()
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o077) == (owner, 0)
    # Processes that live on find a server that was started again where the one before was.
    server = _postmaster(home)
    assert server is not None
    os.kill(server, signal.SIGKILL)
    until(lambda: not _alive(server), "the server is dead")
    again = Holder(home)
    assert again.address() == address
    again.leave()
    holder.leave()


def test_a_folder_that_somebody_else_made_or_may_enter_is_not_trusted(tmp_path: Path) -> None:
    home = tmp_path / ("整改" * 30)
    Holder(home).leave()
    remembered = home / "postgres.socket"
    for trap in _traps(tmp_path, (home / "postgres").stat().st_uid):
        remembered.write_text(str(trap))
        holder = Holder(home)
        assert _query(holder.address(), "SELECT 1") == "1"
        assert _socket_folder(home) != trap
        holder.leave()


def _traps(tmp_path: Path, owner: int) -> Iterator[Path]:
    """A folder that is open to all, one of somebody else where we can make one, and a link to a good one."""
    for name, mode, user in (("open", 0o777, owner), ("theirs", 0o700, 65534), ("target", 0o700, owner)):
        if user != owner and os.geteuid() != 0:
            continue
        trap = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=tmp_path.anchor + "tmp"))
        if os.geteuid() == 0:
            os.chown(trap, user, -1)
        trap.chmod(mode)
        if name == "target":
            link = trap.with_name(f"{trap.name}-link")
            link.symlink_to(trap)
            yield link
            link.unlink()
        else:
            yield trap
        trap.rmdir()


def test_a_server_whose_folder_others_may_enter_is_not_spoken_to(tmp_path: Path) -> None:
    home = tmp_path / ("整改" * 30)
    holder = Holder(home)
    holder.address()
    folder = _socket_folder(home)
    folder.chmod(0o777)
    with pytest.raises(Refusal) as refused:
        embedded_ledger(home)
    assert (refused.value.code, refused.value.facts["folder"]) == ("database_socket_open", folder)
    folder.chmod(0o700)
    holder.leave()


def test_the_home_is_closed_to_others_also_one_that_was_open(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    holder = Holder(home)
    assert _query(holder.address(), "SELECT 1") == "1"
    # Root's database runs as a user of its own, whose group passes and sees nothing.
    assert home.stat().st_mode & 0o777 == (0o710 if os.geteuid() == 0 else 0o700)
    assert os.geteuid() != 0 or home.stat().st_gid == (home / "postgres").stat().st_gid
    assert (home / "postgres" / "log").stat().st_mode & 0o077 == 0
    holder.leave()


def test_the_database_is_told_no_secret_of_the_office(tmp_path: Path) -> None:
    secrets = {
        "DUBAN_CHANNELS": '{"mail": "mailto://u:very-secret@h?to={address}"}',
        "PREFECT_API_AUTH_STRING": "duban:very-secret",
        "SMTP_PASSWORD": "very-secret",
    }
    holder = Holder(tmp_path, env={**os.environ, **secrets})
    holder.address()
    server = psutil.Process(_postmaster(tmp_path))
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # one of its workers has ended since
            assert not secrets.keys() & process.environ().keys()
            assert "very-secret" not in str(process.environ())
    holder.leave()


def _socket_folder(home: Path) -> Path:
    return Path((home / "postgres" / "postmaster.pid").read_text().splitlines()[4])


def test_a_path_with_a_space_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=f"^数据目录的路径含有空格，请另选：.*{tmp_path.name}/a b$"):
        embedded_ledger(tmp_path / "a b")


def test_a_locale_that_is_not_installed_does_not_matter(tmp_path: Path) -> None:
    holder = Holder(tmp_path, env={**os.environ, "LC_ALL": "zh_CN.GBK"})
    assert _query(holder.address(), "SHOW server_encoding") == "UTF8"
    holder.leave()


def test_nobody_else_on_the_machine_may_connect(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    holder.address()
    assert (tmp_path / "postgres" / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
    holder.leave()


def test_a_ledger_is_backed_up_and_restored_with_postgresqls_own_programs(tmp_path: Path) -> None:
    def run(home: str, *command: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "db.embedded", str(tmp_path / home), *command]
        return subprocess.run(program, cwd=ROOT, text=True, capture_output=True, check=False)

    holder = Holder(tmp_path / "old")
    with psycopg.connect(holder.address().replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    copy = str(tmp_path / "duban.dump")
    assert run("old", "pg_dump", "-Fc", "-f", copy).returncode == 0  # while the office runs
    holder.leave()
    assert run("new", "pg_restore", "--no-owner", "-d", "duban", copy).returncode == 0
    assert run("new", "psql", "-tAc", "SELECT number FROM kept").stdout == "7\n"
    assert run("new", "psql", "-c", "SELECT no_such_column").returncode == 1


def test_prefects_account_owns_all_of_its_database_also_what_an_earlier_version_made(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    owners = holder.address().replace("+psycopg", "")
    with psycopg.connect(owners, autocommit=True) as connection:
        connection.execute("CREATE DATABASE prefect")
    with psycopg.connect(owners.replace("/duban", "/prefect"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TYPE colour AS ENUM ('red')")
        connection.execute("CREATE TABLE run (id serial PRIMARY KEY, colour colour)")
        connection.execute("CREATE VIEW runs AS SELECT * FROM run")
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    for _ in range(2):
        url = embedded_prefect(tmp_path).replace("+asyncpg", "")
        assert url.startswith("postgresql://prefect@/prefect?host=")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("INSERT INTO run (colour) VALUES ('red')")
        connection.execute("ALTER TYPE colour ADD VALUE 'blue'")
        connection.execute("DROP VIEW runs")
        connection.execute("ALTER TABLE run ADD COLUMN more int")
        connection.execute("DROP FUNCTION one()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET ROLE postgres")
    holder.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are run by a plain user already")
def test_a_plain_user_needs_no_rights(tmp_path: Path) -> None:
    python = f"/usr/bin/python3.{sys.version_info.minor}"
    if not Path(python).exists():
        pytest.skip(f"no {python} that a plain user may run")
    home = Path("/tmp") / f"plain-{tmp_path.name}-{os.getpid()}"
    home.mkdir()
    os.chown(home, 65534, 65534)
    paths = os.pathsep.join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])
    surroundings = {"HOME": str(home), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]}
    holder = Holder(home, python=python, user=65534, group=65534, extra_groups=[], env=surroundings)
    address = holder.address()
    assert "%2Fpostgres" in address
    assert psutil.Process(_postmaster(home)).uids().real == 65534
    assert holder.leave() == ""
    subprocess.run(["rm", "-rf", str(home)], check=True)
