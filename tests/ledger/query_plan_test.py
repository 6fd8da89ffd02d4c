"""The sweep costs what is due, not what is open, and as many statements for five hundred periods as for ten."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bench.ground import CHASE, SHEET, Scene, desks, fill
from bench.sweep import plan_of_the_scan
from db.ledger.climb import Totals, sweep

OPEN, DUE = 20_000, 1_000


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("due", [0, DUE])
def test_the_scan_for_what_is_due_walks_the_partial_index(engine: Engine, due: int) -> None:
    fill(engine, OPEN, due, CHASE)
    plan = plan_of_the_scan(engine)
    assert "Index Scan on periods_due" in plan or "Index Scan using periods_due" in plan
    assert "Seq Scan on periods" not in plan


@pytest.mark.parametrize("scene", [CHASE, SHEET], ids=["chase", "sheet"])
def test_a_batch_of_five_hundred_takes_as_many_statements_as_one_of_ten(engine: Engine, scene: Scene) -> None:
    fill(engine, OPEN, DUE, scene)
    totals = Totals()
    numbers = []
    for batch in (10, 500):
        with counted(engine) as seen, desks(engine)() as desk:
            assert sweep(desk, totals, batch) == batch
        numbers.append(len(seen))
    assert totals.rungs == 510
    assert totals.alerts == 510 * len(scene.audiences)
    # One more where a letter that already waits grows more severe.
    assert numbers[1] - numbers[0] in (0, 1)
