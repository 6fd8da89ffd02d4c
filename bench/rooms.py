"""Where the product's code lies: the rooms that ``pyproject.toml`` installs, their modules and syntax trees.

Read from the build's own list, so that what measures the structure survives a change of the structure.
"""

import ast
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Module:
    """One file of product code; ``room`` is the package that holds it, ``name`` its dotted name."""

    path: Path
    room: str
    name: str

    @property
    def basename(self) -> str:
        """The last part of its dotted name."""
        return self.path.stem

    @cached_property
    def text(self) -> str:
        """Its source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, str(self.path))


def rooms(root: Path = ROOT) -> tuple[str, ...]:
    """The packages of the product, as the build lists them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(project["tool"]["setuptools"]["packages"])


def modules(root: Path = ROOT) -> list[Module]:
    """Every module of every room, in order of its name; migrations are history and left out."""
    found = [
        Module(path, room, room if path.stem == "__init__" else f"{room}.{path.stem}")
        for room in rooms(root)
        if "migrations" not in room
        for path in (root / room.replace(".", "/")).glob("*.py")
    ]
    return sorted(found, key=lambda module: module.name)
