"""The sweep costs what is due, not what is open, and as many statements for five hundred periods as for ten."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from re import findall
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from bench.ground import CHASE, SHEET, Scene, contexts, fill
from bench.sweep import plan_of_the_scan
from db.ledger.fire import Totals, fire_due
from db.ledger.patrol import patrol
from db.matters import unfinished

OPEN, DUE = 20_000, 1_000
LETTERS_OF_A_QUARTER = """
INSERT INTO messages (key, person_id, day, state, severity, channel_index, attempts, resend, history, created_at)
SELECT 'digest-' || to_char(day, 'YYYYMMDD') || '-' || who, who, day, 'sent', 1, 0, 0, false, '[]', day
FROM generate_series(date '2024-12-01', date '2025-03-01', interval '1 day') AS day, generate_series(1, 1000) AS who
"""
A_SHEET_EACH = """
INSERT INTO escalations (period_id, rung, level, recipients, opened_at, year, serial, due_on, limit_on, state)
SELECT id, 'orange', 'orange', '[1]', opened_at, 2025, id, due_on, due_on, 'open' FROM periods
"""

SUSPENDED_AND_RESUMED = """
INSERT INTO suspensions (measure_id, reason, evidence, asked_by, began_at, expected_end, ended_at, ended_by)
SELECT id, '等待批复', '[]', '整改办', now(), current_date, now(), '整改办' FROM measures
"""

TOLD_OF_EACH = """
INSERT INTO alerts (period_id, rung, recipient_id, kind, level, fell_due_at, recorded_at, message_id)
SELECT id, 'open', 1, 'notice', 'none', opened_at, opened_at, 1 FROM periods
"""

ALL_OVER_BUT_TEN = """
UPDATE periods SET state = 'closed', closed_at = opened_at, next_step_at = NULL WHERE id > 10;
INSERT INTO runs (subject, subject_id, run_id, ended) SELECT 'period', id, id, true FROM periods
"""


def explained(cursor: Any, statement: str, parameters: Any) -> list[str]:
    """The lines of the plan by which PostgreSQL runs a statement."""
    cursor.execute(f"EXPLAIN (ANALYZE) {statement}", parameters)
    return [line for (line,) in cursor.fetchall()]


@pytest.fixture
def engine(owners_engine: Engine) -> Engine:
    """As the owner, who alone may look how many rows there are."""
    return owners_engine


@contextmanager
def listening(engine: Engine, note: Callable[[Any, str, Any], None]) -> Iterator[None]:
    """``note(cursor, statement, parameters)`` is called before each statement of the block."""

    def hear(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        note(cursor, statement, parameters)

    event.listen(engine, "before_cursor_execute", hear)
    yield
    event.remove(engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("due", [0, DUE])
def test_the_scan_for_what_is_due_walks_the_partial_index(engine: Engine, due: int) -> None:
    fill(engine, OPEN, due, CHASE)
    plan = plan_of_the_scan(engine)
    assert "Index Scan on periods_due" in plan or "Index Scan using periods_due" in plan
    assert "Seq Scan on periods" not in plan


def test_a_batch_of_many_that_are_due_is_not_sorted_out_of_all_of_them(engine: Engine) -> None:
    fill(engine, 10_000, 10_000, CHASE)
    plan = plan_of_the_scan(engine)
    assert "Index Scan using periods_due" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("scene", [CHASE, SHEET], ids=["chase", "sheet"])
def test_a_batch_of_five_hundred_takes_as_many_statements_as_one_of_ten(engine: Engine, scene: Scene) -> None:
    fill(engine, OPEN, DUE, scene)
    totals = Totals()
    numbers = []
    for batch in (10, 500):
        seen: list[str] = []
        with (
            listening(engine, lambda _cursor, statement, _, seen=seen: seen.append(statement)),
            contexts(engine)() as ctx,
        ):
            assert fire_due(ctx, totals, batch) == batch
        numbers.append(len(seen))
    assert totals.rungs == 510
    assert totals.alerts == 510 * len(scene.audiences)
    # One more where a letter that already waits grows more severe.
    assert numbers[1] - numbers[0] in (0, 1)


def test_the_digests_of_today_are_found_without_reading_those_of_last_year(engine: Engine) -> None:
    fill(engine, OPEN, DUE, CHASE)
    with engine.begin() as connection:
        connection.execute(text(LETTERS_OF_A_QUARTER))
        connection.execute(text("ANALYZE messages"))
    plans: list[str] = []

    def explain(cursor: Any, statement: str, parameters: Any) -> None:
        if "AS daily" in statement:
            plans.extend(explained(cursor, statement, parameters))

    with listening(engine, explain), contexts(engine)() as ctx:
        fire_due(ctx, Totals())
    plan = "\n".join(plans)
    assert "messages_of_person" in plan
    assert "Seq Scan" not in plan
    assert all(int(removed) <= DUE for removed in findall(r"Rows Removed by Filter: (\d+)", plan))


def test_a_patrol_that_finds_nothing_reads_no_table_from_end_to_end(engine: Engine) -> None:
    fill(engine, OPEN, 0, CHASE)
    with engine.begin() as connection:
        connection.execute(text(A_SHEET_EACH))
        connection.execute(text(SUSPENDED_AND_RESUMED))
        connection.execute(text(LETTERS_OF_A_QUARTER))
        connection.execute(text(TOLD_OF_EACH))
        connection.execute(text("ANALYZE escalations, suspensions, messages, alerts"))
    plans: list[str] = []

    def explain(cursor: Any, statement: str, parameters: Any) -> None:
        if statement.strip().startswith(("SELECT", "UPDATE", "WITH")):
            plans.extend(explained(cursor, statement, parameters))

    with listening(engine, explain):
        patrol(contexts(engine))
    assert [line for line in plans if "on duties" in line or "on periods" in line] != []
    scanned = {table for line in plans for table in findall(r"Seq Scan on (\w+)", line)}
    with engine.connect() as connection:
        # There is no shorter way through a table of a single row.
        rows = {one: connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in scanned}  # noqa: S608
    assert max(rows.values(), default=0) < 2, rows


def test_what_is_over_is_not_read_to_find_what_waits_for_a_person(engine: Engine) -> None:
    fill(engine, OPEN, 0, CHASE)
    with engine.begin() as connection:
        connection.execute(text(ALL_OVER_BUT_TEN))
        connection.execute(text(A_SHEET_EACH.replace("'open'", "'closed'")))
        connection.execute(text("ANALYZE periods, escalations, runs, extensions"))
    plans: list[str] = []

    def explain(cursor: Any, statement: str, parameters: Any) -> None:
        if "FROM periods" in statement or "FROM escalations" in statement:
            plans.extend(explained(cursor, statement, parameters))

    with listening(engine, explain), contexts(engine)() as ctx:
        assert len(unfinished(ctx)) == 10
    assert [line for line in plans if "periods" in line] != []
    assert [line for line in plans if "Seq Scan on periods" in line or "Seq Scan on escalations" in line] == []
