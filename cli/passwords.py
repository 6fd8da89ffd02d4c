"""``duban password``: give somebody a password, or take it back; it is typed or piped, and never an argument."""

import sys
from typing import Annotated

import typer

from cli.shared import By, say
from db.ledger.passwords import LONGEST_PASSWORD, give_password, remove_password
from plan.types import Door
from tasks.context import ledger_context
from text.catalogue import phrase
from text.refusals import Refusal

app = typer.Typer(no_args_is_help=True)
NameArg = Annotated[str, typer.Argument(metavar="NAME", help="姓名。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="password", help="密码：为人员设置或取消登录密码。")


@app.command("set")
def set_password_command(name: NameArg, by: By) -> None:
    """设置密码：在提示后输入两次，或由标准输入给出一行。"""
    if sys.stdin.isatty():
        given = typer.prompt("新密码", hide_input=True, prompt_suffix="：")
        if typer.prompt("再输入一次", hide_input=True, prompt_suffix="：") != given:
            raise Refusal("password_twice")
    else:
        given = sys.stdin.readline(4 * LONGEST_PASSWORD).rstrip("\r\n")
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        person = give_password(ctx, name, given)
    say(phrase("password.set", person=person))


@app.command("remove")
def remove_password_command(name: NameArg, by: By) -> None:
    """取消密码：此人仍可用登录码登录。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        person = remove_password(ctx, name)
    say(phrase("password.removed", person=person))
