"""The recording channel: letters are leased, read and settled as in earnest, and noted instead of sent."""

from datetime import datetime

from db.ledger import LedgerContext, letters, message_queue
from db.ledger.message_queue import Settled, Taken
from foresight.simulation.result import FailedTry, SentLetter
from foresight.simulation.scenario import Scenario
from letters.lines import line_of
from letters.render import Letter, subject

AT_ONCE = 500
"""Letters leased together."""


class Post:
    """Every letter of a simulation, and every try that failed."""

    def __init__(self, scenario: Scenario, organisation: str) -> None:
        self._scenario, self._office = scenario, f"{organisation}整改办"
        self.sent: list[SentLetter] = []
        self.failed: list[FailedTry] = []

    def deliver(self, ctx: LedgerContext) -> int:
        """Send what may leave at the context's ``now``; returns how many letters were taken up."""
        taken = message_queue.lease(ctx, AT_ONCE)
        local = ctx.now.astimezone(ctx.work_time.zone)
        said = letters.entries_of(ctx, (letter.id for letter in taken))
        tries = (self._deliver(ctx, letter, said[letter.id], local) for letter in taken)
        message_queue.settle(ctx, [one for one in tries if one is not None])
        return len(taken)

    def _deliver(
        self, ctx: LedgerContext, taken: Taken, entries: list[letters.Entry], local: datetime
    ) -> Settled | None:
        """Try one letter; ``None`` when it goes on to another try."""
        if not entries:
            return Settled(taken.id, taken.lease, "moot")
        if any(outage.covers(taken.channel, local) for outage in self._scenario.outages):
            result = message_queue.mark_failed(ctx, taken.id, taken.lease, taken.channel, "channel is down", False)
            self.failed.append(FailedTry(local, taken.key, taken.recipient, taken.channel, result))
            return None
        self.sent.append(self._record(taken, entries, local))
        return Settled(taken.id, taken.lease, "sent", taken.channel)

    def _record(self, taken: Taken, entries: list[letters.Entry], local: datetime) -> SentLetter:
        letter = Letter(
            key=taken.key,
            recipient=taken.recipient,
            office=self._office,
            subject_date=local.date(),
            lines=tuple(line_of(entry, local.date()) for entry in entries),
            resend=taken.resend,
        )
        digest = taken.key.startswith("digest-")
        return SentLetter(
            local, letter.key, letter.recipient, taken.channel, subject(letter), digest, letter.resend, tuple(entries)
        )
