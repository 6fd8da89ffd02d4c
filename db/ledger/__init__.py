"""The ledger's one door: every command that changes it and every query that reads it.

``from db import ledger`` and call; each call works on a ``LedgerContext``: one transaction, one ``now``, one actor.
"""

from db.ledger.activate import Activated, activate, is_amendment
from db.ledger.amend import Amendment, amend, plan_in_force
from db.ledger.changes import Changes, changes, living_runs, look_at_all, note_reconciled
from db.ledger.circulars import circulate
from db.ledger.clock_doubt import ClockDoubt, clock_doubt, confirm_clock, tell_clock_doubt
from db.ledger.closure_acts import (
    accept_work,
    answer_objection,
    close,
    end_publicity,
    file_closure,
    meant_closure,
    object_to,
    publish,
    self_check,
    send_back,
    sign_off,
)
from db.ledger.context import LedgerContext, name_of
from db.ledger.escalations import acknowledge, hold_interview, instruct, open_escalation, raise_to
from db.ledger.excuse import merge_into_next, skip
from db.ledger.fire import Totals
from db.ledger.forecast_input import forecast_input
from db.ledger.inspections import inspection, inspections, measure_by_code, measure_called
from db.ledger.lookbacks import look_back, waiting_lookback
from db.ledger.message_queue import notify_operators
from db.ledger.parts import give_part, meant_part
from db.ledger.patrol import health, patrol
from db.ledger.periods import open_duty
from db.ledger.queries import (
    explanation,
    inspection_lines,
    ledger_view,
    meant_period,
    meant_sheet,
    measure_view,
    open_periods,
    outcome_counts,
    waiting_name,
)
from db.ledger.reports import Report, ask_extension, decide_extension, outcome, review, submit
from db.ledger.reproject import Moved, reproject
from db.ledger.runs import claim, claim_period, mark_announced, note_form, park_run, unpark_run
from db.ledger.strike_off import reopen
from db.ledger.suspend import resume, suspend
from db.ledger.unit_reports import FilledReport, RowResult, period_key, submit_filled, waiting_for
from db.ledger.upkeep import note_restored, operators_channels

__all__ = [
    "Activated",
    "Amendment",
    "Changes",
    "ClockDoubt",
    "FilledReport",
    "LedgerContext",
    "Moved",
    "Report",
    "RowResult",
    "Totals",
    "accept_work",
    "acknowledge",
    "activate",
    "amend",
    "answer_objection",
    "ask_extension",
    "changes",
    "circulate",
    "claim",
    "claim_period",
    "clock_doubt",
    "close",
    "confirm_clock",
    "decide_extension",
    "end_publicity",
    "explanation",
    "file_closure",
    "forecast_input",
    "give_part",
    "health",
    "hold_interview",
    "inspection",
    "inspection_lines",
    "inspections",
    "instruct",
    "is_amendment",
    "ledger_view",
    "living_runs",
    "look_at_all",
    "look_back",
    "mark_announced",
    "meant_closure",
    "meant_part",
    "meant_period",
    "meant_sheet",
    "measure_by_code",
    "measure_called",
    "measure_view",
    "merge_into_next",
    "name_of",
    "note_form",
    "note_reconciled",
    "note_restored",
    "notify_operators",
    "object_to",
    "open_duty",
    "open_escalation",
    "open_periods",
    "operators_channels",
    "outcome",
    "outcome_counts",
    "park_run",
    "patrol",
    "period_key",
    "plan_in_force",
    "publish",
    "raise_to",
    "reopen",
    "reproject",
    "resume",
    "review",
    "self_check",
    "send_back",
    "sign_off",
    "skip",
    "submit",
    "submit_filled",
    "suspend",
    "tell_clock_doubt",
    "unpark_run",
    "waiting_for",
    "waiting_lookback",
    "waiting_name",
]
