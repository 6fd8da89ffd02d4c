"""A page that was printed is found again by the code on the paper, which opens nothing to whoever has not signed in."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Route

from tests.chromium import headless_chromium
from tests.plans import measure, plan_of
from tests.web.conftest import HERE, Browser, LinkOf
from web import sign_in

New = Callable[[], Browser]
OFFICE = "https://duban.example.gov.cn"


@pytest.fixture(autouse=True)
def a_sheet(
    activated: Callable[..., Any], patrol_at: Callable[..., Any], set_clock: Callable[[str], None], tmp_path: Path
) -> None:
    """February of 01-1 is late, and a sheet is open."""
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    patrol_at("2025-03-12T10:00")
    sign_in._tries.clear()


def _at(address: str, monkeypatch: pytest.MonkeyPatch, set_clock: Callable[[str], None]) -> None:
    monkeypatch.setenv("DUBAN_WEB_URL", address)
    set_clock("2025-03-12T10:00")


def _codes_on_paper(reader: Browser, path: str) -> tuple[str, list[str]]:
    """What a camera reads of a page as Chromium prints it, and what stands on the screen."""

    def from_the_application(route: Route) -> None:
        answer = reader.client.get(route.request.url)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    with headless_chromium() as chromium:
        context = chromium.new_context(locale="zh-CN", java_script_enabled=False, device_scale_factor=2)
        window = context.new_page()
        window.route(f"{HERE}/**", from_the_application)
        window.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
        window.goto(HERE + path)
        on_screen = window.inner_text("body")
        window.emulate_media(media="print")
        picture = Image.open(BytesIO(window.screenshot()))
        context.close()
    return on_screen, [one.text for one in zxingcpp.read_barcodes(picture.convert("L"))]


@pytest.mark.browser
def test_a_camera_reads_the_matter_from_a_printed_sheet(
    link_of: LinkOf,
    signed_in: Callable[[str], Browser],
    browser: New,
    monkeypatch: pytest.MonkeyPatch,
    set_clock: Callable[[str], None],
) -> None:
    _at(f"{OFFICE}/", monkeypatch, set_clock)
    office = signed_in("office")
    assert _codes_on_paper(office, "/matter/escalation-1")[1] == [f"{OFFICE}/matter/escalation-1"]
    on_screen, on_paper = _codes_on_paper(office, "/measure/01-1")
    assert (on_paper, "扫码办理" in on_screen) == ([f"{OFFICE}/measure/01-1"], False)
    # Who prints what his own link opened gives no link away.
    link = link_of("deputy", "escalation-1")
    assert _codes_on_paper(browser(), link)[1] == [f"{OFFICE}/matter/escalation-1"]


def test_paper_never_carries_a_personal_link_and_no_code_where_no_address_is_known(
    browser: New, link_of: LinkOf, monkeypatch: pytest.MonkeyPatch, set_clock: Callable[[str], None]
) -> None:
    deputy, link = browser(), link_of("deputy", "escalation-1")
    assert (deputy.open(link), deputy.page.select(".on-paper")) == (200, [])
    _at(OFFICE, monkeypatch, set_clock)
    assert deputy.open(link) == 200
    (paper,) = deputy.page.select(".on-paper")
    assert paper.get_text(" ").split() == ["扫码办理", f"{OFFICE}/matter/escalation-1"]
    assert paper.select("svg path")
    assert link.split("/")[2] not in str(paper)


def test_who_scans_it_signs_in_and_stands_before_the_matter(browser: New, tmp_path: Path) -> None:
    (tmp_path / "web.json").write_text('{"url": "http://127.0.0.1:4280", "pid": 0}')
    phone = browser()
    assert phone.open("/matter/escalation-1") == 401
    phone.open(str(phone.page.select_one("main a")["href"]))  # type: ignore[index]
    assert phone.press(person="deputy") == 200
    assert phone.press(form=0, code="00000000") == 403
    letter = next((tmp_path / "outbox").glob("*/*--deputy.md")).read_text()
    assert phone.press(form=0, code=re.findall(r"登录码 (\d{8})", letter)[0]) == 200
    assert str(phone.answer.url) == f"{HERE}/matter/escalation-1"  # type: ignore[union-attr]
    assert phone.said.startswith(f"扫码办理{HERE}/matter/escalation-1 督办〔2025〕1号")


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/matter/..//evil.example",
        "/sign-out",
        "/matter/a\n",
    ],
)
def test_signing_in_leads_nowhere_else(browser: New, tmp_path: Path, page: str) -> None:
    (tmp_path / "web.json").write_text('{"url": "http://127.0.0.1:4280", "pid": 0}')
    phone = browser()
    phone.open("/sign-in")
    phone.press(person="office")
    letter = next((tmp_path / "outbox").glob("*/*--office.md")).read_text()
    assert phone.press(form=0, code=re.findall(r"登录码 (\d{8})", letter)[0], page=page) == 200
    assert str(phone.answer.url) == f"{HERE}/me"  # type: ignore[union-attr]
