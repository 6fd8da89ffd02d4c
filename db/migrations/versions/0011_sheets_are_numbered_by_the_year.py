"""A sheet has a number of its year without gaps; those that were opened keep the number under which they are known."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for name in ("year", "serial"):
        op.add_column("escalations", sa.Column(name, sa.Integer(), nullable=True))
    op.execute("UPDATE escalations SET year = extract(year FROM opened_at AT TIME ZONE 'Asia/Shanghai'), serial = id")
    for name in ("year", "serial"):
        op.alter_column("escalations", name, nullable=False)
    op.create_unique_constraint("escalations_numbered", "escalations", ["year", "serial"])


def downgrade() -> None:
    for name in ("year", "serial"):
        op.drop_column("escalations", name)
