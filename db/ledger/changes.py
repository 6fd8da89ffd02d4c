"""What changed since Prefect was last brought to what the ledger says, so that an idle patrol reads that and no more.

Every command leaves an entry in the audit trail, in one order, and names the periods that it changed: the trail is the
list of changes. A command that names none (an amended plan) may have changed anything, and then all is looked at. So it
is once a day, by the first patrol of the office's day, which also sees what the date alone has changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from db.ledger.audit import TOLD
from db.ledger.context import LedgerContext
from db.models import AuditEntry, Projection, Run

# More entries than a patrol's own batches leave; reading all that is open is quicker then.
MOST_ENTRIES = 2000
NEVER = datetime.min.replace(tzinfo=UTC)
# Of these nothing is still to be shown in Prefect: what is parked is not, a kept plan is the plan that was there, what
# was changed by hand has been put back, alerts go by letter, and who comes in by which door changes no run.
_UNSEEN = (
    *("park", "keep-plan", "restore", "add-people", "remove-person", "erase-details", "give-up-content", "read", TOLD),
    *("sign-in", "set-password", "remove-password"),
    *("allow-publication", "withhold"),
    *("add-system", "revoke-system", "subscribe-system", "unsubscribe-system"),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reconciliation has to look at.

    ``periods``: ids of those that changed, None for all that is open. ``head``: the last entry of the trail it covers.
    ``after``: when the last one was, by the office's clock; ``looked_at``: when it read Prefect, by the machine's.
    """

    head: int
    periods: frozenset[int] | None = None
    after: datetime = NEVER
    looked_at: datetime = NEVER


def changes(ctx: LedgerContext) -> Changes:
    """What changed since the last reconciliation that was finished.

    Args:
        ctx: the context; a day begins in its zone.
    """
    head = ctx.session.execute(select(func.coalesce(func.max(AuditEntry.id), 0))).scalar_one()
    last = ctx.session.get(Projection, 1)
    if last is None or last.whole_on != ctx.today or last.audit_seen > head:
        return Changes(head)
    entries = select(AuditEntry.facts).where(AuditEntry.id > last.audit_seen, AuditEntry.command.not_in(_UNSEEN))
    found = ctx.session.execute(entries.limit(MOST_ENTRIES + 1)).scalars().all()
    periods = [set(_periods_of(facts)) for facts in found]
    everything = len(found) > MOST_ENTRIES or not all(periods)
    return Changes(head, None if everything else frozenset().union(*periods), last.at, last.looked_at)


def _periods_of(facts: dict[str, Any]) -> Iterator[int]:
    """The periods that an entry names; of an entry that tells them otherwise none, so that all is looked at."""
    listed = facts.get("periods")
    pairs = [row for key in ("claims", "moved") if isinstance(rows := facts.get(key), list) for row in rows]
    named = [facts.get("period"), *(listed if isinstance(listed, list) else ()), *(row[0] for row in pairs if row)]
    yield from (one for one in named if isinstance(one, int))


def note_reconciled(ctx: LedgerContext, seen: Changes, looked_at: datetime) -> None:
    """Remember that Prefect agrees with all that ``changes`` told.

    Args:
        ctx: the context.
        seen: what was looked at.
        looked_at: the aware instant, of the machine's clock, before Prefect was read.
    """
    last = ctx.session.get(Projection, 1) or Projection(id=1)
    last.audit_seen, last.at, last.looked_at = seen.head, ctx.now, looked_at
    if seen.periods is None:
        last.whole_on = ctx.today
    ctx.session.add(last)


def look_at_all(ctx: LedgerContext) -> None:
    """Make the next reconciliation look at all that is open.

    Args:
        ctx: the context.
    """
    last = ctx.session.get(Projection, 1)
    if last is not None:
        last.whole_on = None


def living_runs(ctx: LedgerContext) -> int:
    """How many runs the ledger knows of that have not ended.

    Args:
        ctx: the context.
    """
    query = select(func.count()).where(Run.run_id.is_not(None), Run.ended.is_(False))
    return ctx.session.execute(query).scalar_one()
