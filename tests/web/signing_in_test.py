"""Signing in by a code that goes to the person's own channel: nobody learns who exists, nobody guesses a code."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.ledger.records import audit_records
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser
from web import sign_in

New = Callable[[], Browser]


@pytest.fixture(autouse=True)
def office(activated: Callable[..., Any], tmp_path: Path) -> Iterator[None]:
    """A plan in force, pages that were announced, and nobody who asked before."""
    activated("2025-03-03T09:00", plan_of(measure("01-1")))
    (tmp_path / "web.json").write_text('{"url": "http://127.0.0.1:4280", "pid": 0}')
    sign_in._tries.clear()
    yield
    sign_in._tries.clear()


def _codes(tmp_path: Path, person: str) -> list[tuple[str, str]]:
    """The codes and the links that were sent to a person, the oldest first."""
    letters = sorted((tmp_path / "outbox").glob(f"*/*--{person}.md"), key=lambda file: file.stat().st_mtime_ns)
    texts = [letter.read_text() for letter in letters]
    return [(re.findall(r"登录码 (\d{8})", one)[0], re.findall(r"/m/[\w.-]+", one)[0]) for one in texts]


def test_a_code_is_sent_to_the_person_and_signs_in_once(browser: New, tmp_path: Path, ledger_at: ContextAt) -> None:
    office = browser()
    assert office.open("/me") == 401
    office.open(str(office.page.select_one("main a")["href"]))  # type: ignore[index]
    assert office.press(person="office") == 200
    ((code, _),) = _codes(tmp_path, "office")
    assert office.press(form=0, code=f"{code[:4]} {code[4:]}") == 200
    assert "待办（" in office.said
    with ledger_at(NOW) as ctx:
        entry = audit_records(ctx)[-1]
    assert (entry.command, entry.actor, entry.facts["proved"]) == ("sign-in", "office", True)
    other = browser()
    other.open("/sign-in")
    other.press(person="office")
    assert other.press(form=0, code=code) == 403


def test_the_link_beside_the_code_does_the_same(browser: New, tmp_path: Path) -> None:
    office = browser()
    office.open("/sign-in")
    office.press(person="office")
    ((code, link),) = _codes(tmp_path, "office")
    reader = browser()
    assert reader.open(link) == 200
    assert reader.press() == 200
    assert "待办（" in reader.said
    assert office.press(form=0, code=code) == 403  # used up


def test_nobody_learns_whose_name_is_known(browser: New) -> None:
    seen = set()
    for person in ("office", "没有这个人", "测试", "office\u200b", "o" * 100):
        asker = browser()
        asker.open("/sign-in")
        status = asker.press(person=person)
        seen.add((status, asker.said.replace(person, "")))
    assert len(seen) == 1


def test_a_code_cannot_be_guessed(browser: New, tmp_path: Path, ledger_at: ContextAt, set_clock: Any) -> None:
    asker = browser()
    asker.open("/sign-in")
    asker.press(person="office")
    ((code, link),) = _codes(tmp_path, "office")
    wrong = [f"{number:08d}" for number in range(6) if f"{number:08d}" != code]
    for one in wrong[:5]:
        assert asker.press(form=0, code=one) == 403
    assert asker.press(form=0, code=code) == 403
    assert browser().open(link) == 403
    with ledger_at(NOW) as ctx:
        told = [one.note for one in ctx.session.execute(_alerts()).scalars()]
    assert told == ["有人多次输错office的登录码，未能登录；如不是本人，请留意"]


def _alerts() -> Any:
    from sqlalchemy import select

    from db.models import Alert

    return select(Alert).where(Alert.rung.startswith("locked-out:"))


def test_nobody_is_flooded_with_codes(browser: New, tmp_path: Path, set_clock: Callable[[str], None]) -> None:
    for _ in range(6):
        asker = browser()
        asker.open("/sign-in")
        assert asker.press(person="office") == 200
    assert len(_codes(tmp_path, "office")) == 3
    set_clock("2025-03-12T10:31")
    asker.press(person="office")
    assert len(_codes(tmp_path, "office")) == 4


def test_who_asks_faster_than_people_do_waits(browser: New) -> None:
    asker = browser()
    asker.open("/sign-in")
    asked = [asker.client.post("/sign-in", data={"person": f"人{n}"}).status_code for n in range(31)]
    assert asked[-2:] == [200, 429]


def test_a_code_ends(browser: New, tmp_path: Path, set_clock: Callable[[str], None]) -> None:
    asker = browser()
    asker.open("/sign-in")
    asker.press(person="office")
    ((code, _),) = _codes(tmp_path, "office")
    set_clock("2025-03-12T10:31")
    assert asker.press(form=0, code=code) == 403
