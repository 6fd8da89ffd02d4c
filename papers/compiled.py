"""A paper written from the ledger as it stands: always a draft, whatever still lacks said at its place."""

from pathlib import Path

from db.ledger.context import LedgerContext
from db.ledger.report_months import finished_months
from papers.kinds import PAPERS, SHIPPED, PaperAsked, PaperKind
from papers.template import checked_template, fill_template, paper_template
from rules.month_span import MonthSpan, read_months
from text.refusals import Refusal


def paper_kind(key: str) -> PaperKind:
    """A paper by its key, from anywhere. Raises ``Refusal`` (``paper_unknown``)."""
    if key not in PAPERS:
        raise Refusal(
            "paper_unknown", paper=key, known="、".join(f"{one}（{kind.title}）" for one, kind in PAPERS.items())
        )
    return PAPERS[key]


def months_asked(ctx: LedgerContext, kind: PaperKind, inspection: str | None, written: str | None) -> MonthSpan:
    """The months of which a paper is to speak.

    Args:
        ctx: the context; months that are over are over on its ``today``.
        kind: the paper.
        inspection: its key; None: the only one.
        written: as a person wrote them; None: the last that the paper has to speak of.

    Raises:
        Refusal: those of ``read_months`` and of ``finished_months``.
    """
    last = finished_months(ctx, inspection, of_report=kind.of_report)
    return last if written is None else read_months(written, ctx.today)


def compiled(ctx: LedgerContext, kind: PaperKind, asked: PaperAsked, templates: Path) -> bytes:
    """A paper as a Word document.

    Args:
        ctx: the context; the paper is of its ``now``.
        kind: which paper.
        asked: of which inspection and months.
        templates: the folder of the office's own templates.

    Raises:
        Refusal: those of ``checked_template`` and of what the paper asks the ledger.
    """
    template = checked_template(paper_template(templates, SHIPPED, kind.key), kind.facts)
    return fill_template(template, kind.compose(ctx, asked))
