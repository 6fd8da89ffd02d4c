"""通报: a supervisor decides to name what is late before the others; the office sends the paper out."""

from datetime import date

from db.ledger.context import LedgerContext
from db.ledger.drafts import begin_circular
from db.ledger.escalations import answer_sheet
from db.models import Escalation
from plan.types import AlertKind
from text.reason import checked_text


def circulate(ctx: LedgerContext, escalation_id: int, text: str, new_limit_on: date | None = None) -> Escalation:
    """Decide on a circular; its paper waits for the office to amend it and to release it.

    Args:
        ctx: the context; its ``now`` is when this happens, its actor decides.
        escalation_id: of a sheet that asks for a circular.
        text: what is demanded, in the words of the circular; handler and leader of the unit get it word for word.
        new_limit_on: as for ``instruct``.

    Returns:
        The sheet as answered.

    Raises:
        Refusal: those of ``answer_sheet`` and ``instruct``.
    """
    words = checked_text(text, "通报内容")
    sheet = answer_sheet(ctx, escalation_id, AlertKind.CIRCULAR, words, new_limit_on, "circulate", circulated=True)
    begin_circular(ctx, sheet)
    return sheet
