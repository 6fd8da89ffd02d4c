"""Interviews (约谈) and circulars (通报) beside sheets (督办单), with papers of their own; what was raised early."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_PAPERS = {
    "papers": ("papers_numbered", ["inspection_id", "kind", "first_on", "last_on", "sheet", "version"]),
    "drafts": ("drafts_once", ["inspection_id", "kind", "first_on", "last_on", "sheet"]),
}


def upgrade() -> None:
    op.add_column("escalations", sa.Column("kind", sa.String(24), nullable=False, server_default="escalation"))
    op.add_column("escalations", sa.Column("raised_by", sa.String(), nullable=True))
    op.add_column("escalations", sa.Column("raise_reason", sa.Text(), nullable=True))
    op.add_column("escalations", sa.Column("held_on", sa.Date(), nullable=True))
    op.add_column("escalations", sa.Column("attended", sa.Text(), nullable=True))
    op.add_column("escalations", sa.Column("circulated", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_constraint("escalations_numbered", "escalations")
    op.create_unique_constraint("escalations_numbered", "escalations", ["kind", "year", "serial"])
    for table, (name, columns) in _PAPERS.items():
        op.add_column(table, sa.Column("sheet", sa.String(48), nullable=False, server_default=""))
        op.drop_constraint(name, table)
        op.create_unique_constraint(name, table, columns)


def downgrade() -> None:
    for table, (name, columns) in _PAPERS.items():
        op.drop_constraint(name, table)
        op.drop_column(table, "sheet")
        op.create_unique_constraint(name, table, [one for one in columns if one != "sheet"])
    op.drop_constraint("escalations_numbered", "escalations")
    for column in ("circulated", "attended", "held_on", "raise_reason", "raised_by", "kind"):
        op.drop_column("escalations", column)
    op.create_unique_constraint("escalations_numbered", "escalations", ["year", "serial"])
