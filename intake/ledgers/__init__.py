"""Ledgers: an office's sheets become findings and measures, with the mapping of columns shown."""

from intake.ledgers.draft import draft_of

__all__ = ["draft_of"]
