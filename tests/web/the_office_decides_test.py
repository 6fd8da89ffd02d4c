"""What the office decides on the pages of a measure and of a period; nobody else finds, or is taken, these forms."""

from collections.abc import Callable
from typing import Any

import pytest

from db import ledger
from plan.types import WorkState
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.web.conftest import NOW, Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def open_periods(activated: Callable[..., Any]) -> None:
    """March of 01-1 waits."""
    activated("2025-03-03T09:00", plan_of(measure("01-1")))


def _state(ledger_at: ContextAt) -> str:
    with ledger_at(NOW) as ctx:
        return str(ledger.measure_by_code(ctx.session, "01-1").work_state)


def test_a_measure_is_suspended_with_reason_and_evidence_and_goes_on(signed_in: SignedIn, ledger_at: ContextAt) -> None:
    office = signed_in("office")
    office.open("/measure/01-1")
    assert office.buttons == ["挂账", "恢复计时", "销号", "重新整改"]
    assert office.press("suspend", reason="等省里批复", until="") == 422
    assert "预计恢复日期" in office.said
    assert office.page.select_one("#reason").text.strip() == "等省里批复"  # type: ignore[union-attr]
    assert office.press("suspend", until="2025-04-30", evidence="来函") == 200
    assert "已登记。" in office.said
    assert "预计2025年4月30日恢复：等省里批复（office）" in office.said
    assert _state(ledger_at) == WorkState.SUSPENDED
    assert office.press("resume", reason="已批复") == 200
    assert _state(ledger_at) == WorkState.IN_PROGRESS


def test_a_period_is_excused_with_a_reason(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/me/period-1")
    assert office.press("skip") == 422
    assert "必须写明理由" in office.said
    assert office.press("skip", reason="本月停工") == 200
    assert "免报" in office.said
    assert "理由：本月停工（office）" in office.said


@pytest.mark.parametrize("path", ["/measure/01-1", "/me/period-1/excuse"])
def test_nobody_else_finds_or_is_taken_such_a_form(signed_in: SignedIn, ledger_at: ContextAt, path: str) -> None:
    head = signed_in("head")
    head.open("/measure/01-1")
    assert head.buttons == []
    head.open("/me/period-1")
    assert head.buttons == ["提级"]  # which is his to do
    csrf = str(head.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
    for button in ("suspend", "skip", "close", "x"):
        filled = {"csrf": csrf, "button": button, "reason": "x", "until": "2025-04-30", "evidence": "x"}
        assert head.client.post(path, data=filled).status_code == 422
        assert head.client.post(path, data=filled | {"csrf": "x"}).status_code == 409
    assert _state(ledger_at) == WorkState.IN_PROGRESS


def test_what_is_not_there_is_not_decided(signed_in: SignedIn) -> None:
    office = signed_in("office")
    office.open("/measure/01-1")
    csrf = str(office.page.select_one("input[name=csrf]")["value"])  # type: ignore[index]
    assert office.client.post("/measure/09-9", data={"csrf": csrf, "button": "close", "reason": "x"}).status_code == 404
    assert office.client.post("/me/period-9/excuse", data={"csrf": csrf, "button": "skip"}).status_code == 404
