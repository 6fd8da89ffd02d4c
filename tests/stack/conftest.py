"""Real offices, a real browser where there is one, and real receivers of letters; all end with the last story here.

The browser runs an event loop in the process that tests: nobody after it could have one of his own.
"""

import json
from collections.abc import Callable, Iterator

import pytest
import yaml
from playwright.sync_api import Browser, Page

from config.settings import HERE
from tests.chromium import headless_chromium
from tests.stack.office import Office, free_port, until
from tests.stack.receivers import Received, receivers
from tests.stack.screen import Screen
from tests.stack.small import MATTERS, NOW, small_plan

OfficeMaker = Callable[..., Office]


@pytest.fixture(scope="package")
def office_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeMaker]:
    """Makes offices with a home of their own; whatever a failed test leaves running is ended."""
    made: list[Office] = []

    def make(plan: str | None = None, **surroundings: str) -> Office:
        folder = tmp_path_factory.mktemp("office")
        file = folder / "plan.yaml" if plan else None
        if file is not None:
            file.write_text(plan or "")
        made.append(Office(folder / "home", file, **surroundings))
        return made[-1]

    yield make
    for office in made:
        office.clean_up()


@pytest.fixture(scope="package")
def received() -> Iterator[Received]:
    """What the small office sent out of the house."""
    with receivers() as kept:
        yield kept


@pytest.fixture(scope="package")
def small(office_of: OfficeMaker, received: Received, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office of the small plan, running; it tries a failed letter again at once."""
    policy = yaml.safe_load((HERE / "policy.yaml").read_text())
    policy["delivery"]["retry_minutes"] = [0]
    file = tmp_path_factory.mktemp("policy") / "policy.yaml"
    file.write_text(yaml.safe_dump(policy, allow_unicode=True))
    channels = {
        "mail": f"mailto://127.0.0.1:{received.smtp_port}/?from=duban@bureau.example&to={{address}}",
        "hook": f"json://127.0.0.1:{received.http_port}/duban",
        "broken": f"json://127.0.0.1:{free_port()}/{{address}}",
    }
    office = office_of(small_plan(), DUBAN_CLOCK=NOW, DUBAN_POLICY=str(file), DUBAN_CHANNELS=json.dumps(channels))
    office.up()
    until("the first waiting runs", lambda: len(office.waiting()) == MATTERS, seconds=180)
    office.quieten()
    office.duban("people", "add", "王工", "赵工", "李科长")
    yield office
    office.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium for all stories."""
    with headless_chromium() as browser:
        yield browser


@pytest.fixture
def screen_of(chromium: Browser) -> Iterator[Callable[..., Screen]]:
    """Opens a window on an office."""
    screens: list[Screen] = []

    def show(office: Office, width: int = 1440) -> Screen:
        screens.append(Screen(chromium, office.url, office.secret, width))
        return screens[-1]

    yield show
    for screen in screens:
        screen.page.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A small screen that runs no script."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="zh-CN")
    yield context.new_page()
    context.close()
