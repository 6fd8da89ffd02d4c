"""Loads a rectification plan: the whole file is checked, and every problem told, before anything is handed on.

YAML is composed into a tree and read as plain text; the models of ``config/plan.py`` give each value its type, so that
``01`` stays a code. Anchors, aliases, tags and repeated keys are refused: a file has nothing to execute or to blow up.
A file that is not YAML stops at its first fault; any other has all its problems told (``tests/config/loader_test.py``).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.plan import CHANNEL_SHAPE, CODE_SHAPE, KEY_SHAPE, LINE_SHAPE, TEXT_SHAPE, AudienceSpec, Plan

LARGEST = 1024 * 1024
"""Bytes a plan may have: some twenty times the plan of one bureau."""
DEEPEST = 20
"""Levels a plan may nest; the model needs nine."""

Loc = tuple[int | str, ...]
_NULL = "tag:yaml.org,2002:null"
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SHAPES = {
    CODE_SHAPE: "is not a code: letters, digits, '.' and '-', at most 32, the first a letter or digit",
    KEY_SHAPE: "is not a key: a-z, 0-9 and '-', at most 64, the first a letter",
    CHANNEL_SHAPE: "is not a channel name: a-z, 0-9, '-' and '_', at most 32, the first a letter",
    LINE_SHAPE: "must be one line of text, not blank, without spaces around it",
    TEXT_SHAPE: "is blank; write the text",
}


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
        super().__init__(_shown(what, 200))


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
        _check_codes(self)
        _check_names(self)
        try:
            return Plan.model_validate(self.data)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                loc = tuple(part for part in one["loc"] if part != "[key]")
                self.report(loc, _what(one, loc))
            return None

    def report(self, loc: Loc, what: str, line: int | None = None) -> None:
        """Note a problem at ``line``, else at the line of ``loc``."""
        self._faults.append((line or self.line(loc), loc, what))

    def line(self, loc: Loc) -> int:
        """The line (from 1) of ``loc``, or of the nearest place around it that the file has."""
        return next(self.lines[loc[:end]] for end in range(len(loc), -1, -1) if loc[:end] in self.lines)

    def _where(self, loc: Loc) -> str:
        inside, words = self.data, list[str]()
        for part in loc:
            inside = _child(inside, part)
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
        for key, child in node.value:
            name, line = _key_name(key), key.start_mark.line + 1
            place = (*loc, name)
            if not isinstance(key, yaml.ScalarNode) or _hidden(name):
                self.report(place, "is no plain key; write one word, then a colon", line)
            elif place in self.lines:
                self.report(place, f"is written twice, first on line {self.lines[place]}; keep one", line)
            else:
                self.lines[place] = line
                found[name] = self._value(child, place)
        return found

    def _visible(self, text: str, loc: Loc) -> str:
        """``text``, or a stand-in for text with characters nobody sees, so that the other checks can go on."""
        hidden = _hidden(text)
        if hidden is None:
            return text
        self.report(loc, f"holds the invisible character U+{ord(hidden):04X}; remove it")
        return "?"


def _key_name(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "?"


def _hidden(text: str) -> str | None:
    """The first character of ``text`` that controls or hides instead of showing; line ends are fine."""
    if text.isprintable():
        return None
    return next((char for char in text if char != "\n" and unicodedata.category(char) in _HIDDEN), None)


def _child(parent: Any, part: int | str) -> Any:
    try:
        return parent[part]
    except (KeyError, IndexError, TypeError):
        return None


def _label(part: int | str, inside: Any) -> str:
    if isinstance(part, int):
        name = _child(inside, "code") or _child(inside, "key")
        return _shown(name) if isinstance(name, str) else f"#{part + 1}"
    return _shown(part)


def _shown(text: str, longest: int = 60) -> str:
    """``text`` short enough for a message and on one line."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _entries(parent: Any, name: str) -> Iterable[tuple[int | str, Any]]:
    found = _child(parent, name)
    if isinstance(found, list):
        return enumerate(found)
    return found.items() if isinstance(found, dict) else ()


def _walk(data: Any, *names: str, at: Loc = ()) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """Every mapping below ``data`` along nested lists (or mappings) of these names, with its place."""
    if not names and isinstance(data, dict):
        yield at, data
    for part, item in _entries(data, names[0]) if names else ():
        yield from _walk(item, *names[1:], at=(*at, names[0], part))


def _check_codes(document: _Document) -> None:
    """Finding codes and measure codes are unique, duty keys within their measure; 02-3 belongs to finding 02."""
    measures = list(_walk(document.data, "findings", "measures"))
    _check_unique(document, _walk(document.data, "findings"), "code")
    _check_unique(document, measures, "code")
    for loc, measure in measures:
        _check_unique(document, _walk(measure, "duties", at=loc), "key")
        code, finding = measure.get("code"), _child(document.data["findings"][loc[1]], "code")
        if isinstance(code, str) and isinstance(finding, str) and not code.startswith(f"{finding}-"):
            document.report((*loc, "code"), f"{_given(code)} must begin with its finding's code: {_shown(finding)}-")


def _check_unique(document: _Document, entries: Iterable[tuple[Loc, dict[str, Any]]], field: str) -> None:
    seen: dict[str, Loc] = {}
    for loc, entry in entries:
        name = entry.get(field)
        if isinstance(name, str) and seen.setdefault(name, loc) != loc:
            first = document.line((*seen[name], field))
            document.report((*loc, field), f"{_given(name)} is already used on line {first}; choose another {field}")


def _check_names(document: _Document) -> None:
    """Every role and unit that is named exists."""
    data = document.data
    measures = list(_walk(data, "findings", "measures"))
    for target, fields, entries in (
        ("roles", ("handler", "leader"), list(_walk(data, "units"))),
        ("roles", tuple(AudienceSpec.model_fields), [(("audiences",), data.get("audiences"))]),
        ("units", ("lead", "assisting"), measures),
        ("roles", ("deputy",), measures),
    ):
        known = data.get(target)
        if not isinstance(known, dict):
            continue  # the models report that
        for place, name in ((place, name) for loc, entry in entries for place, name in _named(loc, entry, fields)):
            if name not in known:
                document.report(place, f"{_given(name)} is not among the {target}{_nearest(name, known)}")


def _named(loc: Loc, entry: Any, fields: Iterable[str]) -> Iterator[tuple[Loc, str]]:
    for field in fields:
        value = _child(entry, field)
        if isinstance(value, str):
            yield (*loc, field), value
        for part, name in enumerate(value if isinstance(value, list) else ()):
            if isinstance(name, str):
                yield (*loc, field, part), name


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _what(error: ErrorDetails, loc: Loc) -> str:
    """What a model's complaint means to the person who wrote the file."""
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        return f"is not a known key here{_nearest(str(loc[-1]), _fields_at(loc[:-1]))}"
    if given is None:
        return "is empty; write a value or remove the line"
    if kind == "enum":
        words = re.findall(r"'([^']+)'", limits["expected"])
        return f"{_given(given)} is not one of {', '.join(words)}{_nearest(str(given), words)}"
    if kind == "string_pattern_mismatch":
        return f"{_given(given)} {_SHAPES[limits['pattern']]}"
    return _plain(kind, given, limits) or f"{_given(given)}: {error['msg']}"


def _plain(kind: str, given: Any, limits: dict[str, Any]) -> str | None:
    return {
        "value_error": _shown(str(limits.get("error")), 200),
        "string_type": f"must be text, not {_given(given)}",
        "list_type": f"must be a list (lines that begin with '- '), not {_given(given)}",
        "dict_type": f"must be a mapping (key: value), not {_given(given)}",
        "model_type": f"must be a mapping (key: value), not {_given(given)}",
        "too_short": "is empty; at least one is needed",
        "string_too_long": f"is longer than {limits.get('max_length')} characters; shorten it",
    }.get(kind)


def _given(given: Any) -> str:
    if isinstance(given, dict | list):
        return "a mapping" if isinstance(given, dict) else "a list"
    return f"'{_shown(str(given))}'"


def _fields_at(loc: Loc) -> Collection[str]:
    """The keys that the model at ``loc`` has; keys an office chooses itself (roles, units) are passed over."""
    model: type[BaseModel] = Plan
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
