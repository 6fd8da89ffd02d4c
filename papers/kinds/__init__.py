"""The papers of an office: a module for each, found by being there.

A paper is what it tells (a dataclass whose fields a template may name), how that is read from the ledger, and how its
template is laid out as it is shipped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from config.settings import HERE
from db.ledger.context import LedgerContext
from papers.official import OfficialDocument
from plan.types import AlertKind
from rules.month_span import MonthSpan
from text.catalogue import phrase


@dataclass(frozen=True, slots=True)
class PaperAsked:
    """Which paper is wanted: of which inspection (None: the only one), of which months, for which person (empty: whom
    the paper is for by itself), of which sheet (empty: all of the months), of which measure (empty: of all); and under
    which address, without a stroke at its end, the pages answer to which it leads (empty: that is not known)."""

    inspection: str | None
    span: MonthSpan
    person: str = ""
    sheet: str = ""
    measure: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One paper.

    ``facts`` is the dataclass that ``compose`` makes; its fields are what a template may name. ``of_report``: whether
    it speaks of the months of the duty by which the inspection reports, and not of the last month. ``of_sheets``: the
    kind of sheets of which each has this paper to itself; None for a paper of no sheet alone.
    """

    key: str
    facts: type
    compose: Callable[[LedgerContext, PaperAsked], Any]
    lay_out: Callable[[OfficialDocument], None]
    of_report: bool = False
    of_sheets: AlertKind | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return phrase(f"paper.{self.key}")


def told(label: str, *, code: bool = False) -> Any:
    """A field of a paper, and what people call it where it is not known.

    Args:
        label: in Chinese.
        code: whether its text is an address that stands there as a QR code.
    """
    return field(metadata={"label": label, "code": code})


def _found() -> Mapping[str, PaperKind]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return {kind.key: kind for module in modules if (kind := getattr(module, "PAPER", None))}


SHIPPED = HERE / "templates" / "papers"
"""Where the templates lie as they came."""
PAPERS: Mapping[str, PaperKind] = _found()
