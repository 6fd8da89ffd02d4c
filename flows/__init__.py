"""Prefect flows and the worker that runs them."""
