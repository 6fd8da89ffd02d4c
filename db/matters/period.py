"""The two matters of a period: its report is awaited from the unit, then its review from somebody else.

Both wait in one run, that of the period.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, selectinload

from db.ledger.context import LedgerContext, lock_period, name_of, recipients_of
from db.ledger.excuse import merged_into
from db.ledger.last_time import last_report, repeats
from db.ledger.one_ladder import younger_missed, younger_text
from db.ledger.queries import lamp_of, last_percent, waiting_name
from db.ledger.reports import Report, ask_extension, outcome, review, submit
from db.matters.kind import Answer, Button, MatterKind, lamp_tags, written_day
from db.models import Duty, Escalation, Extension, Measure, Part, Period, Submission
from plan.types import Act, Audience, EscalationState, Level, PartState, PeriodState
from rules.work_time import WorkTime
from text.catalogue import term
from text.clean import markdown
from text.limits import LONGEST_NAME, LONGEST_TEXT
from text.refusals import Refusal


class ReportForm(Answer):
    """填报: what the unit reports for a period, or that it asks for a later limit, or both."""

    body: str = Field(
        default="",
        title="完成情况",
        description="写明本期做了什么、结果如何；只申请延期的留空",
        max_length=LONGEST_TEXT,
    )
    percent: int = Field(title="进度（%）", ge=0, le=100)
    finished: bool = Field(default=False, title="该项工作已全部完成")
    difficulty: str = Field(default="", title="存在困难", max_length=LONGEST_TEXT)
    help_needed: str = Field(default="", title="需协调事项", max_length=LONGEST_TEXT)
    evidence: str = Field(default="", title="佐证材料（每行一份）", max_length=LONGEST_TEXT)
    extend_to: str = Field(
        default="",
        title="申请延期至",
        description="到期前办不完的，写申请的新期限，如 2025-06-30；不申请则留空",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
    )
    extend_reason: str = Field(default="", title="延期理由", description="申请延期时必须写明", max_length=LONGEST_TEXT)
    by: str = Field(title="填报人", min_length=1, max_length=LONGEST_NAME)

    def report(self) -> Report:
        """The form as the ledger takes it."""
        lines = (line.strip() for line in self.evidence.splitlines())
        given = self.model_dump(exclude={"evidence", "extend_to", "extend_reason", "by"})
        return Report(**given, evidence=tuple(line for line in lines if line))

    def extension(self) -> date | None:
        """The limit that is asked for, a day in the office's zone; None where none is.

        Raises ``Refusal`` (``date_wrong``) for a day that is none, and for a reason without a day.
        """
        if not self.extend_to and self.extend_reason.strip():
            raise Refusal("date_wrong", field="申请延期至", why="写了延期理由，没有写日期；请补上日期")
        return written_day("申请延期至", self.extend_to) if self.extend_to else None


class ReviewForm(Answer):
    """审核: accept a report or return it. A switch left alone accepts nothing: a return needs its reason."""

    accept: bool = Field(default=False, title="通过", description="打开为通过；不打开为退回，须写明理由")
    reason: str = Field(default="", title="审核意见", description="退回时必须写明理由", max_length=LONGEST_TEXT)
    by: str = Field(title="审核人", min_length=1, max_length=LONGEST_NAME)


class _OfPeriod(MatterKind[Period]):
    """What report and review share: the period, its name, its run under the deployment of its measure."""

    subject = "period"
    model = Period
    flow = "supervise"
    about = "督办一期：等待填报，等待审核，直至办结。"
    reading = (
        joinedload(Period.duty).joinedload(Duty.measure).joinedload(Measure.finding),
        selectinload(Period.submissions),
        selectinload(Period.escalations),
        selectinload(Period.extensions),
        selectinload(Period.parts),
    )
    state: ClassVar[PeriodState]

    def asks(self) -> ColumnElement[bool]:
        return Period.state == self.state

    def is_open(self, row: Period) -> bool:
        return row.state == self.state

    def changed(self, periods: Collection[int], since: datetime, now: datetime) -> ColumnElement[bool]:
        """Those of ``periods``: from ``since`` to ``now`` only a command changes one, or the date."""
        return Period.id.in_(periods)

    def locked(self, ctx: LedgerContext, row_id: int) -> Period | None:
        return lock_period(ctx, row_id)

    def question(self, row: Period) -> str:
        # A returned report is asked for anew: the form of the last round must not answer it.
        return f"{self.key}-{row.round}"

    def name(self, row: Period) -> str:
        return name_of(row)

    def waiting_name(self, ctx: LedgerContext, row: Period) -> str:
        return waiting_name(ctx, row)

    def outcome(self, row: Period) -> str | None:
        return outcome(row)

    def measure_id(self) -> ColumnElement[Any]:
        return measure_of_period(Period.id)

    def measure(self, row: Period) -> Measure:
        return row.duty.measure

    def label(self, row: Period) -> str:
        return row.label

    def limit(self, row: Period) -> date:
        return row.due_on

    def lamp(self, ctx: LedgerContext, row: Period) -> Level:
        return lamp_of(ctx, row)

    def stages(self, ctx: LedgerContext, row: Period) -> tuple[str, ...]:
        stage, shown = term(PeriodState(row.state)), waiting_name(ctx, row).partition("·")[0]
        return (stage, shown, *lamp_tags(self.lamp(ctx, row)))

    def deployment(self, row: Period) -> str:
        return deployment_name(row.duty.measure.full_code, row.duty.measure.title)

    def parameters(self, row: Period) -> dict[str, Any]:
        return {"measure": row.duty.measure.full_code, "duty": row.duty.key, "ordinal": row.ordinal}

    def card(self, ctx: LedgerContext, row: Period) -> str:
        measure, duty = row.duty.measure, row.duty
        receiver = f"　·　报送：{markdown(duty.receiver)}" if duty.receiver else ""
        lines = [
            f"**{markdown(name_of(row))}，期限 {row.due_on}**",
            markdown(measure.text),
            f"牵头单位：{markdown(measure.lead_unit)}{receiver}",
        ]
        if row.provisional:
            lines.append("期限所在年度的放假安排尚未公布，工作日推算为暂定。")
        if missed := younger_missed(ctx, row):
            lines.append(markdown(younger_text(missed)))
        merged = [f"{one.label}（{one.end_reason}）" for one in merged_into(ctx, row)]
        if merged:
            lines.append(f"**本期一并填报**：{markdown('；'.join(merged))}")
        if row.stopped_on is not None:
            lines.append(f"**已挂账**：自 {row.stopped_on} 起停止计时，恢复后再填报。")
        lines += [said for sheet in row.escalations if (said := sheet_card(sheet, ctx.work_time))]
        pending = [one for one in row.extensions if one.granted is None]
        lines += [f"申请延期至 {one.new_due_on}，待批复（{markdown(one.asked_by)}）。" for one in pending]
        lines += parts_card(ctx, row)
        if (last := self.last(ctx, row)) is not None:
            lines.append(f"上期填报（{markdown(last.period.label)}，进度{last.percent}%）：{markdown(last.body)}")
        return "\n\n".join([*lines, *(said_before(ctx, one) for one in row.submissions[-1:])])

    def last(self, ctx: LedgerContext, row: Period) -> Submission | None:
        """The last report on an earlier period than ``row``, for whoever is to write this one's."""
        last = last_report(ctx, row) if row.state == PeriodState.WAITING else None
        return last if last is not None and last.period_id != row.id else None

    def history(self, ctx: LedgerContext, row: Period) -> str:
        """Every report on ``row`` with its review, every sheet and every request for a longer limit."""
        lines = [f"**{markdown(name_of(row))}，期限 {row.due_on}：{outcome(row) or '已撤销'}**"]
        if row.end_reason:
            lines.append(f"理由：{markdown(row.end_reason)}（{markdown(row.ended_by or '')}）")
        lines += parts_card(ctx, row)
        lines += [said_before(ctx, one) for one in row.submissions]
        lines += [said for sheet in row.escalations if (said := sheet_card(sheet, ctx.work_time))]
        lines += [extension_card(one) for one in row.extensions]
        return "\n\n".join(lines)


class ReportMatter(_OfPeriod):
    """待填报: the unit reports."""

    key = "report"
    act = Act.REPORT
    form = ReportForm
    placeholder: ClassVar = {"body": "已由其他途径填报", "percent": 0}
    mending: ClassVar = {
        "text_empty": "完成情况",
        "evidence_missing": "佐证材料（每行一份）",
        "evidence_not_kept": "佐证材料（每行一份）",
        "date_wrong": "申请延期至",
        "extension_after_due": "申请延期至",
        "extension_in_past": "申请延期至",
        "extension_not_later": "申请延期至",
        "extension_too_long": "申请延期至",
        "extension_used_up": "申请延期至",
        "extension_pending": "申请延期至",
        "reason_empty": "延期理由",
        "actor_empty": "填报人",
    }
    state = PeriodState.WAITING
    takes_files = True

    def asked_of(self, row: Period) -> list[int]:
        """The handlers of the measure of ``row``."""
        return recipients_of(row.duty.measure, [Audience.HANDLER])

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Periods of the measures that ``posts`` handle, as ``held`` has them."""
        return _of_measures(held[Audience.HANDLER])

    def prefilled(self, row: Period) -> dict[str, Any]:
        """The report on ``row`` that was returned, as it was written, with the parts that came since; else the parts,
        each under the name of its unit, and the progress last accepted."""
        last = row.submissions[-1] if row.submissions else None
        if last is None or last.accepted is not False:
            body = _gathered(row.parts)
            return {"percent": last_percent(row) or 0} | ({"body": body} if body else {})
        kept = ("percent", "finished", "difficulty", "help_needed")
        came = _gathered(one for one in row.parts if one.given_at and one.given_at > last.submitted_at)
        body = "\n".join(filter(None, (last.body, came)))
        returned = {name: getattr(last, name) for name in kept}
        return returned | {"body": body, "evidence": "\n".join(last.evidence)}

    def take(self, ctx: LedgerContext, row: Period, answer: ReportForm) -> None:
        """Ask for the later limit of ``answer``, and submit its report, if it has any, for ``row``.

        Both in the name of the actor of ``ctx``.
        """
        asked = answer.extension()
        if asked is not None:
            ask_extension(ctx, row.id, asked, answer.extend_reason, by_form=True)
        if asked is None or answer.body.strip():
            submit(ctx, row.id, answer.report())

    def question(self, row: Period) -> str:
        """Another one once the form asked for a later limit for ``row``: its answer must not ask it again.

        A request that came by another door leaves the form as it is: somebody may be filling it in.
        """
        asked = sum(one.by_form for one in row.extensions)
        return f"{super().question(row)}-e{asked}" if asked else super().question(row)


class ReviewMatter(_OfPeriod):
    """待审核: somebody else accepts the report or returns it."""

    key = "review"
    act = Act.REVIEW
    form = ReviewForm
    placeholder: ClassVar = {"reason": "已由其他途径审核"}
    mending: ClassVar = {"reason_empty": "审核意见", "reviewer_is_author": "审核人", "actor_empty": "审核人"}
    state = PeriodState.SUBMITTED
    several = True
    buttons = (Button("accept", "通过", {"accept": True}), Button("return", "退回", {"accept": False}, ("reason",)))

    def asked_of(self, row: Period) -> list[int]:
        """The rectification office of the measure of ``row``."""
        return recipients_of(row.duty.measure, [Audience.OFFICE])

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Periods of the measures that ``posts`` supervise as the office, as ``held`` has them."""
        return _of_measures(held[Audience.OFFICE])

    def take(self, ctx: LedgerContext, row: Period, answer: ReviewForm) -> None:
        """Accept or return the report of ``row`` as ``answer`` says, in the name of the actor of ``ctx``."""
        review(ctx, row.id, accept=answer.accept, reason=answer.reason)


def _gathered(parts: Iterable[Part]) -> str:
    """The text that a report starts from: what each unit gave, under its name."""
    given = [f"{one.unit_name}：{one.text}" for one in parts if one.state == PartState.GIVEN]
    return "\n".join(given)[:LONGEST_TEXT]


def _of_measures(measures: Select[Any]) -> ColumnElement[bool]:
    return Period.duty_id.in_(select(Duty.id).where(Duty.measure_id.in_(measures)))


def measure_of_period(period_id: InstrumentedAttribute[int]) -> ColumnElement[int | None]:
    """The id of the measure of a period, for a query.

    Args:
        period_id: the column that names the period.
    """
    named = aliased(Period)
    found = select(Duty.measure_id).join(named, named.duty_id == Duty.id).where(named.id == period_id)
    return found.scalar_subquery()


def deployment_name(code: str, title: str) -> str:
    """The name of a measure's deployment; Prefect forbids ``/ % & < >`` in names.

    Args:
        code: code of the measure.
        title: its title.
    """
    return re.sub(r"[/%&<>\x00-\x1f]", "·", f"{code} {title}")


def said_before(ctx: LedgerContext, submission: Submission) -> str:
    """A report as Markdown, flagged where it says word for word what was reported before.

    Args:
        ctx: the context.
        submission: a loaded report, with its period.
    """
    before = repeats(ctx, submission)
    flag = f"\n\n**与{markdown(before.label)}填报的文字相同，请核实本期进展。**" if before else ""
    return submission_card(submission) + flag


def submission_card(submission: Submission) -> str:
    """A report as Markdown: what was reported, by whom, and why it was returned if it was.

    Args:
        submission: a loaded report; every text of it is made harmless.
    """
    lines = [f"**第{submission.round}轮填报**（{markdown(submission.submitted_by)}，进度{submission.percent}%）"]
    lines.append(markdown(submission.body))
    extras = (("存在困难", submission.difficulty), ("需协调", submission.help_needed))
    lines += [f"{name}：{markdown(value)}" for name, value in extras if value]
    if submission.evidence:
        lines.append("佐证材料：" + "；".join(markdown(item) for item in submission.evidence))
    if submission.accepted is False:
        lines.append(f"**退回理由**：{markdown(submission.reason or '')}（{markdown(submission.reviewed_by or '')}）")
    if submission.accepted:
        why = f"：{markdown(submission.reason)}" if submission.reason else ""
        lines.append(f"审核通过{why}（{markdown(submission.reviewed_by or '')}）")
    if submission.missing:
        lines.append(f"**未收到分报**：{markdown('、'.join(submission.missing))}")
    return "\n\n".join(lines)


def part_card(ctx: LedgerContext, part: Part) -> str:
    """A part that was given, as Markdown: whose, by whom and when, what it says, and whether it said so before.

    Args:
        ctx: the context; the day is told in its zone.
        part: loaded, with its period; its text is made harmless.
    """
    assert part.given_at is not None
    said = [markdown(part.given_by or ""), str(ctx.work_time.day_of(part.given_at))]
    said += [f"进度{part.percent}%"] if part.percent is not None else []
    before = repeats(ctx, part)
    same = f"（**与{markdown(before.label)}分报的文字相同**）" if before else ""
    return f"{markdown(part.unit_name)}（{'，'.join(said)}）：{markdown(part.text or '')}{same}"


def parts_card(ctx: LedgerContext, period: Period) -> list[str]:
    """What other units contributed to a period, as Markdown: what each gave, and who has not yet.

    Args:
        ctx: the context; the days are told in its zone.
        period: loaded with its parts; empty where it is not gathered.
    """
    given = [part_card(ctx, part) for part in period.parts if part.state == PartState.GIVEN]
    awaited = [
        f"{markdown(part.unit_name)}（{ctx.work_time.day_of(part.asked_at)} 起请报，分报期限 {part.due_on}"
        f"{'，已逾期' if ctx.today > part.due_on else ''}）"
        for part in period.parts
        if part.state == PartState.WAITING and period.state == PeriodState.WAITING
    ]
    lines = ["**分报**：", *given] if given else []
    return [*lines, *([f"**尚缺分报**：{'；'.join(awaited)}"] if awaited else [])]


def sheet_card(sheet: Escalation, work_time: WorkTime) -> str:
    """What a supervisor said on a sheet, for whoever works on its period; empty while nobody said anything.

    Args:
        sheet: a loaded sheet; every text of it is made harmless.
        work_time: its zone says until which day an acknowledgement holds.
    """
    if sheet.instruction:
        by = markdown(sheet.instructed_by or "")
        did = "批示"
        if sheet.held_on:
            did = f"：{sheet.held_on}约谈{markdown(sheet.attended or '')}，要求"
        elif sheet.circulated:
            did = "决定通报"
        return f"**{sheet.number}{did}**：{markdown(sheet.instruction)}（{by}，新时限 {sheet.new_limit_on}）"
    said = []
    for one in sheet.acknowledgements:
        until = work_time.last_day(datetime.fromisoformat(one["until"]))
        why = f"，理由：{markdown(one['reason'])}" if one["reason"] else ""
        said.append(f"{markdown(one['by'])}已签收，有效至 {until}{why}")
    if not said:
        return ""
    missing = sheet.needed - len(said) if sheet.state == EscalationState.OPEN else 0
    more = f"；须{sheet.needed}人签收才暂缓升级，还差{missing}人" if missing > 0 else ""
    return f"{sheet.number}：{'；'.join(said)}{more}。"


def extension_card(extension: Extension) -> str:
    """A request for a longer limit as Markdown: from when to when, why, and what was decided by whom.

    Args:
        extension: a loaded request; every text of it is made harmless.
    """
    asked = f"申请由 {extension.old_due_on} 延至 {extension.new_due_on}：{markdown(extension.reason)}"
    verdict = {True: "同意", False: "不同意", None: "未批复"}[extension.granted]
    why = f"：{markdown(extension.decision_reason)}" if extension.decision_reason else ""
    by = f"，{markdown(extension.decided_by)}" if extension.decided_by else ""
    return f"{asked}（{markdown(extension.asked_by)}）；{verdict}{why}{by}"
