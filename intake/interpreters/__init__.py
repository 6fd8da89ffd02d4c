"""Interpreters: each knows one kind of paper, says how well a document fits it, and reads it as a draft.

A module for each, found by being there; its words are ``interpreter.KEY`` and ``fit.…`` in ``text/catalogue.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from intake.documents import Document, Progress
from intake.draft import DocumentDates, Draft


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a document fits a kind of paper.

    ``score`` is how many pieces of work would be read (problems, rows, tasks); 0: none, below 0: the document holds
    nothing that could be read so. ``why`` says it to people.
    """

    score: int
    why: str


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One kind of paper.

    ``score`` says how well a document fits, ``read`` makes its draft: with the days a person knows better than the
    document, and what begins a progress bar of a title. ``rank``: the lower one goes first where two fit as well.
    """

    key: str
    score: Callable[[Document], Fit]
    read: Callable[[Document, DocumentDates, Callable[[str], Progress]], Draft]
    rank: int = 1


def _found() -> Mapping[str, Interpreter]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = [one for module in modules if (one := getattr(module, "INTERPRETER", None))]
    return {one.key: one for one in sorted(found, key=lambda one: (one.rank, one.key))}


INTERPRETERS: Mapping[str, Interpreter] = _found()
"""Every interpreter by its key."""
