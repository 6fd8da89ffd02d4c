"""Papers that wait to be released."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("inspection_id", sa.BigInteger(), sa.ForeignKey("inspections.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.UniqueConstraint("inspection_id", "kind", "first_on", "last_on", name="drafts_once"),
    )
    op.create_index("drafts_open", "drafts", ["id"], postgresql_where=sa.text("ended_at IS NULL"))


def downgrade() -> None:
    op.drop_table("drafts")
