"""When, relative to its window, a period falls due: the one-line rule a plan writes as ``due``.

``str(DueRule.parse(text)) == text`` for canonical text; ``rules/cadence.py`` turns a rule into a date.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from plan.types import Cadence

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
NTH_WORDS = {
    Basis.WORKDAY: "工作日",
    Basis.MONDAY: "星期一",
    Basis.TUESDAY: "星期二",
    Basis.WEDNESDAY: "星期三",
    Basis.THURSDAY: "星期四",
    Basis.FRIDAY: "星期五",
    Basis.SATURDAY: "星期六",
    Basis.SUNDAY: "星期日",
}
"""What a rule counts that takes the n-th day of a kind."""
_ONE_MONTH = (Cadence.DAILY, Cadence.TEN_DAY, Cadence.HALF_MONTHLY, Cadence.MONTHLY)
"""Cadences whose periods lie in one month of the calendar, so that 当月 and 次月 say which month is meant."""
_LAST_DAY = 31
"""Every month's last day: a rule takes a shorter month's own."""
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
        """Read a due rule.

        Args:
            text: the rule as a plan writes it; a rule that is read already passes through.

        Returns:
            The rule.

        Raises:
            ValueError: it is none; the text names the whole grammar.
        """
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


def due_text(rule: DueRule, cadence: Cadence | None) -> str:
    """How a due rule is said: 期末, 期末前3个工作日, 期初后9天, 第3个工作日, 倒数第1个星期五, 第2个月10日.

    A day of the month is 当月25日 or 次月5日 where a period lies in one month; else 期末月25日, in the month in which
    the period ends, or 期满次月5日, in the month after that. Where an anchor lets a month begin inside a month of the
    calendar, 当月 is the month in which it ends.
    ``papers/workbook/kinds.py`` reads all of it back.

    Args:
        rule: any rule.
        cadence: of the duty that has the rule; None where it is not known.

    Returns:
        The words, different for every rule of one cadence.
    """
    if rule.basis is Basis.WORKDAY or rule.basis in WEEKDAYS:
        return f"{'倒数' if rule.number < 0 else ''}第{abs(rule.number)}个{NTH_WORDS[rule.basis]}"
    if rule.basis in (Basis.DAY, Basis.DAY_AFTER):
        return f"{_month_words(rule, cadence)}{'底' if rule.number == _LAST_DAY else f'{rule.number}日'}"
    start = "期末" if rule.basis is Basis.END else "期初"
    if not rule.number:
        return start
    return f"{start}{'前' if rule.number < 0 else '后'}{abs(rule.number)}{'个工作日' if rule.workdays else '天'}"


def _month_words(rule: DueRule, cadence: Cadence | None) -> str:
    if rule.month:
        return f"第{rule.month}个月"
    if rule.basis is Basis.DAY:
        return "当月" if cadence in _ONE_MONTH else "期末月"
    return "次月" if cadence in _ONE_MONTH else "期满次月"
