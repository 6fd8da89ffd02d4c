"""What scanners, foreign pages, guessers and forgers try at the pages changes nothing and tells them nothing."""

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from starlette.requests import Request

from db import ledger
from db.ledger import Report
from db.ledger.records import audit_records
from db.models import Alert, AuditEntry, Link, Recipient, SignIn
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.web.conftest import HERE, NOW, Browser, LinkOf
from web import sign_in

New = Callable[[], Browser]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}\"'>[点](javascript:alert(1))"


@pytest.fixture(autouse=True)
def late(
    told_once: ToldOnce, activated: Callable[..., Any], patrol_at: Callable[..., Any], tmp_path: Path
) -> Iterator[None]:
    """February's reports of 01-1 and 01-2 are late; their sheets wait for the head; nobody has asked for a code."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("01-2")))
        patrol_at(NOW)

    told_once(story)
    (tmp_path / "web.json").write_text('{"url": "http://127.0.0.1:4280", "pid": 0}')
    sign_in._tries.clear()
    yield
    sign_in._tries.clear()


def _state(ledger_at: ContextAt) -> tuple[int, int, int]:
    """How many acts, sessions, and links that are used up there are."""
    with ledger_at(NOW) as ctx:
        return (
            ctx.session.execute(select(func.count()).select_from(AuditEntry)).scalar_one(),
            ctx.session.execute(select(func.count()).select_from(SignIn)).scalar_one(),
            ctx.session.execute(select(func.count()).where(Link.revoked_at.is_not(None))).scalar_one(),
        )


def _commands(ledger_at: ContextAt, *of: str) -> list[str]:
    with ledger_at(NOW) as ctx:
        return [one.command for one in audit_records(ctx) if one.command in of]


def test_a_scanner_that_follows_every_link_of_every_page_changes_nothing(
    browser: New, link_of: LinkOf, ledger_at: ContextAt
) -> None:
    with ledger_at(NOW) as ctx:
        people = [one.name for one in ctx.session.execute(select(Recipient)).scalars()]
    links = [link_of(person) for person in people] + [link_of("handler", "period-1"), link_of("head", "escalation-1")]
    links += [link_of("office", signs_in=True)]
    before, scanner = _state(ledger_at), browser()
    seen: set[str] = set()
    waiting = list(links)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        scanner.client.head(path)
        answer = scanner.client.get(path, headers={"user-agent": "MailScanner", "sec-purpose": "prefetch"})
        assert answer.status_code in (200, 401), path
        for one in BeautifulSoup(answer.text, "lxml").find_all("a", href=True):
            target = str(one["href"]).partition("#")[0]
            assert not target.startswith(("//", "http")), target
            waiting += [target if target.startswith("/") else path.partition("?")[0] + target] if target else []
    assert len(seen) > len(links)
    assert _state(ledger_at) == before
    assert {browser().open(link) for link in links} == {200}


def test_a_link_does_only_what_it_was_given_for(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    filled = {"question": "report-1", "button": "submit", "body": "已办", "percent": "100"}
    to_a_matter, to_sign_in = link_of("handler", "period-1"), link_of("handler", signs_in=True)
    reader = browser()
    reader.client.post(to_a_matter, data={})
    assert dict(reader.client.cookies) == {}  # it begins no session
    assert reader.open("/me") == 401
    # Nor does the one for a session open or answer a matter.
    assert reader.open(f"{to_sign_in}/period-1") == 403
    assert reader.client.post(f"{to_sign_in}/period-1", data=filled).status_code == 403
    # Another's link answers nothing in this one's name.
    other = browser().client.post(link_of("head", "period-1"), data=filled | {"by": "handler", "person": "handler"})
    assert (other.status_code, "请由handler、leader办理" in other.text or "办理" in other.text) == (409, True)
    assert _commands(ledger_at, "submit", "sign-in") == []


def test_a_form_that_was_handed_in_is_not_taken_again(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    link = link_of("handler", "period-1")
    filled = {"question": "report-1", "button": "submit", "body": "已办", "percent": "100"}
    again = [browser().client.post(link, data=filled).status_code for _ in range(3)]
    assert again == [200, 409, 409]
    assert _commands(ledger_at, "submit") == ["submit"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_that_hides_its_origin_hands_nothing_in(
    browser: New, signed_in: Callable[[str], Browser], link_of: LinkOf, ledger_at: ContextAt, site: str
) -> None:
    """Also no name and no code: a visitor would work in the session of whoever made the page."""
    filled = {"question": "report-1", "button": "submit", "body": "x", "percent": "1"}
    posts = [
        (browser(), link_of("handler", "period-1"), filled),
        (browser(), link_of("office", signs_in=True), {}),
        (browser(), "/sign-in", {"person": "office"}),
        (browser(), "/sign-in/code", {"person": "office", "code": "00000000"}),
        (signed_in("office"), "/me/period-1", filled),
    ]
    before = _state(ledger_at)
    for reader, path, data in posts:
        del reader.client.headers["origin"]
        answer = reader.client.post(path, data=data, headers={"sec-fetch-site": site, "sec-fetch-mode": "navigate"})
        assert (answer.status_code, answer.text) == (403, "Foreign origin"), path
        # Whoever only follows a link from elsewhere, as from a message, gets his page.
        assert reader.client.get(link_of("handler", "period-1"), headers={"sec-fetch-site": site}).status_code == 200
    assert _state(ledger_at) == before


def test_a_session_is_a_new_one_each_time_and_ends_with_the_post(
    browser: New, link_of: LinkOf, signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    reader = browser()
    reader.client.cookies.set("duban", "chosen-by-another", domain="127.0.0.1")
    reader.open(link_of("handler", signs_in=True))
    reader.press()
    keys = {one.value for one in reader.client.cookies.jar if one.name == "duban"}
    assert not keys <= {"chosen-by-another"}
    with ledger_at(NOW) as ctx:
        digests = set(ctx.session.execute(select(SignIn.digest)).scalars())
    assert not digests & {key or "" for key in keys}  # nobody who reads the ledger is signed in
    head = signed_in("head")
    assert head.open("/me") == 200
    with ledger_at(NOW, "office") as ctx:
        names = {name: {"name": name} for name in ("handler", "leader", "deputy", "discipline", "office")}
        changed = plan_of(measure("01-1"), measure("01-2"), roles=names | {"head": {"name": "新局长"}})
        ledger.amend(ctx, changed, base_digest=None, apply=True)
    assert head.open("/me") == 401


def test_a_body_that_says_no_size_is_cut_off(browser: New, link_of: LinkOf, ledger_at: ContextAt) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
        while sent < 200:
            sent += 1
            yield bytes(2**20)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    before = _state(ledger_at)
    answer = browser().client.post(link_of("handler", "period-1"), content=endless(), headers=headers)
    assert answer.status_code == 413
    assert _state(ledger_at) == before


def _bomb() -> bytes:
    """A document of a hundred kilobytes that would be a hundred megabytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", bytes(100 * 2**20))
    return buffer.getvalue()


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return buffer.getvalue()


POLYGLOTS = {
    "a page that begins as a picture nobody takes": ("图.gif", b"GIF89a=1;alert(1)//\0<script>alert(1)</script>", 422),
    "a script that begins as a picture": ("图.png", b"GIF89a=1/*\0*/;alert(1)", 422),
    "a page that is a document further on": ("报告.pdf", b"<html><script>alert(1)</script>\0%PDF-1.7\n", 422),
    "a package under the name of a document": ("报告.docx", _zip("a.txt"), 422),
    "a program in a package": (
        "报告.docx",
        _zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        422,
    ),
    "a package that is a page in front": (
        "报告.docx",
        b"<html>\0" + _zip("[Content_Types].xml", "word/document.xml"),
        422,
    ),
    "a document with a page behind it": ("报告.pdf", b"%PDF-1.7\n\xe2\xe3\0<html><script>alert(1)</script>", 303),
}


@pytest.mark.parametrize("case", POLYGLOTS)
def test_what_is_two_things_is_refused_or_is_bytes_alone(browser: New, link_of: LinkOf, case: str) -> None:
    name, content, status = POLYGLOTS[case]
    link, reader = link_of("handler", "period-1"), browser()
    filled = {"question": "report-1", "percent": "100", "body": "已办", "button": "keep"}
    answer = reader.client.post(
        link, data=filled, files={"files": (name, content, "text/html")}, follow_redirects=False
    )
    assert answer.status_code == status
    if status == 303:
        given = reader.client.get(f"{link}/file/1")
        assert given.headers["content-type"] == "application/octet-stream"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert given.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in given.headers["content-security-policy"]


def test_a_bomb_is_kept_as_it_came_and_never_unpacked(browser: New, link_of: LinkOf, tmp_path: Path) -> None:
    link, content = link_of("handler", "period-1"), _bomb()
    filled = {"question": "report-1", "percent": "100", "body": "已办", "button": "keep"}
    assert browser().client.post(link, data=filled, files={"files": ("报告.docx", content)}).status_code == 200
    assert sum(file.stat().st_size for file in (tmp_path / "evidence").rglob("*") if file.is_file()) == len(content)


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nSet-Cookie: duban=x\r\n\r\n<script>.pdf",
        "../../../etc/cron.d/x.pdf",
        'a"; filename="b.html.pdf',
        "C:\\x.pdf",
    ],
)
def test_the_name_of_a_file_is_no_header_and_no_path(browser: New, link_of: LinkOf, tmp_path: Path, name: str) -> None:
    link, reader = link_of("handler", "period-1"), browser()
    filled = {"question": "report-1", "percent": "100", "body": "已办", "button": "keep"}
    content = b"%PDF-1.7\n\xe2\xe3\0" + name.encode()
    assert reader.client.post(link, data=filled, files={"files": (name, content)}).status_code == 200
    given = reader.client.get(f"{link}/file/1")
    assert given.content == content
    assert "set-cookie" not in given.headers
    shown = given.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename(\*=utf-8\'\'[\w.%~-]+|="[^"\\/]+")', shown), shown
    kept = [
        file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file() and file.read_bytes() == content
    ]
    assert [file.parts[0] for file in kept] == ["evidence"]


def test_what_is_written_into_any_field_stays_text_on_every_page(
    browser: New, link_of: LinkOf, signed_in: Callable[[str], Browser], ledger_at: ContextAt
) -> None:
    handler, head, deputy, office = browser(), browser(), browser(), signed_in("office")

    def fill(reader: Browser, button: str, **fields: str) -> None:
        forms = reader.page.find_all("form")
        form = next(number for number, one in enumerate(forms) if one.find("button", value=button))
        named = {str(one["name"]) for one in forms[form].select("textarea, input[type=text]")}
        reader.press(button, form, **{name: HOSTILE for name in named} | fields)
        _harmless(reader)

    handler.open(link_of("handler", "period-1"))
    fill(handler, "keep", percent="10")
    fill(handler, "submit", percent=HOSTILE)
    handler.open(link_of("handler", "period-1"))
    fill(handler, "submit", percent="10", extend_to="", extend_reason="")
    office.open("/me/period-1")
    fill(office, "return")
    with ledger_at(NOW, "handler") as ctx:
        (march,) = [one.id for one in ledger.open_periods(ctx.session) if one.label == "2025年3月"][:1]
    handler.open(link_of("handler", f"period-{march}"))
    fill(handler, "submit", percent="0", extend_to="2025-04-10")
    deputy.open(link_of("deputy", "extension-1"))
    fill(deputy, "refuse")
    head.open(link_of("head", _sheet(ledger_at)))
    fill(head, "instruct", new_limit="")
    office.open("/measure/01-2")
    fill(office, "suspend", until="2025-05-30", evidence=HOSTILE)
    for button in ("hand-over", "absent"):
        office.open("/people")
        fill(office, button, **{"from": HOSTILE, "first": "2025-03-12", "last": "2025-03-13"})
    guest = browser()
    guest.open("/sign-in")
    guest.press(person="<b>" + HOSTILE[:50])
    _harmless(guest)
    for path in ("/", "/me", "/ledger", "/messages", "/trail", "/measure/01-1", "/measure/01-2", "/matter/period-1",
                 "/matter/extension-1", f"/?unit={HOSTILE}", f"/?said={HOSTILE}", f"/ledger?q={HOSTILE}",
                 f"/trail?person={HOSTILE}", "/people", "/me?tab=done", f"/me?tab={HOSTILE}",
                 f"/nowhere/{HOSTILE}"):  # fmt: skip
        office.open(path)
        _harmless(office)
    assert _commands(ledger_at, "submit", "return", "ask-extension", "decide-extension", "instruct", "suspend") == [
        *("submit", "return", "ask-extension", "submit", "decide-extension", "instruct", "suspend")
    ]


def _sheet(ledger_at: ContextAt) -> str:
    with ledger_at(NOW) as ctx:
        return next(f"escalation-{one.id}" for number in (2, 1) if (one := ledger.open_escalation(ctx, number)))


def _harmless(reader: Browser) -> None:
    assert reader.answer is not None
    assert reader.answer.status_code < 500
    assert reader.page.find_all(["script", "img", "b", "iframe", "object"]) == []
    assert "49" not in re.findall(r"onerror=alert\(1\)>(\d+)", reader.answer.text)
    links = [str(one.get("href") or one.get("action") or "/") for one in reader.page.find_all(["a", "form"])]
    assert [one for one in links if not re.match(r"[#/?](?!/)", one)] == []
    assert not [one for one in reader.page.find_all(True) if any(name.startswith("on") for name in one.attrs)]


def test_no_address_leads_elsewhere(browser: New, signed_in: Callable[[str], Browser], link_of: LinkOf) -> None:
    elsewhere = "https://evil.example"
    office, link = signed_in("office"), link_of("handler", "period-1")
    paths = [
        *("//evil.example", "//evil.example/", "/\\evil.example", "/%2f%2fevil.example/", "/%5cevil.example/"),
        *(f"/?next={elsewhere}", f"/sign-in?next={elsewhere}", f"{link}?said={elsewhere}", f"/me/{elsewhere}"),
        *(f"/me?return={elsewhere}", "/me/", "/sign-in/", "/static/..%2f..%2fetc/passwd", "/static//evil.example"),
    ]
    for path in paths:
        for method in ("GET", "POST"):
            answer = office.client.request(method, HERE + path, follow_redirects=False, data={"next": elsewhere})
            assert answer.status_code < 500, path
            assert re.match(rf"{re.escape(HERE)}/|/(?!/|\\)", answer.headers.get("location", "/")), path
    reader = browser()
    reader.open(link_of("office", signs_in=True) + f"?next={elsewhere}")
    reader.press()
    assert str(reader.answer.url) == f"{HERE}/me"  # type: ignore[union-attr]


def test_what_is_said_to_whoever_asks_for_a_code_does_not_wait_for_who_is_known(
    ledger_at: ContextAt, browser: New
) -> None:
    """The names are looked up after the answer: how long that takes tells nothing either."""

    def asked(person: str) -> tuple[int, int]:
        request = Request({"type": "http", "method": "POST", "path": "/sign-in", "query_string": b"", "headers": []})
        answer = sign_in.ask_for_code(request, person)
        return answer.status_code, len(answer.body) - 2 * len(person.encode())

    assert asked("office") == asked("nobody")
    with ledger_at(NOW) as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Link)).scalar_one() == 0


def test_a_code_opens_for_nobody_else_and_guessing_ends_it_however_it_is_spread(
    browser: New, tmp_path: Path, ledger_at: ContextAt
) -> None:
    asker = browser()
    asker.open("/sign-in")
    for _ in range(3):
        asker.client.post("/sign-in", data={"person": "office"})
    letters = [file.read_text() for file in (tmp_path / "outbox").glob("*/*--office.md")]
    codes = [re.findall(r"登录码 (\d{8})", one)[0] for one in letters]
    assert len(set(codes)) == 3
    for name in ("head", "nobody", ""):
        assert browser().client.post("/sign-in/code", data={"person": name, "code": codes[0]}).status_code in (403, 422)
    wrong = next(f"{number:08d}" for number in range(9) if f"{number:08d}" not in codes)
    guessers = [browser() for _ in range(4)]
    barrier = Barrier(len(guessers))

    def guess(guesser: Browser) -> list[int]:
        barrier.wait()
        return [
            guesser.client.post("/sign-in/code", data={"person": "Ｏffice ", "code": wrong}).status_code
            for _ in range(2)
        ]

    with ThreadPoolExecutor(len(guessers)) as pool:
        assert {status for found in pool.map(guess, guessers) for status in found} == {403}
    sign_in._tries.clear()
    assert {
        browser().client.post("/sign-in/code", data={"person": "office", "code": one}).status_code for one in codes
    } == {403}
    with ledger_at(NOW) as ctx:
        told = ctx.session.execute(select(Alert.note).where(Alert.rung.startswith("locked-out:"))).scalars().all()
    assert set(told) == {"有人多次输错office的登录码，未能登录；如不是本人，请留意"}


@pytest.mark.parametrize(
    ("tag", "people", "command", "answers"),
    [
        ("escalation", ("head", "head"), ("instruct",), ({"button": "instruct", "instruction": "先办"},) * 2),
        (
            "period-1",
            ("office", "office"),
            ("accept", "return"),
            ({"button": "accept"}, {"button": "return", "reason": "缺"}),
        ),
    ],
    ids=["two supervisors", "two operators"],
)
def test_of_two_who_press_at_the_same_moment_one_wins_and_the_other_is_told(
    browser: New,
    link_of: LinkOf,
    ledger_at: ContextAt,
    tag: str,
    people: tuple[str, str],
    command: tuple[str, ...],
    answers: tuple[dict[str, str], dict[str, str]],
) -> None:
    if tag == "escalation":
        tag = _sheet(ledger_at)
    else:
        with ledger_at(NOW, "handler") as ctx:
            ledger.submit(ctx, 1, Report(body="已办", percent=100, finished=True))
    readers = [browser(), browser()]
    for reader, person in zip(readers, people, strict=True):
        assert reader.open(link_of(person, tag)) == 200
    barrier = Barrier(2)

    def press(number: int) -> int:
        barrier.wait()
        fields = dict(answers[number])
        return readers[number].press(fields.pop("button"), **fields)

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(press, range(2)))
    assert sorted(statuses) in ([200, 409], [200, 422]), [one.said for one in readers]
    loser = readers[statuses.index(max(statuses))]
    assert "未登记" in loser.said or "已" in loser.said
    assert len(_commands(ledger_at, *command)) == 1
