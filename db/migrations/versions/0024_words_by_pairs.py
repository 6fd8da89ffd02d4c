"""Words are found by pairs of characters: an index that needs no extension and serves words of two characters."""

from collections.abc import Sequence

from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# What it costs is told to the planner, or it would rather call it for every row than look into the index.
_WORD_PAIRS = """
    CREATE FUNCTION word_pairs(texts text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
    AS $$
        SELECT coalesce(array_agg(DISTINCT one || next), '{}')
        FROM (
            SELECT one, lead(one) OVER (PARTITION BY which ORDER BY place) AS next
            FROM unnest(texts) WITH ORDINALITY AS whole(said, which),
                 unnest(string_to_array(lower(said), NULL)) WITH ORDINALITY AS letters(one, place)
        ) AS neighbours
        WHERE next IS NOT NULL
    $$
"""
_INDEXES = {
    "measures_by_pairs": "measures USING gin (word_pairs(ARRAY[full_code, title, text, lead_unit, state_note]))",
    "submissions_by_pairs": "submissions USING gin (word_pairs(ARRAY[body, difficulty, help_needed, reason]))",
    "escalations_by_pairs": "escalations USING gin (word_pairs(ARRAY[instruction])) WHERE instruction IS NOT NULL",
    "extensions_by_pairs": "extensions USING gin (word_pairs(ARRAY[reason, decision_reason]))",
}


def upgrade() -> None:
    op.execute(_WORD_PAIRS)
    for name, where in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {where}")
        # Nobody needs to know which pairs are frequent, and to find out would cost seconds at every ANALYZE.
        op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 0")


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP FUNCTION word_pairs(text[])")
