"""Which run shows what is one table for all that waits for a person; an extension keeps the reason of its decision."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INDEXES = (
    ("periods_open", "periods", "state IN ('waiting', 'submitted')"),
    ("escalations_open", "escalations", "state IN ('open', 'acknowledged')"),
)


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("subject", sa.String(24), primary_key=True),
        sa.Column("subject_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
    op.create_index("runs_to_end", "runs", ["subject", "subject_id"], postgresql_where=sa.text("NOT ended"))
    op.execute(
        "INSERT INTO runs (subject, subject_id, run_id, ended)"
        " SELECT 'period', id, flow_run_id, settled FROM periods WHERE flow_run_id IS NOT NULL"
    )
    op.execute(
        "INSERT INTO runs (subject, subject_id, run_id, announced_at, ended)"
        " SELECT 'escalation', id, flow_run_id, announced_at, settled FROM escalations"
        " WHERE flow_run_id IS NOT NULL OR announced_at IS NOT NULL"
    )
    for name, table, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    # The same words in a column of the width that all vocabularies have; no index may look at it meanwhile.
    op.alter_column("escalations", "state", type_=sa.String(24))
    for name, table, condition in _INDEXES:
        op.create_index(name, table, ["id"], postgresql_where=sa.text(condition))
    for table in ("periods", "escalations"):
        op.drop_column(table, "flow_run_id")
        op.drop_column(table, "settled")
    op.drop_column("escalations", "announced_at")
    op.add_column("extensions", sa.Column("decision_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("extensions", "decision_reason")
    for name, table, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    op.alter_column("escalations", "state", type_=sa.String(16))
    op.add_column("escalations", sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("periods", "escalations"):
        op.add_column(table, sa.Column("flow_run_id", sa.String(36), nullable=True))
        op.add_column(table, sa.Column("settled", sa.Boolean(), server_default="false", nullable=False))
        op.alter_column(table, "settled", server_default=None)
    for table, subject in (("periods", "period"), ("escalations", "escalation")):
        op.execute(
            f"UPDATE {table} SET flow_run_id = run_id, settled = ended FROM runs"  # noqa: S608 (our own names)
            f" WHERE subject = '{subject}' AND subject_id = {table}.id"
        )
    op.execute(
        "UPDATE escalations SET announced_at = runs.announced_at FROM runs"
        " WHERE subject = 'escalation' AND subject_id = escalations.id"
    )
    for name, table, condition in _INDEXES:
        op.create_index(name, table, ["id"], postgresql_where=sa.text(f"{condition} OR NOT settled"))
    op.drop_index("runs_to_end", table_name="runs")
    op.drop_table("runs")
