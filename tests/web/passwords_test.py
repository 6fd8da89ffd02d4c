"""Signing in by a password, where one is set: guessing it, or a name, leads nowhere; changing it ends the rest."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.ledger.added_people import remove_person
from db.ledger.passwords import enter_by_password, give_password
from db.ledger.records import audit_records
from db.models import Alert, Password
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser
from text.refusals import Refusal
from web import sign_in

New = Callable[[], Browser]
GOOD, OTHER = "correct-horse-battery", "another horse's battery"


@pytest.fixture(autouse=True)
def office(
    told_once: ToldOnce, activated: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """A plan in force, pages that were announced; a refusal does not keep the test waiting."""

    def story() -> None:
        activated("2025-03-03T09:00", plan_of(measure("01-1")))

    told_once(story)
    (tmp_path / "web.json").write_text('{"url": "http://127.0.0.1:4280", "pid": 0}')
    monkeypatch.setattr(sign_in, "EVENLY_SECONDS", 0.0)
    sign_in._tries.clear()
    sign_in._changes.clear()
    yield
    sign_in._tries.clear()
    sign_in._changes.clear()


def _set(ledger_at: ContextAt, person: str, password: str = GOOD, moment: str = NOW) -> None:
    with ledger_at(moment, "office") as ctx:
        give_password(ctx, person, password)


def _enter(his: Browser, person: str, password: str) -> int:
    his.open("/sign-in")
    return his.press(person=person, password=password)


def test_whoever_has_one_signs_in_by_it_and_the_trail_says_how(browser: New, ledger_at: ContextAt) -> None:
    his = browser()
    his.open("/sign-in")
    assert "用密码登录" not in his.said  # nobody has set one
    _set(ledger_at, "王工")
    assert _enter(his, "王工", GOOD) == 200
    assert "待办（" in his.said
    with ledger_at(NOW) as ctx:
        entries = audit_records(ctx)
        kept = ctx.session.execute(select(Password.hash)).scalar_one()
    assert [(one.command, one.actor) for one in entries[-2:]] == [("set-password", "office"), ("sign-in", "王工")]
    assert (entries[-1].facts["way"], entries[-1].facts["door"], entries[-1].facts["proved"]) == (
        *("password", "session"),
        True,
    )
    assert kept.startswith("$argon2id$")
    assert not any(kept in str(one.facts) or GOOD in str(one.facts) for one in entries)


def test_rights_are_those_of_the_person_however_he_signed_in(browser: New, ledger_at: ContextAt) -> None:
    _set(ledger_at, "handler")
    his = browser()
    _enter(his, "handler", GOOD)
    assert his.open("/trail") == 403
    assert his.open("/messages") == 403


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(browser: New, ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工")
    answers = set()
    for person, password in (
        ("王工", "wrong"),
        ("没有这个人", GOOD),
        ("office", GOOD),
        ("王工", ""),
        ("王工", "x" * 900),
    ):
        his = browser()
        status = _enter(his, person, password)
        answers.add((status, his.said.replace(person, "")))
    assert [status for status, _ in answers] == [403]


def test_a_refusal_comes_after_the_same_time_whoever_is_meant(
    browser: New, ledger_at: ContextAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "EVENLY_SECONDS", 0.4)
    _set(ledger_at, "王工")
    took = []
    for person in ("王工", "没有这个人"):
        his, began = browser(), time.monotonic()
        his.client.post("/sign-in/password", data={"person": person, "password": "wrong"})
        took.append(time.monotonic() - began)
    assert min(took) >= 0.4


def test_a_password_cannot_be_guessed_and_the_office_is_told(
    browser: New, ledger_at: ContextAt, set_clock: Callable[[str], None]
) -> None:
    _set(ledger_at, "王工")
    for number in range(5):
        assert _enter(browser(), "王工", f"guess-{number}") == 403
    assert _enter(browser(), "王工", GOOD) == 403  # the true one is not taken for a while, and nobody is told so
    with ledger_at(NOW) as ctx:
        told = select(Alert.note).where(Alert.rung.startswith("password-locked:"))
        assert ctx.session.execute(told).scalars().all() == [
            "有人多次输错王工的密码，30分钟内不再受理；如不是本人，请留意"
        ]
    his = browser()
    his.open("/sign-in")
    assert his.press(form=0, person="王工") == 200  # a code is sent all the same
    set_clock("2025-03-12T10:31")
    assert _enter(browser(), "王工", GOOD) == 200


def test_guesses_that_come_at_once_are_counted_one_by_one(ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工")

    def guess(number: int) -> str | None:
        with ledger_at(NOW) as ctx:
            return enter_by_password(ctx, "王工", f"guess-{number}")

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(guess, range(8))) == [None] * 8
    with ledger_at(NOW) as ctx:
        assert enter_by_password(ctx, "王工", GOOD) is None


def test_who_tries_faster_than_people_do_waits(browser: New) -> None:
    asker = browser()
    tried = [
        asker.client.post("/sign-in/password", data={"person": f"人{n}", "password": "x"}).status_code
        for n in range(32)
    ]
    assert tried[-2:] == [429, 429]


def test_a_session_that_was_there_before_is_not_the_one_afterwards(browser: New, ledger_at: ContextAt) -> None:
    """Whoever puts his own session into another's browser is not signed in with him."""
    _set(ledger_at, "王工")
    _set(ledger_at, "赵工", OTHER)
    attacker, victim = browser(), browser()
    _enter(attacker, "赵工", OTHER)
    planted = attacker.client.cookies["duban"]
    victim.client.cookies.set("duban", planted, domain="127.0.0.1")
    assert _enter(victim, "王工", GOOD) == 200
    assert attacker.open("/me") == 401  # the session that was planted has ended


def test_changing_it_ends_every_other_session(browser: New, ledger_at: ContextAt, signed_in: Any) -> None:
    desk, phone = signed_in("王工"), signed_in("王工")
    desk.open("/password")
    assert "您没有设置密码" in desk.said
    before = desk.client.cookies["duban"]
    assert desk.press(new=GOOD, again=GOOD) == 200
    assert "密码已设置；其他设备上的登录均已失效。" in desk.said
    assert desk.client.cookies["duban"] != before
    assert phone.open("/me") == 401
    assert desk.press(old="wrong", new=OTHER, again=OTHER) == 422
    assert "现在的密码不对" in desk.said
    assert desk.press(old=GOOD, new=OTHER, again="typo-typo-typo") == 422
    assert desk.press(old=GOOD, new=OTHER, again=OTHER) == 200
    assert _enter(browser(), "王工", GOOD) == 403
    assert _enter(browser(), "王工", OTHER) == 200


def test_a_foreign_page_changes_no_password(signed_in: Any, ledger_at: ContextAt) -> None:
    desk = signed_in("王工")
    filled = {"new": GOOD, "again": GOOD}
    assert desk.client.post("/password", data=filled).status_code == 409
    assert desk.client.post("/password", data=filled | {"csrf": "x"}).status_code == 409
    desk.open("/password")
    key = desk.page.select_one("main input[name=csrf]")["value"]
    foreign = desk.client.post("/password", data=filled | {"csrf": key}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    with ledger_at(NOW) as ctx:
        assert ctx.session.execute(select(Password)).first() is None


def test_the_old_one_cannot_be_guessed_from_a_desk_left_open(signed_in: Any, ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工")
    desk = signed_in("王工")
    desk.open("/password")
    tried = [desk.press(old=f"guess-{number}", new=OTHER, again=OTHER) for number in range(11)]
    assert tried == [422] * 11
    assert "尝试过于频繁" in desk.said
    assert desk.press(old=GOOD, new=OTHER, again=OTHER) == 422


def test_who_leaves_takes_his_password_along(browser: New, ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工")
    his = browser()
    _enter(his, "王工", GOOD)
    with ledger_at(NOW, "office") as ctx:
        remove_person(ctx, "王工")
    assert his.open("/me") == 401
    assert browser().client.post("/sign-in/password", data={"person": "王工", "password": GOOD}).status_code == 403
    with ledger_at(NOW) as ctx:
        assert ctx.session.execute(select(Password)).first() is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("a" * 12, "password_plain"),
        ("王工-2025-abcdef", "password_plain"),
        ("ababababababab", "password_plain"),
        ("x1y2z3" * 50, "password_long"),
        ("", "password_short"),
    ],
)
def test_what_is_too_easy_is_refused(ledger_at: ContextAt, password: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        _set(ledger_at, "王工", password)
    assert refused.value.code == code


def test_the_same_keys_are_the_same_password_on_every_keyboard(browser: New, ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工", "ｃorrect-horse-１")
    assert _enter(browser(), "王工", "correct-horse-1") == 200


def test_a_hash_that_was_changed_by_hand_lets_nobody_in(browser: New, ledger_at: ContextAt) -> None:
    _set(ledger_at, "王工")
    with ledger_at(NOW) as ctx:
        ctx.session.execute(select(Password)).scalar_one().hash = GOOD
    assert _enter(browser(), "王工", GOOD) == 403
