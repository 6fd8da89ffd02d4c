"""What tells one plan from another, whatever its layout: a digest of what is written in it, not of how we keep it.

Defaults are left out and values stand for themselves, so that a field which a later version adds, or a vocabulary it
calls otherwise, makes no other plan of an unchanged file.
"""

import hashlib
import json
from typing import Any

from plan.model import Plan, kept_plan

VERSION = "2-"
_DUTY = {
    *("key", "kind", "title", "cadence", "anchor", "due", "due_on", "opens_on", "ends_on", "roll", "roll_workdays"),
    *("precision", "receiver", "source", "assumed"),
}
_MEASURE: dict[str, Any] = dict.fromkeys(
    (
        *("code", "title", "text", "duration", "state", "state_note", "lead", "assisting", "deputy", "evidence"),
        *("warn_days", "questions"),
    ),
    True,
) | {"duties": {"__all__": _DUTY}}
_PHASES = {"plan_due", "concentrated_end", "progress_report_due", "publish_due"}
_INSPECTION: dict[str, Any] = dict.fromkeys(
    ("key", "title", "organisation", "inspector", "kind", "feedback_on", "published_on", "source"), True
) | {"phases": _PHASES}
_FIRST: dict[str, Any] = {
    "inspection": _INSPECTION,
    "roles": {"__all__": {"name", "channels"}},
    "units": {"__all__": {"name", "handler", "leader"}},
    "audiences": {"deputy", "head", "discipline", "office"},
    "findings": {"__all__": {"code": True, "title": True, "measures": {"__all__": _MEASURE}}},
}
"""The fields that plans had when a digest was that of a Python object with all its fields."""


def plan_digest(plan: Plan) -> str:
    """The digest of a plan's content.

    Args:
        plan: a checked plan.

    Returns:
        64 characters; the first say by which rule it was made.
    """
    content = json.dumps(plan.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    return f"{VERSION}{hashlib.sha256(content.encode()).hexdigest()}"[:64]


def is_same_plan(plan: Plan, kept: dict[str, Any] | None, digest: str) -> bool:
    """Whether a plan is the one that a ledger supervises, whichever version loaded that.

    Args:
        plan: a checked plan.
        kept: the ledger's plan, as JSON values; None in a ledger older than the record.
        digest: what the ledger noted of its plan.
    """
    if kept is not None:
        return plan_digest(kept_plan(kept)) == plan_digest(plan)
    first = hashlib.sha256(repr(plan.model_dump(mode="python", include=_FIRST)).encode()).hexdigest()
    return digest in (plan_digest(plan), first)
