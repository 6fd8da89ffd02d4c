"""The ledger's one door: every command that changes it and every query that reads it.

``from db import ledger`` and call; each call works on a ``Desk``: one transaction, one ``now``, one actor.
"""

from db.ledger.activate import Activated, activate
from db.ledger.climb import Totals
from db.ledger.desk import Desk, name_of
from db.ledger.escalations import acknowledge, instruct, open_escalation
from db.ledger.patrol import health, patrol
from db.ledger.periods import open_duty
from db.ledger.queries import (
    explanation,
    inspection,
    ledger_view,
    measure_by_code,
    measure_view,
    open_periods,
    run_name,
    the_period,
)
from db.ledger.reports import Report, ask_extension, decide_extension, outcome, review, submit
from db.ledger.reproject import Moved, reproject

__all__ = [
    "Activated",
    "Desk",
    "Moved",
    "Report",
    "Totals",
    "acknowledge",
    "activate",
    "ask_extension",
    "decide_extension",
    "explanation",
    "health",
    "inspection",
    "instruct",
    "ledger_view",
    "measure_by_code",
    "measure_view",
    "name_of",
    "open_duty",
    "open_escalation",
    "open_periods",
    "outcome",
    "patrol",
    "reproject",
    "review",
    "run_name",
    "submit",
    "the_period",
]
