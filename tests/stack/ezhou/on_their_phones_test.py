"""Two inspections, one roster, 2025-05-12: everybody acts from the letter that asks him, on a phone without script.

The sheet, the trail (who, by which door, whether proved), Prefect's run and the letters of others follow each act.
"""

import re
from base64 import b64decode
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, LiteralString

import httpx
import pytest
from playwright.sync_api import Page

from tests.stack.ezhou.conftest import SECOND
from tests.stack.links import link_in, links_of
from tests.stack.office import Office, until

pytestmark = [pytest.mark.prefect, pytest.mark.browser]
SHEET: LiteralString = """
    SELECT escalations.id, escalations.state, run_id FROM escalations JOIN periods ON periods.id = period_id
    JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id
    LEFT JOIN runs ON subject = 'escalation' AND subject_id = escalations.id
    WHERE full_code = %s AND label = %s ORDER BY escalations.id DESC LIMIT 1
"""
ACTS: LiteralString = """
    SELECT command, actor, facts ->> 'door', facts ->> 'proved', facts ->> 'for' FROM audit
    WHERE facts ? 'door' AND command <> 'give-link' ORDER BY id DESC LIMIT %s
"""
OF_RUN: LiteralString = "SELECT subject_id FROM runs WHERE run_id = %s"
# A picture of one pixel.
PHOTO = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def _letters(office: Office, person: str) -> list[str]:
    """What somebody was written, the newest first."""
    files = [file for file in office.letters() if file.name.endswith(f"--{person}.eml")]
    newest = sorted(files, key=lambda file: (file.stat().st_mtime, file.name), reverse=True)
    parts = [message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",)) for file in newest]
    return [str(part.get_content()).replace("\r", "") for part in parts if part is not None]


def _acts(office: Office, number: int = 1) -> list[tuple[Any, ...]]:
    """The newest acts of people: command, actor, door, whether proved, instead of whom."""
    return office.rows(ACTS, number)


def _page(phone: Page) -> str:
    return re.sub(r"\s+", " ", phone.inner_text("main"))


def _report(phone: Page, text: str) -> None:
    phone.get_by_label("完成情况").fill(text)
    phone.get_by_label("进度（%）").fill("100")
    phone.get_by_role("button", name="提交").click()
    assert "已登记。" in _page(phone)


def _counted(office: Office) -> list[Any]:
    return [*office.counts().values(), *office.rows("SELECT count(*), max(id) FROM audit")]


def test_a_scanner_opens_every_link_of_every_letter_and_nothing_is_used_up(ezhou: Office) -> None:
    ezhou.run_once("deliver")
    before = _counted(ezhou)
    bodies = [letter for person in ("周建国", "陈立", "王敏", "赵磊", "刘洋") for letter in _letters(ezhou, person)]
    links = [link for body in bodies for link in links_of(ezhou, body)]
    assert len(links) > 60
    with httpx.Client(trust_env=False, follow_redirects=True, headers={"user-agent": "SafeLinks"}) as scanner:
        for _ in range(2):
            assert {scanner.get(link).status_code for link in links} == {200}
        assert {scanner.head(link).status_code for link in links} == {200}
    assert _counted(ezhou) == before


def test_the_secretary_acknowledges_and_instructs_from_his_one_letter(ezhou: Office, phone: Page) -> None:
    (letter,) = _letters(ezhou, "周建国")
    assert "07-1 专人盯进度" in letter
    assert f"{SECOND}/01-1 " in letter
    sheet, _, run = ezhou.rows(SHEET, "22-2", "2025年1月")[0]
    phone.goto(link_in(ezhou, letter, "22-2", "2025年1月"))
    assert "通报〔2025〕" in phone.inner_text("h1")
    assert phone.get_by_label("完成情况").count() == 0
    phone.get_by_role("button", name="仅签收").click()
    assert "周建国已签收" in _page(phone)
    ezhou.shows(run, "已签收")
    phone.get_by_label("通报内容").fill("五月底前补报四期，说明原因")
    phone.get_by_label("新时限").fill("2025-05-30")
    phone.get_by_role("button", name="不通报，仅批示").click()
    assert "批示：五月底前补报四期，说明原因（周建国，新时限 2025-05-30）" in _page(phone)
    assert ezhou.shows(run, "已批示")["state"]["type"] == "COMPLETED"
    told = "SELECT instruction, instructed_by, new_limit_on::text FROM escalations WHERE id = %s"
    assert ezhou.rows(told, sheet) == [("五月底前补报四期，说明原因", "周建国", "2025-05-30")]
    assert _acts(ezhou, 2) == [
        ("instruct", "周建国", "link", "true", None),
        ("acknowledge", "周建国", "link", "true", None),
    ]
    ezhou.run_once("deliver")
    assert "批示：五月底前补报四期，说明原因" in _letters(ezhou, "局办公室经办人")[0]


def test_a_report_with_a_photo_is_returned_to_whoever_took_over_meanwhile(
    ezhou: Office, phone: Page, tmp_path: Path
) -> None:
    period, photo = "2025年1—2月", tmp_path / "现场.png"
    photo.write_bytes(PHOTO)
    run = ezhou.run_of("02-3", f"双月报送 {period}")
    old_link = link_in(ezhou, _letters(ezhou, "王敏")[0], "02-3", period)
    phone.goto(old_link)
    phone.get_by_label("上传佐证材料").set_input_files(photo)
    _report(phone, "已向省厅报送一至二月进展")
    ezhou.shows(run["id"], "待审核")
    kept = "SELECT name, added_by, length(sha256) FROM evidence ORDER BY id DESC LIMIT 1"
    assert ezhou.rows(kept) == [("现场.png", "王敏", 64)]

    tag = f"period-{ezhou.rows(OF_RUN, run['id'])[0][0]}"
    phone.goto(ezhou.read("link", "整改办", "--matter", tag)["url"])
    assert "现场.png" in _page(phone)
    phone.get_by_label("审核意见").fill("缺少盖章页")
    phone.get_by_role("button", name="退回").click()
    ezhou.shows(run["id"], "逾期·红")

    ezhou.duban("people", "hand-over", "ezhou-2024/inspection-handler", "--to", "何川")
    ezhou.run_once("deliver")
    phone.goto(old_link)
    assert "何川" in _page(phone)
    assert phone.get_by_role("button", name="提交").count() == 0
    phone.goto(link_in(ezhou, _letters(ezhou, "何川")[0], "02-3", period))
    assert "退回理由：缺少盖章页（整改办）" in _page(phone)
    assert phone.get_by_label("完成情况").input_value() == "已向省厅报送一至二月进展"
    _report(phone, "已向省厅报送一至二月进展，附盖章页")
    ezhou.shows(run["id"], "待审核")
    phone.goto(ezhou.read("link", "整改办", "--matter", tag)["url"])
    phone.get_by_role("button", name="通过").click()
    assert ezhou.shows(run["id"], "逾期办结")["state"]["type"] == "COMPLETED"
    assert [act[:4] for act in _acts(ezhou, 2)] == [
        ("accept", "整改办", "link", "true"),
        ("submit", "何川", "link", "true"),
    ]


def test_an_extension_is_asked_and_granted_by_the_deputy_who_has_just_come(ezhou: Office, phone: Page) -> None:
    run = ezhou.run_of("07-3")
    phone.goto(link_in(ezhou, _letters(ezhou, "财务审计科经办人")[0], "07-3"))
    phone.get_by_label("进度（%）").fill("80")
    phone.get_by_label("申请延期至").fill("2025-06-20")
    phone.get_by_label("延期理由").fill("汛期停工")
    phone.get_by_role("button", name="提交").click()
    assert "已登记。" in _page(phone)
    ezhou.run_once("deliver")
    old_link = link_in(ezhou, _letters(ezhou, "林涛")[0], "07-3")
    ezhou.duban("people", "hand-over", "ezhou-2024/deputy-water-soil", "--to", "高远")
    ezhou.run_once("deliver")
    phone.goto(old_link)
    assert phone.get_by_role("button", name="同意延期").count() == 0
    phone.goto(link_in(ezhou, _letters(ezhou, "高远")[0], "07-3"))
    assert "汛期停工（财务审计科经办人" in _page(phone)
    phone.get_by_role("button", name="同意延期").click()
    assert "2025-06-20" in _page(phone)
    assert _acts(ezhou) == [("decide-extension", "高远", "link", "true", None)]
    due = "SELECT due_on::text FROM periods JOIN runs ON subject_id = periods.id WHERE run_id = %s"
    assert ezhou.rows(due, run["id"]) == [("2025-06-20",)]
    ezhou.shows(run["id"], "待填报")


def test_whoever_stands_in_acts_and_the_trail_says_for_whom(ezhou: Office, phone: Page) -> None:
    away = ("--from", "2025-05-12", "--until", "2025-05-16", "--stand-in", "马超", "--reason", "出差")
    ezhou.duban("people", "absent", "刘洋", *away)
    ezhou.run_once("deliver")
    run = ezhou.run_of("02-2", "2025年第1季度")
    phone.goto(link_in(ezhou, _letters(ezhou, "马超")[0], "02-2", "2025年第1季度"))
    _report(phone, "已带队检查三个区")
    assert _acts(ezhou) == [("submit", "马超", "link", "true", "刘洋")]
    ezhou.shows(run["id"], "待审核")


def test_the_units_give_their_parts_and_the_lead_unit_gathers_them(ezhou: Office, phone: Page) -> None:
    code, period = f"{SECOND}/03-1", "2025年第1季度"
    phone.goto(link_in(ezhou, "\n".join(_letters(ezhou, "赵磊")), code, period))
    phone.get_by_label("分报内容").fill("抽查两处排口，均已封堵")
    phone.get_by_role("button", name="提交").click()
    assert "已登记。" in _page(phone)
    until(
        "the part's run ends",
        lambda: [one for one in ezhou.runs("COMPLETED") if "水生态环境科分报" in one["name"] and period in one["name"]],
    )
    assert _acts(ezhou)[0][:4] == ("part", "赵磊", "link", "true")
    phone.goto(link_in(ezhou, "\n".join(_letters(ezhou, "王敏")), code, period))
    assert phone.get_by_label("完成情况").input_value().startswith("水生态环境科：抽查两处排口，均已封堵")
    assert "综合执法支队" in _page(phone)
    _report(phone, "水生态环境科抽查两处排口，均已封堵。")
    assert ezhou.rows("SELECT count(*) FROM parts WHERE state = 'given'") == [(1,)]


def test_a_sheet_that_two_must_acknowledge_waits_for_both(ezhou: Office, phone: Page) -> None:
    code, period = f"{SECOND}/02-1", "2025年第13周"
    _, state, run = ezhou.rows(SHEET, code, period)[0]
    assert state == "open"
    phone.goto(link_in(ezhou, _letters(ezhou, "林涛")[-1], code, period))
    phone.get_by_role("button", name="仅签收").click()
    assert "须2人签收才暂缓升级，还差1人" in _page(phone)
    ezhou.shows(run, "待定通报")
    tag = f"escalation-{ezhou.rows(SHEET, code, period)[0][0]}"
    phone.goto(ezhou.read("link", "周建国", "--matter", tag)["url"])
    phone.get_by_role("button", name="仅签收").click()
    ezhou.shows(run, "已签收")


def test_forty_sheets_are_one_page_and_one_decision(ezhou: Office, phone: Page) -> None:
    waiting = ezhou.count("待定通报", "已签收")
    phone.goto(ezhou.read("link", "周建国")["url"])
    phone.get_by_role("button", name="登录").click()
    phone.get_by_role("link", name="全选").click()
    number = phone.locator("main input[name=matter]:checked").count()
    live = "SELECT count(*) FROM escalations WHERE kind = 'circular' AND state IN ('open', 'acknowledged')"
    assert number == ezhou.rows(live)[0][0] > 30
    phone.get_by_label("通报内容").fill("逐项说明原因，五月底前补报")
    phone.get_by_label("新时限").fill("2025-05-30")
    phone.get_by_role("button", name="不通报，仅批示").click()
    assert f"已登记{number}项。" in _page(phone)
    until("all their runs end", lambda: ezhou.count("待定通报", "已签收") == waiting - number, seconds=180)
    same = "SELECT count(*) FROM escalations WHERE state = 'instructed' AND instruction LIKE '逐项说明%%'"
    assert ezhou.rows(same) == [(number,)]
    assert {act[1:4] for act in _acts(ezhou, number)} == {("周建国", "session", "true")}
    before = len(_letters(ezhou, "赵磊"))
    ezhou.run_once("deliver")
    assert len(_letters(ezhou, "赵磊")) == before + 1, "one letter, however many instructions"
    ezhou.audit()
