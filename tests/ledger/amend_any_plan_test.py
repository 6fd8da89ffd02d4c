"""Whatever plans follow one another, the ledger is that of the last one: nothing unarmed, nothing doubled, no gap."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from db import ledger
from db.ledger.periods import first_window, rule_of
from db.ledger.replay import verify
from db.models import Base, Duty, Period
from plan.model import Plan
from plan.types import PeriodState
from rules.cadence import window, window_at
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of

_rules = st.one_of(
    st.fixed_dictionaries(
        {"cadence": st.sampled_from(["monthly", "bimonthly", "quarterly", "weekly", "half-monthly"])},
        optional={
            "anchor": st.sampled_from(["2025-01-01", "2025-01-15"]),
            "due": st.sampled_from(["end", "day 10", "end-3wd", "after day 5", "workday -1", "friday 1"]),
            "roll": st.sampled_from(["next_workday", "previous_workday"]),
            "opens_on": st.sampled_from(["2025-01-10", "2025-04-10"]),
            "ends_on": st.sampled_from(["2025-02-10", "2025-12-31"]),
        },
    ),
    st.fixed_dictionaries(
        {"cadence": st.just("once"), "due_on": st.sampled_from(["2025-02-14", "2025-03-28", "2025-06-30"])},
        optional={"precision": st.just("month"), "opens_on": st.sampled_from(["2025-01-10", "2025-02-10"])},
    ),
)
_some_duties = st.dictionaries(st.sampled_from(["report", "check"]), _rules, max_size=2).map(
    lambda all_: [duty(key, **rule) for key, rule in all_.items()]
)
_some_plans = st.dictionaries(st.sampled_from(["01-1", "01-2", "02-1"]), _some_duties, min_size=1, max_size=3).map(
    lambda all_: plan_of(*(measure(code, duties=duties) for code, duties in all_.items()))
)


@given(plans=st.lists(_some_plans, min_size=4, max_size=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_plans_the_ledger_ends_as_the_last_one_says(
    plans: list[Plan], activated: Any, ledger_at: ContextAt, patrol_at: Any, owners_engine: Engine
) -> None:
    _empty(owners_engine)
    first, *later = plans
    activated("2025-01-17T09:00", first)
    for plan, moment in zip(later, ["2025-02-20T10:00", "2025-03-18T10:00", "2025-04-01T10:00"], strict=True):
        patrol_at(moment.replace("10:00", "09:00"))
        with ledger_at(moment) as ctx:
            ledger.amend(ctx, plan, base_digest=None, apply=True, without_supervisors=True)
        _ledger_follows(ledger_at, moment, plan)
    patrol_at("2025-07-02T09:00")
    with ledger_at("2025-07-02T09:05") as ctx:
        health = ledger.health(ctx)
        assert (health["overlooked"], health["unarmed"]) == (0, 0)
        assert verify(ctx.session).broken_at is None


def _ledger_follows(ledger_at: ContextAt, moment: str, plan: Plan) -> None:
    with ledger_at(moment) as ctx:
        assert ledger.plan_in_force(ctx.session) == plan
        wanted = {one.code: [d.key for d in one.duties] for finding in plan.findings for one in finding.measures}
        shown = {one["code"]: [d["key"] for d in one["duties"]] for one in ledger.ledger_view(ctx)["measures"]}
        assert list(shown.items()) == list(wanted.items())
        for period in ledger.open_periods(ctx.session):
            assert period.next_step_at is not None
            assert period.duty.key in wanted[period.duty.measure.code]
        for one in ctx.session.execute(select(Duty).where(Duty.retired_at.is_(None))).scalars():
            _is_owed_once(ctx, one)


def _is_owed_once(ctx: ledger.LedgerContext, one: Duty) -> None:
    """A duty whose rule has a window today has one running period; none runs of a rule that is over."""
    same_key = select(Period).join(Period.duty).where(Duty.measure_id == one.measure_id, Duty.key == one.key)
    periods = ctx.session.execute(same_key.where(Period.state != PeriodState.WITHDRAWN)).scalars()
    calendar = ctx.work_time.calendar
    running = [p for p in periods if window(rule_of(p.duty), p.ordinal, calendar).ends_on > ctx.today]
    first = first_window(one, ctx.today, calendar)
    begins_later = first is not None and first.starts_on > ctx.today
    assert len(running) <= 1
    assert begins_later or len(running) == (1 if window_at(rule_of(one), ctx.today, calendar) else 0)


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the trail only grows
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
