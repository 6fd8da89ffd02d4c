"""Reads one cell of a 整改时限 column: a date, a duration class, 长期坚持, or why nobody can tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from intake.draft import Ask, DocumentDates, Hint
from intake.normalise import half_width, normalised
from intake.phrases.deadlines import NoSuchDayAsk
from intake.phrases.phrasebook import shipped_phrasebook
from intake.phrases.reading import TextReading, read_all
from intake.states import FINISHED, load_states
from plan.types import DurationClass, Precision, WorkState

_LONGEST = 500
_SERIAL = re.compile(r"[34567]\d{4}(\.\d+)?")
_PARTS = re.compile(r"[，,;；。()（）\n]")
_WRITE_DATE = "请写成2025年5月31日这样的日期"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a cell says. ``due`` is a date of the office's zone; with several dates it is the last one.

    ``duration`` is dated where a date is given and no class is named; ``keep_up``: 长期坚持, also after a date.
    ``ask`` is the first question the cell leaves open. ``why`` is set where the cell cannot be read: an error.
    ``state`` is where the work stands, if the cell says so: 2024年6月30日（已完成）. ``doubt`` says why the date is not
    certain, empty where it is: 一季度 names no year.
    """

    due: date | None = None
    precision: Precision = Precision.DAY
    duration: DurationClass | None = None
    keep_up: bool = False
    hints: tuple[Hint, ...] = ()
    ask: Ask | None = None
    why: str | None = None
    state: WorkState | None = None
    doubt: str = ""


def read_limit(text: str, dates: DocumentDates) -> Limit:
    """What one ledger cell of a 整改时限 column says.

    Args:
        text: the cell as text; an empty one is an empty limit.
        dates: the days the document gives of itself, for a year or a starting day left out.

    Returns:
        The limit. Nothing is raised: a cell that cannot be read has ``why``.
    """
    if normalised(text) in load_states().nothing:
        return Limit()
    if len(text) > _LONGEST:
        return Limit(why=f"有{len(text)}个字，不像时限；{_WRITE_DATE}")
    state, rest = _state_beside(text)
    if state in FINISHED and normalised(rest.strip()) in load_states().nothing:
        return Limit(state=state)
    said = read_all(rest, dates, cell=True)
    why = _unreadable(said)
    return Limit(why=why, state=state) if why else replace(_limit(said), state=state)


def _state_beside(text: str) -> tuple[WorkState | None, str]:
    """The state that a cell names beside its date, and the rest of the cell."""
    plain = half_width(text)
    if done := shipped_phrasebook().phrases.signs.done_on.fullmatch(trimmed := plain.strip(" 。")):
        start, end = done.span("since" if done["since"] else "day")
        lead = plain.index(trimmed)
        return WorkState.DONE_CLAIMED, _only(text, [(lead + start, lead + end)])
    states = load_states()
    ends = [*(one.start() for one in _PARTS.finditer(text)), len(text)]
    starts = [0, *(one.end() for one in _PARTS.finditer(text))]
    parts = [part for part in zip(starts, ends, strict=True) if text[slice(*part)].strip()]
    named = [(part, states.cell(text[slice(*part)])) for part in parts]
    told = {read.state for _, read in named if read.state and not read.duration and not read.clash}
    if len(told) != 1:
        return None, text
    kept = [part for part, read in named if not read.state or read.duration]
    state = next(iter(told))
    return (state, _only(text, kept)) if kept or state in FINISHED else (None, text)


def _only(text: str, kept: Sequence[tuple[int, int]]) -> str:
    """A text of which only some parts are left, each where it stood: what is read of it is found there again."""
    left = [" "] * len(text)
    for start, end in kept:
        left[start:end] = text[start:end]
    # Two parts stay two.
    for _, end in kept[:-1]:
        left[end] = "，"
    return "".join(left)


def _unreadable(said: TextReading) -> str | None:
    if _SERIAL.fullmatch(said.folded):
        return "像是 Excel 的日期序号；请把单元格设为日期格式，或写成2025年5月31日"
    if wrong := next((ask.phrase for ask in said.asks if isinstance(ask, NoSuchDayAsk)), None):
        return f"日历上没有“{wrong}”这一天；{_WRITE_DATE}"
    settled = any(spec.done or spec.duration for spec in said.soft)
    if said.hints or said.asks or settled:
        return None
    return f"看不出时限；{_WRITE_DATE}，或“立行立改”“长期坚持”"


def _limit(said: TextReading) -> Limit:
    dated = [hint for hint in said.hints if _day(hint)]
    last = max(dated, key=lambda hint: hint.due or "", default=None)
    staged = DurationClass.STAGED if len({hint.due for hint in dated}) > 1 else DurationClass.DATED
    asks = ((_several(dated, last),) if last and len(dated) > 1 else ()) + said.asks
    return Limit(
        due=_day(last) if last else None,
        precision=last.precision if last else Precision.DAY,
        duration=_class(said.duration, staged if last else None),
        keep_up=any(spec.keep_up for spec in said.soft),
        hints=said.hints,
        ask=asks[0] if asks else None,
        doubt=(last.note or last.phrase) if last and not last.certain else "",
    )


def _class(named: DurationClass | None, dated: DurationClass | None) -> DurationClass | None:
    """A date beats 长期坚持, which then only says that the work is kept up; 立行立改 and 分阶段 beat a date."""
    return dated if dated and named in (None, DurationClass.STANDING) else named


def _day(hint: Hint) -> date | None:
    try:
        return date.fromisoformat(hint.due) if hint.due and hint.cadence is None else None
    except ValueError:
        return None


def _several(dated: list[Hint], last: Hint) -> Ask:
    phrase = "、".join(hint.phrase for hint in dated)
    return Ask(phrase, "一格里有几个日期：哪一个是最后的时限？", f"按{last.due}，其余作为节点")
