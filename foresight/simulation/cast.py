"""The people of a simulation: what each will do and when, and doing it through the ledger's own commands."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush

from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.batch import batched
from db.ledger.context import period_name
from db.models import Duty, Escalation, Measure, Period, Recipient
from foresight.simulation.result import Refused
from foresight.simulation.scenario import Behaviour, Facts, Scenario, When
from plan.policy import Offset
from plan.types import DutyKind
from rules.ladder import shift
from rules.work_time import WorkTime
from text.refusals import Refusal

AFTER_OPENING = timedelta(minutes=90)
"""When in the day people act: letters of the morning are read by then."""
REVIEWER, DECIDER = "整改办", "分管领导"
EVIDENCE = ("模拟佐证材料",)
ContextAt = Callable[[datetime, str], AbstractContextManager[LedgerContext]]
"""Opens a ctx, a transaction of its own, for an instant and an actor."""


@dataclass(slots=True)
class Matter:
    """A period as its people see it.

    ``report_at`` is the one instant at which the unit means to report, ``sheet`` the escalation that waits for a
    supervisor, 0 for none.
    """

    period_id: int
    name: str
    unit: str
    finishing: bool
    opens_on: date
    due_on: date
    behaviour: Behaviour
    returned: int = 0
    report_at: datetime | None = None
    sheet: int = 0


@dataclass(order=True, slots=True)
class Act:
    """Something a person will do; acts of one instant happen in the order in which they were decided."""

    at: datetime
    number: int
    name: str = field(compare=False)
    matter: Matter = field(compare=False)
    sheet: int = field(compare=False, default=0)
    actor: str = field(compare=False, default="")


class Cast:
    """Everybody who acts, and their diary."""

    def __init__(self, scenario: Scenario, work_time: WorkTime) -> None:
        self._scenario, self._work_time = scenario, work_time
        self._diary: list[Act] = []
        self._matters: dict[int, Matter] = {}
        self._seen: Counter[int] = Counter()
        self._last_period = self._last_sheet = self._number = 0
        self.refused: list[Refused] = []

    @property
    def next_at(self) -> datetime | None:
        """When somebody acts next."""
        return self._diary[0].at if self._diary else None

    def meet(self, ctx: LedgerContext, last_period: int, last_sheet: int) -> None:
        """Notice the periods and the escalations that came since the last time; the two ids are the newest there."""
        if last_period > self._last_period:
            self._meet_periods(ctx)
            self._last_period = last_period
        if last_sheet > self._last_sheet:
            self._meet_sheets(ctx)
            self._last_sheet = last_sheet

    def act(self, in_ledger: ContextAt, now: datetime) -> None:
        """Do all that people meant to do by ``now``; what the ledger refuses is noted with its reason."""
        with in_ledger(now, "") as ctx:
            while due := self._due(now):
                with batched(ctx, (act.matter.period_id for act in due)) as ctx:
                    for act in due:
                        self._do(ctx, act)

    def _due(self, now: datetime) -> list[Act]:
        """The acts of this instant, out of the diary; what they lead to at once comes next."""
        due = []
        while self._diary and self._diary[0].at <= now:
            due.append(heappop(self._diary))
        return due

    def _do(self, ctx: LedgerContext, act: Act) -> None:
        if act.name == "report" and act.matter.report_at != act.at:
            return  # the limit moved meanwhile, and the plan with it
        if act.sheet and act.matter.sheet != act.sheet:
            return  # a report came in, or a higher escalation took over
        try:
            _ACTS[act.name](self, replace(ctx, actor=act.actor), act)
        except Refusal as refusal:  # which changes nothing, so the others of this instant go on
            self.refused.append(Refused(ctx.now, act.actor, act.name, act.matter.name, str(refusal)))

    def _meet_periods(self, ctx: LedgerContext) -> None:
        query = (
            select(Period.id, Period.label, Period.opens_on, Period.due_on, Duty.id.label("duty_id"), Duty.key)
            .add_columns(Duty.kind, Duty.cadence, Duty.title, Measure.code, Measure.lead_unit)
            .join(Period.duty)
            .join(Duty.measure)
            .where(Period.id > self._last_period)
            .order_by(Period.id)
        )
        for row in ctx.session.execute(query):
            self._seen[row.duty_id] += 1
            facts = Facts.model_construct(
                measure=row.code, unit=row.lead_unit, kind=row.kind, cadence=row.cadence, duty=row.key
            )
            behaviour = self._scenario.behaviour(facts, self._seen[row.duty_id])
            name = period_name(row.code, row.title, row.label)
            finishing = row.kind == DutyKind.FINISH and behaviour.percent == 100
            matter = Matter(row.id, name, row.lead_unit, finishing, row.opens_on, row.due_on, behaviour)
            self._matters[row.id] = matter
            self._mean_to_report(matter, ctx)
            if behaviour.ask:
                self._note("ask", matter, self._day(matter, behaviour.ask), ctx, f"{matter.unit}经办人")

    def _meet_sheets(self, ctx: LedgerContext) -> None:
        query = (
            select(Escalation.id, Escalation.period_id, Recipient.name)
            .join(Recipient, Recipient.id == Escalation.recipients[0].as_integer())
            .where(Escalation.id > self._last_sheet, Escalation.state == "open")
            .order_by(Escalation.id)
        )
        for sheet, period_id, name in ctx.session.execute(query).tuples():
            matter = self._matters[period_id]
            matter.sheet = sheet
            for act, delay in (("acknowledge", matter.behaviour.acknowledge), ("instruct", matter.behaviour.instruct)):
                if delay is not None:
                    self._note(act, matter, self._later(delay, ctx), ctx, name, sheet)

    def _mean_to_report(self, matter: Matter, ctx: LedgerContext) -> None:
        if matter.behaviour.report:
            day = self._day(matter, matter.behaviour.report)
            matter.report_at = self._note("report", matter, day, ctx, f"{matter.unit}经办人")

    def _day(self, matter: Matter, when: When) -> date:
        """The working day of ``when``: what is meant to come before a limit never slips behind it."""
        calendar = self._work_time.calendar
        day = shift(matter.opens_on if when.anchor == "open" else matter.due_on, when.offset, calendar)
        ahead = when.anchor == "due" and when.offset.count <= 0
        return calendar.previous_workday(day) if ahead else calendar.next_workday(day)

    def _later(self, delay: Offset, ctx: LedgerContext) -> date:
        return shift(ctx.today, delay, self._work_time.calendar)

    def _note(self, name: str, matter: Matter, day: date, ctx: LedgerContext, actor: str, sheet: int = 0) -> datetime:
        """Put an act into the diary: on ``day``, or as soon as people are at work when that is over."""
        calendar, work_time = self._work_time.calendar, self._work_time
        at = work_time.at_opening(calendar.next_workday(max(day, ctx.today))) + AFTER_OPENING
        if at < ctx.now:
            at = work_time.at_opening(calendar.next_workday(ctx.today + timedelta(days=1))) + AFTER_OPENING
        self._number += 1
        heappush(self._diary, Act(at, self._number, name, matter, sheet, actor))
        return at

    def _report(self, ctx: LedgerContext, act: Act) -> None:
        matter, does = act.matter, act.matter.behaviour
        report = Report(body=does.text, percent=does.percent, finished=matter.finishing, evidence=EVIDENCE)
        ledger.submit(ctx, matter.period_id, report)
        matter.report_at, matter.sheet = None, 0
        if does.review is not None:
            self._note("review", matter, self._later(does.review, ctx), ctx, REVIEWER)

    def _review(self, ctx: LedgerContext, act: Act) -> None:
        matter, does = act.matter, act.matter.behaviour
        accept = matter.returned >= does.returned
        ledger.review(ctx, matter.period_id, accept=accept, reason="" if accept else "情况不清，请补充")
        if not accept:
            matter.returned += 1
            day = self._later(does.again, ctx)
            matter.report_at = self._note("report", matter, day, ctx, f"{matter.unit}经办人")

    def _ask(self, ctx: LedgerContext, act: Act) -> None:
        does = act.matter.behaviour
        until = shift(act.matter.due_on, does.longer, self._work_time.calendar)
        ledger.ask_extension(ctx, act.matter.period_id, until, "工作量大，需要更多时间")
        if does.decide is not None:
            self._note("decide", act.matter, self._later(does.decide, ctx), ctx, DECIDER)

    def _decide(self, ctx: LedgerContext, act: Act) -> None:
        matter = act.matter
        extension = ledger.decide_extension(ctx, matter.period_id, grant=matter.behaviour.grant)
        if extension.granted:
            matter.due_on = extension.new_due_on
            if matter.report_at:
                self._mean_to_report(matter, ctx)

    def _acknowledge(self, ctx: LedgerContext, act: Act) -> None:
        ledger.acknowledge(ctx, act.sheet)

    def _instruct(self, ctx: LedgerContext, act: Act) -> None:
        ledger.instruct(ctx, act.sheet, "请抓紧办理并按新时限报送", self._later(act.matter.behaviour.limit, ctx))
        act.matter.sheet = 0


_ACTS: dict[str, Callable[[Cast, LedgerContext, Act], None]] = {
    "report": Cast._report,
    "review": Cast._review,
    "ask": Cast._ask,
    "decide": Cast._decide,
    "acknowledge": Cast._acknowledge,
    "instruct": Cast._instruct,
}
