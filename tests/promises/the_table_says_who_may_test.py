"""Who may do what is a table in the office's policy, the same at every door; nobody acts about his own work."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from config.settings import HERE
from db import ledger, matters
from db.ledger import LedgerContext, Report
from db.ledger.clock_doubt import confirm_clock
from db.ledger.closure_stages import enter_stage
from db.ledger.queued import restored
from db.ledger.release import withhold
from db.models import Closure
from plan.policy import Policy, Right, load_policy
from plan.types import JUDGING, LISTED, Act, Audience, ClosureStage, Door, Ground
from tests.conftest import ContextAt, ToldOnce
from tests.plans import duty, gathering, measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

ACTS: dict[Act, Callable[[LedgerContext], object]] = {
    Act.REPORT: lambda ctx: ledger.submit(ctx, 2, Report(body="已完成", percent=60)),
    Act.PART: lambda ctx: ledger.give_part(ctx, 1, "已核对"),
    Act.REVIEW: lambda ctx: ledger.review(ctx, 1, accept=True),
    Act.DECIDE: lambda ctx: ledger.decide_extension(ctx, 3, grant=True),
    Act.INSTRUCT: lambda ctx: ledger.instruct(ctx, 1, "请报送"),
    Act.EXCUSE: lambda ctx: ledger.skip(ctx, 2, "本月不必报送"),
    Act.SUSPEND: lambda ctx: ledger.suspend(ctx, "01-4", reason="等待文件", evidence=["批文"], until=date(2025, 5, 30)),
    Act.CLOSE: lambda ctx: ledger.close(ctx, "01-4", reason="已验收"),
    Act.ACCEPT: lambda ctx: ledger.accept_work(ctx, 1, "核实"),
    Act.SIGN: lambda ctx: ledger.sign_off(ctx, 2, "同意"),
    Act.RELEASE: lambda ctx: withhold(ctx, "01-4", Ground.SECRET, "涉密"),
    Act.CONFIGURE: restored,
}
SHIPPED: dict[Act, set[str]] = {
    Act.REPORT: {"handler", "leader", "李科长"},
    Act.PART: {"law", "office", "李科长"},
    Act.REVIEW: {"office", "deputy", "head", "李科长"},
    Act.DECIDE: {"office", "deputy", "head", "李科长"},
    Act.INSTRUCT: {"deputy", "head", "李科长"},
    Act.EXCUSE: {"office"},
    Act.SUSPEND: {"office", "李科长"},
    Act.CLOSE: {"office", "李科长"},
    Act.ACCEPT: {"office", "deputy", "head", "李科长"},
    Act.SIGN: {"deputy", "head"},
    Act.RELEASE: {"office", "head", "李科长"},
    Act.CONFIGURE: {"office", "李科长"},
}
"""李科长 is nobody of the plan: the operators added him."""
EVERYBODY = ("handler", "leader", "deputy", "head", "discipline", "office", "law", "李科长")


@pytest.fixture
def busy(told_once: ToldOnce, activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt, policy: Policy) -> None:
    """A report that waits for its review, one that gathers a part, an extension that was asked for, an orange sheet to
    the deputy; of 01-5 the closure waits for acceptance, of 01-6 for signatures."""

    def story() -> None:
        posts = gathering()
        gathers = {"01-2": [duty(gather=["law"])]}
        measures = (
            measure(code, duties=gathers.get(code, [duty()]))
            for code in ("01-1", "01-2", "01-3", "01-4", "01-5", "01-6")
        )
        activated("2025-02-17T09:00", plan_of(*measures, units=posts.units, roles=posts.roles))
        with ledger_at("2025-02-26T10:00", "王工") as ctx:
            ledger.submit(ctx, 1, Report(body="已完成", percent=60))
            ledger.ask_extension(ctx, 3, date(2025, 3, 20), "汛期")
        shipped = load_policy(HERE / "policy.yaml").closure
        chained = policy.model_copy(update={"closure": shipped.model_copy(update={"evidence": False})})
        with ledger_at("2025-02-26T10:00", "office", chained) as ctx:
            ledger.close(ctx, "01-5", "到期")
            ledger.close(ctx, "01-6", "到期")
            ledger.self_check(replace(ctx, actor="handler"), 1, "已自查")
            enter_stage(ctx, ctx.session.get_one(Closure, 2), ClosureStage.SIGN_OFF)
        patrol_at("2025-03-06T09:00")

    told_once(story)


def refused(ledger_at: ContextAt, act: Act, who: str, rules: Policy, door: Door | None = None) -> str:
    """The code of the refusal; empty where it was taken. Nothing of it is kept."""
    try:
        with ledger_at("2025-03-06T10:00", who, rules) as ctx:
            ACTS[act](replace(ctx, door=door))
            ctx.session.rollback()
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("act", Act)
def test_the_shipped_table_holds_for_every_post(busy: None, ledger_at: ContextAt, policy: Policy, act: Act) -> None:
    allowed = {who for who in EVERYBODY if not refused(ledger_at, act, who, policy)}
    assert allowed == SHIPPED[act]


@pytest.mark.parametrize("act", Act)
def test_an_office_says_otherwise(busy: None, ledger_at: ContextAt, policy: Policy, act: Act) -> None:
    only = policy.model_copy(update={"rights": {act: Right(posts=(Audience.DISCIPLINE,))}})
    asked = {
        Act.PART: {"law"},
        Act.REVIEW: {"office"},
        Act.DECIDE: {"deputy", "office"},
        Act.INSTRUCT: {"deputy"},
        Act.SUSPEND: {"office"},
        Act.ACCEPT: {"office"},
        Act.SIGN: {"deputy", "head"},
    }
    allowed = {who for who in EVERYBODY if not refused(ledger_at, act, who, only)}
    assert allowed == {"discipline"} | asked.get(act, set())


@pytest.mark.parametrize("act", sorted(JUDGING))
def test_nobody_judges_his_own_work_whatever_the_table_says(
    busy: None, ledger_at: ContextAt, policy: Policy, act: Act
) -> None:
    all_of_them = policy.model_copy(update={"rights": {act: Right(posts=(*Audience, LISTED))}})
    for who in ("handler", "leader"):
        assert refused(ledger_at, act, who, all_of_them) in ("actor_is_unit", "actor_is_late_unit")
    assert not refused(ledger_at, act, "discipline", all_of_them)


@pytest.mark.parametrize("act", Act)
def test_what_needs_proof_is_taken_only_where_it_is_known_who_acts(
    busy: None, ledger_at: ContextAt, policy: Policy, act: Act
) -> None:
    proved = policy.model_copy(update={"rights": {act: policy.right(act).model_copy(update={"proved": True})}})
    who = sorted(SHIPPED[act])[0]
    for door in (None, Door.COMMAND_LINE, Door.CONSOLE, Door.SHEET):
        assert refused(ledger_at, act, who, proved, door) == "proof_needed"
    for door in (Door.LINK, Door.SESSION):
        assert not refused(ledger_at, act, who, proved, door)


def test_a_refusal_says_who_may(busy: None, ledger_at: ContextAt) -> None:
    with pytest.raises(Refusal) as said, ledger_at("2025-03-06T10:00", "discipline") as ctx:
        ACTS[Act.REVIEW](ctx)
    assert str(said.value) == ("discipline无权审核填报；请由office、deputy、head办理，或在策略的 rights 中另作规定")


def test_a_page_takes_the_answer_of_whoever_has_the_right(busy: None, ledger_at: ContextAt, policy: Policy) -> None:
    with ledger_at("2025-03-06T10:00") as ctx:
        review = matters.found_by_tag(ctx, "period-1")
        assert (review.kind, review.asked, set(review.may_answer)) == (
            "review",
            ("office",),
            {"office", "deputy", "head"},
        )
        assert set(matters.found_by_tag(ctx, "period-2").may_answer) == {"handler", "leader"}
    only = policy.model_copy(update={"rights": {Act.REVIEW: Right(posts=(Audience.HEAD, Audience.HANDLER))}})
    with ledger_at("2025-03-06T10:00", rules=only) as ctx:
        assert matters.found_by_tag(ctx, "period-1").may_answer == ("office", "head")


def test_the_clock_is_confirmed_by_whoever_may_configure(busy: None, ledger_at: ContextAt) -> None:
    for who, code in (("handler", "actor_may_not"), ("office", "clock_certain")):
        with pytest.raises(Refusal) as said, ledger_at("2025-03-06T10:00", who) as ctx:
            confirm_clock(ctx, None)
        assert said.value.code == code
