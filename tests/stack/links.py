"""The personal links of a letter, as its reader finds them."""

import re

from tests.stack.office import Office


def links_of(office: Office, letter: str) -> list[str]:
    """The personal links of a letter, in its order."""
    return re.findall(rf"{re.escape(office.web_url)}/m/[\w.-]+", letter)


def link_in(office: Office, letter: str, measure: str, period: str = "") -> str:
    """The link of the first item about a measure, or about one period of it."""
    found = re.search(rf"\] (?:\*\*)?{re.escape(measure)} .*{re.escape(period)}$", letter, re.MULTILINE)
    assert found is not None, letter
    return links_of(office, letter[found.end() :])[0]
