"""A ledger as it is carried elsewhere: every table as lines of JSON, one object a row, in an order that loads again.

The database itself writes and reads the lines, by the names of its columns: what a table holds is carried whole, also
one of a revision that this program has no models for any more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import MappingProxyType

import orjson
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.ledger.audit import GENESIS, entry_hash
from db.ledger.evidence import kept_contents
from db.models import AuditEntry
from text.clean import line
from text.refusals import Refusal

LEFT_BEHIND: Mapping[str, str] = MappingProxyType(
    {
        "alembic_version": "false",
        # The projection's memory of one Prefect; another one is told everything anew.
        "runs": "false",
        "projection": "false",
        # How channels fare on one machine, and which copies lie there.
        "channels": "false",
        "backups": "false",
        # What somebody who has the file could guess at in peace, or go on with as somebody else.
        "passwords": "false",
        "sign_ins": "false",
        "links": "NOT signs_in",
    }
)
"""Which rows of a table are carried, where that is not all of them."""
TRAIL = AuditEntry.__tablename__
_ROWS_AT_ONCE = 1000
_REVISION = text("SELECT version_num FROM alembic_version")
_VOICE = text("SELECT id, epoch FROM installation")
# Temporary tables are in no schema that has a name of its own, and what reflects tables does not find them.
_COLUMNS = text("""
    SELECT relname, attname, attidentity <> '' FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped
        AND relnamespace = coalesce(to_regnamespace(current_schema()), pg_my_temp_schema())
""")
_HOLDS = text("SELECT EXISTS (SELECT FROM inspections) OR EXISTS (SELECT FROM audit)")


@dataclass(slots=True)
class TrailWalk:
    """The audit trail, walked line by line: how long it is, how it ends, and the first entry that does not fit."""

    length: int = 0
    head: str = GENESIS
    broken_at: int | None = None

    def take(self, row: bytes) -> None:
        """The next entry, as a line of its table."""
        entry = AuditEntry(**orjson.loads(row))
        entry.at = datetime.fromisoformat(str(entry.at))
        fits = entry.id == self.length + 1 and entry.previous == self.head and entry.hash == entry_hash(entry)
        if not fits and self.broken_at is None:
            self.broken_at = entry.id
        self.length, self.head = entry.id, entry.hash


class CarriedLedger:
    """A migrated ledger as of one instant, to be read whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.revision: str = connection.execute(_REVISION).scalar_one()
        self.id, self.epoch = connection.execute(_VOICE).one()

    def tables(self) -> list[str]:
        """What is there to carry, each after those it refers to."""
        found = inspect(self._connection).get_sorted_table_and_fkc_names()
        return [name for name, _ in found if name is not None and LEFT_BEHIND.get(name) != "false"]

    def rows(self, table: str) -> Iterator[bytes]:
        """The rows of one of ``tables``, in the order of its key; read as they are taken."""
        keys = inspect(self._connection).get_pk_constraint(table)["constrained_columns"]
        name = _quoted(self._connection, table)
        which = LEFT_BEHIND.get(table, "true")
        order = ", ".join(_quoted(self._connection, key) for key in keys) or "1"
        query = text(f"SELECT CAST(row_to_json(one) AS text) FROM {name} AS one WHERE {which} ORDER BY {order}")  # noqa: S608
        for said in self._connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query).scalars():
            # A column of JSON comes as it was written; a line break there is a blank between two values.
            yield said.replace("\n", " ").encode()

    def contents(self) -> Sequence[tuple[str, str]]:
        """The contents that it names: digest and a name of each."""
        with Session(self._connection) as session:
            return kept_contents(session)


@contextmanager
def carried_ledger(engine: Engine) -> Iterator[CarriedLedger]:
    """A view of a migrated ledger in a transaction that sees one instant, and changes nothing.

    Args:
        engine: of the ledger.
    """
    one_view = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with one_view as connection, connection.begin():
        yield CarriedLedger(connection)


def holds_a_ledger(connection: Connection) -> bool:
    """Whether anything was ever done in the database of a connection, whatever the revision of its tables."""
    there = set(inspect(connection).get_table_names())
    return {"inspections", TRAIL} <= there and bool(connection.execute(_HOLDS).scalar_one())


def load_tables(connection: Connection, tables: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Bring the rows of all tables back, and have their numbers go on after the last.

    Args:
        connection: of the owner of the tables, in a transaction, at the revision at which the rows were written.
        tables: each with its rows, as a ``CarriedLedger`` gives them.

    Raises:
        Refusal: ``export_unfit``; also when a table has no rows because it is not among them.
    """
    columns: dict[str, dict[str, bool]] = {}
    for table, name, numbered in connection.execute(_COLUMNS):
        columns.setdefault(table, {})[name] = numbered
    for table, rows in tables:
        _load(connection, table, columns.pop(table, {}), rows)
    if missing := sorted(table for table in columns if LEFT_BEHIND.get(table) != "false"):
        raise Refusal("export_unfit", table=missing[0], why="missing")


def _load(connection: Connection, table: str, columns: Mapping[str, bool], rows: Iterable[bytes]) -> None:
    """``columns``: whether the database itself numbers each."""
    if not columns:
        raise Refusal("export_unfit", table=table, why="unknown")
    name = _quoted(connection, table)
    into = text(
        f"INSERT INTO {name} OVERRIDING SYSTEM VALUE"  # noqa: S608
        f" SELECT * FROM json_populate_recordset(CAST(NULL AS {name}), CAST(:rows AS json))"
    )
    try:
        waiting = iter(rows)
        while some := list(islice(waiting, _ROWS_AT_ONCE)):
            if orjson.loads(some[0]).keys() != columns.keys():
                raise Refusal("export_unfit", table=table, why="columns")
            connection.execute(into, {"rows": f"[{b','.join(some).decode()}]"})
        for column in (column for column, numbered in columns.items() if numbered):
            key = _quoted(connection, column)
            last = connection.execute(text(f"SELECT coalesce(max({key}), 0) FROM {name}")).scalar_one()  # noqa: S608
            connection.execute(text(f"ALTER TABLE {name} ALTER COLUMN {key} RESTART WITH {last + 1}"))
    except (DBAPIError, ValueError, AttributeError) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        raise Refusal("export_unfit", table=table, why=line(str(why).splitlines()[0], 120)) from error


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
