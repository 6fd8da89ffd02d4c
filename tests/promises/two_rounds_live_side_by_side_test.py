"""Two inspections in one ledger, with the same codes and the same posts: neither knows of the other."""

from typing import Any

import pytest
from sqlalchemy import select

from config.settings import HERE
from db import ledger, matters
from db.ledger import LedgerContext, Report, message_queue
from db.ledger.queries import all_measures
from db.ledger.replay import verify
from db.models import Alert, Duty, Escalation, Measure, Period, QueuedMessage, Recipient
from letters.merge import merge
from letters.render import render
from plan.loader import load_plan
from plan.model import Plan
from plan.policy import load_policy
from plan.types import AlertKind
from rules.message import Message
from tasks.deployments import measure_specs
from tests.conftest import ContextAt, at
from tests.messages import items_of
from tests.plans import duty, measure, of_inspection, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

EZHOU, BESIDE = (HERE / "plans" / f"{name}.yaml" for name in ("ezhou-2024", "ezhou-env-2025"))
FIRST, SECOND = "ezhou-2024", "ezhou-env-2025"


@pytest.fixture
def first(activated: Activate, patrol_at: PatrolAt) -> Plan:
    """The party inspection, supervised since January."""
    plan = activated("2025-01-17T09:00", load_plan(EZHOU))
    patrol_at("2025-04-01T08:40")
    return plan


@pytest.fixture
def both(first: Plan, activated: Activate, patrol_at: PatrolAt) -> Plan:
    """Beside it the environmental inspection, since April; both were patrolled until 12 May."""
    plan = activated("2025-04-01T09:00", load_plan(BESIDE))
    patrol_at("2025-05-12T09:00")
    return plan


def _rows(ctx: LedgerContext, key: str) -> dict[str, list[Any]]:
    """All that an inspection has: its periods, alerts and sheets as they stand, and what its deployments are called."""
    inspection = ledger.inspection(ctx.session, key)
    of_it = select(Period).join(Period.duty).join(Duty.measure).where(Measure.inspection_id == inspection.id)
    periods = ctx.session.execute(of_it.order_by(Period.id)).scalars().all()
    ids = [one.id for one in periods]
    alerts = select(Alert.period_id, Alert.rung, Alert.recipient_id, Alert.kind).where(Alert.period_id.in_(ids))
    sheets = select(Escalation).where(Escalation.period_id.in_(ids)).order_by(Escalation.id)
    codes = {one.full_code for one in all_measures(ctx.session, inspection_id=inspection.id)}
    return {
        "periods": [
            (
                one.id,
                ledger.name_of(one),
                one.state,
                one.due_on,
                list(one.fired),
                one.next_step_at,
                ledger.period_key(one),
            )
            for one in periods
        ],
        "alerts": sorted(map(tuple, ctx.session.execute(alerts))),
        "sheets": [(one.number, one.state, one.limit_on) for one in ctx.session.execute(sheets).scalars()],
        "deployments": [
            (one.name, one.parameters, one.schedules) for one in measure_specs(ctx) if one.measure in codes
        ],
        "plan": [inspection.plan_digest, inspection.audiences, inspection.activated_at],
    }


def test_loading_a_second_round_touches_nothing_of_the_first(
    first: Plan, activated: Activate, ledger_at: ContextAt
) -> None:
    with ledger_at("2025-04-01T09:00") as ctx:
        before = _rows(ctx, FIRST)
    activated("2025-04-01T09:00", load_plan(BESIDE))
    with ledger_at("2025-04-01T09:01") as ctx:
        assert _rows(ctx, FIRST) == before
        found = {one["key"]: one for one in ledger.inspection_lines(ctx)}
        # What the office owes in a round is finding 00 of each.
        assert [(key, one["measures"], one["kind"]) for key, one in found.items()] == [
            (FIRST, 55, "party"),
            (SECOND, 7, "environment"),
        ]
        assert found[SECOND]["open"] > 0


def test_the_first_rounds_months_are_the_same_with_a_second_beside_it(
    first: Plan, activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    patrol_at("2025-05-12T09:00")
    with ledger_at("2025-05-12T09:01") as ctx:
        alone = _rows(ctx, FIRST)["periods"]
    activated("2025-05-12T09:02", load_plan(BESIDE))
    patrol_at("2025-06-20T09:00")
    with ledger_at("2025-06-20T09:01") as ctx:
        shared, names = _rows(ctx, FIRST), _rows(ctx, SECOND)
        assert {one[1] for one in alone} <= {one[1] for one in shared["periods"]}
        assert all(name.startswith(f"{SECOND}/") for _, name, *_ in names["periods"])
        assert not {one[0] for one in shared["deployments"]} & {one[0] for one in names["deployments"]}
        health = ledger.health(ctx)
        assert (health["overlooked"], health["unarmed"]) == (0, 0)
        assert verify(ctx.session).whole


def test_a_code_that_both_have_is_never_guessed(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        head = verify(ctx.session).head
        with pytest.raises(Refusal) as refused:
            ledger.meant_period(ctx.session, "02-3")
        assert str(refused.value) == f"措施编号 02-3 不止一个轮次有，请指明其中一项：{FIRST}/02-3、{SECOND}/02-3"
        with pytest.raises(Refusal) as refused:
            ledger.close(ctx, "02-3", "已完成")
        assert refused.value.code == "measure_ambiguous"
        with pytest.raises(Refusal) as refused:
            ledger.measure_by_code(ctx.session, "ezhou-env-2024/02-3")
        assert str(refused.value).startswith(f"台账没有轮次“ezhou-env-2024”；相近的有：{SECOND}")
        assert verify(ctx.session).head == head
        # What only one of them has needs nothing before it.
        assert ledger.measure_by_code(ctx.session, "05-3").inspection.key == FIRST


def test_a_report_on_one_leaves_the_other_waiting(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        before = _rows(ctx, FIRST)
    with ledger_at("2025-05-12T10:00", "综合执法支队经办人") as ctx:
        meant = ledger.meant_period(ctx.session, f"{SECOND}/02-3", label="2025年3—4月")
        ledger.submit(ctx, meant.id, Report(body="已回访86件", percent=100, finished=False))
    with ledger_at("2025-05-12T10:01") as ctx:
        assert _rows(ctx, FIRST) == before
        open_ones = {one.name: one for one in matters.unfinished(ctx)}
        reported = open_ones[f"{SECOND}/02-3 双月报送 · 2025年3—4月"]
        assert (reported.kind, reported.inspection, reported.measure) == ("review", SECOND, f"{SECOND}/02-3")
        assert open_ones["02-3 双月报送 · 2025年3—4月"].kind == "report"
        assert f"轮次{SECOND}" in reported.tags
        assert "鄂州市省生态环境保护督察反馈问题整改" in matters.form_context(ctx, reported).card


def test_an_amendment_of_one_leaves_the_other(both: Plan, ledger_at: ContextAt) -> None:
    changed = both.model_dump(mode="json")
    changed["findings"][0]["measures"][1]["duties"][0]["due_on"] = "2025-08-31"
    changed["roles"]["head"]["name"] = "局长"
    changed["findings"][1]["measures"].pop()
    plan = Plan.model_validate(changed)
    with ledger_at("2025-05-12T10:00") as ctx:
        before = _rows(ctx, FIRST)
    with ledger_at("2025-05-12T10:00", "整改办") as ctx:
        done = ledger.amend(ctx, plan, base_digest=None, apply=True)
        assert {one.where for one in done.changes} >= {"02-3", "01-2 finish", "head"}
        assert all(name.startswith(f"{SECOND}/") for name in done.withdrawn)
    with ledger_at("2025-05-12T10:01") as ctx:
        assert _rows(ctx, FIRST) == before
        assert ledger.plan_in_force(ctx.session, SECOND) == plan
        assert ledger.plan_in_force(ctx.session, FIRST) == load_plan(EZHOU)
        heads = select(Recipient.name).where(Recipient.key == "head").order_by(Recipient.inspection_id)
        names = ctx.session.execute(heads).scalars().all()
        assert list(names) == ["局党组书记", "局长"]
        assert ledger.measure_by_code(ctx.session, f"{SECOND}/02-3").retired_at is not None
        assert ledger.measure_by_code(ctx.session, f"{FIRST}/02-3").retired_at is None
        assert verify(ctx.session).whole


def test_the_schedule_of_a_deployment_opens_the_period_of_its_own_round(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        specs = {one.name: one for one in measure_specs(ctx)}
        assert len(specs) == 62
        ours, theirs = specs["02-3 向省厅报送督察整改进展"], specs[f"{SECOND}·02-3 双月报送举报件回访情况"]
        assert (ours.parameters["measure"], theirs.parameters["measure"]) == ("02-3", f"{SECOND}/02-3")
        assert f"轮次{SECOND}" in theirs.tags
        found = [
            ledger.claim_period(ctx, spec.parameters["measure"], duty_key, None, f"run-{number}")
            for number, (spec, duty_key) in enumerate([(ours, "report-central"), (theirs, "report")])
        ]
        named = [ledger.name_of(ctx.session.get_one(Period, one)) for one in found if one]
        assert [name.split(" ")[0] for name in named] == ["02-3", f"{SECOND}/02-3"]


def test_a_letter_says_of_which_round_a_matter_is(both: Plan, ledger_at: ContextAt, patrol_at: PatrolAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        queued = ctx.session.execute(select(QueuedMessage).order_by(QueuedMessage.id)).scalars().all()
        items = {one.id: items_of(ctx, one.id) for one in queued}
        of_rounds = {
            item.round_title: (message_id, item)
            for message_id, found in items.items()
            for item in found
            if item.measure
        }
        assert set(of_rounds) == {one.title for one in ledger.inspections(ctx.session)}
        for title, (message_id, item) in of_rounds.items():
            leaving = Message(message_id, "key", "", 0, False, "经办人", "outbox", "", day=ctx.today, items=(item,))
            (merged,) = merge([leaving], ctx.work_time)
            made = render(merged)
            assert f"轮次：{title}" in made.text
            assert title in made.html
            assert title in made.markdown


def test_while_there_is_one_round_nothing_names_it(first: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-04-01T09:00") as ctx:
        letters = ctx.session.execute(select(QueuedMessage.id)).scalars().all()
        assert {item.round_title for one in letters for item in items_of(ctx, one)} == {""}
        assert {one.round_title for one in matters.unfinished(ctx)} == {""}
        assert {one.inspection for one in matters.unfinished(ctx) if one.measure} == {FIRST}
        assert not any(tag.startswith("轮次") for one in measure_specs(ctx) for tag in one.tags)


def test_who_holds_posts_in_both_gets_one_message_with_the_matters_of_both(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        days = ctx.session.execute(select(QueuedMessage.person_id, QueuedMessage.day)).tuples().all()
        assert len(set(days)) == len(days)
        head = select(QueuedMessage.id).join(Alert, Alert.message_id == QueuedMessage.id).join(Alert.period)
        head = head.join(Recipient, Recipient.id == Alert.recipient_id).where(Recipient.key == "head").distinct()
        told = [{one.round_title for one in items_of(ctx, letter)} for letter in ctx.session.execute(head).scalars()]
        assert {one.title for one in ledger.inspections(ctx.session)} in told


def test_who_runs_the_engine_is_told_once_whatever_rounds_he_serves(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        ledger.notify_operators(ctx, "test", "通道中断")
        told = select(Alert.message_id).where(Alert.rung == "test").distinct()
        assert len(ctx.session.execute(told).scalars().all()) == 1


def test_the_office_reads_in_one_message_how_each_round_stands(both: Plan, ledger_at: ContextAt) -> None:
    shipped = load_policy(HERE / "policy.yaml")
    ledger.patrol(lambda: ledger_at("2025-05-13T09:00", rules=shipped))
    with ledger_at("2025-05-13T09:01") as ctx:
        alerts = ctx.session.execute(select(Alert).where(Alert.kind == AlertKind.SUMMARY)).scalars().all()
        said = [one.note or "" for one in alerts]
        titles = [one.title for one in ledger.inspections(ctx.session)]
        assert [note.partition("：")[0] for note in said] == titles
        counted = [f"在办{one['open']}项：" for one in ledger.inspection_lines(ctx)]
        assert all(count in note for count, note in zip(counted, said, strict=True))
        assert len({one.message_id for one in alerts}) == 1


def test_sheets_are_numbered_through_all_rounds(both: Plan, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T10:00") as ctx:
        numbered = select(Escalation.serial).where(Escalation.year == 2025).order_by(Escalation.serial)
        serials = ctx.session.execute(numbered).scalars().all()
        assert list(serials) == list(range(1, len(serials) + 1))
        rounds = select(Measure.inspection_id).join(Duty).join(Period).join(Escalation).distinct()
        assert len(ctx.session.execute(rounds).scalars().all()) == 2


def test_the_second_of_two_rounds_keeps_its_names_when_the_plan_grows(
    activated: Activate, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure("01-1")))
    activated("2025-02-03T09:05", of_inspection("second", plan_of(measure("01-1"))))
    grown = of_inspection("second", plan_of(measure("01-1"), measure("01-2", duties=[duty()])))
    with ledger_at("2025-02-04T09:00") as ctx:
        ledger.amend(ctx, grown, base_digest=None, apply=True, without_supervisors=True)
        names = [one.full_code for one in all_measures(ctx.session)]
        assert names == ["01-1", "second/01-1", "second/01-2"]


def test_what_is_due_is_delivered_of_both_in_one_sweep(both: Plan, ledger_at: ContextAt) -> None:
    with ledger_at("2025-05-12T09:00") as ctx:
        leaving = message_queue.lease(ctx, 200)
        offices = {one.office for one in leaving}
        assert offices == {"中共鄂州市生态环境局党组整改办", "鄂州市生态环境局整改办"}
        assert at("2025-05-12T09:00") == ctx.now
