"""Parts: what assisting or subordinate units contribute to a period, and which of them a report went without."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("measures", sa.Column("gathers", JSONB(), nullable=False, server_default="{}"))
    op.add_column("submissions", sa.Column("missing", JSONB(), nullable=False, server_default="[]"))
    op.create_table(
        "parts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("period_id", sa.BigInteger(), sa.ForeignKey("periods.id"), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("unit_name", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("next_reminder_at", _INSTANT, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("given_by", sa.String(), nullable=True),
        sa.Column("given_at", _INSTANT, nullable=True),
    )
    in_force = sa.text("state <> 'withdrawn'")
    op.create_index("parts_once", "parts", ["period_id", "unit", "round"], unique=True, postgresql_where=in_force)
    to_remind = sa.text("next_reminder_at IS NOT NULL")
    op.create_index("parts_to_remind", "parts", ["next_reminder_at"], postgresql_where=to_remind)
    op.create_index("parts_waiting", "parts", ["period_id"], postgresql_where=sa.text("state = 'waiting'"))
    # A file that a unit hands in with its part; it goes along with the report that gathers it.
    op.add_column("evidence", sa.Column("part_id", sa.BigInteger(), sa.ForeignKey("parts.id"), nullable=True))


def downgrade() -> None:
    op.drop_column("evidence", "part_id")
    op.drop_table("parts")
    op.drop_column("submissions", "missing")
    op.drop_column("measures", "gathers")
