"""A patrol at a later instant, rehearsed: on a copy of the ledger, with letters only noted, so that nothing happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from db import ledger
from db.ledger import LedgerContext, Totals
from db.ledger.context import SYSTEM_ACTOR
from db.ledger.records import PatrolRecord, patrol_record
from db.scratch import copied_ledger
from foresight.listing import LONGEST_DAYS
from foresight.simulation.post import RecordingChannel
from foresight.simulation.result import SentLetter
from plan.policy import Policy
from rules.work_time import WorkTime
from text.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a patrol at an instant (in the office's zone) would write and send; ``unsent`` are messages that wait."""

    at: datetime
    totals: Totals
    unsent: int
    written: PatrolRecord
    letters: tuple[SentLetter, ...]

    def as_dict(self) -> dict[str, Any]:
        """The rehearsal as JSON values; its numbers are called as those of a patrol."""
        return {
            "rehearsal": True,
            "at": self.at.isoformat(timespec="seconds"),
            **asdict(self.totals),
            "sent": len(self.letters),
            "unsent": self.unsent,
            "periods": [{"period": name, "due_on": due_on} for name, due_on in self.written.opened],
            "steps": [
                {"period": name, "kind": kind, "level": level, "to": to}
                for name, kind, level, to in self.written.alerts
            ],
            "sheets": [{"number": n, "period": name, "limit_on": limit} for n, name, limit in self.written.sheets],
            "letters": [{"to": one.recipient, "channel": one.channel, "subject": one.subject} for one in self.letters],
        }


def rehearse(ledger_url: str, work_time: WorkTime, policy: Policy, now: datetime, at: datetime) -> Rehearsal:
    """What a patrol at a later instant would open, fire and send, if nobody acts until then.

    Args:
        ledger_url: of the migrated ledger, which is only read.
        work_time: working days, hours and zone of the office.
        policy: of the office.
        now: the office's clock, an aware instant.
        at: the aware instant of the patrol.

    Raises:
        Refusal: ``rehearsal_too_far``, ``scratch_forbidden``.
    """
    if (at - now).days > LONGEST_DAYS:
        raise Refusal("rehearsal_too_far", at=work_time.day_of(at), days=(at - now).days, limit=LONGEST_DAYS)
    channel = RecordingChannel()
    with copied_ledger(ledger_url) as scratch:

        @contextmanager
        def opened() -> Iterator[LedgerContext]:
            with scratch.transaction():
                yield LedgerContext(scratch.session, work_time, policy, at, SYSTEM_ACTOR)

        totals = ledger.patrol(opened)
        with opened() as ctx:
            while channel.deliver(ctx):
                pass
            unsent = ledger.health(ctx)["unsent"]
            return Rehearsal(at.astimezone(work_time.zone), totals, unsent, patrol_record(ctx), tuple(channel.sent))
