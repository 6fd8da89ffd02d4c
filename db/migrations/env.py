"""Alembic's entry: runs on the connection handed over, or from the command line on the ledger, as its owner."""

from alembic import context
from sqlalchemy import Connection

from db.models import Base
from db.session import make_engine, owners_url


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    with make_engine(owners_url()).begin() as own:
        _run(own)
