"""One ladder per duty: of several missed periods the one that is due first climbs, and speaks for the younger ones."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, false, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from db.ledger.context import LedgerContext
from db.models import Duty, Period
from plan.types import PeriodState
from text.catalogue import phrase

_OTHER, _OF = aliased(Period), aliased(Duty)
TODAY = bindparam("today", type_=Date)
_MISSED = and_(Period.state == PeriodState.WAITING, Period.due_on < TODAY)
# By key and not by row: a duty that got another rhythm has a row for each. What is parked or suspended leads nobody:
# its own ladder stands still.
_OTHERS = and_(
    _OF.measure_id == Duty.measure_id,
    _OF.key == Duty.key,
    _OTHER.state == PeriodState.WAITING,
    _OTHER.due_on < TODAY,
    _OTHER.parked_at.is_(None),
    _OTHER.stopped_on.is_(None),
)
_PLACE, _OTHER_PLACE = tuple_(Period.due_on, Period.id), tuple_(_OTHER.due_on, _OTHER.id)


def led() -> ColumnElement[bool]:
    """Whether an older period of the same duty is missed, too, in a query of periods and duties with ``today``."""
    older = select(_OTHER.id).join(_OF, _OF.id == _OTHER.duty_id).where(_OTHERS, _OTHER_PLACE < _PLACE)
    # Asked only where it matters: what is not missed is led by nobody.
    return case((_MISSED, older.correlate(Period, Duty).exists()), else_=false())


def younger() -> ColumnElement[list[str] | None]:
    """The labels of the younger missed periods that a period speaks for, in a query as for ``led``; null for none, and
    where it is led itself."""
    in_order = func.array_agg(aggregate_order_by(_OTHER.label, _OTHER.due_on, _OTHER.id))
    labels = select(in_order).join(_OF, _OF.id == _OTHER.duty_id).where(_OTHERS, _OTHER_PLACE > _PLACE)
    return case((and_(_MISSED, ~led()), labels.correlate(Period, Duty).scalar_subquery()))


def younger_text(labels: Sequence[str]) -> str:
    """What is said of younger missed periods beside the one that speaks for them.

    Args:
        labels: theirs, the earliest first; at least one.
    """
    return phrase("message.younger", n=len(labels), labels="、".join(labels))


def younger_missed(ctx: LedgerContext, period: Period) -> list[str]:
    """The labels of the younger missed periods that a period speaks for, the earliest first.

    Args:
        ctx: the context; missed is what is late on its ``today``.
        period: a loaded period; one that is not missed itself, or is led by an older one, speaks for none.
    """
    query = select(younger()).join(Duty, Duty.id == Period.duty_id).where(Period.id == period.id)
    return ctx.session.execute(query, {"today": ctx.today}).scalar_one_or_none() or []
