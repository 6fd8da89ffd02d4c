"""Prefect's own pages as an operator uses them: find what waits, open a run, press Resume, fill in, submit."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

PATIENCE = 30_000


class Screen:
    """One browser window on an office's Prefect UI, signed in as ``duban up`` says how to."""

    def __init__(self, browser: Browser, url: str, secret: str, width: int = 1440) -> None:
        self.url = url
        self.page: Page = browser.new_page(viewport={"width": width, "height": 1000}, locale="zh-CN")
        self.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.page.goto(url)
        self.page.locator("input[type=password]").fill(secret)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("input[type=password]")).to_have_count(0)

    def open_form(self, run_id: str) -> "Form":
        """Go to a waiting run and press Resume."""
        self.page.goto(f"{self.url}/runs/flow-run/{run_id}")
        self.page.get_by_role("button", name="Resume").first.click()
        return Form(self.page)

    def badge(self, run_id: str, state: str) -> None:
        """The run's page shows this state."""
        self.page.goto(f"{self.url}/runs/flow-run/{run_id}")
        expect(self.page.get_by_text(state, exact=True).first).to_be_visible()

    def deployments(self, name: str) -> None:
        """The list of deployments, once it shows this one."""
        self.page.goto(f"{self.url}/deployments")
        expect(self.page.get_by_text(name).first).to_be_visible()

    def runs(self, tag: str, state: str) -> None:
        """The list of the runs with this tag, scrolled to the first that shows this state."""
        self.page.goto(f"{self.url}/runs?tag={tag}")
        shown = self.page.get_by_text(state, exact=True)
        expect(shown.first).to_be_visible()
        shown.last.scroll_into_view_if_needed()

    def first_page(self, address: str, shown: str) -> None:
        """Open the board by the address that was printed, without another click, once it shows this text."""
        self.page.goto(address)
        expect(self.page.get_by_text(shown).first).to_be_visible()

    def follow(self, link: str) -> "Screen":
        """Click a link of a text of ours, which Prefect opens in another tab; gives that tab."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name=link, exact=True).first.click()
        tab = object.__new__(Screen)
        tab.url, tab.page = self.url, opened.value
        return tab

    def saved_searches(self, *names: str) -> None:
        """Open the drop-down of the Runs page by the keyboard, once it offers all of these."""
        self.page.goto(f"{self.url}/runs")
        chosen = self.page.locator(".saved-filters__select button").first
        chosen.focus()
        self.page.keyboard.press("ArrowDown")
        for name in names:
            expect(self.page.get_by_role("option", name=name, exact=True)).to_be_attached()

    def choose(self, search: str) -> None:
        """One of the saved searches on offer."""
        self.page.get_by_role("option", name=search, exact=True).click()

    def counted(self, number: int) -> None:
        """The Runs page says that it lists so many, and lists them."""
        expect(self.page.get_by_text(re.compile(rf"^{number} runs?$")).first).to_be_visible()
        expect(self.page.locator(".flow-run-list-item").nth(min(number, 5) - 1)).to_be_visible()

    def open_tab(self, name: str) -> None:
        """One of the tabs of a page."""
        self.page.locator(".p-tab", has_text=name).first.click()

    def shows(self, *texts: str) -> None:
        """The page shows all of these."""
        for text in texts:
            expect(self.page.get_by_text(text).first).to_be_visible()

    def picture(self, path: Path) -> None:
        """Save what is on the screen, once all of it is there."""
        self.page.wait_for_load_state("networkidle")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)


class Form:
    """The Resume dialog."""

    def __init__(self, page: Page) -> None:
        self.dialog = page.get_by_role("dialog")
        expect(self.dialog.locator(".schema-form-property").first).to_be_visible()

    def labels(self) -> list[str]:
        """The titles of the fields, in order, without what Prefect adds to those one may leave out."""
        found = self.dialog.locator(".schema-form-property__label").all_inner_texts()
        return [label.removesuffix(" (Optional)").strip() for label in found]

    @property
    def card(self) -> str:
        """The text above the fields."""
        return self.dialog.locator("article").first.inner_text()

    def fill(self, label: str, value: str) -> None:
        """Type into a field."""
        self._field(label).locator("textarea, input").first.fill(value)

    def switch_on(self, label: str) -> None:
        """Turn on a field that is yes or no, with the mouse."""
        self._field(label).get_by_role("switch").click()

    def submit(self) -> None:
        """Press Submit; the dialog closes."""
        self.dialog.get_by_role("button", name="Submit").click()
        expect(self.dialog).to_have_count(0)

    def _field(self, label: str) -> Locator:
        title = self.dialog.page.locator(".schema-form-property__label", has_text=label)
        return self.dialog.locator(".schema-form-property", has=title)
