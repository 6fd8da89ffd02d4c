"""Which state may follow which, for measures and for periods (domain.md 2); everything else is refused by name."""

from plan.types import EXCUSED, DutyKind, PeriodState, WorkState
from text.refusals import Refusal

_MEASURE: dict[WorkState, frozenset[WorkState]] = {
    WorkState.NOT_STARTED: frozenset({WorkState.IN_PROGRESS, WorkState.DONE_CLAIMED, WorkState.SUSPENDED}),
    WorkState.IN_PROGRESS: frozenset({WorkState.DONE_CLAIMED, WorkState.SUSPENDED}),
    WorkState.DONE_CLAIMED: frozenset({WorkState.ACCEPTED, WorkState.IN_PROGRESS}),
    WorkState.ACCEPTED: frozenset({WorkState.CLOSED, WorkState.REOPENED}),
    WorkState.CLOSED: frozenset({WorkState.REOPENED}),
    WorkState.REOPENED: frozenset({WorkState.IN_PROGRESS, WorkState.DONE_CLAIMED, WorkState.SUSPENDED}),
    WorkState.SUSPENDED: frozenset({WorkState.IN_PROGRESS}),
}

_PERIOD: dict[PeriodState, frozenset[PeriodState]] = {
    PeriodState.WAITING: frozenset({PeriodState.SUBMITTED, PeriodState.WITHDRAWN, *EXCUSED}),
    PeriodState.SUBMITTED: frozenset({PeriodState.WAITING, PeriodState.CLOSED, PeriodState.WITHDRAWN}),
    PeriodState.CLOSED: frozenset(),
    **dict.fromkeys((PeriodState.WITHDRAWN, *EXCUSED), frozenset[PeriodState]()),
}


def move_measure(code: str, before: WorkState, after: WorkState) -> WorkState:
    """``after``, if a measure (``code`` names it) may go there from ``before`` (domain.md 2.1).

    Raises ``Refusal`` (code ``transition``).
    """
    if after not in _MEASURE[before]:
        raise Refusal("transition", what=code, before=before, after=after)
    return after


def struck_off(code: str, before: WorkState, to_finish: bool) -> WorkState:
    """Closed, if a measure (``code`` names it) may be struck off from the state ``before`` (domain.md 2.1).

    ``to_finish``: whether it owes a finish, which must have been accepted; what only goes on is never claimed to be
    done, so it is struck off from work that is going on.

    Raises ``Refusal`` (code ``transition``).
    """
    if not to_finish and before in (WorkState.NOT_STARTED, WorkState.IN_PROGRESS, WorkState.REOPENED):
        return WorkState.CLOSED
    return move_measure(code, before, WorkState.CLOSED)


def sent_back(before: WorkState) -> WorkState:
    """Where a measure stands whose closure is sent back to its unit: what was claimed to be done is asked anew.

    ``before``: where it stood; what only goes on by the month was never claimed to be done, and stays there.
    """
    return WorkState.REOPENED if before in (WorkState.DONE_CLAIMED, WorkState.ACCEPTED) else before


def move_period(name: str, before: PeriodState, after: PeriodState) -> PeriodState:
    """``after``, if a period (``name`` is what people call it) may go there from ``before``.

    Raises ``Refusal`` (code ``transition``).
    """
    if after not in _PERIOD[before]:
        raise Refusal("transition", what=name, before=before, after=after)
    return after


def closing_name(submitted_on_time: bool) -> str:
    """What a closed period is called: 按期办结 if ``submitted_on_time`` (reported within its limit), else 逾期办结."""
    return "按期办结" if submitted_on_time else "逾期办结"


def claims_finish(kind: DutyKind, percent: int, finished: bool) -> bool:
    """Whether a report claims that the work is done (domain.md 2.1).

    Args:
        kind: of the duty that is reported on; only one that is to be finished can be claimed.
        percent: the progress reported, 0 to 100.
        finished: whether the report says so in words.
    """
    return kind is DutyKind.FINISH and (finished or percent == 100)


def ends_period(kind: DutyKind, percent: int, finished: bool) -> bool:
    """Whether an accepted report ends its period: work that is to be finished goes on after a report on its way.

    Args:
        kind: of the duty that is reported on.
        percent: the progress reported, 0 to 100.
        finished: whether the report says that the work is done.
    """
    return kind is not DutyKind.FINISH or claims_finish(kind, percent, finished)


def still_asked(state: WorkState, kind: DutyKind) -> bool:
    """Whether a measure in ``state`` goes on asking for what a duty of this ``kind`` owes (domain.md 2.1).

    What is struck off asks for its confirmation alone, what is suspended for nothing.
    """
    if state is WorkState.CLOSED:
        return kind is DutyKind.CONFIRM
    return state is not WorkState.SUSPENDED


def after_report(before: WorkState, finished: bool) -> WorkState:
    """Where a measure that stood at ``before`` stands once a report came in (domain.md 2.1).

    ``finished``: the report is that of a finish duty and claims the work done; any other shows that it began.
    """
    if finished and WorkState.DONE_CLAIMED in _MEASURE[before]:
        return WorkState.DONE_CLAIMED
    if before in (WorkState.NOT_STARTED, WorkState.REOPENED):
        return WorkState.IN_PROGRESS
    return before
