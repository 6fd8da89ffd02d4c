"""What could not be brought to Prefect is remembered beside the run, and how far Prefect agrees with the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("parked_error", sa.Text(), nullable=True))
    op.create_table(
        "projection",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("audit_seen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole_on", sa.Date(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("projection")
    op.drop_column("runs", "parked_error")
    op.drop_column("runs", "parked_at")
