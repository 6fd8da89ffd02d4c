"""Look-backs: when a measure that was struck off is looked at again, and how that went."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lookbacks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("measure_id", sa.BigInteger(), sa.ForeignKey("measures.id"), nullable=False),
        sa.Column("closure_id", sa.BigInteger(), sa.ForeignKey("closures.id"), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("next_step_at", _INSTANT, nullable=True),
        sa.Column("result", sa.String(24), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_lookbacks_measure_id", "lookbacks", ["measure_id"])
    op.create_index("ix_lookbacks_closure_id", "lookbacks", ["closure_id"])
    to_tell = sa.text("next_step_at IS NOT NULL")
    op.create_index("lookbacks_to_tell", "lookbacks", ["next_step_at"], postgresql_where=to_tell)


def downgrade() -> None:
    op.drop_table("lookbacks")
