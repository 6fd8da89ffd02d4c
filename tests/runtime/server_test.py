"""The Prefect server and its supervisor: found by others, brought back when it dies, gone when we go."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import httpx
import psutil
import pytest

from cli.server import PrefectServer, check_port, running_api
from cli.supervisor import Child
from tests.runtime.conftest import free_port, until

# Keeps one sleeping child; says its process id whenever it is born.
KEEPER = """
import sys
from pathlib import Path
from cli.supervisor import Child, Supervisor
child = Child("sleeper", ["sleep", "1000"], {}, Path(sys.argv[1]) / "log", started=lambda pid: print(pid, flush=True))
with Supervisor() as keep:
    keep.start(child)
    keep.wait()
"""


@pytest.mark.prefect
def test_others_find_the_running_server_in_the_home(server: PrefectServer) -> None:
    assert running_api(server.home) == server.api_url
    assert httpx.get(f"{server.api_url}/health", trust_env=False).text == "true"


@pytest.mark.prefect
def test_a_second_start_on_the_same_home_is_refused(server: PrefectServer) -> None:
    facts = json.loads((server.home / "server.json").read_text())
    (server.home / "server.json").write_text(json.dumps(facts | {"owner": os.getppid()}))
    with pytest.raises(click.ClickException, match=f"^该目录的督办已在运行：{server.url}$"):
        server.child()
    (server.home / "server.json").write_text(json.dumps(facts))


def test_the_paper_of_a_dead_server_is_not_believed(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    facts = {"port": 1, "pid": gone.pid, "owner": gone.pid, "api_url": "http://127.0.0.1:1/api"}
    (tmp_path / "server.json").write_text(json.dumps(facts))
    assert running_api(tmp_path) is None
    (tmp_path / "server.json").write_text("{")
    assert running_api(tmp_path) is None


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(click.ClickException, match=f"^端口 {port} 已被占用，请用 --port 另选一个（.*）$"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", free_port())


def test_a_server_that_cannot_start_is_said_with_its_log(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, "postgresql+asyncpg://nobody@/nothing?host=/nowhere", "a:" + "b" * 12, free_port())
    with pytest.raises(click.ClickException, match=f"^Prefect 服务未能启动，原因见日志 {tmp_path}/logs/server.log$"):
        server.wait_until_healthy(lambda: False)


def test_a_dead_child_is_started_again_and_none_is_left_at_the_end(tmp_path: Path) -> None:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    first = int(keeper.stdout.readline())
    os.kill(first, signal.SIGKILL)
    second = int(keeper.stdout.readline())
    assert first != second
    keeper.send_signal(signal.SIGINT)
    keeper.communicate()
    assert keeper.returncode == 0
    assert not psutil.pid_exists(second)


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    child = Child("deaf", [sys.executable, "-c", deaf], {}, tmp_path / "log", grace_seconds=0.2)
    child.start()
    until(lambda: "deaf" in (tmp_path / "log").read_text(), "it has stopped listening")
    child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
