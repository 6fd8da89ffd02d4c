"""A paper without findings that asks for something: each of its lines with an obligation is a task (督查通知)."""

from collections.abc import Iterator
from dataclasses import replace

from intake.draft import Ask, DocumentDates, Draft, DraftFinding, DraftMeasure
from intake.phrases import read_wording
from intake.truncate import LONGEST_TITLE, truncate_line

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
    lines = [one for one in draft.unplaced if one.where.partition(" ")[0] in owed]
    if not lines:
        return draft
    tasks, asks = list[DraftMeasure](), list[Ask]()
    for number, one in enumerate(lines, 1):
        where, code = one.where.partition(" ")[0], f"01-{number}"
        tasks.append(_task(code, where, one.text, draft))
        asks += _questions(code, one.text, draft)
    title = truncate_line(draft.facts.title) or _TASKS
    kept = tuple(ask for ask in draft.asks if ask.where not in {task.source for task in tasks})
    return replace(
        draft,
        findings=(DraftFinding("01", title, tuple(tasks)),),
        asks=(*kept, *asks),
        unplaced=tuple(one for one in draft.unplaced if one not in lines),
    )


def _task(code: str, where: str, text: str, draft: Draft) -> DraftMeasure:
    hints = tuple(replace(hint, certain=False) for hint in read_wording(text, _dates(draft)).hints)
    return DraftMeasure(code, truncate_line(text, LONGEST_TITLE), text, where, hints=hints)


def _questions(code: str, text: str, draft: Draft) -> Iterator[Ask]:
    for ask in read_wording(text, _dates(draft)).asks:
        yield replace(ask, where=code)


def _dates(draft: Draft) -> DocumentDates:
    return DocumentDates(draft.facts.published_on, draft.facts.feedback_on)
