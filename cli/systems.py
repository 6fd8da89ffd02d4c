"""``duban system``: the systems of the office that speak for people by the API, their tokens and rights."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.shared import By, Json, print_json, print_table, say
from db.ledger.systems import add_system, revoke_system, subscribe_system, system_lines, unsubscribe_system
from plan.types import Act, Door
from tasks.context import ledger_context, policy
from tasks.doors import hook_secret, web_url
from text.catalogue import phrase, term
from text.refusals import Refusal

app = typer.Typer(no_args_is_help=True)
ACTOR = "duban system"
NameArg = Annotated[str, typer.Argument(metavar="NAME", help="系统名称，如 OA。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="system", help="接入系统：登记、列出、收回令牌（/api/v1）。")


@app.command("add")
def add_system_command(
    name: NameArg,
    by: By,
    acts: Annotated[str, typer.Option("--acts", help=f"可代人办理的，以逗号分隔：{'、'.join(Act)}；不写则只读。")] = "",
    people: Annotated[list[str] | None, typer.Option("--for", help="只可代此人办理，可多次；不写则不限。")] = None,
    as_json: Json = False,
) -> None:
    """登记系统，生成令牌；令牌只显示这一次。记入审计链。"""
    wanted = [one.strip() for one in acts.split(",") if one.strip()]
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        token = add_system(ctx, name, wanted, people or ())
    if as_json:
        print_json({"name": name, "token": token, "url": f"{(web_url() or '').rstrip('/')}/api/v1"})
    else:
        say(phrase("system.token"), err=True)
        say(token)


@app.command("subscribe")
def subscribe_system_command(
    name: NameArg,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="接收事件的地址。")],
    by: By,
    as_json: Json = False,
) -> None:
    """把今后发生的事件发给系统，签名密钥只显示这一次。记入审计链。"""
    from letters.reach import hook_fault

    if why := hook_fault(to, policy().delivery.inside):
        raise Refusal("hook_wrong", address=to, why=why)
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        secret = hook_secret(subscribe_system(ctx, name, to))
    if as_json:
        print_json({"name": name, "address": to, "secret": secret})
    else:
        say(phrase("hook.secret", address=to), err=True)
        say(secret)


@app.command("unsubscribe")
def unsubscribe_system_command(name: NameArg, by: By) -> None:
    """不再向系统发送事件；等候发出的作罢。记入审计链。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        ended = unsubscribe_system(ctx, name)
    say(phrase("hook.ended", name=ended))


@app.command("list")
def list_systems_command(as_json: Json = False) -> None:
    """列出系统：可办理什么、代谁、何人何时登记、最近何时使用。"""
    with ledger_context(ACTOR) as ctx:
        found, minute = system_lines(ctx), ctx.work_time.minute_text
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (
            one.name,
            "、".join(term(Act(act)) for act in one.acts) or phrase("system.looks"),
            "、".join(one.people) or phrase("system.everybody"),
            one.told_at,
            f"{one.made_by} {minute(one.made_at)}",
            minute(one.used_at) if one.used_at else "",
            minute(one.revoked_at) if one.revoked_at else "",
        )
        for one in found
    ]
    print_table("", ("系统", "可代办", "代谁", "事件发往", "登记", "最近使用", "收回"), rows)


@app.command("revoke")
def revoke_system_command(name: NameArg, by: By) -> None:
    """收回系统的令牌：立即失效。记入审计链。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        revoked = revoke_system(ctx, name)
    say(phrase("system.revoked", name=revoked))
