"""What changed in the ledger's rows, as the audit trail keeps it: every change of a row stands in some entry.

Objects are watched as they are written; whoever changes rows by a statement of his own notes it with ``note_rows``. The
next entry takes what was noted, and what is left at the commit gets an entry of its own (``db/ledger/audit.py``).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, Session, SessionTransaction

from db.models import (
    Absence,
    Alert,
    Base,
    Closure,
    ClosureStep,
    Delegation,
    Duty,
    Escalation,
    Evidence,
    Extension,
    Finding,
    Holding,
    Inspection,
    LadderSnapshot,
    Lookback,
    Measure,
    Objection,
    PaperDraft,
    Part,
    Period,
    Person,
    Publication,
    Question,
    Recipient,
    ReleasedPaper,
    Rotation,
    Submission,
    Suspension,
    System,
)
from text.limits import LONGEST_LINE

WATCHED: Mapping[str, type[Base]] = {
    model.__tablename__: model
    for model in (
        Inspection, Recipient, Person, Holding, Rotation, Absence, Finding, Measure, Question, Duty, LadderSnapshot,
        Period, Part, Submission, Extension, Escalation, Suspension, Closure, ClosureStep, Objection, Lookback,
        Evidence, Delegation, System, Alert, Publication, ReleasedPaper, PaperDraft,
    )
}  # fmt: skip
"""The tables whose rows the trail proves. Messages on their way, runs, patrols and passwords are not among them."""
KEYS: Mapping[str, tuple[str, ...]] = {"alerts": ("period_id", "rung", "limit_on", "recipient_id")}
"""What names a row where its id does not: many alerts are written at once, and their ids are not read back."""
UNPROVEN: Mapping[str, tuple[str, ...]] = {
    "alerts": ("id", "message_id", "fell_due_at", "recorded_at"),
    "systems": ("used_at", "told_upto"),
}
"""Columns that no entry states: which letter carries an alert may change, the climb's entry has the instant, and that a
system looked or was told is no act."""
_AS_THEY_ARE = frozenset((int, bool, type(None)))
_NOTED = "row images"

RowKey: TypeAlias = tuple[Any, ...]
RowImage: TypeAlias = dict[str, Any]
ImageGroup: TypeAlias = list[Any]
"""Table, names of the columns, and the values of each row; no names for rows that are gone. Where the rows have columns
of one value in common, these stand once, as a fourth part."""
_Noted: TypeAlias = tuple[SessionTransaction | None, str, RowKey, RowImage | None, RowImage]
_NOTHING: RowImage = {}


def key_columns(table: str) -> tuple[str, ...]:
    """The columns that name a row of ``table``."""
    return KEYS.get(table, ("id",))


def proven_columns(table: str) -> list[str]:
    """The columns of ``table`` that entries state, its key first."""
    keys = key_columns(table)
    rest = (column.name for column in WATCHED[table].__table__.columns)
    return [*keys, *(name for name in rest if name not in keys and name not in UNPROVEN.get(table, ()))]


def stated(value: Any) -> Any:
    """A value of a row as an entry states it: as JSON knows it, and what is long by its digest.

    Args:
        value: as the ledger's columns hold it; instants in any zone.
    """
    # By the exact type, and what is frequent first: a patrol states thousands of rows.
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, str):
        return _whole_or_digest(str(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [stated(one) for one in value]
    # Sorted, because JSONB gives its keys back in an order of its own.
    return _whole_or_digest(json.dumps(value, sort_keys=True, ensure_ascii=False))


def _whole_or_digest(plain: str) -> str:
    return plain if len(plain) <= LONGEST_LINE else f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def note_rows(session: Session, table: str, rows: Iterable[Mapping[str, Any]], **shared: Any) -> None:
    """Note rows that a statement wrote, for the next entry.

    Args:
        session: the transaction that wrote them.
        table: the name of their table.
        rows: for each row its key and the columns that changed.
        shared: the columns that have one value for all rows, none of them of the key.
    """
    noted, transaction = _noted(session), _transaction(session)
    keys, proven = key_columns(table), proven_columns(table)
    common = {name: stated(shared[name]) for name in proven if name in shared}
    # Rows that are noted at once name the same columns, nearly always.
    names_of: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        columns = tuple(row)
        if (names := names_of.get(columns)) is None:
            names = names_of[columns] = [name for name in proven if name in row or name in keys]
        image = {name: stated(row.get(name)) for name in names}
        noted.append((transaction, table, tuple(image[name] for name in keys), image, common))


def note_gone(session: Session, table: str, ids: Iterable[int]) -> None:
    """Note rows that a statement deleted, for the next entry.

    Args:
        session: the transaction that deleted them.
        table: the name of their table, whose rows are named by their id.
        ids: of the rows.
    """
    noted, transaction = _noted(session), _transaction(session)
    noted += [(transaction, table, (one,), None, _NOTHING) for one in ids]


def take_noted(session: Session) -> list[ImageGroup]:
    """What was noted since the last entry, to be stated by the next one.

    Args:
        session: an open transaction, flushed.
    """
    latest: dict[tuple[str, RowKey], tuple[RowImage | None, RowImage]] = {}
    for _, table, key, image, common in session.info.pop(_NOTED, ()):
        before, shared = latest.get((table, key), (None, _NOTHING))
        # What a row had in common with others when it was noted first, it need not have after a second change.
        latest[table, key] = (
            (image, common) if image is None or before is None else (shared | before | common | image, _NOTHING)
        )
    groups: dict[tuple[str, tuple[str, ...], int], tuple[RowImage, list[list[Any]]]] = {}
    for (table, key), (image, common) in latest.items():
        names = tuple(image) if image is not None else ()
        _, values = groups.setdefault((table, names, id(common)), (common, []))
        values.append(list(image.values()) if image is not None else list(key))
    return [
        [table, list(names), values, *([common] if common else [])]
        for (table, names, _), (common, values) in groups.items()
    ]


def _noted(session: Session) -> list[_Noted]:
    found: list[_Noted] = session.info.setdefault(_NOTED, [])
    return found


def _transaction(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()


def _watch(model: type[Base]) -> None:
    event.listen(model, "after_insert", _inserted)
    event.listen(model, "after_update", _updated)
    event.listen(model, "after_delete", _deleted)


def _note(target: Base, names: Sequence[str] | None) -> None:
    state = inspect(target)
    session, table = state.session, target.__tablename__
    assert session is not None
    key = tuple(stated(state.dict[name]) for name in key_columns(table))
    image = None if names is None else {name: stated(state.dict.get(name)) for name in names}
    _noted(session).append((_transaction(session), table, key, image, _NOTHING))


def _inserted(mapper: Mapper[Any], connection: object, target: Base) -> None:
    _note(target, proven_columns(target.__tablename__))


def _updated(mapper: Mapper[Any], connection: object, target: Base) -> None:
    attributes = inspect(target).attrs
    changed = [name for name in proven_columns(target.__tablename__) if attributes[name].history.has_changes()]
    if changed:
        keys = key_columns(target.__tablename__)
        _note(target, [*keys, *(name for name in changed if name not in keys)])


def _deleted(mapper: Mapper[Any], connection: object, target: Base) -> None:
    _note(target, None)


def _forget(session: Session, previous: SessionTransaction) -> None:
    """What a savepoint noted went with it."""
    if session.info.get(_NOTED):
        session.info[_NOTED] = [one for one in session.info[_NOTED] if not _within(one[0], previous)]


def _within(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while transaction is not None and transaction is not outer:
        transaction = transaction.parent
    return transaction is outer


for _model in WATCHED.values():
    _watch(_model)
event.listen(Session, "after_soft_rollback", _forget)
