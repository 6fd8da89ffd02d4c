"""A form tells what is known: what was returned and why, what a supervisor said; it refuses in its own words."""

from datetime import date

import pytest

from db import ledger, matters
from db.ledger import Report
from db.matters import Answer, Matter
from db.matters.period import ReportForm, ReviewForm
from db.matters.suspension import SuspensionForm
from db.models import Period, Suspension
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")
NOW = "2025-03-19T10:00"


@pytest.fixture
def late(activated: Activate, patrol_at: PatrolAt) -> None:
    """Work that was to be finished by 14 March 2025 has a sheet on 19 March."""
    activated("2025-03-03T09:00", plan_of(measure(evidence="on_finish", duties=[FINISH])))
    patrol_at("2025-03-19T09:00")


def _why_refused(ctx: ledger.LedgerContext, found: Matter, form: Answer) -> str:
    with pytest.raises(Refusal) as refused:
        matters.answer(ctx, found, form)
    return matters.why_refused(found, refused.value)


def _asked(ctx: ledger.LedgerContext, subject: str, row: int = 1) -> matters.FormContext:
    return matters.form_context(ctx, matters.matter(ctx, subject, row))


def test_a_returned_report_keeps_what_was_written_and_shows_why(late: None, ledger_at: ContextAt) -> None:
    report = Report(
        body="主体完工\n剩余绿化", percent=90, difficulty="缺苗木", help_needed="请协调", evidence=("照片一", "照片二")
    )
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, report)
    with ledger_at(NOW, "整改办") as ctx:
        ledger.review(ctx, 1, accept=False, reason="照片不清")
    with ledger_at(NOW) as ctx:
        asked = _asked(ctx, "period")
    assert asked.prefilled == {
        "body": "主体完工\n剩余绿化",
        "percent": 90,
        "finished": False,
        "difficulty": "缺苗木",
        "help_needed": "请协调",
        "evidence": "照片一\n照片二",
    }
    assert "**退回理由**：照片不清（整改办）" in asked.card
    # What was kept is what would be reported again.
    assert ReportForm(**asked.prefilled, by="经办人").report() == report


def test_an_accepted_report_leaves_its_percent_alone(late: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="主体完工", percent=90))
    with ledger_at(NOW, "整改办") as ctx:
        ledger.review(ctx, 1, accept=True, reason="继续")
    with ledger_at(NOW) as ctx:
        asked = _asked(ctx, "period")
    assert asked.prefilled == {"percent": 90}
    assert "审核通过：继续（整改办）" in asked.card


def test_the_units_form_shows_who_acknowledged_and_what_was_instructed(late: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW, "李局") as ctx:
        ledger.acknowledge(ctx, 1)
    with ledger_at(NOW) as ctx:
        said = "督办〔2025〕1号：李局已签收，有效至 2025-03-21。"
        assert said in _asked(ctx, "period").card
        assert said in _asked(ctx, "escalation").card
    with ledger_at(NOW, "李局") as ctx:
        ledger.instruct(ctx, 1, "月底前完工", date(2025, 3, 31))
    with ledger_at(NOW) as ctx:
        assert "**督办〔2025〕1号批示**：月底前完工（李局，新时限 2025-03-31）" in _asked(ctx, "period").card


def test_what_happened_stays_readable_after_the_end(late: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW, "李局") as ctx:
        ledger.instruct(ctx, 1, "月底前完工", date(2025, 3, 31))
    with ledger_at(NOW, "王工") as ctx:
        ledger.submit(ctx, 1, Report(body="全部完工", percent=100, evidence=("验收单",)))
    with ledger_at(NOW, "李科长") as ctx:
        ledger.review(ctx, 1, accept=True, reason="属实")
    with ledger_at(NOW) as ctx:
        told = matters.history(ctx, matters.matter(ctx, "period", 1))
        sheet = matters.history(ctx, matters.matter(ctx, "escalation", 1))
    for said in (
        "逾期办结",
        "全部完工",
        "（王工，进度100%）",
        "验收单",
        "审核通过：属实（李科长）",
        "月底前完工（李局",
    ):
        assert said in told
    assert "月底前完工（李局" in sheet


@pytest.mark.parametrize(
    ("subject", "form", "words"),
    [
        ("period", ReportForm(body=" ", percent=1, by="王工"), "完成情况不能为空；请填写（见“完成情况”一栏）"),
        (
            "period",
            ReportForm(body="完", percent=100, by="王工"),
            "措施 01-1 要求附佐证材料；请至少附一份（见“佐证材料（每行一份）”一栏）",
        ),
        ("period", ReportForm(body="完", percent=1, by=" "), "必须写明经办人（见“填报人”一栏）"),
    ],
)
def test_a_refusal_speaks_in_the_words_of_the_form(
    late: None, ledger_at: ContextAt, subject: str, form: Answer, words: str
) -> None:
    with ledger_at(NOW, form.by) as ctx:
        assert _why_refused(ctx, matters.matter(ctx, subject, 1), form) == words


def test_a_return_without_a_reason_names_the_field(late: None, ledger_at: ContextAt) -> None:
    with ledger_at(NOW, "经办人") as ctx:
        ledger.submit(ctx, 1, Report(body="完工", percent=90))
    with ledger_at(NOW, "李科长") as ctx:
        said = _why_refused(ctx, matters.matter(ctx, "period", 1), ReviewForm(by="李科长"))
    assert said == "必须写明理由（见“审核意见”一栏）"


@pytest.fixture
def suspended(late: None, ledger_at: ContextAt) -> None:
    """Its measure waits for a permit until the end of June."""
    with ledger_at(NOW, "整改办") as ctx:
        ledger.suspend(ctx, "01-1", reason="等待批复", evidence=["受理单"], until=date(2025, 6, 30))


def _suspension(ctx: ledger.LedgerContext) -> Matter:
    (found,) = [one for one in matters.unfinished(ctx) if one.kind == "suspension"]
    return found


def test_a_suspension_is_reviewed_in_a_form_of_its_own(suspended: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-06-29T10:00") as ctx:
        assert _suspension(ctx).waiting_name == "已挂账"
        card = matters.form_context(ctx, _suspension(ctx)).card
        assert "自 2025-03-19 起挂账，预计 2025-06-30 恢复（整改办）" in card
        assert "**已挂账**：自 2025-03-19 起停止计时" in _asked(ctx, "period").card
    with ledger_at("2025-06-30T10:00", "周科长") as ctx:
        found = _suspension(ctx)
        assert found.waiting_name == "待复核"
        assert matters.answer(ctx, found, SuspensionForm(until="2025-08-29", reason="仍未批复", by="周科长"))
        assert not matters.answer(ctx, found, SuspensionForm(goes_on=True, by="周科长"))  # another question by now
        assert ctx.session.get_one(Suspension, 1).expected_end == date(2025, 8, 29)
    with ledger_at("2025-08-01T10:00", "周科长") as ctx:
        assert matters.answer(ctx, _suspension(ctx), SuspensionForm(goes_on=True, reason="已批复", by="周科长"))
        assert ctx.session.get_one(Period, 1).stopped_on is None
        over = matters.matter(ctx, "suspension", 1)
        assert (over.kind, over.outcome) == ("", "已恢复")
        assert "2025-08-01 恢复（周科长）：已批复" in matters.history(ctx, over)


def test_a_longer_suspension_names_its_day_and_its_reason(suspended: None, ledger_at: ContextAt) -> None:
    for form, field in (
        (SuspensionForm(by="周科长"), "预计恢复日期"),
        (SuspensionForm(until="2025-02-30", by="周科长"), "预计恢复日期"),
        (SuspensionForm(until="2025-03-01", reason="等", by="周科长"), "预计恢复日期"),
        (SuspensionForm(until="2025-08-29", by="周科长"), "理由"),
    ):
        with ledger_at("2025-06-30T10:00", "周科长") as ctx:
            assert _why_refused(ctx, _suspension(ctx), form).endswith(f"（见“{field}”一栏）")


def _ask(extend_to: str, **given: str) -> ReportForm:
    return ReportForm(**{"percent": 30, "by": "handler", "extend_to": extend_to} | given)


def test_the_report_form_asks_for_a_later_limit_and_goes_on_asking_for_the_report(
    activated: Activate, ledger_at: ContextAt
) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    form = _ask("2025-04-30", extend_reason="雨季无法施工")
    with ledger_at("2025-03-10T09:00", "handler") as ctx:
        found = matters.matter(ctx, "period", 1)
        assert matters.answer(ctx, found, form)
        assert not matters.answer(ctx, found, form)  # the run that goes on meets its stored form once more
    with ledger_at("2025-03-10T10:00") as ctx:
        asked, wish = _asked(ctx, "period"), _asked(ctx, "extension")
        assert (asked.matter.kind, ctx.session.get_one(Period, 1).submissions) == ("report", [])
        assert "申请延期至 2025-04-30，待批复（handler）" in asked.card
        assert asked.prefilled == {"percent": 0}
        assert "雨季无法施工" in wish.card
    with ledger_at("2025-03-10T11:00", "deputy") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
        assert ctx.session.get_one(Period, 1).due_on == date(2025, 4, 30)


def test_a_report_on_the_way_may_ask_for_a_later_limit_too(activated: Activate, ledger_at: ContextAt) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    with ledger_at("2025-03-10T09:00", "handler") as ctx:
        form = _ask("2025-04-30", extend_reason="雨季无法施工", body="完成三成")
        assert matters.answer(ctx, matters.matter(ctx, "period", 1), form)
        assert matters.matter(ctx, "period", 1).kind == "review"
        assert matters.matter(ctx, "extension", 1).kind == "extension"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (_ask("2025-04-30"), "必须写明理由（见“延期理由”一栏）"),
        (
            _ask("", extend_reason="雨季", body="已办"),
            "“申请延期至”有误：写了延期理由，没有写日期；请补上日期（见“申请延期至”一栏）",
        ),
        (
            _ask("2025-13-01", extend_reason="雨季"),
            "“申请延期至”有误：“2025-13-01”不是日期，请写成 2025-05-31（见“申请延期至”一栏）",
        ),
        (
            _ask("2025-03-14", extend_reason="雨季"),
            "新期限2025-03-14不晚于现期限2025-03-14；请给出更晚的日期（见“申请延期至”一栏）",
        ),
        (_ask("2027-04-30", extend_reason="雨季"), "延期777天，超过上限180天；请缩短（见“申请延期至”一栏）"),
    ],
)
def test_a_refused_wish_names_its_field_and_records_nothing(
    activated: Activate, ledger_at: ContextAt, form: ReportForm, words: str
) -> None:
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH])))
    with ledger_at("2025-03-10T09:00", "handler") as ctx:
        found = matters.matter(ctx, "period", 1)
        with ctx.session.begin_nested() as trial:
            assert _why_refused(ctx, found, form) == words
            trial.rollback()
        assert matters.matter(ctx, "period", 1) == found
