"""The virtual clock: from one instant at which something is due to the next, through the ledger's own commands."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, joinedload

from db import ledger
from db.ledger import LedgerContext
from db.ledger.context import Ladders
from db.ledger.periods import open_due
from db.models import Duty, Escalation, Period, QueuedMessage
from foresight.simulation.cast import Cast
from foresight.simulation.checks import run_checks
from foresight.simulation.collect import periods_of, sheets_of
from foresight.simulation.post import Post
from foresight.simulation.records import read
from foresight.simulation.result import Simulation
from foresight.simulation.scenario import Scenario
from foresight.simulation.scratch import scratch, tidy
from plan.model import Plan
from plan.policy import Policy
from rules.work_time import WorkTime
from text.refusals import Refusal

SYSTEM_ACTOR = "督办引擎"
STARTS = time(9)
"""When on the first day the plan is activated."""
LONGEST = timedelta(days=3660)
WEEK = timedelta(days=7)
TIDY_WEEKS = 26
"""After so many weeks the tables are tidied; what a year of silence leaves dead would slow down the next."""

_LOOK = select(
    select(func.min(Duty.next_opens_at)).scalar_subquery().label("opens"),
    select(func.min(Period.next_step_at)).scalar_subquery().label("steps"),
    select(func.min(QueuedMessage.next_try_at)).scalar_subquery().label("letters"),
    select(func.max(Period.id)).scalar_subquery().label("last_period"),
    select(func.max(Escalation.id)).scalar_subquery().label("last_sheet"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """When the next of each kind is due; ``None`` for never."""

    opens: datetime | None
    steps: datetime | None
    letters: datetime | None
    acts: datetime | None

    @property
    def due(self) -> datetime | None:
        """When the first of all is due."""
        return min((one for one in (self.opens, self.steps, self.letters, self.acts) if one is not None), default=None)


def simulate(
    plan: Plan, scenario: Scenario, work_time: WorkTime, policy: Policy, first: date, last: date, ledger_url: str
) -> Simulation:
    """Supervise ``plan`` from ``first`` (09:00) to the end of ``last``, in a scratch ledger beside ``ledger_url``.

    Raises ``Refusal``: ``simulation_backwards``, ``simulation_too_long``, ``scenario_rule_idle``,
    ``scratch_forbidden``.
    """
    if last < first:
        raise Refusal("simulation_backwards", first=first, last=last)
    if last - first > LONGEST:
        raise Refusal("simulation_too_long", days=(last - first).days, limit=LONGEST.days)
    scenario.check_against(plan)
    with scratch(ledger_url) as engine, Session(engine, expire_on_commit=False) as session:
        return _Run(engine, session, plan, scenario, work_time, policy).whole(first, last)


class _Run:
    def __init__(
        self, engine: Engine, session: Session, plan: Plan, scenario: Scenario, work_time: WorkTime, policy: Policy
    ) -> None:
        self._engine, self._session, self._plan, self._scenario = engine, session, plan, scenario
        self._work_time, self._policy = work_time, policy
        self._ladders = Ladders()
        self._cast = Cast(scenario, work_time)
        self._post = Post(scenario, plan.inspection.organisation)
        self._instants = 0

    def whole(self, first: date, last: date) -> Simulation:
        now = datetime.combine(first, STARTS, self._work_time.zone)
        end = self._work_time.end_of(last) - timedelta(seconds=1)
        with self._session.begin():
            ledger.activate(self._context(now), self._plan)
            # As long as somebody holds them the session knows them, and no command loads them again.
            self._known = self._session.execute(select(Duty).options(joinedload(Duty.measure))).scalars().all()
            following = self._look(now)
        weeks = count(1)
        while following.due is not None and following.due <= end:
            with self._session.begin():  # nobody else writes to this ledger: one transaction serves a week
                now, following = self._go_on(now, following, min(end, following.due + WEEK))
            if next(weeks) % TIDY_WEEKS == 0:
                tidy(self._engine)
        with self._session.begin():
            return self._result(self._context(end), first, last)

    def _result(self, ctx: LedgerContext, first: date, last: date) -> Simulation:
        records = read(ctx, self._post.sent)
        return Simulation(
            scenario=self._scenario.title,
            about=self._scenario.about,
            plan=self._plan.inspection.title,
            organisation=self._plan.inspection.organisation,
            first=first,
            last=last,
            letters=tuple(self._post.sent),
            failures=tuple(self._post.failed),
            acts=tuple(records.acts),
            refused=tuple(self._cast.refused),
            periods=periods_of(records),
            sheets=sheets_of(ctx, records),
            checks=run_checks(records),
            instants=self._instants,
        )

    def _context(self, now: datetime, actor: str = SYSTEM_ACTOR) -> LedgerContext:
        return LedgerContext(self._session, self._work_time, self._policy, now, actor, self._ladders)

    def _context_at(self, now: datetime, actor: str = SYSTEM_ACTOR) -> AbstractContextManager[LedgerContext]:
        """A context where a command wants to open one: within the transaction of the instant."""
        return nullcontext(self._context(now, actor))

    def _go_on(self, now: datetime, look: Look, until: datetime) -> tuple[datetime, Look]:
        """Go from instant to instant up to ``until``; returns the last one and what is due after it."""
        while (due := look.due) is not None and due <= until:
            now = max(now, due)
            self._instants += 1
            look = self._instant(now, look)
        return now, look

    def _instant(self, now: datetime, look: Look) -> Look:
        """Do all that is due at ``now``, of which ``look`` saw the first; returns what is due after it."""
        while look.due is not None and look.due <= now:
            self._step(now, look)
            look = self._look(now)
        return look

    def _look(self, now: datetime) -> Look:
        """What is due when; people first notice what is new."""
        ctx = self._context(now)
        row: Any = ctx.connection.execute(_LOOK).one()
        self._cast.meet(ctx, row.last_period or 0, row.last_sheet or 0)
        return Look(row.opens, row.steps, row.letters, self._cast.next_at)

    def _step(self, now: datetime, look: Look) -> None:
        """Do one kind of thing that is due: periods open, people act, the ladder climbs and its letters leave."""
        if look.opens is not None and look.opens <= now:
            open_due(self._context(now), timedelta(0))
        elif look.acts is not None and look.acts <= now:
            self._cast.act(self._context_at, now)
        elif look.steps is not None and look.steps <= now:
            ledger.patrol(partial(self._context_at, now))
            self._post.deliver(self._context(now))
        elif not self._post.deliver(self._context(now)):
            raise RuntimeError(f"letters are due at {now} and none may leave")
