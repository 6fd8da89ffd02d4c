"""Anchors of the audit trail: its length and head, noted outside the database by every patrol that found it grown.

One line a time is added to a file in the outbox folder and none is ever changed: whoever keeps a copy of the folder can
show that the end of the trail was cut off or written anew.
"""

from contextlib import suppress
from pathlib import Path

from config.settings import settings
from db.ledger.replay import Anchor
from text.catalogue import phrase
from text.refusals import Refusal

FILE = "audit-anchors.txt"


def anchor_file() -> Path:
    """Where the anchors of this installation are noted."""
    return settings().mail_folder / FILE


def note_anchor(at: str, length: int, head: str) -> None:
    """Add a line, unless the last one says the same.

    Args:
        at: when, in the office's zone.
        length: entries of the trail.
        head: hash of the last one.
    """
    file = anchor_file()
    last = ""
    if file.exists():
        with suppress(IndexError):
            last = file.read_text(encoding="utf-8").splitlines()[-1]
    if last.split()[1:] != [str(length), head]:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{at} {length} {head}\n")


def noted_anchors() -> list[Anchor]:
    """What was noted so far, the oldest first.

    Raises:
        Refusal: ``anchor_unreadable`` for a line that is none.
    """
    file = anchor_file()
    if not file.exists():
        return []
    found = []
    for number, written in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            at, length, head = written.split()
            found.append(Anchor(int(length), head, phrase("audit.noted", file=file.name, at=at)))
        except ValueError:
            raise Refusal("anchor_unreadable", file=file, line=number) from None
    return found
