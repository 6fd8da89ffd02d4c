"""A post of the office that goes round: letters, matters and rights follow whose turn it is, and nobody else pays."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, event

from db import matters
from db.ledger import Report, review, submit
from db.ledger.added_people import add_people
from db.ledger.appointments import note_absence
from db.ledger.doors import give_links, link_holder
from db.ledger.replay import verify
from db.ledger.roster_import import import_roster
from letters.merge import merge
from letters.select import select as leased
from plan.roster_file import RosterFile
from tests.conftest import ContextAt
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

ROUND = {"post": "office", "every": "week", "from": date(2025, 2, 3), "people": ["甲", "乙"]}


@pytest.fixture
def going_round(activated: Activate, ledger_at: ContextAt) -> None:
    """甲 and 乙 take turns since Monday, 3 February."""
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    with ledger_at("2025-02-03T09:00") as ctx:
        roster = RosterFile.model_validate({"people": [{"name": "甲"}, {"name": "乙"}], "rotations": [ROUND]})
        assert import_roster(ctx, roster, apply=True).applied


def _asked(ledger_at: ContextAt, moment: str) -> dict[str, list[str]]:
    with ledger_at(moment) as ctx:
        return {one: [matter.tag for matter in matters.asked_of(ctx, one)] for one in ("甲", "乙", "office")}


@pytest.mark.usefixtures("going_round")
def test_the_review_is_asked_of_whose_turn_it_is(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-02-06T09:00")
    with ledger_at("2025-02-06T10:00", "handler") as ctx:
        submit(ctx, 1, Report(body="已调度", percent=60))
    assert _asked(ledger_at, "2025-02-06T11:00") == {"甲": ["period-1"], "乙": [], "office": []}
    assert _asked(ledger_at, "2025-02-10T09:00") == {"甲": [], "乙": ["period-1"], "office": []}
    with ledger_at("2025-02-10T09:00", "甲") as ctx:
        note_absence(ctx, "乙", date(2025, 2, 11), date(2025, 2, 12), "培训")
    # Who is away sees it all the same, as everywhere: he may have taken his telephone along.
    assert _asked(ledger_at, "2025-02-11T09:00") == {"甲": ["period-1"], "乙": ["period-1"], "office": []}


@pytest.mark.usefixtures("going_round")
def test_what_waits_over_a_change_of_turns_goes_to_who_has_his_turn(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-02-06T09:00")
    with ledger_at("2025-02-07T20:00", "handler") as ctx:  # Friday, after hours: it leaves on Monday
        submit(ctx, 1, Report(body="已调度", percent=60))
    patrol_at("2025-02-07T20:05")
    with ledger_at("2025-02-10T09:00") as ctx:
        letters = {one.recipient: [item.tag for item in one.items] for one in merge(leased(ctx, 100), ctx.work_time)}
    assert "period-1" in letters["乙"]
    assert "period-1" not in letters.get("甲", [])


@pytest.mark.usefixtures("going_round")
def test_who_has_no_turn_today_may_act_and_open_his_links(ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-02-06T09:00")
    with ledger_at("2025-02-06T10:00", "handler") as ctx:
        submit(ctx, 1, Report(body="已调度", percent=60))
    with ledger_at("2025-02-06T11:00") as ctx:
        token = give_links(ctx, [("乙", "period-1")], lambda handle: handle)["乙", "period-1"]
    with ledger_at("2025-02-06T11:05") as ctx:
        assert link_holder(ctx, token, token).person == "乙"
    with ledger_at("2025-02-06T11:10", "乙") as ctx:
        review(ctx, 1, accept=True)
        assert verify(ctx.session).whole


def test_an_office_without_turns_asks_the_database_nothing_more(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, engine: Engine
) -> None:
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    with ledger_at("2025-02-03T09:00") as ctx:
        add_people(ctx, ["甲"])
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        patrol_at("2025-03-12T09:00")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert said
    assert [one for one in said if "rotations" in one] == []
