"""The ledger as first released."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("inspector", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("feedback_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("phases", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("audiences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "ladders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "patrols",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recipients",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_findings_inspection_id"), "findings", ["inspection_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel_index", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("resend", sa.Boolean(), nullable=False),
        sa.Column("history", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("messages_of_recipient", "messages", ["recipient_id", "day"], unique=False)
    op.create_index(
        "messages_to_send",
        "messages",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_table(
        "measures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("finding_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("duration_class", sa.String(length=24), nullable=False),
        sa.Column("work_state", sa.String(length=24), nullable=False),
        sa.Column("state_note", sa.String(), nullable=False),
        sa.Column("lead_unit", sa.String(), nullable=False),
        sa.Column("assisting_units", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("audiences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence_rule", sa.String(length=24), nullable=False),
        sa.Column("warn_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["findings.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_measures_finding_id"), "measures", ["finding_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("measure_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(length=24), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=True),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("roll", sa.String(length=24), nullable=False),
        sa.Column("roll_workdays", sa.Integer(), nullable=False),
        sa.Column("precision", sa.String(length=24), nullable=False),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("next_ordinal", sa.Integer(), nullable=True),
        sa.Column("next_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measures.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("measure_id", "key"),
    )
    op.create_index(
        "duties_to_open",
        "duties",
        ["next_opens_at"],
        unique=False,
        postgresql_where=sa.text("next_opens_at IS NOT NULL"),
    )
    op.create_index(
        "duties_parked", "duties", ["parked_at"], unique=False, postgresql_where=sa.text("parked_at IS NOT NULL")
    )
    op.create_index(op.f("ix_duties_measure_id"), "duties", ["measure_id"], unique=False)
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("measure_id", sa.BigInteger(), nullable=False),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("ask", sa.String(), nullable=False),
        sa.Column("suggest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"],
            ["measures.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_questions_measure_id"), "questions", ["measure_id"], unique=False)
    op.create_table(
        "periods",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("duty_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("formal_due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ladder_id", sa.BigInteger(), nullable=False),
        sa.Column("fired", sa.ARRAY(sa.String(length=48)), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("last_fired_on", sa.Date(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_error", sa.Text(), nullable=True),
        sa.Column("flow_run_id", sa.String(length=36), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closed_at IS NULL OR next_step_at IS NULL", name="closed_periods_have_no_next_step"),
        sa.ForeignKeyConstraint(
            ["duty_id"],
            ["duties.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"],
            ["ladders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("duty_id", "ordinal"),
    )
    op.create_index(
        "periods_due", "periods", ["next_step_at"], unique=False, postgresql_where=sa.text("next_step_at IS NOT NULL")
    )
    op.create_index(
        "periods_parked", "periods", ["parked_at"], unique=False, postgresql_where=sa.text("parked_at IS NOT NULL")
    )
    op.create_index(
        "periods_open",
        "periods",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'submitted') OR NOT settled"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=True),
        sa.Column("rung", sa.String(length=200), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("fell_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["periods.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("period_id", "rung", "recipient_id", postgresql_nulls_not_distinct=True),
    )
    op.create_index(op.f("ix_alerts_message_id"), "alerts", ["message_id"], unique=False)
    op.create_index(op.f("ix_alerts_recipient_id"), "alerts", ["recipient_id"], unique=False)
    op.create_table(
        "escalations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.String(length=48), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("recipients", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("acknowledged_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("instructed_by", sa.String(), nullable=True),
        sa.Column("instructed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_limit_on", sa.Date(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flow_run_id", sa.String(length=36), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["periods.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("period_id", "rung"),
    )
    op.create_index(
        "escalations_open",
        "escalations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'acknowledged') OR NOT settled"),
    )
    op.create_table(
        "extensions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["periods.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "extensions_pending", "extensions", ["period_id"], unique=True, postgresql_where=sa.text("granted IS NULL")
    )
    op.create_index(op.f("ix_extensions_period_id"), "extensions", ["period_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("difficulty", sa.String(), nullable=False),
        sa.Column("help_needed", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["periods.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("period_id", "round"),
    )


def downgrade() -> None:
    op.drop_table("submissions")
    op.drop_index(op.f("ix_extensions_period_id"), table_name="extensions")
    op.drop_index("extensions_pending", table_name="extensions", postgresql_where=sa.text("granted IS NULL"))
    op.drop_table("extensions")
    op.drop_index(
        "escalations_open",
        table_name="escalations",
        postgresql_where=sa.text("state IN ('open', 'acknowledged') OR NOT settled"),
    )
    op.drop_table("escalations")
    op.drop_index(op.f("ix_alerts_recipient_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_message_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(
        "periods_open",
        table_name="periods",
        postgresql_where=sa.text("state IN ('waiting', 'submitted') OR NOT settled"),
    )
    op.drop_index("periods_parked", table_name="periods", postgresql_where=sa.text("parked_at IS NOT NULL"))
    op.drop_index("periods_due", table_name="periods", postgresql_where=sa.text("next_step_at IS NOT NULL"))
    op.drop_table("periods")
    op.drop_index(op.f("ix_questions_measure_id"), table_name="questions")
    op.drop_table("questions")
    op.drop_index(op.f("ix_duties_measure_id"), table_name="duties")
    op.drop_index("duties_parked", table_name="duties", postgresql_where=sa.text("parked_at IS NOT NULL"))
    op.drop_index("duties_to_open", table_name="duties", postgresql_where=sa.text("next_opens_at IS NOT NULL"))
    op.drop_table("duties")
    op.drop_index(op.f("ix_measures_finding_id"), table_name="measures")
    op.drop_table("measures")
    op.drop_index("messages_to_send", table_name="messages", postgresql_where=sa.text("next_try_at IS NOT NULL"))
    op.drop_index("messages_of_recipient", table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_findings_inspection_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_table("recipients")
    op.drop_table("patrols")
    op.drop_table("ladders")
    op.drop_table("inspections")
    op.drop_table("audit")
