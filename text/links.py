"""Addresses in Prefect's pages that people are sent to: built in one place, and all of the same of its two UIs.

A run may be deleted or replaced under another id; a list of runs by tag finds whichever there is. Its range is given,
because Prefect would show the last seven days and so lose first what waits longest.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

TEN_YEARS = 10 * 365 * 24 * 3600
FIRST_PAGE = "duban"
"""Key of the artifact that is the operators' first page."""


def is_loopback(url: str) -> bool:
    """Whether an address leads nowhere on any other machine than this one.

    Args:
        url: any text.
    """
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        address = ip_address(host)
        return address.is_loopback or address.is_unspecified
    except ValueError:  # a name
        return False


def runs_link(ui_url: str, tags: Iterable[str] = (), named: str = "") -> str:
    """The list of all runs that bear every tag and have something in their name.

    Args:
        ui_url: address of Prefect's UI as the reader reaches it; empty for a link inside its own pages.
        tags: of runs.
        named: part of the name of a run; empty for any.
    """
    query = [*(("tag", tag) for tag in tags), *([("flow-run-search", named)] if named else [])]
    return f"{ui_url.rstrip('/')}/runs?{urlencode([*query, ('type', 'span'), ('seconds', -TEN_YEARS)])}"


def matter_link(ui_url: str, tag: str) -> str:
    """The run of now of a matter, also when it was replaced under another id since the link was given.

    Args:
        ui_url: address of Prefect's UI as the reader reaches it; empty for a link inside its own pages.
        tag: the matter's, such as ``escalation-7``.
    """
    return runs_link(ui_url, [tag])


def page_link(ui_url: str, key: str = FIRST_PAGE) -> str:
    """A page of Prefect's artifacts, by its key: the one address of it that stays, in both UIs and in a new database.

    Args:
        ui_url: address of Prefect's UI as the reader reaches it; empty for a link inside its own pages.
        key: of the artifact.
    """
    return f"{ui_url.rstrip('/')}/artifacts/key/{quote(key, safe='')}"


def version_link(ui_url: str, version: object) -> str:
    """One version of an artifact.

    Args:
        ui_url: address of Prefect's UI as the reader reaches it; empty for a link inside its own pages.
        version: its id.
    """
    return f"{ui_url.rstrip('/')}/artifacts/artifact/{version}"
