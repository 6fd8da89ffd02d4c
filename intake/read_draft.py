"""A file from outside as a draft, read by the interpreter that it fits best, or by the one a person names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from intake.documents import Document, Progress
from intake.documents.reader import read_document
from intake.draft import DocumentDates, Draft, TakenFor
from intake.interpreters import INTERPRETERS
from text.catalogue import phrase
from text.refusals import Refusal

_CLOSE = 2
"""It is a close call where twice the work that another kind would read is more than what the best one would."""


def read_draft(file: Path, dates: DocumentDates, bar: Callable[[str], Progress], kind: str | None = None) -> Draft:
    """Read a paper.

    Args:
        file: a text, a web page, a PDF, a Word document or a spreadsheet.
        dates: days a person knows better than the document (dates of the office's zone); they count before its own.
        bar: begins a progress bar with this title; called for ledgers only, which may be long.
        kind: what a person says it is: a key of ``intake.interpreters.INTERPRETERS``; None: what it fits best.

    Returns:
        The draft.

    Raises:
        Refusal: the file cannot be read whole and safely, is a spreadsheet without a ledger's header, or is named as a
            kind that it cannot be.
    """
    document = read_document(file, begun_when_told(bar, "读取表格"))
    return draft_of(document, dates, bar, kind)


def draft_of(
    document: Document, dates: DocumentDates, bar: Callable[[str], Progress], kind: str | None = None
) -> Draft:
    """The draft of a document that was read, and what kind of paper it was taken for.

    Args:
        document: as ``read_document`` gives it.
        dates: as for ``read_draft``.
        bar: as for ``read_draft``.
        kind: as for ``read_draft``.

    Raises:
        Refusal: as ``read_draft``.
    """
    if kind:
        fit = INTERPRETERS[kind].score(document)
        if fit.score < 0:
            raise document.sheets_refused or Refusal(
                "intake_as_impossible", source=document.name, kind=phrase(f"interpreter.{kind}"), why=fit.why
            )
        taken = TakenFor(kind, phrase("taken.given", kind=phrase(f"interpreter.{kind}"), why=fit.why), given=True)
        return replace(INTERPRETERS[kind].read(document, dates, bar), taken=taken)
    fits = [(one.key, one.score(document)) for one in INTERPRETERS.values()]
    (best, fit), *others = sorted(fits, key=lambda one: -one[1].score)
    told = {key: phrase("taken.fit", kind=phrase(f"interpreter.{key}"), why=one.why) for key, one in fits}
    if fit.score > 0:
        close = [key for key, one in others if one.score * _CLOSE > fit.score]
        line = "".join((phrase("taken.read", fit=told[best]), *(phrase("taken.close", fit=told[key]) for key in close)))
    else:
        close = [key for key, one in others if one.score == 0]
        line = phrase("taken.nothing", kind=phrase(f"interpreter.{best}"), fits="、".join(one.why for _, one in fits))
    return replace(INTERPRETERS[best].read(document, dates, bar), taken=TakenFor(best, line, tuple(close)))


def begun_when_told(bar: Callable[[str], Progress], title: str) -> Progress:
    """A progress whose bar begins with the first thing it is told: a notice has none.

    Args:
        bar: begins a progress bar with a title.
        title: of the bar.
    """
    begun: list[Progress] = []

    def tell(done: int, total: int) -> None:
        begun[:] = begun or [bar(title)]
        begun[0](done, total)

    return tell
