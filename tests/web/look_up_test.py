"""Pages that tell whoever signed in how everything stands: ledger, measure, messages, trail; nobody else sees them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import Report
from db.ledger.records import audit_records
from db.models import QueuedMessage
from plan.types import MessageState
from tests.conftest import ContextAt, at
from tests.plans import measure, of_inspection, plan_of
from tests.web.conftest import NOW, Browser

New = Callable[[], Browser]
PAGES = ("/", "/me", "/ledger", "/measure/01-1", "/messages", "/people", "/trail", "/matter/period-1")


@pytest.fixture(autouse=True)
def late(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report of 01-1 is late."""
    plan = plan_of(measure("01-1", title="管网 <改造>"), measure("02-1", title="学习制度"))
    activated("2025-02-03T09:00", plan)
    patrol_at(NOW)


def test_nobody_sees_them_without_signing_in(browser: New) -> None:
    assert [path for path in PAGES if browser().open(path) != 401] == []


def _codes(browser: Browser) -> list[str]:
    return [one.text for one in browser.page.select("tbody td:first-child a")]


def test_the_ledger_is_found_by_words_unit_and_lamp(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    for query, codes in (
        ("", ["01-1", "02-1"]),
        ("?q=管网", ["01-1"]),
        ("?q=水科 学习", ["02-1"]),
        ("?q=没有", []),
        ("?q=%25", []),
        ("?q=_", []),
        ("?q=%00%5C", []),
        ("?unit=水科&lamp=red", ["01-1", "02-1"]),
        ("?lamp=green", []),
        ("?finding=02", ["02-1"]),
        ("?leader=leader", ["01-1", "02-1"]),
        ("?leader=nobody", []),
        ("?page=2", []),
    ):
        assert office.open(f"/ledger{query}") == 200
        assert _codes(office) == codes, query
    assert office.open("/ledger?q=" + "长" * 101) == 422


def test_a_measure_is_found_by_what_people_wrote_about_it(
    signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="泵站<b>已开工</b>，缺图纸 50%", percent=40, difficulty="征地受阻"))
    with ledger_at(NOW, "office") as ctx:
        ledger.review(ctx, 1, accept=False, reason="请附现场照片")
        periods = ledger.open_periods(ctx.session)
        other = next(one.id for one in periods if one.duty.measure.code == "02-1" and one.due_on > ctx.today)
    with ledger_at(NOW, "经办人") as ctx:
        ledger.ask_extension(ctx, other, date(2025, 4, 20), "讲师出差")
    head = signed_in("head")
    for words, codes, said in (
        ("泵站", ["01-1"], "2025年2月 填报：泵站<b>已开工</b>"),
        ("征地", ["01-1"], "征地受阻"),
        ("现场照片 管网", ["01-1"], "请附现场照片"),
        ("50%", ["01-1"], "缺图纸 50%"),
        ("讲师", ["02-1"], "延期：讲师出差"),
        ("泵站 讲师", [], ""),
    ):
        head.open(f"/ledger?{urlencode({'q': words})}")
        assert (_codes(head), said in head.said) == (codes, True), words
        assert head.page.select("main b") == []


def test_a_measure_says_what_happened_and_why_each_date_is_what_it_is(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    assert office.open("/measure/01-1") == 200
    assert "01-1 管网 <改造>" in office.said
    assert "督办〔2025〕" in office.said
    assert "依据：整改措施一 规则：每月，每期期限为期末" in office.said
    assert office.open("/measure/09-9") == 404
    assert office.open("/measure/%3Cscript%3E") == 404


def test_messages_and_the_trail_are_told_in_words(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    assert office.open("/messages") == 200
    assert "待发" in office.said
    assert office.open("/trail") == 200
    assert "office登录office" in office.said


def test_the_trail_is_narrowed_by_person_words_and_day(
    signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="已办", percent=40))
    office = signed_in("office")

    def acts(query: str) -> list[str]:
        assert office.open(f"/trail?{query}") == 200
        return [" ".join(cell.text for cell in row.select("td")[1:3]) for row in office.page.select("tbody tr")]

    assert acts("person=经办人") == ["经办人 填报"]
    assert acts("person= 经 办 人 &subject=01-1&day=2025-03-12") == ["经办人 填报"]
    assert acts("person=经办人&subject=02-1") == []
    assert acts("person=经办人&day=2025-03-11") == []
    assert len(acts("day=2025-03-12")) > 2
    acts("day=nothing")
    assert "日期" in office.page.select("[role=status]")[0].text
    assert acts("person=%00%27") == []
    assert office.open("/trail?page=99") == 200


def test_a_dead_letter_is_sent_again_by_a_button(signed_in: Callable[[str], Browser], ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        letter = ctx.session.execute(select(QueuedMessage).order_by(QueuedMessage.id).limit(1)).scalar_one()
        letter.state, letter.next_try_at, number = MessageState.DEAD, None, letter.id
        letter.history = [{"at": at(NOW).isoformat(), "channel": "mail", "result": "dead"}]
    office = signed_in("office")
    office.open("/messages")
    assert office.buttons == ["补发"]
    assert office.press() == 200
    assert "已列入补发" in office.said
    assert office.buttons == []
    with ledger_at(NOW) as ctx:
        entry = next(one for one in reversed(audit_records(ctx)) if one.command == "resend")
        assert (entry.actor, entry.facts["messages"], entry.facts["door"]) == ("office", [number], "session")
    office.open("/me")
    csrf = str(office.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
    for message, status in (("999", 422), ("x", 422), ("9" * 30, 422)):
        assert office.client.post("/messages", data={"csrf": csrf, "message": message}).status_code == status


def test_only_the_office_sees_messages_and_trail(signed_in: Callable[[str], Browser]) -> None:
    head = signed_in("head")
    head.open("/")
    assert [one.text for one in head.page.select("header nav a")] == ["总览", "待办", "台账"]
    csrf = str(head.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
    for path in ("/messages", "/trail"):
        assert head.open(path) == 403
        assert "只供整改办使用" in head.said
    assert head.client.post("/messages", data={"csrf": csrf, "message": "1"}).status_code == 403


def test_with_two_inspections_every_page_says_which_is_meant(
    activated: Callable[..., Any], patrol_at: Callable[..., Any], signed_in: Callable[[str], Browser]
) -> None:
    activated(
        "2025-02-03T09:00", of_inspection("second", plan_of(measure("01-1", title="督察整改")), title="第二轮督察")
    )
    patrol_at(NOW)
    office = signed_in("office")
    assert office.open("/ledger") == 200
    codes = office.page.select("tbody td:first-child a")
    assert [one.text for one in codes] == ["01-1", "02-1", "second/01-1"]
    for code, said in zip(codes, ("第一轮巡察", "第一轮巡察", "第二轮督察"), strict=True):
        assert said in str(code.find_parent("tr"))
        assert office.open(str(code["href"])) == 200
        assert f"轮次 {said}" in office.said
    assert office.open("/ledger?inspection=second") == 200
    assert [one.text for one in office.page.select("tbody td:first-child a")] == ["second/01-1"]
    # The first one's own address stays what it was.
    assert office.open("/measure/01-1") == 200
    assert "管网 <改造>" in office.said
    assert office.open("/measure/none/01-1") == 404
    assert office.open("/me") == 200
    assert office.open("/") == 200
    assert "second/01-1" in office.said
    office.open("/measure/second/01-1")
    assert office.press("suspend", reason="等批复", until="2025-04-30", evidence="来函") == 200
    assert "预计2025年4月30日恢复" in office.said
    office.open("/measure/01-1")
    assert "恢复：等批复" not in office.said


def test_a_long_queue_is_shown_by_pages_the_dead_first(
    signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    with ledger_at(NOW) as ctx:
        person = ctx.session.execute(select(QueuedMessage.person_id).limit(1)).scalar_one()
        for number in range(450):
            state = MessageState.DEAD if number == 440 else MessageState.PENDING
            waits = {"next_try_at": None if state == MessageState.DEAD else ctx.now, "created_at": ctx.now}
            facts = {"key": f"long-{number}", "person_id": person, "day": ctx.today, "severity": 0, "history": []}
            ctx.session.add(QueuedMessage(**facts, **waits, state=state, channel_index=0, attempts=0, resend=False))
    office = signed_in("office")
    seen = []
    assert office.open("/messages") == 200
    assert "无法送达" in office.page.select("ul.matters li")[0].text
    while True:
        seen.append(len(office.page.select("ul.matters li")))
        following = office.page.select("a[rel=next]")
        if not following:
            break
        assert office.open(str(following[0]["href"])) == 200
    assert (seen[:2], sum(seen) >= 450, len(seen)) == ([200, 200], True, 3)
    assert office.open("/messages?page=99") == 200
