"""Charts stand in the page without style or script; what they show is told again from the ledger's history."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from db import ledger
from db.board import UnitProgress
from db.ledger.queries import lamp_of
from db.trend import lamp_trend
from papers.charts import progress_chart
from plan.types import Level
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.web.conftest import NOW, Browser

FINISH = {"key": "finish", "kind": "finish", "title": "完成", "cadence": "once", "due_on": "2025-06-30"}
Patrol = Callable[..., Any]


@pytest.fixture(autouse=True)
def late(activated: Callable[..., Any], patrol_at: Patrol) -> None:
    """February's reports climb week by week."""
    activated("2025-02-03T09:00", plan_of(measure("01-1", duties=[duty(), duty(**FINISH)]), measure("01-2")))
    for moment in ("2025-02-26T09:30", "2025-03-03T09:30", "2025-03-05T09:30", NOW):
        patrol_at(moment)


def test_the_last_point_says_what_the_rules_say_now(ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        lamps = [lamp_of(ctx, one) for one in ledger.open_periods(ctx.session)]
        told = lamp_trend(ctx)
    assert told[-1] == (date(2025, 3, 12), {level: lamps.count(level) for level in Level if level is not Level.NONE})
    assert told[-1][1][Level.RED] == 2
    assert told[-2] == (date(2025, 3, 5), told[-2][1] | {Level.RED: 0})
    assert sum(told[-2][1].values()) >= 2
    assert [sum(counts.values()) for day, counts in told if day < date(2025, 2, 20)] == [0] * 10


def test_what_was_reported_or_put_off_stands_under_no_lamp_from_then_on(
    ledger_at: ContextAt, patrol_at: Patrol
) -> None:
    with ledger_at("2025-03-12T11:00", "经办人") as ctx:
        ledger.submit(ctx, 1, ledger.Report(body="已办", percent=100))
    with ledger_at("2025-03-12T12:00", "office") as ctx:
        ledger.review(ctx, 1, accept=True)
    with ledger_at("2025-03-19T12:00") as ctx:
        told = dict(lamp_trend(ctx))
    # The week before remains what it was then.
    assert told[date(2025, 3, 12)][Level.RED] == 1
    assert told[date(2025, 3, 19)][Level.RED] == 1


def test_a_leader_sees_trend_and_progress_and_reads_both(signed_in: Callable[[str], Browser]) -> None:
    head = signed_in("head")
    for path, words in (("/trend", "2025年3月12日 2"), ("/", "水科 1项 0%")):
        assert head.open(path) == 200
        assert words in " ".join(one.get_text(" ", strip=True) for one in head.page.select("tr"))
        (figure,) = head.page.select("figure svg")
        assert figure["aria-hidden"] == "true"
        assert head.page.select("script, style, [style], [onload]") == []


def test_names_from_a_plan_draw_nothing() -> None:
    units = [UnitProgress(f"</svg><script>x</script>{n}", 1, 10, 20, 0, 0) for n in range(3)]
    drawn = progress_chart(units)
    assert "<script" not in drawn
    assert drawn.count("</svg>") == 1
    assert progress_chart([UnitProgress("一个名字很长很长的单位" + "甲" * n, 1, 0, 150, 0, 0) for n in (1, 2, 3)])
