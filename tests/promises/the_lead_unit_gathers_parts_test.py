"""分头填报、牵头汇总: a period that is gathered asks other units for their parts, and nobody for anything twice."""

from datetime import date

import pytest
from sqlalchemy import Engine, select, text

from db import ledger, matters
from db.board import BoardFilter
from db.ledger import LedgerContext, Report
from db.ledger.events import events_after
from db.ledger.parts import give_part
from db.ledger.replay import verify
from db.models import Alert, AuditEntry, Part, Period, Person, QueuedMessage, Recipient, Submission
from db.search import found_measures
from letters.render import render
from plan.types import AlertKind, PartState
from rules.message import Message, MessageItem
from tests.conftest import ContextAt, ToldOnce
from tests.messages import items_of
from tests.plans import duty, gathering, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

EAST, LAW = 1, 2
"""Parts of February, in the order in which the measure names those who assist."""


@pytest.fixture
def february(told_once: ToldOnce, activated: Activate, patrol_at: PatrolAt) -> None:
    """February's report is open, the stations are asked; it is due on Friday the 28th, their parts on the 25th."""

    def story() -> None:
        activated("2025-02-05T09:00", gathering())
        patrol_at("2025-02-05T09:00")

    told_once(story)


def _parts(ctx: LedgerContext) -> list[tuple[str, int, str, date]]:
    found = ctx.session.execute(select(Part).order_by(Part.id)).scalars()
    return [(one.unit_name, one.round, one.state, one.due_on) for one in found]


def _give(ledger_at: ContextAt, moment: str, part: int, actor: str, said: str = "已清理河道三公里") -> None:
    with ledger_at(moment, actor) as ctx:
        give_part(ctx, part, said)


def _refused(ledger_at: ContextAt, moment: str, part: int, actor: str, said: str = "已清理") -> str:
    with pytest.raises(Refusal) as refused, ledger_at(moment, actor) as ctx:
        give_part(ctx, part, said)
    return refused.value.code


def _report(ledger_at: ContextAt, moment: str, period: int = 1, body: str = "汇总如下") -> None:
    with ledger_at(moment, "handler") as ctx:
        ledger.submit(ctx, period, Report(body=body, percent=40))


def _told(ctx: LedgerContext, name: str) -> list[MessageItem]:
    """All that the messages which wait for somebody would say now."""
    waiting = select(QueuedMessage.id).join(Person).where(Person.name == name, QueuedMessage.next_try_at.is_not(None))
    return [item for one in ctx.session.execute(waiting).scalars().all() for item in items_of(ctx, one)]


def _letter(ctx: LedgerContext, name: str, *items: MessageItem) -> str:
    return render(Message(1, "key", "lease", 0, False, name, "outbox", "", day=ctx.today, items=items)).text


def _reminders(ctx: LedgerContext, name: str) -> list[tuple[str, str]]:
    found = select(Alert.kind, Alert.rung).join(Recipient).where(Recipient.name == name).order_by(Alert.id)
    return [tuple(one) for one in ctx.session.execute(found) if one.kind.startswith("part")]


def test_a_period_opens_with_a_part_of_each_unit_due_before_the_report(february: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-05T09:01") as ctx:
        due = date(2025, 2, 25)
        assert _parts(ctx) == [("东站", 1, "waiting", due), ("法规科", 1, "waiting", due)]
        asked = matters.asked_of(ctx, "east")
        assert [(one.kind, one.asked, one.due_on) for one in asked] == [("part", ("east",), due)]
        assert asked[0].name == "东站分报 · 01-1 每月报送 · 2025年2月"
        assert [one.kind for one in matters.asked_of(ctx, "handler")] == ["report"]
        assert verify(ctx.session).whole


def test_opening_again_asks_nobody_again(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-02-05T09:05")
    with ledger_at("2025-02-05T09:06") as ctx:
        assert len(_parts(ctx)) == 2
        assert _reminders(ctx, "east") == [("part", "part-asked:1")]


def test_what_does_not_gather_asks_for_no_part(activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    activated("2025-02-05T09:00", plan_of(measure()))
    patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:01") as ctx:
        assert _parts(ctx) == []


def test_a_part_given_early_is_asked_for_no_more(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    patrol_at("2025-02-28T09:00")
    with ledger_at("2025-02-28T09:01") as ctx:
        assert matters.asked_of(ctx, "east") == []
        assert _reminders(ctx, "east") == [("part", "part-asked:1")]
        part = ctx.session.get_one(Part, EAST)
        assert (part.given_by, part.text) == ("east", "已清理河道三公里")
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "part")).scalar_one()
        assert (entry.actor, entry.facts["unit"], entry.facts["body"]) == ("east", "东站", "已清理河道三公里")
        assert verify(ctx.session).whole
    assert _refused(ledger_at, "2025-02-28T10:00", EAST, "east") == "part_over"


def test_a_unit_is_reminded_before_its_part_is_due_and_again_and_again_once_it_is_late(
    february: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    for day in range(6, 29):
        patrol_at(f"2025-02-{day:02}T09:00")
    for day in range(1, 15):
        patrol_at(f"2025-03-{day:02}T09:00")
    with ledger_at("2025-03-14T10:00") as ctx:
        days = [rung.partition("part-asked:1")[2] for _, rung in _reminders(ctx, "east") if ":1" in rung]
        assert days == ["", ":2025-02-24", ":2025-02-26", ":2025-03-05", ":2025-03-12"]
        assert ledger.health(ctx)["overlooked"] == ledger.health(ctx)["unarmed"] == 0


def test_a_late_part_is_told_to_the_lead_unit_once_and_climbs_to_nobody(
    february: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", LAW, "law")
    patrol_at("2025-02-26T09:00")
    patrol_at("2025-03-05T09:00")
    with ledger_at("2025-03-05T09:01") as ctx:
        assert _reminders(ctx, "handler") == [("part_missing", "part-missing:1")]
        for supervisor in ("deputy", "head", "office"):
            assert _reminders(ctx, supervisor) == []
        (own,) = [one for one in _told(ctx, "handler") if one.label == "2025年2月"]
        assert (own.parts_missing, own.tag) == ("东站", "period-1")


def test_a_letter_asks_for_the_part_and_leads_to_it(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    patrol_at("2025-02-26T09:00")
    with ledger_at("2025-02-26T09:01") as ctx:
        (item,) = _told(ctx, "east")
        assert (item.kind, item.tag, item.due_on, item.informed) == (AlertKind.PART, "part-1", date(2025, 2, 25), False)
        text = _letter(ctx, "east", item)
        assert "【督办】1项分报 · 水科 01-1 每月调度工程进度" in text
        assert "时限：2025年2月25日，已逾期1个工作日" in text
        assert "要求：请报送本单位的分报，由牵头单位汇总\n   说明：东站的分报" in text
        assert "请在分报时限内如实报送" in text
        (own,) = [one for one in _told(ctx, "handler") if one.kind == AlertKind.PART_MISSING]
        assert "要求：请催促未分报的单位，或先行汇总填报；尚缺分报：东站、法规科" in _letter(ctx, "handler", own)
    _give(ledger_at, "2025-02-26T09:02", EAST, "east")
    with ledger_at("2025-02-26T09:03") as ctx:
        assert _told(ctx, "east") == []


def test_what_a_unit_wrote_is_found_by_its_words_and_told_to_systems(february: None, ledger_at: ContextAt) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    with ledger_at("2025-02-06T11:00") as ctx:
        count, (found,) = found_measures(ctx, BoardFilter(), ["河道"], 0, 10)
        assert (count, [(one.kind, one.label, one.text) for one in found.passages]) == (
            1,
            [("part", "2025年2月", "已清理河道三公里")],
        )
    with ledger_at("2025-02-06T11:00") as ctx:
        (told,) = [one for one in events_after(ctx, 0).events if one["type"] == "part.given"]
        assert (told["by"], told["measure"], told["period"], told["matter"]) == (
            "east",
            "01-1",
            "2025年2月",
            "period-1",
        )


def test_a_report_may_go_without_a_part_and_says_so(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    _report(ledger_at, "2025-02-27T10:00")
    patrol_at("2025-03-20T09:00")
    with ledger_at("2025-03-20T09:01") as ctx:
        assert [state for _, _, state, _ in _parts(ctx)[:2]] == [PartState.GIVEN, PartState.MISSED]
        assert ctx.session.execute(select(Submission.missing)).scalar_one() == ["法规科"]
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "submit")).scalar_one()
        assert entry.facts["missing"] == ["法规科"]
        assert [one.period_id for one in matters.asked_of(ctx, "law")] == [2]  # that of March alone
        assert _reminders(ctx, "law")[0] == ("part", "part-asked:2")
        assert ("part", "part-asked:2:2025-02-26") not in _reminders(ctx, "law")
        assert verify(ctx.session).whole
    assert _refused(ledger_at, "2025-03-20T10:00", LAW, "law") == "part_over"


def test_a_returned_report_keeps_its_parts_and_asks_anew_for_what_was_missing(
    february: None, ledger_at: ContextAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    _report(ledger_at, "2025-02-27T10:00")
    with ledger_at("2025-02-28T10:00", "office") as ctx:
        ledger.review(ctx, 1, accept=False, reason="缺法规科")
        assert [(unit, number, state) for unit, number, state, _ in _parts(ctx)] == [
            ("东站", 1, "given"),
            ("法规科", 1, "missed"),
            ("法规科", 2, "waiting"),
        ]
        assert matters.asked_of(ctx, "east") == []
        assert [one.id for one in matters.asked_of(ctx, "law")] == [3]
        assert verify(ctx.session).whole


@pytest.mark.parametrize("end", ["skip", "merge"])
def test_parts_end_with_their_period(end: str, february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    with ledger_at("2025-02-20T10:00", "office") as ctx:
        (ledger.skip if end == "skip" else ledger.merge_into_next)(ctx, 1, "停工")
        assert matters.asked_of(ctx, "east") == []
    patrol_at("2025-02-27T09:00")
    with ledger_at("2025-02-27T09:01") as ctx:
        assert _reminders(ctx, "east") == [("part", "part-asked:1")]
        assert ledger.health(ctx)["unarmed"] == ledger.health(ctx)["overlooked"] == 0
    assert _refused(ledger_at, "2025-02-27T10:00", EAST, "east") == "part_over"


def test_a_suspended_measure_reminds_nobody_and_its_parts_get_their_time_back(
    february: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    with ledger_at("2025-02-10T10:00", "office") as ctx:
        ledger.suspend(ctx, "01-1", reason="等审批", evidence=["来函"], until=date(2025, 4, 1))
    patrol_at("2025-02-27T09:00")
    assert _refused(ledger_at, "2025-02-27T10:00", EAST, "east") == "measure_suspended"
    with ledger_at("2025-02-27T09:01") as ctx:
        assert _reminders(ctx, "east") == [("part", "part-asked:1")]
        assert ledger.health(ctx)["unarmed"] == 0
    with ledger_at("2025-03-03T10:00", "office") as ctx:
        ledger.resume(ctx, "01-1", reason="已批复")
        period, part = ctx.session.get_one(Period, 1), ctx.session.get_one(Part, EAST)
        assert (period.due_on, part.due_on) == (date(2025, 3, 21), date(2025, 3, 18))
        assert part.next_reminder_at is not None
        assert verify(ctx.session).whole


def test_a_later_limit_moves_the_parts(february: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-20T10:00", "handler") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 14), "雨天")
    with ledger_at("2025-02-20T11:00", "deputy") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
        assert [due for *_, due in _parts(ctx)] == [date(2025, 3, 11)] * 2


def test_an_amended_plan_asks_whom_it_gathers_from_now(
    february: None, ledger_at: ContextAt, patrol_at: PatrolAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    with ledger_at("2025-02-10T10:00", "office") as ctx:
        ledger.amend(ctx, gathering("subordinate"), base_digest=None, apply=True)
        assert [(unit, state) for unit, _, state, _ in _parts(ctx)] == [
            ("东站", "given"),
            ("法规科", "withdrawn"),
            ("西站", "waiting"),
        ]
        assert matters.asked_of(ctx, "law") == []
        assert [one.kind for one in matters.asked_of(ctx, "west")] == ["part"]
    patrol_at("2025-02-10T10:05")
    with ledger_at("2025-02-10T10:06") as ctx:
        assert _reminders(ctx, "west") == [("part", "part-asked:3")]
        assert verify(ctx.session).whole


def test_the_part_follows_the_post(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    plan = gathering()
    units = plan.units | {"east": plan.units["east"].model_copy(update={"handler": ["west"]})}
    with ledger_at("2025-02-10T10:00", "office") as ctx:
        ledger.amend(ctx, plan.model_copy(update={"units": units}), base_digest=None, apply=True)
        assert [one.tag for one in matters.asked_of(ctx, "west")] == ["part-1"]
        assert matters.asked_of(ctx, "east") == []
        # He hears of this part alone, and the page he is led to is that of the part.
        assert [(one.kind, one.tag) for one in _told(ctx, "west")] == [(AlertKind.PART, "part-1")]
        assert _told(ctx, "east") == []


@pytest.mark.parametrize("actor", ["east", "east-chief", "office", "赵工"])
def test_the_posts_of_the_unit_give_its_part_and_whoever_the_table_lets(
    actor: str, february: None, ledger_at: ContextAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, actor)


@pytest.mark.parametrize("actor", ["handler", "law", "deputy", "nobody"])
def test_nobody_else_does(actor: str, february: None, ledger_at: ContextAt) -> None:
    assert _refused(ledger_at, "2025-02-06T10:00", EAST, actor) in ("actor_may_not", "actor_unknown")


@pytest.mark.parametrize(("said", "code"), [("  ", "text_empty"), ("长" * 20001, "text_too_long")])
def test_a_part_says_something_and_not_too_much(said: str, code: str, february: None, ledger_at: ContextAt) -> None:
    assert _refused(ledger_at, "2025-02-06T10:00", EAST, "east", said) == code


def test_a_part_that_was_rewritten_behind_the_trail_is_found(
    february: None, ledger_at: ContextAt, owners_engine: Engine
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    with owners_engine.begin() as connection:
        connection.execute(text("UPDATE parts SET text = '没有清理' WHERE id = 1"))
    with ledger_at("2025-02-06T11:00") as ctx:
        (found,) = verify(ctx.session).differences
        assert (found.table, found.column, found.recorded) == ("parts", "text", "已清理河道三公里")
        assert found.name == "01-1 每月报送 · 2025年2月"


def test_a_part_that_nobody_can_reckon_stops_nobody(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    with ledger_at("2025-02-05T10:00") as ctx:
        ctx.session.get_one(Part, EAST).due_on = date.max
    patrol_at("2025-02-24T09:00")
    with ledger_at("2025-02-24T09:01") as ctx:
        assert _reminders(ctx, "law")[-1] == ("part", "part-asked:2:2025-02-24")


def test_one_off_work_is_gathered_like_any_other(activated: Activate, ledger_at: ContextAt) -> None:
    once = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14", gather=["west"])
    activated("2025-02-05T09:00", gathering(duties=[once]))
    with ledger_at("2025-02-05T09:01") as ctx:
        assert _parts(ctx) == [("西站", 1, "waiting", date(2025, 3, 11))]


def _form(ctx: LedgerContext, tag: str) -> matters.FormContext:
    return matters.form_context(ctx, matters.found_by_tag(ctx, tag))


def test_the_lead_units_form_starts_from_the_parts_and_says_which_are_missing(
    february: None, ledger_at: ContextAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east", "已清理*河道*")
    with ledger_at("2025-02-20T10:00") as ctx:
        form = _form(ctx, "period-1")
        assert form.prefilled == {"percent": 0, "body": "东站：已清理*河道*"}
        assert "东站（east，2025-02-06）：已清理\\*河道\\*" in form.card
        assert "**尚缺分报**：法规科（2025-02-05 起请报，分报期限 2025-02-25）" in form.card


def test_a_returned_report_starts_from_itself_and_from_the_parts_that_came_since(
    february: None, ledger_at: ContextAt
) -> None:
    _give(ledger_at, "2025-02-06T10:00", EAST, "east")
    _report(ledger_at, "2025-02-20T10:00", body="汇总：东站已清理")
    with ledger_at("2025-02-21T10:00", "office") as ctx:
        assert "**未收到分报**：法规科" in _form(ctx, "period-1").card
        ledger.review(ctx, 1, accept=False, reason="缺法规科")
    _give(ledger_at, "2025-02-24T10:00", 3, "law", "已审核合同")
    with ledger_at("2025-02-24T11:00") as ctx:
        assert _form(ctx, "period-1").prefilled["body"] == "汇总：东站已清理\n法规科：已审核合同"


@pytest.fixture
def march(february: None, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    """February is over with the part of one station; March is open, parts 3 and 4 are asked."""
    _give(ledger_at, "2025-02-06T10:00", EAST, "east", "已清理河道\n三公里")
    _report(ledger_at, "2025-02-20T10:00", body="东站已清理河道 三公里")
    with ledger_at("2025-02-21T10:00", "office") as ctx:
        ledger.review(ctx, 1, accept=True)
    patrol_at("2025-03-03T09:00")


def test_what_was_reported_last_time_is_shown_to_whoever_reports(march: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-04T10:00") as ctx:
        assert "上期填报（2025年2月，进度40%）：东站已清理河道 三公里" in _form(ctx, "period-2").card
        assert "上期分报（2025年2月）：已清理河道" in _form(ctx, "part-3").card
        assert "上期分报" not in _form(ctx, "part-4").card


def test_a_text_that_is_the_same_as_last_time_is_flagged_to_the_reviewer(march: None, ledger_at: ContextAt) -> None:
    _give(ledger_at, "2025-03-04T10:00", 3, "east", "已清理 河道三公里")
    _give(ledger_at, "2025-03-04T10:00", 4, "law", "已审核合同")
    _report(ledger_at, "2025-03-05T10:00", 2, "东站已清理河道\n三公里")
    with ledger_at("2025-03-05T11:00") as ctx:
        card = _form(ctx, "period-2").card
        assert "**与2025年2月填报的文字相同，请核实本期进展。**" in card
        assert "**与2025年2月分报的文字相同**" in card
        shown = ledger.measure_view(ctx, "01-1")["periods"][1]
        assert shown["submissions"][0]["same_as"] == "2025年2月"
        assert [(one["unit"], one["same_as"]) for one in shown["parts"]] == [("东站", "2025年2月"), ("法规科", None)]


def test_what_says_something_new_is_not_flagged(march: None, ledger_at: ContextAt) -> None:
    _report(ledger_at, "2025-03-05T10:00", 2, "东站又清理河道两公里")
    with ledger_at("2025-03-05T11:00") as ctx:
        assert "文字相同" not in _form(ctx, "period-2").card
        assert ledger.measure_view(ctx, "01-1")["periods"][1]["submissions"][0]["same_as"] is None
