"""Posts that go round: who takes turns in which order, how long a turn lasts, and who has a day instead."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "rotations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("recipient_id", sa.BigInteger(), sa.ForeignKey("recipients.id"), nullable=False, unique=True),
        sa.Column("rhythm", sa.String(24), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("exceptions", JSONB(), nullable=False, server_default="{}"),
    )
    op.add_column("holdings", sa.Column("turn", sa.Integer(), nullable=True))
    op.create_index("holdings_in_turn", "holdings", ["person_id"], postgresql_where=sa.text("turn IS NOT NULL"))


def downgrade() -> None:
    op.execute("DELETE FROM holdings WHERE turn IS NOT NULL")
    op.drop_index("holdings_in_turn", "holdings")
    op.drop_column("holdings", "turn")
    op.drop_table("rotations")
