"""One period on the real stack: through the forms of Prefect's own UI, and through the command line meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stack.office import SILENT, Office
from tests.stack.screen import Screen

pytestmark = pytest.mark.prefect
REPORT_FIELDS = [
    "完成情况",
    "进度（%）",
    "该项工作已全部完成",
    "存在困难",
    "需协调事项",
    "佐证材料（每行一份）",
    "申请延期至",
    "延期理由",
    "填报人",
]
REVIEW_FIELDS = ["通过", "审核意见", "审核人"]
ScreenOf = Callable[[Office], Screen]


def _march(office: Office, measure: str) -> dict[str, Any]:
    found: dict[str, Any] = office.read("show", measure)["periods"][0]
    assert found["label"] == "2025年3月"
    return found


def _acts(office: Office, measure: str) -> list[tuple[Any, ...]]:
    """Who did what to a measure's March, by the audit trail."""
    name = f"{measure} 月报 · 2025年3月"
    return office.rows("SELECT command, actor FROM audit WHERE subject = %s ORDER BY id", name)


@pytest.mark.browser
def test_the_operator_fills_the_form_then_the_review_and_the_run_ends_in_time(
    small: Office, screen_of: ScreenOf, tmp_path: Path
) -> None:
    screen = screen_of(small)
    run = small.run_of("01-1")
    assert run["name"] == "01-1 月报 · 2025年3月"
    small.shows(run["id"], "待填报")

    report = screen.open_form(run["id"])
    assert report.labels() == REPORT_FIELDS
    assert "01-1 月报 · 2025年3月，期限 2025-03-31" in report.card
    screen.picture(tmp_path / "form.png")
    report.fill("完成情况", "完成管网普查三公里")
    report.fill("进度（%）", "60")
    report.fill("佐证材料", "普查报告.pdf\n现场照片.jpg")
    report.fill("填报人", "王工")
    report.submit()
    small.shows(run["id"], "待审核")

    review = screen.open_form(run["id"])
    assert review.labels() == REVIEW_FIELDS
    assert "第1轮填报（王工，进度60%）\n完成管网普查三公里" in review.card
    review.switch_on("通过")
    review.fill("审核人", "李科长")
    review.submit()
    assert small.shows(run["id"], "按期办结")["state"]["type"] == "COMPLETED"
    screen.badge(run["id"], "按期办结")

    period = _march(small, "01-1")
    said = period["submissions"][0]
    assert (period["state"], period["outcome"], period["round"]) == ("closed", "按期办结", 1)
    assert (said["percent"], said["evidence"], said["accepted"]) == (60, ["普查报告.pdf", "现场照片.jpg"], True)
    assert _acts(small, "01-1") == [("submit", "王工"), ("accept", "李科长")]
    small.audit()
    small.run_once("patrol")
    line = next(row for row in small.artifact("ledger") if row["编号"] == "01-1")
    assert (line["上期"], line["最近期限"]) == ("2025年3月 按期办结", "2025-04-30")

    screen.deployments("01-1 管网改造01-1")
    screen.picture(tmp_path / "deployments.png")
    assert all((tmp_path / name).stat().st_size > 20_000 for name in ("form.png", "deployments.png"))


@pytest.mark.browser
def test_a_return_needs_a_reason_which_stands_above_the_form_of_round_2(small: Office, screen_of: ScreenOf) -> None:
    screen = screen_of(small)
    run = small.run_of("01-2")
    small.shows(run["id"], "待填报")
    small.resume(run["id"], body="已推进", percent=30, by="王工")
    small.shows(run["id"], "待审核")

    review = screen.open_form(run["id"])
    review.fill("审核人", "李科长")
    review.submit()
    small.until_key(run["id"], "review-1-1")
    again = screen.open_form(run["id"])
    assert "未能登记：必须写明理由" in again.card
    again.fill("审核意见", "没有附工程量清单")
    again.fill("审核人", "李科长")
    again.submit()
    small.shows(run["id"], "待填报")

    second = screen.open_form(run["id"])
    assert "退回理由：没有附工程量清单" in second.card
    second.fill("完成情况", "补附工程量清单")
    second.fill("填报人", "王工")
    second.submit()
    small.shows(run["id"], "待审核")
    period = _march(small, "01-2")
    assert (period["round"], [one["body"] for one in period["submissions"]]) == (2, ["已推进", "补附工程量清单"])
    assert period["submissions"][1]["percent"] == 30  # the form starts with what was reported last
    assert _acts(small, "01-2") == [("submit", "王工"), ("return", "李科长"), ("submit", "王工")]


def test_the_run_follows_what_the_command_line_does(small: Office) -> None:
    run = small.run_of("02-1")
    small.shows(run["id"], "待填报")
    done = small.duban("submit", "02-1", "--text", "完成调度", "--percent", "80", "--by", "王工")
    assert done.stdout == "02-1 月报 · 2025年3月：已填报，待审核\n"
    small.shows(run["id"], "待审核")
    done = small.duban("review", "02-1", "--accept", "--by", "李科长")
    assert done.stdout == "02-1 月报 · 2025年3月：按期办结\n"
    assert small.shows(run["id"], "按期办结")["state"]["type"] == "COMPLETED"
    assert _acts(small, "02-1") == [("submit", "王工"), ("accept", "李科长")]


def test_a_form_that_comes_after_the_command_line_changes_nothing_and_loses_nothing(small: Office) -> None:
    run = small.run_of("02-2")
    small.shows(run["id"], "待填报")
    # Prefect does not hear of this report: the form of the same round is still open in somebody's browser.
    done = small.duban(
        "submit", "02-2", "--text", "电话报送", "--percent", "50", "--by", "王工", PREFECT_API_URL=SILENT
    )
    assert done.stdout == "02-2 月报 · 2025年3月：已填报，待审核\n"
    assert done.stderr.startswith("台账已更新；Prefect 暂未跟上")
    head = small.audit()
    small.resume(run["id"], body="网页报送", percent=90, by="赵工")
    small.shows(run["id"], "待审核")
    period = _march(small, "02-2")
    assert [(one["body"], one["percent"]) for one in period["submissions"]] == [("电话报送", 50)]
    assert small.audit() == head

    small.duban("review", "02-2", "--return", "--reason", "请写明数量", "--by", "李科长", PREFECT_API_URL=SILENT)
    head = small.audit()
    small.resume(run["id"], accept=True, by="赵工")
    small.shows(run["id"], "待填报")
    period = _march(small, "02-2")
    assert (period["state"], period["round"], period["submissions"][0]["accepted"]) == ("waiting", 2, False)
    assert small.audit() == head


def test_a_patrol_of_the_command_line_makes_the_run_follow(small: Office) -> None:
    run = small.run_of("02-3")
    small.shows(run["id"], "待填报")
    small.duban("submit", "02-3", "--text", "电话报送", "--percent", "50", "--by", "王工", PREFECT_API_URL=SILENT)
    assert small.api(f"/flow_runs/{run['id']}")["state"]["name"] == "待填报"
    assert small.read("patrol")["woken"] == 1
    small.shows(run["id"], "待审核")
