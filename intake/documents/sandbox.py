"""Files that need a large parser are read in a process of their own, which may end without ending this one."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Timer
from typing import Any

from config.surroundings import bare_environment
from intake.documents import Document, DocumentLine, Grid, Progress, Unseen
from text.refusals import Refusal

CPU_SECONDS = 60
"""Of computing time; twice as much may pass on the wall clock of a busy machine."""
MEMORY_BYTES = 1 << 30
"""Bytes of address space."""

_CHILD = "intake.documents.sandbox_worker"
_ROOT = str(Path(__file__).parents[2])


def read_in_sandbox(kind: str, name: str, content: bytes, progress: Progress) -> Document:
    """A docx, html, pdf or xlsx, parsed once in a process of its own.

    Args:
        kind: its format.
        name: of the file, for messages.
        content: its bytes.
        progress: is told the rows of a workbook that were read and the rows there are.

    Raises:
        Refusal: what the reader refuses, and a file that breaks a limit or the process itself.
    """
    read = _ask(kind, name, content, progress)
    refused = Refusal(read["sheets_refused"][0], **read["sheets_refused"][1]) if read["sheets_refused"] else None
    lines = tuple(DocumentLine(number, text) for number, text in read["lines"])
    return Document(name, kind, lines, tuple(_grid(*sheet) for sheet in read["sheets"]), refused)


def _grid(title: str, rows: Any, merged: Any, hidden: bool, unseen: Any) -> Grid:
    cells = tuple(tuple(map(_cell, row)) for row in rows)
    return Grid(title, cells, tuple(map(tuple, merged)), hidden, Unseen(*map(tuple, unseen)))


def _cell(value: Any) -> str | date:
    return value if isinstance(value, str) else date.fromisoformat(value[0])


def _ask(kind: str, name: str, content: bytes, progress: Progress) -> Any:
    # -B writes no compiled files, -P takes no module from the folder we happen to be in.
    command = [sys.executable, "-B", "-P", "-m", _CHILD, kind, name, str(CPU_SECONDS), str(MEMORY_BYTES)]
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=bare_environment(PYTHONPATH=path),
    ) as child:
        alarm = Timer(2 * CPU_SECONDS, child.kill)
        alarm.start()
        answer: dict[str, Any] = {}
        noise = b""
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            # A child that breaks a limit may be gone before it has read everything; its return code says so.
            with suppress(BrokenPipeError), child.stdin as stdin:
                stdin.write(content)
            # Progress comes back, the answer, and whatever else is printed: libraries print warnings of their own, and
            # only lines of ours are JSON.
            for line in child.stdout:
                if not line.startswith(b"{"):
                    noise += line
                elif "progress" in (said := json.loads(line)):
                    progress(*said["progress"])
                else:
                    answer = said
            child.wait()
        finally:
            alarm.cancel()
            child.kill()
    # Ended by a signal: the kernel's, because it broke a limit, or our own, because its time was up.
    if child.returncode < 0:
        raise Refusal("document_costly", name=name)
    if child.returncode:
        raise RuntimeError(f"reading {name} failed:\n{noise.decode(errors='replace')}")
    if "refusal" in answer:
        raise Refusal(answer["refusal"], **answer["facts"])
    return answer["read"]
