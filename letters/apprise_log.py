"""What Apprise and its libraries tell while we send, kept inside: whole URLs, so it goes into the failure alone.

Apprise throws away what a server answered. Its log is often the only place that says why a send failed, and how long
the server asks to be left alone (``Retry-After``) is heard where requests receives the answer.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass(slots=True)
class Heard:
    """The warnings of Apprise, which may hold secrets, and the headers of the last answer."""

    warnings: list[str] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


_hearing: ContextVar[Heard | None] = ContextVar("duban_hearing", default=None)


def _keep_inside(record: logging.LogRecord) -> bool:
    heard = _hearing.get()
    if heard is None:
        return True
    if record.name == "apprise" and record.levelno >= logging.WARNING:
        heard.warnings.append(record.getMessage())
    return False


for _name in ("apprise", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_keep_inside)
logging.getLogger("apprise").setLevel(logging.WARNING)  # a quieter root logger would hide why a send failed

_send = requests.Session.send


def _overheard(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
    answer = _send(self, request, **options)
    if (heard := _hearing.get()) is not None:
        heard.headers = answer.headers
    return answer


# Every plugin of Apprise makes its own session; there is no other place that all of them pass.
requests.Session.send = _overheard  # type: ignore[method-assign]


@contextmanager
def listening() -> Iterator[Heard]:
    """Keep inside what is told in this thread until the block ends.

    Yields:
        What was heard.
    """
    heard = Heard()
    token = _hearing.set(heard)
    try:
        yield heard
    finally:
        _hearing.reset(token)
