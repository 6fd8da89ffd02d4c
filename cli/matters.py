"""``duban matters`` and ``duban link``: what waits for whom, and a personal address for who lost his letter."""

from typing import Annotated

import typer

from cli.follow import reconcile_now
from cli.shared import By, InspectionOption, Json, print_json, print_table, say
from db import ledger, matters
from db.desk import delegate, take_back
from db.ledger.doors import ALL_OF_HIS, personal_link, revoke_links
from papers.as_data import matter_data
from plan.types import Door
from rules.actors import is_one_of
from tasks.context import ledger_context
from tasks.doors import matter_address, sign, web_url
from text.refusals import Refusal

MatterArg = Annotated[str, typer.Argument(metavar="MATTER", help="事项编号，如 period-7，由 duban matters 列出。")]
READER, OPERATOR = "duban matters", "duban link"


def register(app: typer.Typer) -> None:
    """Add the commands about what waits for people."""
    app.command("matters")(matters_command)
    app.command("link")(link_command)
    app.command("delegate")(delegate_command)
    app.command("take-back")(take_back_command)


def matters_command(
    person: Annotated[str | None, typer.Option("--person", help="只看请此人办理的。")] = None,
    inspection: InspectionOption = None,
    as_json: Json = False,
) -> None:
    """待办：列出等人办理的事项，可只看一人的。"""
    with ledger_context(READER) as ctx:
        if inspection is not None or not ledger.inspections(ctx.session):
            ledger.inspection(ctx.session, inspection)
        found = [one for one in matters.unfinished(ctx) if one.kind]
    found = [one for one in found if person is None or is_one_of(person, one.asked)]
    found = [one for one in found if inspection in (None, one.inspection)]
    pages = (web_url() or "").rstrip("/")
    if as_json:
        print_json([matter_data(one, pages) for one in found])
        return
    rows = [(one.tag, one.waiting_name, one.name, "、".join(one.asked), one.due_on or "") for one in found]
    print_table("", ("编号", "状态", "事项", "待谁办理", "时限"), rows)


def delegate_command(
    matter: MatterArg,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="委托给谁，须是可以办理此事项的人。")],
    by: By,
    note: Annotated[str, typer.Option("--note", help="说明，写进发给对方的消息。")] = "",
) -> None:
    """委托：把请自己办理的一个事项交给他人；时限不变，自己仍可办理。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        made = delegate(ctx, matter, to, note)
        name = made.given_to
    reconcile_now()
    say(f"已委托：{matter} 由{name}办理")


def take_back_command(matter: MatterArg, by: By) -> None:
    """收回委托。"""
    with ledger_context(by, door=Door.COMMAND_LINE) as ctx:
        take_back(ctx, matter)
    reconcile_now()
    say(f"已收回：{matter}")


def link_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="给谁：岗位或人员的名称。")],
    matter: Annotated[
        str | None, typer.Option("--matter", help="只开这一事项，如 escalation-7；不写为登录链接。")
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="收回此人的链接（写了 --matter 的只收回该事项的）。")
    ] = False,
    as_json: Json = False,
) -> None:
    """专用链接：为一个人生成，或收回；记入审计链。登录链接用一次即失效。"""
    with ledger_context(OPERATOR, door=Door.COMMAND_LINE) as ctx:
        if revoke:
            count = revoke_links(ctx, name, matter)
            say(f"已收回{count}个")
            return
        if web_url() is None:
            raise Refusal("pages_unknown")
        if matter is not None:
            matters.found_by_tag(ctx, matter)
        person, token = personal_link(ctx, name, matter or ALL_OF_HIS, sign)
    address = matter_address(token)
    if as_json:
        print_json({"person": person, "matter": matter, "url": address})
    else:
        say(address)
