"""A plan as the rows of its workbook's sheets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from papers.workbook import PlanStatus
from papers.workbook.answers import open_questions
from papers.workbook.layout import FACTS
from papers.workbook.names import labels
from plan.due import DueRule, due_text
from plan.model import DutySpec, MeasureSpec, Plan
from plan.questions import asked_questions
from plan.types import Cadence, Gather, Roll
from text.catalogue import term

Fields = dict[str, Any]
_PLAIN_DUE = DueRule.parse("end")
_PLAIN_WORKDAYS = 2
_TOLD = 40
"""Measures of one question whose titles stand beside it."""


class PlanRows:
    """The rows of every sheet, in the order of the plan; values are the plan's own, names are labels."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._units = labels({key: unit.name for key, unit in plan.units.items()})
        self._roles = labels({key: role.name for key, role in plan.roles.items()})
        self._measures = [measure for finding in plan.findings for measure in finding.measures]

    def measures(self, status: PlanStatus | None) -> list[Fields]:
        """整改台账: a measure a row, with its finding; its lamp where ``status`` has it."""
        rows = []
        for finding in self._plan.findings:
            named = {"finding": finding.code, "finding_title": finding.title}
            for measure in finding.measures:
                goal = finding.goal if measure is finding.measures[0] else None
                rows.append(named | {"goal": goal} | self._measure(measure) | _lamp(status, measure.code))
        return _numbered(rows)

    def _measure(self, measure: MeasureSpec) -> Fields:
        fields = {name: getattr(measure, name) for name in type(measure).model_fields}
        return fields | {
            "lead": self._units[measure.lead],
            "assisting": [self._units[key] for key in measure.assisting],
            "deputy": [self._roles[key] for key in measure.deputy],
        }

    def duties(self) -> list[Fields]:
        """督办事项: a duty a row, with its measure."""
        return _numbered(
            _joined(measure, _duty(duty) | {"gather": [self._source(one) for one in duty.gather]})
            for measure in self._measures
            for duty in measure.duties
        )

    def _source(self, written: str) -> str:
        """Who gives parts, as a cell names it: a word for all of a kind, or one unit."""
        return term(Gather(written)) if written in list(Gather) else self._units[written]

    def questions(self) -> list[Fields]:
        """待确认问题: a question a row, with its measures; before them what the round itself leaves open."""
        asked = [
            ([one.code for one in found.measures], _titles(found.measures), found.question)
            for found in asked_questions(self._plan)
        ]
        all_open = [(codes, "", question) for codes, question in open_questions(self._plan)]
        return _numbered(
            {"code": codes, "measure_title": title} | question.model_dump()
            for codes, title, question in (*all_open, *asked)
        )

    def units(self) -> list[Fields]:
        """责任单位, in the order of the plan."""
        return _numbered(
            {
                "key": key,
                "name": unit.name,
                "former": unit.name,
                "handler": [self._roles[role] for role in unit.handler],
                "leader": [self._roles[role] for role in unit.leader],
                "superior": self._units[unit.superior] if unit.superior else None,
            }
            for key, unit in self._plan.units.items()
        )

    def roles(self) -> list[Fields]:
        """岗位, with channels and addresses side by side, the best first."""
        return _numbered(
            {"key": key, "name": role.name, "former": role.name} | _pairs(role.channels)
            for key, role in self._plan.roles.items()
        )

    def facts(self) -> list[Fields]:
        """巡察信息: a fact a row, its value as the cell shows it."""
        return [
            {"header": header, "value": None if value is None else kind.write(value), "note": note}
            for place, header, kind, note in FACTS
            for value in [self._fact(place)]
        ]

    def _fact(self, place: tuple[str, ...]) -> Any:
        value: Any = self._plan
        for part in place:
            value = getattr(value, part)
        return [self._roles[key] for key in value] if isinstance(value, list) else value


def _numbered(rows: Iterable[Fields]) -> list[Fields]:
    return [{"order": place} | row for place, row in enumerate(rows, 1)]


def _joined(measure: MeasureSpec, fields: Fields) -> Fields:
    return {"code": measure.code, "measure_title": measure.title} | fields


def _titles(measures: Sequence[MeasureSpec]) -> str:
    if len(measures) == 1:
        return measures[0].title
    told = [f"{one.code} {one.title}" for one in measures[:_TOLD]]
    return "\n".join([*told, *([f"等{len(measures)}项"] if len(measures) > _TOLD else [])])


def _duty(duty: DutySpec) -> Fields:
    """A duty's fields; what says nothing there (a rule for a single date, a count no roll uses) stays empty."""
    fields = {name: getattr(duty, name) for name in type(duty).model_fields}
    fields["due"] = due_text(duty.due, duty.cadence)
    # What says nothing stays empty, and is read back as the default that it was.
    if duty.cadence is Cadence.ONCE and duty.due == _PLAIN_DUE:
        del fields["due"]
    if duty.roll is not Roll.NTH_WORKDAY_AFTER and duty.roll_workdays == _PLAIN_WORKDAYS:
        del fields["roll_workdays"]
    return fields


def _pairs(channels: Mapping[str, str]) -> Fields:
    numbered = list(enumerate(channels.items(), 1))
    return {f"channel{place}": name for place, (name, _) in numbered} | {
        f"address{place}": address for place, (_, address) in numbered
    }


def _lamp(status: PlanStatus | None, code: str) -> Fields:
    found = status.measures.get(code) if status else None
    if found is None:
        return {}
    return {"lamp": found.lamp, "time_state": found.time_state, "next_due": found.next_due}
