"""A request for a later limit knows whether the form of the report asked; those of before count as if it had."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    # The questions of forms that wait now counted every request: they must stay the same.
    op.add_column("extensions", sa.Column("by_form", sa.Boolean(), nullable=False, server_default="true"))
    op.alter_column("extensions", "by_form", server_default="false")


def downgrade() -> None:
    op.drop_column("extensions", "by_form")
