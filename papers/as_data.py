"""Parts of the ledger as JSON has them: the same on the command line and by the API."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from db import ledger
from db.ledger import LedgerContext
from db.ledger.records import AuditRecord, RoundsOfEntries
from db.matters import Matter


def matter_data(found: Matter, pages: str) -> dict[str, Any]:
    """One matter, as ``duban matters --json`` lists it.

    Args:
        found: the matter.
        pages: where the pages answer, without a stroke at the end; empty where that is not known.
    """
    return {
        "id": found.tag,
        "kind": found.kind,
        "inspection": found.inspection,
        "measure": found.measure.rpartition("/")[2],
        "period": found.label,
        "asked_of": list(found.asked),
        "due_on": found.due_on,
        "lamp": found.lamp,
        "url": f"{pages}/matter/{found.tag}" if pages else None,
    }


def ledger_data(ctx: LedgerContext, key: str | None) -> dict[str, Any]:
    """The ledger: that of one inspection, or of each where there are several and none is named.

    Args:
        ctx: the context; lamps and time states are as of its ``now``.
        key: of the inspection; None: the only one, or all.

    Raises:
        Refusal: those of ``ledger_view``.
    """
    keys = [one.key for one in ledger.inspections(ctx.session)]
    if key is None and len(keys) > 1:
        return {"inspections": [ledger.ledger_view(ctx, one) for one in keys]}
    return ledger.ledger_view(ctx, key)


def trail_data(entries: Iterable[AuditRecord], rounds: RoundsOfEntries, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Entries of the audit trail, each with the inspections that it is about.

    Args:
        entries: in the order in which they are to stand.
        rounds: which inspection each is about.
        zone: of the office, in which instants are said.
    """
    return [
        asdict(one) | {"at": one.at.astimezone(zone).isoformat(), "inspections": list(rounds.of(one))}
        for one in entries
    ]
