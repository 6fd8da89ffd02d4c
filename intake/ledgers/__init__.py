"""Ledgers: an office's sheets become findings and measures, with the mapping of columns shown."""

from intake.ledgers.draft import draft_of, rows_in
from intake.ledgers.facts import facts_of

__all__ = ["draft_of", "facts_of", "rows_in"]
