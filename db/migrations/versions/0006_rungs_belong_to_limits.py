"""What fired belongs to a rung and a limit: a later limit climbs a ladder of its own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("periods", sa.Column("limit_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alerts", sa.Column("limit_on", sa.Date(), nullable=True))
    op.add_column("escalations", sa.Column("due_on", sa.Date(), nullable=True))
    # What fired so far counts for the limit in force, as it did: nothing fires again because of this.
    op.execute(
        "UPDATE alerts SET limit_on = due_on FROM periods"
        " WHERE periods.id = period_id AND kind IN ('chase', 'warning', 'escalation')"
    )
    op.execute("UPDATE escalations SET due_on = periods.due_on FROM periods WHERE periods.id = period_id")
    op.alter_column("escalations", "due_on", nullable=False)
    op.drop_constraint("alerts_period_id_rung_recipient_id_key", "alerts", type_="unique")
    op.drop_constraint("escalations_period_id_rung_key", "escalations", type_="unique")
    op.create_unique_constraint(
        "alerts_once", "alerts", ["period_id", "rung", "limit_on", "recipient_id"], postgresql_nulls_not_distinct=True
    )
    op.create_unique_constraint("escalations_once", "escalations", ["period_id", "rung", "due_on"])


def downgrade() -> None:
    for table, constraint, column, others in (
        ("alerts", "alerts_once", "limit_on", ("rung", "recipient_id")),
        ("escalations", "escalations_once", "due_on", ("rung",)),
    ):
        same = " AND ".join(f"older.{name} = newer.{name}" for name in ("period_id", *others))
        # The earlier release knows a rung once: that of the latest limit stays.
        op.execute(
            f"DELETE FROM {table} AS older USING {table} AS newer"  # noqa: S608 (our own names)
            f" WHERE {same} AND older.{column} < newer.{column}"
        )
        op.drop_constraint(constraint, table, type_="unique")
        op.create_unique_constraint(
            f"{table}_{'_'.join(('period_id', *others))}_key",
            table,
            ["period_id", *others],
            postgresql_nulls_not_distinct=True if table == "alerts" else None,
        )
        op.drop_column(table, column)
    op.execute(
        "UPDATE periods SET fired = ARRAY(SELECT DISTINCT regexp_replace(key, '@....-..-..$', '')"
        " FROM unnest(fired) key) WHERE limit_since IS NOT NULL"
    )
    op.drop_column("periods", "limit_since")
