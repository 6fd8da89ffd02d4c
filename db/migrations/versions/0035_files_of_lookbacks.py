"""What is seen in a look-back is kept with it: a file may belong to one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("lookback_id", sa.BigInteger(), sa.ForeignKey("lookbacks.id"), nullable=True))


def downgrade() -> None:
    op.drop_column("evidence", "lookback_id")
