"""What leaves the house: one type through all stages, select → merge → limit → render → send. Pure data.

A stage takes a ``Message`` and gives it back with more filled in (``dataclasses.replace``): the queue leases it, the
alerts that are still true are selected, merged into items, rendered into its content, sent, and the result recorded.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from plan.types import AlertKind, DeliveryResult, Level, PeriodState


class AlertRow(NamedTuple):
    """One recorded alert of a message with what is known now of its period; the last seven are of the period.

    ``state`` and all that follows is None for an alert about the engine itself. ``due_on`` is a day in the office's
    zone. ``flow_run_id`` is the period's run in Prefect.
    """

    rung: str
    kind: AlertKind
    level: Level
    note: str | None
    period_id: int | None
    state: PeriodState | None
    label: str | None
    due_on: date | None
    flow_run_id: str | None
    duty: str | None
    measure: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class MessageItem:
    """One matter in a message; ``period_id`` is None for a matter of the engine itself.

    ``due_on`` is a day in the office's zone, ``days_late`` counts working days after it, 0 when not late.
    """

    kind: AlertKind
    level: Level
    note: str | None
    period_id: int | None = None
    measure: str = ""
    title: str = ""
    duty: str = ""
    label: str = ""
    due_on: date | None = None
    days_late: int = 0
    flow_run_id: str | None = None


@dataclass(frozen=True, slots=True)
class MessageContent:
    """The message in every form a channel may want; ``short`` is one line for an SMS, ``recipient`` the To name."""

    subject: str
    text: str
    html: str
    markdown: str
    short: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one recipient by one channel, at one stage of its way.

    ``key`` is the same for every attempt; ``lease`` says whose attempt this is; ``severity`` is the rank of its worst
    alert; ``resend``: perhaps it went before. ``channel`` and ``address`` are those of this attempt, ``day`` is its
    day in the office's zone, ``office`` signs.

    select: ``alerts`` still true. merge: ``items``. render: ``content``. send: ``result``, or ``failure`` where the
    channel did not take it, ``permanent`` when the same try would fail again.
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
    alerts: tuple[AlertRow, ...] = ()
    items: tuple[MessageItem, ...] = ()
    content: MessageContent | None = None
    result: DeliveryResult | None = None
    failure: str = ""
    permanent: bool = False
