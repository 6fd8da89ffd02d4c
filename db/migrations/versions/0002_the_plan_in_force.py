"""The plan in force is kept, and what it drops is retired instead of lost."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_PLACED = ("findings", "measures", "duties")
_RETIRING = ("measures", "duties")


def upgrade() -> None:
    op.add_column("inspections", sa.Column("plan", sa.JSON(), nullable=True))
    for table in _PLACED:
        op.add_column(table, sa.Column("place", sa.Integer(), server_default="0", nullable=False))
    for table in _RETIRING:
        op.add_column(table, sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("duties_measure_id_key_key", "duties", type_="unique")
    op.create_index(
        "duties_in_force",
        "duties",
        ["measure_id", "key"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("duties_in_force", table_name="duties", postgresql_where=sa.text("retired_at IS NULL"))
    op.create_unique_constraint("duties_measure_id_key_key", "duties", ["measure_id", "key"])
    for table in _RETIRING:
        op.drop_column(table, "retired_at")
    for table in _PLACED:
        op.drop_column(table, "place")
    op.drop_column("inspections", "plan")
