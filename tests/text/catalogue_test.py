"""The catalogue is whole: every value of every vocabulary has its wording, and no reader can change it."""

import re
from datetime import date
from enum import StrEnum
from inspect import getmembers, isclass

import pytest

from plan import types
from plan.types import Cadence, DutyKind
from text.catalogue import PHRASES, TERMS, date_text, phrase, term

VOCABULARIES = [kind for _, kind in getmembers(types, isclass) if issubclass(kind, StrEnum) and kind is not StrEnum]
VALUES = [value for kind in VOCABULARIES for value in kind]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}.{value}")
def test_every_value_of_every_vocabulary_is_worded(value: StrEnum) -> None:
    assert term(value).strip() == term(value) != ""


def test_the_catalogue_has_no_vocabulary_and_no_value_that_is_gone() -> None:
    assert {name: set(values) for name, values in TERMS.items()} == {
        kind.__name__: {value.value for value in kind} for kind in VOCABULARIES
    }


def test_no_two_values_of_a_vocabulary_read_the_same() -> None:
    for kind in VOCABULARIES:
        assert len({term(value) for value in kind}) == len(kind)


def test_phrases_and_terms_are_found_and_filled() -> None:
    assert term(Cadence.TEN_DAY) == "每旬"
    assert term(DutyKind.DISPATCH) == "调度"
    assert phrase("count.overdue", n=3) == "3项逾期"


def test_everything_people_read_is_chinese() -> None:
    for key, wording in PHRASES.items():
        # But for what people type, open or press by this very name.
        named = r"\{\w+\}|duban \w+( --?\w+)?|(DUBAN|PREFECT)_[A-Z_]+|logs/\w+\.log|Prefect|Resume|Submit"
        latin = re.sub(named, "", wording)
        assert not re.search(r"[A-Za-z]{2,}", latin), key


def test_a_date_is_written_as_people_write_it() -> None:
    assert date_text(date(2025, 5, 1)) == "2025年5月1日"


def test_an_unknown_phrase_is_refused() -> None:
    with pytest.raises(KeyError):
        phrase("cadence.fortnightly")


def test_the_catalogue_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        PHRASES["message.brand"] = "粉"  # type: ignore[index]
    with pytest.raises(TypeError):
        TERMS["Level"] = {}  # type: ignore[index]
