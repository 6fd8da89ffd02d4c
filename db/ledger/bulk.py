"""Many rows in one statement: they travel as one JSON text, so the statement is the same for one row and for thousands.

Nothing is compiled per row and no parameter limit applies; bench/sweep.py shows what that is worth.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Row,
    TextClause,
    any_,
    bindparam,
    inspect,
    literal,
    text,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute

from db.models import Base

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of whatever columns its query names."""
UNSEEN = {"synchronize_session": False}
"""For an UPDATE of rows that nobody holds as objects: without it SQLAlchemy looks through the whole session."""


def insert_rows(
    connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]], ending: str, **shared: Any
) -> CursorResult[*tuple[Any, ...]]:
    """Insert many rows by one statement.

    Args:
        connection: of the transaction that takes them.
        model: their table.
        rows: at least one; all name the same columns, dates in ISO form or as dates.
        ending: what follows in SQL: ON CONFLICT and RETURNING; our own text, never from outside.
        shared: the columns that have one value for all rows.

    Returns:
        The result of the statement, with the rows of its RETURNING.
    """
    return connection.execute(_insert(model, tuple(rows[0]), tuple(shared), ending), {"rows": as_json(rows)} | shared)


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as one text that a statement reads with ``json_to_recordset(CAST(:rows AS json))``.

    Args:
        rows: of values JSON knows, or dates and instants, which become ISO text.
    """
    return orjson.dumps(rows, default=str).decode()


@lru_cache
def _insert(model: type[Base], names: tuple[str, ...], shared: tuple[str, ...], ending: str) -> TextClause:
    """Text, because SQLAlchemy compiles an INSERT from a set-returning function anew every time."""
    columns = inspect(model).columns
    table, given = model.__tablename__, ", ".join(names)
    values = ", ".join((given, *(f":{name}" for name in shared)))
    # Nothing from outside: table, columns and ending are our own names.
    sql = (
        f"INSERT INTO {table} ({', '.join(names + shared)}) SELECT {values}"  # noqa: S608
        f" FROM json_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS json)) {ending}"
    )
    return text(sql).bindparams(*(bindparam(name, type_=columns[name].type) for name in shared))


def among(column: InstrumentedAttribute[Any], ids: Iterable[int] | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``ids``, which may also be the parameter of a statement made beforehand."""
    values = ids if isinstance(ids, BindParameter) else literal(sorted(ids))
    # One array instead of IN with a parameter each: the statement is the same for any number and stays in the cache.
    return column == any_(type_coerce(values, ARRAY(BigInteger)))


@contextmanager
def collector_resting() -> Iterator[None]:
    """Hold back the search for garbage in cycles while a batch is written.

    A batch makes tens of thousands of small objects, all in use until it ends and none of them in a cycle; the search
    would look through them and through the whole process, find nothing, and take a fifth of the time. What other
    threads leave meanwhile is found after it.
    """
    was_searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_searching:
            gc.enable()
