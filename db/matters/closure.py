"""销号: what is asked in each stage of closure. All stages of one closure ask in the same run, one after the other."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, not_, or_, type_coerce
from sqlalchemy.orm import joinedload, selectinload

from db.ledger.closure_acts import (
    WORK,
    accept_work,
    answer_objection,
    end_publicity,
    file_closure,
    lock_closure,
    object_to,
    publish,
    self_check,
    send_back,
    sign_off,
)
from db.ledger.closure_stages import (
    ACTS,
    ANNOUNCEMENT,
    CLOSURE_ASKED,
    OBJECTION,
    asked_now,
    asked_posts,
    chain_of,
    signatures,
    stage_name,
)
from db.ledger.context import LedgerContext
from db.matters.kind import Answer, Button, MatterKind, lamp_tags, written_day
from db.models import Closure, ClosureStep, Measure, Objection
from plan.types import Audience, ClosureAct, ClosureStage, ClosureState, Level
from rules.closure import stage_lamp
from text.catalogue import phrase, term
from text.clean import markdown
from text.limits import LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT

_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
_BACK = {phrase(f"closure.back.{one}"): one for one in (WORK, *ClosureStage) if one != ClosureStage.FILING}
"""Where a closure may be sent back, as the forms have it."""
_PASS = {"back_to": ""}


class _ClosureForm(Answer):
    """What every stage after the first may also answer: that it is sent back, and why."""

    def back(self) -> str:
        """Where it is sent back; empty where it is not."""
        return str(_BACK.get(getattr(self, "back_to", ""), ""))


class SelfCheckForm(_ClosureForm):
    """自查: the unit checks its work against the goal; what is not finished after all goes on."""

    statement: str = Field(
        default="", title="自查情况", description="对照整改目标逐项写明；尚未完成的写明原因", max_length=LONGEST_TEXT
    )
    back_to: Literal["", "继续整改"] = Field(default="", title="退回至", description="自查认为尚未完成的，选“继续整改”")
    by: str = Field(title="自查人", min_length=1, max_length=LONGEST_NAME)


class AcceptanceForm(_ClosureForm):
    """验收: somebody other than the unit verifies what was done, or sends it back."""

    visited_on: str = Field(
        default="", title="现场核查日期", description="到现场核查过的，如 2025-06-30；没有的不填", pattern=_DAY
    )
    statement: str = Field(
        default="", title="验收意见", description="对照整改目标写明核实的情况；退回的写明理由", max_length=LONGEST_TEXT
    )
    back_to: Literal["", "继续整改", "自查"] = Field(default="", title="退回至", description="不予通过的，选退回到哪里")
    by: str = Field(title="验收人", min_length=1, max_length=LONGEST_NAME)


class AnnouncementForm(_ClosureForm):
    """公示: the office publishes the result, and notes where and since when."""

    first_day: str = Field(default="", title="公示首日", description="如 2025-06-30；首日计入公示期", pattern=_DAY)
    where: str = Field(default="", title="公示载体", description="网站栏目、报纸或公示栏", max_length=LONGEST_LINE)
    printed_until: str = Field(
        default="", title="所印截止日期", description="公示上印了截止日期的照填；没有的不填", pattern=_DAY
    )
    statement: str = Field(default="", title="退回理由", description="退回的写明", max_length=LONGEST_TEXT)
    back_to: Literal["", "继续整改", "自查", "验收"] = Field(default="", title="退回至")
    by: str = Field(title="办理人", min_length=1, max_length=LONGEST_NAME)


class PublicityForm(_ClosureForm):
    """公示中: an objection is recorded, or, after its last day, how the publicity went."""

    said_by: str = Field(default="", title="异议人", description="登记异议的，写明何人提出", max_length=LONGEST_LINE)
    said: str = Field(default="", title="异议内容", description="不填则为公示期满办结", max_length=LONGEST_TEXT)
    statement: str = Field(default="", title="公示结果", description="期满办结的，可写明情况", max_length=LONGEST_TEXT)
    back_to: Literal["", "继续整改", "自查", "验收"] = Field(default="", title="退回至")
    by: str = Field(title="办理人", min_length=1, max_length=LONGEST_NAME)


class ObjectionForm(_ClosureForm):
    """异议: it is answered; where it is upheld the closure is sent back."""

    answer: str = Field(default="", title="答复", description="核实的情况和结论", max_length=LONGEST_TEXT)
    back_to: Literal["", "继续整改", "自查", "验收", "公示", "签字"] = Field(
        default="", title="退回至", description="异议成立的，选退回到哪里；不成立的不选"
    )
    by: str = Field(title="答复人", min_length=1, max_length=LONGEST_NAME)


class SignOffForm(_ClosureForm):
    """签字背书: a leader answers for the result with his name."""

    statement: str = Field(
        default="", title="签署意见", description="签字即对整改结果负责；退回的写明理由", max_length=LONGEST_TEXT
    )
    back_to: Literal["", "继续整改", "自查", "验收", "公示"] = Field(default="", title="退回至")
    by: str = Field(title="签字人", min_length=1, max_length=LONGEST_NAME)


class FilingForm(_ClosureForm):
    """备案: it is filed under a number, and the measure is struck off."""

    archive: str = Field(default="", title="备案编号", description="归档或报备的编号", max_length=LONGEST_LINE)
    statement: str = Field(default="", title="备案说明", description="可不填；退回的写明理由", max_length=LONGEST_TEXT)
    back_to: Literal["", "继续整改", "自查", "验收", "公示", "签字"] = Field(default="", title="退回至")
    by: str = Field(title="办理人", min_length=1, max_length=LONGEST_NAME)


class ClosureMatter(MatterKind[Closure]):
    """What one stage asks about a closure. ``key`` is what ``asked_now`` says of it."""

    subject = "closure"
    model = Closure
    flow = "close"
    about = "销号：依次等待自查、验收、公示、签字、备案。"
    placeholder: ClassVar = {}
    mending: ClassVar = {
        "date_wrong": "公示首日",
        "closure_not_back": "退回至",
        "reason_empty": "退回理由",
        "publicity_too_short": "所印截止日期",
        "actor_empty": "办理人",
    }
    reading = (
        joinedload(Closure.measure).joinedload(Measure.finding),
        joinedload(Closure.measure).joinedload(Measure.inspection),
        selectinload(Closure.steps),
        selectinload(Closure.objections),
    )

    def asks(self) -> ColumnElement[bool]:
        objection = exists().where(Objection.closure_id == Closure.id, Objection.answered_at.is_(None))
        if self.key == OBJECTION:
            return and_(Closure.ended_at.is_(None), objection)
        published = Closure.announced_on.is_not(None)
        in_publicity = Closure.stage == ClosureStage.PUBLICITY
        at = {ANNOUNCEMENT: in_publicity & not_(published), ClosureStage.PUBLICITY: in_publicity & published}
        return and_(Closure.ended_at.is_(None), not_(objection), at.get(self.key, Closure.stage == self.key))

    def is_open(self, row: Closure) -> bool:
        """Whether just this is asked about ``row``."""
        return row.ended_at is None and asked_now(row) == self.key

    def locked(self, ctx: LedgerContext, row_id: int) -> Closure | None:
        """The closure ``row_id``, it and its measure held by the transaction of ``ctx``."""
        return lock_closure(ctx, row_id)

    def question(self, row: Closure) -> str:
        """Another one whenever ``row`` comes to a stage again, and after each signature."""
        return f"{self.key}-{row.entry}-{len(signatures(row))}"

    def name(self, row: Closure) -> str:
        """The measure of ``row``."""
        return f"销号 · {row.measure.full_code} {row.measure.title}"

    def waiting_name(self, ctx: LedgerContext, row: Closure) -> str:
        """The stage of ``row``."""
        return stage_name(row)

    def stages(self, ctx: LedgerContext, row: Closure) -> tuple[str, ...]:
        """The stage of ``row`` and its lamp at the ``now`` of ``ctx``."""
        return (self.waiting_name(ctx, row), *lamp_tags(self.lamp(ctx, row)))

    def lamp(self, ctx: LedgerContext, row: Closure) -> Level:
        """Dark until the limit of the stage is past; then as those above were told."""
        return stage_lamp(chain_of(row), row.due_on, row.fired, ctx.today)

    def measure_id(self) -> ColumnElement[Any]:
        return type_coerce(Closure.measure_id, BigInteger)

    def measure(self, row: Closure) -> Measure:
        """The measure of ``row``."""
        return row.measure

    def limit(self, row: Closure) -> date:
        """The limit of the stage of ``row``."""
        return row.due_on

    def outcome(self, row: Closure) -> str | None:
        """How ``row`` ended; None where it was withdrawn."""
        return None if row.state == ClosureState.WITHDRAWN else term(ClosureState(row.state))

    def parameters(self, row: Closure) -> dict[str, Any]:
        """The id of ``row``."""
        return {"matter_id": row.id}

    def asked_of(self, row: Closure) -> list[int]:
        """Those whom the stage of ``row`` asks."""
        return asked_posts(row) if row.ended_at is None else []

    def may_ask(self, posts: Collection[int], held: Mapping[Audience, Select[Any]]) -> ColumnElement[bool]:
        """Closures of the measures in which ``posts`` stand for anybody, as ``held`` has them: the chain says who."""
        return or_(*(Closure.measure_id.in_(measures) for measures in held.values()))

    def card(self, ctx: LedgerContext, row: Closure) -> str:
        """The measure of ``row``, its goal, and what was done in each stage so far, by day (zone of ``ctx``)."""
        measure = row.measure
        lines = [
            f"**{markdown(self.name(row))}：{stage_name(row)}**",
            markdown(measure.text),
            f"问题 {markdown(measure.finding.code)}：{markdown(measure.finding.title)}　·　"
            f"牵头单位：{markdown(measure.lead_unit)}",
        ]
        if goal := measure.finding.goal:
            lines.append(f"整改目标：{markdown(goal)}")
        if row.ended_at is None:
            lines.append(f"本环节时限 **{row.due_on}**")
        lines.append("环节：" + " → ".join(term(stage) for stage in chain_of(row).order))
        if row.window_ends_on is not None:
            printed = f"，所印截止 {row.printed_until}" if row.printed_until else ""
            where = markdown(row.announced_where or "")
            lines.append(f"公示：{row.announced_on} 至 {row.window_ends_on}（首日计入{printed}），{where}")
        history = [_step_line(ctx, step) for step in row.steps]
        history += [_objection_line(ctx, one) for one in row.objections]
        if history:
            lines.append("\n".join(f"- {one}" for one in history))
        if row.state == ClosureState.FILED:
            lines.append(f"备案编号：{markdown(row.archive or '')}")
        return "\n\n".join(lines)

    def take(self, ctx: LedgerContext, row: Closure, answer: Any) -> None:
        """Hand ``answer`` in for ``row`` in the name of the actor of ``ctx``, or send ``row`` back."""
        if to := answer.back():
            send_back(ctx, row.id, to, answer.statement)
        else:
            self.go_on(ctx, row, answer)

    def go_on(self, ctx: LedgerContext, row: Closure, answer: Any) -> None:
        """Do in the stage of ``row`` what ``answer`` says, in the name of the actor of ``ctx``."""
        raise NotImplementedError


class SelfCheckMatter(ClosureMatter):
    """待自查: until the unit says that it checked its work."""

    key = ClosureStage.SELF_CHECK.value
    act = ACTS[key]
    call = CLOSURE_ASKED
    form = SelfCheckForm
    takes_files = True
    buttons = (
        Button("self-check", "自查完成", _PASS, needs=("statement",)),
        Button("not-finished", "尚未完成，继续整改", {"back_to": "继续整改"}, needs=("statement",)),
    )

    def go_on(self, ctx: LedgerContext, row: Closure, answer: SelfCheckForm) -> None:
        """Hand in the self-check of ``answer`` for ``row``."""
        self_check(ctx, row.id, answer.statement)


class AcceptanceMatter(ClosureMatter):
    """待验收: until somebody else than the unit accepts."""

    key = ClosureStage.ACCEPTANCE.value
    act = ACTS[key]
    form = AcceptanceForm
    takes_files = True
    several = True
    buttons = (
        Button("accept-work", "验收通过", _PASS, needs=("statement",)),
        Button("refuse-work", "退回", needs=("back_to", "statement")),
    )

    def go_on(self, ctx: LedgerContext, row: Closure, answer: AcceptanceForm) -> None:
        """Accept ``row`` as ``answer`` says."""
        visited = written_day("现场核查日期", answer.visited_on) if answer.visited_on else None
        accept_work(ctx, row.id, answer.statement, visited)


class AnnouncementMatter(ClosureMatter):
    """待公示: until the result was published."""

    key = ANNOUNCEMENT
    act = ACTS[key]
    form = AnnouncementForm
    several = True
    buttons = (
        Button("announce", "已发布公示", _PASS, needs=("first_day", "where")),
        Button("refuse-to-announce", "退回", needs=("back_to", "statement")),
    )

    def go_on(self, ctx: LedgerContext, row: Closure, answer: AnnouncementForm) -> None:
        """Note the publicity of ``row`` as ``answer`` says."""
        printed = written_day("所印截止日期", answer.printed_until) if answer.printed_until else None
        publish(ctx, row.id, written_day("公示首日", answer.first_day), answer.where, printed)


class PublicityMatter(ClosureMatter):
    """公示中: until its last day is past and the office says how it went."""

    key = ClosureStage.PUBLICITY.value
    act = ACTS[key]
    form = PublicityForm
    several = True
    buttons = (
        Button("end-publicity", "公示期满，办结", {"said": "", **_PASS}),
        Button("object", "登记异议", _PASS, needs=("said_by", "said")),
        Button("refuse-publicity", "退回", {"said": ""}, needs=("back_to", "statement")),
    )

    def go_on(self, ctx: LedgerContext, row: Closure, answer: PublicityForm) -> None:
        """Record the objection of ``answer`` to ``row``, or end its publicity."""
        if answer.said.strip():
            object_to(ctx, row.id, answer.said_by, answer.said)
        else:
            end_publicity(ctx, row.id, answer.statement)


class ObjectionMatter(ClosureMatter):
    """待答复异议: until it was answered."""

    key = OBJECTION
    act = ACTS[key]
    form = ObjectionForm
    buttons = (
        Button("dismiss", "异议不成立", _PASS, needs=("answer",)),
        Button("uphold", "异议成立，退回", needs=("answer", "back_to")),
    )

    def take(self, ctx: LedgerContext, row: Closure, answer: ObjectionForm) -> None:
        """Answer the objection to ``row`` as ``answer`` says, in the name of the actor of ``ctx``."""
        answer_objection(ctx, row.id, answer.answer, answer.back())


class SignOffMatter(ClosureMatter):
    """待签字: until all who are named have signed."""

    key = ClosureStage.SIGN_OFF.value
    act = ACTS[key]
    form = SignOffForm
    several = True
    buttons = (
        Button("sign", "签字", _PASS, needs=("statement",)),
        Button("refuse-to-sign", "退回", needs=("back_to", "statement")),
    )

    def same_question(self, asked: str, answered: str) -> bool:
        """Several sign the same: the signature of another, after which it is ``asked`` anew, changes nothing of what
        was ``answered``; a return does."""
        return asked.rpartition("-")[0] == answered.rpartition("-")[0]

    def prefilled(self, row: Closure) -> dict[str, Any]:
        """The usual words."""
        return {"statement": phrase("closure.signed")}

    def go_on(self, ctx: LedgerContext, row: Closure, answer: SignOffForm) -> None:
        """Sign ``row`` as ``answer`` says."""
        sign_off(ctx, row.id, answer.statement)


class FilingMatter(ClosureMatter):
    """待备案: until it is filed and struck off."""

    key = ClosureStage.FILING.value
    act = ACTS[key]
    form = FilingForm
    several = True
    buttons = (
        Button("file", "备案销号", _PASS, needs=("archive",)),
        Button("refuse-to-file", "退回", needs=("back_to", "statement")),
    )

    def go_on(self, ctx: LedgerContext, row: Closure, answer: FilingForm) -> None:
        """File ``row`` as ``answer`` says."""
        file_closure(ctx, row.id, answer.archive, answer.statement)


CLOSURE_KINDS = (
    SelfCheckMatter,
    AcceptanceMatter,
    AnnouncementMatter,
    PublicityMatter,
    ObjectionMatter,
    SignOffMatter,
    FilingMatter,
)


def _step_line(ctx: LedgerContext, step: ClosureStep) -> str:
    facts = step.facts
    did = f"{ctx.work_time.day_of(step.at)} {term(ClosureStage(step.stage))}{term(ClosureAct(step.act))}"
    did += f"（{markdown(step.by)}）"
    if step.act == ClosureAct.RETURNED:
        did += "至" + phrase(f"closure.back.{facts['to']}")
    if facts.get("visited_on"):
        did += f"，{facts['visited_on']} 现场核查"
    return did + (f"：{markdown(step.statement)}" if step.statement else "")


def _objection_line(ctx: LedgerContext, one: Objection) -> str:
    said = f"{ctx.work_time.day_of(one.recorded_at)} 异议（{markdown(one.said_by)}）：{markdown(one.said)}"
    if one.answered_at is None:
        return f"{said}；尚未答复"
    verdict = "成立" if one.upheld else "不成立"
    return f"{said}；{ctx.work_time.day_of(one.answered_at)} 答复{verdict}（{markdown(one.answered_by or '')}）：" + (
        markdown(one.answer or "")
    )
