"""Codes of findings and measures as people put them in order: 01-2 before 01-10."""

import re


def code_order(code: str) -> tuple[tuple[int, str], ...]:
    """A key by which codes sort: their numbers by value, what is no number as text.

    Args:
        code: such as ``02-3``; any text has a place.
    """
    return tuple((int(number or 0), word) for number, word in re.findall(r"([0-9]+)|([^0-9]+)", code))
