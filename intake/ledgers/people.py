"""Who stands in a cell: units, the lead first and those that assist; people without their telephone numbers."""

import re
from functools import lru_cache

from intake.ledgers.items import split_items
from intake.ledgers.ledger_wording import load_ledger_wording
from intake.normalise import compatible, one_line

_PHONE = re.compile(r"(?:\+?86-?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|(?:\(0\d{2,3}\)|0\d{2,3}[- ]?)\d{7,8}|\d[\d-]{4,}\d")
_EMPTY_BRACKETS = re.compile(r"[(（][\s、]*[)）]")

_LONGEST = 300
"""Characters of a cell that says of its units what each does."""
_RECALLED = 1024
"""Cells that are remembered: the same offices and people stand on row after row."""


def names_of(text: str) -> tuple[str, ...]:
    """Units or people, each once, in order, without the numbers that count them."""
    wording = load_ledger_wording().people
    if not text:
        return ()
    counted = "\n".join(item.text for item in split_items(text))
    return tuple(dict.fromkeys(name for one in wording.between.split(counted) if (name := one_line(one).strip(" 。."))))


@lru_cache(_RECALLED)
def people_of(text: str) -> str | None:
    """Names without telephone numbers, joined by ``、``; None where no name is left."""
    wording = load_ledger_wording().people
    if not text:
        return None
    counted = "\n".join(item.text for item in split_items(text))
    spoken = wording.called.sub("", _PHONE.sub("、", compatible(counted)))
    return "、".join(names_of(wording.label.sub("", _EMPTY_BRACKETS.sub("", spoken)))) or None


@lru_cache(_RECALLED)
def units_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units of a cell, the lead first, and those that it names as assisting: ``牵头：办公室；配合：财务科``."""
    wording = load_ledger_wording().people
    text = wording.duties.sub("", text)
    short = text if len(text) <= _LONGEST else ""
    if said := wording.said_after.fullmatch(short) or wording.in_brackets.fullmatch(short):
        return names_of(said["lead"]), names_of(said["assisting"])
    leading, *helping = wording.assisting.split(wording.role.sub("", text))
    helpers = (name for part in helping for name in names_of(part))
    return names_of(wording.leading.sub("\n", leading)), tuple(helpers)
