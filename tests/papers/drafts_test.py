"""A paper that is due by the calendar waits for the office until it goes out, or is not wanted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from db import ledger, matters
from db.ledger.appointments import hand_over_post
from db.ledger.drafts import begin_drafts, open_drafts, set_aside
from db.ledger.release import released_papers
from db.ledger.replay import verify
from db.matters.paper import PaperForm
from db.models import Alert
from papers.evidence_store import EvidenceFolder
from papers.kinds import PAPERS
from papers.releasing import released
from plan.model import Plan
from plan.policy import Policy
from rules.month_span import months
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal


@pytest.fixture
def supervised(activated: Callable[..., Plan], patrol_at: Callable[..., object]) -> None:
    """A two-monthly report to a superior, under supervision since the middle of January."""
    report = duty(cadence="bimonthly", receiver="省厅", title="双月报送")
    activated(plan=plan_of(measure("01-1", duties=[report]), measure("01-2")))
    for day in ("2025-01-20", "2025-03-03", "2025-04-28"):
        patrol_at(f"{day}T09:30")


def _begun(ledger_at: ContextAt, moment: str, kind: str) -> int:
    with ledger_at(moment) as ctx:
        return begin_drafts(ctx, kind)


def test_a_report_waits_from_a_week_before_its_limit_on_and_once(supervised: None, ledger_at: ContextAt) -> None:
    days = ("2025-03-15", "2025-04-22", "2025-04-23", "2025-04-24", "2025-05-02")
    # January's and February's own, which nobody handed in, waits first.
    assert [_begun(ledger_at, f"{day}T07:30", "province") for day in days] == [1, 0, 1, 0, 0]
    with ledger_at("2025-05-02T09:00") as ctx:
        waiting = [matters.matter(ctx, "paper", one.id) for one in open_drafts(ctx)]
        names = [(one.name, one.waiting_name, str(one.due_on)) for one in waiting]
        assert names == [
            ("整改进展报告 · 2025年1—2月", "逾期未发布", "2025-02-28"),
            ("整改进展报告 · 2025年3—4月", "逾期未发布", "2025-04-30"),
        ]
        assert [one.asked for one in waiting] == [("office",), ("office",)]
        assert {one.tag for one in waiting} <= {one.tag for one in matters.asked_of(ctx, "office")}
        assert not [one for one in matters.asked_of(ctx, "leader") if one.kind == "paper"]


def test_a_monthly_paper_waits_when_its_month_is_over_and_never_for_months_before_supervision(
    supervised: None, ledger_at: ContextAt
) -> None:
    days = ("2025-01-20", "2025-02-01", "2025-02-28", "2025-03-01")
    assert [_begun(ledger_at, f"{day}T07:30", "dispatch") for day in days] == [0, 1, 0, 1]


def test_what_was_handed_in_already_waits_for_nobody(supervised: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-04-28T10:00", "handler") as ctx:
        period = ledger.meant_period(ctx.session, "01-1", None, "2025年3—4月")
        ledger.submit(ctx, period.id, ledger.Report(body="已报", percent=50))
    assert _begun(ledger_at, "2025-04-29T07:30", "province") == 0


def test_it_ends_when_it_goes_out_and_the_period_is_handed_in(
    supervised: None, ledger_at: ContextAt, tmp_path: Path
) -> None:
    _begun(ledger_at, "2025-04-28T07:30", "province")
    document = Document()
    document.add_paragraph("报告")
    document.save(str(tmp_path / "定稿.docx"))
    with ledger_at("2025-04-29T10:00", "整改办") as ctx:
        store = EvidenceFolder(tmp_path / "kept")
        released(ctx, PAPERS["province"], None, months(2025, 3, 2), tmp_path / "定稿.docx", store)
    with ledger_at("2025-04-29T11:00") as ctx:
        assert open_drafts(ctx) == []
        assert matters.matter(ctx, "paper", 1).outcome == "已发布"
        assert released_papers(ctx, None)[0].period.state == "submitted"  # type: ignore[union-attr]
        assert verify(ctx.session).whole
    assert _begun(ledger_at, "2025-04-30T07:30", "province") == 0


def test_one_that_is_not_wanted_is_set_aside_with_a_reason_and_its_duty_goes_on_asking(
    supervised: None, ledger_at: ContextAt
) -> None:
    _begun(ledger_at, "2025-04-28T07:30", "province")
    with pytest.raises(Refusal, match="无权准予公开、发布文书"), ledger_at("2025-04-28T09:00", "leader") as ctx:
        set_aside(ctx, 1, "不需要")
    with pytest.raises(Refusal, match="必须写明理由"), ledger_at("2025-04-28T09:00", "office") as ctx:
        set_aside(ctx, 1, " ")
    with ledger_at("2025-04-28T10:00", "office") as ctx:
        assert matters.answer(ctx, matters.matter(ctx, "paper", 1), PaperForm(reason="已口头报告", by="office"))
    with ledger_at("2025-04-28T11:00") as ctx:
        assert matters.matter(ctx, "paper", 1).outcome == "本期不需要"
        assert ledger.meant_period(ctx.session, "01-1", None, "2025年3—4月").state == "waiting"
        assert verify(ctx.session).whole
    with pytest.raises(Refusal, match="不必再办"), ledger_at("2025-04-28T12:00", "office") as ctx:
        set_aside(ctx, 1, "再说")


def test_the_office_hears_of_it_and_whoever_takes_the_office_over(supervised: None, ledger_at: ContextAt) -> None:
    _begun(ledger_at, "2025-04-28T07:30", "province")
    with ledger_at("2025-04-28T10:00", "office") as ctx:
        hand_over_post(ctx, "office", "周科长", None)
    with ledger_at("2025-04-28T11:00") as ctx:
        told = [one.note for one in ctx.session.query(Alert).filter(Alert.kind == "paper").order_by(Alert.id)]
        assert told[0] == "整改进展报告 · 2025年3—4月的草稿已编好，请阅改、定稿并发布"
        assert told[1:] == [f"自今日起由您接手；{told[0]}"]
        assert matters.matter(ctx, "paper", 1).asked == ("周科长",)


def test_every_paper_that_the_policy_may_name_is_there(policy: Policy) -> None:
    named = Policy.model_fields["papers"].annotation.__args__[0].__args__  # type: ignore[union-attr]
    assert set(policy.papers) <= set(named) <= PAPERS.keys()
