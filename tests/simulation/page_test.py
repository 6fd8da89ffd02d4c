"""The report of a simulation: one file that loads nothing, escapes everything, and shows what happened."""

from html.parser import HTMLParser

from bs4 import BeautifulSoup

from foresight.simulation.page import ENTRIES_SHOWN, page
from tests.plans import duty, measure, one_measure, plan_of
from tests.simulation.conftest import Simulate

VILE = '<script>alert("1")</script>&'


class _Loads(HTMLParser):
    """Everything in a page that would fetch something or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed", "form"):
            self.found.append((tag, attrs))
        self.found += [one for one in attrs if one[0] in ("src", "href", "action") or one[0].startswith("on")]


def test_it_loads_nothing_and_what_came_from_outside_is_text(simulated: Simulate) -> None:
    plan = plan_of(
        measure(title=VILE, duties=[duty(title=VILE)]),
        roles={
            name: {"name": f"{VILE}{name}"} for name in ("handler", "leader", "deputy", "head", "discipline", "office")
        },
    )
    scenario = {"title": VILE, "about": VILE, "default": {"report": "due+4wd", "returned": 1, "ask": "due"}}
    written = page(simulated(scenario, plan=plan, last="2025-04-10"))
    loads = _Loads()
    loads.feed(written)
    assert loads.found == []
    assert "url(" not in written
    assert "<script" not in written
    shown = BeautifulSoup(written, "html.parser").get_text()
    assert f"督办推演：{VILE}" in shown
    assert f"{VILE}handler" in shown


def test_it_shows_the_counts_every_period_and_every_letter(simulated: Simulate) -> None:
    found = simulated({"default": {"report": "due+9wd"}}, last="2025-04-10")
    soup = BeautifulSoup(page(found), "html.parser")
    tiles = [tile.get_text(" ", strip=True) for tile in soup.select(".tile")]
    assert tiles == ["3 期次", "1 逾期办结", "1 逾期未报", "1 未到期", f"{len(found.letters)} 消息（6人）", "4 督办单"]
    assert [bar["class"] for bar in soup.select("svg rect[rx]")] == [["b-late"], ["b-overdue"], ["b-open"]]
    assert len(soup.select(".letter")) == len(found.letters)
    papers = [line.get_text(" ", strip=True) for line in soup.select("table")[2].select("tbody tr")]
    assert papers[0] == "调度情况 · 2025年2月 2025-03-01 — 2025-03-04 10:00 按期发布"
    people = [row.find("td").get_text() for row in soup.select("table")[0].select("tbody tr")]
    assert people == [person.name for person in found.people()]
    assert len(soup.select(".checks .ok")) == len(found.checks)


def test_a_long_letter_is_cut_and_says_so(simulated: Simulate) -> None:
    duties = [duty(f"d{number}") for number in range(ENTRIES_SHOWN + 3)]
    soup = BeautifulSoup(page(simulated({}, plan=one_measure(duties=duties), last="2025-02-05")), "html.parser")
    (first,) = soup.select(".letter")
    assert [line.get_text() for line in first.select("li")][-1] == "另有3项"
    assert len(first.select("li")) == ENTRIES_SHOWN + 1


def test_a_stretch_without_anything(simulated: Simulate) -> None:
    plan = one_measure(duties=[duty(opens_on="2026-01-01")])
    shown = BeautifulSoup(page(simulated({}, plan=plan, last="2025-02-10")), "html.parser").get_text()
    assert "没有消息。" in shown
    assert "没有人会收到消息。" in shown
