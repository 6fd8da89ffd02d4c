"""The office's own corrections to the work calendar: the YAML files of one folder (see calendars/README.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

_KEYS = ("holidays", "workdays", "published")


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


def load_overrides(folder: Path) -> list[Override]:
    """Read every ``*.yaml`` of ``folder`` in name order; a missing folder means no corrections.

    Raises ValueError with one line ``file:line: what`` for the first thing that is wrong, also when two entries,
    in one file or in two, make the same day a holiday and a working day.
    """
    seen: dict[date, DayOverride] = {}
    overrides: list[Override] = []
    for path in sorted(folder.glob("*.yaml")):
        for line, entry in _entries(path):
            if isinstance(entry, DayOverride):
                first = seen.setdefault(entry.day, entry)
                if first.working != entry.working:
                    raise _fault(path, line, f"{entry.day} is both a holiday and a workday (see {first.note})")
            overrides.append(entry)
    return overrides


def _entries(path: Path) -> Iterator[tuple[int, Override]]:
    root = _tree(path)
    if root is None:
        return
    for key, values in _pairs(path, root):
        if key.value not in _KEYS:
            raise _fault(path, _line(key), f"unknown key {key.value!r}; known: {', '.join(_KEYS)}")
        if not isinstance(values, yaml.SequenceNode):
            raise _fault(path, _line(values), f"{key.value} must be a list")
        for value in values.value:
            yield _line(value), _entry(path, key.value, value)


def _tree(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _fault(path, line, error.problem or "not YAML") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _fault(path, 1, "not a YAML text in UTF-8") from error


def _pairs(path: Path, root: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(root, yaml.MappingNode):
        raise _fault(path, _line(root), f"expected the lists {', '.join(_KEYS)}")
    return list(root.value)


def _entry(path: Path, key: str, value: yaml.Node) -> Override:
    wanted = "a year such as 2027" if key == "published" else "a date such as 2027-02-11"
    try:
        if key == "published":
            return PublishedYear(date(int(value.value), 1, 1).year, path.name)
        return DayOverride(date.fromisoformat(value.value), key == "workdays", path.name)
    except (ValueError, TypeError) as error:
        raise _fault(path, _line(value), f"{key}: {value.value!r} is not {wanted}") from error


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _fault(path: Path, line: int, what: str) -> ValueError:
    return ValueError(f"{path.name}:{line}: {what}")
