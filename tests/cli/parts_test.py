"""Whoever owes a part hands it in on the command line, and is told what there is where he names something else."""

from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, Run
from tests.cli.roundtrip_test import Content

GIVE = ("part", "01-1", "--text", "已清理河道三公里", "--by", "东站经办人")
_UNITS = "  water: {name: 水科, handler: [handler], leader: [leader]}\n"
GATHERED = (
    PLAN.replace("  office: {name: 整改办}\n", "  office: {name: 整改办}\n  east: {name: 东站经办人}\n")
    .replace(_UNITS, f"{_UNITS}  east: {{name: 东站, handler: [east], superior: water}}\n")
    .replace("cadence: monthly, source", "cadence: monthly, gather: subordinate, source")
)


@pytest.fixture
def gathered(run: Run, tmp_path: Path) -> Run:
    """The command line on a ledger whose monthly report gathers the part of a station, since 3 March."""
    file = tmp_path / "plan.yaml"
    file.write_text(GATHERED)
    assert run("plan", "load", str(file), "--at", "2025-03-03", "--yes").status == 0
    return run


def test_a_part_is_listed_handed_in_and_over(gathered: Run) -> None:
    (part,) = gathered("matters", "--person", "东站经办人", "--json").json
    assert (part["id"], part["kind"], part["measure"], part["due_on"]) == ("part-1", "part", "01-1", "2025-03-26")
    said = gathered(*GIVE, "--unit", "东站", "--percent", "60")
    assert (said.status, said.out) == (0, "01-1 月报 · 2025年3月：已收到东站的分报\n")
    assert gathered("matters", "--person", "东站经办人", "--json").json == []
    assert gathered("audit", "verify").status == 0


def test_a_unit_that_is_not_asked_is_named_with_those_that_are(gathered: Run, content: Content) -> None:
    before = content()
    said = gathered(*GIVE, "--unit", "西站")
    assert (said.status, said.err) == (2, "01-1 月报 · 2025年3月 没有请“西站”分报；分报单位：东站\n")
    assert content() == before


def test_a_part_is_given_once(gathered: Run) -> None:
    assert gathered(*GIVE, "--unit", "east").status == 0
    said = gathered(*GIVE, "--unit", "east", "--duty", "report")
    assert said.status == 2
    assert said.err.startswith("01-1 月报 · 2025年3月 的东站分报为“已分报”，不再收")


def test_a_rehearsal_tells_who_will_be_asked_for_a_part(gathered: Run) -> None:
    """Of a day to come: on a copy, so that nobody was asked by it."""
    told = gathered("patrol", "--at", "2025-03-27", "--json").json
    assert "东站经办人" in [one["to"] for one in told["letters"]]
    assert "东站经办人" not in gathered("messages", "--json").out


def test_a_measure_shows_its_parts_and_its_forecast_says_that_they_are_asked_besides(gathered: Run) -> None:
    assert gathered(*GIVE, "--unit", "东站", "--percent", "60").status == 0
    assert (
        "分报 月报 · 2025年3月：东站，2025年3月10日09:00，东站经办人，60%，已清理河道三公里"
        in gathered("show", "01-1").out
    )
    assert "1项督办事项由东站分报后汇总" in gathered("forecast").out + gathered("forecast").err
