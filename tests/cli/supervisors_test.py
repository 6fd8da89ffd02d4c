"""A plan of which something could be late without anybody being told is refused, unless that is meant."""

from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Run
from tests.cli.roundtrip_test import Content

UPPER = "audiences: {deputy: [deputy], head: [head], discipline: [discipline], office: [office]}"
BARE = PLAN.replace(UPPER, "audiences: {office: [office]}")
DEPUTY_ONLY = PLAN.replace(UPPER, "audiences: {deputy: [deputy], office: [office]}")


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A plan that names nobody above the unit, as every plan made of a notice does."""
    file = tmp_path / "bare.yaml"
    file.write_text(BARE)
    return str(file)


@pytest.mark.parametrize("asked", [("--yes",), ()])
def test_a_plan_without_supervisors_is_not_activated(run: Run, bare: str, content: Content, asked: list[str]) -> None:
    before = content()
    said = run("plan", "load", bare, "--at", "2025-02-17", *asked)
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "方案中有2项措施（01-1、01-2）逾期后无人督办：分管领导（deputy）、主要领导（head）、纪检监察组（discipline）都没有人；"
        "请在方案的 roles 中写明这些领导的岗位，再列入 audiences"
        "（工作簿在“待确认问题”表里答复，或填“岗位”表和“巡察信息”表）"
        "（确实不设督办领导的：--without-supervisors）\n"
    )
    assert content() == before


def test_who_means_it_says_so(run: Run, bare: str) -> None:
    assert run("plan", "load", bare, "--at", "2025-02-17", "--yes", "--without-supervisors").status == 0
    # The same office goes on without being asked again.
    longer = Path(bare).with_name("longer.yaml")
    longer.write_text(BARE.replace("2025-05-30", "2025-06-30"))
    assert run("plan", "import", str(longer), "--yes").status == 0


def test_an_amendment_does_not_take_all_supervisors_away(loaded: Run, bare: str, content: Content) -> None:
    before = content()
    said = loaded("plan", "import", bare, "--yes")
    assert (said.status, said.err.count("\n")) == (2, 1)
    assert "逾期后无人督办" in said.err
    assert content() == before
    assert loaded("plan", "import", bare, "--yes", "--without-supervisors").status == 0


def test_a_plan_is_checked_for_empty_posts(run: Run, bare: str, plan_file: Path) -> None:
    refused = run("plan", "check", bare)
    assert (refused.status, refused.out) == (2, "")
    assert "2项措施（01-1、01-2）逾期后无人督办" in refused.err
    said = run("plan", "check", bare, "--without-supervisors")
    assert (said.status, said.err) == (0, "注意：分管领导、主要领导、纪检监察组没有人；逾期后无人督办的措施2项\n")
    assert run("plan", "check", bare, "--without-supervisors", "--json").json["unsupervised"] == ["01-1", "01-2"]
    assert run("plan", "check", str(plan_file)).err == ""


def test_one_supervisor_is_enough_to_begin(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deputy.yaml"
    file.write_text(DEPUTY_ONLY)
    assert run("plan", "check", str(file)).err == "注意：主要领导、纪检监察组没有人；逾期后无人督办的措施0项\n"
    assert run("plan", "load", str(file), "--at", "2025-02-17", "--yes").status == 0
