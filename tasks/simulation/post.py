"""The recording channel: letters are leased, read and settled as in earnest, and noted instead of sent."""

from datetime import datetime

from config.words import word
from db.ledger import Desk, letters, outbox
from db.ledger.outbox import Settled
from db.models import Message
from tasks.render import Letter, Line, subject
from tasks.simulation.result import FailedTry, SentLetter
from tasks.simulation.scenario import Scenario

AT_ONCE = 500
"""Letters leased together."""


class Post:
    """Every letter of a simulation, and every try that failed."""

    def __init__(self, scenario: Scenario, organisation: str) -> None:
        self._scenario, self._office = scenario, f"{organisation}整改办"
        self.sent: list[SentLetter] = []
        self.failed: list[FailedTry] = []

    def deliver(self, desk: Desk) -> int:
        """Send what may leave at the desk's ``now``; returns how many letters were taken up."""
        taken = outbox.lease(desk, AT_ONCE)
        local = desk.now.astimezone(desk.office.zone)
        said = letters.entries_of(desk, taken)
        tries = (self._deliver(desk, message, said[message.id], local) for message in taken)
        outbox.settle(desk, [one for one in tries if one is not None])
        return len(taken)

    def _deliver(self, desk: Desk, message: Message, entries: list[letters.Entry], local: datetime) -> Settled | None:
        """Try one letter; ``None`` when it goes on to another try."""
        lease = message.lease or ""
        channel = message.recipient.channels[message.channel_index][0]
        if not entries:
            return Settled(message.id, lease, "moot")
        if any(outage.covers(channel, local) for outage in self._scenario.outages):
            result = outbox.mark_failed(desk, message.id, lease, channel, "channel is down", False)
            self.failed.append(FailedTry(local, message.key, message.recipient.name, channel, result))
            return None
        self.sent.append(self._record(message, entries, local, channel))
        return Settled(message.id, lease, "sent", channel)

    def _record(self, message: Message, entries: list[letters.Entry], local: datetime, channel: str) -> SentLetter:
        letter = Letter(
            key=message.key,
            recipient=message.recipient.name,
            office=self._office,
            subject_date=local.date(),
            lines=tuple(_line(entry, local) for entry in entries),
            resend=message.resend,
            language="zh",
        )
        digest = message.key.startswith("digest-")
        return SentLetter(
            local, letter.key, letter.recipient, channel, subject(letter), digest, letter.resend, tuple(entries)
        )


def _line(entry: letters.Entry, local: datetime) -> Line:
    return Line(
        kind=entry.kind,
        level=entry.level,
        measure=entry.measure,
        title=entry.title,
        period=f"{entry.duty} {entry.label}".strip(),
        due_on=entry.due_on or local.date(),
        days_late=entry.days_late,
        action=word(f"action.{entry.kind}"),
        link=None,
        note=entry.note,
    )
