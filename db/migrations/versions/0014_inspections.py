"""Several inspections at once: codes and posts are those of one, and a measure has one name in the whole ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for table in ("measures", "recipients"):
        op.add_column(table, sa.Column("inspection_id", sa.BigInteger(), nullable=True))
    op.add_column("measures", sa.Column("full_code", sa.String(100), nullable=True))
    # What an earlier release supervised is the first inspection: its measures keep the names that people know.
    op.execute(
        "UPDATE measures SET full_code = measures.code, inspection_id = findings.inspection_id"
        " FROM findings WHERE findings.id = measures.finding_id"
    )
    op.execute("UPDATE recipients SET inspection_id = (SELECT min(id) FROM inspections)")
    op.alter_column("measures", "full_code", nullable=False)
    op.create_unique_constraint("measures_full_code_key", "measures", ["full_code"])
    for table in ("measures", "recipients"):
        op.alter_column(table, "inspection_id", nullable=False)
        op.create_foreign_key(f"{table}_inspection_id_fkey", table, "inspections", ["inspection_id"], ["id"])
    op.drop_index("ix_findings_inspection_id", "findings")
    for table, name in (("findings", "code"), ("measures", "code"), ("recipients", "key")):
        op.drop_constraint(f"{table}_{name}_key", table, type_="unique")
        op.create_unique_constraint(f"{table}_of_inspection", table, ["inspection_id", name])


def downgrade() -> None:
    for table, name in (("findings", "code"), ("measures", "code"), ("recipients", "key")):
        op.drop_constraint(f"{table}_of_inspection", table, type_="unique")
        op.create_unique_constraint(f"{table}_{name}_key", table, [name])
    op.create_index("ix_findings_inspection_id", "findings", ["inspection_id"])
    op.drop_column("measures", "full_code")
    for table in ("measures", "recipients"):
        op.drop_column(table, "inspection_id")
