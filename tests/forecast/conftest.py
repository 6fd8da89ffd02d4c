"""A fresh ledger for every try of a property, and the command line; both as elsewhere."""

from tests.cli.conftest import content, loaded, plan_file, run
from tests.promises.conftest import passing_desk

__all__ = ["content", "loaded", "passing_desk", "plan_file", "run"]
