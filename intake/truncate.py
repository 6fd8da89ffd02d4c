"""Text from outside made to fit the lines and texts of a plan (``plan/model.py``)."""

LINE = 200
TEXT = 4000


def truncate_line(text: str, limit: int = LINE) -> str:
    """The text on one line of visible characters, at most ``limit``; an ellipsis shows that some is cut off."""
    line = " ".join(_visible(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def truncate_text(text: str, limit: int = TEXT) -> str:
    """The text with its line ends, other control characters gone, at most ``limit`` characters."""
    lines = (" ".join(_visible(line).split()) for line in text.splitlines())
    whole = "\n".join(line for line in lines if line)
    return whole if len(whole) <= limit else f"{whole[: limit - 1].rstrip()}…"


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
