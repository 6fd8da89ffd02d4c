"""A person's desk in the words of every office: 待办, 待阅 and its 签收, 已办, 已阅, 委托."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger, matters
from db.ledger.records import audit_records
from db.models import Alert, ReadReceipt
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser, LinkOf

SignedIn = Callable[[str], Browser]
New = Callable[[], Browser]
REPORT = "period-1"


@pytest.fixture(autouse=True)
def late(told_once: ToldOnce, activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's reports of 01-1 and 01-2 are late, their sheets open; who leads and who inspects got copies."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("01-2")))
        patrol_at(NOW)

    told_once(story)


def _listed(browser: Browser) -> list[str]:
    return [one.get_text(" ", strip=True) for one in browser.page.select("ul.matters a")]


def _form(browser: Browser, act: str) -> int:
    """The place of the form of the desk that does this."""
    return next(n for n, one in enumerate(browser.page.find_all("form")) if str(one.get("action")).endswith(act))


def _tabs(browser: Browser) -> list[str]:
    return [one.get_text(" ", strip=True) for one in browser.page.select("nav.tabs a")]


class TestReading:
    """待阅: what somebody was only informed of, signed for by name and time, by a button and never by looking."""

    def test_a_leader_finds_the_copies_and_signs_for_one_and_then_for_the_others(
        self, signed_in: SignedIn, ledger_at: ContextAt
    ) -> None:
        leader = signed_in("leader")
        leader.open("/me")
        assert _tabs(leader) == ["待办", "待阅 2", "已办", "已阅"]
        leader.open("/me?tab=unread")
        assert all(word in leader.said for word in ("01-1 每月报送", "现为逾期·红", "只供知悉"))
        assert leader.press(form=-1, matter=REPORT) == 200
        assert "已签收。" in leader.said
        assert len(_listed(leader)) == 1
        leader.open("/me?tab=read")
        assert "01-1 每月报送 · 2025年2月" in leader.said
        assert "2025-03-12 10:00 签收；现为逾期·红" in leader.said
        with ledger_at(NOW) as ctx:
            (reading,) = ctx.session.execute(select(ReadReceipt)).scalars()
            assert (reading.person, reading.matter, reading.door) == ("leader", REPORT, "session")
            entry = next(one for one in reversed(audit_records(ctx)) if one.command == "read")
            assert (entry.actor, entry.facts["door"], entry.facts["proved"]) == ("leader", "session", True)

    def test_looking_reads_nothing_and_what_comes_later_is_unread_again(
        self, signed_in: SignedIn, ledger_at: ContextAt
    ) -> None:
        leader = signed_in("leader")
        for path in ("/me?tab=unread", f"/me/{REPORT}", "/me?tab=unread"):
            leader.open(path)
        assert len(_listed(leader)) == 2
        leader.press(form=-1, matter=[REPORT, "period-2"])
        assert _tabs(leader)[1] == "待阅"
        with ledger_at(NOW, "head") as ctx:
            sheet = next(one.id for one in matters.unfinished(ctx) if one.kind == "escalation")
            ledger.instruct(ctx, sheet, "三日内报结果")
        leader.open("/me?tab=unread")
        assert len(_listed(leader)) == 1

    def test_the_inspectors_contact_signs_on_the_page_his_message_leads_to(
        self, browser: New, link_of: LinkOf, ledger_at: ContextAt
    ) -> None:
        with ledger_at(NOW) as ctx:
            tag = next(one.tag for one in matters.unfinished(ctx) if one.kind == "escalation")
        phone = browser()
        phone.open(link_of("discipline", tag))
        assert phone.buttons == ["签收（已阅）"]
        assert phone.press() == 200
        assert "已签收。" in phone.said
        assert phone.buttons == []

    def test_whoever_reported_is_told_what_was_decided(self, signed_in: SignedIn, ledger_at: ContextAt) -> None:
        handler = signed_in("handler")
        handler.open("/me")
        assert _tabs(handler)[1] == "待阅"
        with ledger_at(NOW, "head") as ctx:
            sheet = next(one.id for one in matters.unfinished(ctx) if one.kind == "escalation")
            ledger.instruct(ctx, sheet, "三日内报结果")
        handler.open("/me?tab=unread")
        assert "批示：三日内报结果" in handler.said

    def test_nobody_signs_for_what_he_was_not_told(self, signed_in: SignedIn, ledger_at: ContextAt) -> None:
        head = signed_in("head")
        head.open("/me")
        csrf = str(head.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
        for tag in ("period-1", "period-99", "nothing", "period-" + "9" * 30, "<script>"):
            answer = head.client.post("/me/read", data={"csrf": csrf, "matter": tag}, follow_redirects=False)
            assert answer.status_code == 303
        assert head.client.post("/me/read", data={"csrf": "x", "matter": REPORT}).status_code == 409
        with ledger_at(NOW) as ctx:
            assert ctx.session.execute(select(ReadReceipt)).scalars().all() == []


class TestDone:
    """已办: what somebody did, and what became of it."""

    def test_a_handler_sees_his_report_and_what_the_office_made_of_it(
        self, browser: New, link_of: LinkOf, signed_in: SignedIn, ledger_at: ContextAt
    ) -> None:
        phone = browser()
        phone.open(link_of("handler", REPORT))
        phone.press("submit", body="已调度一次", percent="40")
        handler = signed_in("handler")
        handler.open("/me?tab=done")
        assert "填报 01-1 每月报送 · 2025年2月" in handler.said
        assert "现为待审核" in handler.said
        with ledger_at(NOW, "office") as ctx:
            ledger.review(ctx, 1, accept=True)
        handler.open("/me?tab=done")
        assert "现为逾期办结" in handler.said
        office = signed_in("office")
        office.open("/me?tab=done")
        assert "审核通过 01-1 每月报送" in office.said


class TestHandingOver:
    """委托: one matter goes to somebody who may answer it; he hears of it once, both see it, it can be taken back."""

    def _handed(self, handler: Browser) -> int:
        handler.open(f"/me/{REPORT}")
        return handler.press(form=_form(handler, "/delegate"), to="leader", note="我出差，请代报")

    def test_a_handler_hands_his_report_over_to_his_leader_and_both_see_it(
        self, signed_in: SignedIn, ledger_at: ContextAt
    ) -> None:
        handler, leader = signed_in("handler"), signed_in("leader")
        assert self._handed(handler) == 200
        assert "已委托，对方将收到一条消息。" in handler.said
        assert "handler已委托leader办理" in handler.said
        handler.open("/me")
        assert not any("01-1 每月报送 · 2025年2月" in one for one in _listed(handler))
        assert _tabs(handler)[-1] == "委托 1"
        leader.open("/me")
        assert "受handler委托" in leader.said
        leader.open("/me?tab=given")
        assert "2025-03-12 10:00 handler委托leader：我出差，请代报" in leader.said
        with ledger_at(NOW) as ctx:
            (told,) = ctx.session.execute(select(Alert).where(Alert.kind == "delegated")).scalars()
            assert told.note == "handler委托您办理：01-1 每月报送 · 2025年2月（我出差，请代报）"
            entry = next(one for one in audit_records(ctx) if one.command == "delegate")
            assert (entry.actor, entry.facts["to"], entry.facts["door"]) == ("handler", "leader", "session")
        leader.open(f"/me/{REPORT}")
        assert leader.press("submit", body="已办", percent="100") == 200
        assert "已登记。" in leader.said

    def test_whoever_gave_it_takes_it_back_and_nobody_else(self, signed_in: SignedIn, ledger_at: ContextAt) -> None:
        handler, leader = signed_in("handler"), signed_in("leader")
        self._handed(handler)
        leader.open(f"/me/{REPORT}")
        csrf = str(leader.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
        refused = leader.client.post("/me/take-back", data={"csrf": csrf, "matter": REPORT})
        assert (refused.status_code, "没有可由leader收回的委托" in refused.text) == (409, True)
        handler.open(f"/me/{REPORT}")
        assert "收回委托" in handler.said
        assert handler.press(form=_form(handler, "/take-back")) == 200
        assert "已收回。" in handler.said
        leader.open("/me")
        assert _listed(leader) == []
        with ledger_at(NOW) as ctx:
            notes = ctx.session.execute(
                select(Alert.note).where(Alert.kind == "delegated").order_by(Alert.id)
            ).scalars()
            assert list(notes)[1] == "handler已收回委托，不必再办：01-1 每月报送 · 2025年2月"

    @pytest.mark.parametrize("to", ["head", "office", "nobody", "", "handler", "<b>"])
    def test_it_goes_to_nobody_who_may_not_answer_it(self, signed_in: SignedIn, to: str) -> None:
        handler = signed_in("handler")
        handler.open(f"/me/{REPORT}")
        assert handler.press(form=_form(handler, "/delegate"), to=to) == 422
        assert "不能受托；可以委托：leader" in handler.said

    def test_nobody_hands_over_what_is_not_asked_of_him_or_twice(self, signed_in: SignedIn) -> None:
        handler, head = signed_in("handler"), signed_in("head")
        self._handed(handler)
        handler_csrf = str(handler.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
        again = {"csrf": handler_csrf, "matter": REPORT, "to": "leader"}
        answer = handler.client.post("/me/delegate", data=again)
        assert (answer.status_code, "已由handler委托leader办理" in answer.text) == (422, True)
        head.open("/me")
        csrf = str(head.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
        answer = head.client.post("/me/delegate", data={"csrf": csrf, "matter": "period-2", "to": "leader"})
        assert (answer.status_code, "未请head办理" in answer.text) == (422, True)
        assert head.client.post("/me/delegate", data={"csrf": csrf, "matter": "period-99"}).status_code == 404

    def test_the_link_of_one_matter_hands_over_no_other(self, browser: New, link_of: LinkOf) -> None:
        phone = browser()
        path = link_of("handler", REPORT)
        phone.open(path)
        for act in ("delegate", "take-back", "read"):
            answer = phone.client.post(f"{path}/{act}", data={"matter": "period-2", "to": "leader"})
            assert answer.status_code == 403, act
        assert phone.press(form=_form(phone, "/delegate"), to="leader") == 200
        assert "已委托" in phone.said
