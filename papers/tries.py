"""What became of a try to send a message, in words: for the command line and the operators' page."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from plan.types import Fate
from text.catalogue import PHRASES, phrase, term
from text.clean import line


def tried_text(tried: Mapping[str, str], zone: ZoneInfo) -> str:
    """A try as one line: when, by which channel, with what result.

    Args:
        tried: as the queue notes it.
        zone: of the office, in which the instant is said.
    """
    result = tried["result"]
    said = phrase(f"tried.{result}", by=tried.get("by", "")) if f"tried.{result}" in PHRASES else result
    fate = f"{term(Fate(tried['fate']))}：" if "fate" in tried else ""
    at = datetime.fromisoformat(tried["at"]).astimezone(zone)
    return line(" ".join(filter(None, (f"{at:%m-%d %H:%M}", tried["channel"], f"{fate}{said}"))))
