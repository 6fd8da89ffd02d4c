"""Every page is looked at by axe in Chromium, on a phone and on a desk: nothing that keeps somebody out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from db import ledger
from db.ledger import Report
from db.ledger.drafts import begin_drafts
from db.ledger.passwords import give_password
from tests.chromium import headless_chromium
from tests.conftest import ContextAt, at, reread_settings
from tests.plans import duty, gathering, measure, plan_of
from tests.web.conftest import HERE, NOW, Browser, LinkOf

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")


@pytest.fixture(autouse=True)
def busy(activated: Callable[..., Any], patrol_at: Callable[..., Any], ledger_at: ContextAt) -> None:
    """A late report with a sheet, one that waits for its review, one that waits for the part of another unit, an
    extension and the end of a suspension to decide."""
    posts, gathered = gathering(), measure("01-5", evidence="always", duties=[duty(gather=["law"])])
    measures = [*(measure(f"01-{number}", evidence="always") for number in range(1, 5)), gathered]
    activated("2025-02-03T09:00", plan_of(*measures, units=posts.units, roles=posts.roles))
    with ledger_at("2025-02-26T10:00", "handler") as ctx:
        ledger.submit(ctx, 1, Report(body="已调度", percent=60, evidence=("照片",)))
        ledger.ask_extension(ctx, 3, at("2025-03-20T00:00").date(), "汛期")
    with ledger_at("2025-02-26T11:00", "office") as ctx:
        ledger.suspend(ctx, "01-4", reason="等待文件", evidence=["批文"], until=at("2025-03-10T00:00").date())
    patrol_at(NOW)
    with ledger_at(NOW) as ctx:
        begin_drafts(ctx, "dispatch")


@pytest.fixture
def window() -> Iterator[Page]:
    """A window of a real browser."""
    with headless_chromium() as chromium:
        context = chromium.new_context(locale="zh-CN")
        yield context.new_page()
        context.close()


def _faults(window: Page, reader: Browser, path: str, said: str) -> list[str]:
    """What axe finds wrong with a page that matters, on a phone and on a desk."""

    def from_the_application(route: Route) -> None:
        answer = reader.client.get(route.request.url)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    window.route(f"{HERE}/**", from_the_application)
    found: list[str] = []
    for width in (390, 1280):
        window.set_viewport_size({"width": width, "height": 844})
        window.goto(HERE + path)
        assert said in window.inner_text("body"), path
        for one in Axe().run(window).response["violations"]:
            if one["impact"] in GRAVE:
                places = [" ".join(node["target"]) for node in one["nodes"]][:3]
                found.append(f"{path} {width}: {one['id']} {places}")
    window.unroute(f"{HERE}/**")
    return found


def test_the_board_as_a_file_keeps_nobody_out_either(
    window: Page, signed_in: Callable[[str], Browser], tmp_path: Path
) -> None:
    leader = signed_in("head")
    assert leader.open("/board.html") == 200
    assert leader.answer is not None
    assert leader.answer.headers["content-disposition"] == 'attachment; filename="board-2025-03-12.html"'
    file = tmp_path / "board.html"
    file.write_bytes(leader.answer.content)
    for width in (390, 1280):
        window.set_viewport_size({"width": width, "height": 844})
        window.goto(file.as_uri())
        assert "整改督办情况" in window.inner_text("body")
        assert window.evaluate("document.documentElement.scrollWidth") == width
        violations = Axe().run(window).response["violations"]
        assert [one["id"] for one in violations if one["impact"] in GRAVE] == []


def test_no_page_keeps_anybody_out(
    window: Page,
    browser: Callable[[], Browser],
    signed_in: Callable[[str], Browser],
    link_of: LinkOf,
    ledger_at: ContextAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DUBAN_OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("DUBAN_OIDC_CLIENT_ID", "duban")
    reread_settings()
    with ledger_at(NOW, "office") as ctx:
        give_password(ctx, "王工", "correct-horse-battery")
    office, other = signed_in("office"), browser()
    seen = {
        "/sign-in": "用统一身份认证登录",
        "/password": "您没有设置密码",
        "/": "总览",
        "/?section=late": "逾期",
        "/me": "待办",
        "/me?chosen=all": "待办",
        "/matter/period-1": "请您办理",  # the review
        "/matter/period-2": "牵头单位",
        "/matter/extension-1": "延期",
        "/matter/suspension-1": "挂账",
        "/matter/paper-1": "预览草稿",
        "/paper/1": "发布定稿",
        "/measure/01-1": "经过",
        "/ledger": "台账",
        "/ledger?q=调度": "台账",
        "/me?tab=unread": "待阅",
        "/me?tab=done": "已办",
        "/me?tab=read": "已阅",
        "/people": "交接岗位",
        "/trend": "走势",
        "/calendar": "日历订阅",
        "/engine": "运行",
        "/messages": "消息",
        "/trail": "留痕",
        "/nowhere": "没有这个页面",
    }
    faults = [one for path, said in seen.items() for one in _faults(window, office, path, said)]
    links = {
        link_of("handler", "period-2"): "请您办理",  # the report
        link_of("handler", "period-5"): "尚缺分报",
        link_of("law", "part-1"): "分报内容",
        link_of("head", "escalation-2"): "请您办理",
        link_of("deputy", "extension-1"): "请您办理",
        link_of("handler"): "待办",
        link_of("office", signs_in=True): "本人使用",
        "/m/forged": "链接无效",
    }
    faults += [one for path, said in links.items() for one in _faults(window, other, path, said)]
    assert faults == []
    assert urlsplit(window.url).netloc == urlsplit(HERE).netloc


def test_what_is_wrong_with_a_field_is_read_out_with_it(browser: Callable[[], Browser], link_of: LinkOf) -> None:
    handler = browser()
    handler.open(link_of("handler", "period-2"))
    assert handler.press("submit", body="已办", percent="一半") == 422
    field = handler.page.select_one("input[name=percent]")
    assert field is not None
    told = [handler.page.select_one(f"#{one}") for one in str(field["aria-describedby"]).split()]
    assert (field["aria-invalid"], "不是整数" in "".join(one.text for one in told if one)) == ("true", True)
