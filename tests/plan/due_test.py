"""The due rule of a plan is one line of text that survives being read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.due import GRAMMAR, WEEKDAYS, Basis, DueRule

CANONICAL = st.one_of(
    st.just("end"),
    st.builds(
        "end{:+d}{}".format, st.integers(-999, 999).filter(lambda number: number != 0), st.sampled_from(["d", "wd"])
    ),
    st.builds("start+{}{}".format, st.integers(1, 999), st.sampled_from(["d", "wd"])),
    st.just("start+0d"),
    st.builds("{} {}".format, st.sampled_from(["day", "after day"]), st.integers(1, 31)),
    st.builds("month {} day {}".format, st.integers(1, 12), st.integers(1, 31)),
    st.builds("{} {}".format, st.sampled_from(WEEKDAYS), st.sampled_from([-4, -1, 1, 4])),
    st.builds("workday {}".format, st.integers(-99, 99).filter(lambda number: number != 0)),
)


@given(CANONICAL)
def test_canonical_text_comes_back_unchanged(text: str) -> None:
    assert str(DueRule.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end", DueRule(Basis.END, 0, False)),
        ("end-5d", DueRule(Basis.END, -5, False)),
        ("end+3wd", DueRule(Basis.END, 3, True)),
        ("start+9wd", DueRule(Basis.START, 9, True)),
        ("day 25", DueRule(Basis.DAY, 25, False)),
        ("after day 5", DueRule(Basis.DAY_AFTER, 5, False)),
        ("month 2 day 10", DueRule(Basis.DAY, 10, False, month=2)),
        ("friday -1", DueRule(Basis.FRIDAY, -1, False)),
        ("workday -1", DueRule(Basis.WORKDAY, -1, True)),
    ],
)
def test_each_form_of_the_grammar_is_read(text: str, expected: DueRule) -> None:
    assert DueRule.parse(text) == expected


@pytest.mark.parametrize(
    ("loose", "canonical"),
    [("end+0d", "end"), ("end-0wd", "end"), ("start+0wd", "start+0d"), ("end-05d", "end-5d"), (" day  07 ", "day 7")],
)
def test_loose_spellings_are_written_back_in_canonical_form(loose: str, canonical: str) -> None:
    assert str(DueRule.parse(loose)) == canonical


def test_a_parsed_rule_passes_through() -> None:
    rule = DueRule.parse("end-5d")
    assert DueRule.parse(rule) is rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "start",
        "start-1d",
        "end5d",
        "end-1000d",
        "end-5",
        "day",
        "day 0",
        "day 32",
        "month 0 day 5",
        "month 13 day 5",
        "month 2",
        "month 2 after day 5",
        "workday 0",
        "workday +3",
        "friday",
        "friday 0",
        "friday 5",
        "after 5",
        "END",
        "月底",
        "end\nend",
    ],
)
def test_anything_else_is_refused_with_the_grammar_on_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="不是期限规则") as refused:
        DueRule.parse(text)
    assert str(refused.value) == f"“{' '.join(text.split())}”不是期限规则；可写：{GRAMMAR}"
    assert "\n" not in str(refused.value)
