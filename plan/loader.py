"""Loads a rectification plan: the whole file is checked, and every problem told, before anything is handed on.

YAML is composed into a tree and read as plain text; the models of ``plan/model.py`` give each value its type, so that
``01`` stays a code. Anchors, aliases, tags and repeated keys are refused: a file has nothing to execute or to blow up.
A file that is not YAML stops at its first fault; any other has all its problems told (``tests/config/loader_test.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from plan.checks import check_plan, child
from plan.faults import Loc, hidden, say, shown
from plan.model import Plan

LARGEST = 8 * 1024 * 1024
"""Bytes a plan may have: some ten thousand measures, where a bureau has sixty."""
DEEPEST = 20
"""Levels a plan may nest; the model needs nine."""

_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a plan: the line (from 1), the place in the plan's words, the fault and the remedy."""

    line: int
    where: str
    what: str


class PlanError(ValueError):
    """A plan was refused. ``problems`` are in the order of lines; ``str()`` gives one line of text for each."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(f"{path.name}:{one.line}: {one.where}: {one.what}" for one in self.problems))


def load_plan(path: Path) -> Plan:
    """Read and check the plan at ``path``.

    Returns the plan with its dates as dates of the office's zone. Raises ``PlanError`` with every problem found, also
    when the file cannot be read; nothing else is raised, and nothing is returned half-checked.
    """
    try:
        document = _Document(_compose(_text(path)))
    except _Unreadable as error:
        raise PlanError(path, [Problem(error.line, "file", str(error))]) from None
    plan = document.plan()
    if plan is None or document.problems:
        raise PlanError(path, document.problems)
    return plan


class _Unreadable(Exception):
    """The file is no YAML tree: there is nothing to check further."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(shown(what, 200))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise _Unreadable(1, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(raw) > LARGEST:
        raise _Unreadable(1, f"is larger than {LARGEST // 1024} KiB; a plan of one round is far smaller")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable(line, "is not UTF-8 (GBK?); save the file with the encoding UTF-8") from None


def _compose(text: str) -> yaml.Node:
    loader: _TreeLoader | None = None
    try:
        loader = _TreeLoader(text)
        root = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _Unreadable(line, f"holds the control character {chr(error.character)!r}; remove it") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Unreadable(mark.line + 1 if mark else 1, f"is not YAML: {error.problem or error.context}") from None
    except (ValueError, OverflowError):  # PyYAML lets these through: "\UFFFFFFFF", %YAML with endless digits
        raise _Unreadable(loader.line + 1 if loader else 1, "is not YAML: an escape or number out of range") from None
    if root is None:
        raise _Unreadable(1, "is empty; a plan begins with 'inspection:'")
    return root


class _TreeLoader(yaml.SafeLoader):
    """Composes the tree and constructs nothing; refuses what a plan does not need and an attacker does."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise _refused(event, f"anchors and aliases ({event.anchor}) are not allowed; write the text out")
        if getattr(event, "tag", None):
            raise _refused(event, f"the tag {event.tag} is not allowed; remove it")
        if self.depth >= DEEPEST:
            raise _refused(event, f"it nests deeper than {DEEPEST} levels")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _refused(event: Any, what: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)


class _Document:
    """The tree as plain text, the line of every place in it, and the problems found so far."""

    def __init__(self, root: yaml.Node) -> None:
        self.lines: dict[Loc, int] = {}
        self._faults: list[tuple[int, Loc, str]] = []
        self.data = self._value(root, ())

    @property
    def problems(self) -> list[Problem]:
        """What was found so far."""
        return [Problem(line, self._where(loc), what) for line, loc, what in self._faults]

    def plan(self) -> Plan | None:
        """The checked plan, or None when the models refuse it; fills ``problems``."""
        if not isinstance(self.data, dict):
            self.report((), "must be a mapping that begins with 'inspection:'")
            return None
        plan, faults = check_plan(self.data, lambda loc: f"第{self.line(loc)}行")
        for loc, what in faults:
            self.report(loc, what)
        return plan

    def report(self, loc: Loc, what: str, line: int | None = None) -> None:
        """Note a problem at ``line``, else at the line of ``loc``."""
        self._faults.append((line or self.line(loc), loc, what))

    def line(self, loc: Loc) -> int:
        """The line (from 1) of ``loc``, or of the nearest place around it that the file has."""
        return next(self.lines[loc[:end]] for end in range(len(loc), -1, -1) if loc[:end] in self.lines)

    def _where(self, loc: Loc) -> str:
        inside, words = self.data, list[str]()
        for part in loc:
            inside = child(inside, part)
            words.append(_label(part, inside))
        # A measure's code begins with its finding's: naming the finding too would say it twice.
        words = words[2:] if words[2:3] == ["measures"] else words
        return " ".join(words) or "plan"

    def _value(self, node: yaml.Node, loc: Loc) -> Any:
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*loc, place)) for place, child in enumerate(node.value)]
        return None if node.tag == _NULL else self._visible(str(node.value), loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, line = _key_name(key), key.start_mark.line + 1
            place = (*loc, name)
            if not isinstance(key, yaml.ScalarNode) or hidden(name):
                self.report(place, "is no plain key; write one word, then a colon", line)
            elif place in self.lines:
                self.report(place, f"is written twice, first on line {self.lines[place]}; keep one", line)
            else:
                self.lines[place] = line
                found[name] = self._value(value, place)
        return found

    def _visible(self, text: str, loc: Loc) -> str:
        """``text``, or a stand-in for text with characters nobody sees, so that the other checks can go on."""
        found = hidden(text)
        if found is None:
            return text
        self.report(loc, say("hidden", char=f"{ord(found):04X}"))
        return "?"


def _key_name(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "?"


def _label(part: int | str, inside: Any) -> str:
    if isinstance(part, int):
        name = child(inside, "code") or child(inside, "key")
        return shown(name) if isinstance(name, str) else f"#{part + 1}"
    return shown(part)
