"""What somebody wrote when he acted: the words that an act is kept with."""

from text.clean import block, line
from text.limits import LONGEST_LINE, LONGEST_TEXT
from text.refusals import Refusal


def checked_reason(text: str, *, needed: bool) -> str:
    """A reason as the ledger keeps it.

    Args:
        text: as somebody wrote it.
        needed: whether it may not be empty.

    Raises:
        Refusal: ``reason_empty``, ``text_too_long``.
    """
    trimmed = checked_text(text, "理由", needed=False)
    if needed and not trimmed:
        raise Refusal("reason_empty")
    return trimmed


def checked_text(text: str, field: str, *, needed: bool = True) -> str:
    """Some paragraphs as the ledger keeps them.

    Args:
        text: as somebody wrote it.
        field: what the field is called in which it was written.
        needed: whether it may not be empty.

    Raises:
        Refusal: ``text_empty``, ``text_too_long``.
    """
    return _bounded(block(text), field, LONGEST_TEXT, needed=needed)


def checked_line(text: str, field: str) -> str:
    """A line as the ledger keeps it; it may not be empty.

    Args:
        text: as somebody wrote it.
        field: what the field is called in which it was written.

    Raises:
        Refusal: ``text_empty``, ``text_too_long``.
    """
    return _bounded(line(text), field, LONGEST_LINE, needed=True)


def _bounded(words: str, field: str, longest: int, *, needed: bool) -> str:
    if needed and not words:
        raise Refusal("text_empty", field=field)
    if len(words) > longest:
        raise Refusal("text_too_long", field=field, length=len(words), limit=longest)
    return words
