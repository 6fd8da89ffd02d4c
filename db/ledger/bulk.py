"""Many rows in one statement: each column travels as one array, so the text is the same for one row and for thousands.

Nothing is compiled per row and no parameter limit applies; bench/sweep.py shows what that is worth.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, func, inspect, literal, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import InstrumentedAttribute

from db.models import Base


def insert_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> Insert:
    """An INSERT of ``rows``, at least one, that all name the same columns; none of these may be an array itself."""
    names = list(rows[0])
    columns = inspect(model).columns
    arrays = [literal([row[name] for row in rows], ARRAY(columns[name].type, dimensions=1)) for name in names]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    return insert(model).from_select(names, select(given))


def among(column: InstrumentedAttribute[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``ids``."""
    return column == any_(literal(sorted(ids), ARRAY(BigInteger)))
