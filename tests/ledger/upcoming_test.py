"""What a ledger waits for next, what came into it since, and its rows as plain records."""

from collections.abc import Callable

from db import ledger
from db.ledger import records, upcoming
from plan.model import Plan
from plan.types import AlertKind, PeriodState
from tests.conftest import ContextAt, at


def test_a_ledger_says_when_it_is_to_be_looked_at(activated: Callable[..., Plan], ledger_at: ContextAt) -> None:
    activated("2025-01-17T09:00")
    with ledger_at("2025-01-17T09:00") as ctx:
        found = upcoming.upcoming(ctx)
        assert (found.opens_at, found.message_at) == (at("2025-02-01T00:00"), None)
        assert found.step_at == at("2025-01-02T08:30")  # the opening of the month that runs already
        assert (found.last_period, found.last_escalation) == (1, 0)
        (period,) = upcoming.periods_after(ctx, 0)
        assert (period.measure, period.duty, period.unit, period.label) == ("01-1", "report", "水科", "2025年1月")
        assert upcoming.periods_after(ctx, period.id) == []
        assert [duty.measure.code for duty in upcoming.all_duties(ctx)] == ["01-1"]


def test_what_nobody_answered_is_told_with_its_supervisor(
    activated: Callable[..., Plan], patrol_at: Callable[..., ledger.Totals], ledger_at: ContextAt
) -> None:
    activated("2025-01-17T09:00")
    patrol_at("2025-02-10T09:00")
    with ledger_at("2025-02-10T09:00") as ctx:
        (new,) = upcoming.escalations_after(ctx, 0)
        assert new.supervisor == "deputy"
        (record,) = records.escalation_records(ctx)
        assert (record.period_id, record.to) == (new.period_id, ("deputy",))


def test_the_records_of_a_ledger_are_whole(
    activated: Callable[..., Plan], patrol_at: Callable[..., ledger.Totals], ledger_at: ContextAt
) -> None:
    activated("2025-01-17T09:00")
    patrol_at("2025-01-20T09:00")
    with ledger_at("2025-01-20T09:00") as ctx:
        (period,) = records.period_records(ctx)
        assert (period.state, period.reported_at, period.fired[0]) == (PeriodState.WAITING, None, "open")
        alerts = records.alert_records(ctx)
        assert alerts[0].kind is AlertKind.NOTICE
        assert {one.message_id for one in alerts} == {one.id for one in records.message_records(ctx)}
        assert [one.command for one in records.audit_records(ctx)][:2] == ["activate", "open"]
        assert [one.id for one in records.all_periods(ctx.session, 1)] == [period.id]
        (duty,) = upcoming.all_duties(ctx)
        assert records.last_report_text(ctx.session, duty) == ""
