"""From the link of a message to the act: the page of that matter for that person; and it is known who acted."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from db import matters
from db.ledger.records import audit_records
from db.models import AuditEntry
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser, LinkOf

New = Callable[[], Browser]
REPORT, SHEET = "period-1", "escalation-1"


@pytest.fixture(autouse=True)
def escalated(told_once: ToldOnce, activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report of 01-1 is late and its red sheet open; that of 01-2 as well."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("01-2")))
        patrol_at(NOW)

    told_once(story)


def _sheets(ledger_at: ContextAt, person: str) -> list[str]:
    with ledger_at(NOW) as ctx:
        return [one.tag for one in matters.unfinished(ctx) if one.kind == "escalation" and person in one.asked]


def _last_act(ledger_at: ContextAt) -> AuditEntry:
    with ledger_at(NOW) as ctx:
        return ctx.session.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()


def test_a_supervisor_acknowledges_and_then_instructs_with_a_limit(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    (sheet, _) = _sheets(ledger_at, "head")
    phone = browser()
    assert phone.open(link_of("head", sheet)) == 200
    assert phone.buttons == ["批示", "仅签收", "暂存"]
    assert phone.press("acknowledge") == 200
    assert "已登记。" in phone.said
    assert "head已签收，有效至 2025-03-14" in phone.said
    assert phone.press("instruct", instruction="三日内报结果", new_limit="2025-03-20") == 200
    assert "批示：三日内报结果（head，新时限 2025-03-20）" in phone.said
    assert "不需再办理" in phone.said
    said = [(one.actor, one.command, one.facts["door"], one.facts["proved"]) for one in _acts(ledger_at)]
    assert said == [("head", "acknowledge", "link", True), ("head", "instruct", "link", True)]


def test_whoever_is_only_informed_sees_the_matter_and_no_button(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    (sheet, _) = _sheets(ledger_at, "head")
    phone = browser()
    assert phone.open(link_of("discipline", sheet)) == 200
    assert phone.buttons == ["签收（已阅）"]
    assert "现由head办理，您这里只供知悉，不需答复" in phone.said


def test_a_handler_reports_is_returned_and_finds_what_he_wrote(browser: New, link_of: LinkOf) -> None:
    handler, office = browser(), browser()
    handler.open(link_of("handler", REPORT))
    assert handler.press("submit", body="已调度一次", percent="40", help_needed="需财政配合") == 200
    assert "已登记。" in handler.said
    assert handler.buttons == []
    office.open(link_of("office", REPORT))
    assert office.buttons == ["通过", "退回", "暂存"]
    assert office.press("return") == 422
    assert "审核意见不能为空" in office.said
    assert office.press("return", reason="缺少进度照片") == 200
    handler.open(link_of("handler", REPORT))
    assert "退回理由：缺少进度照片（office）" in handler.said
    assert handler.page.select_one("textarea[name=body]").text.strip() == "已调度一次"  # type: ignore[union-attr]
    assert handler.press("submit", percent="100") == 200
    office.open(link_of("office", REPORT))
    assert office.press("accept") == 200
    assert "逾期办结" in office.said


def test_an_extension_is_asked_and_decided_each_on_his_own_page(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    with ledger_at(NOW) as ctx:
        (march,) = [one.tag for one in matters.unfinished(ctx) if one.label == "2025年3月" and one.measure == "01-1"]
    handler, deputy = browser(), browser()
    handler.open(link_of("handler", march))
    assert handler.press("submit", percent="0", extend_to="2025-04-10", extend_reason="等待招标") == 200
    deputy.open(link_of("deputy", "extension-1"))
    assert "申请由 2025-03-31 延至 2025-04-10 申请理由：等待招标（handler，2025-03-12）" in deputy.said
    assert deputy.press("grant") == 200
    handler.open(link_of("handler", march))
    assert "期限 2025-04-10" in handler.said


def test_what_is_not_finished_is_kept_and_goes_on_tomorrow(
    browser: New, link_of: LinkOf, set_clock: Callable[[str], None]
) -> None:
    handler, link = browser(), link_of("handler", REPORT)
    handler.open(link)
    assert handler.press("keep", body="写到一半", percent="") == 200
    assert "已暂存，尚未提交" in handler.said
    set_clock("2025-03-13T09:00")
    other = browser()
    other.open(link)
    assert "已带入您 03-12 10:00 暂存的内容" in other.said
    assert other.page.select_one("textarea[name=body]").text.strip() == "写到一半"  # type: ignore[union-attr]
    assert other.press("submit", percent="100") == 200
    assert browser().open(link) == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"percent": "一半", "body": "x"}, "不是整数"),
        ({"percent": "120", "body": "x"}, "大于100"),
        ({"percent": "10", "body": ""}, "完成情况不能为空"),
        ({"percent": "10", "body": "x", "extend_to": "2025-02-30"}, "申请延期至"),
        ({"percent": "10", "body": "字" * 20001}, "请精简"),
    ],
)
def test_a_wrong_form_says_what_to_mend_and_keeps_what_was_written(
    browser: New, link_of: LinkOf, ledger_at: ContextAt, fields: dict[str, str], said: str
) -> None:
    handler, before = browser(), _last_act(ledger_at).id
    handler.open(link_of("handler", REPORT))
    assert handler.press("submit", **fields) == 422  # type: ignore[arg-type]
    assert said in handler.said
    assert handler.page.select_one("input[name=percent]")["value"] == fields["percent"]  # type: ignore[index]
    assert _last_act(ledger_at).id == before


def test_forty_sheets_are_one_page_and_one_decision(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    sheets = _sheets(ledger_at, "head")
    phone = browser()
    phone.open(link_of("head") + "?chosen=all")
    assert "督办单（2）" in phone.said
    assert phone.press("instruct", matter=sheets, instruction="逐项说明原因", new_limit="") == 200
    assert "已登记2项。" in phone.said
    assert _sheets(ledger_at, "head") == []


def test_of_several_the_refused_ones_are_named_and_the_others_taken(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    one, other = _sheets(ledger_at, "head")
    phone, alone = browser(), browser()
    phone.open(link_of("head"))
    alone.open(link_of("head", one))
    alone.press("acknowledge")
    assert phone.press("acknowledge", matter=[one, other, "escalation-9", "period-1"]) == 200
    assert "已登记1项。" in phone.said
    assert phone.said.count("此事项已有变化，未登记") == 2
    assert "没有事项“escalation-9”" in phone.said


def test_of_two_at_once_the_first_counts_and_the_other_is_told(browser: New, link_of: LinkOf) -> None:
    link = link_of("handler", REPORT)
    first, second = browser(), browser()
    first.open(link)
    second.open(link)
    assert first.press("submit", body="已办", percent="100") == 200
    assert second.press("submit", body="也办了", percent="90") == 409
    assert "此事项已有变化，未登记" in second.said
    assert "待审核" in second.said
    assert "已办" in second.said


def test_the_office_that_signed_in_sees_everything_and_is_known_by_its_session(
    signed_in: Callable[[str], Browser], browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    handler = browser()
    handler.open(link_of("handler", REPORT))
    handler.press("submit", body="已办", percent="100")
    office = signed_in("office")
    assert "待办（1）" in office.said
    office.open("/")
    assert "逾期 1" in office.said
    office.open("/me/period-1")
    assert office.press("accept") == 200
    assert _acts(ledger_at)[-1].facts["door"] == "session"
    assert [one.command for one in _acts(ledger_at)] == ["submit", "give-link", "sign-in", "accept"]


def _acts(ledger_at: ContextAt) -> list[Any]:
    with ledger_at(NOW) as ctx:
        return [one for one in audit_records(ctx) if "door" in one.facts or one.command == "give-link"]


def test_a_reviewer_who_signed_in_cannot_review_his_own(
    signed_in: Callable[[str], Browser], browser: New, link_of: LinkOf
) -> None:
    other = signed_in("deputy")
    other.open("/matter/period-1")
    assert other.buttons == []
    assert other.client.post("/me/period-1", data={"question": "report-1"}).status_code == 409


def test_no_answer_is_assumed_where_no_button_was_pressed(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    handler, office = browser(), browser()
    handler.open(link_of("handler", REPORT))
    handler.press("submit", body="已办", percent="100")
    office.open(link_of("office", REPORT))
    for button in ("", "submit", "ACCEPT"):
        assert office.press(button) == 422
        assert "请重新打开后再提交" in office.said
    assert [one.command for one in _acts(ledger_at)] == ["submit"]


def test_a_leader_who_is_chased_for_a_report_may_hand_it_in(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    leader = browser()
    leader.open(link_of("leader", REPORT))
    assert leader.buttons == ["提交", "暂存"]
    assert leader.press("submit", body="已调度", percent="100") == 200
    assert [(one.command, one.actor) for one in _acts(ledger_at)] == [("submit", "leader")]
