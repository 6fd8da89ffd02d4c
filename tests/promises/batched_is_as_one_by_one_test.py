"""Commands carried out in a batch leave the ledger they leave one after the other: rows, letters, audit chain."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.batch import batched
from db.models import Alert, AuditEntry, Escalation, Extension, Measure, Period, QueuedMessage, Submission
from tests.conftest import ContextAt, at, staff
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import PassingDesk
from text.refusals import Refusal

PLAN = plan_of(
    measure("01-1", duties=[duty("weekly", cadence="weekly", title="每周调度")]),
    measure("02-1", duties=[duty(), duty("quarterly", cadence="quarterly", title="季度报送")]),
    measure("03-1", duties=[duty("finish", kind="finish", cadence="once", due_on="2025-02-14", title="完成")]),
)
ACTIVATED, NOW = at("2025-01-02T08:30"), at("2025-03-20T10:00")
PATROLS = [at(f"2025-{day}T09:00") for day in ("01-09", "01-20", "02-10", "02-21", "03-03", "03-19")]
COLUMNS = {
    Period: (
        "id",
        "state",
        "round",
        "repeats",
        "last_fired_on",
        "submitted_on",
        "hold_until",
        "next_step_at",
        "due_on",
    ),
    Submission: ("period_id", "round", "body", "finished", "submitted_by", "accepted", "reason", "reviewed_by"),
    Escalation: ("id", "state", "acknowledged_by", "acknowledged_until", "instruction", "new_limit_on"),
    Extension: ("period_id", "new_due_on", "reason", "asked_by", "granted", "decided_by"),
    QueuedMessage: ("key", "person_id", "day", "severity", "state", "next_try_at"),
    Alert: ("period_id", "rung", "recipient_id", "kind", "level", "note", "fell_due_at"),
    Measure: ("code", "work_state"),
}
Act = tuple[str, int]
ACTS: dict[str, Callable[[LedgerContext, int], object]] = {
    "report": lambda ctx, period: ledger.submit(ctx, period, Report(body="已办", percent=100, finished=True)),
    "accept": lambda ctx, period: ledger.review(ctx, period, accept=True),
    "return": lambda ctx, period: ledger.review(ctx, period, accept=False, reason="请补充"),
    "acknowledge": lambda ctx, period: ledger.acknowledge(ctx, _sheet(ctx, period)),
    "instruct": lambda ctx, period: ledger.instruct(ctx, _sheet(ctx, period), "抓紧", date(2025, 3, 27)),
    "refuse": lambda ctx, period: ledger.decide_extension(ctx, period, grant=False),
}


def _sheet(ctx: LedgerContext, period: int) -> int:
    """The last sheet of a period, whatever its state; none is a refusal of its own."""
    query = select(Escalation.id).where(Escalation.period_id == period).order_by(Escalation.id.desc()).limit(1)
    if (found := ctx.session.execute(query).scalar()) is None:
        raise Refusal("extension_none", period=str(period))
    return found


def _carry_out(ctx: LedgerContext, periods: Sequence[int], acts: Sequence[Act]) -> Iterator[str]:
    """Everybody acts under his own name; what is refused is said."""
    for number, (name, which) in enumerate(acts):
        try:
            ACTS[name](replace(ctx, actor=f"人{number}"), periods[which % len(periods)])
        except Refusal as refusal:
            yield str(refusal)


def _alone(ctx: LedgerContext, _periods: Sequence[int]) -> AbstractContextManager[LedgerContext]:
    return nullcontext(ctx)


def _until_march(open_context: ContextAt) -> None:
    """Ten weeks in which nobody reports."""
    with open_context(ACTIVATED) as ctx:
        ledger.activate(ctx, PLAN)
        staff(ctx)
    for moment in PATROLS:
        ledger.patrol(partial(open_context, moment))


def _ledger(ctx: LedgerContext) -> dict[str, list[tuple[Any, ...]]]:
    ctx.session.flush()
    ctx.session.expire_all()
    return {
        # Which rows it wrote is stated once, after all commands, and replayed by the tests of the trail.
        "trail": [
            (one.id, one.actor, one.command, one.subject, one.facts | {"rows": None})
            for one in sorted(_rows(ctx, AuditEntry), key=lambda entry: entry.id)
        ]
    } | {
        model.__name__: sorted((tuple(getattr(row, name) for name in names) for row in _rows(ctx, model)), key=repr)
        for model, names in COLUMNS.items()
    }


def _rows(ctx: LedgerContext, model: type[Any]) -> Sequence[Any]:
    return ctx.session.execute(select(model)).scalars().all()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 12)), min_size=1, max_size=14))
def test_whatever_people_do_in_one_instant(passing_desk: PassingDesk, acts: list[Act]) -> None:
    with passing_desk() as open_context:
        _until_march(open_context)
        with open_context(NOW, "经办人") as ctx:
            periods = [period.id for period in ledger.open_periods(ctx.session)]
            for period in periods[::3]:
                with suppress(Refusal):
                    ledger.ask_extension(ctx, period, date(2025, 4, 15), "工作量大")
        with open_context(NOW) as ctx:
            left = []
            for way in (_alone, batched):
                with ctx.session.begin_nested() as trial:
                    with way(ctx, periods) as one:
                        refused = list(_carry_out(one, periods, acts))
                    left.append((refused, _ledger(ctx)))
                    trial.rollback()
    assert left[0] == left[1]


def test_many_words_of_one_instant_leave_in_one_letter(passing_desk: PassingDesk) -> None:
    with passing_desk() as open_context:
        _until_march(open_context)
        with open_context(NOW, "书记") as ctx:
            sheets = {one.period_id: one.id for one in _rows(ctx, Escalation) if one.state == "open"}
            assert len(sheets) > 2
            with batched(ctx, sheets) as ctx:
                for sheet in sheets.values():
                    ledger.instruct(ctx, sheet, "抓紧", date(2025, 3, 27))
                assert [alert for alert in _rows(ctx, Alert) if alert.rung.startswith("instructed")] == []
        with open_context(NOW) as ctx:
            told = [alert for alert in _rows(ctx, Alert) if alert.rung.startswith("instructed")]
            letters = {(alert.recipient_id, alert.message_id) for alert in told}
            assert {alert.period_id for alert in told} == set(sheets)
            assert len(letters) == len({recipient for recipient, _ in letters}) > 1
