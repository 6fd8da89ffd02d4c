"""However people behave, nobody is pestered, nothing is forgotten: the ledger's promises after every step of a quarter.

A random walk: days pass, somebody reports, returns, extends, acknowledges, instructs or does nothing, letters fail.
"""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report, message_queue
from db.ledger.replay import verify
from db.models import Alert, Escalation, Period, QueuedMessage
from plan.types import PeriodState
from tests.conftest import ContextAt, at, staff
from tests.messages import failed, sent
from tests.plans import ROLES, duty, measure, plan_of
from tests.promises.conftest import PassingDesk
from text.refusals import Refusal

PHONE = {"phone": "1"}
PLAN = plan_of(
    measure("01-1", duties=[duty("weekly", cadence="weekly", title="每周调度")]),
    measure("02-1", duties=[duty(), duty("quarterly", cadence="quarterly", title="季度报送")]),
    measure("03-1", duties=[duty("finish", kind="finish", cadence="once", due_on="2025-02-14", title="完成")]),
    roles={name: {"name": name, "channels": PHONE} for name in ROLES},
)
Step = tuple[int, str, int, bool]
ACTS = ("nothing", "submit", "accept", "return", "ask", "grant", "refuse", "acknowledge", "instruct")
OF_A_LIMIT = re.compile(r"@\d{4}-\d\d-\d\d$")
STEP = st.tuples(
    st.sampled_from([0, 1, 3, 9, 16, 24, 24, 24, 25, 72, 240]),  # hours that pass
    st.sampled_from(ACTS),
    st.integers(0, 5),  # which of the open periods
    st.booleans(),  # whether letters get through
)


def _act(ctx: LedgerContext, name: str, which: int) -> None:
    open_now = ledger.open_periods(ctx.session)
    if not open_now or name == "nothing":
        return
    period = open_now[which % len(open_now)]
    sheet = ledger.open_escalation(ctx, period.id)
    if name == "submit":
        ledger.submit(ctx, period.id, Report(body="已办", percent=50, finished=which == 3))
    elif name in ("accept", "return"):
        ledger.review(ctx, period.id, accept=name == "accept", reason="请补充")
    elif name == "ask":
        ledger.ask_extension(ctx, period.id, ctx.today + timedelta(days=5 + which * 7), "困难")
    elif name in ("grant", "refuse"):
        ledger.decide_extension(ctx, period.id, grant=name == "grant")
    elif sheet and name == "acknowledge":
        ledger.acknowledge(ctx, sheet.id)
    elif sheet:
        ledger.instruct(ctx, sheet.id, "抓紧", ctx.today + timedelta(days=which))


def _deliver(ctx: LedgerContext, gets_through: bool) -> None:
    for message in message_queue.lease(ctx, 100):
        assert ctx.work_time.may_send(ctx.now)
        if gets_through:
            sent(ctx, message)
        else:
            failed(ctx, message)


def _check(ctx: LedgerContext, swept: bool) -> None:
    periods = ctx.session.execute(select(Period)).scalars().all()
    alerts = ctx.session.execute(select(Alert).where(Alert.period_id.is_not(None))).scalars().all()
    _nothing_is_forgotten(ctx, periods, alerts, swept)
    _nobody_is_pestered(ctx, alerts)


def _nothing_is_forgotten(ctx: LedgerContext, periods: Sequence[Period], alerts: Sequence[Alert], swept: bool) -> None:
    health = ledger.health(ctx)
    assert (health["overlooked"] if swept else 0, health["unarmed"]) == (0, 0)
    told = {(alert.period_id, alert.rung) for alert in alerts}
    for period in periods:
        assert len(period.fired) == len(set(period.fired)), period.fired
        # A rung recorded is a rung spoken, also one of a limit that is no more.
        assert {(period.id, OF_A_LIMIT.sub("", key)) for key in period.fired} <= told
        assert (period.state == PeriodState.CLOSED) == (period.next_step_at is None)
    sheets = select(Escalation).where(Escalation.state.in_(["open", "acknowledged"]))
    live = Counter(sheet.period_id for sheet in ctx.session.execute(sheets).scalars())
    waiting = {period.id for period in periods if period.state == PeriodState.WAITING}
    assert set(live) <= waiting
    assert set(live.values()) <= {1}
    for alert in alerts:  # never put into a letter that had left already
        sent_at = ctx.session.get_one(QueuedMessage, alert.message_id).sent_at
        assert sent_at is None or alert.recorded_at <= sent_at


def _nobody_is_pestered(ctx: LedgerContext, alerts: Sequence[Alert]) -> None:
    letters = ctx.session.execute(select(QueuedMessage)).scalars().all()
    digests = [one for one in letters if one.key.startswith("digest-")]
    smooth = [one for one in digests if all(tried["result"] in ("sent", "moot") for tried in one.history)]
    assert max(Counter((one.person_id, one.day) for one in smooth).values(), default=0) <= 1
    left = Counter((one.person_id, ctx.work_time.day_of(one.sent_at)) for one in smooth if one.sent_at)
    assert max(left.values(), default=0) <= 1
    for one in letters:
        if one.next_try_at and one.state != "leased":
            assert ctx.work_time.may_send(one.next_try_at), (one.key, one.state, one.next_try_at)
    chases = Counter((alert.period_id, alert.limit_on, alert.recipient_id) for alert in alerts if alert.kind == "chase")
    assert max(chases.values(), default=0) <= 3
    for alert in alerts:
        if alert.rung.startswith("repeat#") and alert.kind == "warning" and alert.recorded_at == ctx.now:
            assert alert.period is not None
            assert ctx.now >= ctx.work_time.end_of(alert.period.due_on)


def _walk(open_context: ContextAt, steps: Sequence[Step]) -> None:
    now: datetime = at("2025-01-02T08:30")
    with open_context(now) as ctx:
        ledger.activate(ctx, PLAN)
        staff(ctx, [f"人{act}" for act in ACTS])
    for hours, name, which, gets_through in steps:
        now += timedelta(hours=hours)
        ledger.patrol(partial(open_context, now))
        with open_context(now) as ctx:
            _deliver(ctx, gets_through)
            _check(ctx, swept=True)
        with suppress(Refusal), open_context(now, f"人{name}") as ctx:
            _act(ctx, name, which)
        with open_context(now) as ctx:
            _check(ctx, swept=False)
    with open_context(now) as ctx:
        assert verify(ctx.session).broken_at is None


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=5, max_size=25))
def test_every_promise_holds_after_every_step(passing_desk: PassingDesk, steps: list[Step]) -> None:
    with passing_desk() as open_context:
        _walk(open_context, steps)


def test_a_silent_quarter_keeps_them_day_by_day(passing_desk: PassingDesk) -> None:
    with passing_desk() as open_context:
        _walk(open_context, [(24, "nothing", 0, True)] * 90)


def test_returned_again_and_again_the_nagging_goes_on(passing_desk: PassingDesk) -> None:
    """Each return starts the gaps of the nagging anew after the days for correcting, under keys of their own."""
    again = [(24, "submit", 0, True), (24, "return", 0, True), *[(24, "nothing", 0, True)] * 6]
    with passing_desk() as open_context:
        _walk(open_context, [(240, "nothing", 0, True)] * 4 + again * 3)
        with open_context(at("2025-06-01T09:00")) as ctx:
            (nagged,) = (period for period in ctx.session.execute(select(Period)).scalars() if period.round == 4)
            assert [key for key in nagged.fired if key.startswith("repeat#")] == [f"repeat#{n}" for n in range(1, 6)]
