"""What Apprise and its libraries log while we send: whole URLs, so it goes into the failure and nowhere else."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hearing: ContextVar[list[str] | None] = ContextVar("duban_hearing", default=None)


def _keep_inside(record: logging.LogRecord) -> bool:
    heard = _hearing.get()
    if heard is None:
        return True
    if record.name == "apprise" and record.levelno >= logging.WARNING:
        heard.append(record.getMessage())
    return False


for _name in ("apprise", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_keep_inside)
logging.getLogger("apprise").setLevel(logging.WARNING)  # a quieter root logger would hide why a send failed


@contextmanager
def listening() -> Iterator[list[str]]:
    """Keep inside what is logged in this thread until the block ends.

    Yields:
        The warnings of Apprise, often the only place that says why it failed; they may hold secrets.
    """
    heard: list[str] = []
    token = _hearing.set(heard)
    try:
        yield heard
    finally:
        _hearing.reset(token)
