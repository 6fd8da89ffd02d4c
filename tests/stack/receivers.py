"""Where the letters of the tests arrive: a mail server and a web server on loopback that keep what they are given."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.stack.office import free_port


@dataclass
class Received:
    """What arrived, and where the senders must go."""

    smtp_port: int
    http_port: int
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd calls this for every mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def receivers() -> Iterator[Received]:
    """Both servers, until the block ends."""
    received = Received(free_port(), free_port())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.posts.append({"key": self.headers["X-Duban-Key"], **json.loads(body)})
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Not into the tests' output."""

    web = ThreadingHTTPServer(("127.0.0.1", received.http_port), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    mail = Controller(received, hostname="127.0.0.1", port=received.smtp_port)
    mail.start()
    try:
        yield received
    finally:
        mail.stop()
        web.shutdown()
        web.server_close()
