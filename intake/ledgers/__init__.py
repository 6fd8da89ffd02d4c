"""Ledgers: an office's sheets become findings and measures, with the mapping of columns shown."""

from intake.ledgers.ledger_draft import count_ledger_rows, ledger_draft
from intake.ledgers.title_facts import title_facts

__all__ = ["count_ledger_rows", "ledger_draft", "title_facts"]
