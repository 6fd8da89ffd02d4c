"""Real receivers on loopback: an SMTP server and an HTTP server that keep what arrives and answer as a test asks."""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from letters.failures import DeliveryFailed
from letters.reach import Network
from letters.render import render
from letters.send import send_by_channel
from plan.types import AlertKind, Level
from rules.message import Message, MessageItem

SENT_AT = datetime(2025, 5, 12, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)
PAGES = "https://duban.example.org"
LOOPBACK = ip_network("127.0.0.0/8")
"""Where all receivers of tests are."""
Post = Callable[..., None]


def item(**changes: Any) -> MessageItem:
    """An item that is eight working days late, with ``changes``."""
    usual: dict[str, Any] = {
        "rung": "red",
        "kind": AlertKind.WARNING,
        "level": Level.RED,
        "note": None,
        "period_id": 7,
        "measure": "02-3",
        "title": "中央巡视反馈问题整改进展",
        "duty": "",
        "label": "2025年3—4月",
        "due_on": date(2025, 4, 30),
        "days_late": 8,
        "tag": "period-7",
        "address": f"{PAGES}/m/seven",
    }
    return MessageItem(**(usual | changes))


def message(*items: MessageItem, **changes: Any) -> Message:
    """A message of 12 May 2025 to the head of the office by mail, with ``changes``."""
    usual: dict[str, Any] = {
        "id": 1,
        "key": "m-20250512-office",
        "lease": "lease",
        "severity": 5,
        "resend": False,
        "recipient": "整改办主任",
        "channel": "mail",
        "address": "wang@example.org",
        "office": "市住建局整改办",
        "day": date(2025, 5, 12),
        "items": items or (item(),),
        "everything": f"{PAGES}/m/all",
    }
    return Message(**(usual | changes))


def rendered(*items: MessageItem, **changes: Any) -> Message:
    """``message`` in all its forms."""
    return render(message(*items, **changes))


@pytest.fixture
def letter() -> Message:
    """The usual message in all its forms."""
    return rendered()


@pytest.fixture
def post(tmp_path: Path, letter: Message) -> Post:
    """``send`` with the usual message; a test names only what matters to it."""

    def call(
        url: str | None,
        *,
        sent: Message = letter,
        timeout: float = 10.0,
        named: bool = True,
        inside: Sequence[Network] = (LOOPBACK,),
        **changes: Any,
    ) -> None:
        send_by_channel(
            replace(sent, **changes),
            None if url is None else SecretStr(url),
            mail_folder=tmp_path / "outbox",
            sent_at=SENT_AT,
            timeout=timeout,
            named=named,
            inside=inside,
        )

    return call


def failure_of(post: Post, url: str | None, **changes: Any) -> DeliveryFailed:
    """The failure that sending to the URL ends in."""
    with pytest.raises(DeliveryFailed) as caught:
        post(url, **changes)
    return caught.value


def mail_url(port: int, login: str = "", extra: str = "") -> str:
    """A mail channel at the loopback server."""
    return f"mailto://{login}127.0.0.1:{port}?from=duban@example.org&to={{address}}{extra}"


def part(mail: EmailMessage, kind: str) -> str:
    """The text or the HTML of a mail, with the line ends of this machine."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def robots(web: "Web", monkeypatch: pytest.MonkeyPatch) -> "Web":
    """The three chat platforms at the loopback server instead of their own addresses."""
    base = f"http://127.0.0.1:{web.port}"
    monkeypatch.setattr(NotifyDingTalk, "notify_url", base + "/dingtalk?access_token={token}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", base + "/wecom?key={key}")
    monkeypatch.setattr(NotifyFeishu, "notify_url", base + "/feishu/{token}/")
    return web


@dataclass
class Mailbox:
    """An SMTP server's memory: mails with their envelope recipients, and what it answers to each RCPT."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        """Accept or refuse one recipient."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(list(envelope.rcpt_tos))
        return "250 OK"


class _FreePort(Controller):
    """A controller that takes a free port itself."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def _smtp(**options: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = _FreePort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server that needs no login."""
    with _smtp() as mailbox:
        yield mailbox


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.login == b"duban" and given.password == b"right-password"
    return AuthResult(success=right, handled=False, message=None if right else "535 5.7.8 duban wrong-password refused")


@pytest.fixture
def locked_mailbox() -> Iterator[Mailbox]:
    """An SMTP server that wants the login duban / right-password, and repeats a wrong one in its refusal."""
    with _smtp(authenticator=_knows, auth_required=True, auth_require_tls=False) as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A TLS identity that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.fixture
def encrypted(certificate: ssl.SSLContext) -> Iterator[dict[str, Mailbox]]:
    """Two SMTP servers by mode: one encrypted from the first byte, one that wants STARTTLS."""
    with _smtp(ssl_context=certificate) as whole, _smtp(tls_context=certificate, require_starttls=True) as later:
        yield {"ssl": whole, "starttls": later}


@dataclass
class Web:
    """An HTTP server's memory: requests as (path, query, headers, JSON), and its answer."""

    port: int = 0
    requests: list[tuple[str, dict[str, list[str]], dict[str, str], Any]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: Any = field(default_factory=lambda: {"errcode": 0, "code": 0})


@pytest.fixture
def web() -> Iterator[Web]:
    """An HTTP server that answers 200 and ``{"errcode": 0, "code": 0}`` until told otherwise."""
    memory = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            memory.requests.append((parts.path, parse_qs(parts.query), dict(self.headers), json.loads(body)))
            self.send_response(memory.status)
            for name, value in memory.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(memory.answer).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    memory.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield memory
    server.shutdown()
    server.server_close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def dead_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def dripping_port() -> Iterator[int]:
    """A server that sends one byte every tenth of a second for ever, so that no socket timeout ever strikes."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            while not stop.wait(0.1):
                connection.send(b"2")

    threading.Thread(target=drip, daemon=True).start()
    yield int(server.getsockname()[1])
    stop.set()
    server.close()
