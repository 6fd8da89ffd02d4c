"""``duban people``: who may act besides the posts of the plan."""

from typing import Annotated

import typer

from cli.shared import Json, print_json
from db.ledger.added_people import add_people, people, remove_person
from tasks.context import ledger_context

app = typer.Typer(no_args_is_help=True)
ACTOR = "duban people"


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="people", help="方案岗位以外可以办理的人员：登记、注销、列出。")


@app.command("add")
def add_people_command(names: Annotated[list[str], typer.Argument(metavar="NAME", help="姓名，可多个。")]) -> None:
    """登记人员：此后可以其名义填报、审核、批示。"""
    with ledger_context(ACTOR) as ctx:
        added = add_people(ctx, names)
    typer.echo(f"已登记：{'、'.join(added)}")


@app.command("remove")
def remove_person_command(name: Annotated[str, typer.Argument(metavar="NAME", help="姓名。")]) -> None:
    """注销人员：此后不能再以其名义办理，已办理的不变。"""
    with ledger_context(ACTOR) as ctx:
        removed = remove_person(ctx, name)
    typer.echo(f"已注销：{removed}")


@app.command("list")
def list_people_command(as_json: Json = False) -> None:
    """列出登记的人员。"""
    with ledger_context(ACTOR) as ctx:
        names = [person.name for person in people(ctx)]
    if as_json:
        print_json(names)
    else:
        typer.echo("\n".join(names) or "没有另外登记的人员")
