"""How often a recurrence falls due: its unit, how many of it, how many times in it, and how surely that was read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from intake.chinese_numerals import numeral_value
from intake.phrases.folding import FoldedText
from intake.phrases.matches import Match
from intake.phrases.phrasebook import Phrasebook
from intake.phrases.phrasebook_schema import UNIT_SLOTS, Recurring
from intake.phrases.wording_context import clause_after
from plan.types import Cadence
from text.catalogue import term

GAP = 6
"""Characters that may stand between the recurrence and its verb for both to be one phrase (双月向省厅报送)."""
_COUNT_WITHIN = 20
_MOST_TIMES = 7
"""More times than this in one period are a total (每月调度，共12次), unless the phrasebook knows the number."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence as far as it is read; ``end`` is the end of its wording in the folded text."""

    unit: str
    cadence: Cadence
    end: int
    certain: bool
    notes: tuple[str, ...] = ()
    dues: tuple[str | None, ...] = (None,)
    counted: bool = False

    def doubtful(self, why: str) -> "Recurrence":
        """The same with one more reason for a person to look."""
        return replace(self, certain=False, notes=(*self.notes, why))


def recurrence_of(book: Phrasebook, match: Match) -> Recurrence | None:
    """What the recurrence says by itself; None where no cadence fits, or where it names two."""
    spec = match.spec
    assert isinstance(spec, Recurring)
    unit = unit_of(book, match)
    count = spec.every or numeral_value(match.slots.get("n") or match.slots.get("few", "1"))
    often = book.phrases.cadences[unit].get(count)
    if often is None or spec.choose:
        return None
    doubt = book.phrases.cautions.get(unit) or f"没有恰好这么长的频次，按{term(often.cadence)}读"
    note = spec.note or ("" if often.certain else doubt)
    one = next(
        name for name, table in book.phrases.cadences.items() if 1 in table and table[1].cadence is often.cadence
    )
    return Recurrence(
        one if count > 1 else unit,
        often.cadence,
        match.end,
        spec.certain and often.certain,
        (note,) if note else (),
        filled(book, spec.due, match.slots) or (None,),
    )


def unit_of(book: Phrasebook, match: Match) -> str:
    """The unit of time that the recurrence names."""
    assert isinstance(match.spec, Recurring)
    slot = next((name for name in UNIT_SLOTS if name in match.slots), "")
    return match.spec.unit or book.value(slot, match.slots[slot])


def filled(book: Phrasebook, dues: Iterable[str], slots: dict[str, str]) -> tuple[str, ...]:
    """Due rules with what stood in the slots put in."""
    shown = {slot: book.shown(slot, written) for slot, written in slots.items()}
    return tuple(due.format_map(shown) for due in dues)


def with_count(book: Phrasebook, folded: FoldedText, match: Match, recurrence: Recurrence, until: int) -> Recurrence:
    """How many times in one unit: 每年2次以上 is half-yearly, if somebody confirms it."""
    times, end = numeral_value(match.slots.get("n2", "1")), recurrence.end
    near = clause_after(folded.text, end)[: max(0, min(_COUNT_WITHIN, until - end))]
    counted = [found for one in book.count if (found := one.search(near))]
    if counted:
        first = min(counted, key=lambda found: found.start())
        times = numeral_value(first["n2"])
        end = end + first.end() if first.end() <= GAP + 6 and "\0" not in near[: first.end()] else end
    recurrence = replace(recurrence, end=end, counted=end > recurrence.end)
    if times < 2 or times == len(recurrence.dues):  # 每年3月和9月开展两次 names the day of each
        return recurrence
    if often := book.phrases.times.get(recurrence.unit, {}).get(times):
        return replace(recurrence, cadence=often.cadence).doubtful(f"每期{times}次，匀开按{term(often.cadence)}读")
    if times > _MOST_TIMES:
        return recurrence.doubtful(f"“{times}次”像是累计次数，没有计入")
    return recurrence.doubtful(f"每期须做{times}次，只按期督办")
