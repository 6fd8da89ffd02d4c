"""The board counts by the database what the rules say of each period; both say the same, whatever happened before."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from db import ledger, matters
from db.board import Board, BoardFilter, Lateness, board, board_choices, clocks, lateness
from db.ledger import Report
from db.ledger.queries import lamp_of, time_state_of
from db.models import Period
from papers.board import board_sections
from plan.types import Level, TimeState, severity
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal

FINISH = {"key": "finish", "kind": "finish", "title": "完成", "cadence": "once", "due_on": "2025-06-30"}


@pytest.fixture(autouse=True)
def supervised(activated: Callable[..., Any]) -> None:
    """Monthly reports, a task with a date, a measure that warns early, under two findings."""
    activated(
        "2025-02-03T09:00",
        plan_of(
            measure("01-1"),
            measure("01-2", duties=[duty(**FINISH)]),
            measure("02-1", duties=[duty(), duty(**FINISH | {"due_on": "2025-04-10"})], warn_days=25),
            measure("02-2", duties=[duty(cadence="weekly", title="每周报送")]),
        ),
    )


def _board(ledger_at: ContextAt, moment: Any, asked: BoardFilter | None = None, most: int = 100, **page: Any) -> Board:
    with ledger_at(moment) as ctx:
        return board(ctx, asked or BoardFilter(), most, **page)


ACTS = ("report", "report", "accept", "return", "suspend", "resume", "extend")


@pytest.mark.parametrize("seed", range(3))
def test_the_board_says_of_every_open_period_what_the_rules_say(
    ledger_at: ContextAt, patrol_at: Callable[..., Any], seed: int
) -> None:
    drawn, now = Random(seed), at("2025-02-03T10:00")  # noqa: S311 (which acts, no secret)
    for _ in range(20):
        now += timedelta(days=drawn.randint(1, 12), hours=drawn.randint(0, 13))
        patrol_at(now)
        with ledger_at(now) as ctx:
            found = [one.id for one in ledger.open_periods(ctx.session)]
        for act in drawn.choices(ACTS, k=2):
            _do(ledger_at, now, act, drawn.choice(found), drawn.randint(0, 100))
        said = _board(ledger_at, now, most=10_000)
        with ledger_at(now) as ctx:
            periods = ledger.open_periods(ctx.session)
            states = {(severity(lamp_of(ctx, one)), time_state_of(ctx, one)) for one in periods}
            assert {(one.severity, one.state) for one in clocks(ctx)} == states
            assert {level: n for level, n in said.lamps.items() if n} == Counter(lamp_of(ctx, one) for one in periods)
            told = board_sections(matters.unfinished(ctx), ctx.today)
        assert {one.name: {matter.tag for matter in one.matters} for one in told} == {
            one.name: {matter.tag for matter in one.matters} for one in said.sections
        }
        assert [one.count for one in said.sections] == [len(one.matters) for one in said.sections]


def _do(ledger_at: ContextAt, now: Any, act: str, period_id: int, percent: int) -> None:
    """One act of a person, if the ledger takes it."""
    with ledger_at(now) as ctx:
        period = ctx.session.get_one(Period, period_id)
        code, due_on = period.duty.measure.code, period.due_on
    try:
        with ledger_at(now, "office" if act in ("suspend", "resume") else "审核人") as ctx:
            if act == "report":
                ledger.submit(ctx, period_id, Report(body="已办", percent=percent, difficulty="资金"))
            elif act in ("accept", "return"):
                ledger.review(ctx, period_id, accept=act == "accept", reason="理由")
            elif act == "suspend":
                ledger.suspend(ctx, code, reason="等批复", evidence=["函"], until=ctx.today + timedelta(days=30))
            elif act == "resume":
                ledger.resume(ctx, code, reason="已批复")
            elif act == "extend":
                ledger.ask_extension(ctx, period_id, due_on + timedelta(days=5), "理由")
    except Refusal:
        pass


def test_a_filter_counts_and_shows_its_own_alone(ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> None:
    patrol_at("2025-03-12T10:00")
    now = "2025-03-12T10:00"
    whole = _board(ledger_at, now)
    late = next(one for one in whole.sections if one.name == "late")
    assert {one.measure for one in late.matters} == {"01-1", "02-1", "02-2"}
    of_finding = _board(ledger_at, now, BoardFilter(finding="02"))
    assert {one.measure for part in of_finding.sections for one in part.matters} == {"02-1", "02-2"}
    assert [one.name for one in of_finding.findings] == ["02"]
    red = _board(ledger_at, now, BoardFilter(lamp="red"))
    assert {one.lamp for part in red.sections for one in part.matters} == {Level.RED}
    for nobody in (BoardFilter(unit="没有"), BoardFilter(leader="没有"), BoardFilter(finding="'")):
        assert sum(one.count for one in _board(ledger_at, now, nobody).sections) == 0
    with ledger_at(now) as ctx:
        choices = board_choices(ctx)
    assert (choices.units, choices.leaders, [code for code, _ in choices.findings]) == (
        ["水科"],
        ["leader"],
        ["01", "02"],
    )
    assert _board(ledger_at, now, BoardFilter(unit="水科", leader="leader")) == whole


def test_a_long_part_is_shown_by_pages_the_worst_first(ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> None:
    now = "2025-03-26T10:00"
    patrol_at(now)
    whole = next(one for one in _board(ledger_at, now).sections if one.name == "late").matters
    assert [severity(one.lamp) for one in whole] == sorted((severity(one.lamp) for one in whole), reverse=True)
    pages = []
    for start in range(0, len(whole) + 2, 2):
        said = _board(ledger_at, now, most=2, section="late", start=start)
        assert [one.count for one in said.sections if one.name == "late"] == [len(whole)]
        pages += next(one.matters for one in said.sections if one.name == "late")
        assert [one.matters for one in said.sections if one.name != "late"] == [[]] * (len(said.sections) - 1)
    assert [one.tag for one in pages] == [one.tag for one in whole]


def test_progress_stands_beside_the_calendar(ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> None:
    now = "2025-04-14T10:00"
    patrol_at(now)
    (unit,) = _board(ledger_at, now).progress
    assert (unit.unit, unit.tasks, unit.percent, unit.behind) == ("水科", 2, 0, 1)
    assert 60 < unit.elapsed < 80
    assert unit.unknown == 1


def test_it_is_known_why_a_report_is_late(ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> None:
    with ledger_at("2025-02-27T10:00", "经办人") as ctx:
        period = next(one for one in ledger.open_periods(ctx.session) if one.duty.measure.code == "01-1").id
        ledger.submit(ctx, period, Report(body="已办", percent=10, difficulty="资金未到位"))
    patrol_at("2025-03-12T10:00")
    with ledger_at("2025-03-12T10:00") as ctx:
        assert lateness(ctx, [period]) == {period: Lateness(difficulty="资金未到位")}
    with ledger_at("2025-03-12T10:00", "审核人") as ctx:
        ledger.review(ctx, period, accept=False, reason="缺照片")
    with ledger_at("2025-03-12T11:00") as ctx:
        late = [one.id for one in ledger.open_periods(ctx.session) if time_state_of(ctx, one) is TimeState.OVERDUE]
        why = lateness(ctx, late)
    assert why.keys() == set(late)
    # A correction has its days: what was returned is not late at once.
    assert period not in late
    with ledger_at("2025-04-12T11:00") as ctx:
        assert lateness(ctx, [period])[period].returned == "缺照片"
