"""``duban intake``: a notice or a ledger on the command line becomes a plan file, or a refusal and no file."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from plan.loader import load_plan
from tests.cli.conftest import Run
from tests.intake.notices.reading import EZHOU, NOTICES, read

NOTICE = """某区巡察整改情况的通报
2024年3月8日至5月7日，区委第三巡察组巡察中共某区水务局党组，2024年6月20日反馈。
二、整改落实情况
1.调度不够
整改情况：一是每月调度工程进度；二是加强管理。
"""
LEDGER = """序号,反馈问题,整改措施,整改时限,责任单位,责任人
1,调度不够,每月调度工程进度,2025年6月底,水科,王工
2,制度不全,修订管理制度,{limit},办公室,李工
"""


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    file = tmp_path / "notice.txt"
    file.write_text(NOTICE, encoding="utf-8")
    return file


def ledger(folder: Path, limit: str) -> Path:
    file = folder / "台账.csv"
    file.write_text(LEDGER.format(limit=limit), encoding="utf-8")
    return file


GIVEN = ("--organisation", "某局党组", "--inspector", "区委巡察组", "--kind", "party", "--feedback-on", "2025-01-10")


def test_the_notice_of_ezhou_becomes_a_plan_that_passes_the_check(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    said = run("intake", str(EZHOU), "-o", str(plan))
    assert (said.status, said.err) == (0, "")
    assert "23个问题，55项措施，8项督办，待确认" in said.out
    assert f"duban plan check {plan}" in said.out
    assert run("plan", "check", str(plan), "--without-supervisors", "--json").json["measures"] == 55
    assert load_plan(plan).inspection.key == "party-2024"


def test_json_is_the_draft_and_nothing_else(run: Run) -> None:
    expected = json.loads(json.dumps(read(EZHOU).as_dict(), default=str)) | {"source": EZHOU.name}
    why = "按通报（正文读到23个问题）读入"
    expected["taken_for"] = {"kind": "notice", "why": why, "perhaps": [], "given": False}
    assert run("intake", str(EZHOU), "--json").json == expected


def test_what_kind_of_paper_it_was_taken_for_is_said_wherever_it_is_read(run: Run, tmp_path: Path) -> None:
    why = "按通报（正文读到23个问题）读入"
    assert run("intake", str(EZHOU)).out.startswith(f"{why}\n")
    assert f"{why}\n" in run("intake", str(EZHOU), "-o", str(tmp_path / "plan.xlsx")).out
    run("intake", str(EZHOU), "--html", str(tmp_path / "review.html"))
    assert f"<p>{why}</p>" in (tmp_path / "review.html").read_text("utf-8")


TASKS = "今年的工作\n一、推进简政放权\n1.取消审批事项\n2.优化办事流程\n"


def test_a_person_says_which_kind_it_is_for_every_output(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "工作.txt"
    file.write_text(TASKS, encoding="utf-8")
    assert "--as ledger、--as tasks" in run("intake", str(file)).out
    why = "照您指定的按任务清单读入（没有写明由谁办、何时办的事）"
    said = run("intake", str(file), "--as", "tasks")
    assert (said.status, said.out.partition("\n")[0]) == (0, why)
    assert run("intake", str(file), "--as", "tasks", "--json").json["taken_for"]["kind"] == "tasks"
    for name in ("plan.yaml", "plan.xlsx"):
        assert why in run("intake", str(file), "--as", "tasks", "-o", str(tmp_path / name), *GIVEN).out
    assert [len(one.measures) for one in load_plan(tmp_path / "plan.yaml").findings] == [2]
    run("intake", str(file), "--as", "tasks", "--html", str(tmp_path / "review.html"))
    assert "措施 01-2" in (tmp_path / "review.html").read_text("utf-8")


@pytest.mark.parametrize("path", NOTICES, ids=lambda path: path.stem)
def test_every_notice_is_shown(run: Run, path: Path) -> None:
    said = run("intake", str(path))
    assert (said.status, said.err) == (0, "")


def test_people_see_what_was_read_and_how(run: Run, notice: Path) -> None:
    out = run("intake", str(notice)).out
    assert "单位：中共某区水务局党组" in out
    assert "01-1 每月调度工程进度〔整改中〕" in out
    assert "每月调度 → 每月" in out
    assert "01-2「没有写明日期」何时完成" in out
    assert "二、整改落实情况" in out


def test_other_numbers_than_the_notice_states_are_pointed_out(run: Run, notice: Path) -> None:
    notice.write_text(NOTICE.replace("反馈。", "反馈。共反馈25个问题。"), encoding="utf-8")
    out = run("intake", str(notice)).out
    assert "原文所述：问题25" in out
    assert "读到的是问题1" in out


def test_a_plan_that_is_there_is_not_overwritten(run: Run, notice: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("mine", encoding="utf-8")
    said = run("intake", str(notice), "-o", str(plan))
    assert (said.status, plan.read_text(encoding="utf-8")) == (2, "mine")
    assert run("intake", str(notice), "-o", str(plan), "--force").status == 0
    assert load_plan(plan).findings[0].title == "调度不够"


def test_a_missing_fact_is_refused_and_supplied_by_its_option(run: Run, notice: Path, tmp_path: Path) -> None:
    notice.write_text(NOTICE.replace("，2024年6月20日反馈", ""), encoding="utf-8")
    plan = tmp_path / "plan.yaml"
    said = run("intake", str(notice), "-o", str(plan))
    assert (said.status, said.err) == (2, "“notice.txt”没有写明反馈日期；请补上（--feedback-on）\n")
    assert list(tmp_path.glob("*.yaml")) == []
    assert (
        run("intake", str(notice), "-o", str(plan), "--feedback-on", "2024-06-20", "--key", "shuiwu-2024").status == 0
    )
    inspection = load_plan(plan).inspection
    assert (str(inspection.feedback_on), inspection.key) == ("2024-06-20", "shuiwu-2024")


def test_a_ledger_becomes_a_plan_with_limits_and_units(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    said = run("intake", str(ledger(tmp_path, "2025-12-31")), "-o", str(plan), *GIVEN)
    assert (said.status, said.err) == (0, "")
    found = load_plan(plan)
    first, second = (finding.measures[0] for finding in found.findings)
    assert [unit.name for unit in found.units.values()] == ["水科", "办公室"]
    assert {(duty.kind, str(duty.due_on)) for duty in first.duties} == {("finish", "2025-06-30"), ("dispatch", "None")}
    assert [(duty.kind, str(duty.due_on)) for duty in second.duties] == [("finish", "2025-12-31")]


def test_a_ledger_with_a_bad_row_is_refused_until_told_to_take_the_good_ones(run: Run, tmp_path: Path) -> None:
    file, plan = ledger(tmp_path, "2025年13月40日"), tmp_path / "plan.yaml"
    said = run("intake", str(file), "-o", str(plan), *GIVEN)
    assert said.status == 2
    assert "--rows good" in said.err
    assert "台账!D3（整改时限）" in said.out
    assert "2025年13月40日" in said.out
    assert not plan.exists()
    errors: list[dict[str, Any]] = run("intake", str(file), "--json").json["errors"]
    assert [(one["row"], one["value"]) for one in errors] == [(3, "2025年13月40日")]
    assert run("intake", str(file), "-o", str(plan), "--rows", "good", *GIVEN).status == 0
    assert [finding.title for finding in load_plan(plan).findings] == ["调度不够"]


def test_whoever_looks_on_sees_how_far_a_ledger_is(tmp_path: Path) -> None:
    file = ledger(tmp_path, "2025-12-31")
    looking, terminal = os.openpty()
    command = [sys.executable, "-m", "cli.main", "intake", str(file), "--json"]
    with (tmp_path / "said.json").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=terminal):
        os.close(terminal)
        seen = b"".join(_until_closed(looking))
    assert "理解各行" in seen.decode()
    assert json.loads((tmp_path / "said.json").read_text("utf-8"))["source"] == "台账.csv"


def _until_closed(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # how a terminal says that its last writer has gone
        while some := os.read(terminal, 65536):
            yield some
    os.close(terminal)


def test_a_ledger_of_five_thousand_rows_becomes_a_plan(run: Run, tmp_path: Path) -> None:
    file, plan = tmp_path / "台账.csv", tmp_path / "plan.yaml"
    rows = [
        f"{n},问题{n}不规范,第{n}处每月调度并修订制度,2025年{n % 12 + 1}月底,科室{n % 9},王工" for n in range(1, 5001)
    ]
    file.write_text("\n".join([LEDGER.splitlines()[0], *rows]), encoding="utf-8")
    said = run("intake", str(file), "-o", str(plan), *GIVEN)
    assert (said.status, said.err) == (0, "")
    assert "5000个问题，5000项措施" in said.out


def test_a_notice_without_problems_makes_no_plan(run: Run, tmp_path: Path) -> None:
    only_totals = next(path for path in NOTICES if path.name.startswith("10_"))
    said = run("intake", str(only_totals), "-o", str(tmp_path / "plan.yaml"), *GIVEN)
    assert said.status == 2
    assert "没有读到反馈问题" in said.err
    assert list(tmp_path.glob("*.yaml")) == []


def test_rows_of_a_ledger_are_marked_too(run: Run, tmp_path: Path) -> None:
    ledger = tmp_path / "台账.csv"
    ledger.write_text("序号,反馈问题,整改措施,整改时限,责任单位\n1,调度不够,每月调度,2025年6月底,水科\n", "utf-8")
    said = run("intake", str(ledger), "--html", str(tmp_path / "核对.html"))
    assert (said.status, said.out) == (0, f"已写成 {tmp_path / '核对.html'}：在浏览器里打开，对照原文核对\n")
    page = (tmp_path / "核对.html").read_text("utf-8")
    assert "<mark class=sure>每月调度</mark>" in page
    assert "01-1 牵头水科，时限2025-06-30" in page
    assert run("intake", str(ledger), "--html", str(tmp_path / "核对.html")).status == 2  # nothing is overwritten


WRONG = {
    "a file that is not there": (("intake", "nowhere.txt"), "nowhere.txt"),
    "a day that is none": (("intake", str(EZHOU), "--feedback-on", "昨天"), "--feedback-on"),
    "a folder that is not there": (("intake", str(EZHOU), "-o", "nowhere/plan.yaml"), "nowhere"),
    "a kind of paper that is none": (
        ("intake", str(EZHOU), "--as", "通报", "-o", "plan.yaml"),
        "notice、ledger、tasks",
    ),
    "a kind that this paper cannot be": (("intake", str(EZHOU), "--as", "ledger", "-o", "plan.yaml"), "表头"),
    "a key that is none": (("intake", str(EZHOU), "-o", "plan.yaml", "--key", "鄂州"), "--key"),
}


@pytest.mark.parametrize(("arguments", "named"), WRONG.values(), ids=WRONG.keys())
def test_bad_input_is_one_line_and_leaves_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert named in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.glob("**/plan.yaml")) == []


@pytest.mark.parametrize("content", ['序号,反馈问题\n1,"没有关上,每月调度\n', "序号,反馈问题\n1,甲\0乙\n"])
def test_a_hostile_file_is_one_line_and_leaves_no_file(run: Run, tmp_path: Path, content: str) -> None:
    ledger, plan, page = tmp_path / "台账.csv", tmp_path / "plan.xlsx", tmp_path / "核对.html"
    ledger.write_text(content, "utf-8")
    said = run("intake", str(ledger), "-o", str(plan), "--html", str(page))
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert "“台账.csv”" in said.err
    assert not plan.exists()
    assert not page.exists()
