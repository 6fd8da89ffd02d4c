"""A mail server and a webhook on loopback that fail in every way such servers do, and know by key what they took."""

import random
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, ClassVar

MAIL_FAULTS = {"421": 0.02, "451": 0.04, "drop": 0.02, "garbage": 0.01, "late 421": 0.01, "rude": 0.01, "hang": 0.001}
HOOK_FAULTS = {
    **{"429 seconds": 0.006, "429 date": 0.004, "429 garbage": 0.004, "503": 0.006, "500": 0.04, "drop": 0.02},
    **{"garbage": 0.02, "408": 0.02, "hang": 0.001},
}
REFUSED = "gone"
"""How an address begins that nobody has: the only one that is refused for good."""


@dataclass
class Server:
    """What a server does and saw.

    ``faults``: the share of tries that each strikes, drawn by ``dice``. ``most_at_once``: connections it takes, with
    421 beyond. ``hang_seconds``: how long it is silent before it hangs up. ``on_taken`` hears of every message before
    its sender does. ``away``: it hangs up on everybody.
    """

    faults: Mapping[str, float] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311 (no secret)
    most_at_once: int = 1000
    hang_seconds: float = 0.0
    on_taken: Callable[[str], None] = lambda _: None
    away: bool = False
    taken: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    most_seen: int = 0
    _connected: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def connection(self) -> Iterator[str]:
        """A connection, and what goes wrong with it: the name of a fault, or nothing."""
        with self._lock:
            self._connected += 1
            self.most_seen = max(self.most_seen, self._connected)
            fault = "drop" if self.away else "421" if self._connected > self.most_at_once else self._drawn()
            self.struck[fault] += 1
        try:
            yield fault
        finally:
            with self._lock:
                self._connected -= 1

    def _drawn(self) -> str:
        drawn = self.dice.random()
        for fault, share in self.faults.items():
            if (drawn := drawn - share) < 0:
                return fault
        return ""

    def take(self, key: str) -> None:
        """Keep a message."""
        with self._lock:
            self.taken.append(key)
        self.on_taken(key)

    def silent(self) -> None:
        """Say nothing for longer than anybody waits."""
        threading.Event().wait(self.hang_seconds)


def _mail_handler(server: Server) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with server.connection() as fault:
                if fault == "hang":
                    server.silent()
                elif fault == "garbage":
                    self.wfile.write(b"\x00\xff<html>It works!</html>\r\n")
                elif fault == "421":
                    self.wfile.write(b"421 4.7.0 too many connections\r\n")
                elif fault != "drop":
                    self._talk(fault)

        def _talk(self, fault: str) -> None:
            self.wfile.write(b"220 unreliable\r\n")
            for said in self.rfile:
                verb = said[:4].upper()
                if verb == b"DATA":
                    if fault == "late 421":
                        self.wfile.write(b"421 4.3.2 closing down\r\n")
                        return
                    self.wfile.write(b"354 go on\r\n")
                    letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                    found = re.search(rb"^X-Duban-Key: (.*?)\r\n", letter, re.MULTILINE)
                    server.take(found[1].decode() if found else "")
                    self.wfile.write(b"250 taken\r\n")
                elif verb == b"RCPT" and REFUSED.encode() in said:
                    self.wfile.write(b"550 5.1.1 no such user\r\n")
                elif verb == b"RCPT" and fault == "451":
                    self.wfile.write(b"451 4.7.1 greylisted\r\n")
                else:
                    bye = b"421 go away\r\n" if fault == "rude" else b"221 bye\r\n"
                    self.wfile.write(bye if verb == b"QUIT" else b"250 well\r\n")
                    if verb == b"QUIT":
                        return

    return Handler


def _hook_handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        rests: ClassVar[dict[str, str]] = {"429 seconds": "90", "429 garbage": "soon", "503": "60"}

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with server.connection() as fault:
                if fault == "hang":
                    server.silent()
                elif fault == "garbage":
                    self.wfile.write(b"\x00\xffwho knows\r\n")
                elif self.path.startswith(f"/{REFUSED}"):
                    self._answer(410)
                elif fault[:3].isdecimal():
                    self._answer(
                        int(fault[:3]), self.rests.get(fault) or (_in_two_minutes() if "date" in fault else "")
                    )
                elif fault != "drop":
                    server.take(self.headers["X-Duban-Key"])
                    self._answer(200)
            self.close_connection = True

        def _answer(self, status: int, rest: str = "") -> None:
            self.send_response(status)
            if rest:
                self.send_header("Retry-After", rest)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Not into anybody's output."""

    return Handler


def _in_two_minutes() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)


class _Mail(ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed hangs up; that is no news."""


class _Hook(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed hangs up; that is no news."""


@contextmanager
def mail_server(server: Server, port: int = 0) -> Iterator[int]:
    """A mail server behind a port until the block ends; afterwards nobody listens there. Gives the port."""
    with _serving(_Mail(("127.0.0.1", port), _mail_handler(server))) as found:
        yield found


@contextmanager
def webhook(server: Server, port: int = 0) -> Iterator[int]:
    """A webhook behind a port until the block ends; afterwards nobody listens there. Gives the port."""
    with _serving(_Hook(("127.0.0.1", port), _hook_handler(server))) as found:
        yield found


@contextmanager
def _serving(listening: ThreadingTCPServer) -> Iterator[int]:
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield int(listening.server_address[1])
    finally:
        listening.shutdown()
        listening.server_close()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
