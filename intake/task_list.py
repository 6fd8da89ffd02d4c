"""A paper without findings that asks for something: each of its lines with an obligation is a task (督查通知)."""

from dataclasses import replace

from intake.draft import Ask, Draft, DraftFinding, DraftMeasure
from intake.phrases import read_wording
from intake.truncate import LONGEST_TITLE, truncate_line
from intake.years_named import with_dates

_TASKS = "工作任务"


def with_obligations_as_tasks(draft: Draft) -> Draft:
    """A draft that found no problem, with the obligations it asks about as the measures of one list of tasks.

    Args:
        draft: as it was read.

    Returns:
        The draft itself, where it has findings or asks about no obligation. What becomes a duty of a task is uncertain:
        a person confirms each.
    """
    if draft.findings:
        return draft
    owed = {ask.where for ask in draft.asks}
    told = with_dates(draft.unplaced, draft.facts)
    lines = [(one, dates) for one, dates in told if one.where.partition(" ")[0] in owed]
    if not lines:
        return draft
    tasks, asks = list[DraftMeasure](), list[Ask]()
    for number, (one, dates) in enumerate(lines, 1):
        code, said = f"01-{number}", read_wording(one.text, dates)
        hints = tuple(replace(hint, certain=False) for hint in said.hints)
        where = one.where.partition(" ")[0]
        tasks.append(DraftMeasure(code, truncate_line(one.text, LONGEST_TITLE), one.text, where, hints=hints))
        asks += [replace(ask, where=code) for ask in said.asks]
    title, placed = truncate_line(draft.facts.title) or _TASKS, [one for one, _ in lines]
    kept = tuple(ask for ask in draft.asks if ask.where not in {task.source for task in tasks})
    return replace(
        draft,
        findings=(DraftFinding("01", title, tuple(tasks)),),
        asks=(*kept, *asks),
        unplaced=tuple(one for one in draft.unplaced if one not in placed),
    )
