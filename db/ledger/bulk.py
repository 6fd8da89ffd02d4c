"""Many rows in one statement: each column travels as one array, so the text is the same for one row and for thousands.

Nothing is compiled per row and no parameter limit applies; bench/sweep.py shows what that is worth.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Result,
    TextClause,
    any_,
    bindparam,
    inspect,
    literal,
    text,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import Base

UNSEEN = {"synchronize_session": False}
"""For an UPDATE of rows that nobody holds as objects: without it SQLAlchemy looks through the whole session."""


def insert_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], ending: str) -> Result[Any]:
    """Insert ``rows``, at least one, that all name the same columns; none of these may be an array itself.

    ``ending`` is what follows in SQL: ON CONFLICT and RETURNING. Gives what the statement returns.
    """
    names = tuple(rows[0])
    return session.execute(_insert(model, names, ending), {name: [row[name] for row in rows] for name in names})


@lru_cache
def _insert(model: type[Base], names: tuple[str, ...], ending: str) -> TextClause:
    """Text, because SQLAlchemy compiles an INSERT from a set-returning function anew every time."""
    columns = inspect(model).columns
    given = ", ".join(f":{name}" for name in names)
    # Nothing from outside: table, columns and ending are our own names.
    sql = f"INSERT INTO {model.__tablename__} ({', '.join(names)}) SELECT * FROM unnest({given}) {ending}"  # noqa: S608
    return text(sql).bindparams(*(bindparam(name, type_=ARRAY(columns[name].type, dimensions=1)) for name in names))


def among(column: InstrumentedAttribute[Any], ids: Iterable[int] | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``ids``, which may also be the parameter of a statement made beforehand."""
    values = ids if isinstance(ids, BindParameter) else literal(sorted(ids))
    return column == any_(type_coerce(values, ARRAY(BigInteger)))
