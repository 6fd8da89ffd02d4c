"""A draft becomes a plan: what the wording settles are duties, all the rest are questions (architecture 9).

Promise: whatever the draft says, the plan keeps every limit of ``plan/model.py``
(tests/intake/plan_from_draft_test.py).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count

from intake.draft import Ask, Draft, DraftFacts, DraftFinding, DraftMeasure, Hint
from intake.role_directory import OFFICE, WHO_LEADS, RoleDirectory
from intake.states import FINISHED
from intake.task_list import with_obligations_as_tasks
from intake.truncate import LONGEST_TITLE, truncate_line, truncate_text
from plan.due import DueRule
from plan.model import (
    CODE_SHAPE,
    KEY_SHAPE,
    AudienceSpec,
    DutySpec,
    FindingSpec,
    InspectionSpec,
    MeasureSpec,
    Plan,
    QuestionSpec,
)
from plan.types import Cadence, DurationClass, DutyKind, Precision, WorkState
from text.catalogue import term
from text.refusals import Refusal

_OPTIONS = {
    "organisation": ("被巡察（督察、审计）的单位", "--organisation"),
    "inspector": ("巡察（督察、审计）组", "--inspector"),
    "kind": ("类别", "--kind"),
    "feedback_on": ("反馈日期", "--feedback-on"),
}
_SINGLE = (None, Cadence.ONCE)
_LIMIT = "整改时限"
_BREAKS = re.compile(r"[。；;，,！!\n]")
UNTIL_WHEN = "办到哪一天为止？"
"""How every question ends that asks for the last day of what recurs."""
_LONGEST_CODE = 24
"""Characters of a finding's code, so that its measures' codes still fit."""
_NOTES = {True: "原文写明已经完成", False: "进展见措施原文"}
_KEEP_UP = Ask("长期坚持", "长期坚持的，多久复看一次、由谁复看？", "每半年回头看一次")
_IS_DONE = Ask("已完成", "原文称已经完成：是否验收销号，何时回头看？", "不设期限，一年后回头看一次")


def plan_from_draft(draft: Draft, key: str) -> Plan:
    """Make the plan of a draft.

    Args:
        draft: what was read; its facts must name organisation, inspector, kind and feedback date.
        key: the round's key in the plan, such as ``ezhou-2024``.

    Returns:
        The plan. Dates and cadences that a person must still confirm are ``assumed``; each duty quotes its wording.

    Raises:
        Refusal: there is no finding and no obligation, facts are missing (the refusal names all of them with the
            options that supply them), or ``key`` is no key.
    """
    draft = draft if draft.findings else with_obligations_as_tasks(draft)
    _check(draft, key)
    posts = RoleDirectory(draft)
    findings = _Findings(draft, posts).specs()
    return Plan(
        inspection=_inspection(draft, key),
        roles=posts.roles(),
        units=posts.units(),
        audiences=AudienceSpec(office=[OFFICE]),
        findings=findings,
    )


def _check(draft: Draft, key: str) -> None:
    if not draft.findings:
        raise Refusal("intake_no_findings", source=draft.source)
    missing = [words for name, words in _OPTIONS.items() if not truncate_line(str(getattr(draft.facts, name) or ""))]
    if missing:
        what, options = ("、".join(words) for words in zip(*missing, strict=True))
        raise Refusal("intake_fact_missing", source=draft.source, what=what, option=options)
    if not re.fullmatch(KEY_SHAPE, key):
        raise Refusal("intake_key", key=key)


def _inspection(draft: Draft, key: str) -> InspectionSpec:
    facts: DraftFacts = draft.facts
    organisation = truncate_line(facts.organisation or "")
    return InspectionSpec.model_validate(
        {
            "key": key,
            "title": truncate_line(facts.title) or truncate_line(f"{organisation}整改"),
            "organisation": organisation,
            "inspector": truncate_line(facts.inspector or ""),
            "kind": facts.kind,
            "feedback_on": facts.feedback_on,
            "published_on": facts.published_on,
            "source": truncate_line(draft.source) or "导入",
        }
    )


class _Findings:
    """The findings of a draft with codes that fit and differ, and every question at the measure it belongs to."""

    def __init__(self, draft: Draft, posts: RoleDirectory) -> None:
        self._draft, self._posts = draft, posts
        self._asks: dict[str, list[Ask]] = {}
        # Of measures without a unit that is known: their unit itself says so, and the workbook asks.
        for ask in (ask for ask in draft.asks if replace(ask, where="") != WHO_LEADS):
            self._asks.setdefault(ask.where, []).append(ask)

    def specs(self) -> list[FindingSpec]:
        """The findings; questions that belong to no measure stand at the first one."""
        codes = _unique((finding.code for finding in self._draft.findings), _LONGEST_CODE, "{:02d}".format)
        specs = [self._finding(one, code) for one, code in zip(self._draft.findings, codes, strict=True)]
        rest = [_question(ask) for asks in self._asks.values() for ask in asks]
        first = specs[0].measures[0]
        measures = [first.model_copy(update={"questions": [*rest, *first.questions]}), *specs[0].measures[1:]]
        return [specs[0].model_copy(update={"measures": measures}), *specs[1:]]

    def _finding(self, finding: DraftFinding, code: str) -> FindingSpec:
        measures = finding.measures or (_placeholder(finding),)
        wanted = (one.code if one.code.startswith(f"{code}-") else "" for one in measures)
        codes = list(_unique(wanted, 32, lambda number: f"{code}-{number}"))
        steps = _steps(measures)
        specs = [
            self._measure(one, its, limited=place not in steps)
            for place, (one, its) in enumerate(zip(measures, codes, strict=True))
        ]
        about = [_question(ask) for ask in self._asks.pop(finding.code, ())]
        specs[0] = specs[0].model_copy(update={"questions": [*about, *specs[0].questions]})
        title, goal = truncate_line(finding.title) or f"问题{code}", truncate_text(finding.goal) or None
        return FindingSpec(code=code, title=title, goal=goal, measures=specs)

    def _measure(self, measure: DraftMeasure, code: str, *, limited: bool) -> MeasureSpec:
        asks = self._asks.pop(measure.code, []) if measure.code else []
        duties, left = _duties(measure, limited=limited)
        duration = measure.duration or _duration(duties)
        asks += left
        if duration is DurationClass.STANDING and not duties and not asks:
            asks.append(_KEEP_UP)
        text = truncate_text(measure.text) or truncate_line(measure.title) or code
        return MeasureSpec(
            code=code,
            title=truncate_line(measure.title) or truncate_line(text),
            text=text,
            duration=duration,
            state=measure.state or WorkState.IN_PROGRESS,
            state_note=truncate_line(measure.state_note) or _NOTES[measure.state in FINISHED],
            lead=self._posts.unit(measure.lead),
            assisting=self._posts.assisting(measure),
            deputy=self._posts.deputies(measure),
            duties=duties,
            questions=[_question(ask) for ask in asks],
        )


def _unique(wanted: Iterable[str], longest: int, numbered: Callable[[int], str]) -> Iterator[str]:
    """Each wanted code that is one and was not given yet; for any other the next number that is free."""
    given: set[str] = set()
    all_wanted = list(wanted)
    for place, code in enumerate(all_wanted, 1):
        if not re.fullmatch(CODE_SHAPE, code) or len(code) > longest or code in given:
            taken = given | set(all_wanted[place:])
            code = next(free for number in count(place) if (free := numbered(number)) not in taken)
        given.add(code)
        yield code


def _placeholder(finding: DraftFinding) -> DraftMeasure:
    """A problem without measures is its own measure until a person says what is to be done."""
    return DraftMeasure("", truncate_line(finding.title, LONGEST_TITLE), finding.title, "原文没有写整改措施")


def _question(ask: Ask) -> QuestionSpec:
    phrase = truncate_line(ask.phrase) or "原文"
    return QuestionSpec(
        phrase=phrase, ask=truncate_line(ask.ask) or "请确认", suggest=truncate_line(ask.suggest) or "暂不处理"
    )


def _duration(duties: list[DutySpec]) -> DurationClass:
    if any(duty.cadence is Cadence.ONCE for duty in duties):
        return DurationClass.DATED
    return DurationClass.STANDING if duties else DurationClass.STAGED


def _duties(measure: DraftMeasure, *, limited: bool) -> tuple[list[DutySpec], list[Ask]]:
    """What the measure owes, and what is asked instead where a hint gives no date to hold anybody to.

    ``limited``: its finding's limit is its own, too.
    """
    if measure.state in FINISHED and measure.duration is not DurationClass.STANDING:
        return [], [_IS_DONE, *(_goes_on(hint) for hint in measure.hints if hint.cadence not in _SINGLE)]
    duties, asks = list[DutySpec](), list[Ask]()
    used: Counter[str] = Counter()
    hints = [*(_limit(measure) if limited else []), *measure.hints]
    days = {hint.kind: {one.due for one in hints if one.kind == hint.kind and _day(one)} for hint in hints}
    for hint in hints:
        if hint.cadence in _SINGLE and measure.state in FINISHED:
            continue
        spec = _duty(hint, measure, used, among_several=len(days[hint.kind]) > 1)
        if spec is None:
            asks.append(
                Ask(hint.phrase, f"“{truncate_line(hint.phrase, 60)}”从哪一天算起，到底是哪一天？", "暂不设期限")
            )
        elif not any(spec.due_on and spec.due_on == other.due_on for other in duties):
            until = _until(measure) if spec.cadence is not Cadence.ONCE and spec.ends_on is None else None
            if until and (measure.lasting or measure.duration is DurationClass.STANDING):
                spec = spec.model_copy(update={"assumed": True})
                asks.append(_until_when(hint, until))
            elif until and (spec.opens_on is None or spec.opens_on <= until):
                spec = spec.model_copy(update={"ends_on": until})
            duties.append(spec)
            asks += [] if hint.certain else [_confirm(hint, spec)]
    return duties, asks


def _until(measure: DraftMeasure) -> date | None:
    """The last day of what recurs in a measure: its limit, else the last of its own days."""
    own = [day for hint in measure.hints if hint.certain and hint.kind is DutyKind.FINISH and (day := _day(hint))]
    return measure.due or max(own, default=None)


def _until_when(hint: Hint, limit: date) -> Ask:
    ask = f"原文又写长期坚持：“{truncate_line(hint.phrase, 60)}”在{limit}以后{UNTIL_WHEN}"
    return Ask(hint.phrase, ask, "不设终点，一直办下去")


def _steps(measures: Sequence[DraftMeasure]) -> set[int]:
    """Which measures have a day of their own before the limit that all of their finding have: it is theirs, and the
    finding's stands at the others, or at the last of those that owe something."""
    limit = measures[0].due if len({one.due for one in measures}) == 1 and len(measures) > 1 else None
    if limit is None:
        return set()
    days = [
        [day for hint in one.hints if hint.certain and hint.kind is DutyKind.FINISH and (day := _day(hint))]
        for one in measures
    ]
    owing = [place for place, one in enumerate(measures) if one.state not in FINISHED]
    stepped = [place for place in owing if days[place] and max(days[place]) <= limit]
    if owing and len(stepped) == len(owing):
        stepped.remove(max(owing, key=lambda place: (max(days[place]), place)))
    return set(stepped)


def _day(hint: Hint) -> date | None:
    """The day by which something is due once; None for a recurrence and for a rule without a known first day."""
    return _due(hint)[1] if hint.cadence in _SINGLE else None


def _goes_on(hint: Hint) -> Ask:
    """What is asked of a rhythm in work that is said to be done: it may be how the work was done, or what goes on."""
    ask = f"原文称已经完成，又写有“{truncate_line(hint.phrase, 60)}”：是否继续按此督办？"
    return Ask(hint.phrase, ask, "不排日程；仍要督办的，补作一项督办事项")


def _confirm(hint: Hint, spec: DutySpec) -> Ask:
    """What is asked of a reading that is not certain; the duty stands as assumed until the answer."""
    read = f"{spec.due_on}到期" if spec.due_on else f"{term(spec.cadence)}一次"
    return Ask(
        hint.phrase,
        f"“{truncate_line(hint.phrase, 60)}”读作{read}，是否正确？",
        truncate_line(hint.note) or f"暂按{read}",
    )


def _limit(measure: DraftMeasure) -> list[Hint]:
    """The limit of a ledger's own column, as a hint."""
    if measure.due is None:
        return []
    due, sure = measure.due.isoformat(), not measure.due_doubt
    return [Hint(_LIMIT, 0, 0, DutyKind.FINISH, None, due, measure.precision, sure, measure.due_doubt)]


def _duty(hint: Hint, measure: DraftMeasure, used: Counter[str], *, among_several: bool) -> DutySpec | None:
    """A hint as a duty; one day ``among_several`` is called by its clause."""
    due, due_on = _due(hint)
    if hint.cadence in _SINGLE and due_on is None:
        return None
    used[hint.kind] += 1
    cadence = hint.cadence or Cadence.ONCE
    said = truncate_line("：".join(filter(None, (measure.source, f"“{truncate_line(hint.phrase, 80)}”", hint.note))))
    return DutySpec(
        key=hint.kind if used[hint.kind] == 1 else f"{hint.kind}-{used[hint.kind]}",
        kind=hint.kind,
        title=(among_several and _clause(measure.text, hint))
        or f"{'限期' if due_on else term(cadence)}{term(hint.kind)}",
        cadence=cadence,
        due=due,
        due_on=due_on,
        opens_on=hint.opens_on,
        ends_on=hint.ends_on,
        precision=hint.precision if due_on else Precision.DAY,
        source=said,
        assumed=not hint.certain,
    )


def _clause(text: str, hint: Hint) -> str:
    """The clause of the text in which a day stands, on one line; empty for one that stands elsewhere."""
    if not hint.end:
        return ""
    start = max((found.end() for found in _BREAKS.finditer(text, 0, hint.start)), default=0)
    end = found.start() if (found := _BREAKS.search(text, hint.end)) else len(text)
    return truncate_line(text[start:end].strip(), LONGEST_TITLE)


def _due(hint: Hint) -> tuple[DueRule, date | None]:
    """The due rule of a cadence, or the date of a single duty; a rule nobody knows falls back to the period's end."""
    try:
        if hint.cadence in _SINGLE:
            return DueRule.parse("end"), date.fromisoformat(hint.due or "")
        return DueRule.parse(hint.due or "end"), None
    except ValueError:
        return DueRule.parse("end"), None
