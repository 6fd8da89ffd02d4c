"""Turns of duty: exactly one person each day, who is away is passed over, and everybody has as many as the others."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.types import TurnRhythm
from rules.calendar import WorkCalendar
from rules.rotation import Turns, days_of_turn, turn_order, whose_turn

CHINA = WorkCalendar.china()
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
TURNS = st.builds(
    Turns,
    rhythm=st.sampled_from(TurnRhythm),
    first=DAYS,
    people=st.integers(1, 9).map(lambda count: tuple(range(1, count + 1))),
)


def _here(person: int, day: date) -> bool:
    return False


@given(TURNS, st.integers(0, 800))
def test_from_the_first_day_on_exactly_one_has_his_turn_each_day(turns: Turns, later: int) -> None:
    day = turns.first + timedelta(days=later)
    assert sorted(turn_order(turns, day, CHINA)) == sorted(turns.people)
    assert whose_turn(turns, day, CHINA, _here) in turns.people
    assert whose_turn(turns, turns.first - timedelta(days=1), CHINA, _here) is None


@given(TURNS, st.integers(0, 800), st.data())
def test_who_is_away_is_passed_over_to_the_next_who_is_there(turns: Turns, later: int, data: st.DataObject) -> None:
    day = turns.first + timedelta(days=later)
    away = data.draw(st.sets(st.sampled_from(turns.people)))
    asked = whose_turn(turns, day, CHINA, lambda person, _: person in away)
    order = turn_order(turns, day, CHINA)
    if away == set(turns.people):
        assert asked is None
    else:
        assert asked is not None
        assert asked not in away
        assert set(order[: order.index(asked)]) <= away


@given(TURNS, st.integers(1, 5))
def test_after_whole_rounds_everybody_had_as_many_turns(turns: Turns, rounds: int) -> None:
    had: Counter[int] = Counter()
    day = turns.first if turns.rhythm is TurnRhythm.WEEK else CHINA.next_workday(turns.first)
    for _ in range(rounds * len(turns.people)):
        days = list(days_of_turn(turns, day, CHINA))
        asked = {whose_turn(turns, one, CHINA, _here) for one in days}
        assert len(asked) == 1, "a turn is one person's"
        had.update(one for one in asked if one is not None)
        day = days[-1] + timedelta(days=1)
    assert had == dict.fromkeys(turns.people, rounds)


@given(TURNS, st.integers(0, 800), st.data())
def test_an_exception_is_for_its_day_alone(turns: Turns, later: int, data: st.DataObject) -> None:
    day = turns.first + timedelta(days=later)
    instead = data.draw(st.sampled_from(turns.people))
    changed = turns._replace(exceptions={day: instead})
    assert whose_turn(changed, day, CHINA, _here) == instead
    for other in (day - timedelta(days=1), day + timedelta(days=1)):
        assert turn_order(changed, other, CHINA) == turn_order(turns, other, CHINA)


@pytest.mark.parametrize(
    ("rhythm", "first", "expected"),
    [
        # 26 January 2025 was worked for the Spring Festival, 28 January to 4 February were free.
        (TurnRhythm.WORKDAY, "2025-01-24", "24:1 25:1 26:2 27:3 28:3 29:3 30:3 31:3"),
        (TurnRhythm.WEEK, "2025-01-24", "24:1 25:1 26:1 27:2 28:2 29:2 30:2 31:2"),
        (TurnRhythm.WORKDAY, "2025-01-25", "24:- 25:1 26:1 27:2 28:2 29:2 30:2 31:2"),
    ],
)
def test_turns_keep_to_the_working_calendar(rhythm: TurnRhythm, first: str, expected: str) -> None:
    turns = Turns(rhythm, date.fromisoformat(first), (1, 2, 3))
    days = [date(2025, 1, day) for day in range(24, 32)]
    assert " ".join(f"{day.day}:{whose_turn(turns, day, CHINA, _here) or '-'}" for day in days) == expected
