"""A clock that may stand: suspensions, limits that people decided, the last word on a measure and its progress."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("measures", sa.Column("heard_on", sa.Date(), nullable=True))
    op.add_column("measures", sa.Column("percent", sa.Integer(), nullable=True))
    op.add_column("periods", sa.Column("limit_decided", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("periods", sa.Column("climbs_from", sa.Date(), nullable=True))
    op.add_column("periods", sa.Column("stopped_on", sa.Date(), nullable=True))
    op.create_table(
        "suspensions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("measure_id", sa.BigInteger(), sa.ForeignKey("measures.id"), nullable=False, index=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("expected_end", sa.Date(), nullable=False),
        sa.Column("remind_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
    )
    for name, column, condition, unique in (
        ("suspensions_in_force", "measure_id", "ended_at IS NULL", True),
        ("suspensions_to_review", "remind_at", "remind_at IS NOT NULL", False),
    ):
        op.create_index(name, "suspensions", [column], unique=unique, postgresql_where=sa.text(condition))
    op.execute("UPDATE periods SET limit_decided = true WHERE id IN (SELECT period_id FROM extensions WHERE granted)")
    # The day as the office of the shipped settings counts it; the next report sets it by the office's own zone.
    op.execute(
        "UPDATE measures SET heard_on = heard.day FROM (SELECT duties.measure_id,"
        " max((submitted_at AT TIME ZONE 'Asia/Shanghai')::date) AS day"
        " FROM submissions JOIN periods ON periods.id = period_id JOIN duties ON duties.id = duty_id"
        " GROUP BY duties.measure_id) AS heard WHERE heard.measure_id = measures.id"
    )
    op.execute(
        "UPDATE measures SET percent = known.percent FROM"
        " (SELECT DISTINCT ON (duties.measure_id) duties.measure_id, percent FROM submissions"
        " JOIN periods ON periods.id = period_id JOIN duties ON duties.id = duty_id WHERE accepted"
        " ORDER BY duties.measure_id, submissions.id DESC) AS known WHERE known.measure_id = measures.id"
    )


def downgrade() -> None:
    op.drop_table("suspensions")
    for column in ("stopped_on", "climbs_from", "limit_decided"):
        op.drop_column("periods", column)
    for column in ("percent", "heard_on"):
        op.drop_column("measures", column)
