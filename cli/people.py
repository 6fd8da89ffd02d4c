"""``duban people``: the roster, who holds which post, who is away and who stands in."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.progress import counting
from cli.shared import Force, Json, day, existing_file, new_file, print_json, print_table, say
from db.ledger.added_people import add_people, remove_person
from db.ledger.appointments import end_absence, hand_over_post, note_absence
from db.ledger.personal_details import erase_details
from db.ledger.roster_import import RosterImport, import_roster, roster_in_force
from db.ledger.roster_view import roster_view
from db.ledger.turns import swap_turns, take_turn, turns_ahead
from plan.roster_file import load_roster
from rules.actors import folded
from tasks.context import ledger_context
from text.catalogue import phrase

app = typer.Typer(no_args_is_help=True)
ACTOR = "duban people"
_WORKBOOK = ".xlsx"
PersonArg = Annotated[str, typer.Argument(metavar="NAME", help="姓名。")]
PostArg = Annotated[str, typer.Argument(metavar="POST", help="岗位，写作 轮次/岗位键；只有一个轮次有时可只写岗位键。")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="people", help="人员名册：谁任何岗、谁不在岗、谁代理。")


@app.command("add")
def add_people_command(names: Annotated[list[str], typer.Argument(metavar="NAME", help="姓名，可多个。")]) -> None:
    """登记人员：此后可以其名义填报、审核、批示，也可接任岗位。"""
    with ledger_context(ACTOR) as ctx:
        added = add_people(ctx, names)
    say(f"已登记：{'、'.join(added)}")


@app.command("remove")
def remove_person_command(name: PersonArg) -> None:
    """注销人员：此后不能再以其名义办理，已办理的不变。"""
    with ledger_context(ACTOR) as ctx:
        removed = remove_person(ctx, name)
    say(f"已注销：{removed}")


@app.command("erase")
def erase_details_command(name: PersonArg) -> None:
    """抹去已注销人员的个人信息：地址、时段、不在岗事由、密码、链接、未交的表单；姓名和所办事项依法存档，不抹去。"""
    with ledger_context(ACTOR) as ctx:
        erased = erase_details(ctx, name)
    say(f"已抹去{erased}的个人信息，姓名和所办事项保留")


@app.command("list")
def list_people_command(as_json: Json = False) -> None:
    """列出名册：各岗位由谁担任、谁不在岗、哪里空缺，和各人的渠道。"""
    with ledger_context(ACTOR) as ctx:
        found = roster_view(ctx)
    if as_json:
        print_json(asdict(found))
        return
    posts = [(one.post, one.holder or phrase("roster.vacant"), one.asked, one.note) for one in found.posts]
    print_table("岗位", ("岗位", "担任", "现由谁办理", "说明"), posts)
    people = [(one.name, one.channels, "、".join(one.posts), one.away) for one in found.people]
    print_table("人员", ("姓名", "渠道", "岗位", "不在岗"), people)


@app.command("hand-over")
def hand_over_command(
    post: PostArg,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="接任人姓名，须已在名册。")],
    from_date: Annotated[str | None, typer.Option("--from-date", metavar="DATE", help="任职起始日，默认今天。")] = None,
) -> None:
    """交接岗位：接任人得到一封消息，列出全部未办事项；离任者不再收到。"""
    first = day(from_date, "--from-date") if from_date else None
    with ledger_context(ACTOR) as ctx:
        held = hand_over_post(ctx, post, to, first)
        since = held.from_on
    say(f"已交接：{post} 自{since}起由{to}担任")


@app.command("absent")
def absent_command(
    name: PersonArg,
    from_date: Annotated[str, typer.Option("--from", metavar="DATE", help="第一天。")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="最后一天。")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="事由。")],
    stand_in: Annotated[str | None, typer.Option("--stand-in", metavar="NAME", help="代理人姓名。")] = None,
) -> None:
    """登记不在岗：其间的事项转代理人；没有代理人的逐级向上，并告知整改办。"""
    first, last = day(from_date, "--from"), day(until, "--until")
    with ledger_context(ACTOR) as ctx:
        open_posts = note_absence(ctx, name, first, last, reason, stand_in)
    say(f"已登记：{name} {first}至{last}不在岗" + (f"，由{stand_in}代理" if stand_in else ""))
    if open_posts:
        say(phrase("roster.uncovered", posts="、".join(open_posts)), err=True)


@app.command("duty")
def duty_command(as_json: Json = False) -> None:
    """列出值班：设了轮换的岗位，本周和下周各由谁值班。"""
    with ledger_context(ACTOR) as ctx:
        found = turns_ahead(ctx)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [(one.post, f"{one.first}—{one.last}", one.name or phrase("roster.vacant")) for one in found]
    print_table("值班", ("岗位", "日期", "值班"), rows)


@app.command("take-turn")
def take_turn_command(post: PostArg, name: PersonArg, on: Annotated[str, typer.Argument(metavar="DATE")]) -> None:
    """调班：这一天改由轮换中的此人值班。"""
    asked = day(on, "DATE")
    with ledger_context(ACTOR) as ctx:
        take_turn(ctx, post, name, asked)
    say(f"已调班：{post} {asked}由{name}值班")


@app.command("swap-turns")
def swap_turns_command(
    post: PostArg,
    on: Annotated[str, typer.Argument(metavar="DATE")],
    other: Annotated[str, typer.Argument(metavar="DATE")],
) -> None:
    """换班：两个日期所在的两班互换（按周轮换的换整周）。"""
    first, second = day(on, "DATE"), day(other, "DATE")
    with ledger_context(ACTOR) as ctx:
        his, others = swap_turns(ctx, post, first, second)
    say(f"已换班：{post} {first}由{his}值班，{second}由{others}值班")


@app.command("back")
def back_command(
    name: PersonArg,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="回岗的第一天，默认今天。")] = None,
) -> None:
    """登记提前回岗，或不再离岗：其后的事项仍由本人办理，代理同时结束。"""
    asked = day(on, "--on") if on else None
    with ledger_context(ACTOR) as ctx:
        since = end_absence(ctx, name, asked)
    say(f"已登记：{name} 自{since}起在岗")


@app.command("import")
def import_people_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="人员名册（YAML 或 .xlsx）。")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接生效。")] = False,
    as_json: Json = False,
) -> None:
    """导入名册：先列出与现有名册的全部差异，确认后一次生效；没有写到的不变。"""
    with counting("读取") as progress:
        if existing_file(file).suffix.lower() == _WORKBOOK:
            from papers.workbook.roster_sheets import read_roster  # openpyxl is slow to load, and YAML needs none

            roster, refusal = read_roster(file, progress)
        else:
            roster, refusal = load_roster(file, folded)

    def bring(apply: bool) -> RosterImport:
        with ledger_context(ACTOR) as ctx:
            found = import_roster(ctx, roster, apply=apply)
        if found.faults:
            raise refusal(found.faults)
        return found

    done = bring(apply=yes)
    if as_json:
        print_json({"changes": [asdict(one) for one in done.changes], "applied": done.applied})
        return
    for change in done.changes:
        say(change.told)
    if done.changes and not yes and sys.stdin.isatty():
        typer.confirm("按此修改人员名册？", abort=True)
        done = bring(apply=True)
    if not done.changes:
        say("与现有名册一致，没有变化")
    else:
        say("已生效" if done.applied else "以上尚未生效；加 --yes 后生效")


@app.command("export")
def export_people_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="导出到的工作簿。")], force: Force = False
) -> None:
    """导出名册：现有人员、任职和不在岗，改好后可再导入。"""
    from papers.workbook.roster_sheets import write_roster

    target = new_file(file, force, _WORKBOOK)
    with ledger_context(ACTOR) as ctx:
        roster = roster_in_force(ctx)
    write_roster(roster, target)
    say(f"已导出：{target}")
