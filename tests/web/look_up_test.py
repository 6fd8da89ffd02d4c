"""Pages that tell whoever signed in how everything stands: ledger, measure, messages, trail; nobody else sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser

New = Callable[[], Browser]
PAGES = ("/", "/me", "/ledger", "/measure/01-1", "/messages", "/trail", "/matter/period-1")


@pytest.fixture(autouse=True)
def late(activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> None:
    """February's report of 01-1 is late."""
    plan = plan_of(measure("01-1", title="管网 <改造>"), measure("02-1", title="学习制度"))
    activated("2025-02-03T09:00", plan)
    patrol_at(NOW)


def test_nobody_sees_them_without_signing_in(browser: New) -> None:
    assert [path for path in PAGES if browser().open(path) != 401] == []


def test_the_ledger_is_found_by_words_unit_and_lamp(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    for query, codes in (
        ("", ["01-1", "02-1"]),
        ("?q=管网", ["01-1"]),
        ("?q=水科 学习", ["02-1"]),
        ("?q=没有", []),
        ("?unit=水科&lamp=red", ["01-1", "02-1"]),
        ("?lamp=green", []),
    ):
        assert office.open(f"/ledger{query}") == 200
        assert [one.text for one in office.page.select("tbody td:first-child a")] == codes, query
    assert office.open("/ledger?q=" + "长" * 101) == 422


def test_a_measure_says_what_happened_and_why_each_date_is_what_it_is(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    assert office.open("/measure/01-1") == 200
    assert "01-1 管网 <改造>" in office.said
    assert "督办〔2025〕" in office.said
    assert "依据：整改措施一 规则：每月，每期期限为期末" in office.said
    assert office.open("/measure/09-9") == 404
    assert office.open("/measure/%3Cscript%3E") == 404


def test_messages_and_the_trail_are_told_in_words(signed_in: Callable[[str], Browser]) -> None:
    office = signed_in("office")
    assert office.open("/messages") == 200
    assert "待发" in office.said
    assert office.open("/trail") == 200
    assert "office登录office" in office.said


def test_the_health_is_told_to_whoever_asks_and_names_nobody(browser: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    watcher = browser()
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert watcher.open("/healthz") == 503
    assert watcher.answer is not None
    facts = watcher.answer.json()
    assert (facts["ok"], facts["checks"]) == (False, {"Prefect": False})
    assert facts["open_escalations"] == 2
    assert "水科" not in watcher.answer.text
