"""``verify``: the trail is walked, replayed, and compared with the rows of the ledger and with anchors noted elsewhere.

The chain proves that no entry was changed; the rows that entries state prove that the ledger holds what was done in it;
anchors prove that the chain was not cut or written anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.ledger.audit import CLIMB, GENESIS, SNAPSHOT, entry_hash, snapshot
from db.ledger.row_images import WATCHED, ImageGroup, RowImage, RowKey, key_columns, proven_columns, stated
from db.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Anchor:
    """How long the trail was and how it ended, as noted outside the ledger; ``noted`` says where, in Chinese."""

    length: int
    head: str
    noted: str


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not as the trail says. ``name`` is how people know it; ``column`` is None for a row that is gone
    (``found`` is None then) or that no entry knows (``recorded`` is None then)."""

    table: str
    key: RowKey
    name: str
    column: str | None
    recorded: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found.

    ``entries`` fit; ``broken_at`` is the first that does not. ``proven_from`` is the first entry that states rows: what
    was done before it is proven by the entries alone. ``cut`` are the anchors that the trail does not bear out.
    """

    entries: int
    broken_at: int | None
    head: str
    proven_from: int | None = None
    differences: tuple[RowDifference, ...] = ()
    cut: tuple[Anchor, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return self.broken_at is None and not self.differences and not self.cut


@dataclass(slots=True)
class _Replayed:
    """The rows as the entries state them, by table and key; a row that was deleted is None."""

    rows: dict[str, dict[RowKey, RowImage | None]] = field(default_factory=lambda: defaultdict(dict))
    since: int | None = None

    def take(self, entry: AuditEntry) -> None:
        groups: list[ImageGroup] = entry.facts.get("rows", [])
        if groups or "told" in entry.facts:
            self.since = self.since or entry.id
        if entry.command == CLIMB and "told" in entry.facts:
            self._climb(entry.facts)
        for table, names, values, *shared in groups:
            for row in values:
                self._state(table, names, row, *shared, first=entry.command == SNAPSHOT or table == "alerts")

    def _state(
        self, table: str, names: Sequence[str], row: Sequence[Any], shared: RowImage | None = None, *, first: bool
    ) -> None:
        if not names:
            self.rows[table][tuple(row)] = None
            return
        image = (shared or {}) | dict(zip(names, row, strict=True))
        key = tuple(image[name] for name in key_columns(table))
        known = self.rows[table].get(key)
        # A snapshot takes nothing back of what was stated before it; an alert is written once.
        self.rows[table][key] = (image | (known or {})) if first else ((known or {}) | image)

    def _climb(self, facts: dict[str, Any]) -> None:
        for period, repeats, instant, *places in facts["claims"]:
            told = [facts["told"][place] for place in places]
            image = self.rows["periods"].get((period,)) or {"id": period, "fired": []}
            image |= {"repeats": repeats, "next_step_at": facts["instants"][instant]}
            if told:
                image["fired"] = [*image["fired"], *(key for key, *_ in told)]
                image["last_fired_on"] = facts["on"]
            self.rows["periods"][period,] = image
            for key, limit, kind, level, recipients in told:
                for recipient in recipients:
                    alert = {"kind": kind, "level": level, "note": None}
                    self.rows["alerts"].setdefault((period, key, limit, recipient), alert)


class _Names:
    """How people know rows, by what the trail says of them."""

    def __init__(self, replayed: _Replayed) -> None:
        self._known: dict[tuple[str, Any], RowImage] = {
            (table, key[0]): image
            for table in ("measures", "duties", "periods", "recipients", "people")
            for key, image in replayed.rows[table].items()
            if image is not None
        }

    def of(self, table: str, row: RowImage) -> str:
        """The name of ``row``, as an image of ``table``; its number where it has no other."""
        if table == "periods":
            return f"{self._duty(row.get('duty_id'))} · {row.get('label')}"
        if table == "duties":
            return self._duty(row["id"])
        if table in ("holdings", "absences", "rotations"):
            post = self._known.get(("recipients", row.get("recipient_id")), {}).get("key", "")
            return f"{post} {self._known.get(('people', row.get('person_id')), {}).get('name', '')}".strip()
        if table == "alerts":
            to = self._known.get(("recipients", row["recipient_id"]), {}).get("name", "")
            return " ".join(filter(None, [self._period(row["period_id"]), row["rung"], to]))
        if "period_id" in row:
            return self._period(row["period_id"])
        if "measure_id" in row:
            return str(self._measure(row["measure_id"]).get("code", row["id"]))
        return str(row.get("code") or row.get("name") or row.get("key") or row["id"])

    def _period(self, period: Any) -> str:
        return self.of("periods", self._known[found]) if (found := ("periods", period)) in self._known else ""

    def _duty(self, duty: Any) -> str:
        known = self._known.get(("duties", duty), {})
        return f"{self._measure(known.get('measure_id')).get('code')} {known.get('title')}"

    def _measure(self, measure: Any) -> RowImage:
        return self._known.get(("measures", measure), {})


def verify(session: Session, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk the chain from its first entry, replay it, and compare it with the rows and with anchors.

    Args:
        session: an open transaction on the ledger.
        anchors: lengths and heads that were noted elsewhere.

    Returns:
        Everything that does not fit. A chain that is broken is replayed as far as it fits.
    """
    noted: dict[int, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        noted[anchor.length].append(anchor)
    replayed, cut = _Replayed(), [anchor for anchor in noted[0] if anchor.head != GENESIS]
    previous, count, broken_at = GENESIS, 0, None
    entries = session.execute(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)).scalars()
    for entry in entries:
        if entry.id != count + 1 or entry.previous != previous or entry.hash != entry_hash(entry):
            broken_at = entry.id
            break
        count, previous = entry.id, entry.hash
        replayed.take(entry)
        cut += [anchor for anchor in noted[count] if anchor.head != entry.hash]
        session.expunge(entry)
    cut += [anchor for length in sorted(noted) if length > count for anchor in noted[length]]
    differences = tuple(_differences(session, replayed))
    return Verdict(count, broken_at, previous, replayed.since, differences, tuple(cut))


def complete(session: Session) -> None:
    """State in a snapshot what the entries of earlier releases did not: every row of a ledger whose entries state none,
    and columns that are new since.

    Args:
        session: the transaction in which the ledger was brought up to date; without any entry nothing is done.
    """
    if not session.execute(select(func.count()).select_from(AuditEntry)).scalar_one():
        return
    replayed = _Replayed()
    for entry in session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars():
        replayed.take(entry)
    groups: list[ImageGroup] = []
    for table in WATCHED:
        missing: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
        for key, row in _rows(session, table):
            known = replayed.rows[table].get(key)
            # A row that no entry knows is a forgery once entries state rows, and stays one; but for the people of
            # posts and what they hold, which came with the roster.
            of_roster = table == "holdings" or (table == "people" and not row["added"])
            if known is None and replayed.since is not None and not (of_roster and not replayed.rows["holdings"]):
                continue
            # Who is known by his key needs no entry for that: a climb states alerts without naming it again.
            stated_names = set() if known is None else {*known, *key_columns(table)}
            names = tuple(name for name in row if name not in stated_names)
            if names:
                missing[*key_columns(table), *(name for name in names if name not in key_columns(table))].append(
                    [row[name] for name in key_columns(table)]
                    + [row[name] for name in names if name not in key_columns(table)]
                )
        groups += [[table, list(names), values] for names, values in missing.items()]
    snapshot(session, groups)


def _rows(session: Session, table: str) -> Iterator[tuple[RowKey, RowImage]]:
    """Every row of a table as an entry would state it."""
    columns = WATCHED[table].__table__.columns
    query = select(*(columns[name] for name in proven_columns(table))).execution_options(yield_per=1000)
    for row in session.execute(query).mappings():
        image = {name: stated(value) for name, value in row.items()}
        yield tuple(image[name] for name in key_columns(table)), image


def _differences(session: Session, replayed: _Replayed) -> Iterator[RowDifference]:
    names = _Names(replayed)
    for table in WATCHED:
        recorded = replayed.rows[table]
        for key, row in _rows(session, table):
            image = recorded.pop(key, None)
            name = names.of(table, row | (image or {}))
            if image is None:
                yield RowDifference(table, key, name, None, None, row)
                continue
            for column, value in image.items():
                # A column that a later release dropped has nothing to say any more.
                if column in row and row[column] != value:
                    yield RowDifference(table, key, name, column, value, row[column])
        for key, gone in recorded.items():
            if gone is not None:
                named = dict(zip(key_columns(table), key, strict=True)) | gone
                yield RowDifference(table, key, names.of(table, named), None, gone, None)
