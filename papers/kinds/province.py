"""整改进展报告: what an office owes its superior every two months, or every quarter.

Overall progress, task by task, what is behind, what comes next, the list of all tasks. Only accepted reports count;
what is missing stands on the first page for the editor, who takes it out.
"""

from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.paper_facts import TaskFacts, round_facts, state_counts
from intake.chinese_numerals import chinese_numeral
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import BODY, HEAVY, SIZE_4, OfficialDocument
from papers.paper_words import (
    by_unit,
    changes_text,
    coming_lines,
    coming_text,
    counts_text,
    difficulty_text,
    is_behind,
    limit_text,
    new_limit_text,
    pace_text,
    percent_text,
    progress_text,
    reason_of,
)
from rules.month_span import months
from text.catalogue import date_text, phrase, term


@dataclass(frozen=True, slots=True)
class StateRow:
    """How many tasks are in one state."""

    state: str = told("工作状态")
    before: str = told("期初项数")
    now: str = told("现有项数")
    change: str = told("增减")


@dataclass(frozen=True, slots=True)
class GapRow:
    """Tasks of which nothing was accepted in the months, for one reason."""

    why: str = told("原因")
    count: str = told("项数")
    tasks: str = told("措施编号和牵头单位")


@dataclass(frozen=True, slots=True)
class EditorNote:
    """What the editor has to look at before the paper goes out."""

    text: str = told("提示")


@dataclass(frozen=True, slots=True)
class UnitPart:
    """What a unit contributed."""

    unit: str = told("分报单位")
    text: str = told("分报内容")


@dataclass(frozen=True, slots=True)
class TaskSection:
    """One task as the report tells it."""

    number: str = told("序号")
    code: str = told("措施编号")
    title: str = told("整改措施")
    text: str = told("措施内容")
    unit: str = told("牵头单位")
    assisting: str = told("配合单位")
    limit: str = told("整改时限")
    state: str = told("工作状态")
    pace: str = told("序时情况")
    percent: str = told("进度")
    progress: str = told("本期进展")
    difficulty: str = told("存在困难")
    coming: str = told("下步安排")
    parts: tuple[UnitPart, ...] = told("各单位分报")


@dataclass(frozen=True, slots=True)
class FindingSection:
    """One finding with its tasks."""

    number: str = told("序号")
    code: str = told("问题编号")
    title: str = told("反馈问题")
    tasks: tuple[TaskSection, ...] = told("整改措施")


@dataclass(frozen=True, slots=True)
class BehindRow:
    """Something that does not keep its limit."""

    number: str = told("序号")
    code: str = told("措施编号")
    title: str = told("整改措施")
    unit: str = told("牵头单位")
    matter: str = told("事项")
    limit: str = told("原时限")
    days: str = told("逾期工作日")
    reason: str = told("未达序时原因")
    help: str = told("需协调事项")
    new_limit: str = told("新的时限")


@dataclass(frozen=True, slots=True)
class ComingLine:
    """What falls due on one day."""

    number: str = told("序号")
    text: str = told("下一步事项")


@dataclass(frozen=True, slots=True)
class ProvinceReport:
    """All that the report tells."""

    round_title: str = told("轮次名称")
    organisation: str = told("发文机关")
    inspector: str = told("巡察（督察、审计）机关")
    feedback_on: str = told("反馈日期")
    addressee: str = told("主送机关")
    number: str = told("发文字号")
    months: str = told("报告期间")
    as_of: str = told("数据截止日")
    date: str = told("成文日期")
    contact: str = told("联系人")
    phone: str = told("联系电话")
    findings_count: str = told("问题个数")
    tasks_count: str = told("措施项数")
    counts: str = told("各状态项数")
    changes: str = told("与期初相比")
    reported_count: str = told("本期有进展的项数")
    late_count: str = told("逾期项数")
    states: tuple[StateRow, ...] = told("各状态项数表")
    gaps: tuple[GapRow, ...] = told("本期无已审核进展的措施")
    notes: tuple[EditorNote, ...] = told("编制提示")
    gaps_count: str = told("本期无已审核进展的项数")
    findings: tuple[FindingSection, ...] = told("逐项进展")
    ledger: tuple[TaskSection, ...] = told("台账")
    behind: tuple[BehindRow, ...] = told("未达序时事项")
    coming: tuple[ComingLine, ...] = told("下一步")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> ProvinceReport:
    """What the ledger of ``ctx`` knows of the months that are ``asked``, as of its ``now``."""
    facts = round_facts(ctx, asked.inspection, asked.span)
    tasks = facts.tasks
    gaps = [one for one in tasks if one.gap not in ("", "over")]
    after = months(facts.span.last.year, facts.span.last.month + 1, 2)
    return ProvinceReport(
        round_title=facts.title,
        organisation=facts.organisation,
        inspector=facts.inspector,
        feedback_on=date_text(facts.feedback_on),
        addressee=facts.receiver,
        number="",
        months=facts.span.label,
        as_of=date_text(facts.as_of),
        date=date_text(facts.as_of),
        contact="",
        phone="",
        findings_count=str(len(facts.findings)),
        tasks_count=str(len(tasks)),
        counts=counts_text(tasks),
        changes=changes_text(tasks),
        reported_count=str(sum(bool(one.reports) for one in tasks)),
        late_count=str(sum(bool(one.late) for one in tasks)),
        states=tuple(
            StateRow(term(state), str(before), str(now), f"{now - before:+d}" if now != before else "0")
            for state, before, now in state_counts(tasks)
        ),
        gaps=gap_rows(gaps),
        gaps_count=str(len(gaps)),
        notes=tuple(EditorNote(note) for one in tasks for note in editor_notes(one)),
        findings=tuple(
            FindingSection(
                number=f"（{chinese_numeral(number)}）",
                code=finding.code,
                title=finding.title,
                tasks=tuple(_section(place, task) for place, task in enumerate(finding.tasks, 1)),
            )
            for number, finding in enumerate(facts.findings, 1)
        ),
        ledger=tuple(_section(place, task) for place, task in enumerate(tasks, 1)),
        behind=behind_rows(tasks),
        coming=tuple(
            ComingLine(f"{number}.", said)
            for number, said in enumerate(coming_lines(tasks, max(after.last, ctx.today)), 1)
        ),
    )


def gap_rows(gaps: list[TaskFacts]) -> tuple[GapRow, ...]:
    """Tasks of which nothing was accepted, by reason and unit, so that they fit on the first page."""
    found: dict[str, list[TaskFacts]] = {}
    for task in gaps:
        found.setdefault(task.gap, []).append(task)
    return tuple(GapRow(phrase(f"paper.gap.{gap}"), str(len(tasks)), by_unit(tasks)) for gap, tasks in found.items())


def editor_notes(task: TaskFacts) -> list[str]:
    """What an editor has to check of a task: words that were said before, parts that are missing, limits assumed."""
    notes = [phrase("paper.repeated", period=one.same_as) for one in task.reports if one.same_as]
    missing = dict.fromkeys(unit for one in task.reports for unit in one.missing)
    if missing:
        notes.append(phrase("paper.missing_parts", units="、".join(missing)))
    return [f"{task.code} {task.title}：{note}" for note in notes]


def behind_rows(tasks: list[TaskFacts]) -> tuple[BehindRow, ...]:
    """What of some tasks is late, or behind the schedule of what is to be finished."""
    found: list[BehindRow] = []
    for task in (one for one in tasks if is_behind(one)):
        for late in task.late:
            found.append(
                BehindRow(
                    number=f"{len(found) + 1}.",
                    code=task.code,
                    title=task.title,
                    unit=task.lead_unit,
                    matter=late.matter,
                    limit=date_text(late.due_on),
                    days=str(late.days),
                    reason=reason_of(late),
                    help=late.help_needed or phrase("paper.unsaid"),
                    new_limit=new_limit_text(late),
                )
            )
        if not task.late:
            found.append(
                BehindRow(
                    number=f"{len(found) + 1}.",
                    code=task.code,
                    title=task.title,
                    unit=task.lead_unit,
                    matter=pace_text(task),
                    limit=limit_text(task),
                    days="0",
                    reason=difficulty_text(task),
                    help="；".join(one.help_needed for one in task.reports if one.help_needed)
                    or phrase("paper.unsaid"),
                    new_limit="",
                )
            )
    return tuple(found)


def _section(place: int, task: TaskFacts) -> TaskSection:
    return TaskSection(
        number=f"{place}.",
        code=task.code,
        title=task.title,
        text=task.text,
        unit=task.lead_unit,
        assisting="、".join(task.assisting) or phrase("paper.none"),
        limit=limit_text(task),
        state=term(task.state),
        pace=pace_text(task),
        percent=percent_text(task),
        progress=progress_text(task) or (phrase(f"paper.gap.{task.gap}") if task.gap in ("over", "none") else ""),
        difficulty=difficulty_text(task),
        coming=coming_text(task) or phrase("paper.none"),
        parts=tuple(UnitPart(unit, said) for one in task.reports for unit, said in one.parts),
    )


def _lay_out(document: OfficialDocument) -> None:
    """The report as it is shipped."""
    document.centred("{{ number }}", BODY)
    document.empty()
    document.title("关于{{ round_title }}{{ months }}进展情况的报告")
    document.centred("（送审稿，数据截至{{ as_of }}）")
    document.empty()
    with document.for_the_editor():
        with document.where("gaps"):
            document.small(
                "编制提示（行文前删去）‖：以下{{ gaps_count }}项措施本期没有已审核的进展，请核实后补写或说明。"
            )
        with document.each("gap in gaps"):
            document.small("{{ gap.why }}{{ gap.count }}项‖：{{ gap.tasks }}")
        with document.each("note in notes"):
            document.small("{{ note.text }}")
    document.flush("{{ addressee }}：")
    document.body(
        "根据要求，现将{{ round_title }}{{ months }}进展情况报告如下。所列进展均为已审核的填报，数据截至{{ as_of }}。"
    )
    document.level(1, "一、总体进展")
    document.body(
        "{{ feedback_on }}，{{ inspector }}反馈问题{{ findings_count }}个，对应整改措施{{ tasks_count }}项。"
        "截至{{ as_of }}，{{ counts }}；逾期{{ late_count }}项。{{ changes }}。"
        "本期有已审核进展的措施{{ reported_count }}项。"
    )
    document.table(
        "row in states",
        [
            ("工作状态", "{{ row.state }}", 45),
            ("期初项数", "{{ row.before }}", 37),
            ("现有项数", "{{ row.now }}", 37),
            ("增减", "{{ row.change }}", 37),
        ],
        size=SIZE_4,
    )
    document.level(1, "二、逐项进展")
    with document.each("finding in findings"):
        document.level(2, "{{ finding.number }}{{ finding.title }}")
        with document.each("task in finding.tasks"):
            document.level(3, "{{ task.number }}{{ task.title }}（{{ task.code }}）")
            document.body(
                "牵头单位‖：{{ task.unit }}；配合单位：{{ task.assisting }}；整改时限：{{ task.limit }}；"
                "状态：{{ task.state }}，{{ task.pace }}，进度{{ task.percent }}。",
                "本期进展‖：{{ task.progress }}",
            )
            with document.each("part in task.parts"):
                document.body("{{ part.unit }}‖：{{ part.text }}")
            document.body("存在困难‖：{{ task.difficulty }}", "下步安排‖：{{ task.coming }}")
    document.level(1, "三、未达序时事项")
    with document.each("row in behind"):
        document.level(3, "{{ row.number }}{{ row.title }}（{{ row.code }}，{{ row.unit }}）")
        document.body(
            "{{ row.matter }}，原时限{{ row.limit }}，截至{{ as_of }}逾期{{ row.days }}个工作日。"
            "原因：{{ row.reason }}。需协调：{{ row.help }}。新的时限：{{ row.new_limit }}。"
        )
    with document.where("not behind"):
        document.body("截至{{ as_of }}，没有逾期或滞后于序时进度的事项。")
    document.level(1, "四、下一步")
    with document.each("line in coming"):
        document.body("{{ line.number }}{{ line.text }}。")
    with document.where("not coming"):
        document.body("没有即将到期的事项。")
    document.empty()
    document.body("附件：整改任务台账")
    document.signature("{{ organisation }}", "{{ date }}")
    document.empty()
    document.body("（联系人：{{ contact }}，联系电话：{{ phone }}）")
    document.landscape()
    document.flush("附件", HEAVY)
    document.title("整改任务台账（截至{{ as_of }}）")
    document.table(
        "task in ledger",
        [
            ("序号", "{{ task.number }}", 14),
            ("编号", "{{ task.code }}", 18),
            ("整改措施", "{{ task.title }}", 66),
            ("牵头单位", "{{ task.unit }}", 34),
            ("整改时限", "{{ task.limit }}", 40),
            ("状态", "{{ task.state }}", 20),
            ("序时情况", "{{ task.pace }}", 22),
            ("进度", "{{ task.percent }}", 20),
        ],
        left=(2,),
    )


PAPER = PaperKind("province", ProvinceReport, _compose, _lay_out, of_report=True)
