"""The one reader of YAML files: plans, policies, calendar corrections, scenarios and the grammars of intake.

A file becomes a tree of mappings, lists and text, with the line of every place in it. Nothing is guessed from the
look of a value: ``01`` stays a code and ``2025-02-30`` is text until a model says that it has to be a day. Anchors,
aliases, tags, repeated keys, deep nesting and characters nobody sees are refused: a file has nothing to execute, to
blow up or to hide. A file that is no YAML stops at its first fault; any other has all of them told, in one form.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from plan.faults import Fault, Loc, fault_sentence, model_faults
from text.clean import hidden_character, spelt_out

DEEPEST = 20
"""Levels a file may nest; a plan, the deepest of them, needs nine."""
WHOLE_FILE = "文件"
"""The place of a fault that is about no single entry."""

_Model = TypeVar("_Model", bound=BaseModel)
_NULL = "tag:yaml.org,2002:null"
_NAMES = ("code", "key", "name")
"""The fields by which an entry of a list is called, the first that it has; else its place in the list."""
_SYNTAX = (
    (r"found character '\\t'", "行首用了制表符；缩进请用空格"),
    (r"found another document", "有不止一份文档（“---”）；只能有一份"),
    (r"expected ',' or '[\]}]'|expected the node content|<block end>", "括号、引号或缩进没有配好；请核对本行及上一行"),
    (r"mapping values are not allowed", "冒号的位置不对；含冒号的文字请加引号"),
    (r"could not find expected ':'", "少了冒号；请写成“键: 值”"),
    (r"escape", "引号里的“\\”写法不对；请用“\\\\”或改用单引号"),
    (r"quoted scalar|end of stream", "引号没有配对；请补全"),
)
"""What the parser complains of in English, in the words of whoever wrote the file; anything else is told in general."""


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One thing wrong with a file.

    ``file`` is its name without folder, ``line`` counts from 1, ``where`` is the place in the file's own words
    (``measures 02-3 lead``), ``what`` is the fault and, where it is not plain, the remedy.
    """

    file: str
    line: int
    where: str
    what: str


class FileProblems(ValueError):
    """One or several files were refused. ``problems`` are in the order of files and lines; ``str()`` is one line each.

    Args:
        problems: what is wrong, in any order; what is told twice counts once.
    """

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(f"{one.file}:{one.line}: {one.where}: {one.what}" for one in self.problems))


class YamlTree:
    """A file as it was read. ``data`` is a tree of mappings, lists, text and None; None for an empty file.

    ``faults`` are the repeated keys and hidden characters found on the way, each with its line: whoever uses the data
    without ``checked`` has to hand them on by ``refusal``.

    Args:
        file: the file's name, as problems tell it.
        root: the composed tree, or None for an empty file.
    """

    def __init__(self, file: str, root: yaml.Node | None) -> None:
        self.file = file
        self.faults: list[tuple[int, Loc, str]] = []
        self._lines: dict[Loc, int] = {(): 1}
        self.data: Any = None if root is None else self._value(root, ())

    def line(self, loc: Loc) -> int:
        """The line (from 1) of a place, or of the nearest place around it that the file has.

        Args:
            loc: keys and places in lists (from 0), from the outermost to the innermost.

        Returns:
            The line.
        """
        return next(self._lines[loc[:end]] for end in range(len(loc), -1, -1) if loc[:end] in self._lines)

    def where(self, loc: Loc) -> str:
        """The words that lead to a place: its keys, and of an entry in a list its code, key or name.

        Args:
            loc: as for ``line``.

        Returns:
            Such as ``findings 02 title``; ``WHOLE_FILE`` for the tree itself.
        """
        inside, words = self.data, list[str]()
        for part in loc:
            inside = child(inside, part)
            words.append(_label(part, inside))
        return " ".join(words) or WHOLE_FILE

    def refusal(self, faults: Iterable[Fault] = ()) -> FileProblems:
        """What is wrong with the file, ready to be raised.

        Args:
            faults: each a place and its sentence, beside those found when the file was read.

        Returns:
            The exception with all of them.
        """
        found = [*self.faults, *((self.line(loc), loc, what) for loc, what in faults)]
        return FileProblems(FileProblem(self.file, line, self.where(loc), what) for line, loc, what in found)

    def checked(self, model: type[_Model]) -> _Model:
        """The file as a model.

        Args:
            model: what the file has to be.

        Returns:
            The model, when nothing is wrong.

        Raises:
            FileProblems: with every fault of the file.
        """
        try:
            found = model.model_validate(self.data)
        except ValidationError as error:
            raise self.refusal(model_faults(error, model)) from None
        if self.faults:
            raise self.refusal()
        return found

    def _value(self, node: yaml.Node, loc: Loc) -> Any:
        self._lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(entry, (*loc, place)) for place, entry in enumerate(node.value)]
        return None if node.tag == _NULL else self._visible(str(node.value), loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            place, line = (*loc, name), key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or hidden_character(name):
                self.faults.append((line, place, fault_sentence("no_key")))
            elif place in self._lines:
                self.faults.append((line, place, fault_sentence("twice", line=self._lines[place])))
            else:
                self._lines[place] = line
                found[name] = self._value(value, place)
        return found

    def _visible(self, text: str, loc: Loc) -> str:
        """``text``, or a stand-in for text with characters nobody sees, so that the other checks can go on."""
        found = hidden_character(text)
        if found is None:
            return text
        self.faults.append((self.line(loc), loc, fault_sentence("hidden", char=f"{ord(found):04X}")))
        return "?"


def read_yaml(path: Path, largest: int) -> YamlTree:
    """Read a file, whatever it has to say.

    Args:
        path: the file.
        largest: bytes it may have.

    Returns:
        Its tree; ``checked`` makes it a model.

    Raises:
        FileProblems: it cannot be read, is larger, or is no YAML; nothing else is ever raised.
    """
    try:
        return YamlTree(path.name, _compose(_text(path, largest)))
    except _Unreadable as error:
        raise FileProblems([FileProblem(path.name, error.line, WHOLE_FILE, str(error))]) from None


def child(parent: Any, part: int | str) -> Any:
    """What stands at one place of a branch.

    Args:
        parent: a mapping, a list, or a leaf.
        part: a key, or a place from 0.

    Returns:
        The branch or leaf there, or None.
    """
    try:
        return parent[part]
    except (KeyError, IndexError, TypeError):
        return None


def _label(part: int | str, inside: Any) -> str:
    if isinstance(part, str):
        return spelt_out(part)
    name = next((name for field in _NAMES if (name := child(inside, field))), None)
    return spelt_out(name) if isinstance(name, str) else f"第{part + 1}项"


class _Unreadable(Exception):
    """The file is no YAML tree: there is nothing to check further."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(spelt_out(what, 200))


def _text(path: Path, largest: int) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except FileNotFoundError:
        raise _Unreadable(1, "没有这个文件；请核对路径") from None
    except IsADirectoryError:
        raise _Unreadable(1, "是文件夹，不是文件；请核对路径") from None
    except (OSError, ValueError):
        raise _Unreadable(1, "无法读取；请核对路径和权限") from None
    if len(raw) > largest:
        raise _Unreadable(1, f"超过{largest // 1024} KiB；请核对是否选错文件")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable(line, "不是UTF-8编码（可能是GBK）；请另存为UTF-8") from None


def _compose(text: str) -> yaml.Node | None:
    loader: _TreeLoader | None = None
    try:
        loader = _TreeLoader(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        # PyYAML gives the character as its code, whatever its own annotation says.
        raise _Unreadable(line, fault_sentence("hidden", char=f"{int(error.character):04X}")) from None
    except _Forbidden as error:
        raise _Unreadable(error.line, str(error)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Unreadable(mark.line + 1 if mark else 1, _syntax(error)) from None
    except (ValueError, OverflowError):  # PyYAML lets these through: "\UFFFFFFFF", %YAML with endless digits
        raise _Unreadable(loader.line + 1 if loader else 1, "有写错的转义或过大的数字；请改正") from None


def _syntax(error: yaml.MarkedYAMLError) -> str:
    told = f"{error.problem} {error.context}"
    return next((what for pattern, what in _SYNTAX if re.search(pattern, told)), "不是YAML；请核对本行的写法")


class _Forbidden(Exception):
    """YAML has it, and no file of ours needs it."""

    def __init__(self, event: Any, what: str) -> None:
        self.line = event.start_mark.line + 1
        super().__init__(what)


class _TreeLoader(yaml.SafeLoader):
    """Composes the tree and constructs nothing; refuses what no file needs and an attacker does."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise _Forbidden(event, f"不能用锚点和别名（{event.anchor}）；请把内容写全")
        if getattr(event, "tag", None):
            raise _Forbidden(event, f"不能用标签（{event.tag}）；请删去")
        if self.depth >= DEEPEST:
            raise _Forbidden(event, f"嵌套超过{DEEPEST}层；请核对括号和缩进")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node
