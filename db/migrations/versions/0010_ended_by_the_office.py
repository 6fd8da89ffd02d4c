"""A period may end without a report, skipped or merged into the next one: by whom, and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("periods", sa.Column("ended_by", sa.String(), nullable=True))
    op.add_column("periods", sa.Column("end_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("periods", "end_reason")
    op.drop_column("periods", "ended_by")
