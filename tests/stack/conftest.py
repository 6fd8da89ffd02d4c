"""A real office per module, and a real browser where there is one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, sync_playwright

from tests.stack.office import Office

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
OfficeMaker = Callable[..., Office]


@pytest.fixture(scope="module")
def office_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeMaker]:
    """Makes offices with a home of their own; whatever a test leaves running is ended after the module."""
    made: list[Office] = []

    def make(plan: dict[str, Any] | None = None, **surroundings: str) -> Office:
        folder = tmp_path_factory.mktemp("office")
        file = folder / "plan.yaml" if plan else None
        if file is not None:
            file.write_text(yaml.safe_dump(plan, allow_unicode=True))
        made.append(Office(folder / "home", file, **surroundings))
        return made[-1]

    yield make
    for office in made:
        office.clean_up()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; without one the test is skipped, or fails where all tests are asked for."""
    if not CHROMIUM.exists():
        why = f"no Chromium at {CHROMIUM}: apt-get install chromium"
        if os.environ.get("DUBAN_TEST_ALL") == "1":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()
