"""What may be published, and papers as they went out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("measure_id", sa.BigInteger(), sa.ForeignKey("measures.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("ground", sa.String(24), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_publications_measure_id", "publications", ["measure_id"])
    op.create_table(
        "papers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("inspection_id", sa.BigInteger(), sa.ForeignKey("inspections.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("period_id", sa.BigInteger(), sa.ForeignKey("periods.id"), nullable=True),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("inspection_id", "kind", "first_on", "last_on", "version", name="papers_numbered"),
    )


def downgrade() -> None:
    op.drop_table("papers")
    op.drop_table("publications")
