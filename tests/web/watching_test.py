"""Watchers outside learn whether the engine is well, and nothing about anybody; operators read the same in words."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from starlette.testclient import TestClient

from tasks.context import Examined
from tests.conftest import ContextAt, reread_settings
from tests.plans import measure, plan_of
from tests.web.conftest import HERE, NOW, Browser
from web.application import pages

New = Callable[[], Browser]
NAMES = ("水科", "handler", "head", "01-1", "第一轮巡察")


@pytest.fixture(autouse=True)
def late(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report of 01-1 is late, that of 01-2 falls due within the week; a patrol was there just now."""
    weekly = measure(
        "01-2", duties=[{"key": "w", "kind": "report", "title": "周报", "cadence": "weekly", "source": "一"}]
    )
    activated("2025-02-03T09:00", plan_of(measure("01-1"), weekly))
    patrol_at(NOW)


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch) -> list[Examined]:
    """The engine is what this list says."""
    found = [Examined("巡检", True, "刚刚"), Examined("消息", True, "等候发出3封")]

    async def examined() -> list[Examined]:
        return found

    monkeypatch.setattr("web.health.examined_engine", examined)
    return found


def _metrics(text: str) -> dict[str, float]:
    pairs = (one.rsplit(" ", 1) for one in text.splitlines() if not one.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_a_watcher_is_told_checks_and_counts_and_names_nobody(browser: New, well: list[Examined]) -> None:
    watcher = browser()
    assert watcher.open("/healthz") == 200
    assert watcher.answer is not None
    facts = watcher.answer.json()
    assert (facts["ok"], facts["checks"]) == (True, {"巡检": True, "消息": True})
    assert (facts["dead_letters"], facts["channels_down"], facts["minutes_since_patrol"]) == (0, 0, 0)
    assert facts["open_escalations"] > 0
    assert facts["due_in_seven_days"] == 1
    assert [name for name in NAMES if name in watcher.answer.text] == []
    well[0] = Examined("巡检", False, "水科 停了")
    assert watcher.open("/healthz") == 503
    assert "水科" not in watcher.answer.text


def test_messages_that_should_have_left_are_told_by_their_age(
    browser: New, well: list[Examined], set_clock: Callable[[str], None]
) -> None:
    set_clock("2025-03-12T11:30")
    watcher = browser()
    watcher.open("/healthz")
    assert watcher.answer is not None
    assert watcher.answer.json()["oldest_undelivered_minutes"] >= 90
    assert watcher.answer.json()["minutes_since_patrol"] == 90


def test_an_engine_or_a_ledger_that_does_not_answer_is_unwell(browser: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    watcher = browser()
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert watcher.open("/healthz") == 503
        assert watcher.answer is not None
        assert watcher.answer.json()["checks"] == {"Prefect": False}

        def broken(*_: object) -> None:
            raise OSError("postgresql://duban:secret@db")

        monkeypatch.setattr("web.health.ledger.health", broken)
        assert watcher.open("/healthz") == 503
    assert watcher.answer.json()["checks"] == {"Prefect": False, "台账": False}
    assert "secret" not in watcher.answer.text


class TestMetrics:
    """The same for Prometheus: to this machine, or to whoever shows the token."""

    def _scrape(self, client: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
        answer = TestClient(pages(), base_url=HERE, client=(client, 5000)).get("/metrics", headers=headers)
        return answer.status_code, answer.text

    def test_this_machine_reads_the_counts_of_the_health(self, browser: New, well: list[Examined]) -> None:
        status, text = self._scrape()
        assert status == 200
        found = _metrics(text)
        watcher = browser()
        watcher.open("/healthz")
        assert watcher.answer is not None
        counts = {name: count for name, count in watcher.answer.json().items() if type(count) is int}
        assert {name: found[f"duban_{name}"] for name in counts} == counts
        assert (found["duban_up"], found['duban_check_ok{check="巡检"}']) == (1, 1)
        assert [name for name in NAMES if name in text] == []
        well[1] = Examined("消息", False, "通道中断")
        assert _metrics(self._scrape()[1])["duban_up"] == 0

    @pytest.mark.parametrize("client", ["10.0.0.7", "testclient", "::ffff:10.0.0.7"])
    def test_others_need_the_token(
        self, browser: New, well: list[Examined], monkeypatch: pytest.MonkeyPatch, client: str
    ) -> None:
        assert self._scrape(client)[0] == 403
        monkeypatch.setenv("DUBAN_METRICS_TOKEN", "geheim")
        reread_settings()
        assert self._scrape(client)[0] == 403
        assert self._scrape(client, authorization="Bearer falsch")[0] == 403
        assert self._scrape(client, authorization="Bearer geheim")[0] == 200


def test_operators_read_the_same_in_words_and_nobody_else_does(
    signed_in: Callable[[str], Browser], well: list[Examined], ledger_at: ContextAt
) -> None:
    office = signed_in("office")
    assert office.open("/engine") == 200
    assert "正常 巡检 刚刚" in office.said
    assert "七天内到期1 " in office.said
    told = office.client.get("/healthz").json()
    counts = {name: count for name, count in told.items() if type(count) is int}
    rows = [one.text for one in office.page.select("tbody td")]
    assert rows == [str(count) for count in counts.values()]
    assert signed_in("head").open("/engine") == 403
