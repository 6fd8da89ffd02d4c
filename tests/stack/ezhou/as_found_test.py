"""Ezhou's inspection since 2025-01-17 and another since March, not reported on until 2025-05-12: what is found then."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import pytest

from tasks.first_page import SEARCHES
from tests.stack.ezhou.conftest import SECOND, SHOWN
from tests.stack.office import Office, until
from tests.stack.screen import Screen
from text.links import runs_link

pytestmark = pytest.mark.prefect
_CLAIMED = "SELECT run_id FROM runs WHERE NOT ended"
_BOTH: LiteralString = """
    SELECT count(DISTINCT periods.id) + count(DISTINCT escalations.id) + count(DISTINCT parts.id)
    FROM periods JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id
    LEFT JOIN escalations ON escalations.period_id = periods.id AND escalations.state = 'open'
    LEFT JOIN parts ON parts.period_id = periods.id AND parts.state = 'waiting'
    WHERE periods.state IN ('waiting', 'submitted') AND
"""
_LED: LiteralString = """
    EXISTS (SELECT FROM recipients AS one WHERE one.name = '督察科负责人' AND audiences -> 'leader' @> to_jsonb(one.id))
"""
_ASKED: LiteralString = """
    SELECT people.name FROM people JOIN holdings ON person_id = people.id
    JOIN recipients ON recipients.id = recipient_id, escalations
    JOIN periods ON periods.id = period_id JOIN duties ON duties.id = duty_id
    WHERE escalations.state = 'open' AND duties.key = 'report-central'
        AND escalations.recipients @> to_jsonb(recipient_id)
        AND recipients.key <> 'discipline' AND until_on IS NULL
"""
_COUNTED: dict[str, LiteralString] = {
    "late": "SELECT count(*) FROM periods WHERE state = 'waiting' AND due_on < '2025-05-12'",
    "near": "SELECT count(*) FROM periods WHERE state = 'waiting' AND due_on BETWEEN '2025-05-12' AND '2025-05-26'",
    "review": "SELECT count(*) FROM periods WHERE state = 'submitted'",
    "sheets": "SELECT count(*) FROM escalations WHERE state = 'open'",
    "督察科": f"{_BOTH} lead_unit = '督察科'",
    "督察科负责人": f"{_BOTH} {_LED}",
    "02-3": f"{_BOTH} full_code = '02-3'",
}
"""What the ledger counts on that morning, and what of it is of one unit, one leader and one measure."""


def test_all_55_measures_are_deployed_with_their_schedules(ezhou: Office) -> None:
    found = {one["name"]: one for one in ezhou.every("/deployments/filter")}
    engine = {"patrol", "deliver", "backup", "escalate", "extend", "suspend", "gather", "close", "look-back"}
    engine |= {"release", "compile-province", "compile-dispatch"}
    assert len(found) == 74
    assert engine < found.keys()
    measures = {name.split(" ")[0]: one for name, one in found.items() if name not in engine}
    by_code = {code: one for code, one in measures.items() if not code.startswith(SECOND)}
    assert (len(by_code), len(measures)) == (55, 62)
    assert all(one["schedules"] and one["work_pool_name"] == "duban" for one in by_code.values())
    schedules = {one["slug"]: one for code in ("02-3", "07-1", "07-3") for one in by_code[code]["schedules"]}
    assert sorted(schedules) == ["02-3-report-central", "02-3-report-provincial", "07-1-dispatch", "07-3-finish"]
    crons = {slug: one["schedule"]["cron"].split(" ", 1)[1] for slug, one in schedules.items()}
    assert crons["02-3-report-central"] == "0 1 1-11/2 *"
    assert crons["02-3-report-provincial"] == "0 1 1-10/3 *"
    assert crons["07-1-dispatch"] == "0 1 * *"
    assert {one["schedule"]["timezone"] for one in schedules.values()} == {"Asia/Shanghai"}


def test_every_open_period_waits_under_its_name_and_colour(ezhou: Office) -> None:
    waiting = ezhou.waiting()
    assert Counter(waiting.values()) == SHOWN
    assert waiting["02-3 双月报送 · 2025年1—2月"] == "逾期·红"
    assert waiting["02-3 双月报送 · 2025年3—4月"] == "逾期·橙"
    assert waiting["02-3 双月报送 · 2025年5—6月"] == "待填报"
    assert waiting["02-3 季度报送 · 2025年第1季度"] == "逾期·红"
    assert waiting["07-1 每月调度 · 2025年4月"] == "逾期·橙"
    assert waiting["07-3 工程完工 · 2025年5月底前"] == "临期"  # due on 31 May, the green letter is out
    assert waiting["20-2 年末组织生活会 · 2025年度"] == "待填报"


def test_every_run_waits_with_the_form_of_its_matter(ezhou: Office) -> None:
    runs = {run["name"]: run for run in ezhou.runs("PAUSED")}
    keys = Counter(run["state"]["state_details"]["pause_key"] for run in runs.values())
    assert keys == {"report-1-0": 123, "escalation-0": 2, "circular-0": 43, "part-0": 4}
    assert _fields(ezhou, runs["07-3 工程完工 · 2025年5月底前"])[0] == "完成情况"


def _fields(office: Office, run: dict[str, Any]) -> list[str]:
    key = run["state"]["state_details"]["run_input_keyset"]["schema"]
    schema = office.api(f"/flow_runs/{run['id']}/input/{key}")
    return [one["title"] for one in schema["properties"].values()]


def test_deploying_again_changes_nothing(ezhou: Office) -> None:
    done = ezhou.read("deploy")
    assert (done["created"], done["updated"], done["deleted"]) == (0, 0, 0)
    assert (done["unchanged"], done["automations"]) == (74, 0)


@pytest.mark.browser
def test_the_picture_of_the_waiting_runs(ezhou: Office, screen_of: Callable[[Office], Screen], tmp_path: Path) -> None:
    screen = screen_of(ezhou)
    screen.runs(tag="问题02", state="逾期·红")
    picture = _pictures(tmp_path) / "runs.png"
    screen.picture(picture)
    assert picture.stat().st_size > 20_000


def _pictures(folder: Path) -> Path:
    """Where pictures are kept, for those who want to look at them."""
    return Path(os.environ.get("DUBAN_PICTURES", folder))


def test_each_recipient_has_one_digest_and_a_second_patrol_sends_nothing(ezhou: Office) -> None:
    ezhou.run_once("deliver")
    letters, counts = ezhou.letters(), ezhou.counts()
    assert [file.name.split("-")[0] for file in letters] == ["digest"] * len(letters)
    recipients = {file.name.split("--", 1)[1] for file in letters}
    assert (len(letters), len(recipients)) == (33, 33)
    assert "整改办.eml" in recipients  # the summary of the office
    ezhou.run_once("patrol")
    ezhou.run_once("deliver")
    assert (ezhou.letters(), ezhou.counts()) == (letters, counts)
    assert "新增提醒 | 0 |" in ezhou.artifact("patrol")


def test_no_run_was_lost_or_doubled_when_the_worker_was_killed(ezhou: Office) -> None:
    for flow in ("supervise", "escalate"):
        assert ezhou.runs("RUNNING", "PENDING", "CRASHED", "FAILED", "COMPLETED", flow=flow) == []
    assert {str(one) for (one,) in ezhou.rows(_CLAIMED)} == {run["id"] for run in ezhou.runs("PAUSED")}
    ezhou.audit()


def test_the_supervisor_instructs_and_sets_a_new_limit(ezhou: Office) -> None:
    number, run = _escalation(ezhou, "07-1 每月调度 · 2025年1月")
    assert _fields(ezhou, run) == ["决定", "通报内容", "新时限", "签收后暂缓至", "暂缓理由", "处理人"]
    said = {"decision": "不通报，仅批示", "instruction": "5月底前补报", "new_limit": "2025-05-30"}
    ezhou.resume(run["id"], **said, by="分管副局长")
    ezhou.shows(run["id"], "已批示")
    *_, sheet = _sheets(ezhou, "07-1", "2025年1月")
    assert (sheet["number"], sheet["state"], sheet["instruction"]) == (number, "instructed", "5月底前补报")
    assert sheet["new_limit_on"] == "2025-05-30"


def test_a_circular_that_was_decided_on_waits_for_the_office_in_a_run_of_its_own(ezhou: Office) -> None:
    number, run = _escalation(ezhou, "22-3 季度报进展 · 2025年第1季度")
    ezhou.resume(run["id"], decision="予以通报", instruction="局办公室须补报", by="周建国")
    ezhou.shows(run["id"], "已决定通报")
    ezhou.run_once("patrol")
    name = f"专项通报 · {number}"
    waiting = until(
        "its paper waits", lambda: [one for one in ezhou.runs("PAUSED", flow="release") if one["name"] == name]
    )
    assert waiting[0]["state"]["name"] == "待发布"


def test_a_late_report_closes_late_and_ends_the_run_of_its_escalation(ezhou: Office) -> None:
    run = ezhou.run_of("11-1", "2025年第1季度")
    _, escalation = _escalation(ezhou, run["name"])
    late = ("--period", "2025年第1季度")
    ezhou.duban("submit", "11-1", "--text", "已抽查三家企业", "--percent", "100", *late, "--by", "执法支队经办人")
    ezhou.shows(escalation["id"], "已终止")
    ezhou.shows(run["id"], "待审核")
    done = ezhou.duban("review", "11-1", "--accept", "--reason", "情况属实", "--by", "整改办")
    assert done.stdout == "11-1 季度抽查 · 2025年第1季度：逾期办结\n"
    assert ezhou.shows(run["id"], "逾期办结")["state"]["type"] == "COMPLETED"
    states = [one["state"] for one in _sheets(ezhou, "11-1", "2025年第1季度")]
    assert states == ["superseded", "superseded", "superseded", "closed"]


@pytest.mark.browser
def test_the_screen_lists_what_the_ledger_counts_however_long_it_has_waited(
    ezhou: Office, screen_of: Callable[..., Screen], tmp_path: Path
) -> None:
    of_january = ("--period", "2025年1月", "--by", "执法支队经办人")
    ezhou.duban("submit", "08-2", "--text", "已调度", "--percent", "100", *of_january)
    ezhou.shows(ezhou.run_of("08-2", "2025年1月")["id"], "待审核")
    ezhou.run_once("patrol")
    assert ezhou.grow_older(days=40) > 100
    counted = {name: ezhou.rows(query)[0][0] for name, query in _COUNTED.items()}
    folder, screen = _pictures(tmp_path), screen_of(ezhou)
    address = ezhou.said.split("督办首页：")[1].split()[0]
    heading = "逾期{late}项、待审核{review}项、督办单{sheets}份、待批复延期0项、十四天内到期{near}项".format(**counted)
    screen.first_page(address, heading)
    _, run = _escalation(ezhou, "02-3 双月报送 · 2025年1—2月")
    asked = {name for (name,) in ezhou.rows(_ASKED)}
    (row,) = [one for one in screen.page.get_by_role("row").all_inner_texts() if run["name"] in one]
    assert set(row.split("\t")[3].split("、")) == asked != set()
    screen.picture(folder / "first-page.png")
    lists = {"逾期": "late", "待审核": "review", "待批示": "sheets"}
    for link, name in lists.items():
        opened = screen.follow(link)
        opened.counted(counted[name])
        opened.picture(folder / f"{name}.png")
    matter = screen.follow("02-3 双月报送 · 2025年1—2月")
    matter.counted(1)
    # Prefect's own page shows the last seven days.
    screen.saved_searches(*SEARCHES)
    screen.picture(folder / "saved-searches.png")
    screen.choose("逾期")
    screen.counted(counted["late"])
    red = (
        ezhou.count("逾期·红") + ezhou.rows("SELECT count(*) FROM escalations WHERE state='open' AND level='red'")[0][0]
    )
    for tag, number in {"督察科": counted["督察科"], "督察科负责人": counted["督察科负责人"], "红灯": red}.items():
        screen.page.goto(f"{ezhou.url}{runs_link('', [tag])}")
        screen.counted(number)
    screen.deployments("02-3 向省厅报送督察整改进展")
    screen.page.get_by_role("link", name="02-3 向省厅报送督察整改进展").first.click()
    screen.open_tab("Description")
    screen.shows("（逾期未报2期：2025年1—2月、2025年3—4月）")
    screen.picture(folder / "deployment.png")
    screen.follow("本措施的各期与督办单").counted(counted["02-3"])


@pytest.mark.browser
def test_the_page_of_a_run_that_ended_shows_report_reviewer_and_reason(
    ezhou: Office, screen_of: Callable[..., Screen], tmp_path: Path
) -> None:
    screen = screen_of(ezhou)
    screen.badge(ezhou.run_of("11-1", "2025年第1季度")["id"], "逾期办结")
    screen.open_tab("Artifacts")
    screen.page.locator("a[href*='/artifacts/artifact/']").first.click()
    screen.shows("第1轮填报（执法支队经办人，进度100%）", "已抽查三家企业", "审核通过：情况属实（整改办）")
    screen.picture(_pictures(tmp_path) / "closed.png")


@pytest.mark.browser
def test_on_a_phone_the_first_page_opens_too(ezhou: Office, screen_of: Callable[..., Screen], tmp_path: Path) -> None:
    phone = screen_of(ezhou, width=390)
    phone.first_page(f"{ezhou.url}/artifacts/key/duban", "待审核1项")
    phone.picture(_pictures(tmp_path) / "first-page-phone.png")


def _escalation(office: Office, period: str) -> tuple[str, dict[str, Any]]:
    """The number of a period's waiting escalation, and its run."""
    (run,) = [one for one in office.runs("PAUSED", flow="escalate") if one["name"].endswith(f" · {period}")]
    return run["name"].split(" · ")[0], run


def _sheets(office: Office, measure: str, label: str) -> list[dict[str, Any]]:
    (found,) = [one for one in office.read("show", measure)["periods"] if one["label"] == label]
    sheets: list[dict[str, Any]] = found["escalations"]
    return sheets
