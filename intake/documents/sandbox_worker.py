"""The process in which ``sandbox`` has a file read: bytes in, one JSON object per line out, and limits on everything.

Run as ``python -m intake.documents.sandbox_worker KIND NAME SECONDS BYTES``; the libraries are loaded once the limits
are set.
"""

import json
import resource
import sys
from datetime import date
from typing import Any

from intake.documents import Grid
from text.refusals import Refusal


def read_and_report(kind: str, name: str, seconds: str, memory: str) -> None:
    """Read one file from standard input and print its lines or sheets, or why it is refused."""
    limit_resources(int(seconds), int(memory))
    try:
        answer: dict[str, Any] = {"read": _read(kind, name, sys.stdin.buffer.read())}
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


def _read(kind: str, name: str, content: bytes) -> list[Any]:
    """The lines as (number, text), or the sheets as (name, rows, merged, hidden, unseen)."""
    if kind in {"xlsx", "docx-tables", "html-tables"}:
        sheets = _read_sheets(kind, name, content)
        return [(sheet.name, sheet.rows, sheet.merged, sheet.hidden, sheet.unseen) for sheet in sheets]
    if kind == "docx":
        from intake.documents.word import read_docx as read
    elif kind == "html":
        from intake.documents.web import read_html as read
    else:
        from intake.documents.pdf import read_pdf as read
    return [(line.number, line.text) for line in read(name, content)]


def _read_sheets(kind: str, name: str, content: bytes) -> tuple[Grid, ...]:
    if kind == "docx-tables":
        from intake.documents.word import read_docx_tables

        return read_docx_tables(name, content)
    if kind == "html-tables":
        from intake.documents.web_tables import read_html_tables

        return read_html_tables(name, content)
    from intake.documents.spreadsheet import read_workbook

    return read_workbook(name, content, lambda *counts: _say({"progress": counts}))


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what, default=_date), flush=True)


def _date(value: date) -> list[str]:
    """A cell's date, told from text by being in a list."""
    return [value.isoformat()]


if __name__ == "__main__":
    read_and_report(*sys.argv[1:])
