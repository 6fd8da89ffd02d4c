"""Whatever is changed in the ledger behind its back, row or entry, is found and named."""

from datetime import date

import pytest
from sqlalchemy import text

from db import ledger
from db.ledger import Report
from db.ledger.added_people import remove_person
from db.ledger.evidence import StoredFile, add_evidence
from db.ledger.replay import verify
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt

PERIOD = "01-1 每月报送 · 2025年2月"


@pytest.fixture
def year(told_once: ToldOnce, activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt) -> None:
    """A plan of two measures with reports, a return, an extension, a sheet, an instruction and an amendment."""

    def story() -> None:
        plan = plan_of(measure("01-1"), measure("01-2"))
        activated("2025-02-03T09:00", plan)
        patrol_at("2025-02-25T09:00")
        with ledger_at("2025-02-26T10:00", "经办人") as ctx:
            ledger.submit(ctx, 1, Report(body="已完成", percent=60, evidence=("照片",)))
        with ledger_at("2025-02-27T10:00", "审核人") as ctx:
            ledger.review(ctx, 1, accept=False, reason="缺数据")
        with ledger_at("2025-02-27T11:00", "经办人") as ctx:
            ledger.submit(ctx, 1, Report(body="已完成，附数据", percent=80))
        with ledger_at("2025-02-27T12:00", "审核人") as ctx:
            ledger.review(ctx, 1, accept=True)
        with ledger_at("2025-02-27T13:00", "经办人") as ctx:
            ledger.ask_extension(ctx, 2, date(2025, 3, 7), "汛期")
        with ledger_at("2025-02-27T14:00", "分管领导") as ctx:
            ledger.decide_extension(ctx, 2, grant=True)
        for day in ("2025-03-01T09:00", "2025-03-10T09:00", "2025-03-18T09:00"):
            patrol_at(day)
        with ledger_at("2025-03-18T10:00", "领导") as ctx:
            sheet = ledger.open_escalation(ctx, 2)
            assert sheet is not None
            ledger.acknowledge(ctx, sheet.id)
            ledger.instruct(ctx, sheet.id, "本周内报送", date(2025, 3, 21))
        changed = plan_of(measure("01-1", title="每月调度工程进度与质量"), measure("01-2"))
        with ledger_at("2025-03-19T09:00", "整改办") as ctx:
            ledger.amend(ctx, changed, base_digest=None, apply=True)
            remove_person(ctx, "张三")
        patrol_at("2025-04-02T09:00")

    told_once(story)


def test_an_honest_ledger_is_whole(year: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-04-02T10:00") as ctx:
        verdict = verify(ctx.session)
    assert (verdict.differences, verdict.broken_at, verdict.proven_from, verdict.whole) == ((), None, 1, True)


TAMPERED = {
    "a limit moved": ("UPDATE periods SET due_on = '2025-12-31' WHERE id = 2", "periods", "due_on"),
    "a period closed without a report": (
        "UPDATE periods SET state = 'closed', closed_at = now(), next_step_at = NULL, on_time = true WHERE id = 3",
        "periods",
        "state",
    ),
    "the text of a report": ("UPDATE submissions SET body = '全部完成' WHERE id = 2", "submissions", "body"),
    "the percent of a report": ("UPDATE submissions SET percent = 100 WHERE id = 2", "submissions", "percent"),
    "its evidence": ("UPDATE submissions SET evidence = '[\"合同\"]' WHERE id = 1", "submissions", "evidence"),
    "the reviewer": ("UPDATE submissions SET reviewed_by = '李局' WHERE id = 2", "submissions", "reviewed_by"),
    "the reason of a return": ("UPDATE submissions SET reason = '' WHERE id = 1", "submissions", "reason"),
    "the outcome": ("UPDATE periods SET on_time = NOT on_time WHERE id = 1", "periods", "on_time"),
    "a title": ("UPDATE measures SET title = '每年调度' WHERE id = 1", "measures", "title"),
    "alerts deleted": ("DELETE FROM alerts WHERE period_id = 2", "alerts", None),
    "an open period deleted": (
        "DELETE FROM alerts WHERE period_id = 4; DELETE FROM periods WHERE id = 4",
        "periods",
        None,
    ),
    "duties that never open again": (
        "UPDATE duties SET next_opens_at = NULL, next_ordinal = NULL",
        "duties",
        "next_opens_at",
    ),
    "a ladder stopped": ("UPDATE periods SET next_step_at = '2099-01-01' WHERE id = 3", "periods", "next_step_at"),
    "rungs ticked off": ("UPDATE periods SET fired = fired || '{red}' WHERE id = 3", "periods", "fired"),
    "an instruction": (
        "UPDATE escalations SET instruction = '不必办理' WHERE instruction <> ''",
        "escalations",
        "instruction",
    ),
    "who granted an extension": ("UPDATE extensions SET decided_by = '经办人'", "extensions", "decided_by"),
    "an address": ("UPDATE people SET channels = '[[\"outbox\", \"x\"]]' WHERE id = 1", "people", "channels"),
    "somebody let in": ("INSERT INTO people (name, folded) VALUES ('混入者', '混入者')", "people", None),
    "a forged report": (
        "INSERT INTO submissions (period_id, round, body, percent, finished, difficulty, help_needed, evidence,"
        " submitted_by, submitted_at) VALUES (3, 1, '已办', 100, false, '', '', '[]', '王工', now())",
        "submissions",
        None,
    ),
    "a softer ladder": ("UPDATE ladders SET body = '{}'", "ladders", "body"),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERED)
def test_what_was_changed_behind_its_back_is_named(year: None, ledger_at: ContextAt, tampering: str) -> None:
    statements, table, column = TAMPERED[tampering]
    with ledger_at("2025-04-02T10:00") as ctx:
        for statement in statements.split("; "):
            ctx.session.execute(text(statement))
    with ledger_at("2025-04-02T11:00") as ctx:
        verdict = verify(ctx.session)
    assert not verdict.whole
    assert verdict.broken_at is None
    assert (table, column) in {(one.table, one.column) for one in verdict.differences}


def test_the_difference_says_which_row_and_what_it_was(year: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-04-02T10:00") as ctx:
        ctx.session.execute(text("UPDATE periods SET due_on = '2025-12-31' WHERE id = 1"))
    with ledger_at("2025-04-02T11:00") as ctx:
        (found,) = verify(ctx.session).differences
    assert (found.name, found.recorded, found.found) == (PERIOD, "2025-03-04", "2025-12-31")


BESIDE = {
    "the day of the feedback": ("UPDATE inspections SET feedback_on = '2025-06-30'", "inspections", "feedback_on"),
    "a finding": ("UPDATE findings SET title = '无问题'", "findings", "title"),
    "what the plan left open": ("UPDATE questions SET suggest = '不设期限'", "questions", "suggest"),
    "a suspension goes on": ("UPDATE suspensions SET expected_end = '2099-12-31'", "suspensions", "expected_end"),
    "who asked for it": ("UPDATE suspensions SET asked_by = '局长'", "suspensions", "asked_by"),
    "a file changed": ("UPDATE evidence SET sha256 = repeat('f', 64)", "evidence", "sha256"),
    "a file gone": ("DELETE FROM evidence", "evidence", None),
}


@pytest.mark.parametrize("tampering", BESIDE)
def test_what_stands_beside_the_periods_is_proven_as_well(
    activated: Activate, ledger_at: ContextAt, tampering: str
) -> None:
    asked = [{"phrase": "定期", "ask": "多久一次", "suggest": "每月一次"}]
    activated("2025-02-03T09:00", plan_of(measure("01-1", questions=asked), measure("01-2")))
    with ledger_at("2025-02-26T10:00", "经办人") as ctx:
        add_evidence(ctx, 1, StoredFile("照片.jpg", "jpg", 1, "0" * 64))
    with ledger_at("2025-02-26T11:00", "office") as ctx:
        ledger.suspend(ctx, "01-2", reason="等待文件", evidence=["批文"], until=date(2025, 5, 30))
    statement, table, column = BESIDE[tampering]
    with ledger_at("2025-02-27T10:00") as ctx:
        assert verify(ctx.session).whole
        ctx.session.execute(text(statement))
    with ledger_at("2025-02-27T11:00") as ctx:
        assert {(one.table, one.column) for one in verify(ctx.session).differences} == {(table, column)}
