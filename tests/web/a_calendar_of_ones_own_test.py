"""A person's phone reads his dates by an address of his; it opens nothing else and can be taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar

from db.ledger.doors import give_links
from db.ledger.records import audit_records
from tasks.doors import sign, sign_calendar
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.web.conftest import HERE, NOW, Browser, LinkOf

New = Callable[[], Browser]
SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def supervised(activated: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A monthly report and a weekly one of the handler's unit."""
    monkeypatch.setenv("DUBAN_WEB_URL", HERE)
    weekly = measure("01-2", title="周报 <b>", duties=[duty(title="每周报送", cadence="weekly")])
    activated("2025-03-03T09:00", plan_of(measure("01-1"), weekly))


def _subscribed(person: Browser) -> str:
    person.open("/calendar")
    assert person.press("give") == 200
    address = str(person.page.select_one("input[readonly]")["value"])  # type: ignore[index]
    return address.removeprefix(HERE)


def _entries(browser: Browser, path: str) -> list[str]:
    assert browser.open(path) == 200
    assert browser.answer is not None
    assert browser.answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return [str(one["summary"]) for one in Calendar.from_ical(browser.answer.content).walk("VEVENT")]


def test_a_handler_subscribes_and_his_phone_reads_his_dates_without_signing_in(
    signed_in: SignedIn, browser: New, ledger_at: ContextAt
) -> None:
    handler = signed_in("handler")
    path = _subscribed(handler)
    assert "只显示这一次" in handler.said
    found = _entries(browser(), path)
    assert "01-1 每月报送 · 2025年3月 到期" in found
    assert sum(one.startswith("01-2") for one in found) > 20
    with ledger_at(NOW) as ctx:
        acts = [(one.actor, one.facts["door"]) for one in audit_records(ctx) if one.command == "subscribe"]
    assert acts == [("handler", "session")]


def test_nobody_elses_dates_are_in_it(signed_in: SignedIn, browser: New) -> None:
    assert _entries(browser(), _subscribed(signed_in("discipline"))) == []
    assert len(_entries(browser(), _subscribed(signed_in("leader")))) > 20


def test_a_new_address_ends_the_old_one_and_stopping_ends_all(signed_in: SignedIn, browser: New) -> None:
    handler, phone = signed_in("handler"), browser()
    first = _subscribed(handler)
    second = _subscribed(handler)
    assert (phone.open(first), phone.open(second)) == (403, 200)
    handler.open("/calendar")
    assert "订阅有效至2026年3月13日" in handler.said
    assert handler.press("take-back") == 200
    assert "已停止" in handler.said
    assert phone.open(second) == 403
    assert "已收回" in phone.said


def test_the_address_opens_nothing_else_and_no_other_link_opens_it(
    signed_in: SignedIn, browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    token = _subscribed(signed_in("handler")).removeprefix("/calendar/").removesuffix(".ics")
    stranger = browser()
    for path in (f"/m/{token}", f"/m/{token}/period-1", "/", "/me"):
        assert stranger.open(path) in (401, 403), path
    with ledger_at(NOW) as ctx:
        forged = give_links(ctx, [("handler", "period-1")], sign)["handler", "period-1"]
    for wrong in (forged, link_of("handler").removeprefix("/m/"), sign_calendar("nothing"), "x", token + "x"):
        assert stranger.open(f"/calendar/{wrong}.ics") == 403, wrong
    assert stranger.open("/calendar") == 401


def test_an_old_address_expires_and_who_left_gets_nothing(
    signed_in: SignedIn, browser: New, set_clock: Callable[[str], None]
) -> None:
    path, phone = _subscribed(signed_in("handler")), browser()
    set_clock("2026-03-12T10:00")
    assert phone.open(path) == 200
    set_clock("2026-03-14T10:00")
    assert phone.open(path) == 403
