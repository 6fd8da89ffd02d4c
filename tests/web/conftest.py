"""An office's pages as a browser without script meets them: the real application on the test's ledger."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from httpx import Response
from starlette.testclient import TestClient

from db.ledger.doors import ALL_OF_HIS, give_links, personal_link
from tasks.doors import sign
from tests.conftest import ContextAt, reread_settings
from web.application import pages
from web.guard import guarded

HERE = "http://127.0.0.1:4280"
NOW = "2025-03-12T10:00"


@pytest.fixture
def set_clock(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """The office lives at an instant from now on; at first at ``NOW``."""
    monkeypatch.setenv("DUBAN_DATABASE_URL", database)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def move(moment: str) -> None:
        monkeypatch.setenv("DUBAN_CLOCK", moment)
        reread_settings()

    move(NOW)
    yield move
    reread_settings()


class Browser:
    """One person's browser: it keeps cookies, follows redirects, and hands forms in as they stand on the page."""

    def __init__(self) -> None:
        self.client = TestClient(guarded(pages(), [HERE]), base_url=HERE, headers={"origin": HERE})
        self.page = BeautifulSoup("", "lxml")
        self.answer: Response | None = None

    def open(self, path: str) -> int:
        """Look at a page; returns the status."""
        return self._show(self.client.get(path))

    def press(self, button: str = "", form: int = -1, **fields: str | list[str]) -> int:
        """Fill fields of a form, the last of the page unless told, and press a button; returns the status."""
        chosen = self.page.find_all("form")[form]
        values: dict[str, str | list[str]] = {}
        for one in chosen.find_all(["input", "textarea"]):
            if one.get("type") != "checkbox" or one.has_attr("checked"):
                values[one["name"]] = one.get("value", "") if one.name == "input" else one.text.removeprefix("\n")
        values |= fields
        if button:
            values["button"] = button
        assert self.answer is not None
        return self._show(self.client.post(chosen.get("action") or str(self.answer.url), data=values))

    def _show(self, answer: Response) -> int:
        self.answer = answer
        self.page = BeautifulSoup(answer.text, "lxml")
        return answer.status_code

    @property
    def said(self) -> str:
        """All that stands on the page, in one line."""
        main = self.page.find("main")
        return re.sub(r"\s+", " ", main.text).strip() if isinstance(main, Tag) else ""

    @property
    def buttons(self) -> list[str]:
        """What can be pressed in the page's last form."""
        forms = self.page.select("main form")
        return [one.text for one in forms[-1].find_all("button")] if forms else []


@pytest.fixture
def browser(set_clock: Callable[[str], None]) -> Callable[[], Browser]:
    """A new browser each time."""
    return Browser


LinkOf = Callable[..., str]


@pytest.fixture
def link_of(ledger_at: ContextAt, set_clock: Callable[[str], None]) -> LinkOf:
    """The path of a person's link to a matter, to all of his, or to sign in."""

    def path(person: str, matter: str = ALL_OF_HIS, moment: str = NOW, signs_in: bool = False) -> str:
        with ledger_at(moment) as ctx:
            if signs_in:
                return f"/m/{personal_link(ctx, person, ALL_OF_HIS, sign)[1]}"
            return f"/m/{give_links(ctx, [(person, matter)], sign)[person, matter]}"

    return path


@pytest.fixture
def signed_in(browser: Callable[[], Browser], link_of: LinkOf) -> Callable[[str], Browser]:
    """A browser in which a person has signed in."""

    def enter(person: str) -> Browser:
        his = browser()
        his.open(link_of(person, signs_in=True))
        assert his.press() == 200
        return his

    return enter
