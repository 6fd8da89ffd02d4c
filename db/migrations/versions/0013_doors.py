"""Doors: personal addresses of matters, sessions, forms kept until they are handed in, files of evidence."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("handle", sa.String(32), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("matter", sa.String(64), nullable=False),
        sa.Column("signs_in", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
    )
    in_force = sa.text("revoked_at IS NULL AND NOT signs_in")
    op.create_index("links_in_force", "links", ["person", "matter"], unique=True, postgresql_where=in_force)
    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
    )
    op.create_index("ix_sign_ins_person", "sign_ins", ["person"])
    op.create_table(
        "kept_forms",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("matter", sa.String(64), primary_key=True),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
    )

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("period_id", sa.BigInteger(), sa.ForeignKey("periods.id"), nullable=False, index=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
    )


def downgrade() -> None:
    for table in ("evidence", "kept_forms", "sign_ins", "links"):
        op.drop_table(table)
