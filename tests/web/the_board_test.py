"""A leader's minute: what is late and why, what waits for whom, whose lamps are red; narrowed by plain addresses."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def late(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's reports of sixty measures under two findings are late, and their sheets are open."""
    many = [measure(f"02-{number}", title=f"事项{number}") for number in range(1, 60)]
    activated("2025-02-03T09:00", plan_of(measure("01-1", title="管网 <改造>"), *many))
    patrol_at(NOW)


def _links(browser: Browser, part: str) -> list[str]:
    section = browser.page.select_one(f"section[aria-labelledby=s-{part}]")
    assert section is not None
    return [one.get_text(" ", strip=True) for one in section.select("ul.matters a")]


def test_a_leader_sees_in_a_minute_what_is_late_since_when_and_who_is_asked(signed_in: SignedIn) -> None:
    head = signed_in("head")
    assert head.open("/") == 200
    assert "第一轮巡察" in head.said
    assert "反馈 2024年12月20日" in head.said
    assert [one.get_text(" ", strip=True) for one in head.page.select(".tiles a")] == [
        "60 逾期",
        "0 待审核",
        "60 督办单",
        "0 待批复延期",
        "0 十四天内到期",
    ]
    assert "已逾期12天，未填报；待handler办理" in head.said
    assert "01-1 每月报送 · 2025年2月" in _links(head, "late")[0]
    assert len(_links(head, "late")) == 8
    assert "全部60项" in head.said
    assert [one.text for one in head.page.select("table.lamps tbody th")] == ["水科", "02 问题02", "01 问题01"]


def test_filters_are_plain_addresses_that_go_on_from_page_to_page(signed_in: SignedIn) -> None:
    head = signed_in("head")
    head.open("/?finding=01")
    assert [len(_links(head, part)) for part in ("late", "escalated")] == [1, 1]
    head.open("/?section=late&finding=02")
    assert (len(_links(head, "late")), head.page.select_one("a[rel=prev]")) == (50, None)
    head.open(str(head.page.select_one("a[rel=next]")["href"]))  # type: ignore[index]
    assert (len(_links(head, "late")), head.page.select_one("a[rel=next]")) == (9, None)
    assert "第2页，共2页" in head.said
    head.open("/?lamp=green")
    assert _links(head, "late") == []
    assert head.page.select_one("option[value=green]").has_attr("selected")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?unit=%3Cscript%3E", 200),
        ("?leader='%20OR%201=1", 200),
        ("?section=nothing&lamp=ultraviolet", 200),
        ("?section=late&page=99", 200),
        ("?page=0", 422),
        ("?page=x", 422),
        ("?page=99999999999999999999", 422),
        ("?unit=" + "长" * 101, 422),
        ("?unit=%00", 200),
    ],
)
def test_an_address_that_somebody_made_up_shows_nothing_that_is_not_there(
    signed_in: SignedIn, query: str, status: int
) -> None:
    head = signed_in("head")
    assert head.open(f"/{query}") == status
    assert head.page.select("script") == []
