"""Whatever waits for a person: listed, asked with its form, answered once, and over when it is over."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from db import ledger, matters
from db.ledger import LedgerContext, Report
from db.ledger.drafts import begin_drafts
from db.matters import MATTERS, Matter
from db.matters.escalation import InstructionForm
from db.matters.extension import ExtensionForm
from db.matters.period import ReportForm, ReviewForm
from db.models import Extension, Period
from tests.conftest import ContextAt
from tests.plans import duty, gathering, measure, plan_of
from text.refusals import Refusal

LATE = "2025-03-05T09:00"
"""The third working day after the end of February: the deputy is asked."""


@pytest.fixture
def asked(activated: Callable[..., Any], ledger_at: ContextAt, patrol_at: Callable[..., Any]) -> ContextAt:
    """Three monthly reports of February: 01-1 is late, 02-1 waits for its review, 03-1 asks for a longer limit and a
    part of another unit."""
    posts, gathered = gathering(), measure("03-1", duties=[duty(gather=["law"])])
    plan = plan_of(measure("01-1"), measure("02-1"), gathered, units=posts.units, roles=posts.roles)
    activated("2025-02-03T09:00", plan)
    with ledger_at("2025-02-10T09:00", "经办人") as ctx:
        ledger.submit(ctx, 2, Report(body="已调度", percent=50))
        ledger.ask_extension(ctx, 3, date(2025, 3, 14), "雨季无法施工")
    patrol_at(LATE)
    return ledger_at


def _of(ctx: LedgerContext, subject: str, subject_id: int) -> Matter:
    return next(one for one in matters.unfinished(ctx) if (one.subject, one.id) == (subject, subject_id))


@pytest.mark.parametrize("key", MATTERS)
def test_the_key_of_a_kind_is_one_that_prefect_keeps_a_form_under(key: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", key)


def test_every_matter_is_listed_with_what_its_run_is_to_show(asked: ContextAt) -> None:
    with asked(LATE) as ctx:
        late, review, extended = (_of(ctx, "period", number) for number in (1, 2, 3))
        sheet, wish = _of(ctx, "escalation", 1), _of(ctx, "extension", 1)
    assert (late.kind, late.question, late.waiting_name) == ("report", "report-1", "逾期·橙")
    assert late.parameters == {"measure": "01-1", "duty": "report", "ordinal": late.parameters["ordinal"]}
    assert (review.kind, review.question, review.waiting_name) == ("review", "review-1", "待审核")
    assert (extended.kind, extended.announced) == ("report", True)
    assert (sheet.kind, sheet.deployment, sheet.waiting_name) == ("escalation", "escalate", "待批示")
    assert sheet.name == "督办〔2025〕1号 · 01-1 每月报送 · 2025年2月"
    assert not sheet.announced  # its run is started by an event
    assert (wish.kind, wish.deployment, wish.waiting_name) == ("extension", "extend", "待批复")
    assert wish.name == "延期至2025-03-14 · 03-1 每月报送 · 2025年2月"


def test_what_is_asked_of_one_person_is_exactly_what_asks_him(asked: ContextAt) -> None:
    with asked(LATE, "office") as ctx:
        ledger.suspend(ctx, "02-1", reason="待省里批复", evidence=["函"], until=date(2025, 4, 30))
    with asked("2025-04-30T09:00") as ctx:
        begin_drafts(ctx, "dispatch")
        all_of_them = [one for one in matters.unfinished(ctx) if one.kind]
        people = {name for one in all_of_them for name in one.asked}
        # These have their own stories (tests/promises): the stages of closure, and what comes after the sheets.
        of_closure, beyond = ("closure", "lookback"), ("interview", "circular")
        others = {key for key, kind in MATTERS.items() if kind.subject not in of_closure and key not in beyond}
        assert {one.kind for one in all_of_them} == others
        for person in (*people, "没有这个人", "leader"):
            his = sorted(one.tag for one in all_of_them if person in one.asked)
            assert sorted(one.tag for one in matters.asked_of(ctx, person)) == his, person
    assert people >= {"handler", "office", "deputy", "law"}


def test_the_form_says_what_is_asked_of_whom(asked: ContextAt) -> None:
    with asked(LATE) as ctx:
        report = matters.form_context(ctx, _of(ctx, "period", 1))
        review = matters.form_context(ctx, _of(ctx, "period", 2))
        sheet = matters.form_context(ctx, _of(ctx, "escalation", 1))
        wish = matters.form_context(ctx, _of(ctx, "extension", 1))
    assert report.card.endswith("请办理：handler")
    assert (report.prefilled, "期限 2025" in report.card) == ({"percent": 0}, True)
    assert "已调度" in review.card
    assert review.card.endswith("请办理：office")
    assert sheet.card.endswith("请办理：deputy")
    assert "雨季无法施工" in wish.card
    assert wish.card.endswith("请办理：deputy")


@pytest.mark.parametrize("kind", MATTERS.values(), ids=MATTERS.keys())
def test_a_form_that_only_wakes_a_run_is_a_filled_form(kind: Any) -> None:
    assert kind.form.model_validate({**kind.placeholder, "by": "督办引擎"}).by == "督办引擎"
    assert list(kind.form.model_fields)[-1] == "by"
    with pytest.raises(ValidationError):
        kind.form.model_validate({**kind.placeholder, "by": ""})


def test_an_answer_is_taken_once_whoever_sends_it_again(asked: ContextAt) -> None:
    form = ReportForm(body="已办结", percent=100, evidence="照片一\n\n 照片二 ", by="王工")
    with asked(LATE, "王工") as ctx:
        found = _of(ctx, "period", 1)
        assert matters.answer(ctx, found, form)
        assert not matters.answer(ctx, found, form)
    with asked(LATE) as ctx:
        (report,) = ctx.session.get_one(Period, 1).submissions
        assert (report.submitted_by, report.evidence) == ("王工", ["照片一", "照片二"])
        assert _of(ctx, "period", 1).kind == "review"


def test_an_acknowledgement_is_not_taken_again_when_its_time_has_run_out(asked: ContextAt) -> None:
    only = InstructionForm(by="李局")
    with asked(LATE, "李局") as ctx:
        found = _of(ctx, "escalation", 1)
        assert matters.answer(ctx, found, only)
    with asked("2025-03-06T09:00") as ctx:
        assert _of(ctx, "escalation", 1).waiting_name == "已签收"
    with asked("2025-03-10T09:00", "李局") as ctx:  # after the hold: the resumed run meets its stored form once more
        assert not matters.answer(ctx, found, only)
        sheet = _of(ctx, "escalation", 1)
        assert (sheet.waiting_name, sheet.question != found.question) == ("待批示", True)  # it holds no more
        assert matters.answer(ctx, sheet, InstructionForm(instruction="本周内报送", new_limit="2025-03-14", by="李局"))
    with asked("2025-03-10T09:00") as ctx:
        over = matters.matter(ctx, "escalation", 1)
        assert (over.kind, over.outcome) == ("", "已批示")


def test_a_day_that_does_not_exist_is_refused_in_the_words_of_the_form(asked: ContextAt) -> None:
    with asked(LATE, "李局") as ctx, pytest.raises(Refusal, match="“新时限”有误：“2025-02-30”不是日期"):
        matters.answer(
            ctx, _of(ctx, "escalation", 1), InstructionForm(instruction="办", new_limit="2025-02-30", by="李局")
        )


def test_an_extension_is_decided_in_its_form_by_somebody_else(asked: ContextAt) -> None:
    with asked(LATE, "经办人") as ctx, pytest.raises(Refusal, match="不能批复自己的延期申请"):
        matters.answer(ctx, _of(ctx, "extension", 1), ExtensionForm(grant=True, by="经办人"))
    with asked(LATE, "李局") as ctx:
        found = _of(ctx, "extension", 1)
        assert matters.answer(ctx, found, ExtensionForm(grant=True, reason="天气属实", by="李局"))
        assert not matters.answer(ctx, found, ExtensionForm(grant=False, by="李局"))
    with asked(LATE) as ctx:
        decided = ctx.session.get_one(Extension, 1)
        assert (decided.granted, decided.decided_by, decided.decision_reason) == (True, "李局", "天气属实")
        assert ctx.session.get_one(Period, 3).due_on == date(2025, 3, 14)
        assert matters.matter(ctx, "extension", 1).outcome == "同意延期"


def test_a_request_ends_with_the_period_it_is_about(asked: ContextAt) -> None:
    with asked(LATE, "经办人") as ctx:
        ledger.submit(ctx, 3, Report(body="已报", percent=100))
    with asked(LATE, "整改办") as ctx:
        ledger.review(ctx, 3, accept=True)
    with asked(LATE) as ctx:
        over = matters.matter(ctx, "extension", 1)
        assert (over.kind, over.outcome) == ("", "已终止")
        assert ("extension", 1) not in {(one.subject, one.id) for one in matters.unfinished(ctx)}  # it never had a run


def test_a_run_is_claimed_once_and_stays_until_it_has_ended(asked: ContextAt) -> None:
    with asked(LATE) as ctx:
        assert ledger.claim(ctx, "period", 2, "run-a")
        assert ledger.claim(ctx, "period", 2, "run-a")
        assert not ledger.claim(ctx, "period", 2, "run-b")
        assert ledger.claim(ctx, "period", 2, "run-c", instead_of="run-a")
    with asked(LATE, "整改办") as ctx:
        matters.answer(ctx, _of(ctx, "period", 2), ReviewForm(accept=True, by="整改办"))
    with asked(LATE) as ctx:
        over = _of(ctx, "period", 2)
        assert (over.kind, over.outcome, over.run_id) == ("", "按期办结", "run-c")
        matters.mark_ended(ctx, "period", 2)
        matters.mark_ended(ctx, "period", 1)  # still asks: its run has not ended
    with asked(LATE) as ctx:
        assert {one.id for one in matters.unfinished(ctx) if one.subject == "period"} >= {1, 3}
        assert 2 not in {one.id for one in matters.unfinished(ctx) if one.subject == "period"}


def test_only_what_is_announced_is_left_to_its_event(asked: ContextAt) -> None:
    with asked(LATE) as ctx:
        new, other = matters.unannounced(ctx)
        assert (new.subject, new.id, new.event) == ("escalation", 1, "duban.period.escalated")
        assert new.parameters == {"escalation_id": 1}
        assert new.payload["number"] == "督办〔2025〕1号"
        ledger.mark_announced(ctx, new.subject, new.id)
        assert matters.unannounced(ctx) == [other]
        assert matters.without_run(ctx, [new]) == [new]
        assert _of(ctx, "escalation", 1).announced
        ledger.claim(ctx, "escalation", 1, "run-a")
    with asked(LATE) as ctx:
        assert matters.without_run(ctx, [new]) == []


def test_what_ended_says_how_and_asks_nothing(asked: ContextAt) -> None:
    with asked(LATE, "王工") as ctx:
        ledger.claim(ctx, "escalation", 1, "run-a")
        matters.answer(ctx, _of(ctx, "period", 1), ReportForm(body="已办结", percent=100, by="王工"))
    with asked(LATE) as ctx:
        sheet = matters.matter(ctx, "escalation", 1)
        assert (sheet.kind, sheet.outcome, sheet.question) == ("", "已终止", "")
        assert not matters.exists(ctx, "escalation", 99)
        with pytest.raises(LookupError):
            matters.matter(ctx, "escalation", 99)
