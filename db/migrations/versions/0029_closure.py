"""Closure: the chain of stages by which a measure is struck off, what was done in them, objections, files for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def _key() -> "sa.Column[int]":
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True)


def _of_closure() -> "sa.Column[int]":
    return sa.Column("closure_id", sa.BigInteger(), sa.ForeignKey("closures.id"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "closures",
        _key(),
        sa.Column("measure_id", sa.BigInteger(), sa.ForeignKey("measures.id"), nullable=False),
        sa.Column("chain", JSONB(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("began_by", sa.String(), nullable=False),
        sa.Column("period_id", sa.BigInteger(), sa.ForeignKey("periods.id"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("next_step_at", _INSTANT, nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("announced_where", sa.String(), nullable=True),
        sa.Column("window_ends_on", sa.Date(), nullable=True),
        sa.Column("printed_until", sa.Date(), nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("archive", sa.String(), nullable=True),
    )
    op.create_index("ix_closures_measure_id", "closures", ["measure_id"])
    op.create_index(
        "closures_open", "closures", ["measure_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    to_tell = sa.text("next_step_at IS NOT NULL")
    op.create_index("closures_to_tell", "closures", ["next_step_at"], postgresql_where=to_tell)
    op.create_table(
        "closure_steps",
        _key(),
        _of_closure(),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
    )
    op.create_index("ix_closure_steps_closure_id", "closure_steps", ["closure_id"])
    op.create_table(
        "objections",
        _key(),
        _of_closure(),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_objections_closure_id", "objections", ["closure_id"])
    op.add_column("evidence", sa.Column("closure_id", sa.BigInteger(), sa.ForeignKey("closures.id"), nullable=True))


def downgrade() -> None:
    op.drop_column("evidence", "closure_id")
    op.drop_table("objections")
    op.drop_table("closure_steps")
    op.drop_table("closures")
