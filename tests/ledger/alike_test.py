"""Periods that are alike are decided on once; what tells them apart still counts, and the process is left as it was."""

import gc

import pytest
from sqlalchemy import Engine, text

from bench.ground import CHASE, Scene, contexts, fill
from db.ledger.fire import Totals, fire_due
from db.ledger.patrol import fire_batch

YELLOW = Scene("yellow", "yellow", "2025-03-14", ("open", "remind", "due"), ("handler",))
TOLD = "SELECT rung FROM alerts WHERE period_id = :period ORDER BY fell_due_at"


def test_three_periods_of_one_day_climb_each_by_its_own_past_and_by_who_is_there(engine: Engine) -> None:
    fill(engine, 3, 3, YELLOW)
    with engine.begin() as connection:
        connection.execute(text("UPDATE periods SET opens_on = due_on - 20"))
        connection.execute(text("UPDATE periods SET fired = '{open,remind}' WHERE id = 2"))
        connection.execute(
            text(
                """UPDATE measures SET audiences = audiences || '{"handler": []}' FROM duties, periods
                WHERE periods.id = 3 AND duties.id = duty_id AND measures.id = measure_id"""
            )
        )
    with contexts(engine)() as ctx:
        assert fire_due(ctx, Totals()) == 3
    with engine.connect() as connection:
        told = {one: list(connection.execute(text(TOLD), {"period": one}).scalars()) for one in (1, 2, 3)}
    # Nobody is told of the third's yellow: it goes up at once.
    assert told == {1: ["yellow"], 2: ["due", "yellow"], 3: ["orange"]}


@pytest.mark.parametrize("fails", [False, True])
def test_garbage_is_searched_for_again_after_a_batch_however_it_ends(engine: Engine, fails: bool) -> None:
    fill(engine, 10, 10, CHASE)
    searched: list[bool] = []

    def open_context() -> object:
        searched.append(gc.isenabled())
        if fails:
            raise ConnectionError("gone")
        return contexts(engine)()

    if fails:
        with pytest.raises(ConnectionError):
            fire_batch(open_context, Totals())  # type: ignore[arg-type]
    else:
        fire_batch(open_context, Totals())  # type: ignore[arg-type]
    assert searched == [False]
    assert gc.isenabled()
