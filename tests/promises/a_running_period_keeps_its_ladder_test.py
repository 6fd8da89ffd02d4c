"""The policy is edited while a period runs: it climbs the ladder it opened with, the next one the new."""

from sqlalchemy import func, select

from db import ledger
from db.models import Alert, LadderSnapshot, Period
from plan.policy import Offset, Policy
from tests.conftest import ContextAt
from tests.promises.conftest import Activate


def _impatient(policy: Policy) -> Policy:
    """The same policy, yellow five working days after the due date instead of one."""
    rungs = tuple(
        rung.model_copy(update={"offset": Offset(count=5, unit="wd")}) if rung.key == "yellow" else rung
        for rung in policy.short.rungs
        if rung.key in ("open", "yellow")
    )
    return policy.model_copy(update={"short": policy.short.model_copy(update={"rungs": rungs})})


def test_an_edited_policy_counts_from_the_next_period_on(
    activated: Activate, ledger_at: ContextAt, policy: Policy
) -> None:
    activated("2025-02-03T09:00")
    edited = _impatient(policy)
    ledger.patrol(lambda: ledger_at("2025-03-04T09:00", rules=edited))
    with ledger_at("2025-03-05T09:00", "经办人") as ctx:  # else February would speak for March
        ledger.submit(ctx, 1, ledger.Report(body="已调度", percent=50))
    ledger.patrol(lambda: ledger_at("2025-04-09T09:00", rules=edited))
    with ledger_at("2025-04-09T09:00") as ctx:
        fired = dict(ctx.session.execute(select(Period.label, Period.fired)).tuples().all())
        assert fired["2025年2月"][:4] == ["open", "remind", "due", "yellow"]
        assert fired["2025年3月"] == ["open", "yellow"]
        assert ctx.session.scalar(select(func.count()).select_from(LadderSnapshot)) == 2
        yellows = select(Period.label, Alert.fell_due_at).join(Alert.period).where(Alert.rung == "yellow").distinct()
        days = {label: str(ctx.work_time.day_of(at)) for label, at in ctx.session.execute(yellows)}
        assert days == {"2025年2月": "2025-03-03", "2025年3月": "2025-04-08"}
