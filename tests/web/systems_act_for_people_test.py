"""The API: a system of the office looks and acts for its people, as far as both may; who means harm gets nothing."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from db.ledger.records import AuditRecord, audit_records
from db.ledger.replay import verify
from db.ledger.systems import add_system, revoke_system, system_lines
from db.matters import MATTERS
from db.models import Alert, AuditEntry, KeptAnswer
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.tasks.sign_off import SignOff
from tests.web.conftest import HERE, NOW, Browser
from web import api_door
from web.api import api
from web.api_reads import acts_of
from web.application import pages
from web.guard import guarded

V1 = "/api/v1"
REPORT = {"body": "已调度一次", "percent": 40, "by": "handler"}


@pytest.fixture(autouse=True)
def office(
    told_once: ToldOnce,
    activated: Callable[..., Any],
    patrol_at: Callable[..., Any],
    set_clock: Callable[[str], None],
    tmp_path: Path,
) -> Iterator[None]:
    """February's reports of 01-1 and 01-2 are late, their sheets are open; nobody has guessed a token."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure("01-1"), measure("01-2")))
        patrol_at(NOW)

    told_once(story)
    (tmp_path / "web.json").write_text(json.dumps({"url": HERE, "pid": 0}))
    api_door._guesses.clear()
    api_door._requests.clear()
    yield
    api_door._guesses.clear()
    api_door._requests.clear()


class Caller:
    """A program of the office with the token it was given."""

    def __init__(self, token: str | None) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = TestClient(guarded(pages(), [HERE]), base_url=HERE, headers=headers)

    def get(self, path: str, **asked: Any) -> Response:
        return self.client.get(V1 + path, **asked)

    def post(self, path: str, body: Any = None, **asked: Any) -> Response:
        return self.client.post(V1 + path, json=body, **asked)


Joined = Callable[..., Caller]


@pytest.fixture
def system(ledger_at: ContextAt) -> Joined:
    """A system that the office added: ``system("OA", "report", people=["handler"])``."""

    def join(name: str = "OA", *acts: str, people: tuple[str, ...] = ()) -> Caller:
        with ledger_at(NOW, "office") as ctx:
            return Caller(add_system(ctx, name, acts, people))

    return join


def _acts(ledger_at: ContextAt, *commands: str) -> list[AuditRecord]:
    with ledger_at(NOW) as ctx:
        return [one for one in audit_records(ctx) if one.command in commands]


def _count(ledger_at: ContextAt) -> int:
    with ledger_at(NOW) as ctx:
        return ctx.session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()


def _refused(answer: Response, status: int, code: str) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told = answer.json()
    assert (told["status"], told["code"], "\n" in told["detail"]) == (status, code, False)
    return str(told["detail"])


def test_a_system_reports_for_a_person_and_the_trail_says_who_vouched(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report")
    asked = oa.get("/matters", params={"person": "handler"}).json()
    assert [one["id"] for one in asked] == [f"period-{number}" for number in (1, 2, 3, 4)]
    assert asked == [one for one in oa.get("/matters").json() if "handler" in one["asked_of"]]
    assert oa.get("/matters", params={"person": "没有这个人"}).json() == []
    shown = oa.get("/matters/period-1").json()
    assert (shown["question"], shown["acts"]) == ("report-1", [{"act": "report", "label": "提交"}])
    done = oa.post("/matters/period-1/report", REPORT, params={"question": "report-1"})
    assert (done.status_code, done.json()["kind"]) == (200, "review")
    (entry,) = _acts(ledger_at, "submit")
    said = (entry.actor, entry.facts["door"], entry.facts["proved"], entry.facts["system"])
    assert said == ("handler", "api", True, "OA")
    with ledger_at(NOW) as ctx:
        assert verify(ctx.session).whole
        assert [line.used_at is not None for line in system_lines(ctx)] == [True]


def test_every_kind_of_matter_is_answered_by_the_form_that_its_page_has(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report", "review", "instruct")
    sheet = next(one for one in oa.get("/matters").json() if one["kind"] == "escalation" and "head" in one["asked_of"])
    acknowledged = oa.post(f"/matters/{sheet['id']}/acknowledge", {"by": "head"})
    assert (acknowledged.status_code, acknowledged.json()["kind"]) == (200, "escalation")
    told = {"instruction": "三日内报结果", "new_limit": "2025-03-20", "by": "head"}
    assert oa.post(f"/matters/{sheet['id']}/instruct", told).json()["acts"] == []
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    assert _refused(oa.post("/matters/period-1/return", {"reason": " ", "by": "office"}), 422, "answer_missing")
    assert oa.post("/matters/period-1/return", {"reason": "缺照片", "by": "office"}).json()["kind"] == "report"
    assert oa.get("/matters/period-1").json()["form"]["body"] == "已调度一次"
    assert oa.post("/matters/period-1/report", REPORT | {"percent": 100}).status_code == 200
    assert oa.post("/matters/period-1/accept", {"by": "office"}).json()["acts"] == []
    assert [one.command for one in _acts(ledger_at, "acknowledge", "instruct", "submit", "return", "accept")] == [
        *("acknowledge", "instruct", "submit", "return", "submit", "accept")
    ]


def test_both_the_system_and_the_person_must_be_allowed(system: Joined, ledger_at: ContextAt) -> None:
    reports, looks, for_one = system("填报系统", "report"), system("看板"), system("秘书", "report", people=("leader",))
    before = _count(ledger_at)
    assert "看板" in _refused(looks.post("/matters/period-1/report", REPORT), 403, "system_may_not")
    _refused(for_one.post("/matters/period-1/report", REPORT), 403, "system_not_for")
    assert reports.post("/matters/period-1/accept", {"by": "office"}).status_code == 409  # it waits for a report
    _refused(reports.post("/matters/period-1/report", REPORT | {"by": "discipline"}), 403, "matter_not_asked")
    assert _count(ledger_at) == before
    assert reports.post("/matters/period-1/report", REPORT).status_code == 200
    before = _count(ledger_at)
    # It may not review, whoever asks; and the office may not review by a system that may only report.
    _refused(reports.post("/matters/period-1/accept", {"by": "office"}), 403, "system_may_not")
    assert _count(ledger_at) == before
    assert for_one.post("/matters/period-2/report", REPORT | {"by": "leader"}).status_code == 200


def test_nobody_judges_his_own_work_by_way_of_a_system(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report", "review")
    assert oa.post("/matters/period-1/report", REPORT | {"by": "王工"}).status_code == 403  # he is not asked
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    before = _count(ledger_at)
    _refused(oa.post("/matters/period-1/accept", {"by": "handler"}), 403, "matter_not_asked")
    assert _count(ledger_at) == before


@pytest.mark.parametrize("shown", ["none", "empty", "forged", "half", "basic", "revoked", "cookie", "in the address"])
def test_without_a_token_in_force_nothing_is_told_and_nothing_done(
    system: Joined, ledger_at: ContextAt, signed_in: Callable[[str], Browser], shown: str
) -> None:
    oa = system("OA", "report", "configure")
    token = oa.client.headers["authorization"].partition(" ")[2]
    if shown == "revoked":
        with ledger_at(NOW, "office") as ctx:
            revoke_system(ctx, "oa")
    bearers = {
        "empty": "Bearer ",
        "forged": f"Bearer {token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
        "half": f"Bearer {token[:20]}",
        "basic": f"Basic {token}",
        "revoked": f"Bearer {token}",
    }
    caller = Caller(None)
    caller.client.headers.update({"authorization": bearers[shown]} if shown in bearers else {})
    if shown == "cookie":
        caller.client.cookies.update(signed_in("office").client.cookies)
    asked = {"params": {"token": token, "access_token": token}} if shown == "in the address" else {}
    before = _count(ledger_at)
    answers = [
        caller.get("/matters", **asked),
        caller.get("/matters/period-1", **asked),
        caller.get("/matters/period-999", **asked),
        caller.get("/no-such-address", **asked),
        caller.get("/audit", **asked),
        caller.post("/matters/period-1/report", REPORT, **asked),
        caller.post("/matters/period-1/report", {"wrong": 1}, **asked),
        caller.client.post(f"{V1}/matters/period-1/report", content=b"{", **asked),
        caller.client.delete(f"{V1}/matters/period-1", **asked),
    ]
    for answer in answers:
        _refused(answer, 401, "system_unknown")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len({answer.text for answer in answers}) == 1
    assert _count(ledger_at) == before


def test_whoever_guesses_tokens_waits_the_office_is_told_and_the_true_system_goes_on(
    system: Joined, ledger_at: ContextAt
) -> None:
    oa, guesser = system("OA"), Caller("duban-guess")
    statuses = [guesser.get("/matters").status_code for _ in range(34)]
    assert statuses == [401] * 30 + [429] * 4
    assert _refused(guesser.get("/matters"), 429, "too_many_tries")
    assert oa.get("/matters").status_code == 200
    with ledger_at(NOW) as ctx:
        told = select(Alert.note).where(Alert.rung.startswith("token-guessed:"))
        assert ctx.session.execute(told).scalars().all() == [
            "有程序从testclient多次出示无效的系统令牌，已暂停应答；如不是误设，请留意"
        ]


def test_a_system_that_asks_without_end_is_told_to_wait(system: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_door, "MOST_REQUESTS", 5)
    oa, other = system("OA"), system("别的系统")
    assert [oa.get("/inspections").status_code for _ in range(6)] == [200] * 5 + [429]
    assert other.get("/inspections").status_code == 200


def test_a_request_that_is_sent_again_acts_once(system: Joined, ledger_at: ContextAt) -> None:
    oa, other = system("OA", "report", "review"), system("别的系统", "report")
    keyed = {"headers": {"Idempotency-Key": "oa-4711"}}
    first = oa.post("/matters/period-1/report", REPORT, **keyed)
    again = oa.post("/matters/period-1/report", REPORT, **keyed)
    assert (first.status_code, "idempotency-replayed" in first.headers) == (200, False)
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (200, first.json(), "true")
    assert len(_acts(ledger_at, "submit")) == 1
    _refused(oa.post("/matters/period-1/report", REPORT | {"percent": 41}, **keyed), 422, "retry_key_used")
    _refused(oa.post("/matters/period-2/report", REPORT, **keyed), 422, "retry_key_used")
    assert other.post("/matters/period-2/report", REPORT, **keyed).status_code == 200  # its keys are its own
    # Without a key the second is told that somebody was quicker.
    _refused(oa.post("/matters/period-1/report", REPORT), 409, "matter_moved_on")
    _refused(
        oa.post("/matters/period-1/accept", {"by": "office"}, headers={"Idempotency-Key": "x" * 201}),
        422,
        "retry_key_wrong",
    )


def test_a_refusal_is_not_kept_so_that_the_mended_request_may_come_under_its_key(
    system: Joined, ledger_at: ContextAt
) -> None:
    oa = system("OA", "report")
    keyed = {"headers": {"Idempotency-Key": "oa-1"}}
    _refused(oa.post("/matters/period-1/report", REPORT | {"body": "  "}, **keyed), 422, "text_empty")
    assert oa.post("/matters/period-1/report", REPORT, **keyed).status_code == 200


def test_of_the_same_request_that_comes_many_times_at_once_one_acts(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report")
    together = Barrier(6)

    def send(_: int) -> Response:
        together.wait()
        return oa.post("/matters/period-1/report", REPORT, headers={"Idempotency-Key": "storm"})

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(_acts(ledger_at, "submit")) == 1
    with ledger_at("2025-03-20T10:00") as ctx:
        assert ctx.session.execute(select(func.count()).select_from(KeptAnswer)).scalar_one() == 1


def test_of_several_that_answer_one_matter_at_once_one_is_taken(system: Joined, ledger_at: ContextAt) -> None:
    callers = [system(f"系统{number}", "report") for number in range(4)]
    together = Barrier(4)

    def send(one: Caller) -> int:
        together.wait()
        return one.post("/matters/period-1/report", REPORT).status_code

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(send, callers)) == [200, 409, 409, 409]
    assert len(_acts(ledger_at, "submit")) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"percent": 101, "by": "handler"}, "percent"),
        ({"percent": "viel", "by": "handler"}, "percent"),
        ({"by": "handler"}, "percent"),
        ({"percent": 1}, "by"),
        ({"percent": 1, "by": ""}, "by"),
        ({"percent": 1, "by": "handler", "accept": True}, "accept"),
        ({"percent": 1, "by": "handler", "body": "x" * 4001}, "body"),
        ({"percent": 1, "by": "handler", "extend_to": "demnächst"}, "extend_to"),
        ({"percent": 1, "by": ["handler"]}, "by"),
    ],
)
def test_what_is_wrong_in_a_form_is_said_by_its_field(
    system: Joined, ledger_at: ContextAt, body: Any, field: str
) -> None:
    oa, before = system("OA", "report"), _count(ledger_at)
    answer = oa.post("/matters/period-1/report", body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert _count(ledger_at) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 2000, b"body=x&percent=1"])
def test_what_is_no_json_is_one_line(system: Joined, content: bytes) -> None:
    answer = system("OA", "report").client.post(
        f"{V1}/matters/period-1/report", content=content, headers={"content-type": "application/json"}
    )
    _refused(answer, 422, "body_not_json")


@pytest.mark.parametrize("matter", ["period-999", "period-0", "period-" + "9" * 30, "x", "period-1%00", "..%2F..%2Fme"])
def test_a_matter_that_is_none_is_not_there(system: Joined, matter: str) -> None:
    oa = system("OA", "report")
    assert oa.get(f"/matters/{matter}").status_code == 404
    assert oa.post(f"/matters/{matter}/report", REPORT).status_code == 404


def test_an_answer_to_an_earlier_question_is_not_taken(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report", "review")
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    assert oa.post("/matters/period-1/return", {"reason": "缺照片", "by": "office"}).status_code == 200
    before = _count(ledger_at)
    late = oa.post("/matters/period-1/report", REPORT, params={"question": "report-1"})
    _refused(late, 409, "matter_moved_on")
    assert _count(ledger_at) == before


def test_evidence_comes_by_its_matter_and_the_report_names_it(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report")
    png = b"\x89PNG\r\n\x1a\n" + bytes(64)

    def send(name: str, content: bytes, by: str = "handler") -> Response:
        return oa.client.post(
            f"{V1}/matters/period-1/evidence", data={"by": by}, files={"file": (name, content, "text/html")}
        )

    sent = send("../../照片.png", png)
    assert (sent.status_code, sent.json()["name"]) == (201, "照片.png")
    assert send("../../照片.png", png).json() == sent.json()
    _refused(send("页面.png", b"<html><script>"), 422, "evidence_kind")
    _refused(send("照片.png", png, by="office"), 403, "matter_not_asked")
    got = oa.get(f"/evidence/{sent.json()['id']}")
    assert (got.content, got.headers["content-type"]) == (png, "application/octet-stream")
    assert got.headers["content-disposition"].startswith("attachment")
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    _refused(send("晚到.png", png), 409, "matter_moved_on")
    (entry,) = _acts(ledger_at, "submit")
    assert entry.facts["evidence"] == [f"照片.png（材料{sent.json()['id']}）"]


def test_what_is_for_operators_takes_a_system_with_their_right(system: Joined) -> None:
    oa, console = system("OA", "report"), system("运维", "configure")
    _refused(oa.get("/people"), 403, "system_may_not")
    _refused(oa.get("/audit"), 403, "system_may_not")
    assert {one["name"] for one in console.get("/people").json()["people"]} >= {"handler", "office"}
    newest = console.get("/audit", params={"subject": "运维"}).json()[0]
    assert (newest["command"], newest["actor"], newest["facts"]["acts"]) == ("add-system", "office", ["configure"])
    _refused(console.get("/audit", params={"day": "yesterday"}), 422, "date_wrong")


def test_the_ledger_reads_as_on_the_command_line(system: Joined) -> None:
    oa = system()
    assert [one["key"] for one in oa.get("/inspections").json()] == ["test-round"]
    assert oa.get("/ledger").json()["inspection"]["title"] == "第一轮巡察"
    assert [one["full_code"] for one in oa.get("/measures", params={"q": "调度"}).json()["measures"]] == [
        "01-1",
        "01-2",
    ]
    assert oa.get("/measures/01-1").json()["periods"][0]["state"] == "waiting"
    _refused(oa.get("/measures/99-9"), 404, "measure_unknown")
    _refused(oa.get("/ledger", params={"inspection": "none"}), 404, "inspection_unknown")


def test_what_happened_is_asked_for_from_where_one_left_off(system: Joined, ledger_at: ContextAt) -> None:
    oa = system("OA", "report")
    first = oa.get("/events").json()
    assert (first["more"], first["next"]) == (False, _count(ledger_at))
    assert {"period.opened", "period.late", "sheet.opened"} <= {event["type"] for event in first["events"]}
    assert oa.get("/events", params={"after": first["next"]}).json()["events"] == []
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    (told,) = oa.get("/events", params={"after": first["next"]}).json()["events"]
    assert (told["type"], told["by"], told["system"], told["door"]) == ("period.reported", "handler", "OA", "api")
    assert "已调度一次" not in json.dumps(told, ensure_ascii=False)
    assert oa.get("/events", params={"after": -1}).status_code == 422


def test_the_run_follows_at_once(system: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[bool] = []

    async def follow() -> None:
        followed.append(True)

    monkeypatch.setattr("web.api_acts.follow_ledger", follow)
    oa = system("OA", "report")
    assert oa.post("/matters/period-1/report", REPORT | {"percent": 101}).status_code == 422
    assert followed == []
    assert oa.post("/matters/period-1/report", REPORT).status_code == 200
    assert followed == [True]


def test_a_name_that_nobody_bears_is_refused_as_one_who_is_not_asked(system: Joined) -> None:
    oa = system("OA", "report")
    told = [
        _refused(oa.post("/matters/period-1/report", REPORT | {"by": by}), 403, "matter_not_asked").replace(by, "…")
        for by in ("discipline", "没有这个人", "hand1er")
    ]
    assert len(set(told)) == 1


def test_its_description_says_each_field_in_chinese_and_opens_nothing(system: Joined) -> None:
    answer = Caller(None).get("/openapi.json")
    assert answer.status_code == 200
    told = answer.json()
    act = told["paths"]["/matters/{matter}/return"]["post"]
    assert (act["summary"], act["security"]) == ("退回", [{"HTTPBearer": []}])
    form = told["components"]["schemas"]["ReviewReturn"]
    assert (form["required"], form["properties"]["reason"]["title"]) == (["reason", "by"], "审核意见")
    assert "accept" not in form["properties"]
    assert {"401", "403", "404", "409", "422", "429"} <= act["responses"].keys()
    assert Caller(None).get("/docs").status_code == 401  # no page that loads from elsewhere
    assert told["servers"] == [{"url": V1}]


def test_a_new_kind_of_matter_is_answered_there_by_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MATTERS, "signature", SignOff())
    told = api().openapi()
    assert "/matters/{matter}/signature" in told["paths"]
    assert told["components"]["schemas"]["SignatureSignature"]["required"] == ["statement", "by"]


def test_no_two_kinds_of_matter_call_an_act_alike() -> None:
    acts = [act for kind in MATTERS.values() for act in acts_of(kind)]
    assert len(acts) == len(set(acts))


def test_a_foreign_page_that_had_a_token_would_still_be_foreign(system: Joined, ledger_at: ContextAt) -> None:
    oa, before = system("OA", "report"), _count(ledger_at)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}):
        assert oa.post("/matters/period-1/report", REPORT, headers=headers).status_code in (400, 403)
    assert _count(ledger_at) == before
