"""Whatever servers do and whoever kills the sender: no message is lost, none dies of what passes, few go out twice."""

from pathlib import Path

import pytest

from bench.delivery import KILLS, run


@pytest.mark.slow
def test_six_hundred_messages_through_servers_that_fail_and_senders_that_are_killed(
    database: str, tmp_path: Path
) -> None:
    counts = run(database, tmp_path, 600)
    print(counts)
    # One of a hundred addresses does not exist: these alone are dead.
    assert (counts.sent, counts.refused, counts.dead, counts.waiting) == (594, 6, 0, 0)
    assert counts.lost == 0
    # Twice went only what had been handed over and was not recorded when its sender was killed.
    assert counts.kills == len(KILLS) <= counts.doubled <= counts.in_flight
    assert counts.doubled_otherwise == 0, counts.histories
    assert {"421", "451", "500", "drop", "garbage", "408"} <= counts.failed.keys()
