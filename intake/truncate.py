"""Text from outside made to fit the lines and texts of a plan (``plan/model.py``)."""

from text.clean import block, line
from text.limits import LONGEST_LINE, LONGEST_TEXT

LONGEST_TITLE = 40
"""Characters of a measure's title: lists and letters show it on one line; all of the measure stands in its text."""


def truncate_line(text: str, limit: int = LONGEST_LINE) -> str:
    """The text on one line, at most ``limit`` characters; an ellipsis shows that some is cut off."""
    return line(text, limit)


def truncate_text(text: str) -> str:
    """The text with its line ends, at most as long as a text of a plan may be."""
    whole = "\n".join(filter(None, map(line, block(text).split("\n"))))
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[: LONGEST_TEXT - 1].rstrip()}…"
