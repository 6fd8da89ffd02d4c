"""What people answer in the sheet 待确认问题: how it is read, and what it makes of a measure, which notes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from intake.draft import DocumentDates
from intake.phrases import read_limit, read_wording
from intake.plan_from_draft import UNTIL_WHEN
from intake.role_directory import OFFICE, PROPOSED_OFFICE, UNASSIGNED, WHO_LEADS
from intake.states import FINISHED
from intake.truncate import truncate_line
from papers.workbook.cells import Unreadable
from plan.model import Plan, QuestionSpec
from plan.types import Audience, Cadence, DurationClass, DutyKind, WorkState
from text.catalogue import term
from text.limits import LONGEST_LINE

AS_SUGGESTED, NOT_NEEDED, DONE = "照此办理", "不需要", "已完成"
_CADENCES = {term(one): one for one in Cadence if one is not Cadence.ONCE}
CHOICES = (AS_SUGGESTED, NOT_NEEDED, DONE, *_CADENCES)
WHOLE_ROUND = "全部"
"""In the place of codes: all measures of the round."""
_WORDS = dict.fromkeys(("不需要督办", "无需", "无需督办", "不列入", "否"), NOT_NEEDED) | dict.fromkeys(
    ("完成", "已办结", "已整改完成"), DONE
)
_WORDS |= dict.fromkeys(("是", "正确", "同意", "按建议", "照此督办"), AS_SUGGESTED)
_BETWEEN = re.compile(r"[\n;；、，,]")
_QUOTED = 80
"""Characters of its wording that a duty quotes, as intake writes it."""
_NO_ANSWER = f"读不懂；可选{'、'.join(CHOICES)}，或填期限，如 2025-6-30，或两样都填，如 每季度、2025年底"

SUPERVISORS = {
    audience: QuestionSpec(phrase=term(audience), ask=ask, suggest=suggest)
    for audience, ask, suggest in (
        (Audience.DEPUTY, "逾期后由哪位分管领导督办？填姓名或岗位，有几位就分几行写", "没有领导督办的方案不能启用"),
        (Audience.HEAD, "久拖不办的，报哪位主要领导？填姓名或岗位", "没有领导督办的方案不能启用"),
        (Audience.DISCIPLINE, "久拖不办的，抄送哪个纪检监察机构或哪位负责人？填名称或岗位", "不抄送"),
        (Audience.OFFICE, "整改办由谁承担？填姓名或岗位", "先写作“整改办”"),
    )
}
"""What is asked of a plan with nobody on a rung; asked anew of every workbook, and kept by no plan."""
LEADS = QuestionSpec(phrase=WHO_LEADS.phrase, ask=WHO_LEADS.ask, suggest=WHO_LEADS.suggest)


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """An answer as read: one of the words, or a cadence, a day, or both; ``text`` is what is noted of it."""

    text: str
    word: str = ""
    cadence: Cadence | None = None
    day: str | None = None


def read_answer(text: str) -> WrittenAnswer:
    """An answer about a measure.

    Args:
        text: what the cell says.

    Raises:
        Unreadable: it is none, or several that do not go together.
    """
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    words = {word for part in parts if (word := _WORDS.get(part, part)) in (AS_SUGGESTED, NOT_NEEDED, DONE)}
    cadences = [_CADENCES[part] for part in parts if part in _CADENCES]
    days = list(_days(part for part in parts if part not in _CADENCES and _WORDS.get(part, part) not in words))
    if len(words) + bool(cadences or days) != 1 or len(cadences) > 1 or len(days) > 1:
        raise Unreadable("几样答复不能并用；请只留一样（频次和期限可以都填）")
    return WrittenAnswer(
        "、".join(parts), next(iter(words), ""), next(iter(cadences), None), next((day for day in days), None)
    )


def _days(parts: Iterator[str]) -> Iterator[str]:
    for part in parts:
        said = read_limit(part, DocumentDates())
        if said.due is None or said.ask is not None or said.keep_up or len(said.hints) > 1:
            raise Unreadable(_NO_ANSWER)
        yield said.due.isoformat()


def open_questions(plan: Plan) -> Iterator[tuple[list[str], QuestionSpec]]:
    """What a plan leaves open beside the questions of its measures: who supervises, and which unit leads.

    Args:
        plan: any plan.

    Returns:
        Each question with the codes of the measures it is about.
    """
    measures = [measure for finding in plan.findings for measure in finding.measures]
    for audience, question in SUPERVISORS.items():
        named = getattr(plan.audiences, audience)
        if audience is Audience.OFFICE:
            asked = named == [OFFICE] and plan.roles[OFFICE] == PROPOSED_OFFICE
        else:
            asked = not named and not (audience is Audience.DEPUTY and all(measure.deputy for measure in measures))
        if asked:
            yield [WHOLE_ROUND], question
    bare = [measure.code for measure in measures if measure.lead == UNASSIGNED]
    if bare:
        yield [WHOLE_ROUND] if len(bare) == len(measures) else bare, LEADS


def carry_out(answer: WrittenAnswer, question: dict[str, Any], measure: dict[str, Any], dates: DocumentDates) -> None:
    """Make of a measure what was answered, and note it there.

    Args:
        answer: as read.
        question: as the row has it.
        measure: of the tree of a plan; its state, duties and notes change.
        dates: of the round, from which a suggestion may count.

    Raises:
        Unreadable: what is suggested is that a person says it.
    """
    phrase, duties = question.get("phrase", ""), measure["duties"]
    quoted = f"“{truncate_line(phrase, _QUOTED)}”"
    meant = [duty for duty in duties if duty.get("assumed") == "true" and quoted in duty.get("source", "")]
    if answer.word == AS_SUGGESTED and not meant:
        answer = _suggested(answer, question.get("suggest", ""), dates)
    if answer.day and not answer.cadence and question.get("ask", "").endswith(UNTIL_WHEN):
        for duty in meant:
            duty["ends_on"] = answer.day
            _settle(duty, answer)
    elif answer.cadence or answer.day:
        _schedule(answer, phrase, measure, meant)
    elif answer.word == AS_SUGGESTED and meant:
        for duty in meant:
            _settle(duty, answer)
    else:
        measure["duties"] = [duty for duty in duties if duty not in meant and not _is_over(duty, answer)]
        if answer.word == DONE and measure.get("state") not in FINISHED:
            measure["state"] = WorkState.DONE_CLAIMED.value
        note = f"答复“{truncate_line(phrase, 20)}”：{answer.text}"
        measure["state_note"] = _joined(measure.get("state_note", ""), note)


def _suggested(answer: WrittenAnswer, suggestion: str, dates: DocumentDates) -> WrittenAnswer:
    """The answer with what a suggestion says of time: 每季度一次，期末前完成."""
    if "请" in suggestion:
        raise Unreadable(f"“{AS_SUGGESTED}”定不下日期；请填频次或期限")
    sure = [hint for hint in read_wording(suggestion, dates).hints if hint.certain]
    cadence = next((hint.cadence for hint in sure if hint.cadence), None)
    day = next((hint.due for hint in sure if not hint.cadence), None)
    return replace(answer, text=f"{answer.text}（{truncate_line(suggestion, 40)}）", cadence=cadence, day=day)


def _is_over(duty: dict[str, Any], answer: WrittenAnswer) -> bool:
    """Whether a duty has nothing left to ask: a day by which something was to be done that is done."""
    return answer.word == DONE and duty.get("cadence") == Cadence.ONCE


def _settle(duty: dict[str, Any], answer: WrittenAnswer) -> None:
    duty["assumed"] = "false"
    duty["source"] = _joined(duty.get("source", ""), f"答复：{answer.text}")


def _schedule(answer: WrittenAnswer, phrase: str, measure: dict[str, Any], meant: list[dict[str, Any]]) -> None:
    """A cadence and a day as duties: what was assumed takes them on, else they are duties of their own."""
    source = truncate_line(f"待确认问题“{truncate_line(phrase, 60)}”的答复：{answer.text}")
    recurring = [duty for duty in meant if duty.get("cadence") != Cadence.ONCE]
    single = [duty for duty in meant if duty.get("cadence") == Cadence.ONCE]
    duties = measure["duties"]
    if answer.cadence:
        if recurring and recurring[0].get("cadence") != answer.cadence:
            recurring[0].pop("due", None)
        duty = recurring[0] if recurring else _duty(DutyKind.REPORT, term(answer.cadence), source)
        duties += [] if recurring else [duty]
        duty |= {"cadence": answer.cadence.value} | ({"ends_on": answer.day} if answer.day else {})
        if recurring:
            duty["title"] = f"{term(answer.cadence)}{term(DutyKind(duty['kind']))}"
            _settle(duty, answer)
    if answer.day:
        finishes = any(duty.get("kind") == DutyKind.FINISH and duty not in single for duty in duties)
        kind = DutyKind.REPORT if finishes else DutyKind.FINISH
        duty = single[0] if single else _duty(kind, "限期", source)
        duties += [] if single else [duty]
        duty |= {"cadence": Cadence.ONCE.value, "due_on": answer.day}
        if single:
            _settle(duty, answer)
        if measure.get("duration") == DurationClass.STAGED:
            measure["duration"] = DurationClass.DATED.value
    # What was assumed in the place of the answer and is not what it says was wrong.
    given = {Cadence.ONCE: bool(answer.day)}
    measure["duties"] = [
        duty for duty in duties if duty not in meant or given.get(duty["cadence"], bool(answer.cadence))
    ]


def _duty(kind: DutyKind, when: str, source: str) -> dict[str, Any]:
    return {"key": "", "kind": kind.value, "title": f"{when}{term(kind)}", "source": source}


def _joined(text: str, note: str) -> str:
    """A line with a note behind it, which is never what is cut off."""
    room = LONGEST_LINE - len(note) - 1
    return f"{truncate_line(text, max(room, 20))}；{note}" if text else note
