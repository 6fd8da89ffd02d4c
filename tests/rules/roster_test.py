"""Who stands for a post: never nobody while anybody is there, never somebody away while somebody stands in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.roster import PostPerson, Standing, same_person, stands_for, wished_hours

PEOPLE = st.lists(
    st.builds(
        PostPerson,
        person=st.integers(1, 6),
        name=st.sampled_from("甲乙丙丁戊己"),
        holding=st.integers(1, 99),
        stand_in=st.booleans(),
        absent=st.booleans(),
        turn=st.just(0),
    ),
    max_size=3,
)
TURNS = st.lists(st.booleans(), min_size=1, max_size=5).map(
    lambda away: [PostPerson(10 + n, f"轮{n}", n, True, absent, turn=n + 1) for n, absent in enumerate(away)]
)
POSTS = st.dictionaries(st.integers(1, 5), PEOPLE, max_size=5)


@given(people=POSTS, above=st.lists(st.integers(2, 5), max_size=4))
def test_whoever_holds_what_and_is_away(people: dict[int, list[PostPerson]], above: list[int]) -> None:
    found = stands_for(1, people, above)
    own = people.get(1, [])
    there = [one for post in (1, *above) for one in people.get(post, ()) if not one.absent]
    # Nobody only where nobody is there at all; then, and where it went up or waits for him, the operators are told.
    assert (found is None) == (not own and not there)
    if found is None:
        return
    assert found.gap == all(one.absent for one in own)
    # Somebody who is away gets it only where nobody is there in his place.
    assert found.who.absent == (not there)
    if any(not one.absent and not one.stand_in for one in own):
        assert (found.why, found.who.stand_in, found.instead_of) == (Standing.HOLDER, False, "")
    elif any(not one.absent for one in own):
        assert (found.why, found.who.stand_in) == (Standing.STAND_IN, True)
    assert found.acting[0] == found.who.name
    assert {one.name for one in own if not one.stand_in} <= set(found.acting)


MAIL, ROBOT, FOLDER = ["mail", "a@example.org"], ["robot", ""], ["outbox", ""]


@pytest.mark.parametrize(
    ("known", "given_", "both"),
    [
        ([MAIL], [MAIL], [MAIL]),
        ([MAIL], [ROBOT], [MAIL, ROBOT]),
        ([MAIL], [FOLDER], [MAIL]),
        ([FOLDER], [MAIL], [MAIL]),
        ([FOLDER], [FOLDER], [FOLDER]),
        ([MAIL, FOLDER], [MAIL], [MAIL, FOLDER]),
        ([MAIL], [["mail", "b@example.org"]], None),
        ([], [MAIL], [MAIL]),
    ],
)
def test_alike_names_are_one_person_unless_their_addresses_contradict(
    known: list[list[str]], given_: list[list[str]], both: list[list[str]] | None
) -> None:
    assert same_person(known, given_) == both


def test_wished_hours_are_two_times_of_a_day() -> None:
    assert wished_hours("09:30-17:00").open.hour == 9


@pytest.mark.parametrize("wrong", ["", "09:30", "17:00-09:30", "25:00-26:00", "morning"])
def test_other_wishes_are_none(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wished_hours(wrong)


@given(own=PEOPLE, turns=TURNS)
def test_in_a_post_that_goes_round_whoever_is_there_and_next_is_asked(
    own: list[PostPerson], turns: list[PostPerson]
) -> None:
    found = stands_for(1, {1: [*own, *reversed(turns)]}, [])
    assert found is not None
    there = [one for one in turns if not one.absent]
    if there:
        passed_over = [one.name for one in turns[: turns.index(there[0])]]
        assert (found.who, found.why, found.gap) == (there[0], Standing.TURN, False)
        assert found.instead_of == "、".join(passed_over)
    else:
        assert found.why is not Standing.TURN
    # Whoever takes turns may act on the other days, too.
    assert {one.name for one in turns} <= set(found.acting)
