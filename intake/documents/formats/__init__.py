"""The formats of files from outside: a module for each, found by being there.

What reads a format loads its parser itself, when it is called: only that of the file at hand, in its own process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from intake.documents import Document, Progress


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """One format.

    ``read`` makes the document of a file's name and bytes, and tells a progress the rows of a sheet that were read and
    the rows there are. ``confined``: in a process of its own. ``sheets_only``: it has sheets and no lines; ``tables``:
    it has tables besides its lines. How its content is told from others: ``package`` stands in the type of the main
    part of an Office package, which may hold ``held_tags`` tags in memory at once; ``shows`` looks at the first
    kilobyte of any other, in small letters; ``plain``: it may do without marks, as text does.
    """

    kind: str
    suffixes: tuple[str, ...]
    read: Callable[[str, bytes, Progress], Document]
    confined: bool = True
    sheets_only: bool = False
    tables: bool = False
    package: str = ""
    held_tags: int = 0
    shows: Callable[[bytes], bool] | None = None
    plain: bool = False


def _found() -> Mapping[str, DocumentFormat]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return {one.kind: one for module in modules if (one := getattr(module, "FORMAT", None))}


FORMATS: Mapping[str, DocumentFormat] = _found()
"""Every format by its kind, which is its usual suffix."""
