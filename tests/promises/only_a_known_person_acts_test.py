"""Who acts is a post of the plan or somebody the operators added, however he spells his name; nobody else acts."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.added_people import add_people, remove_person
from db.ledger.clock_doubt import ClockDoubt, confirm_clock
from db.ledger.evidence import StoredFile, add_evidence, remove_evidence
from db.ledger.queued import resend, restored
from db.ledger.suspend import lock_suspension, prolong
from db.ledger.unit_reports import FilledReport, period_key
from db.models import AuditEntry, Submission
from plan.types import PeriodState
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

GOOD = Report(body="已完成", percent=60)
SPELT = (
    "王 工",
    "王\u3000工",
    "王\ufe0f工",
    "王\u2800工",
    "\u3164王工",
    "王\u034f工",
    "王\u200d工",
    "王工\ufeff",
    " 王工 ",
)
"""One person, eight inner blanks and signs that nobody sees, and blanks around."""
Act = Callable[[LedgerContext], object]


def _sheet(ctx: LedgerContext) -> int:
    """The sheet about February's report of 01-2, once there is one."""
    found = ledger.open_escalation(ctx, 2)
    return found.id if found else 1


ACTS: dict[str, Act] = {
    "submit": lambda ctx: ledger.submit(ctx, 2, GOOD),
    "review": lambda ctx: ledger.review(ctx, 1, accept=True),
    "ask": lambda ctx: ledger.ask_extension(ctx, 2, date(2025, 3, 14), "汛期"),
    "decide": lambda ctx: ledger.decide_extension(ctx, 3, grant=True),
    "acknowledge": lambda ctx: ledger.acknowledge(ctx, _sheet(ctx)),
    "instruct": lambda ctx: ledger.instruct(ctx, _sheet(ctx), "请报送"),
    "skip": lambda ctx: ledger.skip(ctx, 2, "本月不必报送"),
    "merge": lambda ctx: ledger.merge_into_next(ctx, 2, "与下月一并报送"),
    "suspend": lambda ctx: ledger.suspend(ctx, "01-4", reason="等待文件", evidence=["批文"], until=date(2025, 5, 30)),
    "resume": lambda ctx: ledger.resume(ctx, "01-4"),
    "close": lambda ctx: ledger.close(ctx, "01-4", reason="已验收"),
    "reopen": lambda ctx: ledger.reopen(ctx, "01-4", reason="反弹"),
    "resend": lambda ctx: resend(ctx, [1]),
    "restored": restored,
    "add": lambda ctx: add_evidence(ctx, 2, StoredFile("照片.jpg", "jpg", 1, "0" * 64)),
    "remove": lambda ctx: remove_evidence(ctx, 1, 2),
    "confirm": lambda ctx: confirm_clock(ctx, ClockDoubt("比上次巡检晚", ctx.now, 0)),
    "amend": lambda ctx: ledger.amend(ctx, plan_of(measure("01-1")), base_digest=None, apply=True),
}


@pytest.fixture
def busy(told_once: ToldOnce, activated: Activate, ledger_at: ContextAt) -> None:
    """A report of 王工 that waits for its review, a period that waits, an extension he asked for, a red sheet."""

    def story() -> None:
        activated("2025-02-17T09:00", plan_of(*(measure(f"01-{number}") for number in range(1, 5))))
        with ledger_at("2025-02-26T10:00", "王工") as ctx:
            ledger.submit(ctx, 1, GOOD)
            ledger.ask_extension(ctx, 3, date(2025, 3, 20), "汛期")

    told_once(story)


@pytest.fixture
def escalated(told_once: ToldOnce, busy: None, patrol_at: PatrolAt) -> None:
    def story() -> None:
        patrol_at("2025-03-12T09:00")

    told_once(story)


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_is_refused_whatever_he_does(escalated: None, ledger_at: ContextAt, act: str) -> None:
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", "随便一个人") as ctx:
        ACTS[act](ctx)
    assert refused.value.code == "actor_unknown"
    assert "\n" not in str(refused.value)


def test_a_wrong_name_is_told_the_nearest_ones(busy: None, ledger_at: ContextAt) -> None:
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", "李科") as ctx:
        ACTS["submit"](ctx)
    assert str(refused.value) == (
        "没有名为“李科”的岗位或人员；相近的有：李科长、李局、周科长；请写方案中的岗位名称，或先登记此人"
    )


@pytest.mark.parametrize("spelt", SPELT)
def test_nobody_judges_his_own_work_under_another_spelling(busy: None, ledger_at: ContextAt, spelt: str) -> None:
    for act, code in (("review", "reviewer_is_author"), ("decide", "decider_is_asker")):
        with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", spelt) as ctx:
            ACTS[act](ctx)
        assert refused.value.code == code


def test_a_name_is_written_down_as_the_operators_spelt_it(busy: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-27T10:00", "王 工") as ctx:
        report = ACTS["submit"](ctx)
    assert isinstance(report, Submission)
    assert report.submitted_by == "王工"


SPELT_BY: dict[str, str] = {
    "submit": " 王\u200d 工",
    "ask": "王\u3000工",
    "review": "李\u3000科长",
    "decide": "李 科长",
    "acknowledge": "ｈｅａｄ",
    "instruct": "he ad",
    "skip": "Office ",
    "merge": "of fi\u200dce",
    "suspend": "OFFICE",
    "resume": "OFFICE\ufeff",
    "put off": "Of fice",
    "close": "ｏｆｆｉｃｅ",
    "reopen": " offic e",
    "resend": "李 局",
    "restored": "李\u3000局",
    "add": "王 \ufe0f工",
    "remove": "王\u3000\u034f工",
    "confirm": "李 局",
    "amend": "李 局",
}
"""Somebody who may do it, spelt as nobody else does."""
BEFORE = {"resume": "suspend", "put off": "suspend", "reopen": "close", "remove": "add"}


@pytest.mark.parametrize("act", SPELT_BY)
def test_the_trail_knows_him_by_the_same_name(busy: None, ledger_at: ContextAt, patrol_at: PatrolAt, act: str) -> None:
    moment = "2025-02-27T10:00"
    if act in ("acknowledge", "instruct"):
        moment = "2025-03-12T10:00"
        patrol_at("2025-03-12T09:00")
    if act in BEFORE:
        with ledger_at(moment, "handler" if act == "remove" else "office") as ctx:
            ACTS[BEFORE[act]](ctx)
    with ledger_at(moment) as ctx:
        length = len(ctx.session.execute(select(AuditEntry.id)).all())
    with ledger_at(moment, SPELT_BY[act]) as ctx:
        (UNITS_OWN | ACTS)[act](ctx)
    with ledger_at(moment) as ctx:
        entries = ctx.session.execute(select(AuditEntry.actor).order_by(AuditEntry.id)).scalars().all()
    assert len(entries) > length
    assert set(entries[length:]) <= {"王工", "office", "李科长", "李局", "head"}


def _put_off(ctx: LedgerContext) -> None:
    """What the office answers when the end of a suspension has come."""
    standing = lock_suspension(ctx, 1)
    assert standing is not None
    prolong(ctx, standing, date(2025, 6, 30), "等待")


UNITS_OWN: dict[str, Act] = {
    "review": lambda ctx: ledger.review(ctx, 1, accept=True),
    "decide": lambda ctx: ledger.decide_extension(ctx, 3, grant=True),
    "suspend": ACTS["suspend"],
    "resume": lambda ctx: ledger.resume(ctx, "01-3"),
    "prolong": lambda ctx: ledger.suspend(ctx, "01-3", reason="等待", evidence=["批文"], until=date(2025, 6, 30)),
    "put off": _put_off,
    "skip": ACTS["skip"],
    "close": ACTS["close"],
}


@pytest.mark.parametrize("act", UNITS_OWN)
@pytest.mark.parametrize("who", ["handler", "ＬＥＡＤＥＲ "])
def test_no_post_of_the_unit_decides_about_its_own_work(busy: None, ledger_at: ContextAt, act: str, who: str) -> None:
    with ledger_at("2025-02-27T09:00", "office") as ctx:
        ledger.suspend(ctx, "01-3", reason="等待文件", evidence=["批文"], until=date(2025, 5, 30))
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", who) as ctx:
        UNITS_OWN[act](ctx)
    assert refused.value.code == "actor_is_unit"


def test_a_post_that_is_asked_to_decide_may_even_where_it_is_the_units_own(
    activated: Activate, ledger_at: ContextAt
) -> None:
    """A small office whose leader is also the office of the round."""
    upper = {"deputy": [], "head": ["head"], "discipline": ["discipline"], "office": ["leader"]}
    activated("2025-02-17T09:00", plan_of(measure("01-1"), audiences=upper))
    with ledger_at("2025-02-26T10:00", "handler") as ctx:
        ledger.ask_extension(ctx, 1, date(2025, 3, 20), "汛期")
        ledger.submit(ctx, 1, GOOD)
    with ledger_at("2025-02-27T10:00", "leader") as ctx:
        ledger.decide_extension(ctx, 1, grant=True)
        assert ledger.review(ctx, 1, accept=True).state == PeriodState.CLOSED


def test_width_and_case_make_nobody_else(busy: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-27T10:00", "ＬＥＡＤＥＲ") as ctx:  # a post of the plan
        report = ACTS["submit"](ctx)
    assert isinstance(report, Submission)
    assert report.submitted_by == "leader"


@pytest.mark.parametrize("act", ["acknowledge", "instruct"])
@pytest.mark.parametrize("who", ["handler", "leader", "HANDLER ", "王 工"])
def test_the_late_unit_answers_no_sheet_about_itself(escalated: None, ledger_at: ContextAt, act: str, who: str) -> None:
    with ledger_at("2025-03-12T10:00") as ctx:
        sheet = ledger.open_escalation(ctx, 3)
        assert sheet is not None
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-12T10:00", who) as ctx:
        ledger.acknowledge(ctx, sheet.id) if act == "acknowledge" else ledger.instruct(ctx, sheet.id, "请报送")
    assert refused.value.code == "actor_is_late_unit"
    with ledger_at("2025-03-12T10:00", "deputy") as ctx:
        assert ledger.instruct(ctx, sheet.id, "请报送").instructed_by == "deputy"


def test_a_name_has_a_longest_length(busy: None, ledger_at: ContextAt) -> None:
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", "人" * 100_000) as ctx:
        ACTS["submit"](ctx)
    assert str(refused.value) == "经办人共100000字，超过上限200字；请只写姓名或岗位"


def test_whoever_is_added_acts_and_whoever_is_removed_acts_no_more(busy: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-27T10:00") as ctx:
        assert add_people(ctx, [" 孙\u200b处 "]) == ["孙处"]
        for twice in ("孙 处", "handler"):
            with pytest.raises(Refusal, match="无须再登记"):
                add_people(ctx, [twice])
    with ledger_at("2025-02-27T10:00", "孙处") as ctx:
        ACTS["review"](ctx)
        assert remove_person(ctx, "孙处") == "孙处"
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", "孙处") as ctx:
        ACTS["submit"](ctx)
    assert refused.value.code == "actor_unknown"


def test_a_post_that_the_plan_dropped_acts_no_more(busy: None, ledger_at: ContextAt) -> None:
    roles = {name: {"name": name} for name in ("handler", "leader", "deputy", "head", "office")}
    upper = {"deputy": ["deputy"], "head": ["head"], "discipline": [], "office": ["office"]}
    plan = plan_of(*(measure(f"01-{number}") for number in range(1, 5)), roles=roles, audiences=upper)
    with ledger_at("2025-02-27T09:00", "整改办") as ctx:
        ledger.amend(ctx, plan, base_digest=None, apply=True)
    with pytest.raises(Refusal) as refused, ledger_at("2025-02-27T10:00", "discipline") as ctx:
        ACTS["submit"](ctx)
    assert refused.value.code == "actor_unknown"


@pytest.mark.parametrize(("unit", "result"), [("水科", "submitted"), ("财务科", "refused")])
def test_a_units_sheet_reports_for_no_other_unit(busy: None, ledger_at: ContextAt, unit: str, result: str) -> None:
    with ledger_at("2025-02-27T10:00") as ctx:
        (key,) = (period_key(one) for one in ledger.open_periods(ctx.session) if one.id == 2)
        (row,) = ledger.submit_filled(ctx, [FilledReport(key, unit, "王工", GOOD)], apply=True)
    assert row.result == result
    if result == "refused":
        assert row.reason.endswith("由水科填报，不在这份填报表的单位名下；请重新导出水科的填报表")
