"""What the form of a waiting run said when it was saved, so that one that was changed by hand is known."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("form", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "form")
