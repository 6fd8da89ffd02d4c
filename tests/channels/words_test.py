"""The catalogue is whole: every value has wording in both languages."""

import re
from datetime import date
from enum import StrEnum

import pytest

from config import types
from config.words import day, term, word, words

VOCABULARIES = [kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
VALUES = [value for kind in VOCABULARIES if kind is not StrEnum for value in kind]


def test_both_languages_have_the_same_keys() -> None:
    assert words("zh").keys() == words("en").keys()
    assert len(words("zh")) > len(VALUES) > 50


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_of_every_vocabulary_is_worded_in_both_languages(value: StrEnum) -> None:
    assert re.search(r"[\u4e00-\u9fff]", term(value, "zh"))
    assert re.fullmatch(r"[ -~]+", term(value, "en"))


def test_the_wording_of_equal_values_of_two_vocabularies_stays_apart() -> None:
    assert (term(types.Level.NONE), term(types.Roll.NONE)) == ("无色", "不顺延")
    assert (term(types.WorkState.CLOSED), term(types.PeriodState.CLOSED)) == ("已销号", "已办结")


def test_values_of_one_vocabulary_never_share_a_wording() -> None:
    for kind in VOCABULARIES:
        for language in ("zh", "en"):
            assert len({term(value, language) for value in kind}) == len(kind)


def test_both_languages_fill_the_same_fields() -> None:
    for key in words("zh"):
        fields = [sorted(set(re.findall(r"\{\w+\}", word(key, language)))) for language in ("zh", "en")]
        assert fields[0] == fields[1], key


def test_the_lamp_colours_are_named() -> None:
    assert [term(level) for level in types.Level][1:] == ["蓝", "绿", "黄", "橙", "红"]
    assert word("cadence.ten-day") == "每旬"
    assert word("duty_kind.dispatch", "en") == "Dispatch"


def test_a_date_is_written_without_the_machines_locale() -> None:
    assert day(date(2025, 5, 1)) == "2025年5月1日"
    assert day(date(2025, 12, 31), "en") == "31 December 2025"


def test_an_unknown_key_and_an_unknown_language_are_refused() -> None:
    with pytest.raises(KeyError, match=r"cadence\.fortnightly"):
        word("cadence.fortnightly")
    with pytest.raises(ValueError, match="not in tuple"):
        words("fr")


def test_the_catalogue_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        words("zh")["level.red"] = "粉"  # type: ignore[index]
