"""Why somebody decided: the words that a decision is kept with."""

from text.clean import block
from text.limits import LONGEST_TEXT
from text.refusals import Refusal


def checked_reason(text: str, *, needed: bool) -> str:
    """A reason as the ledger keeps it.

    Args:
        text: as somebody wrote it.
        needed: whether it may not be empty.

    Raises:
        Refusal: ``reason_empty``, ``text_too_long``.
    """
    trimmed = block(text)
    if needed and not trimmed:
        raise Refusal("reason_empty")
    if len(trimmed) > LONGEST_TEXT:
        raise Refusal("text_too_long", field="理由", length=len(trimmed), limit=LONGEST_TEXT)
    return trimmed
