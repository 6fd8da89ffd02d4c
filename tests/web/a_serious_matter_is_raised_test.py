"""提级, 约谈, 通报 on the pages: by a link on a phone and after signing in; with the paper of the sheet."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from db import matters
from plan.policy import Policy
from tests.conftest import ContextAt
from tests.web.conftest import NOW, Browser, LinkOf

New = Callable[[], Browser]


@pytest.fixture
def ledger_at(ledger_at: ContextAt, whole_ladders: Policy) -> ContextAt:
    return lambda moment, actor="测试": ledger_at(moment, actor, whole_ladders)


@pytest.fixture(autouse=True)
def red(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report is so late that the head has its red sheet."""
    activated("2025-02-03T09:00")
    patrol_at("2025-03-05T10:00")
    patrol_at(NOW)


def _words(page: Browser) -> str:
    assert page.answer is not None
    return "\n".join(one.text for one in Document(BytesIO(page.answer.content)).paragraphs)


def test_by_a_link_the_head_raises_it_and_records_the_interview(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    phone = browser()
    assert phone.open(link_of("head", "escalation-2")) == 200
    assert "情况严重，提级" in phone.said
    offered = [(one["value"], one.text) for one in phone.page.select("select[name=rung] option")]
    assert offered == [
        ("interview", "红色约谈（期限后第12个工作日，主要领导、纪检监察组）"),
        ("circular", "红色通报（期限后第20个工作日，主要领导、纪检监察组）"),
    ]
    assert phone.press(form=-2, rung="interview", reason="  ") == 422
    assert "必须写明理由" in phone.said
    assert phone.press(form=-2, rung="interview", reason="省里点名") == 200
    assert "已提级" in phone.said
    assert "已终止" in phone.said  # the sheet of this link; the next message leads to the new one

    again = browser()
    link = link_of("head", "escalation-3")
    assert again.open(link) == 200
    assert "head提级，理由：省里点名" in again.said
    assert again.buttons == ["已约谈", "不约谈，仅批示", "仅签收", "暂存"]
    paper = browser()
    assert paper.open(link + "/sheet.docx") == 200
    assert "约谈通知书" in _words(paper)
    assert again.press("interview", held_on="2025-03-12") == 422
    assert "约谈对象" in again.said
    given = {"held_on": "2025-03-12", "attended": "水科科长", "instruction": "十日内报清", "new_limit": "2025-03-24"}
    assert again.press("interview", **given) == 200
    assert "已约谈" in again.said
    handler = browser()
    handler.open(link_of("handler", "period-1"))
    said = "约谈〔2025〕1号：2025-03-12约谈水科科长，要求：十日内报清（head，新时限 2025-03-24）"
    assert said in handler.said


def test_after_signing_in_the_deputy_raises_what_is_not_asked_of_him(
    signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    desk = signed_in("deputy")
    assert desk.open("/matter/period-1") == 200
    assert desk.press(form=-1, rung="circular", reason="拒不整改") == 200
    with ledger_at(NOW) as ctx:
        found = matters.matter(ctx, "escalation", 3)
        assert (found.kind, found.waiting_name, found.asked) == ("circular", "待定通报", ("head",))
    assert desk.open("/matter/escalation-3/sheet.docx") == 200
    assert "通报〔2025〕1号" in _words(desk)


def test_a_circular_that_was_decided_on_is_read_and_released_by_the_office(
    signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    head = signed_in("head")
    head.open("/matter/escalation-2")
    assert head.press(form=-2, rung="circular", reason="拒不整改") == 200
    head.open("/matter/escalation-3")
    assert head.press("circulate", instruction="水科须立即补报", new_limit="2025-03-20") == 200
    assert "已决定通报" in head.said
    office = signed_in("office")
    assert office.open("/paper/1") == 200
    assert "水科须立即补报" in office.said
    assert office.open("/paper/1/draft.docx") == 200
    draft = Document(BytesIO(office.answer.content))  # type: ignore[union-attr]
    final = BytesIO()
    draft.save(final)
    token = signed_in("office")
    token.open("/paper/1")
    csrf = token.page.select_one("form.answer input[name=csrf]")["value"]  # type: ignore[index]
    sent = token.client.post("/paper/1", data={"csrf": csrf}, files={"file": ("通报.docx", final.getvalue())})
    assert (sent.status_code, "已发布" in sent.text) == (200, True)


@pytest.mark.parametrize("person", ["handler", "leader", "office", "discipline"])
def test_whoever_may_not_instruct_is_offered_nothing_and_taken_nothing(
    browser: New, link_of: LinkOf, ledger_at: ContextAt, person: str
) -> None:
    phone, link = browser(), link_of(person, "period-1")
    assert phone.open(link) == 200
    assert "提级" not in phone.said
    sent = phone.client.post(link + "/raise", data={"matter": "period-1", "rung": "circular", "reason": "x"})
    assert sent.status_code == 422
    with ledger_at(NOW) as ctx:
        assert not [one for one in matters.unfinished(ctx) if one.kind == "circular"]


def test_a_link_raises_nothing_but_its_own_matter(browser: New, link_of: LinkOf) -> None:
    phone, link = browser(), link_of("head", "escalation-2")
    sent = phone.client.post(link + "/raise", data={"matter": "period-1", "rung": "circular", "reason": "x"})
    assert sent.status_code in (403, 404)
