"""销号卷宗: the file of a measure that is struck off, or of all of a round.

Cover, goal and measure, reports, evidence with hashes, each stage of the closure, publicity as printed and as reckoned,
objections and answers, signatures, and what the trail says. ``papers/dossier.py`` packs it with the evidence itself.
"""

from dataclasses import dataclass
from typing import Any

from db import ledger
from db.ledger.closure_view import closure_views
from db.ledger.context import LedgerContext
from db.ledger.evidence import evidence_of_measure
from db.ledger.inspections import inspection, measure_by_code
from db.models import Measure
from db.paper_facts import struck_off_measures, trail_of
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, OfficialDocument
from plan.types import ClosureAct, ClosureStage, DurationClass, WorkState
from text.catalogue import PHRASES, date_text, phrase, term


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A report that was accepted."""

    period: str = told("期次")
    by: str = told("填报人和日期")
    text: str = told("填报内容")
    review: str = told("审核人和日期")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A file of evidence."""

    number: str = told("材料编号")
    name: str = told("材料名称")
    period: str = told("所属期次")
    by: str = told("提交人")
    sha256: str = told("校验值")


@dataclass(frozen=True, slots=True)
class StageRow:
    """What somebody did in a stage of the closure."""

    stage: str = told("环节")
    act: str = told("办理")
    by: str = told("办理人")
    day: str = told("办理日期")
    text: str = told("意见")


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """What was said against it, and what was answered."""

    who: str = told("异议人和日期")
    said: str = told("异议内容")
    answer: str = told("答复")
    upheld: str = told("是否成立")


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An entry of the trail."""

    number: str = told("序号")
    day: str = told("时间")
    who: str = told("办理人")
    what: str = told("事项")
    hash: str = told("哈希值")


@dataclass(frozen=True, slots=True)
class ClosureFile:
    """The file of one measure."""

    code: str = told("措施编号")
    title: str = told("整改措施")
    text: str = told("措施内容")
    finding: str = told("反馈问题")
    goal: str = told("整改目标")
    unit: str = told("牵头单位")
    assisting: str = told("配合单位")
    duration: str = told("整改类别")
    state: str = told("工作状态")
    archive: str = told("备案编号")
    window: str = told("公示期间")
    printed: str = told("公示所印截止日")
    where: str = told("公示载体")
    decision: str = told("销号结论")
    reports: tuple[AcceptedRow, ...] = told("已审核的填报")
    evidence: tuple[EvidenceRow, ...] = told("佐证材料")
    stages: tuple[StageRow, ...] = told("销号各环节")
    signatures: tuple[StageRow, ...] = told("签字背书")
    objections: tuple[ObjectionRow, ...] = told("异议和答复")
    trail: tuple[TrailRow, ...] = told("留痕摘录")


@dataclass(frozen=True, slots=True)
class ClosureFiles:
    """The files of one measure, or of all of a round that were struck off or are being so."""

    round_title: str = told("轮次名称")
    organisation: str = told("立卷单位")
    as_of: str = told("立卷日期")
    count: str = told("措施项数")
    files: tuple[ClosureFile, ...] = told("各措施卷宗")


def measures_of(ctx: LedgerContext, asked: PaperAsked) -> list[Measure]:
    """The measures of which a file is wanted: the one that is named, or all that were struck off or are being so.

    Args:
        ctx: the context.
        asked: of which inspection and measure.

    Raises:
        Refusal: those of ``measure_by_code`` and ``inspection``.
    """
    if asked.measure:
        return [measure_by_code(ctx.session, asked.measure)]
    return struck_off_measures(ctx, asked.inspection)


def _compose(ctx: LedgerContext, asked: PaperAsked) -> ClosureFiles:
    """What the ledger of ``ctx`` has of what is ``asked`` for, at its ``now``."""
    found = measures_of(ctx, asked)
    present = found[0].inspection if asked.measure else inspection(ctx.session, asked.inspection)
    return ClosureFiles(
        round_title=present.title,
        organisation=present.organisation,
        as_of=date_text(ctx.today),
        count=str(len(found)),
        files=tuple(_file(ctx, one) for one in found),
    )


def _file(ctx: LedgerContext, measure: Measure) -> ClosureFile:
    view = ledger.measure_view(ctx, measure.qualified_code)
    closures = closure_views(ctx, measure)
    last = closures[-1] if closures else None
    steps = [step for one in closures for step in one["steps"]]
    publicity = (last or {}).get("publicity") or {}
    return ClosureFile(
        code=measure.full_code,
        title=measure.title,
        text=measure.text,
        finding=f"{measure.finding.code} {measure.finding.title}",
        goal=measure.finding.goal or "",
        unit=measure.lead_unit,
        assisting="、".join(measure.assisting_units) or phrase("paper.none"),
        duration=term(DurationClass(measure.duration_class)),
        state=term(WorkState(measure.work_state)),
        archive=(last or {}).get("archive") or "",
        window=phrase("paper.window", first=publicity["first_day"], until=publicity["until"]) if publicity else "",
        printed=publicity.get("printed_until") or "",
        where=publicity.get("where") or "",
        decision=term(last["state"]) if last and last["state"] else "",
        reports=tuple(
            AcceptedRow(
                period=f"{period['title']} {period['label']}",
                by=f"{one['submitted_by']} {one['submitted_at'][:10]}",
                text=one["body"],
                review=f"{one['reviewed_by']} {one['reviewed_at'][:10]}",
            )
            for period in view["periods"]
            for one in period["submissions"]
            if one["accepted"]
        ),
        evidence=tuple(
            EvidenceRow(str(one.id), one.name, period.label, one.added_by, one.sha256)
            for one, period in evidence_of_measure(ctx, measure.id)
        ),
        stages=tuple(map(_stage, steps)),
        signatures=tuple(
            _stage(step)
            for step in steps
            if step["stage"] == ClosureStage.SIGN_OFF and step["act"] != ClosureAct.RETURNED
        ),
        objections=tuple(
            ObjectionRow(
                who=f"{one['said_by']} {one['on']}",
                said=one["said"],
                answer=one["answer"] or "",
                upheld="" if one["upheld"] is None else phrase(f"paper.{'upheld' if one['upheld'] else 'not_upheld'}"),
            )
            for closure in closures
            for one in closure["objections"]
        ),
        trail=tuple(
            TrailRow(
                number=str(one.number),
                day=ctx.work_time.minute_text(one.at),
                who=one.actor,
                what=f"{PHRASES.get(f'audit.act.{one.command}', one.command)} {one.subject}",
                hash=one.hash,
            )
            for one in trail_of(ctx, measure)
        ),
    )


def _stage(step: dict[str, Any]) -> StageRow:
    return StageRow(term(step["stage"]), term(step["act"]), step["by"], step["on"], step["statement"])


def _lay_out(document: OfficialDocument) -> None:
    """The file as it is shipped: a cover for all, then each measure on pages of its own."""
    document.title("整改措施销号卷宗")
    document.centred("{{ round_title }}", BODY)
    document.centred("{{ organisation }}")
    document.centred("共{{ count }}项措施　立卷日期：{{ as_of }}")
    document.empty()
    with document.where("files"):
        document.level(1, "卷内目录")
    with document.each("file in files"):
        document.body(
            "{{ file.code }}　{{ file.title }}（{{ file.unit }}，{{ file.state }}，备案编号：{{ file.archive }}）"
        )
    with document.where("not files"):
        document.body("没有已销号或正在销号的措施。")
    with document.each("file in files"):
        document.title("{{ file.code }}　{{ file.title }}", new_page=True)
        document.level(1, "一、问题、目标和措施")
        document.body(
            "反馈问题‖：{{ file.finding }}",
            "整改目标‖：{{ file.goal }}",
            "整改措施‖：{{ file.text }}",
            "责任分工‖：牵头单位{{ file.unit }}；配合单位：{{ file.assisting }}；整改类别：{{ file.duration }}",
        )
        document.level(1, "二、整改情况（已审核的填报）")
        with document.each("row in file.reports"):
            document.body("{{ row.period }}‖（{{ row.by }}填报，{{ row.review }}审核通过）：{{ row.text }}")
        with document.where("not file.reports"):
            document.body("没有已审核的填报。")
        document.level(1, "三、佐证材料")
        document.table(
            "row in file.evidence",
            [
                ("编号", "{{ row.number }}", 14),
                ("名称", "{{ row.name }}", 44),
                ("期次", "{{ row.period }}", 28),
                ("提交人", "{{ row.by }}", 22),
                ("SHA-256", "{{ row.sha256 }}", 48),
            ],
            left=(1, 4),
        )
        document.level(1, "四、自查、验收和公示")
        with document.each("row in file.stages"):
            document.body("{{ row.stage }}·{{ row.act }}‖（{{ row.by }}，{{ row.day }}）：{{ row.text }}")
        document.body("公示期间‖：{{ file.window }}；所印截止日：{{ file.printed }}；载体：{{ file.where }}。")
        document.level(1, "五、异议和答复")
        with document.each("row in file.objections"):
            document.body("{{ row.who }}‖：{{ row.said }}。答复：{{ row.answer }}（{{ row.upheld }}）")
        with document.where("not file.objections"):
            document.body("公示期间没有登记异议。")
        document.level(1, "六、签字背书和结论")
        with document.each("row in file.signatures"):
            document.body("{{ row.by }}‖（{{ row.day }}）：{{ row.text }}")
        document.body("销号结论‖：{{ file.decision }}；备案编号：{{ file.archive }}。")
        document.level(1, "七、留痕摘录")
        document.table(
            "row in file.trail",
            [
                ("序号", "{{ row.number }}", 14),
                ("时间", "{{ row.day }}", 30),
                ("办理人", "{{ row.who }}", 26),
                ("事项", "{{ row.what }}", 46),
                ("哈希值", "{{ row.hash }}", 40),
            ],
            left=(3, 4),
        )


PAPER = PaperKind("closure", ClosureFiles, _compose, _lay_out)
