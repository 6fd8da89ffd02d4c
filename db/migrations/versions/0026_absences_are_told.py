"""Who stands in hears once, when an absence begins, of what is open."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("absences", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    # Of those that were noted before nobody is told anew.
    op.execute("UPDATE absences SET told_at = from_on")
    op.create_index("absences_to_tell", "absences", ["from_on"], postgresql_where=sa.text("told_at IS NULL"))


def downgrade() -> None:
    op.drop_index("absences_to_tell", "absences")
    op.drop_column("absences", "told_at")
