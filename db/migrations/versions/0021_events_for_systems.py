"""Systems that are told what happens, by messages of the queue that are to no person."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("systems", sa.Column("hook_address", sa.Text()))
    op.add_column("systems", sa.Column("hook_handle", sa.String(32)))
    op.add_column("systems", sa.Column("channel", sa.String(32)))
    op.add_column("systems", sa.Column("told_upto", sa.BigInteger()))
    op.alter_column("messages", "person_id", nullable=True)
    op.add_column("messages", sa.Column("system_id", sa.BigInteger(), sa.ForeignKey("systems.id")))
    op.add_column("messages", sa.Column("events", JSONB()))
    of_system = sa.text("system_id IS NOT NULL")
    op.create_index("messages_of_system", "messages", ["system_id"], postgresql_where=of_system)
    op.create_check_constraint("messages_to_one", "messages", "(person_id IS NULL) <> (system_id IS NULL)")


def downgrade() -> None:
    op.drop_constraint("messages_to_one", "messages")
    op.execute("DELETE FROM messages WHERE system_id IS NOT NULL")
    op.drop_index("messages_of_system", "messages")
    op.drop_column("messages", "events")
    op.drop_column("messages", "system_id")
    op.alter_column("messages", "person_id", nullable=False)
    for name in ("told_upto", "channel", "hook_handle", "hook_address"):
        op.drop_column("systems", name)
