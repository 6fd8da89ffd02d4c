"""The virtual clock: from one instant at which something is due to the next, through the ledger's own commands."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count

from db import ledger
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR, Ladders
from db.ledger.drafts import DRAFTS_AT, begin_drafts
from db.ledger.periods import open_due
from db.ledger.upcoming import all_duties, upcoming
from db.scratch import ScratchLedger, scratch_ledger
from foresight.simulation.actors import Actors
from foresight.simulation.checks import run_checks
from foresight.simulation.outcomes import escalations_of, papers_of, periods_of
from foresight.simulation.post import RecordingChannel
from foresight.simulation.records import read_records
from foresight.simulation.result import Simulation
from foresight.simulation.scenario import Scenario
from plan.model import Plan
from plan.policy import Policy
from plan.round_duties import with_round_duties
from rules.work_time import WorkTime
from text.refusals import Refusal

STARTS = time(9)
"""When on the first day the plan is activated."""
LONGEST = timedelta(days=3660)
WEEK = timedelta(days=7)
TIDY_WEEKS = 26
"""After so many weeks the tables are tidied; what a year of silence leaves dead would slow down the next."""


@dataclass(frozen=True, slots=True)
class NextDue:
    """The UTC instant at which the next of each kind is due; ``None`` for never."""

    opening: datetime | None
    step: datetime | None
    message: datetime | None
    action: datetime | None
    papers: datetime | None

    @property
    def at(self) -> datetime | None:
        """When the first of all is due."""
        known = (one for one in (self.opening, self.step, self.message, self.action, self.papers) if one is not None)
        return min(known, default=None)


def simulate(
    plan: Plan, scenario: Scenario, work_time: WorkTime, policy: Policy, first: date, last: date, ledger_url: str
) -> Simulation:
    """Supervise ``plan`` in a scratch ledger for a stretch of days, on a virtual clock.

    Args:
        plan: a checked plan.
        scenario: how everybody behaves.
        work_time: working days, hours and zone of the office.
        policy: the ladders and budgets.
        first: the day in the office's zone on which the plan is activated, at 09:00.
        last: the last day, simulated to its end.
        ledger_url: the URL of a database in whose cluster the scratch ledger is made.

    Raises:
        Refusal: ``simulation_backwards``, ``simulation_too_long``, ``scenario_rule_idle``, ``scratch_forbidden``.
    """
    if last < first:
        raise Refusal("simulation_backwards", first=first, last=last)
    if last - first > LONGEST:
        raise Refusal("simulation_too_long", days=(last - first).days, limit=LONGEST.days)
    scenario.check_against(with_round_duties(plan))
    with scratch_ledger(ledger_url) as scratch:
        return _Run(scratch, plan, scenario, work_time, policy).whole(first, last)


class _Run:
    def __init__(
        self, scratch: ScratchLedger, plan: Plan, scenario: Scenario, work_time: WorkTime, policy: Policy
    ) -> None:
        self._scratch, self._plan, self._scenario = scratch, plan, scenario
        # Nobody uploads a file in a simulation: naming it is enough.
        named = {
            "evidence": policy.evidence.model_copy(update={"kept": False}),
            "closure": policy.closure.model_copy(update={"evidence": False}),
        }
        self._work_time, self._policy = work_time, policy.model_copy(update=named)
        # One for the whole run: nobody else writes to this ledger, so what was read of a ladder stays true.
        self._ladders = Ladders()
        self._actors = Actors(scenario, work_time)
        self._channel = RecordingChannel(scenario.outages)
        self._instants = 0
        self._papers_at: datetime | None = None

    def whole(self, first: date, last: date) -> Simulation:
        # In UTC: before 1901 the offset of Shanghai has seconds, which not everybody along the way keeps.
        now = datetime.combine(first, STARTS, self._work_time.zone).astimezone(UTC)
        # The end itself is the next day's midnight, at which that day's periods would open.
        end = self._work_time.end_of(last) - timedelta(seconds=1)
        with self._scratch.transaction():
            ledger.activate(self._context(now), self._plan, without_supervisors=True)
            self._actors.appear(self._context(now), with_round_duties(self._plan))
            # As long as somebody holds them the session knows them, and no command loads them again.
            self._known = all_duties(self._context(now))
            self._papers_at = self._next_morning(first)
            following = self._next_due(now)
        weeks = count(1)
        while following.at is not None and following.at <= end:
            with self._scratch.transaction():  # nobody else writes to this ledger: one transaction serves a week
                now, following = self._go_on(now, following, min(end, following.at + WEEK))
            if next(weeks) % TIDY_WEEKS == 0:
                self._scratch.tidy()
        with self._scratch.transaction():
            return self._result(self._context(end), first, last)

    def _result(self, ctx: LedgerContext, first: date, last: date) -> Simulation:
        records = read_records(ctx, self._channel.sent)
        return Simulation(
            scenario=self._scenario.title,
            about=self._scenario.about,
            plan=self._plan.inspection.title,
            organisation=self._plan.inspection.organisation,
            first=first,
            last=last,
            letters=tuple(self._channel.sent),
            failures=tuple(self._channel.failed),
            acts=tuple(records.acts),
            refused=tuple(self._actors.refused),
            periods=periods_of(records),
            sheets=escalations_of(records),
            papers=papers_of(records),
            checks=run_checks(records),
            instants=self._instants,
        )

    def _context(self, now: datetime, actor: str = SYSTEM_ACTOR) -> LedgerContext:
        return LedgerContext(self._scratch.session, self._work_time, self._policy, now, actor, self._ladders)

    def _context_at(self, now: datetime, actor: str = SYSTEM_ACTOR) -> AbstractContextManager[LedgerContext]:
        """A context where a command wants to open one: within the transaction of the instant."""
        return nullcontext(self._context(now, actor))

    def _go_on(self, now: datetime, next_due: NextDue, until: datetime) -> tuple[datetime, NextDue]:
        """Go from instant to instant up to ``until``; returns the last one and what is due after it."""
        while (due := next_due.at) is not None and due <= until:
            now = max(now, due)
            if next_due.papers == due and not self._put_papers_before_the_office(self._context(now)):
                next_due = replace(next_due, papers=self._papers_at)
                continue
            self._instants += 1
            next_due = self._instant(now, self._next_due(now) if next_due.papers == due else next_due)
        return now, next_due

    def _instant(self, now: datetime, next_due: NextDue) -> NextDue:
        """Do all that is due at ``now``, of which ``next_due`` saw the first; returns what is due after it."""
        while next_due.at is not None and next_due.at <= now:
            self._step(now, next_due)
            next_due = self._next_due(now)
        return next_due

    def _next_due(self, now: datetime) -> NextDue:
        """What is due when; people first notice what is new."""
        ctx = self._context(now)
        found = upcoming(ctx)
        self._actors.notice_new(ctx, found)
        return NextDue(found.opens_at, found.step_at, found.message_at, self._actors.next_at, self._papers_at)

    def _step(self, now: datetime, next_due: NextDue) -> None:
        """Do one kind of thing that is due: periods open, people act, steps fire and their letters leave."""
        # One kind a time, in the order in which a day goes: what one leads to is seen before the next.
        if next_due.opening is not None and next_due.opening <= now:
            open_due(self._context(now), timedelta(0))
        elif next_due.action is not None and next_due.action <= now:
            self._actors.act(self._context_at, now)
        elif next_due.step is not None and next_due.step <= now:
            ledger.patrol(partial(self._context_at, now))
            self._channel.deliver(self._context(now))
        elif (
            not self._channel.deliver(ctx := self._context(now)) and (left := upcoming(ctx).message_at) and left <= now
        ):
            # What found another way may wait for its hour; without this the clock would stand still for ever.
            raise RuntimeError(f"letters are due at {now} and none may leave")

    def _put_papers_before_the_office(self, ctx: LedgerContext) -> int:
        """What the flow ``compile`` does every morning, of each paper that the policy names; how many wait since."""
        self._papers_at = self._next_morning(ctx.today)
        return sum(begin_drafts(ctx, paper) for paper in self._policy.papers)

    def _next_morning(self, day: date) -> datetime | None:
        """When after ``day`` it is looked for papers again; never where the policy names none."""
        morning = datetime.combine(day + timedelta(days=1), DRAFTS_AT, self._work_time.zone).astimezone(UTC)
        return morning if self._policy.papers else None
