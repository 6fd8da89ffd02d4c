"""A link opens one matter for one person: scanners change nothing; what is forged, old or another's opens nothing."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from db import ledger, matters
from db.ledger.doors import revoke_links
from db.models import AuditEntry, SignIn
from tasks.channels import delivery
from tasks.doors import sign
from tests.conftest import ContextAt, ToldOnce, staff
from tests.plans import measure, plan_of
from tests.web.conftest import HERE, NOW, Browser, LinkOf

New = Callable[[], Browser]


@pytest.fixture(autouse=True)
def late(told_once: ToldOnce, activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report of 01-1 is late; its sheet waits for the head."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure("01-1")))
        patrol_at(NOW)

    told_once(story)


def _entries(ledger_at: ContextAt) -> int:
    with ledger_at(NOW) as ctx:
        return ctx.session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()


@pytest.mark.parametrize("signs_in", [False, True])
def test_scanners_that_open_every_link_change_nothing(
    browser: New, link_of: LinkOf, ledger_at: ContextAt, signs_in: bool
) -> None:
    link = link_of("handler", signs_in=True) if signs_in else link_of("handler", "period-1")
    before = _entries(ledger_at)
    scanner = browser()
    for _ in range(3):
        assert scanner.client.get(link).status_code == 200
        assert scanner.client.head(link).status_code == 200
    assert _entries(ledger_at) == before
    with ledger_at(NOW) as ctx:
        assert ctx.session.execute(select(func.count()).select_from(SignIn)).scalar_one() == 0
    reader = browser()
    reader.open(link)
    assert reader.press("" if signs_in else "submit", **({} if signs_in else {"body": "已办", "percent": "100"})) == 200


def test_a_forged_link_opens_nothing(browser: New, link_of: LinkOf) -> None:
    good = link_of("handler", "period-1")
    token = good.removeprefix("/m/")
    for bad in ("x", token[:-1], token + "a", token.swapcase(), sign("another handle"), f"{token}/period-1"):
        reader = browser()
        assert reader.open(f"/m/{bad}") == 403, bad
        assert "链接无效" in reader.said
        assert browser().client.post(f"/m/{bad}", data={"question": "report-1", "percent": "1"}).status_code == 403


def test_a_link_ends(browser: New, link_of: LinkOf, ledger_at: ContextAt, set_clock: Callable[[str], None]) -> None:
    link = link_of("handler", "period-1")
    set_clock("2025-06-11T10:00")
    reader = browser()
    assert reader.open(link) == 403
    assert "链接已过期" in reader.said
    # The next letter about the same matter bears the same link, which is good again.
    assert link_of("handler", "period-1", "2025-06-11T10:00") == link
    assert reader.open(link) == 200


def test_what_was_taken_back_opens_nothing(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    link, other = link_of("handler", "period-1"), link_of("head", "escalation-1")
    with ledger_at(NOW) as ctx:
        assert revoke_links(ctx, "handler") == 1
    assert browser().open(link) == 403
    assert browser().open(other) == 200
    assert link_of("handler", "period-1") != link


def test_who_left_is_told_so(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    link = link_of("handler", "period-1")
    with ledger_at(NOW, "office") as ctx:
        posts = {"handler": {"name": "王新"}} | {name: {"name": name} for name in ("leader", "deputy", "head")}
        posts |= {name: {"name": name} for name in ("discipline", "office")}
        plan = plan_of(measure("01-1"), roles=posts)
        ledger.amend(ctx, plan, base_digest=None, apply=True)
    reader = browser()
    assert reader.open(link) == 403
    assert "handler已不在岗" in reader.said
    reader.open(link_of("王新", "period-1"))
    assert "提交" in reader.buttons


def test_a_link_to_one_matter_opens_no_other(browser: New, link_of: LinkOf) -> None:
    link = link_of("handler", "period-1")
    assert browser().open(f"{link}/period-2") == 403
    assert browser().client.post(f"{link}/escalation-1", data={"button": "acknowledge"}).status_code == 403


def test_what_is_asked_of_others_is_not_taken_from_whoever_holds_a_link(browser: New, link_of: LinkOf) -> None:
    reader = browser()
    with_sheet = link_of("handler") + "/escalation-2"
    assert reader.open(with_sheet) == 200
    assert reader.buttons == []
    answer = reader.client.post(with_sheet, data={"question": "escalation", "button": "acknowledge"})
    assert answer.status_code == 409
    assert "此事项未请handler办理；请由head办理" in answer.text


def test_a_link_to_all_of_his_opens_nothing_of_a_measure_in_which_he_has_no_post(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    with ledger_at(NOW) as ctx:
        staff(ctx, ["外人"])
    assert browser().open(link_of("外人")) == 200
    assert browser().open(link_of("外人") + "/period-1") == 403


def test_a_sign_in_link_is_used_once(browser: New, link_of: LinkOf) -> None:
    link = link_of("office", signs_in=True)
    first, second = browser(), browser()
    first.open(link)
    second.open(link)
    assert "只供 office 本人使用" in first.said
    assert first.press() == 200
    assert second.press() == 403
    assert "已用过" in second.said
    assert second.open("/me") == 401


def test_a_session_given_from_outside_is_none(browser: New) -> None:
    """Nobody can be made to work in a session that somebody else began for him."""
    reader = browser()
    reader.client.cookies.set("duban", "chosen-by-another")
    assert reader.open("/me") == 401


def test_signing_out_ends_the_session(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    key = office.client.cookies["duban"]
    assert office.press(form=0) == 401
    office.client.cookies.set("duban", key)
    assert office.open("/me") == 401


def test_a_session_ends_by_itself(signed_in: Callable[[str], Browser], set_clock: Callable[[str], None]) -> None:
    office = signed_in("office")
    set_clock("2025-03-12T22:00")
    assert office.open("/me") == 401


def test_a_foreign_page_can_hand_nothing_in(
    signed_in: Callable[[str], Browser], browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    before, office = _entries(ledger_at), signed_in("office")
    count = _entries(ledger_at)
    for origin in ("https://evil.example", "null", "http://127.0.0.1:4200"):
        answer = office.client.post("/me/period-1", data={"question": "report-1"}, headers={"origin": origin})
        assert answer.status_code == 403
        link = link_of("handler", "period-1")
        filled = {"question": "report-1", "percent": "100", "body": "x"}
        assert browser().client.post(link, data=filled, headers={"origin": origin}).status_code == 403
    # Without an origin, as some browsers send a form, the key of the session is missing.
    answer = office.client.post("/me/period-1", data={"question": "report-1", "csrf": "x"})
    assert answer.status_code == 409
    assert "页面已过期" in answer.text
    assert _entries(ledger_at) == count > before


def test_nobody_is_answered_under_another_name(browser: New, link_of: LinkOf) -> None:
    link = link_of("handler", "period-1")
    assert browser().client.get(link, headers={"host": "evil.example"}).status_code == 400


def test_every_page_keeps_its_secrets(browser: New, link_of: LinkOf, signed_in: Callable[[str], Browser]) -> None:
    reader = browser()
    for path in (link_of("handler", "period-1"), link_of("handler"), "/", "/m/x", "/nowhere"):
        reader.open(path)
        assert reader.answer is not None
        held = reader.answer.headers
        assert held["cache-control"] == "no-store", path
        assert held["referrer-policy"] == "same-origin"
        assert "default-src 'none'" in held["content-security-policy"]
        assert "script" not in reader.answer.text
        assert "server" not in held
    cookie = signed_in("office").client.cookies.jar
    (one,) = list(cookie)
    assert one.has_nonstandard_attr("HttpOnly")
    assert one.get_nonstandard_attr("SameSite") == "lax"


def test_what_people_wrote_stays_text(browser: New, link_of: LinkOf) -> None:
    hostile = "<script>alert(1)</script> [点我](javascript:alert(1)) <img src=x onerror=alert(1)> https://evil.example"
    handler = browser()
    handler.open(link_of("handler", "period-1"))
    handler.press("submit", body=hostile, percent="10", difficulty=hostile)
    office = browser()
    office.open(link_of("office", "period-1"))
    assert "<script>alert(1)</script>" in office.said
    assert office.page.find_all(["script", "img"]) == []
    assert [one["href"] for one in office.page.find_all("a") if not re.match("#|/", str(one["href"]))] == []


def test_a_page_needs_a_known_address(browser: New, signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    for tag in ("period-99", "period-x", "period--1", "nothing-1", "period-" + "9" * 30, "%00", "period-１"):
        assert office.open(f"/matter/{tag}") == 404, tag
    assert browser().open("/matter/period-1") == 401
    answer = browser().client.get("/m//evil.example", follow_redirects=False)
    assert answer.headers.get("location", HERE).startswith(HERE)


def test_whatever_no_page_of_ours_asks_for_is_refused_in_words(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    assert office.open("/nowhere") == 404
    assert "没有这个页面" in office.said
    assert office.open("/me/file/x") == 422
    assert "没有这个页面" in office.said
    assert office.client.put("/me").status_code == 405
    assert office.client.post("/sign-in/code", data={"person": "office"}).status_code == 422


def test_a_scanner_that_fetches_every_link_of_every_letter_leaves_all_as_it_was(
    browser: New, ledger_at: ContextAt, tmp_path: Path
) -> None:
    (tmp_path / "web.json").write_text(json.dumps({"url": HERE, "pid": 0}))
    delivery("测试").run()
    letters = [file.read_text() for file in (tmp_path / "outbox").glob("*/*.md")]
    links = sorted({link for letter in letters for link in re.findall(rf"{HERE}(/m/[\w.-]+)", letter)})
    readers = {file.stem.rpartition("--")[2] for file in (tmp_path / "outbox").glob("*/*.md")}
    assert len(links) >= len(readers) >= 4
    before, open_before = _entries(ledger_at), _asked(ledger_at)
    scanner = browser()
    for link in links:
        assert scanner.client.head(link).status_code == 200
        assert scanner.client.get(link, headers={"user-agent": "MailScanner"}).status_code == 200
        for form in BeautifulSoup(scanner.client.get(link).text, "lxml").select("main form"):
            assert form["method"] == "post"  # nothing that a scanner could follow
    assert (_entries(ledger_at), _asked(ledger_at)) == (before, open_before)
    assert {browser().open(link) for link in links} == {200}


def _asked(ledger_at: ContextAt) -> list[tuple[str, str]]:
    with ledger_at(NOW) as ctx:
        return [(one.tag, one.question) for one in matters.unfinished(ctx)]
