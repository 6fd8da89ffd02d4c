"""Who acts: names are compared as people read them, so that nobody becomes somebody else by a sign that none sees."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from text.clean import visible

_NEAREST = 3


def folded(name: str) -> str:
    """A name as it is compared: without width, case, blanks of any kind and signs that nobody sees.

    Args:
        name: as a person, a file or the network wrote it.

    Returns:
        The same text for all spellings of a name that look alike; empty where there is nothing to see.
    """
    # Compatibility forms first: some fillers become what hides, and case folding may need them again.
    plain = visible(unicodedata.normalize("NFKC", name))
    return unicodedata.normalize("NFKC", "".join(plain.split()).casefold())


def is_one_of(name: str, others: Iterable[str]) -> bool:
    """Whether a name is the same as one of ``others``, however each of them is spelt.

    Args:
        name: who acts.
        others: whose act it would be to judge or to answer for.
    """
    return folded(name) in {folded(other) for other in others}


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """The known names that somebody may have meant, the nearest first; at most three.

    Args:
        name: what was written.
        known: names that may act.
    """
    spelt = {folded(one): one for one in known}
    return [spelt[one] for one in get_close_matches(folded(name), spelt, n=_NEAREST, cutoff=0.4)]
