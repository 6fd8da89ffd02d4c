"""Of several missed periods of one duty the oldest climbs, and speaks for the younger ones; none of them is lost."""

from typing import Any

from sqlalchemy import select

from db import ledger, matters
from db.ledger import LedgerContext, Report
from db.models import Alert, Escalation, Period
from letters.select import select as select_letters
from plan.types import PeriodState
from tests.conftest import ContextAt, at
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.catalogue import missed_text

SILENT_UNTIL = "2025-06-17T09:00"
MONTHS = ["2025年1月", "2025年2月", "2025年3月", "2025年4月", "2025年5月"]


def _silent(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, until: str = SILENT_UNTIL) -> None:
    """Nobody reports from January on, and every step is patrolled when it falls due."""
    activated("2025-01-17T09:00")
    for month in range(2, 7):
        for day in (3, 6, 12, 17):
            if at(moment := f"2025-{month:02}-{day:02}T09:00") <= at(until):
                patrol_at(moment)


def _late(ctx: LedgerContext) -> dict[str, list[str]]:
    """The late rungs that fired, by the label of their period; repeats without their number."""
    query = select(Period.label, Alert.rung).join(Alert, Alert.period_id == Period.id).order_by(Alert.id)
    found: dict[str, list[str]] = {}
    for label, rung in ctx.session.execute(query.where(Alert.limit_on.is_not(None))):
        name = rung.split("#")[0]
        if name not in ("remind", "due") and name not in found.setdefault(label, []):
            found[label].append(name)
    return {label: rungs for label, rungs in found.items() if rungs}


def _report(ledger_at: ContextAt, moment: str, period_id: int) -> None:
    with ledger_at(moment, "经办人") as ctx:
        ledger.submit(ctx, period_id, Report(body="完成调度", percent=50))


def test_only_the_oldest_missed_period_climbs(activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    _silent(activated, patrol_at, ledger_at)
    with ledger_at(SILENT_UNTIL) as ctx:
        assert _late(ctx) == {"2025年1月": ["yellow", "orange", "red", "repeat"]}
        sheets = ctx.session.execute(select(Escalation.period_id, Escalation.rung)).all()
        assert sheets == [(1, "orange"), (1, "red")]
        # All of them are open, owed, and looked at again.
        assert [one.label for one in ledger.open_periods(ctx.session)] == [*MONTHS, "2025年6月"]
        assert ledger.health(ctx)["unarmed"] == 0
        # Before its limit every period has its own reminders.
        reminded = select(Period.label).join(Alert, Alert.period_id == Period.id).where(Alert.rung == "due")
        assert list(ctx.session.execute(reminded).scalars()) == MONTHS


def test_its_message_tells_of_the_younger_ones(activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    _silent(activated, patrol_at, ledger_at)
    with ledger_at(SILENT_UNTIL) as ctx:
        items = [item for letter in select_letters(ctx, 100) for item in letter.items]
        notes = {item.note for item in items if item.rung == "red"}
        assert notes == {"同一事项另有4期逾期未报：" + "、".join(MONTHS[1:])}
        # The handler, who must report each of them, finds each in his letter; one alone speaks of the others.
        assert {item.label for item in items if item.rung == "due"} >= set(MONTHS)
        assert {item.label for item in items if "另有" in (item.note or "")} == {MONTHS[0]}


def test_the_form_the_sheet_and_the_ledger_name_the_younger_ones(
    activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    _silent(activated, patrol_at, ledger_at)
    told = "同一事项另有4期逾期未报：" + "、".join(MONTHS[1:])
    with ledger_at(SILENT_UNTIL) as ctx:
        cards = {
            one.name: matters.form_context(ctx, one).card
            for one in matters.unfinished(ctx)
            if one.kind in ("report", "escalation")
        }
        assert [told in card for name, card in cards.items() if "督办〔" in name] == [True]
        naming = [name for name, card in cards.items() if "另有" in card and "督办〔" not in name]
        assert naming == ["01-1 每月报送 · 2025年1月"]
        (line,) = ledger.ledger_view(ctx)["measures"][0]["duties"]
        assert line["missed"] == MONTHS
        assert missed_text(line["missed"]) == f"（逾期未报5期：{'、'.join(MONTHS)}）"


def test_the_next_takes_over_where_its_own_time_stands(
    activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    _silent(activated, patrol_at, ledger_at)
    _report(ledger_at, "2025-06-17T10:00", 1)
    patrol_at("2025-06-17T18:00")
    with ledger_at("2025-06-17T18:00") as ctx:
        assert list(_late(ctx)) == ["2025年1月"]
    patrol_at("2025-06-18T08:30")
    with ledger_at("2025-06-18T09:00", "整改办") as ctx:
        assert _late(ctx)["2025年2月"] == ["yellow", "orange", "red"]
        assert "2025年3月" not in _late(ctx)
        # Returned, the oldest leads again; what fired for the other stays.
        ledger.review(ctx, 1, accept=False, reason="数据不全")
    patrol_at("2025-07-31T09:00")
    with ledger_at("2025-07-31T09:00") as ctx:
        assert "repeat" not in _late(ctx)["2025年2月"]
        assert ctx.session.get_one(Period, 3).state == PeriodState.WAITING


def test_another_duty_and_what_is_not_missed_yet_climb_by_themselves(
    activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    both = plan_of(measure(duties=[duty(), duty("check", kind="check", title="每月抽查")]))
    activated("2025-02-03T09:00", both)
    patrol_at("2025-03-12T09:00")
    with ledger_at("2025-03-12T09:00") as ctx:
        late = select(Alert.period_id).where(Alert.rung == "red").distinct().order_by(Alert.period_id)
        assert list(ctx.session.execute(late).scalars()) == [1, 2]


def test_after_another_rhythm_the_old_one_still_leads(
    activated: Any, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    _silent(activated, patrol_at, ledger_at, "2025-03-17T09:00")
    with ledger_at("2025-03-17T10:00") as ctx:
        ledger.amend(ctx, plan_of(measure(duties=[duty(cadence="half-monthly")])), base_digest=None, apply=True)
    patrol_at("2025-04-30T09:00")
    with ledger_at("2025-04-30T09:00") as ctx:
        assert list(_late(ctx)) == ["2025年1月"]
