"""The office's own corrections to the work calendar: the YAML files of one folder (see calendars/README.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from plan.faults import Loc
from plan.model import Day
from plan.yaml_reader import FileProblem, FileProblems, YamlTree, read_yaml

LARGEST = 256 * 1024
"""Bytes one file may have; a year's paper names some thirty days."""


@dataclass(frozen=True, slots=True)
class DayOverride:
    """One day that is a working day, or not, whatever the national calendar says; ``note`` names its file."""

    day: date
    working: bool
    note: str


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """A year whose State Council paper the office has entered by hand; ``note`` names its file."""

    year: int
    note: str


Override = DayOverride | PublishedYear


def _year(written: object) -> object:
    if isinstance(written, str):
        try:
            return date(int(written), 1, 1).year
        except (ValueError, OverflowError):
            raise ValueError(f"“{written}”不是年份，请写成 2027") from None
    return written


class _Corrections(BaseModel):
    """One file, in the order in which its lists are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    published: list[Annotated[int, BeforeValidator(_year)]] = []
    holidays: list[Day] = []
    workdays: list[Day] = []


def load_overrides(folder: Path) -> list[Override]:
    """Read the corrections of an office.

    Args:
        folder: every ``*.yaml`` in it is read, in name order; a missing folder means no corrections.

    Returns:
        The corrections in the order of files; days are days of the office's zone.

    Raises:
        FileProblems: with everything wrong in any of the files, also where two entries, in one file or in two, make
            the same day a holiday and a working day.
    """
    seen: dict[date, DayOverride] = {}
    overrides: list[Override] = []
    problems: list[FileProblem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            overrides += _read(path, seen)
        except FileProblems as error:
            problems += error.problems
    if problems:
        raise FileProblems(problems)
    return overrides


def _read(path: Path, seen: dict[date, DayOverride]) -> list[Override]:
    """The corrections of one file; ``seen`` are the days of the files before, and gets those of this one."""
    tree = read_yaml(path, LARGEST)
    if tree.data is None:  # a file with nothing but comments is a file that waits for its paper
        return []
    corrections = tree.checked(_Corrections)
    years = [PublishedYear(year, path.name) for year in corrections.published]
    days = list(_days(tree, corrections))
    wrong = [
        (loc, f"{one.day}既是假日又是工作日（另见 {seen[one.day].note}）；请只留一处")
        for loc, one in days
        if seen.setdefault(one.day, one).working != one.working
    ]
    if wrong:
        raise tree.refusal(wrong)
    return [*years, *(one for _, one in days)]


def _days(tree: YamlTree, corrections: _Corrections) -> Iterator[tuple[Loc, DayOverride]]:
    for name, days in (("holidays", corrections.holidays), ("workdays", corrections.workdays)):
        for place, day in enumerate(days):
            yield (name, place), DayOverride(day, name == "workdays", tree.file)
