"""整改情况通报: what the public is told, in the structure that such notices have.

Each measure passes a gate of its own: what may be told is told in the very words that were released, what may not is
left out, and what nobody decided stands there marked, without names and numbers of persons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.ledger.context import LedgerContext
from db.ledger.inspections import inspection
from db.ledger.release import person_names, publications
from db.models import Publication
from db.paper_facts import RoundFacts, TaskFacts, round_facts
from intake.chinese_numerals import chinese_numeral
from papers.kinds import PaperAsked, PaperKind, told
from papers.official import OfficialDocument
from papers.paper_words import counts_text
from rules.month_span import MonthSpan
from rules.personal_details import without_details
from text.catalogue import date_text, phrase, term
from text.refusals import Refusal

_STOP = "。；;．. "


@dataclass(frozen=True, slots=True)
class NoticeNote:
    """What the editor has to decide or to look at."""

    text: str = told("提示")


@dataclass(frozen=True, slots=True)
class NoticeFinding:
    """One problem, and what was done about it."""

    number: str = told("序号")
    code: str = told("问题编号")
    title: str = told("反馈问题")
    text: str = told("整改情况")


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """One of the next steps."""

    number: str = told("序号")
    text: str = told("下一步工作措施")


@dataclass(frozen=True, slots=True)
class Notice:
    """All that the notice tells."""

    round_title: str = told("轮次名称")
    organisation: str = told("发布机关")
    inspector: str = told("巡察（督察、审计）机关")
    feedback_on: str = told("反馈日期")
    opinion: str = told("反馈的是什么意见")
    as_of: str = told("数据截止日")
    date: str = told("发布日期")
    organised: str = told("整改工作组织开展情况：领导小组、会议、方案")
    findings_count: str = told("公开的问题个数")
    tasks_count: str = told("公开的措施项数")
    counts: str = told("公开的措施各状态项数")
    phone: str = told("联系电话")
    address: str = told("通讯地址")
    mail: str = told("电子邮箱")
    notes: tuple[NoticeNote, ...] = told("编制提示")
    findings: tuple[NoticeFinding, ...] = told("具体问题整改情况")
    steps: tuple[NoticeStep, ...] = told("下一步工作措施")


def _compose(ctx: LedgerContext, asked: PaperAsked) -> Notice:
    """What may be told of the inspection that is ``asked`` for, since its feedback and until the ``now`` of ``ctx``."""
    facts, present = since_feedback(ctx, asked.inspection), inspection(ctx.session, asked.inspection)
    decided = publications(ctx, present.id)
    names = person_names(ctx)
    shown = [
        (finding, [task for task in finding.tasks if not _is_withheld(decided.get(task.code))])
        for finding in facts.findings
    ]
    shown = [(finding, tasks) for finding, tasks in shown if tasks]
    tasks = [task for _, found in shown for task in found]
    steps = ("consolidate", "standing", "open")
    return Notice(
        round_title=facts.title,
        organisation=facts.organisation,
        inspector=facts.inspector,
        feedback_on=date_text(facts.feedback_on),
        opinion=phrase(f"paper.opinion.{present.kind}"),
        as_of=date_text(facts.as_of),
        date=date_text(facts.as_of),
        organised="",
        findings_count=str(len(shown)),
        tasks_count=str(len(tasks)),
        counts=counts_text(tasks),
        phone="",
        address="",
        mail="",
        notes=tuple(map(NoticeNote, _notes(ctx, facts.tasks, decided))),
        findings=tuple(
            NoticeFinding(f"{place}.", finding.code, finding.title, _told(found, decided, names))
            for place, (finding, found) in enumerate(shown, 1)
        ),
        steps=tuple(
            NoticeStep(f"（{chinese_numeral(place)}）", phrase(f"paper.step.{step}"))
            for place, step in enumerate(steps, 1)
        ),
    )


def _is_withheld(decision: Publication | None) -> bool:
    return decision is not None and decision.text is None


def _told(tasks: Sequence[TaskFacts], decided: Mapping[str, Publication], names: Sequence[str]) -> str:
    """What was done about a problem: 一是…。二是…。, or the one sentence where there is one measure."""
    said = []
    for task in tasks:
        decision = decided.get(task.code)
        if decision is not None and decision.text:
            said.append(decision.text)
        else:
            said.append(phrase("paper.unreleased") + without_details(public_text(task), names, phrase("paper.hidden")))
    if len(said) > 1:
        numbered = enumerate(said, 1)
        said = [phrase("paper.measure_several", which=chinese_numeral(place), text=text) for place, text in numbered]
    return "".join(phrase("paper.sentence", text=text.rstrip(_STOP)) for text in said)


def public_text(task: TaskFacts) -> str:
    """What may be proposed for the public of a measure: what it asks, and what was last accepted of it.

    Args:
        task: as papers tell it.
    """
    done = task.reports[-1].body if task.reports else task.note
    said = (text.replace("\n", "").rstrip(_STOP) for text in (task.text, done))
    return phrase("message.clause").join(filter(None, dict.fromkeys(said)))


def since_feedback(ctx: LedgerContext, key: str | None) -> RoundFacts:
    """An inspection with all that was accepted since the feedback, until the ``now`` of ``ctx``.

    Args:
        ctx: the context.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: those of ``inspection``.
    """
    return round_facts(ctx, key, MonthSpan(inspection(ctx.session, key).feedback_on, ctx.today))


def tasks_meant(ctx: LedgerContext, codes: Sequence[str], key: str | None) -> list[TaskFacts]:
    """The measures that somebody names by their own codes, or all of a finding by its code; each once.

    Args:
        ctx: the context.
        codes: as they were written, such as ``02-3`` or ``02``.
        key: of the inspection; None: the only one.

    Raises:
        Refusal: ``measure_unknown``, and those of ``inspection``.
    """
    facts = since_feedback(ctx, key)
    found: dict[str, TaskFacts] = {}
    for code in codes:
        own = code.rpartition("/")[2]
        named = [
            task
            for finding in facts.findings
            for task in finding.tasks
            if own in (finding.code, task.code.rpartition("/")[2])
        ]
        if not named:
            raise Refusal("measure_unknown", measure=code)
        found |= {task.code: task for task in named}
    return list(found.values())


def _notes(ctx: LedgerContext, tasks: Sequence[TaskFacts], decided: Mapping[str, Publication]) -> Iterator[str]:
    """What is to be decided, what is left out and why, and what went on since it was decided."""
    if waiting := [task for task in tasks if task.code not in decided]:
        yield phrase("paper.not_decided", n=len(waiting), codes="、".join(task.code for task in waiting))
    for task in tasks:
        decision = decided.get(task.code)
        if decision is None:
            continue
        about = {"code": task.code, "title": task.title}
        if decision.ground is not None:
            why = {"ground": term(decision.ground), "reason": decision.reason, "who": decision.decided_by}
            yield phrase("paper.withheld", **about, **why)
        elif any(one.submitted_on > ctx.work_time.day_of(decision.decided_at) for one in task.reports):
            yield phrase("paper.moved_on", **about, day=date_text(ctx.work_time.day_of(decision.decided_at)))


def _lay_out(document: OfficialDocument) -> None:
    """The notice as it is shipped."""
    document.title("{{ organisation }}关于{{ inspector }}反馈意见整改进展情况的通报")
    with document.for_the_editor():
        with document.where("notes"):
            document.small("编制提示（发布前删去）")
        with document.each("note in notes"):
            document.small("{{ note.text }}")
    document.body(
        "{{ feedback_on }}，{{ inspector }}向{{ organisation }}反馈了{{ opinion }}。"
        "按照有关要求，现将整改进展情况予以通报。"
    )
    document.level(1, "一、整改工作组织开展情况")
    document.body(
        "{{ organised }}",
        "针对反馈的问题，逐项制定整改措施。本通报公开问题{{ findings_count }}个、措施{{ tasks_count }}项，"
        "截至{{ as_of }}，{{ counts }}。",
    )
    document.level(1, "二、具体问题整改情况")
    with document.each("finding in findings"):
        document.level(3, "{{ finding.number }}{{ finding.title }}。")
        document.body("整改情况：{{ finding.text }}")
    document.level(1, "三、下一步工作措施")
    with document.each("step in steps"):
        document.body("{{ step.number }}{{ step.text }}")
    document.body(
        "欢迎广大干部群众对整改落实情况进行监督。如有意见建议，请及时反映。"
        "联系电话：{{ phone }}；通讯地址：{{ address }}；电子邮箱：{{ mail }}。"
    )
    document.signature("{{ organisation }}", "{{ date }}")


PAPER = PaperKind("notice", Notice, _compose, _lay_out)
