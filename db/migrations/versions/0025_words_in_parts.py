"""What units wrote in their parts is found by its words, too."""

from collections.abc import Sequence

from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX parts_by_pairs ON parts USING gin (word_pairs(ARRAY[text])) WHERE text IS NOT NULL")
    # Nobody needs to know which pairs are frequent, and to find out would cost seconds at every ANALYZE.
    op.execute("ALTER INDEX parts_by_pairs ALTER COLUMN 1 SET STATISTICS 0")


def downgrade() -> None:
    op.execute("DROP INDEX parts_by_pairs")
