"""A small plan as a workbook, and LibreOffice, which stands in for whatever program an office saves it with."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from papers.workbook.plan_sheets import write_plan
from plan.model import Plan
from tests.plans import duty, measure, plan_of

Saved = Callable[[Path], Path]


def need_libreoffice() -> str:
    """The path of LibreOffice; without it the test is skipped, or fails where all are asked for."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("DUBAN_TEST_ALL") == "1":
            pytest.fail("DUBAN_TEST_ALL=1 asks for LibreOffice, and there is none")
        pytest.skip("no LibreOffice here")
    return program


@pytest.fixture(scope="session")
def saved_by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Opens a workbook in LibreOffice, recalculates and saves it; gives the path of what was saved."""
    program = need_libreoffice()
    profile = tmp_path_factory.mktemp("profile")

    def save(path: Path) -> Path:
        folder = tmp_path_factory.mktemp("saved")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
        subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=120)
        return folder / path.name

    return save


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book") / "台账.xlsx"


@pytest.fixture
def small() -> Plan:
    """Two findings, four measures, several duties and questions, in no particular order of codes."""
    asked = [{"phrase": "定期", "ask": "多久一次？", "suggest": "每月一次"}]
    once = duty("finish", kind="finish", title="完成", cadence="once", due_on="2025-05-31")
    return plan_of(
        measure("02-2", duties=[duty(), once]),
        measure("02-1", questions=asked, assisting=["soil", "water"]),
        measure("01-1", duties=[duty("b"), duty("a", due="after day 5")]),
        measure("01-2", duties=[]),
        units={
            "water": {"name": "水科", "handler": ["handler"], "leader": ["leader"]},
            "soil": {"name": "土壤科", "handler": ["handler", "leader"]},
        },
    )


@pytest.fixture
def book(small: Plan, tmp_path: Path) -> Path:
    """The small plan as a workbook."""
    path = tmp_path / "台账.xlsx"
    write_plan(small, path)
    return path
