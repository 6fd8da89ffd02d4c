"""The inspections under supervision, and which of them, or which of their measures, somebody means: never a guess."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from db.models import BETWEEN, Inspection, Measure
from rules.actors import nearest_names
from text.clean import line
from text.refusals import Refusal


def inspections(session: Session) -> Sequence[Inspection]:
    """All inspections under supervision, in the order in which they came into the ledger.

    Args:
        session: an open transaction on the ledger.
    """
    return session.execute(select(Inspection).order_by(Inspection.id)).scalars().all()


def inspection(session: Session, key: str | None = None) -> Inspection:
    """One inspection under supervision.

    Args:
        session: an open transaction on the ledger.
        key: its key; None: the only one.

    Raises:
        Refusal: ``ledger_empty``, ``inspection_unknown`` with the nearest keys, ``inspection_ambiguous`` where none is
            named and there are several.
    """
    found = {one.key: one for one in inspections(session)}
    if not found:
        raise Refusal("ledger_empty")
    if key is not None and key not in found:
        meant = "、".join(nearest_names(key, found))
        raise Refusal(
            "inspection_unknown", key=line(key), meant=meant and f"；相近的有：{meant}", known="、".join(found)
        )
    if key is None and len(found) > 1:
        raise Refusal("inspection_ambiguous", known="、".join(found))
    return found[key] if key is not None else next(iter(found.values()))


def measure_by_code(session: Session, code: str) -> Measure:
    """One measure with its finding, inspection and duties, also one that the plan dropped.

    Args:
        session: an open transaction on the ledger.
        code: such as ``02-3``, where only one inspection has it, or ``KEY/02-3``.

    Raises:
        Refusal: ``measure_unknown``, ``inspection_unknown``, ``measure_ambiguous`` with the codes that may be meant.
    """
    key, _, own = code.rpartition(BETWEEN)
    query = select(Measure).where(Measure.code == own).order_by(Measure.inspection_id)
    if key:
        query = query.where(Measure.inspection_id == inspection(session, key).id)
    whole = query.options(selectinload(Measure.duties), joinedload(Measure.finding), joinedload(Measure.inspection))
    found = session.execute(whole).scalars().all()
    if not found:
        raise Refusal("measure_unknown", measure=code)
    if len(found) > 1:
        raise Refusal("measure_ambiguous", measure=code, known="、".join(one.qualified_code for one in found))
    return found[0]


def measure_called(session: Session, full_code: str) -> Measure:
    """The measure that the ledger itself calls so, with its finding, inspection and duties.

    Args:
        session: an open transaction on the ledger.
        full_code: as a deployment or a page of ours has it; that of the first inspection is its bare code, whatever
            other inspections have it, too.

    Raises:
        Refusal: those of ``measure_by_code`` where nothing is called exactly so.
    """
    query = select(Measure).where(Measure.full_code == full_code)
    whole = query.options(selectinload(Measure.duties), joinedload(Measure.finding), joinedload(Measure.inspection))
    return session.execute(whole).scalar_one_or_none() or measure_by_code(session, full_code)


def operators_posts(session: Session) -> list[int]:
    """Ids of the posts of the rectification office, of whichever inspection, in the order in which they came.

    The engine has one office: who holds such a post in several inspections is told once, in one message.

    Args:
        session: an open transaction on the ledger.
    """
    offices = session.execute(select(Inspection.audiences["office"])).scalars().all()
    return sorted({one for held in offices for one in held or ()})


def titles_to_tell(session: Session) -> dict[int, str]:
    """The titles of the inspections by their ids, where things have to say which they are of: none for a single one.

    Args:
        session: an open transaction on the ledger.
    """
    found = dict(session.execute(select(Inspection.id, Inspection.title).order_by(Inspection.id)).tuples().all())
    return found if len(found) > 1 else {}


def before_codes(session: Session, present: Inspection) -> str:
    """What stands before the codes of an inspection in the names of its measures: nothing in the first of the ledger.

    Args:
        session: an open transaction on the ledger.
        present: of the ledger; it has an id.
    """
    first = session.execute(select(func.min(Inspection.id))).scalar_one()
    return "" if present.id == first else f"{present.key}{BETWEEN}"
