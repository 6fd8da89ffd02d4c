"""What single cells say: numbers, units, people, states, shares of a hundred."""

import re
import unicodedata
from dataclasses import dataclass

from config.types import DurationClass, WorkState
from intake.ledgers.columns import Columns
from intake.ledgers.items import items_of
from intake.ledgers.spelling import key, one_line

_DIGITS = "一二三四五六七八九"
_NUMBER = re.compile(
    r"(?:问题|任务|事项|整改问题|整改任务|序号|编号|第)?[(]?(\d{1,4}|[一二三四五六七八九十]{1,3})(?:\.0+)?[)]?(?:号|项|条|个)?[.、]?"
)
_PAIR = re.compile(r"(\d{1,4})[-.—](\d{1,3})")
_BETWEEN = re.compile(r"[、，,；;/\n|]+")
_PHONE = re.compile(r"(?:\+?86-?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|(?:\(0\d{2,3}\)|0\d{2,3}[- ]?)\d{7,8}|\d[\d-]{4,}\d")
_CALLED = re.compile(r"(?:联系|办公)?(?:电话号码|手机号码|电话|手机|短号)[\s:：]*(?=$|[、，,；;\n)）])")
_EMPTY_BRACKETS = re.compile(r"[(（]\s*[)）]")
_CLAUSE = re.compile(r"[。；;，,：:！!？?\n]")
_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(%?)")
_FAULT = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|=[-+$'\"(\w].*", re.ASCII | re.DOTALL)
_STATE_BREAKS = re.compile(r"[,，、;；。.()（）+/\n]|并(?=长期|持续)|且")
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Stand:
    """What a state cell says. ``clash``: two things at once; ``more``: words that give neither state nor duration."""

    state: WorkState | None = None
    duration: DurationClass | None = None
    clash: bool = False
    more: bool = False

    @property
    def unknown(self) -> bool:
        """Whether the cell says something, and nothing of it is known."""
        return self.more and self.state is None and self.duration is None


def is_fault(text: str) -> bool:
    """Whether a cell holds a formula that failed or was never computed, and not what it should give."""
    return _FAULT.fullmatch(text) is not None


def number_of(text: str) -> tuple[int, int] | None:
    """A clean number as (finding, measure), the measure 0 where only one number stands: ``问题1``, ``一``, ``1-2``."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if pair := _PAIR.fullmatch(plain):
        return (int(pair[1]), int(pair[2])) if int(pair[2]) or plain.endswith(".0") else None
    found = _NUMBER.fullmatch(plain)
    value = (int(found[1]) if found[1].isdecimal() else _chinese(found[1])) if found else 0
    return (value, 0) if value else None


def _chinese(text: str) -> int:
    """``十二`` is 12, ``三十`` is 30; 0 for what is no number."""
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return (_DIGITS.index(tens) + 1 if tens else 1 if ten else 0) * 10 + (_DIGITS.index(ones) + 1 if ones else 0)


def title_of(text: str) -> str:
    """The first clause of a text, at most 60 characters, the rest of a longer one cut."""
    line = one_line(text)
    clause = next((part for one in _CLAUSE.split(text) if (part := one_line(one)) and len(part) > 3), line)
    return clause if len(clause) <= LONGEST_TITLE else f"{clause[: LONGEST_TITLE - 1]}…"


def names_of(text: str) -> tuple[str, ...]:
    """Units or people, each once, in order, without the numbers that count them."""
    if not text:
        return ()
    counted = "\n".join(item.text for item in items_of(text))
    return tuple(dict.fromkeys(name for one in _BETWEEN.split(counted) if (name := one_line(one).strip(" 。."))))


def people_of(text: str) -> str | None:
    """Names without telephone numbers, joined by ``、``; None where no name is left."""
    if not text:
        return None
    counted = "\n".join(item.text for item in items_of(text))
    spoken = _CALLED.sub("", _PHONE.sub("", unicodedata.normalize("NFKC", counted)))
    return "、".join(names_of(_EMPTY_BRACKETS.sub("", spoken))) or None


def stand_of(text: str, columns: Columns) -> Stand:
    """What a state cell says: ``已完成，长期坚持`` is both done and standing (domain.md 2.1)."""
    whole = key(text)
    known = whole in columns.states or whole in columns.durations
    parts = {whole} if known else {key(part) for part in _STATE_BREAKS.split(text)} - columns.blanks
    states = {columns.states[part] for part in parts if part in columns.states}
    durations = {columns.durations[part] for part in parts if part in columns.durations}
    more = any(part not in columns.states and part not in columns.durations for part in parts)
    if len(states) > 1 or len(durations) > 1:
        return Stand(clash=True, more=more)
    return Stand(next(iter(states), None), next(iter(durations), None), more=more)


def percent_of(text: str) -> float | None:
    """A share of a hundred: ``60%``, ``60``, and ``0.6`` as spreadsheets store it. None for what is none, -1 beyond."""
    found = _PERCENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    value = float(found[1]) if found[2] or float(found[1]) > 1 else float(found[1]) * 100
    return value if 0 <= value <= 100 else -1
