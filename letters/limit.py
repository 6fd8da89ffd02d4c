"""limit: how much of a message each form may hold. What is not printed is counted, so nothing is hidden."""

from collections.abc import Callable

SECTION_CAP = 20
"""Items printed of each colour."""
ROBOT_BYTES = 4096
"""UTF-8 bytes that a WeCom group robot accepts in one message; DingTalk and Feishu accept 20 000."""
SHORT_BODY = 1000
"""A service that takes fewer characters sends an SMS: it gets the one-line form."""
_SMALLER_CAPS = (SECTION_CAP, 10, 5, 2, 1, 0)


def fitting(write: Callable[[int], str]) -> str:
    """The longest form that a chat robot accepts.

    Args:
        write: gives the form with at most so many items of each colour printed.

    Returns:
        The form; with none printed but all counted it always fits.
    """
    text = ""
    for cap in _SMALLER_CAPS:
        text = write(cap)
        # Bytes and not characters: a Chinese one takes three.
        if len(text.encode()) <= ROBOT_BYTES:
            break
    return text
