"""How channels fare is kept, messages know since when they fail, and the ledger has an id and an epoch."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("taken", postgresql.JSONB(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("down_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
    )
    op.execute("INSERT INTO installation (id, epoch) VALUES (left(replace(gen_random_uuid()::text, '-', ''), 12), 1)")
    op.add_column("messages", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("refused", postgresql.JSONB(), server_default="[]", nullable=False))
    op.create_index("messages_leased", "messages", ["id"], postgresql_where=sa.text("state = 'leased'"))


def downgrade() -> None:
    op.drop_index("messages_leased", table_name="messages")
    op.drop_column("messages", "refused")
    op.drop_column("messages", "failing_since")
    op.drop_table("installation")
    op.drop_table("channels")
