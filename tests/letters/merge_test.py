"""Alerts of one matter are said once, the worst speaks, and the worst matters come first."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from letters.merge import merge
from plan.types import AlertKind, DeliveryResult, Level, PeriodState
from rules.message import Message, MessageItem
from rules.work_time import WorkTime
from tests.letters.conftest import message


def _alert(rung: str, level: Level, period: int | None = 1, **changes: Any) -> MessageItem:
    usual: dict[str, Any] = {
        "rung": rung,
        "kind": AlertKind.WARNING,
        "level": level,
        "note": None,
        "period_id": period,
        "state": PeriodState.WAITING,
        "label": "2025年3—4月",
        "due_on": date(2025, 4, 30),
        "duty": "双月报送",
        "measure": f"02-{period}",
        "title": "进展",
    }
    return MessageItem(**(usual | changes))


@pytest.fixture
def merged(work_time: WorkTime) -> Any:
    """The items of a message with these alerts."""

    def items(*alerts: MessageItem) -> tuple[MessageItem, ...]:
        (found,) = merge([replace(message(), items=alerts)], work_time)
        return found.items

    return items


def test_the_worst_alert_of_a_period_speaks_and_of_equal_ones_the_last(merged: Any) -> None:
    first, worst = _alert("yellow", Level.YELLOW), _alert("red", Level.RED, note="甲")
    last = _alert("red-2", Level.RED, note="乙")
    (item,) = merged(first, worst, last)
    assert (item.level, item.note, item.measure, item.duty, item.days_late) == (Level.RED, "乙", "02-1", "双月报送", 5)


def test_an_answer_is_never_merged_with_the_alerts_of_its_period(merged: Any) -> None:
    answers = [_alert(f"extension-decided:{n}", Level.NONE, kind=AlertKind.DECISION, note=str(n)) for n in (1, 2)]
    kinds = [item.kind for item in merged(_alert("red", Level.RED), *answers)]
    assert kinds == [AlertKind.WARNING, AlertKind.DECISION, AlertKind.DECISION]


def test_the_worst_come_first_then_the_latest(merged: Any) -> None:
    alerts = [
        _alert("a", Level.GREEN, 1),
        _alert("b", Level.RED, 2, due_on=date(2025, 5, 9)),
        _alert("c", Level.RED, 3),
    ]
    assert [item.measure for item in merged(*alerts)] == ["02-3", "02-2", "02-1"]


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2025, 4, 30), 0), (date(2025, 5, 5), 0), (date(2025, 5, 6), 1)],
    ids=["on the due date", "Labour Day", "the first working day after it"],
)
def test_lateness_counts_working_days(work_time: WorkTime, today: date, days: int) -> None:
    (found,) = merge([message(_alert("red", Level.RED), day=today)], work_time)
    assert [item.days_late for item in found.items] == [days]


def test_a_matter_of_the_engine_has_no_period(merged: Any) -> None:
    alert = MessageItem("parked:1", AlertKind.OPERATOR, Level.ORANGE, "已搁置")
    assert merged(alert) == (alert,)


def test_a_message_with_nothing_to_say_is_moot_and_one_that_cannot_be_said_stays_dead(work_time: WorkTime) -> None:
    dead = message(items=(), result=DeliveryResult.DEAD, failure="alert_kind_unknown: 'gossip'")
    found: list[Message] = merge([message(items=()), dead], work_time)
    assert [one.result for one in found] == [DeliveryResult.MOOT, DeliveryResult.DEAD]
