"""What leaves the house: one type through all stages, select → merge → limit → render → send. Pure data.

A stage takes a ``Message`` and gives it back with more filled in (``dataclasses.replace``): the queue leases it, the
alerts that are still true are selected, merged by matter, rendered in every form, sent, and the result recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plan.types import AlertKind, DeliveryResult, Fate, Level, PeriodState

BAD_ADDRESS = "bad_address"
"""Why a message is refused before any service is asked: the code that its failure begins with."""


@dataclass(frozen=True, slots=True)
class MessageItem:
    """What a message says of one matter: an alert with what is known now of its period, of several alerts the worst.

    ``period_id`` and all that is of the period is empty for a matter of the engine itself. ``due_on`` is a day in the
    office's zone, ``days_late`` counts working days after it, 0 when not late or not counted yet; ``assumed``: the
    limit is an assumption nobody has confirmed, or lies in a year whose working days are not published. ``unit`` leads
    the ``measure``, which is called by its full code; ``round_title`` is what its inspection is called where the ledger
    has several, else empty. ``sheet`` is the number of the escalation that is open now, ``sheet_limit`` its limit, a
    day as well; ``informed``: the reader is told of it and others are asked. ``decision_awaited``: an extension of the
    period is asked for and not decided. ``addressed``: the reader still holds a post of the measure. ``tag`` is borne
    by the runs of the matter that the reader is led to, and by no other; empty where there is none. ``climbs_on`` is
    the day on which ``climbs_to``, one or several people, are asked if nothing has been reported; None when nobody will
    be. ``instead_of`` names the holder of the post who is away while the reader stands in for him; empty for none.
    ``part_awaited``: it is about a part that the reader's unit still owes; ``parts_missing`` are the units whose parts
    of the reader's own report are late. ``stage_awaited``: it is about a stage of closure that the reader's post is
    still asked for. ``address`` opens the page of the matter for this reader alone.
    """

    rung: str
    kind: AlertKind
    level: Level
    note: str | None = None
    period_id: int | None = None
    state: PeriodState | None = None
    round_title: str = ""
    measure: str = ""
    title: str = ""
    duty: str = ""
    label: str = ""
    due_on: date | None = None
    tag: str = ""
    days_late: int = 0
    unit: str = ""
    assumed: bool = False
    sheet: str = ""
    sheet_limit: date | None = None
    informed: bool = False
    decision_awaited: bool = False
    addressed: bool = True
    climbs_on: date | None = None
    climbs_to: str = ""
    instead_of: str = ""
    address: str = ""
    part_awaited: bool = False
    stage_awaited: bool = False
    parts_missing: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one recipient by one channel, at one stage of its way.

    ``key`` is the same for every attempt; ``lease`` says whose attempt this is; ``severity`` is the rank of its worst
    alert; ``resend``: perhaps it went before. ``channel`` and ``address`` are those of this attempt, ``day`` is its
    day in the office's zone, ``office`` signs.

    select: ``items``, one for each alert still true. merge: one for each matter. On leaving, ``everything`` and each
    item get the reader's own address: of all that is asked of him, and of the matter. render: the message in every
    form a channel may want, ``short`` is one line for an SMS, and ``recipient`` as a To line takes it. send:
    ``result``, or ``failure`` where the channel did not take it, with its ``fate`` and how long the channel asks to be
    left alone.

    A message to a system has ``events`` and is neither merged nor rendered; ``hook`` names the secret that signs it,
    and is empty in a message to a person.
    """

    id: int
    key: str
    lease: str
    severity: int
    resend: bool
    recipient: str
    channel: str
    address: str
    office: str = ""
    day: date = date.min
    items: tuple[MessageItem, ...] = ()
    everything: str = ""
    events: tuple[Mapping[str, Any], ...] = ()
    hook: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    markdown: str = ""
    short: str = ""
    result: DeliveryResult | None = None
    failure: str = ""
    fate: Fate = Fate.TEMPORARY
    retry_after: timedelta | None = None

    @property
    def answered(self) -> bool:
        """Whether the service of its channel took it, or was reached and refused it for its address or its content."""
        if not self.failure:
            return self.result is DeliveryResult.SENT
        return self.fate is Fate.REFUSED and not self.failure.startswith(BAD_ADDRESS)
