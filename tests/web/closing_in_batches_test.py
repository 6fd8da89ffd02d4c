"""销号 on a desk and a page: what is asked in the same words is answered at once, each stage apart."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import HERE as OFFICE
from db import ledger, matters
from db.ledger.closure_stages import enter_stage
from db.ledger.lookbacks import plan_lookbacks
from db.models import Closure, Lookback
from plan.policy import Policy, load_policy
from plan.types import ClosureStage, LookbackState
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser, LinkOf

New = Callable[[], Browser]


@pytest.fixture(autouse=True)
def closing(activated: Callable[..., Any], ledger_at: ContextAt, policy: Policy) -> None:
    """01-1 and 01-2 wait for acceptance, 01-3 for filing, all by the office; nobody wants a file."""
    activated("2025-03-03T09:00", plan_of(*(measure(f"01-{number}") for number in (1, 2, 3))))
    shipped = load_policy(OFFICE / "policy.yaml").closure.model_copy(update={"evidence": False})
    with ledger_at("2025-03-11T09:00", "office", policy.model_copy(update={"closure": shipped})) as ctx:
        for number in (1, 2, 3):
            ledger.close(ctx, f"01-{number}", "任务到期")
            ledger.self_check(replace(ctx, actor="handler"), number, "已自查")
        enter_stage(ctx, ctx.session.get_one(Closure, 3), ClosureStage.FILING)


def _stages(ledger_at: ContextAt) -> list[str]:
    with ledger_at(NOW) as ctx:
        return [matters.matter(ctx, "closure", number).waiting_name for number in (1, 2, 3)]


def test_two_are_accepted_at_once_and_the_one_to_be_filed_stands_apart(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    desk = browser()
    desk.open(link_of("office"))
    assert "销号和回头看 · 待验收（2）" in desk.said
    assert "销号和回头看 · 待备案（1）" in desk.said
    asked = {"matter": ["closure-1", "closure-2"], "statement": "现场核实", "visited_on": "2025-03-11"}
    assert desk.press("accept-work", **asked) == 200
    assert "已登记2项。" in desk.said
    assert _stages(ledger_at) == ["待公示", "待公示", "待备案"]


def test_a_stage_is_sent_back_on_its_page_only_with_a_place_and_a_reason(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    phone = browser()
    phone.open(link_of("office", "closure-1"))
    assert phone.buttons == ["验收通过", "退回", "暂存"]
    assert phone.press("refuse-work", statement="不清") == 422
    assert "退回至不能为空" in phone.said
    assert phone.press("refuse-work", statement="缺台账", back_to="自查") == 200
    assert "验收退回（office）至自查：缺台账" in phone.said
    assert _stages(ledger_at)[0] == "待自查"


def test_the_photo_of_a_visit_is_kept_with_the_closure(browser: New, link_of: LinkOf) -> None:
    phone = browser()
    phone.open(link_of("office", "closure-2"))
    question = phone.page.find("input", {"name": "question"})
    assert question is not None
    sent = {"question": str(question["value"]), "button": "accept-work", "statement": "现场核实"}
    photo = {"files": ("现场.txt", "所见属实".encode(), "text/plain")}
    assert phone._show(phone.client.post(link_of("office", "closure-2"), data=sent, files=photo)) == 200
    assert "现场.txt" in phone.said
    assert "销号材料" in phone.said


def _to_be_signed(ledger_at: ContextAt, *numbers: int) -> None:
    with ledger_at(NOW, "office") as ctx:
        for number in numbers:
            enter_stage(ctx, ctx.session.get_one(Closure, number), ClosureStage.SIGN_OFF)


def _opened(browser: New, link_of: LinkOf, *path: str) -> Browser:
    page = browser()
    page.open(link_of(*path))
    return page


def test_two_who_sign_in_the_same_minute_have_both_signed(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    _to_be_signed(ledger_at, 1, 2, 3)
    phones = [_opened(browser, link_of, who, "closure-1") for who in ("deputy", "deputy", "head")]
    # Whoever has signed does not do it again from another page that stands open.
    assert [phone.press("sign") for phone in phones] == [200, 422, 200]
    assert "不能重复签字" in phones[1].said
    desks = [_opened(browser, link_of, who) for who in ("deputy", "head")]
    for desk in desks:
        assert desk.press("sign", matter=["closure-2", "closure-3"], statement="同意") == 200
        assert "已登记2项。" in desk.said
    assert _stages(ledger_at) == ["待备案", "待备案", "待备案"]


def test_what_was_sent_back_in_between_is_not_signed_by_a_page_from_before(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    _to_be_signed(ledger_at, 1)
    first, second, third = (_opened(browser, link_of, who, "closure-1") for who in ("deputy", "head", "head"))
    assert first.press("refuse-to-sign", statement="佐证不全", back_to="验收") == 200
    assert second.press("sign") == 409
    _to_be_signed(ledger_at, 1)
    assert third.press("sign") == 409
    assert "签字" in third.buttons
    assert _stages(ledger_at)[0] == "待签字"


def test_a_look_back_takes_the_photo_of_what_was_seen(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-11T10:00", "office") as ctx:
        ledger.file_closure(ctx, 3, "1号")
        again = ctx.policy.lookback.model_copy(update={"share": 100, "months": (3,)})
        plan_lookbacks(
            replace(ctx, policy=ctx.policy.model_copy(update={"lookback": again})), ctx.session.get_one(Closure, 3)
        )
        look = ctx.session.execute(select(Lookback).order_by(Lookback.id.desc()).limit(1)).scalar_one()
        look.state, tag = LookbackState.WAITING, f"lookback-{look.id}"
    phone = browser()
    phone.open(link_of("office", tag))
    sent = {"question": "lookback", "button": "keep", "statement": "仍然清洁"}
    photo = {"files": ("回头看.txt", "所见属实".encode(), "text/plain")}
    assert phone._show(phone.client.post(link_of("office", tag), data=sent, files=photo)) == 200
    assert "回头看材料" in phone.said
    saved = phone.client.get(str(phone.page.select_one("section.card a")["href"]))  # type: ignore[index]
    assert saved.content.decode() == "所见属实"
    assert "撤回“回头看.txt”" in phone.said
