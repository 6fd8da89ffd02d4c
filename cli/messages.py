"""``duban messages`` and ``duban channel``: what waits or died, sending again, and whether a channel works."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.shared import By, Json, print_json, print_table, say
from config import clock
from config.settings import settings
from db.ledger.queued import queue_facts, queued, resend, restored
from papers.tries import tried_text
from plan.addresses import address_fault
from plan.types import AlertKind, Door, Level
from rules.message import Message, MessageItem
from tasks.context import ledger_context, queue_said, work_time
from text.catalogue import phrase, term
from text.clean import line
from text.refusals import Refusal

ACTOR = "duban messages"
Dead = Annotated[bool, typer.Option("--dead", help="无法送达的。")]


def register(app: typer.Typer) -> None:
    """Add the commands about messages and channels."""
    messages = typer.Typer(help="消息：等候的、无法送达的、补发。", no_args_is_help=False)
    messages.callback(invoke_without_command=True)(messages_command)
    messages.command("resend")(resend_command)
    messages.command("restored")(restored_command)
    app.add_typer(messages, name="messages")
    channel = typer.Typer(help="通道：试发。", no_args_is_help=True)
    channel.callback()(lambda: None)
    channel.command("test")(trial_command)
    app.add_typer(channel, name="channel")


def messages_command(
    context: typer.Context,
    dead: Dead = False,
    why: Annotated[bool, typer.Option("--why", help="列出每次尝试的结果。")] = False,
    as_json: Json = False,
) -> None:
    """消息：列出等候发出的，或无法送达的。"""
    if context.invoked_subcommand is not None:
        return
    with ledger_context(ACTOR) as ctx:
        facts, found = queue_facts(ctx), queued(ctx, dead=dead)
    if as_json:
        print_json(asdict(facts) | {"messages": [asdict(one) for one in found]})
        return
    zone = work_time().zone
    for said in queue_said(facts, clock.now(), zone):
        typer.echo(said)
    rows = [
        (one.id, one.recipient, one.channel, term(one.state), f"{at.astimezone(zone):%m-%d %H:%M}" if at else "")
        for one in found
        if (at := one.next_try_at) or dead
    ]
    if rows and not why:
        print_table("", ("编号", "收件人", "通道", "状态", "下次"), rows)
    for row, shown in zip(rows if why else (), found, strict=False):
        say(" ".join(str(cell) for cell in row))
        for tried in shown.tries:
            say(f"    {tried_text(tried, zone)}")


def resend_command(
    by: By,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID", help="消息编号，可多个。")] = None,
    dead: Dead = False,
) -> None:
    """补发：所列的消息，或全部无法送达的（--dead）。"""
    if bool(ids) == dead:
        raise typer.BadParameter(f"{phrase('messages.which')}（--dead）")
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        count = resend(ctx, None if dead else ids)
    typer.echo(phrase("messages.resent", n=count))


def restored_command(by: By) -> None:
    """台账由备份恢复之后运行一次：此后的消息另起编号，不与恢复前的相混。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        epoch = restored(ctx)
    typer.echo(phrase("messages.epoch", epoch=epoch))


def trial_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="通道名，如 mail。")],
    to: Annotated[str, typer.Option("--to", help="收件地址；机器人不需要。")] = "",
) -> None:
    """试发一封：不进台账，立即发出，说明结果；不通时退出码为 1。"""
    from cli.follow import use_running_api
    from letters.failures import DeliveryFailed
    from tasks.channels import send_by_settings

    if (fault := address_fault(to)) is not None:
        raise typer.BadParameter(f"--to：{fault}")
    if name not in settings().channels and name != "outbox":
        known = "、".join(settings().channels) or "outbox"
        raise Refusal("channel_unknown", channel=line(name, 40), known=known)
    use_running_api()
    now = clock.now()
    note = phrase("messages.test", channel=line(name, 40))
    item = MessageItem("test", AlertKind.OPERATOR, Level.NONE, note)
    office = phrase("messages.tester")
    day = now.astimezone(settings().zone).date()
    trial = Message(0, f"test-{now:%Y%m%d%H%M%S}", "", 0, False, office, name, to, office, day, (item,))
    try:
        send_by_settings(trial, now)
    except DeliveryFailed as failed:
        typer.echo(phrase("messages.test_failed", why=str(failed), fate=term(failed.fate)), err=True)
        raise typer.Exit(1) from None
    except ValueError as error:  # its Secret block is missing
        typer.echo(line(str(error)), err=True)
        raise typer.Exit(1) from None
    typer.echo(phrase("messages.test_taken", channel=name, to=to))
