"""limit: how much of a message each form may hold. What is not printed is counted, so nothing is hidden."""

from collections.abc import Callable, Iterator

from plan.types import Level
from rules.message import Message, MessageItem

SECTION_CAP = 20
"""Items printed of each colour."""
ROBOT_BYTES = 4096
"""UTF-8 bytes that a WeCom group robot accepts in one message; DingTalk and Feishu accept 20 000."""
SHORT_BODY = 1000
"""A service that takes fewer characters sends an SMS: it gets the one-line form."""
_SMALLER_CAPS = (SECTION_CAP, 10, 5, 2, 1, 0)


def by_colour(message: Message) -> Iterator[tuple[Level, list[MessageItem]]]:
    """The items of a message by colour from red to none, the latest first in each.

    Args:
        message: merged; an item without a due date counts as due on the message's day.
    """
    for level in reversed(Level):
        items = [item for item in message.items if item.level is level]
        if items:
            yield level, sorted(items, key=lambda item: (-item.days_late, item.due_on or message.day, item.measure))


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
