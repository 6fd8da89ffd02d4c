"""Who may act: people whom the operators add, and posts that the plan dropped act no more. The trail only grows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("recipients", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    # The plan in force names its posts; where none is on record every post stays.
    op.execute(
        "UPDATE recipients SET retired_at = now() WHERE EXISTS (SELECT FROM inspections WHERE plan IS NOT NULL)"
        " AND NOT EXISTS (SELECT FROM inspections WHERE (plan -> 'roles' -> recipients.key) IS NOT NULL)"
    )
    # It holds the program and whoever uses its account, not who owns the database: he may drop a trigger.
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit trail only grows: % is refused', TG_OP; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_only_grows ON audit")
    op.execute("DROP FUNCTION audit_only_grows()")
    op.drop_column("recipients", "retired_at")
    op.drop_table("people")
