"""The ledger: models, sessions, commands and queries."""
