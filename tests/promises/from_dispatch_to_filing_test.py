"""The plan of Ezhou on a virtual clock: measures of each duration class, from their first report to their filing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from itertools import count

import pytest
from sqlalchemy import select

from config.settings import HERE
from db import ledger
from db.ledger import LedgerContext, Report
from db.ledger.closure_stages import asked_now, asked_posts, open_closure
from db.ledger.evidence import StoredFile, add_evidence
from db.ledger.replay import verify
from db.models import Closure, Lookback, Measure, Period
from plan.loader import load_plan
from plan.policy import Policy, load_policy
from plan.types import LookbackResult, WorkState
from tests.conftest import ContextAt

At = Callable[..., AbstractContextManager[LedgerContext]]
STAGED, IMMEDIATE, STANDING, DATED = "03-1", "05-1", "02-1", "07-3"
_files = count(1)


@pytest.fixture
def office(ledger_at: ContextAt, policy: Policy) -> At:
    shipped = load_policy(HERE / "policy.yaml")
    lookback = shipped.lookback.model_copy(update={"share": 100, "months": (3,)})
    rules = policy.model_copy(update={"closure": shipped.closure, "lookback": lookback})
    return partial(ledger_at, rules=rules)


def _name(ctx: LedgerContext, code: str, audience: str) -> str:
    return ctx.asked_names(ledger.measure_by_code(ctx.session, code).audiences[audience])[0]


def _report(office: At, moment: str, code: str, duty: str, *, finished: bool = False, file: bool = False) -> int:
    """The unit reports for its oldest open period, and the office accepts or is still to review."""
    with office(moment) as ctx:
        period = next(
            one for one in ledger.open_periods(ctx.session) if (one.duty.measure.code, one.duty.key) == (code, duty)
        )
        handler = _name(ctx, code, "handler")
    with office(moment, handler) as ctx:
        if file:
            add_evidence(ctx, period.id, StoredFile("佐证.jpg", "jpg", 9, f"{next(_files):064x}"))
        ledger.submit(ctx, period.id, Report(body="已办理", percent=100 if finished else 60, finished=finished))
    return period.id


def _review(office: At, moment: str, period: int, *, accept: bool = True) -> None:
    with office(moment, "整改办") as ctx:
        ledger.review(ctx, period, accept=accept, reason="" if accept else "佐证不清")


def _go_on(office: At, moment: str, code: str, until: str = "") -> str:
    """Whoever is asked does what is asked, stage after stage, on one day, until the window or what is named."""
    for _ in range(9):
        with office(moment) as ctx:
            closure = open_closure(ctx, ledger.measure_by_code(ctx.session, code))
            if closure is None:
                return "filed"
            asks, people, closure_id = asked_now(closure), ctx.asked_names(asked_posts(closure)), closure.id
        if asks == until:
            return asks
        with office(moment, people[0]) as ctx:
            match asks:
                case "self-check":
                    ledger.self_check(ctx, closure_id, "已对照目标自查")
                case "acceptance":
                    ledger.accept_work(ctx, closure_id, "现场核实", ctx.today)
                case "announcement":
                    ledger.publish(ctx, closure_id, ctx.today, "局网站")
                case "publicity":
                    ledger.end_publicity(ctx, closure_id)
                case "objection":
                    ledger.answer_objection(ctx, closure_id, "经核实不成立")
                case "sign-off":
                    ledger.sign_off(ctx, closure_id, "同意")
                case "filing":
                    ledger.file_closure(ctx, closure_id, f"{code}号")
    return "filed"


def _state(office: At, moment: str, code: str) -> WorkState:
    with office(moment) as ctx:
        return WorkState(ledger.measure_by_code(ctx.session, code).work_state)


def test_each_class_goes_its_way_and_the_trail_tells_it_all(office: At) -> None:
    with office("2025-01-17T09:00") as ctx:
        ledger.activate(ctx, load_plan(HERE / "plans" / "ezhou-2024.yaml"))

    def patrol(moment: str) -> None:
        ledger.patrol(lambda: office(moment))

    patrol("2025-01-17T09:05")
    with office("2025-01-17T10:00") as ctx:
        office_post = _name(ctx, DATED, "office")
        assert office_post == "整改办"

    # Dated: a later limit is asked for and granted, the report is returned once, accepted, and the chain begins.
    patrol("2025-05-20T09:00")
    with office("2025-05-20T10:00") as ctx:
        finish = ledger.meant_period(ctx.session, DATED, "finish").id
        handler, deputy = _name(ctx, DATED, "handler"), _name(ctx, DATED, "deputy")
    with office("2025-05-20T10:00", handler) as ctx:
        ledger.ask_extension(ctx, finish, date(2025, 6, 30), "资金拨付需上级批复")
    with office("2025-05-21T10:00", deputy) as ctx:
        assert ledger.decide_extension(ctx, finish, grant=True).granted
    _report(office, "2025-06-20T09:00", DATED, "finish", finished=True, file=True)
    _review(office, "2025-06-23T09:00", finish, accept=False)
    _report(office, "2025-06-24T09:00", DATED, "finish", finished=True, file=True)
    _review(office, "2025-06-25T09:00", finish)
    assert _state(office, "2025-06-25T10:00", DATED) == WorkState.DONE_CLAIMED
    assert _go_on(office, "2025-06-26T09:00", DATED, until="acceptance") == "acceptance"
    with office("2025-06-27T09:00", "整改办") as ctx:
        closure = ledger.meant_closure(ctx, ledger.measure_by_code(ctx.session, DATED))
        ledger.send_back(ctx, closure.id, "self-check", "缺拨付凭证")
    assert _go_on(office, "2025-06-30T09:00", DATED, until="publicity") == "publicity"
    with office("2025-07-01T09:00", "整改办") as ctx:
        ledger.object_to(ctx, closure.id, "某企业", "未收到款项")
    assert _go_on(office, "2025-07-02T09:00", DATED, until="publicity") == "publicity"
    assert _go_on(office, "2025-07-10T09:00", DATED) == "filed"
    assert _state(office, "2025-07-10T10:00", DATED) == WorkState.CLOSED

    # Standing: its clock stands for a while; then it is put forward by the office and filed, too.
    with office("2025-03-03T09:00", "整改办") as ctx:
        ledger.suspend(ctx, STANDING, reason="机构调整", evidence=["通知"], until=date(2025, 5, 30))
    with office("2025-06-03T09:00", "整改办") as ctx:
        ledger.resume(ctx, STANDING, reason="已调整到位")
    for code in (STANDING, STAGED):
        _report(office, "2025-07-11T09:00", code, "report", file=True)
        with office("2025-07-11T10:00", "整改办") as ctx:
            ledger.close(ctx, code, "机制已建立，任务到期")
        assert _go_on(office, "2025-07-14T09:00", code, until="publicity") == "publicity"
        assert _go_on(office, "2025-07-22T09:00", code) == "filed"

    # Immediate: struck off before the plan came here; only its confirmation goes on.
    with office("2025-07-22T10:00") as ctx:
        owed = [one.duty.kind for one in ledger.open_periods(ctx.session) if one.duty.measure.code == IMMEDIATE]
    assert set(owed) == {"confirm"}

    # Three months later somebody looks again; what rebounded is asked anew, and struck off a second time.
    patrol("2025-10-10T08:31")
    with office("2025-10-13T09:00", "整改办") as ctx:
        ledger.look_back(ctx, ledger.waiting_lookback(ctx, DATED).id, LookbackResult.REBOUNDED, "又欠拨两笔")
    again = _report(office, "2025-10-20T09:00", DATED, "finish", finished=True, file=True)
    _review(office, "2025-10-21T09:00", again)
    assert _go_on(office, "2025-10-22T09:00", DATED, until="publicity") == "publicity"
    assert _go_on(office, "2025-10-30T09:00", DATED) == "filed"
    with office("2025-10-31T09:00") as ctx:
        measure = ledger.measure_by_code(ctx.session, DATED)
        closures = ctx.session.execute(select(Closure).where(Closure.measure_id == measure.id)).scalars().all()
        assert [one.state for one in closures] == ["filed", "filed"]
        assert (
            len(ctx.session.execute(select(Period).join(Period.duty).where(Period.duty.has(key="finish"))).all()) == 2
        )
        looks = ctx.session.execute(select(Lookback.state).order_by(Lookback.id)).scalars().all()
        assert looks == ["done", "planned", "planned", "planned"]
        struck = select(Measure.code).where(Measure.work_state == WorkState.CLOSED, Measure.code.in_((DATED, STANDING)))
        assert set(ctx.session.execute(struck).scalars()) == {DATED, STANDING}
        assert verify(ctx.session).whole
