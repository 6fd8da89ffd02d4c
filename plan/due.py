"""When, relative to its window, a period falls due: the one-line rule a plan writes as ``due``.

``str(DueRule.parse(text)) == text`` for canonical text; ``rules/cadence.py`` turns a rule into a date.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

GRAMMAR = (
    "end、end-5d、end+5d、end-3wd、end+3wd、start+9d、start+9wd、workday 3、workday -1、"
    "monday 1、friday -1、day 25、month 2 day 10、after day 5"
)
_OFFSET = re.compile(r"(end|start(?=\+))(?:([+-]\d{1,3})(wd|d))?")
_DAY = re.compile(r"(?:month (\d{1,2}) (?!after))?((?:after )?day) (\d{1,2})")


class Basis(StrEnum):
    """What a due rule counts from; the values are the words of the grammar."""

    END = "end"
    START = "start"
    WORKDAY = "workday"
    DAY = "day"
    DAY_AFTER = "after day"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAYS = (
    Basis.MONDAY,
    Basis.TUESDAY,
    Basis.WEDNESDAY,
    Basis.THURSDAY,
    Basis.FRIDAY,
    Basis.SATURDAY,
    Basis.SUNDAY,
)
_NTH = re.compile(rf"(workday|{'|'.join(WEEKDAYS)}) (-?\d{{1,2}})")
_MOST_WEEKDAYS = 4
"""Every month has the fourth of each weekday, not every one the fifth."""


@dataclass(frozen=True, slots=True)
class DueRule:
    """A parsed due rule.

    ``number`` is an offset in days or working days for END and START, which one of the window for WORKDAY and the days
    of the week (negative: from its end), a day of the month for DAY and DAY_AFTER. ``month``, for DAY: which month of
    the window, counted from the one it starts in; 0 is the one it ends in.
    """

    basis: Basis
    number: int = 0
    workdays: bool = False
    month: int = 0

    @classmethod
    def parse(cls, text: "str | DueRule") -> Self:
        """Read a due rule; an instance passes through. Raises ValueError naming the whole grammar."""
        if isinstance(text, cls):
            return text
        written = " ".join(str(text).split())
        if found := _OFFSET.fullmatch(written):
            number = int(found[2] or 0)
            return cls(Basis(found[1]), number, workdays=found[3] == "wd" and number != 0)
        if (found := _NTH.fullmatch(written)) and int(found[2]):
            basis, number = Basis(found[1]), int(found[2])
            if basis is Basis.WORKDAY or abs(number) <= _MOST_WEEKDAYS:
                return cls(basis, number, workdays=basis is Basis.WORKDAY)
        if (found := _DAY.fullmatch(written)) and 1 <= int(found[3]) <= 31 and 1 <= int(found[1] or 1) <= 12:
            return cls(Basis(found[2]), int(found[3]), month=int(found[1] or 0))
        raise ValueError(f"“{written}”不是期限规则；可写：{GRAMMAR}")

    def __str__(self) -> str:
        if self.basis not in (Basis.END, Basis.START):
            return f"{f'month {self.month} ' if self.month else ''}{self.basis} {self.number}"
        if self.basis is Basis.END and not self.number:
            return "end"
        return f"{self.basis}{self.number:+d}{'wd' if self.workdays else 'd'}"
