"""``duban closure`` and ``duban lookback``: how measures are struck off, what people do on the way, and afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from cli.follow import reconcile_now
from cli.shared import InspectionOption, Json, coded, day, print_json, print_table, say
from db import ledger
from db.ledger import LedgerContext
from db.ledger.closure_acts import WORK
from db.ledger.closure_stages import lookbacks_of
from db.ledger.closure_view import closure_view, closure_views, lookback_view, open_closures
from papers.measure_text import closure_lines
from plan.types import ClosureStage, Door, LookbackResult, LookbackState
from tasks.context import ledger_context
from text.catalogue import phrase, term
from text.refusals import Refusal

READER = "duban closure"
_STAGES = {phrase(f"closure.back.{one}"): one for one in (WORK, *ClosureStage) if one != ClosureStage.FILING}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("closure")(closure_command)
    app.command("lookback")(lookback_command)


@dataclass(frozen=True, slots=True)
class _Given:
    """What the command line gave for one act; days in the office's zone."""

    text: str
    visited: date | None
    first_day: date | None
    printed: date | None
    said_by: str
    back: str


def _publish(ctx: LedgerContext, closure: int, given: _Given) -> object:
    return ledger.publish(ctx, closure, given.first_day or ctx.today, given.text, given.printed)


_ACTS: dict[str, Callable[[LedgerContext, int, _Given], object]] = {
    "check": lambda ctx, closure, given: ledger.self_check(ctx, closure, given.text),
    "accept": lambda ctx, closure, given: ledger.accept_work(ctx, closure, given.text, given.visited),
    "publish": _publish,
    "object": lambda ctx, closure, given: ledger.object_to(ctx, closure, given.said_by, given.text),
    "answer": lambda ctx, closure, given: ledger.answer_objection(ctx, closure, given.text, given.back),
    "end-publicity": lambda ctx, closure, given: ledger.end_publicity(ctx, closure, given.text),
    "sign": lambda ctx, closure, given: ledger.sign_off(ctx, closure, given.text),
    "file": lambda ctx, closure, given: ledger.file_closure(ctx, closure, given.text),
    "back": lambda ctx, closure, given: ledger.send_back(ctx, closure, given.back, given.text),
}


def closure_command(
    measure: Annotated[str | None, typer.Argument(metavar="[MEASURE]", help="措施编号；不给则列出全部在办的。")] = None,
    act: Annotated[
        str | None,
        typer.Argument(
            metavar="[ACT]",
            help="办理：check 自查，accept 验收，publish 公示，object 登记异议，answer 答复异议，"
            "end-publicity 公示期满，sign 签字，file 备案，back 退回；不给则查看。",
        ),
    ] = None,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="情况、意见、答复或理由；公示为载体，备案为编号。")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="办理人。")] = "",
    visited: Annotated[str | None, typer.Option("--visited", help="验收：现场核查日期。")] = None,
    first_day: Annotated[str | None, typer.Option("--first-day", help="公示：首日；不给则为今天。")] = None,
    printed: Annotated[str | None, typer.Option("--printed", help="公示：所印的截止日期。")] = None,
    said_by: Annotated[str, typer.Option("--from", help="登记异议：异议人。")] = "",
    back: Annotated[
        str, typer.Option("--back", help="退回至：继续整改、自查、验收、公示、签字；答复异议时给出，即为成立。")
    ] = "",
    inspection: InspectionOption = None,
    late: Annotated[bool, typer.Option("--late", help="只列超过环节时限的，如申报完成而迟未验收的。")] = False,
    as_json: Json = False,
) -> None:
    """销号：列出在办的，查看一条措施的各环节，或办理其中一个环节。"""
    code = coded(measure, inspection) if measure is not None else None
    if code is not None and act is not None:
        if act not in _ACTS:
            raise Refusal("closure_act_unknown", act=act, known="、".join(_ACTS))
        written = ((visited, "--visited"), (first_day, "--first-day"), (printed, "--printed"))
        dates = [day(one, option) if one else None for one, option in written]
        given = _Given(text, dates[0], dates[1], dates[2], said_by, _stage(back) if back else "")
        with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
            found = ledger.meant_closure(ctx, ledger.measure_by_code(ctx.session, code))
            _ACTS[act](ctx, found.id, given)
        reconcile_now()
    with ledger_context(READER) as ctx:
        if code is not None:
            asked = ledger.measure_by_code(ctx.session, code)
            ledger.meant_closure(ctx, asked)
            views = closure_views(ctx, asked)
        else:
            of_round = ledger.inspection(ctx.session, inspection).id if inspection else None
            views = [closure_view(ctx, one) for one in open_closures(ctx, of_round, late=late)]
    if as_json:
        print_json(views)
    elif code is None:
        rows = [
            (one["measure"], one["title"], one["unit"], one["waiting"], one["due_on"], "、".join(one["asked"]))
            for one in views
        ]
        print_table("", ("措施", "名称", "牵头单位", "环节", "时限", "请办理"), rows)
    else:
        for one in views:
            say(f"{one['measure']} {one['title']}")
            for said in closure_lines(one):
                say(f"  {said}")


def _stage(written: str) -> str:
    """A stage as people or the code call it."""
    found: str = _STAGES.get(written, written)
    if found not in _STAGES.values():
        raise Refusal("closure_not_back", to=written, known="、".join(_STAGES))
    return found


def lookback_command(
    measure: Annotated[str | None, typer.Argument(metavar="[MEASURE]", help="措施编号；不给则列出待办的。")] = None,
    result: Annotated[
        LookbackResult | None,
        typer.Argument(metavar="[RESULT]", help="结论：holds 保持，improve 需完善，rebounded 反弹；不给则查看。"),
    ] = None,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="回头看的情况。")] = "",
    by: Annotated[str, typer.Option("--by", help="办理人。")] = "",
    visited: Annotated[str | None, typer.Option("--visited", help="现场核查日期。")] = None,
    inspection: InspectionOption = None,
    as_json: Json = False,
) -> None:
    """回头看：列出待办的，查看一条措施的，或登记结论；反弹的重新整改。"""
    code = coded(measure, inspection) if measure is not None else None
    if code is not None and result is not None:
        with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
            found = ledger.waiting_lookback(ctx, code)
            ledger.look_back(ctx, found.id, result, text, day(visited, "--visited") if visited else None)
        reconcile_now()
    with ledger_context(READER) as ctx:
        asked = ledger.measure_by_code(ctx.session, code) if code is not None else None
        views = [lookback_view(ctx, one) for one in lookbacks_of(ctx, asked)]
    if as_json:
        print_json(views)
        return
    rows = [
        (
            one["measure"],
            one["title"],
            one["opens_on"],
            one["due_on"],
            term(LookbackResult(one["result"])) if one["result"] else term(LookbackState(one["state"])),
            one["by"] or "、".join(one["asked"]),
        )
        for one in views
    ]
    print_table("", ("措施", "名称", "开始", "时限", "情况", "办理人"), rows)
