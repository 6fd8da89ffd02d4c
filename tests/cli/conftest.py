"""The command line in this process, on a ledger of its own and without a Prefect server."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from cli.main import main
from tests.conftest import ToldOnce, reread_settings

PLAN = """
inspection:
  key: test-round
  title: 第一轮巡察整改
  organisation: 某局党组
  inspector: 某巡察组
  kind: party
  feedback_on: 2024-12-20
  source: 通报
roles:
  handler: {name: 水科经办人}
  leader: {name: 水科负责人}
  deputy: {name: 分管副局长}
  head: {name: 局长}
  discipline: {name: 纪检组}
  office: {name: 整改办}
units:
  water: {name: 水科, handler: [handler], leader: [leader]}
audiences: {deputy: [deputy], head: [head], discipline: [discipline], office: [office]}
findings:
  - code: "01"
    title: 调度不够
    measures:
      - code: 01-1
        title: 每月调度
        text: 每月调度一次工程进度
        duration: staged
        state: in_progress
        state_note: 正在推进
        lead: water
        duties:
          - {key: report, kind: report, title: 月报, cadence: monthly, source: 措施一}
          - {key: finish, kind: finish, title: 完工, cadence: once, due_on: 2025-05-30, source: 措施一}
      - code: 01-2
        title: 建立制度
        text: 建立调度制度
        duration: immediate
        state: in_progress
        state_note: 正在起草
        lead: water
        duties: [{key: finish, kind: finish, title: 印发制度, cadence: once, due_on: 2025-02-28, source: 措施二}]
"""
"""Two measures, three duties; 01-2 is overdue from March 2025 on."""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What a command with ``--json`` printed."""
        assert self.status == 0, self.err
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs ``duban`` with these arguments; keywords are its environment; every question is answered with no,
    or with what is ``typed``.

    The clock stands at 2025-03-10 09:00.
    """
    base = {"DUBAN_DATABASE_URL": database, "DUBAN_HOME": str(tmp_path), "DUBAN_CLOCK": "2025-03-10T09:00"}

    def call(*arguments: str, typed: str = "n", **surroundings: str) -> Said:
        with monkeypatch.context() as patch:
            patch.delenv("PREFECT_API_URL", raising=False)
            patch.setenv("DUBAN_UI_URL", "")  # what a command sets here is gone after it
            patch.delenv("DUBAN_UI_URL")
            for key, value in (base | surroundings).items():
                patch.setenv(key, value)
            patch.setattr(sys, "argv", ["duban", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
            reread_settings()
            with pytest.raises(SystemExit) as end:
                main()
        printed = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Said(end.value.code, printed.out, printed.err)

    yield call
    reread_settings()


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """The plan above as a file."""
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    return file


@pytest.fixture
def loaded(told_once: ToldOnce, run: Run, plan_file: Path) -> Run:
    """The command line on a ledger that supervises the plan since 2025-02-17."""

    def story() -> None:
        assert run("plan", "load", str(plan_file), "--at", "2025-02-17", "--yes").status == 0
        assert run("people", "add", "王工", "赵工", "李科长", "张三", "李局").status == 0

    told_once(story)
    return run


@pytest.fixture
def content(database: str) -> Callable[[], dict[str, Any]]:
    """How many rows each table has, and the head of the audit chain."""
    tables = ("periods", "submissions", "extensions", "escalations", "alerts", "messages", "audit", "measures")

    def read() -> dict[str, Any]:
        engine = create_engine(database)
        with engine.connect() as connection:
            found: dict[str, Any] = {
                table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
                for table in tables
            }
            head = connection.execute(text("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")).scalar_one_or_none()
        engine.dispose()
        return found | {"head": head}

    return read
