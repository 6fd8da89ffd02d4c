"""How a due rule is said: in words that name the day on which it falls, and no two rules of a cadence alike."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.due import WEEKDAYS, DueRule, due_text
from plan.types import Cadence
from rules.cadence import CadenceRule, window_at
from rules.calendar import WorkCalendar

CHINA = WorkCalendar.china()
DAY = timedelta(days=1)
RECURRING = [cadence for cadence in Cadence if cadence is not Cadence.ONCE]
CANONICAL = [
    "end",
    "start+0d",
    *(f"end{number:+d}{unit}" for number in (-40, -3, -1, 1, 3, 40) for unit in ("d", "wd")),
    *(f"start+{number}{unit}" for number in (1, 9, 40) for unit in ("d", "wd")),
    *(f"workday {number}" for number in (-2, -1, 1, 3)),
    *(f"{weekday} {number}" for weekday in WEEKDAYS for number in (-4, -1, 1, 4)),
    *(f"{month} {day}" for month in ("day", "after day") for day in (1, 5, 25, 30, 31)),
    *(f"month {month} day {day}" for month in (1, 2, 6, 12) for day in (1, 10, 30, 31)),
]


@pytest.mark.parametrize("cadence", Cadence)
def test_no_two_rules_of_a_cadence_are_said_alike(cadence: Cadence) -> None:
    said = [due_text(DueRule.parse(rule), cadence) for rule in CANONICAL]
    assert len(set(said)) == len(CANONICAL)


@given(st.sampled_from(RECURRING), st.sampled_from(CANONICAL), st.dates(date(2010, 1, 1), date(2026, 6, 30)))
def test_the_words_name_the_day_on_which_it_falls_due(cadence: Cadence, rule: str, day: date) -> None:
    due = DueRule.parse(rule)
    found = window_at(CadenceRule(cadence, due=due), day, CHINA)
    assert found is not None
    assert day_named(due_text(due, cadence), found.starts_on, found.ends_on - DAY) == found.formal_due_on


def day_named(words: str, first: date, last: date) -> date:
    """The day that a person would find by the words in a period from ``first`` to ``last``."""
    if words in ("期初", "期末"):
        return first if words == "期初" else last
    if found := re.fullmatch("(期初|期末)(前|后)([0-9]+)(天|个工作日)", words):
        step = DAY if found[2] == "后" else -DAY
        return nth(int(found[3]), days(last if found[1] == "期末" else first, step), found[4] == "个工作日")
    if found := re.fullmatch("(倒数)?第([0-9]+)个工作日", words):
        return nth(int(found[2]), days(last + DAY, -DAY) if found[1] else days(first - DAY, DAY), True)
    if found := re.fullmatch("(倒数)?第([0-9]+)个星期(.)", words):
        weekday = "一二三四五六日".index(found[3])
        run = days(last + DAY, -DAY) if found[1] else days(first - DAY, DAY)
        return nth(int(found[2]), (one for one in run if one.weekday() == weekday), False)
    found = re.fullmatch("(当月|期末月|次月|期满次月|第([0-9]+)个月)(?:([0-9]+)日|底)", words)
    assert found, words
    assert found[1] not in ("当月", "次月") or first.month == last.month
    later = int(found[2]) - 1 if found[2] else "次月" in found[1]
    begin = first if found[2] else last
    year, month = divmod(begin.year * 12 + begin.month - 1 + later, 12)
    longest = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(int(found[3] or longest), longest))


def days(start: date, step: timedelta) -> Iterable[date]:
    while True:
        start += step
        yield start


def nth(number: int, run: Iterable[date], working: bool) -> date:
    counted = (one for one in run if not working or CHINA.is_workday(one))
    return next(one for place, one in enumerate(counted, 1) if place == number)


@pytest.mark.parametrize(
    ("cadence", "rule", "words"),
    [
        (Cadence.QUARTERLY, "day 25", "期末月25日"),  # 25 March, where 当月25日 would be any month
        (Cadence.QUARTERLY, "after day 5", "期满次月5日"),  # 5 April
        (Cadence.MONTHLY, "day 25", "当月25日"),
        (Cadence.MONTHLY, "after day 5", "次月5日"),
        (Cadence.MONTHLY, "day 31", "当月底"),
        (Cadence.YEARLY, "month 6 day 31", "第6个月底"),
        (Cadence.WEEKLY, "friday 1", "第1个星期五"),
        (Cadence.WEEKLY, "day 25", "期末月25日"),  # a week may lie in two months
        (Cadence.TEN_DAY, "after day 2", "次月2日"),
        (Cadence.DAILY, "start+1wd", "期初后1个工作日"),
        (Cadence.HALF_YEARLY, "end-3wd", "期末前3个工作日"),
        (Cadence.ONCE, "day 25", "期末月25日"),
        (None, "after day 5", "期满次月5日"),
    ],
)
def test_each_kind_of_rule_as_it_is_said(cadence: Cadence | None, rule: str, words: str) -> None:
    assert due_text(DueRule.parse(rule), cadence) == words
