"""Signing in by the office's identity provider: a real one on loopback, that forges what a test asks it to."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select

from config.settings import Settings
from db.ledger.records import audit_records
from db.models import Alert, Person, SignIn
from tests.conftest import ContextAt, ToldOnce, reread_settings
from tests.plans import measure, plan_of
from tests.web.conftest import HERE, NOW, Browser
from web import sign_in
from web.identity_provider import BACK

New = Callable[[], Browser]
CLIENT, SECRET = "duban", "client-secret-123"


@dataclass
class Provider:
    """What the provider says of whom, and what it does wrong."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "email": "wang@example.org"})
    forged: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that are not as they should be; None takes one out."""
    metadata: dict[str, Any] = field(default_factory=dict)
    sign_with: str = "own"
    token_status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _provider_app(provider: Provider) -> FastAPI:
    app = FastAPI()
    key, foreign = RSAKey.generate_key(2048, {"kid": "k1"}), RSAKey.generate_key(2048, {"kid": "k1"})

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        base = provider.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "code_challenge_methods_supported": ["S256"],
        } | provider.metadata

    @app.get("/jwks")
    def jwks() -> dict[str, Any]:
        return dict(KeySet([key]).as_dict(private=False))

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        provider.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(provider.codes)}"
        provider.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    @app.post("/token")
    async def token(request: Request) -> Response:
        if provider.token_status != 200:
            return Response(status_code=provider.token_status, headers={"Location": f"{HERE}/"})
        form = parse_qs((await request.body()).decode())
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = provider.codes.pop(form["code"][0], None)
        verifier = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        wrong = asked is None or request.headers["authorization"] != f"Basic {login}"
        if wrong or asked is None or challenge != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= {"email_verified": True} | provider.person | provider.forged
        claims = {name: value for name, value in claims.items() if value is not None}
        header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        if provider.sign_with in ("own", "foreign"):
            signed = jwt.encode(header, claims, key if provider.sign_with == "own" else foreign)
        else:
            # What everybody has, or nothing at all, in place of the key that only the provider has.
            shared = {"our secret": SECRET.encode(), "public key as secret": key.as_pem(private=False)}
            secret = shared.get(provider.sign_with)
            header["alg"] = "HS256" if secret else "none"
            signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
            signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
            signed = f"{signed}.{_base64(signature)}"
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    return app


@pytest.fixture
def provider(
    told_once: ToldOnce,
    activated: Callable[..., Any],
    ledger_at: ContextAt,
    set_clock: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Provider]:
    """A provider that answers on a port of its own, and an office that knows it and writes to 王工 by mail."""
    made = Provider()
    server = uvicorn.Server(uvicorn.Config(_provider_app(made), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    made.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    monkeypatch.setenv("DUBAN_OIDC_ISSUER", made.issuer)
    monkeypatch.setenv("DUBAN_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("DUBAN_OIDC_CLIENT_SECRET", SECRET)
    reread_settings()

    def story() -> None:
        activated("2025-03-03T09:00", plan_of(measure("01-1")))
        with ledger_at(NOW) as ctx:
            ctx.session.execute(select(Person).where(Person.name == "王工")).scalar_one().channels = [
                ["mail", "Wang@Example.org"]
            ]

    told_once(story)
    (tmp_path / "web.json").write_text(json.dumps({"url": HERE, "pid": 0}))
    sign_in._tries.clear()
    yield made
    sign_in._tries.clear()
    server.should_exit = True
    thread.join(5)


def _there_and_back(his: Browser, page: str = "") -> str:
    """What the provider sends a browser back with: the path at our own pages."""
    gone = his.client.get("/sign-in/oidc", params={"page": page}, follow_redirects=False)
    assert gone.status_code == 303, gone.text
    back = httpx.get(gone.headers["location"], follow_redirects=False)
    assert back.headers["location"].startswith(f"{HERE}{BACK}?")
    return str(back.headers["location"]).removeprefix(HERE)


def _sessions(ledger_at: ContextAt) -> list[str]:
    with ledger_at(NOW) as ctx:
        return list(ctx.session.execute(select(SignIn.person)).scalars())


def test_whom_the_provider_knows_by_his_address_is_signed_in(
    provider: Provider, browser: New, ledger_at: ContextAt
) -> None:
    his = browser()
    his.open("/sign-in")
    assert "用统一身份认证登录" in his.said
    assert his.open(_there_and_back(his)) == 200
    assert "待办（" in his.said
    with ledger_at(NOW) as ctx:
        entry = audit_records(ctx)[-1]
    assert (entry.command, entry.actor, entry.facts["way"], entry.facts["proved"]) == ("sign-in", "王工", "oidc", True)
    (asked,) = provider.asked
    assert asked["redirect_uri"] == f"{HERE}{BACK}"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_the_offices_own_table_says_who_is_meant(
    provider: Provider, browser: New, ledger_at: ContextAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_OIDC_CLAIM", "employee")
    monkeypatch.setenv("DUBAN_OIDC_PEOPLE", json.dumps({"E-007": "handler", "E-008": "没有这个人"}))
    reread_settings()
    provider.person = {"sub": "u-9", "employee": "E-007"}
    his = browser()
    assert his.open(_there_and_back(his)) == 200
    assert _sessions(ledger_at) == ["handler"]
    for other in ("E-008", "E-009", "handler", "王工"):  # whoever calls himself by a name of the roster is not he
        provider.person = {"sub": "u-9", "employee": other}
        his = browser()
        assert his.open(_there_and_back(his)) == 403
    assert _sessions(ledger_at) == ["handler"]


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "u-2", "email": "stranger@example.org"},
        {"sub": "u-2", "email": "wang@example.org", "email_verified": False},
        {"sub": "u-2", "email": "wang@example.org", "email_verified": None},
        {"sub": "u-2", "email": "wang@example.org", "email_verified": "true"},
        {"sub": "u-2", "email": ["wang@example.org"]},
        {"sub": "u-2", "email": "wang@example.org@example.net"},
        {"sub": "u-2", "email": ""},
        {"sub": "u-2"},
        {"sub": "u-2", "email": "evil\r\nSubject: x<script>"},
    ],
)
def test_whom_the_roster_does_not_know_is_refused_in_one_line_and_the_office_is_told(
    provider: Provider, browser: New, ledger_at: ContextAt, person: dict[str, Any]
) -> None:
    provider.person = person
    his = browser()
    assert his.open(_there_and_back(his)) == 403
    assert "身份已确认，但人员名册中没有对应的人员；请联系整改办" in his.said
    assert _sessions(ledger_at) == []
    with ledger_at(NOW) as ctx:
        (told,) = ctx.session.execute(select(Alert.note).where(Alert.rung.startswith("oidc-unknown:"))).scalars()
    assert "\n" not in told
    assert "统一身份认证登录未成" in told


def test_an_address_that_two_share_says_nobody(provider: Provider, browser: New, ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        ctx.session.execute(select(Person).where(Person.name == "赵工")).scalar_one().channels = [
            ["mail", "wang@example.org"]
        ]
    his = browser()
    assert his.open(_there_and_back(his)) == 403
    assert _sessions(ledger_at) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},  # without azp
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"iss": None},
        {"aud": None},
        {"nbf": 4_000_000_000},
        {"at_hash": "wrong"},
    ],
)
def test_a_token_that_is_not_for_us_for_now_and_for_this_browser_opens_nothing(
    provider: Provider, browser: New, ledger_at: ContextAt, forged: dict[str, Any]
) -> None:
    provider.forged = forged
    his = browser()
    assert his.open(_there_and_back(his)) == 403
    assert "登录没有完成" in his.said
    assert _sessions(ledger_at) == []


@pytest.mark.parametrize("way", ["foreign", "none", "our secret", "public key as secret"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    provider: Provider, browser: New, ledger_at: ContextAt, way: str
) -> None:
    provider.sign_with = way
    his = browser()
    assert his.open(_there_and_back(his)) == 403
    assert _sessions(ledger_at) == []


def test_what_comes_back_opens_one_browser_once(provider: Provider, browser: New, ledger_at: ContextAt) -> None:
    his, other = browser(), browser()
    back = _there_and_back(his)
    assert other.open(back) == 403  # a browser that was not sent away
    mine = _there_and_back(other)
    state = parse_qs(urlsplit(mine).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert other.open(f"{BACK}?{urlencode({'code': code, 'state': state})}") == 403  # his code, another's browser
    his = browser()
    back = _there_and_back(his)
    assert his.open(back) == 200
    assert his.open(back) == 403  # replayed
    assert _sessions(ledger_at) == ["王工"]


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=x", "code=x&state=x", "error=access_denied&state=x", "code=&state="]
)
def test_what_nobody_asked_for_is_refused(provider: Provider, browser: New, ledger_at: ContextAt, query: str) -> None:
    his = browser()
    assert his.open(f"{BACK}?{query}") == 403
    _there_and_back(his)
    assert his.open(f"{BACK}?{query}") == 403
    assert _sessions(ledger_at) == []


def test_a_cookie_that_was_changed_or_is_old_is_none(provider: Provider, browser: New, ledger_at: ContextAt) -> None:
    his = browser()
    back = _there_and_back(his)
    kept = his.client.cookies["duban_oidc"]
    his.client.cookies.clear()
    for wrong in (kept[:-2] + ("aa" if kept[-2:] != "aa" else "bb"), "x", kept.split(".")[0]):
        his.client.cookies.set("duban_oidc", wrong, domain="127.0.0.1", path=BACK)
        assert his.open(back) == 403
    assert _sessions(ledger_at) == []


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/matter/../../x",
        "\r\nX: y",
    ],
)
def test_it_leads_to_no_other_site(provider: Provider, browser: New, page: str) -> None:
    his = browser()
    back = _there_and_back(his, page)
    answer = his.client.get(back, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")


def test_it_leads_back_to_the_page_that_was_asked_for(provider: Provider, browser: New) -> None:
    his = browser()
    answer = his.client.get(_there_and_back(his, "/matter/period-1"), follow_redirects=False)
    assert answer.headers["location"] == "/matter/period-1"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": ""},
    ],
)
def test_a_provider_that_leads_elsewhere_inside_is_not_followed(
    provider: Provider, browser: New, ledger_at: ContextAt, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    his = browser()
    gone = his.client.get("/sign-in/oidc", follow_redirects=False)
    if gone.status_code == 303:
        back = httpx.get(gone.headers["location"], follow_redirects=False).headers["location"].removeprefix(HERE)
        assert his.open(back) == 503
    else:
        assert gone.status_code == 503
    assert _sessions(ledger_at) == []


@pytest.mark.parametrize("status", [307, 400, 500])
def test_a_provider_that_does_not_answer_is_one_line(
    provider: Provider, browser: New, ledger_at: ContextAt, status: int
) -> None:
    provider.token_status = status
    his = browser()
    assert his.open(_there_and_back(his)) in (403, 503)
    assert _sessions(ledger_at) == []


def test_a_session_that_was_planted_before_ends(provider: Provider, browser: New, signed_in: Any) -> None:
    attacker, victim = signed_in("handler"), browser()
    victim.client.cookies.set("duban", attacker.client.cookies["duban"], domain="127.0.0.1")
    assert victim.open(_there_and_back(victim)) == 200
    assert attacker.open("/me") == 401


def test_without_a_provider_there_is_no_such_door(browser: New, activated: Callable[..., Any]) -> None:
    activated("2025-03-03T09:00", plan_of(measure("01-1")))
    his = browser()
    his.open("/sign-in")
    assert "统一身份认证" not in his.said
    assert his.open("/sign-in/oidc") == 404
    assert his.open(f"{BACK}?code=x&state=x") == 403


@pytest.mark.parametrize(
    ("surroundings", "told"),
    [
        ({"DUBAN_OIDC_ISSUER": "http://idp.example.org", "DUBAN_OIDC_CLIENT_ID": "x"}, "须以 https:// 开头"),
        ({"DUBAN_OIDC_ISSUER": "https://idp.example.org"}, "须与 DUBAN_OIDC_ISSUER 一同设置"),
        ({"DUBAN_OIDC_CLIENT_ID": "x"}, "须与 DUBAN_OIDC_ISSUER 一同设置"),
    ],
)
def test_half_a_setting_is_refused(monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str], told: str) -> None:
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=told):
        Settings()


def test_the_secret_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_OIDC_CLIENT_SECRET", SECRET)
    assert SECRET not in repr(Settings())
