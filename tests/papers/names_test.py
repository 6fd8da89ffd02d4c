"""Units and posts are named in cells so that a person reads a name and the reader finds one key."""

import pytest

from papers.workbook.cells import Unreadable
from papers.workbook.names import NameDirectory, labels


def test_a_name_that_two_have_is_written_with_its_key() -> None:
    assert labels({"water": "水科", "gas": "气科", "gas-2": "气科"}) == {
        "water": "水科",
        "gas": "气科〔gas〕",
        "gas-2": "气科〔gas-2〕",
    }


def test_a_name_is_read_by_what_it_is_called_now_was_called_or_its_key() -> None:
    directory = NameDirectory("责任单位", [("water", "供水科", "水科")])
    assert [directory.key(label) for label in ("供水科", "水科", "water", "水科〔water〕")] == ["water"] * 4
    assert directory.keys(["供水科、水科"]) == ["water", "water"]


@pytest.mark.parametrize(("label", "said"), [("气科", "写明是哪一个"), ("电科", "“责任单位”表里")])
def test_a_name_that_two_have_or_nobody_has_is_not_guessed(label: str, said: str) -> None:
    directory = NameDirectory("责任单位", [("gas", "气科", "气科"), ("gas-2", "气科", "气科")])
    with pytest.raises(Unreadable, match=said):
        directory.key(label)
