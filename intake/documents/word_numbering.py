"""The automatic numbers of a Word document: which list a paragraph belongs to, and what its number reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intake.documents.list_numbers import join_label, write_number

_LONGEST = 64
"""Characters of a level's pattern; Word itself allows fewer."""
_DEEPEST = 9
_STYLE_CHAIN = 20
"""How many styles may build on each other; a circle ends here."""


@dataclass(frozen=True, slots=True)
class NumberingLevel:
    """One level of a list: ``pattern`` is Word's lvlText (``第%1条``), ``restart`` its lvlRestart, ``style`` the
    paragraph style bound to it."""

    start: int = 1
    format: str = "decimal"
    pattern: str = ""
    parted: bool = True
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    """One numbering instance. Instances of one ``abstract`` count on from each other."""

    abstract: str
    levels: Mapping[int, NumberingLevel]
    overrides: frozenset[int] = frozenset()


@dataclass(slots=True)
class Numbering:
    """The lists and the styles of one document, and how far each list has counted."""

    lists: Mapping[str, _List]
    styles: Mapping[str, Any]
    default_style: str = ""
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def label(self, paragraph: Any, text: str) -> str:
        """The paragraph's text with its automatic number in front; counts the paragraph. Bullets are not numbers."""
        number, depth = self._place(paragraph)
        level = self.lists[number].levels.get(depth) if number in self.lists else None
        if level is None:
            return text
        counts = self._count(number, depth)
        if level.format == "bullet":
            return text
        return join_label(self._written(number, level, counts), text, level.parted)

    def is_contents(self, paragraph: Any) -> bool:
        """Whether a paragraph is a line of the table of contents, which only repeats the headings."""
        style = self.styles.get(value_of(paragraph.find("{*}pPr"), "pStyle"))
        return value_of(style, "name").lower().startswith("toc ")

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """The paragraph's list and level, its own or its style's; an empty list where it has none."""
        properties = paragraph.find("{*}pPr")
        style = value_of(properties, "pStyle") or self.default_style
        own = properties.find("{*}numPr") if properties is not None else None
        number, depth = value_of(own, "numId"), value_of(own, "ilvl")
        chain = self._chain(style)
        for one in chain:
            inherited = one.find("{*}pPr/{*}numPr")
            number = number or value_of(inherited, "numId")
            depth = depth or value_of(inherited, "ilvl")
        if depth or number not in self.lists:
            return number, integer(depth, 0)
        return number, self._depth_of_styles(number, chain)

    def _chain(self, style: str) -> list[Any]:
        chain: list[Any] = []
        while style in self.styles and len(chain) < _STYLE_CHAIN:
            chain.append(self.styles[style])
            style = value_of(chain[-1], "basedOn")
        return chain

    def _depth_of_styles(self, number: str, chain: list[Any]) -> int:
        """The level that is bound to a style or to one it builds on; the first level where none is."""
        bound = {level.style: depth for depth, level in self.lists[number].levels.items()}
        names = (_attribute(style, "styleId") for style in chain)
        return next((bound[name] for name in names if name and name in bound), 0)

    def _count(self, number: str, depth: int) -> dict[int, int]:
        list_ = self.lists[number]
        counts = self._counts.setdefault(list_.abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            for overridden in list_.overrides:
                counts.pop(overridden, None)
        for above in range(depth):
            counts.setdefault(above, list_.levels.get(above, NumberingLevel()).start)
        counts[depth] = counts.get(depth, list_.levels[depth].start - 1) + 1
        for below in [one for one in counts if one > depth]:
            restart = list_.levels.get(below, NumberingLevel()).restart
            if restart is None or depth < restart:
                del counts[below]
        return counts

    def _written(self, number: str, level: NumberingLevel, counts: dict[int, int]) -> str:
        def part(found: re.Match[str]) -> str:
            depth = int(found[1]) - 1
            other = self.lists[number].levels.get(depth, NumberingLevel())
            return write_number(counts.get(depth, other.start), "decimal" if level.legal else other.format)

        return re.sub("%([1-9])", part, level.pattern)


def numbering_of(lists: Any | None, styles: Any | None) -> Numbering:
    """The numbering of a document from the roots of its ``numbering.xml`` and ``styles.xml``; either may be absent."""
    known = {_attribute(style, "styleId"): style for style in _children(styles, "style")}
    default = (key for key, style in known.items() if _attribute(style, "default") in {"1", "true"})
    paragraph = (key for key in default if _attribute(known[key], "type") == "paragraph")
    abstracts = {_attribute(one, "abstractNumId"): one for one in _children(lists, "abstractNum")}
    numbers = {_attribute(one, "numId"): one for one in _children(lists, "num")}
    made = {key: _list(one, _linked(one, abstracts, numbers, known)) for key, one in numbers.items() if key != "0"}
    return Numbering(made, known, next(paragraph, ""))


def _linked(number: Any, abstracts: Mapping[str, Any], numbers: Mapping[str, Any], styles: Mapping[str, Any]) -> Any:
    """The definition a number stands for; one that only names a list style leads on to that style's own."""
    abstract = abstracts.get(value_of(number, "abstractNumId"))
    style = styles.get(value_of(abstract, "numStyleLink"))
    if style is None:
        return abstract
    other = numbers.get(value_of(style.find("{*}pPr/{*}numPr"), "numId"))
    return abstracts.get(value_of(other, "abstractNumId"), abstract)


def _list(number: Any, abstract: Any) -> _List:
    levels = {_depth(one): _level(one) for one in _children(abstract, "lvl")}
    overridden = set()
    for override in _children(number, "lvlOverride"):
        depth = _depth(override)
        for own in _children(override, "lvl"):
            levels[depth] = _level(own)
        start = value_of(override, "startOverride")
        if start:
            overridden.add(depth)
            levels[depth] = replace(levels.get(depth, NumberingLevel()), start=integer(start, 1))
    key = _attribute(abstract, "abstractNumId") if abstract is not None else ""
    return _List(key, {depth: level for depth, level in levels.items() if 0 <= depth < _DEEPEST}, frozenset(overridden))


def _level(level: Any) -> NumberingLevel:
    restart = value_of(level, "lvlRestart")
    return NumberingLevel(
        start=integer(value_of(level, "start"), 0),
        format=_attribute(found, "val") if (found := level.find("{*}numFmt")) is not None else "decimal",
        pattern=value_of(level, "lvlText")[:_LONGEST],
        parted=value_of(level, "suff") != "nothing",
        restart=integer(restart, 0) if restart else None,
        legal=level.find("{*}isLgl") is not None,
        style=value_of(level, "pStyle"),
    )


def _depth(element: Any) -> int:
    return integer(_attribute(element, "ilvl"), 0)


def _children(parent: Any, name: str) -> list[Any]:
    return [] if parent is None else parent.findall("{*}" + name)


def value_of(parent: Any, name: str) -> str:
    """The ``w:val`` of a child; empty where there is no such child."""
    child = None if parent is None else parent.find("{*}" + name)
    return "" if child is None else _attribute(child, "val")


def _attribute(element: Any, name: str) -> str:
    """An attribute by its name alone: Word and the strict dialect differ in the namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def integer(text: str, default: int) -> int:
    """A whole number from an attribute, or ``default`` for anything else."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default
