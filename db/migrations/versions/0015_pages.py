"""Pages: who has read what he was only informed of, and which matter was handed to whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("matter", sa.String(64), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("read_at", _INSTANT, nullable=False),
        sa.Column("door", sa.String(24), nullable=False),
        sa.UniqueConstraint("person", "matter", "alert_id", name="readings_once"),
    )
    op.create_table(
        "delegations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("matter", sa.String(64), nullable=False),
        sa.Column("given_by", sa.String(200), nullable=False),
        sa.Column("given_to", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "delegations_in_force", "delegations", ["matter", "given_by"], unique=True, postgresql_where=in_force
    )
    # What somebody did is asked of the trail, years long, whenever he looks at his desk.
    op.create_index("audit_by_actor", "audit", ["actor", "id"])


def downgrade() -> None:
    op.drop_index("audit_by_actor", "audit")
    op.drop_table("delegations")
    op.drop_table("readings")
