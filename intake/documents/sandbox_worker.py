"""The process in which ``sandbox`` has a file read: bytes in, one JSON object per line out, and limits on everything.

Run as ``python -m intake.documents.sandbox_worker KIND NAME SECONDS BYTES``; the libraries are loaded once the limits
are set.
"""

import json
import resource
import sys
from datetime import date
from typing import Any

from intake.documents.formats import FORMATS
from text.refusals import Refusal


def read_and_report(kind: str, name: str, seconds: str, memory: str) -> None:
    """Read one file from standard input and print its lines and sheets, or why it is refused."""
    limit_resources(int(seconds), int(memory))
    try:
        content = sys.stdin.buffer.read()
        read = FORMATS[kind].read(name, content, lambda *counts: _say({"progress": counts}))
        refused = read.sheets_refused
        lines = [(line.number, line.text) for line in read.lines]
        sheets = [(one.name, one.rows, one.merged, one.hidden, one.unseen) for one in read.sheets]
        facts = (refused.code, refused.facts) if refused else None
        answer: dict[str, Any] = {"read": {"lines": lines, "sheets": sheets, "sheets_refused": facts}}
    except Refusal as refusal:
        answer = {"refusal": refusal.code, "facts": refusal.facts}
    except (MemoryError, RecursionError):
        answer = {"refusal": "document_costly", "facts": {"name": name}}
    _say(answer)


def limit_resources(seconds: int, memory: int) -> None:
    """Bound this process: computing time in seconds, memory in bytes, and no file to be written, not even a core."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what, default=_date), flush=True)


def _date(value: date) -> list[str]:
    """A cell's date, told from text by being in a list."""
    return [value.isoformat()]


if __name__ == "__main__":
    read_and_report(*sys.argv[1:])
