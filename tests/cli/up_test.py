"""What ``duban up`` says: of a ledger that goes on, and of an engine that it could not put right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from cli import follow, up
from plan.loader import load_plan
from tasks.context import Examined
from tests.cli.conftest import PLAN

SILENT = "http://127.0.0.1:9/api"
Refuses = Callable[..., Any]


@pytest.fixture
def unwell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that somebody paused and that does not answer when it is to be put right."""

    async def examined() -> list[Examined]:
        return [Examined("Prefect", False, "工作池已暂停")]

    monkeypatch.setattr("tasks.follow.examined_engine", examined)
    monkeypatch.setattr(up, "FIRST_LOOK_SECONDS", 0)
    monkeypatch.setattr(follow, "use_running_api", lambda: True)
    monkeypatch.setenv("PREFECT_API_URL", SILENT)


def test_a_ledger_that_has_a_plan_goes_on_and_nothing_took_effect(
    run: Refuses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    assert run("plan", "load", str(tmp_path / "plan.yaml"), "--at", "2025-02-17", "--yes").status == 0
    up._load_into_empty_ledger(load_plan(tmp_path / "plan.yaml"), True, False)
    assert capsys.readouterr().out == "台账：第一轮巡察整改，方案未变\n"


def test_putting_the_engine_right_says_nothing_of_the_plan(
    loaded: Refuses, unwell: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loaded("ledger").status == 0  # this office is the one that is meant
    with temporary_settings({PREFECT_API_URL: SILENT}):
        up._Watch([])()
    said = capsys.readouterr()
    assert "Prefect 暂未复原（" in said.out + said.err
    assert "方案" not in said.out + said.err
