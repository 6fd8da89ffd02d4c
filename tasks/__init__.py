"""Prefect tasks: thin steps between flows and the ledger or the outside world."""
