"""A refusal speaks to whoever is asked: in the form, in the sheet, on the page; the command line adds its options."""

import re
import string

import pytest

from cli.hints import HINTS, with_hint
from plan.types import WorkState
from text.refusals import REFUSALS, Refusal


@pytest.mark.parametrize("code", REFUSALS)
def test_no_sentence_names_an_option_or_a_command(code: str) -> None:
    assert not re.search(r"--\w|\bduban [a-z]", REFUSALS[code])


def test_every_hint_belongs_to_a_refusal_and_names_an_option_or_a_command() -> None:
    assert HINTS.keys() <= REFUSALS.keys()
    for code, hint in HINTS.items():
        assert re.fullmatch("（.*）", hint)
        assert re.search(r"--\w|duban [a-z]|\{option\}", hint), code
        named = {name for _, name, _, _ in string.Formatter().parse(hint) if name}
        assert named <= {"measure", "option"}


def test_the_command_line_adds_how_to_do_it_there() -> None:
    assert with_hint(Refusal("reason_empty")) == "必须写明理由（--reason）"
    assert with_hint(Refusal("period_none_open", measure="01-2")).endswith("（各期：duban show 01-2）")
    assert with_hint(Refusal("limit_in_past", limit="a", today="b")) == str(
        Refusal("limit_in_past", limit="a", today="b")
    )


def test_a_value_of_a_vocabulary_is_said_in_chinese() -> None:
    refusal = Refusal("transition", what="02-3", before=WorkState.IN_PROGRESS, after=WorkState.CLOSED)
    assert str(refusal) == "02-3不能由“整改中”变为“已销号”"


def test_a_fact_cannot_break_the_line() -> None:
    assert str(Refusal("measure_unknown", measure="02\u2028-3\u202e\nx")) == "没有整改措施“02 -3 x”；请核对编号"
