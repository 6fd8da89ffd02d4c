"""What in a text tells of a person: names of people, numbers of telephones and of identity cards, addresses of mail."""

import re
from collections.abc import Collection, Iterable

_NUMBERS = re.compile(
    r"(?<![\d.])(?:\(?0\d{2,3}\)?[-— ]?\d{7,8}|1[3-9]\d{9}|\d{17}[\dXx])(?!\d)"  # by wire, mobile, identity card
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.ASCII,
)


def personal_details(text: str, names: Iterable[str], known: Collection[str] = ()) -> list[str]:
    """The details of persons that stand in a text, each once.

    Args:
        text: that is to be published.
        names: of people.
        known: details that may be told.
    """
    found = [*(name for name in names if name in text), *(one[0] for one in _NUMBERS.finditer(text))]
    return [one for one in dict.fromkeys(found) if one not in known]


def without_details(text: str, names: Iterable[str], hidden: str) -> str:
    """A text in which no detail of a person is to be read.

    Args:
        text: that may be published so.
        names: of people.
        hidden: what stands in the place of each.
    """
    for one in sorted(personal_details(text, names), key=len, reverse=True):
        text = text.replace(one, hidden)
    return text
