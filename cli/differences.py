"""The differences between two plans as tables, in the words of the workbook's own columns."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from textwrap import shorten

from cli.shared import print_table, say
from db.ledger import Amendment, Moved
from papers.workbook.layout import DUTIES, FACTS, MEASURES, QUESTIONS, UNITS, roles_table
from plan.differences import ORDER, PlanChange
from plan.due import DueRule, due_text
from plan.types import (
    Cadence,
    DurationClass,
    DutyKind,
    EvidenceRule,
    Gather,
    InspectionKind,
    Precision,
    Roll,
    WorkState,
)
from tasks.context import work_time
from text.catalogue import term

_LONGEST = 60
_KINDS = {"added": "新增", "removed": "删除", "changed": "修改"}
_SUBJECTS = {
    "inspection": "巡察信息",
    "audience": "巡察信息",
    "role": "岗位",
    "unit": "责任单位",
    "finding": "反馈问题",
    "measure": "整改措施",
    "duty": "督办事项",
    "question": "待确认问题",
}
_HEADERS = {
    "inspection": {path[-1]: header for path, header, _, _ in FACTS if path[0] == "inspection"},
    "measure": {column.name: column.header for column in MEASURES.columns},
    "duty": {column.name: column.header for column in DUTIES.columns},
    "question": {column.name: column.header for column in QUESTIONS.columns},
    "unit": {column.name: column.header for column in UNITS.columns},
    "role": {column.name: column.header for column in roles_table(1).columns} | {"channels": "渠道"},
    "finding": {"title": "反馈问题", "goal": "整改目标"},
}
_AUDIENCES = {path[-1]: header for path, header, _, _ in FACTS if path[0] == "audiences"}
_WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("inspection", "kind"): InspectionKind,
    ("measure", "duration"): DurationClass,
    ("measure", "state"): WorkState,
    ("measure", "evidence"): EvidenceRule,
    ("duty", "kind"): DutyKind,
    ("duty", "cadence"): Cadence,
    ("duty", "roll"): Roll,
    ("duty", "precision"): Precision,
}


def show_amendment(found: Amendment) -> None:
    """What differs, what it moves, opens and withdraws."""
    if not found.changes:
        say("方案没有变化")
        return
    print_table("方案的变化", ("变化", "对象", "编号", "栏目", "原来", "现在"), [_row(one) for one in found.changes])
    if found.moved:
        rows = [_moved_row(one) for one in found.moved]
        print_table("调整的期次", ("期次", "原期限", "新期限", "原下一节点", "新下一节点"), rows)
    _list("新开的期次", found.opened)
    _list("撤销的期次", found.withdrawn)


def _list(title: str, names: Sequence[str]) -> None:
    if names:
        print_table(title, ("期次",), [(name,) for name in names])


def _row(one: PlanChange) -> tuple[str, ...]:
    where = _AUDIENCES.get(one.where, one.where) if one.subject == "audience" else one.where
    values = (shorten(_said(one, value), _LONGEST, placeholder="…") for value in (one.before, one.after))
    return _KINDS[one.kind], _SUBJECTS[one.subject], where, _header(one), *values


def _header(one: PlanChange) -> str:
    if one.field == ORDER:
        return "先后次序"
    return _HEADERS.get(one.subject, {}).get(one.field, "" if one.subject == "audience" else one.field)


def _said(one: PlanChange, value: str) -> str:
    if (one.subject, one.field) == ("duty", "due"):
        return due_text(DueRule.parse(value), None)
    if (one.subject, one.field) == ("duty", "gather"):
        return "、".join(term(Gather(name)) if name in list(Gather) else name for name in value.split("、"))
    words = _WORDS.get((one.subject, one.field))
    return term(words(value)) if words and value else value


def _moved_row(one: Moved) -> tuple[object, ...]:
    return one.period, one.due_before, one.due_after, _local(one.next_before), _local(one.next_after)


def _local(moment: datetime | None) -> str:
    return work_time().minute_text(moment) if moment else ""
