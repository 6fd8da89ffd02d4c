"""How papers say what the ledger knows: limits, progress, reasons, what comes next; and nothing else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from db.paper_facts import LatePeriod, NextDuty, TaskFacts, state_counts
from plan.types import DurationClass, DutyKind, TimeState, WorkState
from text.catalogue import date_text, phrase, term
from text.clean import block

_DONE = (WorkState.ACCEPTED, WorkState.CLOSED)


def limit_text(task: TaskFacts) -> str:
    """Until when a task is to be finished; that it has no end; or that nobody said."""
    if task.limit is not None:
        return until_text(task.limit)
    standing = task.duration is DurationClass.STANDING or task.coming
    return phrase("paper.no_limit" if standing else "paper.limit_open")


def until_text(owed: NextDuty) -> str:
    """The day until which something is owed, and whether it is sure."""
    return phrase("paper.by", day=date_text(owed.due_on)) + _sure(owed)


def _sure(owed: NextDuty) -> str:
    return phrase("paper.assumed") if owed.assumed else phrase("paper.provisional") if owed.provisional else ""


def pace_text(task: TaskFacts) -> str:
    """How a task stands against its schedule; one that is over by how it ended."""
    return term(task.state if task.state in _DONE else task.time_state)


def percent_text(task: TaskFacts) -> str:
    """The progress last accepted, from what it was before the months; that none was."""
    if task.percent is None:
        return phrase("paper.no_percent")
    before = task.percent_before
    if before is None or before == task.percent:
        return phrase("paper.percent", percent=task.percent)
    return phrase("paper.moved", before=before, percent=task.percent)


def progress_text(task: TaskFacts) -> str:
    """What was accepted of a task in the months, a line for each report; empty where nothing was."""
    return "\n".join(
        phrase(
            "paper.report",
            duty=one.duty,
            period=one.period,
            day=date_text(one.submitted_on),
            percent=one.percent,
            body=block(one.body).replace("\n", ""),
        )
        for one in task.reports
    )


def difficulty_text(task: TaskFacts) -> str:
    """The difficulties that were reported; that none was; empty where nothing was reported at all."""
    said = dict.fromkeys(one.difficulty for one in task.reports if one.difficulty)
    return "；".join(said) or (phrase("paper.unsaid") if task.reports else "")


def coming_text(task: TaskFacts) -> str:
    """What a task owes next; empty where it owes nothing more."""
    return "；".join(phrase("paper.coming", title=one.title, limit=until_text(one)) for one in task.coming)


def reason_of(late: LatePeriod) -> str:
    """Why something is late, as far as the ledger was told."""
    why = late.why
    said = [
        phrase("paper.returned", why=why.returned) if why.returned else "",
        phrase("paper.refused", why=why.refused) if why.refused else "",
        why.difficulty,
    ]
    return "；".join(filter(None, said)) or phrase("paper.silent")


def new_limit_text(late: LatePeriod) -> str:
    """The later limit that was asked for; empty where none was."""
    return phrase("paper.asked", day=date_text(late.why.asked)) if late.why.asked else ""


def counts_text(tasks: Sequence[TaskFacts]) -> str:
    """How many tasks stand in each state now."""
    counts = [(state, now) for state, _, now in state_counts(tasks) if now]
    return "，".join(phrase("paper.counted", state=term(state), n=now) for state, now in counts)


def changes_text(tasks: Sequence[TaskFacts]) -> str:
    """What changed of these counts since the months began."""
    changed = [(state, before, now) for state, before, now in state_counts(tasks) if before != now]
    said = "，".join(phrase("paper.changed", state=term(state), before=was, n=now) for state, was, now in changed)
    return said or phrase("paper.unchanged")


def coming_lines(tasks: Iterable[TaskFacts], last: date) -> list[str]:
    """What falls due until a day, by its date: what is to be finished one by one, what recurs by its number.

    Args:
        tasks: of an inspection.
        last: a day in the office's zone.
    """
    by_day: dict[date, list[tuple[TaskFacts, NextDuty]]] = {}
    for task in tasks:
        for owed in task.coming:
            if owed.due_on <= last:
                by_day.setdefault(owed.due_on, []).append((task, owed))
    lines = []
    for day, found in sorted(by_day.items()):
        single = [(task, owed) for task, owed in found if owed.kind in (DutyKind.FINISH, DutyKind.REPORT)]
        said = [phrase("paper.one", title=owed.title, code=task.code) + _sure(owed) for task, owed in single]
        recurring = Counter((owed.title, _sure(owed)) for pair in found if pair not in single for owed in pair[1:])
        said += [phrase("paper.several", title=title, n=n) + sure for (title, sure), n in recurring.items()]
        limit = phrase("paper.by", day=date_text(day))
        lines.append(phrase("paper.until", limit=limit, what="、".join(said)))
    return lines


def by_unit(tasks: Sequence[TaskFacts], most: int | None = None) -> str:
    """Tasks by the unit that leads them, each by its code, in the order of the plan; that there is none.

    Args:
        tasks: of an inspection.
        most: of more than so many each unit's are only counted; None: never.
    """
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(task.lead_unit, []).append(task.code)
    if most is not None and len(tasks) > most:
        return "、".join(phrase("paper.several", title=unit, n=len(codes)) for unit, codes in found.items())
    return "；".join(f"{unit}{'、'.join(codes)}" for unit, codes in found.items()) or phrase("paper.none")


def is_behind(task: TaskFacts) -> bool:
    """Whether a task does not keep its schedule."""
    return bool(task.late) or task.time_state in (TimeState.BEHIND, TimeState.OVERDUE)
