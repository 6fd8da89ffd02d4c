"""Whether messages leave is one of the checks of the engine: what is late, dead or held by a channel that is down."""

from collections.abc import Callable
from typing import Any

import pytest

from db.ledger import message_queue
from plan.types import Fate
from tasks.context import examine_messages
from tasks.first_page import first_page
from tests.conftest import ContextAt, at
from tests.messages import failed
from tests.plans import ROLES, measure, plan_of
from tests.tasks.conftest import Installed

DUE = "2025-02-05T08:30"


@pytest.fixture
def queued(installed: Installed, activated: Callable[..., Any], patrol_at: Callable[..., Any]) -> Installed:
    """Two letters that are just due, of which that to the handler goes by mail; it is Wednesday, half past eight."""
    roles = {name: {"name": name} for name in ROLES}
    activated("2025-02-03T08:00", plan_of(measure(), roles=roles | {"handler": {"name": "handler", "channels": MAIL}}))
    patrol_at(DUE)
    installed.set_clock(DUE)
    return installed


MAIL = {"mail": "wang@example.org"}


def _fails(ledger_at: ContextAt, moment: str, fate: Fate) -> None:
    """The mail channel does not take the handler's letter."""
    with ledger_at(moment) as ctx:
        (letter,) = [one for one in message_queue.lease(ctx, 20) if one.channel == "mail"]
        failed(ctx, letter, fate)


def test_what_has_just_become_due_is_counted_and_no_fault(queued: Installed) -> None:
    found = examine_messages()
    assert (found.mark, found.check, found.said) == (
        "✓",
        "消息",
        "等候发出1封（最早的02-05 08:30到点，待发出），无法送达0封",
    )


def test_what_waits_longer_than_three_deliveries_is_told(queued: Installed) -> None:
    queued.set_clock("2025-02-05T08:51")
    found = examine_messages()
    assert (found.mark, found.said) == ("！", "等候发出1封（最早的自02-05 08:30起未能发出），无法送达0封")


def test_a_dead_letter_is_told_where_the_operators_look_and_stops_nothing(
    queued: Installed, ledger_at: ContextAt
) -> None:
    _fails(ledger_at, DUE, Fate.REFUSED)
    found = examine_messages()
    assert (found.ok, found.mark) == (True, "！")
    assert "无法送达1封；详情：duban messages --dead" in found.said
    assert f"- ！ 消息：{found.said}" in first_page("第一轮巡察", [], at(DUE), [found]).replace("\\", "")


def test_a_channel_that_is_down_is_named_and_in_the_end_as_bad_as_a_silent_engine(
    queued: Installed, ledger_at: ContextAt
) -> None:
    _fails(ledger_at, DUE, Fate.UNUSABLE)
    found = examine_messages()
    assert (found.mark, "通道 mail 自02-05 08:30起中断" in found.said) == ("！", True)
    queued.set_clock("2025-02-06T08:30")
    assert examine_messages().mark == "✗"  # neither the patrol's beat nor its event is sent any more
