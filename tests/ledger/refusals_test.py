"""Every refusal of the ledger: its code, its sentence in both languages, and that nothing was written."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.replay import verify
from db.ledger.reports import LONGEST_TEXT
from db.models import Base
from tests.conftest import ContextAt, ToldOnce
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

GOOD = Report(body="已完成管网普查", percent=60)
NAME = "01-1 每月报送 · 2025年2月"
TOO_LONG = "长" * (LONGEST_TEXT + 1)
Act = Callable[[LedgerContext], object]


def _report(**changes: object) -> Act:
    return lambda ctx: ledger.submit(ctx, 1, GOOD.model_copy(update=changes))


def _review(**given: object) -> Act:
    return lambda ctx: ledger.review(ctx, 1, **({"accept": True} | given))  # type: ignore[arg-type]


def _extend(day: str, reason: str = "汛期") -> Act:
    return lambda ctx: ledger.ask_extension(ctx, 1, date.fromisoformat(day), reason)


def _decide(ctx: LedgerContext) -> object:
    return ledger.decide_extension(ctx, 1, grant=True)


def _written(ledger_at: ContextAt) -> dict[str, object]:
    with ledger_at("2030-01-01T09:00") as ctx:
        tables = Base.metadata.sorted_tables
        counts = {table.name: ctx.session.scalar(select(func.count()).select_from(table)) for table in tables}
        return counts | {"head": verify(ctx.session).head}


def _assert_refused(ledger_at: ContextAt, act: Act, code: str, sentence: str, moment: str, by: str) -> None:
    before = _written(ledger_at)
    with pytest.raises(Refusal) as refused, ledger_at(moment, by) as ctx:
        act(ctx)
    assert refused.value.code == code
    assert str(refused.value) == sentence
    assert "\n" not in sentence
    assert _written(ledger_at) == before


LENGTH = LONGEST_TEXT + 1
WAITING = [
    (_report(body=""), "text_empty", "完成情况不能为空；请填写"),
    (
        _report(body=TOO_LONG),
        "text_too_long",
        f"完成情况共{LENGTH}字，超过上限4000字；请精简或改用佐证材料",
    ),
    (
        _report(difficulty=TOO_LONG),
        "text_too_long",
        f"存在困难共{LENGTH}字，超过上限4000字；请精简或改用佐证材料",
    ),
    (
        _report(evidence=(TOO_LONG,)),
        "text_too_long",
        f"佐证材料共{LENGTH}字，超过上限4000字；请精简或改用佐证材料",
    ),
    (
        _report(percent=101),
        "percent_out_of_range",
        "进度 101 不在0至100之间；请填写百分数",
    ),
    (
        _report(percent=-1),
        "percent_out_of_range",
        "进度 -1 不在0至100之间；请填写百分数",
    ),
    (
        _report(finished=True),
        "evidence_missing",
        "措施 01-1 要求附佐证材料；请至少附一份",
    ),
    (
        _report(finished=True, evidence=("",)),
        "evidence_missing",
        "措施 01-1 要求附佐证材料；请至少附一份",
    ),
    (
        _review(),
        "period_not_submitted",
        f"{NAME} 还没有可审核的报告；请先填报",
    ),
    (
        _extend("2025-02-09"),
        "extension_in_past",
        "新期限2025-02-09早于今天2025-02-10；请给出将来的日期",
    ),
    (
        _extend("2025-02-28"),
        "extension_not_later",
        "新期限2025-02-28不晚于现期限2025-02-28；请给出更晚的日期",
    ),
    (
        _extend("2025-08-28"),
        "extension_too_long",
        "延期181天，超过上限180天；请缩短",
    ),
    (_extend("2025-03-15", " "), "reason_empty", "必须写明理由"),
    (_decide, "extension_none", f"{NAME} 没有待批的延期申请"),
]


@pytest.fixture
def waiting(told_once: ToldOnce, activated: Activate) -> None:
    """A period that waits for its report, due on 28 February 2025."""

    def story() -> None:
        activated("2025-02-03T09:00", plan_of(measure(evidence="on_finish")))

    told_once(story)


@pytest.mark.parametrize(("act", "code", "sentence"), WAITING, ids=[f"{n}-{case[1]}" for n, case in enumerate(WAITING)])
def test_refused_while_a_report_is_awaited(
    waiting: None, ledger_at: ContextAt, act: Act, code: str, sentence: str
) -> None:
    _assert_refused(ledger_at, act, code, sentence, "2025-02-10T09:00", "经办人")


@pytest.mark.parametrize("act", [_report(), _review(), _extend("2025-03-15"), _decide])
def test_refused_when_nobody_says_who_acts(waiting: None, ledger_at: ContextAt, act: Act) -> None:
    said = "必须写明经办人"
    _assert_refused(ledger_at, act, "actor_empty", said, "2025-02-10T09:00", "  ")


def test_refused_after_the_due_date(waiting: None, ledger_at: ContextAt) -> None:
    said = f"{NAME} 已于2025-02-28到期，延期须在到期前申请；请直接填报并说明原因"
    _assert_refused(ledger_at, _extend("2025-03-15"), "extension_after_due", said, "2025-03-01T00:00", "经办人")
    with ledger_at("2025-02-28T23:59:59", "经办人") as ctx:
        _extend("2025-03-15")(ctx)


def test_refused_while_an_extension_is_pending_and_when_they_are_used_up(waiting: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-10T09:00", "经办人") as ctx:
        _extend("2025-03-15")(ctx)
    pending = f"{NAME} 已有待批的延期申请；请先批复"
    _assert_refused(ledger_at, _extend("2025-03-20"), "extension_pending", pending, "2025-02-11T09:00", "另一人")
    own = "经办人不能批复自己的延期申请；请由他人批复"
    _assert_refused(ledger_at, _decide, "decider_is_asker", own, "2025-02-11T09:00", " 经办人 ")
    with ledger_at("2025-02-11T09:00", "分管领导") as ctx:
        _decide(ctx)
        _extend("2025-04-15")(ctx)
    with ledger_at("2025-02-11T09:00", "经办人") as ctx:
        _decide(ctx)
    used = f"{NAME} 已延期2次，达到上限"
    _assert_refused(ledger_at, _extend("2025-05-15"), "extension_used_up", used, "2025-02-11T09:00", "经办人")


@pytest.fixture
def submitted(waiting: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-02-10T09:00", "经办人") as ctx:
        ledger.submit(ctx, 1, GOOD)


def test_refused_while_a_review_is_awaited(submitted: None, ledger_at: ContextAt) -> None:
    twice = f"{NAME} 的报告正在待审核，不能重复填报；请等待审核结果"
    _assert_refused(ledger_at, _report(), "period_not_waiting", twice, "2025-02-11T09:00", "经办人")
    own = "经办人不能审核自己填报的报告；请换人审核"
    _assert_refused(ledger_at, _review(), "reviewer_is_author", own, "2025-02-11T09:00", "经办人 ")
    why = "必须写明理由"
    _assert_refused(ledger_at, _review(accept=False), "reason_empty", why, "2025-02-11T09:00", "审核人")
    long = f"理由共{LENGTH}字，超过上限4000字；请精简或改用佐证材料"
    _assert_refused(ledger_at, _review(reason=TOO_LONG), "text_too_long", long, "2025-02-11T09:00", "审核人")


@pytest.mark.parametrize(
    ("act", "action"), [(_report(), "填报"), (_review(), "审核"), (_extend("2025-03-15"), "延期"), (_decide, "延期")]
)
def test_refused_once_the_period_is_closed(submitted: None, ledger_at: ContextAt, act: Act, action: str) -> None:
    with ledger_at("2025-02-11T09:00", "审核人") as ctx:
        ledger.review(ctx, 1, accept=True)
    said = f"{NAME} 为“已办结”，不能再{action}；如有变化请在下一期填报"
    _assert_refused(ledger_at, act, "period_closed", said, "2025-02-12T09:00", "另一人")


def _acknowledge(ctx: LedgerContext) -> object:
    return ledger.acknowledge(ctx, 1)


def _instruct(text: str = "请报送", limit: str | None = None) -> Act:
    return lambda ctx: ledger.instruct(ctx, 1, text, date.fromisoformat(limit) if limit else None)


@pytest.fixture
def escalated(waiting: None, patrol_at: PatrolAt) -> None:
    """A period with an open orange escalation."""
    patrol_at("2025-03-05T09:00")


@pytest.mark.parametrize(
    ("act", "by", "code", "sentence"),
    [
        (_acknowledge, "", "actor_empty", "必须写明经办人"),
        (_instruct(), "", "actor_empty", "必须写明经办人"),
        (
            _instruct("  "),
            "领导",
            "text_empty",
            "批示不能为空；请填写",
        ),
        (
            _instruct(TOO_LONG),
            "领导",
            "text_too_long",
            f"批示共{LENGTH}字，超过上限4000字；请精简或改用佐证材料",
        ),
        (
            _instruct(limit="2025-03-04"),
            "领导",
            "limit_in_past",
            "新时限2025-03-04早于今天2025-03-05；请给出将来的日期",
        ),
    ],
)
def test_refused_to_a_supervisor(
    escalated: None, ledger_at: ContextAt, act: Act, by: str, code: str, sentence: str
) -> None:
    _assert_refused(ledger_at, act, code, sentence, "2025-03-05T10:00", by)


def test_refused_to_acknowledge_twice_and_to_act_on_what_is_over(escalated: None, ledger_at: ContextAt) -> None:
    with ledger_at("2025-03-05T10:00", "领导") as ctx:
        _acknowledge(ctx)
    held = "督办〔2025〕1号 已签收，签收有效至2025-03-07；请批示"
    _assert_refused(ledger_at, _acknowledge, "escalation_acknowledged", held, "2025-03-06T10:00", "领导")
    with ledger_at("2025-03-06T10:00", "经办人") as ctx:
        ledger.submit(ctx, 1, GOOD)
    over = "督办〔2025〕1号 已办结，不能再处理"
    _assert_refused(ledger_at, _instruct(), "escalation_closed", over, "2025-03-06T11:00", "领导")
    _assert_refused(ledger_at, _acknowledge, "escalation_closed", over, "2025-03-06T11:00", "领导")
