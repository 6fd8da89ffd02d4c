"""Ledgers: an office's sheets become findings and measures, with the mapping of columns shown."""
