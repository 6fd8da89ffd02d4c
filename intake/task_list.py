"""A paper that asks for something: each of its lines with an obligation outside the findings is a task (督查通知)."""

from dataclasses import replace

from intake.draft import Ask, Draft, DraftFinding, DraftMeasure
from intake.phrases import read_wording
from intake.truncate import LONGEST_TITLE, truncate_line
from intake.years_named import with_dates

TASKS = "工作任务"
"""What a list of tasks without a heading is called."""


def with_obligations_as_tasks(draft: Draft) -> Draft:
    """A draft with the obligations it asks about outside its findings as the measures of one more list of tasks.

    Args:
        draft: as it was read.

    Returns:
        The draft itself, where it asks about no obligation. What becomes a duty of a task is uncertain:
        a person confirms each.
    """
    owed = {ask.where for ask in draft.asks}
    told = with_dates(draft.unplaced, draft.facts)
    lines = [(one, dates) for one, dates in told if one.where.partition(" ")[0] in owed]
    if not lines:
        return draft
    own = f"{max((int(one.code) for one in draft.findings if one.code.isdecimal()), default=0) + 1:02d}"
    tasks, asks = list[DraftMeasure](), list[Ask]()
    for number, (one, dates) in enumerate(lines, 1):
        code, said = f"{own}-{number}", read_wording(one.text, dates)
        hints = tuple(replace(hint, certain=False) for hint in said.hints)
        where = one.where.partition(" ")[0]
        title = truncate_line(one.text, LONGEST_TITLE)
        tasks.append(DraftMeasure(code, title, one.text, where, hints=hints, places=(where,)))
        asks += [replace(ask, where=code) for ask in said.asks]
    title, placed = truncate_line(draft.facts.title) or TASKS, [one for one, _ in lines]
    kept = tuple(ask for ask in draft.asks if ask.where not in {task.source for task in tasks})
    return replace(
        draft,
        findings=(*draft.findings, DraftFinding(own, title, tuple(tasks), places=draft.frame)),
        asks=(*kept, *asks),
        unplaced=tuple(one for one in draft.unplaced if one not in placed),
    )
