"""Alembic's entry: runs on the connection the program hands over, or on the configured ledger from the command line."""

from alembic import context
from sqlalchemy import Connection

from db.models import Base
from db.session import ledger_url, make_engine


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    with make_engine(ledger_url()).begin() as own:
        _run(own)
