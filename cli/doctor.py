"""``duban doctor``: everything that can be wrong with an installation, each in one line with its mend."""

import asyncio
import os
from collections.abc import Callable, Iterator

import typer

from cli.follow import check_channels, said_of, use_running_api
from cli.shared import Json, print_json, say
from cli.trail import told_verdict
from config.settings import settings
from db import ledger
from db.ledger.replay import verify
from db.ledger.roster_view import roster_view
from db.session import trail_is_guarded
from tasks.anchors import noted_anchors
from tasks.backup import examine_backup
from tasks.context import Examined, examine_clock, examine_messages, ledger_context, policy, work_time
from tasks.doors import web_url
from tasks.kept_evidence import evidence_store
from text.catalogue import phrase
from text.clean import line
from text.limits import LONGEST_LINE
from text.links import is_loopback
from text.refusals import Refusal

READER = "duban doctor"


def doctor_command(as_json: Json = False) -> None:
    """体检：设置、日历、通道、台账、审计链、Prefect；有问题时退出码为 1。"""
    found = list(_findings())
    if as_json:
        print_json([{"check": f.check, "ok": f.ok, "warned": f.warned, "said": f.said} for f in found])
    else:
        for one in found:
            say(f"{one.mark} {one.check}：{one.said}")
    if not all(one.ok for one in found):
        raise typer.Exit(1)


def _findings() -> Iterator[Examined]:
    checks: list[tuple[str, Callable[[], str]]] = [
        ("设置", lambda: f"目录 {settings().home}，时区 {settings().timezone}"),
        ("办理规则", lambda: f"短阶梯{len(policy().short.rungs)}级，长阶梯{len(policy().long.rungs)}级"),
        ("工作日历", _calendar),
        ("通道", _channels),
        ("台账", _ledger),
        (phrase("watch.messages"), _messages),
        ("佐证材料", _evidence),
        ("审计链", _audit),
    ]
    for name, check in checks:
        yield _checked(name, check)
    yield from _posts()
    yield from _account()
    yield _links()
    yield from _prefect()


def _checked(name: str, check: Callable[[], str]) -> Examined:
    try:
        return Examined(name, True, check())
    except (ValueError, RuntimeError, OSError, Refusal, typer.BadParameter) as error:
        return Examined(name, False, line(str(error)))


def _calendar() -> str:
    return f"放假安排已公布至{work_time().calendar.published_until}年，其后按周末推算并标为暂定"


def _channels() -> str:
    check_channels()
    return "、".join(settings().channels) or f"只有离线发件箱 {settings().mail_folder}"


def _links() -> Examined:
    """Letters are read on other machines than this one."""
    url = web_url()
    here = url is None or is_loopback(url)
    said = phrase("doctor.links_well", url=line(url or "")) if not here else phrase("doctor.links_here")
    return Examined(phrase("doctor.links"), True, said, warned=here)


def _ledger() -> str:
    with ledger_context(READER) as ctx:
        titles = [one.title for one in ledger.inspections(ctx.session)]
        health = ledger.health(ctx)
    if not titles:
        raise Refusal("ledger_empty")
    if health["overlooked"] or health["unarmed"]:
        raise ValueError(f"{health['overlooked']}个节点逾时未登记，{health['unarmed']}期无人照看；请运行 duban patrol")
    return f"{'、'.join(titles)}；待处理督办单{health['open_escalations']}份，待发消息{health['unsent']}封"


def _evidence() -> str:
    store = evidence_store()
    store.examine()
    return store.place


def _clock() -> list[Examined]:
    """The clock, where no running engine is asked for it; without a ledger that opens there is nothing to say of it."""
    try:
        return [examine_clock()]
    except Refusal:
        return []


def _backup() -> list[Examined]:
    """The copies, where no running engine is asked for them; without a ledger that opens there is nothing to say."""
    try:
        return [examine_backup(None)]
    except Refusal:
        return []


def _posts() -> list[Examined]:
    """Posts that have nobody of their own there today; without a ledger that opens there is nothing to say of them."""
    try:
        with ledger_context(READER) as ctx:
            gaps = [one.post for one in roster_view(ctx).posts if one.gap]
    except Refusal:
        return []
    said = phrase("doctor.posts_open", posts="、".join(gaps)) if gaps else phrase("doctor.posts_well")
    return [Examined(phrase("doctor.posts"), True, line(said, LONGEST_LINE), warned=bool(gaps))]


def _account() -> list[Examined]:
    """Whoever may change the trail can forge it; without a ledger that opens there is nothing to say of it."""
    try:
        account, guarded = trail_is_guarded()
    except Refusal:
        return []
    said = phrase("doctor.account_well" if guarded else "doctor.account_open", account=line(account))
    return [Examined(phrase("doctor.account"), True, said, warned=not guarded)]


def _messages() -> str:
    found = examine_messages()
    if not found.ok or found.warned:
        raise ValueError(found.said)
    return found.said


def _audit() -> str:
    with ledger_context(READER) as ctx:
        verdict = verify(ctx.session, noted_anchors())
    if not verdict.whole:
        raise ValueError("；".join(told_verdict(verdict)))
    return f"{verdict.entries}条，完整"


def _authentication() -> str:
    """Whoever reaches the port of a server that asks for nothing may file, accept and read every secret."""
    import httpx

    api = os.environ["PREFECT_API_URL"]
    try:
        # A server elsewhere may stand behind a proxy, or have a certificate of the office's own (``SSL_CERT_FILE``).
        answer = httpx.get(f"{api}/admin/version", timeout=5, trust_env=not is_loopback(api))
    except httpx.HTTPError as error:
        raise ValueError(f"没有应答（{said_of(error)}）") from error
    if answer.is_success:
        raise ValueError(f"{api} 不需要口令，谁都可以填报、审核、读取保密块；请由 duban up 启动，或给它设置口令")
    return "不知道口令的不能使用"


def _prefect() -> list[Examined]:
    if not use_running_api():
        return [
            *_clock(),
            *_backup(),
            Examined("Prefect", True, "没有在运行；台账命令照常可用，界面需 duban up"),
        ]
    # Not imported before: it would start a server of its own where none runs.
    from tasks.follow import examined_engine

    # Messages were looked at already, and a dead one is a fault to whoever is here to mend it.
    engine = [one for one in asyncio.run(examined_engine()) if one.check != phrase("watch.messages")]
    return [_checked("Prefect 口令", _authentication), *engine]
