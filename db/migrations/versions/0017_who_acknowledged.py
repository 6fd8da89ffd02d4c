"""Who acknowledged a sheet, until when and why; and how many must."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("escalations", sa.Column("acknowledgements", JSONB(), nullable=False, server_default="[]"))
    op.add_column("escalations", sa.Column("needed", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        """
        UPDATE escalations SET acknowledgements = jsonb_build_array(jsonb_build_object(
            'by', acknowledged_by, 'reason', '',
            'until', to_char(acknowledged_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')))
        WHERE acknowledged_by IS NOT NULL AND acknowledged_until IS NOT NULL
        """
    )


def downgrade() -> None:
    op.drop_column("escalations", "needed")
    op.drop_column("escalations", "acknowledgements")
