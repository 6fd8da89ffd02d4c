"""What a problem is to come to (整改目标), against which acceptance is checked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("findings", sa.Column("goal", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("findings", "goal")
