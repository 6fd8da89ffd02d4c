"""The people of a simulation: what each will do and when, and doing it through the ledger's own commands."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from heapq import heappop, heappush

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.added_people import add_people
from db.ledger.batch import batched
from db.ledger.context import period_name
from db.ledger.evidence import StoredFile
from db.ledger.known_names import known_names
from db.ledger.parts import awaited_parts, posts_of
from db.ledger.release import release_paper
from db.ledger.upcoming import (
    AskedStage,
    NewDraft,
    Upcoming,
    asked_in_stages,
    drafts_after,
    escalations_after,
    periods_after,
)
from foresight.simulation.result import Refused
from foresight.simulation.scenario import Behaviour, DutyFacts, Scenario, When
from plan.model import Plan
from plan.policy import Offset
from plan.types import AlertKind, DutyKind, LookbackResult, PeriodState
from rules.actors import folded
from rules.ladder import shift
from rules.work_time import WorkTime
from text.catalogue import phrase
from text.limits import LONGEST_NAME
from text.refusals import Refusal

AFTER_OPENING = timedelta(minutes=90)
"""When in the day people act: letters of the morning are read by then."""
GATHERING_WORKDAYS = 2
"""How long before the lead unit reports the others give their parts."""
REVIEWER, DECIDER = "整改办", "分管领导"
EVIDENCE = ("模拟佐证材料",)
_UNIT_MOST = LONGEST_NAME - len("经办人")
ContextAt = Callable[[datetime, str], AbstractContextManager[LedgerContext]]
"""Opens a context for an instant and an actor."""


def handler_of(unit: str) -> str:
    """Who reports for ``unit``, the name of a lead unit, in a simulation."""
    return f"{unit[:_UNIT_MOST]}经办人"


@dataclass(slots=True)
class SimulatedPeriod:
    """A period as its people see it.

    Dates are days in the office's zone. ``report_at`` is the one instant at which the unit means to report,
    ``escalation`` the id of that which waits for a supervisor, 0 for none. ``gathered``: other units give parts of it.
    ``paper``: what the office releases is the report, and the unit hands in none of its own.
    """

    period_id: int
    name: str
    unit: str
    finishing: bool
    opens_on: date
    due_on: date
    behaviour: Behaviour
    gathered: bool = False
    returned: int = 0
    report_at: datetime | None = None
    escalation: int = 0
    paper: NewDraft | None = None


@dataclass(order=True, slots=True)
class PlannedAction:
    """Something a person will do; actions of one instant happen in the order in which they were decided."""

    at: datetime
    number: int
    name: str = field(compare=False)
    period: SimulatedPeriod | None = field(compare=False)
    escalation: int = field(compare=False, default=0)
    actor: str = field(compare=False, default="")
    stage: str = field(compare=False, default="")
    """The question of a closure or of a look-back that it answers, as ``asked_in_stages`` names it."""
    paper: NewDraft | None = field(compare=False, default=None)
    """What it releases."""


class Actors:
    """Everybody who acts, and their diary."""

    def __init__(self, scenario: Scenario, work_time: WorkTime) -> None:
        self._scenario, self._work_time = scenario, work_time
        self._diary: list[PlannedAction] = []
        self._periods: dict[int, SimulatedPeriod] = {}
        self._seen: Counter[int] = Counter()
        self._last_period = self._last_escalation = self._last_stage = self._last_draft = 0
        self._number = 0
        self._stages: set[str] = set()
        self._turned: Counter[str] = Counter()
        self._papers: Counter[str] = Counter()
        self.refused: list[Refused] = []

    @property
    def next_at(self) -> datetime | None:
        """When somebody acts next."""
        return self._diary[0].at if self._diary else None

    def appear(self, ctx: LedgerContext, plan: Plan) -> None:
        """Let those act who are no posts of the plan; supervisors are.

        Args:
            ctx: the simulated ledger at the instant of activation.
            plan: what it supervises.
        """
        cast = [REVIEWER, DECIDER, *(handler_of(unit.name) for unit in plan.units.values())]
        known = set(known_names(ctx.session, ctx.today))
        if new := [name for name in dict.fromkeys(cast) if folded(name) not in known]:
            add_people(ctx, new)

    def notice_new(self, ctx: LedgerContext, newest: Upcoming) -> None:
        """Notice the periods, the escalations, the stages of closure and the papers that came since the last time.

        Args:
            ctx: the simulated ledger at the instant.
            newest: what it holds by now.
        """
        if newest.last_period > self._last_period:
            self._notice_periods(ctx)
            self._last_period = newest.last_period
        if newest.last_escalation > self._last_escalation:
            self._notice_escalations(ctx)
            self._last_escalation = newest.last_escalation
        if newest.last_stage > self._last_stage:
            self._notice_stages(ctx)
            self._last_stage = newest.last_stage
        if newest.last_draft > self._last_draft:
            self._notice_drafts(ctx)
            self._last_draft = newest.last_draft

    def act(self, in_ledger: ContextAt, now: datetime) -> None:
        """Do all that people meant to do by now; what the ledger refuses is noted with its reason.

        Args:
            in_ledger: opens a context.
            now: an aware instant.
        """
        with in_ledger(now, "") as ctx:
            # Again, because acting may put something into the diary for this very instant.
            while due := self._due(now):
                with batched(ctx, (action.period.period_id for action in due if action.period)) as together:
                    for action in due:
                        if action.period is not None:
                            self._do(together, action, action.period)
                for action in due:
                    if action.paper is not None:
                        self._release(replace(ctx, actor=action.actor), action, action.paper)
                    elif action.period is None:
                        self._do_stage(ctx, action)

    def _due(self, now: datetime) -> list[PlannedAction]:
        """The actions of this instant, out of the diary; what they lead to at once comes next."""
        due = []
        while self._diary and self._diary[0].at <= now:
            due.append(heappop(self._diary))
        return due

    def _do(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        if action.name == "report" and period.report_at != action.at:
            return  # the limit moved meanwhile, and the plan with it
        if action.escalation and period.escalation != action.escalation:
            return  # a report came in, or a higher escalation took over
        try:
            _ACTIONS[action.name](self, replace(ctx, actor=action.actor), action, period)
        except Refusal as refusal:  # which changes nothing, so the others of this instant go on
            self.refused.append(Refused(ctx.now, action.actor, action.name, period.name, str(refusal)))

    def _do_stage(self, ctx: LedgerContext, action: PlannedAction) -> None:
        asked = next((one for one in asked_in_stages(ctx) if one.question == action.stage), None)
        if asked is None or not asked.people:
            return
        ctx = replace(ctx, actor=asked.people[0])
        try:
            if asked.lookback:
                rebounds = any(fnmatchcase(asked.measure, one) for one in self._scenario.closing.rebounds)
                first = rebounds and self._first(f"look-back {asked.measure}")
                result = LookbackResult.REBOUNDED if first else LookbackResult.HOLDS
                ledger.look_back(ctx, asked.id, result, "已到现场查看")
            else:
                self._take_stage(ctx, asked)
        except Refusal as refusal:
            self.refused.append(Refused(ctx.now, ctx.actor, action.name, asked.measure, str(refusal)))

    def _take_stage(self, ctx: LedgerContext, asked: AskedStage) -> None:
        does = self._scenario.closing
        if asked.asks == "acceptance" and self._turned[f"return {asked.id}"] < does.returned:
            self._turned[f"return {asked.id}"] += 1
            ledger.send_back(ctx, asked.id, "self-check", "情况不清，请补充")
        elif asked.asks == "publicity" and does.objection and self._first(f"objection {asked.id}"):
            ledger.object_to(ctx, asked.id, "居民", does.objection)
        else:
            _STAGES[asked.asks](ctx, asked.id)

    def _first(self, what: str) -> bool:
        self._turned[what] += 1
        return self._turned[what] == 1

    def _notice_periods(self, ctx: LedgerContext) -> None:
        for row in periods_after(ctx, self._last_period):
            self._seen[row.duty_id] += 1
            # Unchecked: the ledger's own words need no validation, and a year has hundreds of periods.
            facts = DutyFacts.model_construct(
                measure=row.measure, unit=row.unit, kind=row.kind, cadence=row.cadence, duty=row.duty
            )
            behaviour = self._scenario.behaviour(facts, self._seen[row.duty_id])
            name = period_name(row.measure, row.duty_title, row.label)
            finishing = row.kind == DutyKind.FINISH and behaviour.percent == 100
            period = SimulatedPeriod(
                row.id, name, row.unit, finishing, row.opens_on, row.due_on, behaviour, row.gathered
            )
            self._periods[row.id] = period
            self._mean_to_report(period, ctx)
            if behaviour.ask:
                self._plan("ask", period, self._day(period, behaviour.ask), ctx, handler_of(period.unit))

    def _notice_escalations(self, ctx: LedgerContext) -> None:
        for row in escalations_after(ctx, self._last_escalation):
            period = self._periods[row.period_id]
            period.escalation = row.id
            does = period.behaviour
            answer = {AlertKind.INTERVIEW: "interview", AlertKind.CIRCULAR: "circulate"}.get(row.kind, "instruct")
            for name, delay in (("acknowledge", does.acknowledge), (answer, does.instruct)):
                if delay is not None:
                    self._plan(name, period, self._later(delay, ctx), ctx, row.supervisor, row.id)

    def _notice_stages(self, ctx: LedgerContext) -> None:
        does = self._scenario.closing
        for asked in asked_in_stages(ctx):
            delay = does.lookback if asked.lookback else does.after
            if asked.question in self._stages or delay is None:
                continue
            self._stages.add(asked.question)
            # In publicity there is nothing to do before its last day is over, but to object.
            objects = does.objection and not self._turned[f"objection {asked.id}"]
            start = max(asked.not_before or ctx.today, ctx.today) if not objects else ctx.today
            self._plan("stage", None, shift(start, delay, self._work_time.calendar), ctx, "", stage=asked.question)

    def _notice_drafts(self, ctx: LedgerContext) -> None:
        for paper in drafts_after(ctx, self._last_draft):
            self._papers[paper.kind] += 1
            if paper.period_id is not None:
                period = self._periods[paper.period_id]
                period.paper, period.report_at = paper, None
            delay = self._scenario.papers.delay(paper.kind, self._papers[paper.kind])
            if delay is not None:
                self._plan("release", None, self._later(delay, ctx), ctx, REVIEWER, paper=paper)

    def _mean_to_report(self, period: SimulatedPeriod, ctx: LedgerContext) -> None:
        if period.behaviour.report:
            day = self._day(period, period.behaviour.report)
            period.report_at = self._plan("report", period, day, ctx, handler_of(period.unit))
            # Other units are as good as the one that leads them: what it reports with, they have given before.
            if period.gathered:
                ahead = self._work_time.calendar.add_workdays(day, -GATHERING_WORKDAYS)
                self._plan("gather", period, ahead, ctx, handler_of(period.unit))

    def _day(self, period: SimulatedPeriod, when: When) -> date:
        """The working day of ``when``: what is meant to come before a limit never slips behind it."""
        calendar = self._work_time.calendar
        day = shift(period.opens_on if when.anchor == "open" else period.due_on, when.offset, calendar)
        # As the ladder's warnings move (domain.md 7.1).
        ahead = when.anchor == "due" and when.offset.count <= 0
        return calendar.previous_workday(day) if ahead else calendar.next_workday(day)

    def _later(self, delay: Offset, ctx: LedgerContext) -> date:
        return shift(ctx.today, delay, self._work_time.calendar)

    def _plan(
        self,
        name: str,
        period: SimulatedPeriod | None,
        day: date,
        ctx: LedgerContext,
        actor: str,
        escalation: int = 0,
        stage: str = "",
        paper: NewDraft | None = None,
    ) -> datetime:
        """Put an act into the diary: on ``day``, or as soon as people are at work when that is over."""
        calendar, work_time = self._work_time.calendar, self._work_time
        at = work_time.at_opening(calendar.next_workday(max(day, ctx.today))) + AFTER_OPENING
        # Decided after the hour at which people act: the next working day is the first that can be meant.
        if at < ctx.now:
            at = work_time.at_opening(calendar.next_workday(ctx.today + timedelta(days=1))) + AFTER_OPENING
        self._number += 1
        heappush(self._diary, PlannedAction(at, self._number, name, period, escalation, actor, stage, paper))
        return at

    def _report(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        does = period.behaviour
        report = Report(body=does.text, percent=does.percent, finished=period.finishing, evidence=EVIDENCE)
        ledger.submit(ctx, period.period_id, report)
        # The report ended the escalation: what its supervisor still means to do is dropped.
        period.report_at, period.escalation = None, 0
        if does.review is not None:
            self._plan("review", period, self._later(does.review, ctx), ctx, REVIEWER)

    def _release(self, ctx: LedgerContext, action: PlannedAction, paper: NewDraft) -> None:
        """Release a paper by the ledger's own command, which numbers it and hands it in for the period it answers.

        What is left out is the document: nothing of it decides what a release does, and to write it in Word each time
        would take longer than all the rest. The command is told of a file by its name and digest, as by any door; what
        a paper says of a ledger, and that an office's templates hold, is compiled in earnest by ``duban compile``.
        """
        period = self._periods[paper.period_id] if paper.period_id is not None else None
        title = phrase(f"paper.{paper.kind}")
        name = f"{title} · {paper.sheet or paper.span.label}"
        content = f"{name} {period.returned if period else 0}".encode()
        file = StoredFile(f"{name}.docx", "docx", len(content), sha256(content).hexdigest())
        try:
            released = release_paper(ctx, paper.kind, title, paper.inspection, paper.span, file, paper.sheet)
        except Refusal as refusal:
            self.refused.append(Refused(ctx.now, ctx.actor, action.name, name, str(refusal)))
            return
        if period is None or released.period is None or released.period.state != PeriodState.SUBMITTED:
            return
        period.escalation = 0  # as with any report
        if period.behaviour.review is not None:
            # Whoever handed it in does not review it.
            self._plan("review", period, self._later(period.behaviour.review, ctx), ctx, DECIDER)

    def _gather(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        for part in awaited_parts(ctx, period.period_id):
            if names := ctx.asked_names(posts_of(part)):
                ledger.give_part(replace(ctx, actor=names[0]), part.id, period.behaviour.text)

    def _review(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        does = period.behaviour
        accept = period.returned >= does.returned
        reason = "" if accept else "情况不清，请补充"
        period.due_on = ledger.review(ctx, period.period_id, accept=accept, reason=reason).due_on
        if not accept:
            period.returned += 1
            day = self._later(does.again, ctx)
            if period.paper is not None:
                self._plan("release", None, day, ctx, REVIEWER, paper=period.paper)
            else:
                period.report_at = self._plan("report", period, day, ctx, handler_of(period.unit))

    def _ask(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        does = period.behaviour
        until = shift(period.due_on, does.longer, self._work_time.calendar)
        ledger.ask_extension(ctx, period.period_id, until, "工作量大，需要更多时间")
        if does.decide is not None:
            self._plan("decide", period, self._later(does.decide, ctx), ctx, DECIDER)

    def _decide(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        extension = ledger.decide_extension(ctx, period.period_id, grant=period.behaviour.grant)
        if extension.granted:
            period.due_on = extension.new_due_on
            if period.report_at:
                self._mean_to_report(period, ctx)

    def _acknowledge(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        ledger.acknowledge(ctx, action.escalation)

    def _instruct(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        ledger.instruct(ctx, action.escalation, "请抓紧办理并按新时限报送", self._later(period.behaviour.limit, ctx))
        period.escalation = 0

    def _interview(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        limit = self._later(period.behaviour.limit, ctx)
        ledger.hold_interview(ctx, action.escalation, ctx.today, period.unit, "请说明原因，按新时限报送", limit)
        period.escalation = 0

    def _circulate(self, ctx: LedgerContext, action: PlannedAction, period: SimulatedPeriod) -> None:
        ledger.circulate(
            ctx, action.escalation, "请立即报送，其他单位引以为戒", self._later(period.behaviour.limit, ctx)
        )
        period.escalation = 0


_STAGES: dict[str, Callable[[LedgerContext, int], object]] = {
    "self-check": lambda ctx, closure: ledger.self_check(ctx, closure, "对照目标自查，均已完成"),
    "acceptance": lambda ctx, closure: ledger.accept_work(ctx, closure, "现场核实", ctx.today),
    "announcement": lambda ctx, closure: ledger.publish(ctx, closure, ctx.today, "网站"),
    "publicity": ledger.end_publicity,
    "objection": lambda ctx, closure: ledger.answer_objection(ctx, closure, "经核实，不成立"),
    "sign-off": lambda ctx, closure: ledger.sign_off(ctx, closure, "同意"),
    "filing": lambda ctx, closure: ledger.file_closure(ctx, closure, f"{closure}号"),
}
_ACTIONS: dict[str, Callable[[Actors, LedgerContext, PlannedAction, SimulatedPeriod], None]] = {
    "report": Actors._report,
    "gather": Actors._gather,
    "review": Actors._review,
    "ask": Actors._ask,
    "decide": Actors._decide,
    "acknowledge": Actors._acknowledge,
    "instruct": Actors._instruct,
    "interview": Actors._interview,
    "circulate": Actors._circulate,
}
