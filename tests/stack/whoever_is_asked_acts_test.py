"""From a letter on real wires to the act, on a phone without script; the sheet, the trail and Prefect's run follow."""

import re
from typing import LiteralString

import pytest
from playwright.sync_api import Page

from tests.stack.links import link_in
from tests.stack.office import Office, until
from tests.stack.receivers import Received

pytestmark = [pytest.mark.prefect, pytest.mark.browser]
_RUN: LiteralString = "SELECT run_id FROM runs WHERE subject = 'escalation' AND subject_id = %s AND run_id IS NOT NULL"
_ACTS = "SELECT command, actor, facts ->> 'door' FROM audit WHERE facts ->> 'door' IN ('link', 'session') ORDER BY id"


def test_the_head_acknowledges_and_instructs_from_his_one_message(
    small: Office, received: Received, phone: Page
) -> None:
    small.run_once("patrol")
    small.run_once("deliver")
    post = next(one for one in received.posts if "03-1" in one["message"])
    ((sheet,),) = small.rows("SELECT id FROM escalations WHERE state = 'open'")
    ((run,),) = until("the sheet's run", lambda: small.rows(_RUN, sheet))
    small.shows(run, "待批示")

    phone.goto(link_in(small, post["message"], "03-1"))
    assert "督办〔2025〕" in phone.inner_text("h1")
    phone.get_by_role("button", name="仅签收").click()
    assert "局长已签收" in phone.inner_text("main")
    small.shows(run, "已签收")
    phone.get_by_label("批示内容").fill("三日内报结果")
    phone.get_by_label("新时限").fill("2025-03-14")
    phone.get_by_role("button", name="批示", exact=True).click()
    assert "批示：三日内报结果（局长，新时限 2025-03-14）" in phone.inner_text("main")
    assert small.shows(run, "已批示")["state"]["type"] == "COMPLETED"
    told = "SELECT new_limit_on::text, instruction FROM escalations WHERE id = %s"
    assert small.rows(told, sheet) == [("2025-03-14", "三日内报结果")]
    small.run_once("deliver")
    assert "批示：三日内报结果" in until("the unit's letter", lambda: _mail_about(received, "三日内报结果"))


def test_the_handler_reports_from_his_letter_and_the_office_reviews_after_signing_in(
    small: Office, received: Received, phone: Page
) -> None:
    run = small.run_of("03-2")
    phone.goto(link_in(small, _mail_about(received, "03-2"), "03-2"))
    phone.get_by_label("完成情况").fill("已完工并自验")
    phone.get_by_label("进度（%）").fill("100")
    phone.get_by_label("该项工作已全部完成").check()
    phone.get_by_role("button", name="提交").click()
    assert "已登记。" in phone.inner_text("main")
    small.shows(run["id"], "待审核")

    phone.goto(small.read("link", "整改办")["url"])
    phone.get_by_role("button", name="登录").click()
    phone.get_by_role("link", name=re.compile("03-2")).click()
    assert "已完工并自验" in phone.inner_text("main")
    phone.get_by_role("button", name="通过").click()
    assert "逾期办结" in phone.inner_text("main")
    assert small.shows(run["id"], "逾期办结")["state"]["type"] == "COMPLETED"
    phone.goto(small.web_url)
    assert "第一轮巡察整改" in phone.inner_text("h1")
    # What was claimed to be done and accepted is on its way to be struck off, in the same act.
    assert small.rows(_ACTS)[-4:] == [
        ("submit", "水科经办人", "link"),
        ("sign-in", "整改办", "link"),
        ("begin-closure", "整改办", "session"),
        ("accept", "整改办", "session"),
    ]
    small.audit()


def _mail_about(received: Received, words: str) -> str:
    for mail in reversed(received.mails):
        body = mail.get_body(("plain",))
        if body is not None and words in body.get_content():
            return str(body.get_content())
    return ""
