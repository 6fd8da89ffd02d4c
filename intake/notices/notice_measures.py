"""The work of one problem as measures: one for each item of a list, else one for the whole text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from intake.draft import Ask, DocumentDates, DraftMeasure, Hint, Unplaced
from intake.ledgers.people import names_of, units_of
from intake.normalise import half_width
from intake.notices.named_problem import (
    NamedProblem,
    attribute_labels,
    attributes_of,
    left_aside,
    merged_attributes,
    own_words,
)
from intake.notices.notice_grammar import (
    ATTRIBUTE_ROLES,
    WORK_ROLES,
    LabelRole,
    NoticeGrammar,
)
from intake.notices.outline import OutlineNode
from intake.notices.sentences import first_sentence, last_in_brackets, sentences, short_title
from intake.phrases import read_limit, read_wording
from intake.states import FINISHED, StateReading, load_states
from intake.truncate import truncate_line
from plan.types import DurationClass, WorkState

_SIGNS = "。．.；;，,、： :"
_DESCRIBED = "问题描述"
_LONGEST_DATE = 14
"""Characters of a limit that is a date and nothing else: 2024年12月31日之前完成."""
NO_DATE = Ask("没有写明日期", "何时完成、多久报一次进展、由谁报送？", "每季度报一次进展，完成时限由牵头单位提出")
"""What is asked of a measure whose text gives neither a day nor a rhythm."""
_PERHAPS_DONE = Ask("已做的事", "原文写的是已经做了的事，没有写明整改状态：是否已经完成？", "暂不排日程")
_BLOCKS = (LabelRole.MEASURE, LabelRole.PROGRESS, LabelRole.RESULT)
"""Whose text holds the measures: the first of these that there is. What the others say is told with them."""


@dataclass(slots=True)
class _Item:
    """The text of one measure, the lines it stood on, and who and when, as far as it is said right there; ``told`` of
    what a report says was done."""

    text: str
    lines: tuple[int, ...]
    details: dict[LabelRole, str] = field(default_factory=dict)
    number: int | None = None
    told: bool = False


@dataclass(slots=True)
class _Work:
    """A problem's blocks of one role: the state their first sentence names, its wording, and the items."""

    state: StateReading | None = None
    said: str = ""
    items: list[_Item] = field(default_factory=list)


class MeasureReader:
    """Reads the measures of a notice's problems; ``default`` is the state of one whose text names none."""

    def __init__(self, grammar: NoticeGrammar, dates: DocumentDates, default: WorkState | None) -> None:
        self._grammar, self._dates, self._default = grammar, dates, default
        self._states = load_states()
        self.asks: list[Ask] = []
        self.unplaced: list[Unplaced] = []

    def measures(self, problem: NamedProblem, code: str) -> tuple[DraftMeasure, ...]:
        """The measures of one problem, with the codes ``code-1``, ``code-2`` …; adds to ``asks`` and ``unplaced``."""
        blocks = [self._work(block for block in problem.work if block.role is role) for role in _BLOCKS]
        upcoming = self._work(block for block in problem.work if block.role is LabelRole.NEXT)
        work = next((block for block in blocks if block.items), _Work())
        notes = [block for block in blocks if block is not work]
        label = problem.details.get(LabelRole.STATE, "")
        # The heading may have the state of all in brackets at its end (关于…的问题(已完成)), or the last of several
        # sentences may (①…。②…。(已完成)).
        closing, before = last_in_brackets(work.items[-1].text) if len(work.items) > 1 else ("", "")
        heading, _ = last_in_brackets(problem.title)
        said_last = (heading, closing if before.endswith("。") else "")
        named = label or next(filter(self._states.sentence, said_last), "")
        said = _once(named, work.said, *(one.said for one in notes))
        states = (self._answer(label), self._states.sentence(named), work.state, *(one.state for one in notes))
        state = next(filter(None, states), None)
        rows = [(item, state, said) for item in work.items]
        if not rows:
            answers = [one.details.get(LabelRole.STATE, "") for one in upcoming.items]
            asked = (one for one in problem.labels if one.role is LabelRole.STATE and answers)
            self._leave(one for one in asked if not any(own_words(one) in text for text in answers))
        for note in notes:
            rows = [
                (
                    replace(
                        item,
                        lines=(*item.lines, *one.lines),
                        details=merged_attributes(one.details, item.details),
                    ),
                    state,
                    _once(told, one.text),
                )
                for (item, state, told), one in zip(rows, _told(note, work.items), strict=True)
            ]
        rows += [(item, upcoming.state, upcoming.said) for item in upcoming.items]
        told = (one for one in problem.labels if one.role is not LabelRole.STATE)
        self._leave_overruled(told, [item for item, _, _ in rows])
        if not rows:
            self._leave(problem.labels)
        measures = [
            self._measure(item, f"{code}-{place}", problem, state, note)
            for place, (item, state, note) in enumerate(rows, 1)
        ]
        # The days that goals name and no measure does are those of the measures: each has its own item of a list of
        # goals, or all of them.
        known = {hint.due for one in measures for hint in one.hints if not hint.cadence}
        known |= {str(one.due) for one in measures}
        for place, measure in enumerate(measures):
            own = [goal.heads[place] if len(goal.heads) == len(measures) > 1 else goal for goal in problem.goals]
            days = [
                replace(hint, start=0, end=0, note=f"整改目标：{hint.note}".rstrip("："))
                for goal in own
                for hint in read_wording(goal.whole, self._dates).hints
                if hint.due and not hint.cadence and hint.due not in known
            ]
            measures[place] = replace(measure, hints=(*measure.hints, *dict.fromkeys(days)))
        return tuple(measures)

    def _answer(self, label: str) -> StateReading | None:
        """What a label that asks for the state says."""
        read = self._states.cell(label)
        return read if read.state or read.duration else None

    def _leave_overruled(self, labels: Iterable[OutlineNode], items: list[_Item]) -> None:
        """Who and when of a problem or a label, where every measure says it otherwise."""
        for label in labels:
            said = own_words(label)
            if items and label.role and all(said not in item.details.get(label.role, said) for item in items):
                self._leave([label])

    def _leave(self, labels: Iterable[OutlineNode]) -> None:
        """Who and when that finds no place."""
        for label in labels:
            self.unplaced += left_aside(label.told, _DESCRIBED)

    def _work(self, blocks: Iterable[OutlineNode]) -> _Work:
        work = _Work()
        for block in blocks:
            first, rest = first_sentence(block.text)
            state = self._states.sentence(first) if first else None
            work.state, work.said = work.state or state, "\n".join(filter(None, (work.said, first if state else "")))
            items = self._items(block, rest if state else block.text)
            if not items and state and not work.items:
                items = [_Item(first, tuple(block.lines), attributes_of(block))]
            elif not items:
                self._leave(attribute_labels(block))
            told = block.role in (LabelRole.PROGRESS, LabelRole.RESULT)
            work.items += [replace(one, told=told) for one in items]
        return work

    def _items(self, block: OutlineNode, lead: str) -> list[_Item]:
        """The items below a label; the text before the first one stays with it."""
        items: list[_Item] = []
        for child in block.children:
            if child.role in WORK_ROLES and child.heads:
                items += self._items(child, child.text)
            elif child.role not in ATTRIBUTE_ROLES:
                items.append(_Item(child.whole, tuple(child.lines), attributes_of(child), child.number))
        own_lines = (*([block.line] if block.title else []), *(one.line for one in block.paragraphs))
        if not items:
            lead, *others = self._instances(lead)
            items = [_Item("", own_lines), *(_Item(one, own_lines) for one in others)]
        elif lead:
            items[0].lines = (*own_lines, *items[0].lines)
        elif {line for item in items for line in item.lines} == {block.line} and items[-1].text.endswith("。"):
            # …；2.每月调度。整改时限：… in one paragraph: what only the last says is said of all its items.
            shared = items[-1].details
            for item in items if not any(item.details for item in items[:-1]) else ():
                item.details = dict(shared)
        items[0].text = "".join(filter(None, (lead, items[0].text)))
        beside = [child for child in block.children if child.role in ATTRIBUTE_ROLES]
        own = _together(map(attributes_of, beside))
        self._leave_overruled((label for child in beside for label in attribute_labels(child)), items)
        for item in items:
            item.text = item.text.rstrip("；;，,、（( ")
            own = merged_attributes(own, {} if item.text else item.details)
        for item in items:
            item.details = own | item.details
        return [item for item in items if item.text]

    def _instances(self, text: str) -> list[str]:
        """A text without numbers as its clauses, where each begins with the body whose work it is: 某镇…；某局…。"""
        clauses = [one for one in re.split(r"(?<=[；;])", text) if one.strip()]
        first = sentences(clauses[0].rstrip("；;"))[-1:] if clauses else []
        own = [*first, *clauses[1:]]
        return (
            clauses if len(own) > 2 and all(self._grammar.instances.match(half_width(one)) for one in own) else [text]
        )

    def _measure(
        self, item: _Item, code: str, problem: NamedProblem, state: StateReading | None, note: str
    ) -> DraftMeasure:
        # What a measure says of its state (by a label, in its first sentence or in brackets at its end), and the rest.
        said, text = item.details.get(LabelRole.STATE, ""), item.text
        for first, rest in (first_sentence(text), last_in_brackets(text)) if not said else ():
            if rest and LabelRole.STATE not in item.details and self._states.sentence(first):
                said, text = first, rest
                break
        reading = read_wording(text, self._dates)
        details = problem.details | item.details
        own = self._answer(item.details.get(LabelRole.STATE, "")) or self._states.sentence(said)
        if limited := read_limit(details.get(LabelRole.LIMIT, "").strip(_SIGNS), self._dates).state:
            own = own or StateReading(limited)
        state, note = own or state, _once(note, said)
        # What the measure says of its state, else what its section says; finished only where one of them says so. What
        # a closure publicity calls done was accepted.
        whole, standing = half_width(f"{text}\n{note}"), problem.standing
        around = standing.state if standing and standing.state in FINISHED else None
        stands = (state.state if state else None) or around or self._states.told(sentences(whole), whole)
        if self._default and (state is None or state.state in (None, WorkState.DONE_CLAIMED)):
            stands = self._default
        duration = next((one.duration for one in (state, problem.standing) if one and one.duration), reading.duration)
        measure = DraftMeasure(
            code=code,
            title=short_title(text),
            text=text,
            source=f"第{item.lines[0]}行",
            places=tuple(f"第{line}行" for line in dict.fromkeys(item.lines)),
            duration=duration,
            state=stands or WorkState.IN_PROGRESS,
            state_note=note,
            hints=reading.hints,
        )
        if measure.state in FINISHED:
            measure = replace(measure, hints=tuple(self._doubted(hint, text) for hint in measure.hints))
        measure = self._with_details(measure, details)
        self.asks += [replace(ask, where=code) for ask in reading.asks]
        if not (reading.hints or reading.asks or measure.due or measure.state in FINISHED):
            whole = half_width(text)
            done = item.told and self._states.tells_of_a_deed(sentences(whole), whole)
            self.asks.append(replace(_PERHAPS_DONE if done else NO_DATE, where=code))
        return measure

    def _doubted(self, hint: Hint, text: str) -> Hint:
        """A cadence of work that is done, uncertain where it only says how often the media told of it."""
        sentence = sentences(text[hint.start :])[0]
        return replace(hint, certain=False) if hint.cadence and self._grammar.media.search(sentence) else hint

    def _with_details(self, measure: DraftMeasure, details: dict[LabelRole, str]) -> DraftMeasure:
        leading, helping = units_of(details.get(LabelRole.LEAD, "").strip(_SIGNS))
        helping += names_of(details.get(LabelRole.ASSISTING, "").strip(_SIGNS))
        # Who wrote the list may have added the limit: 配合单位：水科，2024年5月底前完成.
        limits = [one for one in leading + helping if read_limit(one, self._dates).due]
        units, assisting = ([one for one in those if one not in limits] for those in (leading, helping))
        limit = "；".join(filter(None, (details.get(LabelRole.LIMIT), *limits)))
        measure = replace(
            measure,
            lead=units[0] if units else None,
            assisting=tuple(dict.fromkeys(units[1:] + assisting)),
            leader=details.get(LabelRole.LEADER, "").strip(_SIGNS) or None,
            handler=details.get(LabelRole.HANDLER, "").strip(_SIGNS) or None,
        )
        return self._with_limit(measure, limit) if limit else measure

    def _with_limit(self, measure: DraftMeasure, text: str) -> DraftMeasure:
        limit = read_limit(text.strip(_SIGNS), self._dates)
        settled = limit.duration is DurationClass.STANDING or limit.state in FINISHED
        if limit.why or (limit.due is None and not settled):
            why = limit.why or "没有写明日期"
            self.asks.append(Ask(truncate_line(text), f"整改时限{why}，到底是哪一天？", "暂不定期限", measure.code))
        elif limit.due and limit.ask:
            self.asks.append(replace(limit.ask, where=measure.code))
        elif len(text) > _LONGEST_DATE and not limit.state:
            self.asks.append(
                Ask(truncate_line(text), "整改时限里还写了别的话，是否另有节点？", f"按{limit.due}", measure.code)
            )
        duration = measure.duration or limit.duration
        return replace(
            measure,
            limit=text,
            due=limit.due,
            due_doubt=limit.doubt,
            precision=limit.precision,
            duration=duration,
            lasting=limit.keep_up,
        )


def _once(*texts: str | None) -> str:
    """The texts line by line, each once."""
    return "\n".join(dict.fromkeys(filter(None, texts)))


def _told(notes: _Work, items: list[_Item]) -> list[_Item]:
    """What is told of each measure: note by note where there are as many or their numbers say so, else all of each."""
    if len(notes.items) == len(items):
        return notes.items
    numbered: dict[int | None, _Item] = {note.number: note for note in notes.items if note.number}
    if numbered and len(numbered) == len(notes.items) and numbered.keys() <= {item.number for item in items}:
        return [numbered.get(item.number, _Item("", ())) for item in items]
    text = "\n".join(item.text for item in notes.items)
    return [_Item(text, (), _together(item.details for item in notes.items))] * len(items)


def _together(all_details: Iterable[dict[LabelRole, str]]) -> dict[LabelRole, str]:
    none: dict[LabelRole, str] = {}
    return reduce(merged_attributes, all_details, none)
