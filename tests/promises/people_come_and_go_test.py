"""People come and go, posts stay: one letter a person, who is away is stood in for, a vacancy goes up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db import ledger, matters
from db.ledger import LedgerContext, Report, message_queue
from db.ledger.added_people import add_people
from db.ledger.appointments import hand_over_post, note_absence
from db.ledger.doors import give_links, link_holder
from db.ledger.records import audit_records
from db.ledger.replay import verify
from db.ledger.roster_import import import_roster
from db.models import Alert, AuditEntry, Escalation, Person, QueuedMessage
from letters.merge import merge
from letters.select import select as leased
from plan.model import Plan
from plan.roster_file import RosterFile
from plan.types import DeliveryResult
from rules.message import Message
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import ROLES, duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

MONTHLY = [duty(title="月报")]


def _plan(**changes: Any) -> Plan:
    """Two measures of one unit, below a bureau; ``changes`` give roles other names."""
    names = {name: changes.pop(name, name) for name in [*ROLES, "chief"]}
    return plan_of(
        measure(duties=MONTHLY),
        measure("01-2", title="印发制度", duties=MONTHLY),
        roles={role: {"name": name} for role, name in names.items()},
        units={
            "water": {"name": "水科", "handler": ["handler"], "leader": ["leader"], "superior": "bureau"},
            "bureau": {"name": "市局", "handler": ["chief"]},
        },
        **changes,
    )


def _letters(ledger_at: ContextAt, moment: str) -> dict[str, list[Message]]:
    """What leaves at a moment, by reader; only what says something."""
    with ledger_at(moment) as ctx:
        found: dict[str, list[Message]] = {}
        while messages := merge(leased(ctx, 100), ctx.work_time):
            for one in messages:
                if one.items:
                    found.setdefault(one.recipient, []).append(one)
            message_queue.record_results(ctx, [_taken(one) for one in messages])
        return found


def _taken(message: Message) -> Message:
    """The message as its channel took it, or as one that says nothing."""
    return replace(message, result=message.result or DeliveryResult.SENT)


def _asked(ledger_at: ContextAt, moment: str, person: str) -> list[str]:
    with ledger_at(moment) as ctx:
        return sorted(one.tag for one in matters.asked_of(ctx, person))


def _operators_words(ctx: LedgerContext) -> list[str]:
    told = select(Alert.note).where(Alert.rung.like("vacant:%")).order_by(Alert.id)
    return [note or "" for note in ctx.session.execute(told).scalars()]


def test_who_holds_several_posts_gets_one_letter(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan(handler="张三", leader="张三", discipline="张 三"))
    patrol_at("2025-02-03T09:00")
    patrol_at("2025-03-12T09:00")  # February is red: handler, leader and discipline are told
    letters = _letters(ledger_at, "2025-03-12T09:05")
    (letter,) = letters["张三"]
    # Each matter once, and as one that asks him, though the discipline group is only informed.
    assert sorted((one.measure, one.label) for one in letter.items) == sorted(
        {(one.measure, one.label) for one in letter.items}
    )
    assert {one.informed for one in letter.items} == {False}
    with ledger_at("2025-03-12T09:05") as ctx:
        assert len({one.recipient_id for one in ctx.session.execute(select(Alert)).scalars()}) > 3


def test_who_holds_posts_in_two_inspections_gets_one_letter(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    first = _plan(handler="张三")
    second = first.model_copy(update={"inspection": first.inspection.model_copy(update={"key": "audit-round"})})
    activated("2025-02-03T09:00", first)
    with ledger_at("2025-02-03T09:01") as ctx:
        ledger.activate(ctx, second, without_supervisors=True)
    patrol_at("2025-02-05T09:00")
    (letter,) = _letters(ledger_at, "2025-02-05T09:05")["张三"]
    assert sorted(one.measure for one in letter.items) == ["01-1", "01-2", "audit-round/01-1", "audit-round/01-2"]


def test_two_of_one_name_with_two_addresses_never_read_each_others_letters(
    activated: Activate, ledger_at: ContextAt
) -> None:
    plan = _plan(handler="张伟", leader="张伟")
    ways = {"handler": {"mail": "a@example.org"}, "leader": {"mail": "b@example.org"}}
    roles = {
        key: role.model_copy(update={"channels": ways.get(key, dict(role.channels))})
        for key, role in plan.roles.items()
    }
    activated("2025-02-03T09:00", plan.model_copy(update={"roles": roles}))
    with ledger_at("2025-02-03T09:01") as ctx:
        found = ctx.session.execute(select(Person.name, Person.channels).where(Person.name.like("张伟%"))).tuples()
        assert dict(found.all()) == {"张伟": [["mail", "a@example.org"]], "张伟（leader）": [["mail", "b@example.org"]]}


@pytest.fixture
def stood_in(activated: Activate, ledger_at: ContextAt) -> None:
    """张三 handles; on Monday he goes away for two weeks, and 李四 stands in."""
    activated("2025-02-03T09:00", _plan(handler="张三", deputy="李四"))
    with ledger_at("2025-02-14T09:00", "整改办") as ctx:
        assert note_absence(ctx, "张三", date(2025, 3, 3), date(2025, 3, 14), "出差", "李四") == []


def test_who_is_absent_is_stood_in_for(stood_in: None, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    patrol_at("2025-03-03T09:00")
    letters = _letters(ledger_at, "2025-03-03T09:05")
    assert "张三" not in letters
    (letter,) = letters["李四"]
    assert {one.instead_of for one in letter.items} == {"张三"}
    # Both find it in their matters, until 张三 is back.
    assert _asked(ledger_at, "2025-03-03T09:06", "李四") == _asked(ledger_at, "2025-03-03T09:06", "张三") != []
    assert _asked(ledger_at, "2025-03-17T09:00", "李四") == []
    patrol_at("2025-03-26T09:00")
    assert "张三" in _letters(ledger_at, "2025-03-26T09:05")


def test_what_waits_for_who_is_away_when_it_leaves_goes_to_who_stands_in(
    stood_in: None, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at("2025-02-28T20:00")  # after hours: it leaves on Monday
    with ledger_at("2025-02-28T20:01") as ctx:
        waits = select(QueuedMessage).join(Person).where(Person.name == "张三", QueuedMessage.next_try_at.is_not(None))
        (queued,) = ctx.session.execute(waits).scalars()
        key = queued.key
    letters = _letters(ledger_at, "2025-03-03T09:05")
    assert "张三" not in letters
    (letter,) = letters["李四"]
    assert {one.instead_of for one in letter.items} == {"张三"}
    with ledger_at("2025-03-03T09:06") as ctx:
        assert ctx.session.execute(select(QueuedMessage.state).where(QueuedMessage.key == key)).scalar_one() == "moot"


def test_who_stands_in_acts_in_his_own_name_and_the_trail_says_for_whom(stood_in: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-03T10:00", "李四") as ctx:
        ledger.submit(ctx, 1, Report(body="已完成", percent=100, finished=True))
    with ledger_at("2025-03-03T10:01") as ctx:
        (entry,) = [one for one in audit_records(ctx) if one.command == "submit"]
        assert (entry.actor, entry.facts["for"]) == ("李四", "张三")
    with ledger_at("2025-03-03T10:02", "张三") as ctx:  # he took his telephone along
        ledger.submit(ctx, 2, Report(body="已完成", percent=100, finished=True))
    with ledger_at("2025-03-03T10:03") as ctx:
        assert "for" not in audit_records(ctx)[-1].facts


def test_who_stands_in_decides_nothing_about_what_he_works_on(stood_in: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-26T10:00", "leader") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 20), "工作量大")
    with (
        ledger_at("2025-03-03T10:00", "李四") as ctx,
        pytest.raises(Refusal, match="承办方") as refused,
    ):
        ledger.close(ctx, "01-1", "已完成")
    assert refused.value.code == "actor_is_unit"


def test_a_vacancy_goes_up_and_the_operators_are_told_once(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    with ledger_at("2025-02-14T09:00", "整改办") as ctx:
        assert note_absence(ctx, "handler", date(2025, 3, 3), date(2025, 3, 31), "借调") == ["test-round/handler"]
    patrol_at("2025-03-03T09:00")
    letters = _letters(ledger_at, "2025-03-03T09:05")
    assert "handler" not in letters
    assert "handler" in {one.instead_of for one in letters["leader"][0].items}
    patrol_at("2025-03-04T09:00")
    with ledger_at("2025-03-04T09:05", "整改办") as ctx:
        (word,) = _operators_words(ctx)
        assert "test-round/handler" in word
        assert "leader" in word
        note_absence(ctx, "leader", date(2025, 3, 5), date(2025, 3, 31), "培训")
    patrol_at("2025-03-26T09:00")
    assert "chief" in _letters(ledger_at, "2025-03-26T09:05")  # the handler of the unit above


def test_nobody_left_anywhere_leaves_it_to_him_who_is_away(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    with ledger_at("2025-02-14T09:00", "整改办") as ctx:
        note_absence(ctx, "deputy", date(2025, 3, 3), date(2025, 3, 31), "出访")
    patrol_at("2025-03-05T09:00")  # orange, the deputy's
    assert "deputy" in _letters(ledger_at, "2025-03-05T09:05")
    with ledger_at("2025-03-05T09:06") as ctx:
        assert ctx.session.execute(select(Escalation.rung)).scalars().all() == ["orange", "orange"]
        assert len(_operators_words(ctx)) == 1


@pytest.mark.parametrize("sent", [True, False], ids=["sent", "queued"])
@pytest.mark.parametrize("until", ["2025-02-14T09:00", "2025-03-05T09:00", "2025-03-12T09:00"])
@pytest.mark.parametrize("post", ["handler", "leader", "deputy", "head"])
def test_a_post_handed_over_by_command_asks_its_new_holder_and_nobody_else(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, post: str, until: str, sent: bool
) -> None:
    activated("2025-02-03T09:00", _plan())
    patrol_at(until)
    day = until[:10]
    open_matters = _asked(ledger_at, f"{day}T09:01", post)
    with ledger_at(f"{day}T09:01") as ctx:
        of_post = select(QueuedMessage.id).join(Person).where(Person.name == post)
        told = {one.measure for message in ctx.session.execute(of_post).scalars() for one in items_of(ctx, message)}
    if sent:
        _letters(ledger_at, f"{day}T09:02")
    with ledger_at(f"{day}T09:10", "整改办") as ctx:
        hand_over_post(ctx, "test-round/" + post, "张三")
    letters = _letters(ledger_at, f"{day}T09:11")
    assert post not in letters
    assert [{one.measure for one in letter.items} for letter in letters.get("张三", [])] == ([told] if told else [])
    assert _asked(ledger_at, f"{day}T09:12", "张三") == open_matters
    assert _asked(ledger_at, f"{day}T09:12", post) == []
    for moment in ("2025-03-13T09:00", "2025-03-20T09:00", "2025-04-02T09:00"):
        patrol_at(moment)
        assert post not in _letters(ledger_at, moment)


def test_who_takes_over_on_a_later_day_hears_of_it_on_that_day(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    patrol_at("2025-02-14T09:00")
    assert "handler" in _letters(ledger_at, "2025-02-14T09:05")
    with ledger_at("2025-02-14T09:10", "整改办") as ctx:
        hand_over_post(ctx, "handler", "张三", date(2025, 2, 17))
    assert _letters(ledger_at, "2025-02-14T09:15") == {}
    assert _asked(ledger_at, "2025-02-14T09:15", "handler") != []
    patrol_at("2025-02-17T09:00")
    assert list(_letters(ledger_at, "2025-02-17T09:05")) == ["张三"]
    assert _asked(ledger_at, "2025-02-17T09:06", "handler") == []


def test_who_left_has_no_open_door(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-02-03T09:00", _plan())
    with ledger_at("2025-02-03T09:10") as ctx:
        token = give_links(ctx, [("handler", "period-1")], lambda handle: f"t{handle}")["handler", "period-1"]
        assert link_holder(ctx, token[1:], token).person == "handler"
    with ledger_at("2025-02-03T09:20", "整改办") as ctx:
        hand_over_post(ctx, "handler", "张三")
    with ledger_at("2025-02-03T09:30") as ctx, pytest.raises(Refusal) as refused:
        link_holder(ctx, token[1:], token)
    assert refused.value.code == "link_left"
    with ledger_at("2025-02-03T09:31", "handler") as ctx, pytest.raises(Refusal) as refused:
        ledger.submit(ctx, 1, Report(body="已完成", percent=100, finished=True))
    assert refused.value.code == "actor_unknown"


def test_an_amendment_that_says_nothing_new_of_a_post_leaves_it_to_the_roster(
    activated: Activate, ledger_at: ContextAt
) -> None:
    plan = activated("2025-02-03T09:00", _plan())
    with ledger_at("2025-02-03T09:10", "整改办") as ctx:
        hand_over_post(ctx, "handler", "张三")
    first = plan.findings[0]
    titled = first.measures[0].model_copy(update={"title": "每周调度"})
    changed = plan.model_copy(
        update={"findings": [first.model_copy(update={"measures": [titled, *first.measures[1:]]})]}
    )
    with ledger_at("2025-02-04T09:00", "整改办") as ctx:
        ledger.amend(ctx, changed, base_digest=None, apply=True)
    assert _asked(ledger_at, "2025-02-04T09:05", "张三") != []
    roles = changed.roles | {"handler": changed.roles["handler"].model_copy(update={"name": "王工"})}
    with ledger_at("2025-02-05T09:00", "整改办") as ctx:
        ledger.amend(ctx, changed.model_copy(update={"roles": roles}), base_digest=None, apply=True)
    assert _asked(ledger_at, "2025-02-05T09:05", "张三") == []
    assert _asked(ledger_at, "2025-02-05T09:05", "王工") != []


def test_every_change_of_the_roster_is_in_the_trail(stood_in: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-14T10:00", "整改办") as ctx:
        hand_over_post(ctx, "leader", "王工")
    with ledger_at("2025-02-14T10:05") as ctx:
        assert verify(ctx.session).whole
        commands = ctx.session.execute(select(AuditEntry.command).order_by(AuditEntry.id)).scalars().all()
        assert {"absent", "hand-over", "take-over"} <= set(commands)


@pytest.mark.parametrize("permanent", [False, True])
def test_who_stands_in_hears_once_of_what_is_open_when_the_absence_begins(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, permanent: bool
) -> None:
    activated("2025-02-03T09:00", _plan(handler="张三"))
    patrol_at("2025-02-03T09:00")
    _letters(ledger_at, "2025-02-03T09:05")  # 张三 is told of both openings
    with ledger_at("2025-02-04T09:00") as ctx:
        if permanent:  # B 岗 by the roster, and nobody is named for the absence
            roster = {"people": [{"name": "李四"}], "holdings": [{"post": "handler", "name": "李四", "stand_in": True}]}
            assert import_roster(ctx, RosterFile.model_validate(roster), apply=True).applied
        else:
            add_people(ctx, ["李四"])
        note_absence(ctx, "张三", date(2025, 2, 6), date(2025, 2, 14), "出差", None if permanent else "李四")
    patrol_at("2025-02-05T09:00")
    assert "李四" not in _letters(ledger_at, "2025-02-05T09:05")
    patrol_at("2025-02-06T09:00")
    (letter,) = _letters(ledger_at, "2025-02-06T09:05")["李四"]
    assert {one.measure for one in letter.items} == {"01-1", "01-2"}
    assert all("自今日起由您接手" in one.note for one in letter.items)
    patrol_at("2025-02-07T09:00")
    assert "李四" not in _letters(ledger_at, "2025-02-07T09:05")


def test_who_decides_in_the_place_of_another_stands_so_in_the_trail(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", _plan())
    patrol_at("2025-02-03T09:00")
    with ledger_at("2025-02-04T09:00") as ctx:
        add_people(ctx, ["李四"])
        note_absence(ctx, "office", date(2025, 2, 4), date(2025, 2, 28), "出差", "李四")
    day = date(2025, 2, 20)
    acts: list[Callable[[LedgerContext], object]] = [
        lambda ctx: ledger.suspend(ctx, "01-1", reason="等待批文", evidence=["函"], until=day),
        lambda ctx: ledger.resume(ctx, "01-1", reason="已批"),
        lambda ctx: ledger.skip(ctx, 1, "本期免报"),
        lambda ctx: ledger.merge_into_next(ctx, 2, "并入下期"),
        lambda ctx: ledger.close(ctx, "01-1", "已完成"),
        lambda ctx: ledger.reopen(ctx, "01-1", "反弹"),
    ]
    for act in acts:
        with ledger_at("2025-02-05T09:00", "李四") as ctx:
            act(ctx)
    with ledger_at("2025-02-05T10:00") as ctx:
        said = {one.command: one.facts.get("for") for one in audit_records(ctx) if one.actor == "李四"}
    said.pop("open")  # what reopening brought along
    assert said == dict.fromkeys(["suspend", "resume", "skip", "merge", "close", "reopen"], "office")
