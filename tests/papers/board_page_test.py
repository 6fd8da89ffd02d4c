"""The board as one file: everything a leader asks in a minute, of one day, loading nothing from anywhere."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup

from db import ledger
from db.board import clocks
from db.ledger import LedgerContext, Report
from db.timeline import PlannedSpan, timeline
from db.timeliness import UnitTimeliness, unit_timeliness
from papers.board_page import board_page
from papers.charts import timeline_charts
from plan.types import Level
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, of_inspection, plan_of
from text.refusals import Refusal

FINISH = {"key": "finish", "kind": "finish", "title": "完成", "cadence": "once", "due_on": "2025-06-30"}
HOSTILE = "管网 <script>alert(1)</script> & 改造"
NOW = "2025-03-12T10:00"


@pytest.fixture
def office(activated: Callable[..., Any], patrol_at: Callable[..., Any], ledger_at: ContextAt) -> None:
    """January of one measure in time, of another twelve days late; February of both is late, of one with a reason."""
    measures = measure("01-1", title=HOSTILE, duties=[duty(), duty(**FINISH)]), measure("02-1", title="学习")
    activated("2025-01-06T09:00", plan_of(*measures))
    for code, moment in (("01-1", "2025-01-27T10:00"), ("02-1", "2025-02-12T10:00")):
        with ledger_at(moment, "handler") as ctx:
            period = ledger.meant_period(ctx.session, code, "report", None, lambda one: True)
            ledger.submit(ctx, period.id, Report(body="已办", percent=50, difficulty="经费未到位"))
        # A slow review makes nothing later.
        with ledger_at("2025-02-20T10:00", "office") as ctx:
            ledger.review(ctx, period.id, accept=True)
    patrol_at("2025-03-03T09:30")
    patrol_at(NOW)


def _told(page: str) -> list[str]:
    return [row.get_text(" ", strip=True) for row in BeautifulSoup(page, "lxml").select("tr")]


def test_it_says_what_is_late_and_why_and_how_punctual_units_were(office: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        page = board_page(ctx)
    soup = BeautifulSoup(page, "lxml")
    text = re.sub(r"\s+", " ", soup.get_text(" ", strip=True))
    assert "截至2025-03-12 10:00" in text
    assert "逾期2期" in text
    assert [one.get_text(" ", strip=True) for one in soup.select(".tiles li")][:2] == ["2 逾期", "0 待审核"]
    assert "02-1 每月报送 · 2025年2月 水科 2025-02-28 12天 困难：经费未到位" in _told(page)
    assert "水科 2期 1期 50% 12.0天" in _told(page)
    assert "不作排名" in text
    assert [one.get_text(strip=True).split("（")[0] for one in soup.select("h3")] == [
        *("逾期及缘由", "督办单", "时间安排", "序时进度", "灯色走势", "各单位报送情况"),
    ]


def test_it_loads_nothing_runs_nothing_and_escapes_what_people_wrote(office: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        page = board_page(ctx)
    soup = BeautifulSoup(page, "lxml")
    assert soup.find_all(["script", "link", "img", "iframe", "object", "form", "a"]) == []
    named = page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert not re.search(r"https?:|//|url\(|@import|javascript:|\son\w+=", named)
    assert "&lt;script&gt;" in page


def test_units_are_told_by_what_ended_and_by_the_day_on_which_it_came_in(office: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        assert unit_timeliness(ctx) == [UnitTimeliness("水科", 2, 1, 12.0)]
        assert unit_timeliness(ctx, inspection_id=9) == []
    assert UnitTimeliness("水科", 300, 299, 1.0).percent == 99


def _rows(ctx: LedgerContext, most: int) -> list[PlannedSpan]:
    return timeline(ctx, ledger.inspections(ctx.session)[0], clocks(ctx), most)


def test_the_timeline_has_each_measure_from_its_first_day_to_its_last(office: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx:
        first, second = _rows(ctx, 80)
        together = _rows(ctx, 1)
    assert (first.code, first.ends_on, first.percent, first.lamp) == ("01-1", date(2025, 6, 30), 50, Level.RED)
    assert first.limits == (date(2025, 2, 28), date(2025, 3, 31), date(2025, 6, 30))
    assert (second.code, second.ends_on, second.done) == ("02-1", None, False)
    assert [(one.code, one.measures) for one in together] == [("01", 1), ("02", 1)]


def test_a_long_plan_is_drawn_in_pieces_that_fit_a_page() -> None:
    row = PlannedSpan("01-1", "<b>", date(2025, 1, 6), None, None, (), Level.NONE, done=False)
    pieces = timeline_charts([row] * 55, date(2025, 3, 12))
    assert [piece.count("&lt;b&gt;") for piece in pieces] == [19, 19, 17]
    assert all("<b>" not in piece for piece in pieces)
    ends = timeline_charts(
        [PlannedSpan("1", "", date(2019, 1, 1), date(2031, 1, 1), 100, (), Level.RED, done=True)], date(2025, 3, 12)
    )
    assert "2031年" not in ends[0]  # no room for its name
    assert "2030年" in ends[0]


def test_several_inspections_each_have_their_own_figures(
    activated: Callable[..., Any], patrol_at: Callable[..., Any], ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    other = plan_of(measure("01-1"), measure("01-2"))
    activated("2025-02-03T09:05", of_inspection("second", other, title="第二轮巡察"))
    patrol_at(NOW)
    with ledger_at(NOW) as ctx:
        page = board_page(ctx)
    assert "第一轮巡察 2 1 0 0 1" in _told(page)
    assert "第二轮巡察 4 2 0 0 2" in _told(page)
    with ledger_at(NOW) as ctx:
        alone = board_page(ctx, "second")
    assert "第一轮巡察" not in alone
    assert "second/01-2 每月报送" in alone
    with ledger_at(NOW) as ctx, pytest.raises(Refusal) as refused:
        board_page(ctx, "third")
    assert refused.value.code == "inspection_unknown"


def test_an_empty_ledger_has_no_board(ledger_at: ContextAt) -> None:
    with ledger_at(NOW) as ctx, pytest.raises(Refusal) as refused:
        board_page(ctx)
    assert refused.value.code == "ledger_empty"


def test_its_figures_are_those_of_the_day_asked_for(office: None, ledger_at: ContextAt) -> None:
    with ledger_at(at("2025-02-20T12:00")) as ctx:
        page = board_page(ctx)
    assert "没有逾期" in page
