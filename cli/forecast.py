"""``duban forecast``: what would be sent, to whom, when and why, if nobody reported; and what a change would do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared import (
    Force,
    InspectionOption,
    Json,
    coded,
    day,
    existing_file,
    moment,
    new_file,
    print_json,
    print_table,
    say,
    write_file,
)
from config.settings import settings
from db import ledger
from db.ledger.context import period_name
from foresight.difference import ChangedAlert, Difference, difference
from foresight.listing import Forecast, ForecastSpan, as_dict, check_known, narrowed
from foresight.load import week_name
from foresight.reasons import sentence
from rules.forecast import Event, ForecastInput, PostHolder
from tasks.context import ledger_context, policy, work_time
from text.catalogue import phrase, term
from text.refusals import Refusal

if TYPE_CHECKING:
    from foresight.proposed import ProposedChange

DAYS = timedelta(days=90)
READER = "duban forecast"
_WHATS = {"added": "新增", "withdrawn": "取消", "moved": "改期", "others": "改收件人"}
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="起始日，默认今天。")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="截止日，默认起始日后90天。")]
MeasureOption = Annotated[str | None, typer.Option("--measure", help="只看一项措施，如 02-3。")]
UnitOption = Annotated[str | None, typer.Option("--unit", help="只看一个牵头单位。")]
PlanOption = Annotated[Path | None, typer.Option("--plan", metavar="FILE", help="预演方案（YAML、Excel），不用台账。")]
Against = Annotated[Path | None, typer.Option("--against", metavar="FILE", help="与改动后的方案、策略或放假表比较。")]
IcsOption = Annotated[Path | None, typer.Option("--ics", metavar="FILE", help="写成手机日历。")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="写成 Excel。")]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted of a forecast."""

    span: ForecastSpan
    measure: str | None
    unit: str | None
    inspection: str | None


def forecast_command(
    first: From = None,
    last: To = None,
    measure: MeasureOption = None,
    unit: UnitOption = None,
    inspection: InspectionOption = None,
    plan: PlanOption = None,
    against: Against = None,
    as_json: Json = False,
    ics: IcsOption = None,
    xlsx: XlsxOption = None,
    force: Force = False,
) -> None:
    """预测：如一直不填报，哪天因何提醒谁；--against 列出改动前后的差异。"""
    if sum((as_json, ics is not None, xlsx is not None)) > 1 or (against and (ics or xlsx)):
        raise typer.BadParameter("--json、--ics、--xlsx 只能选一个；--against 只能配 --json")
    for target in filter(None, (ics, xlsx)):
        new_file(target, force)
    if plan is not None and inspection is not None:
        raise typer.BadParameter("--inspection 选台账中的轮次，不与 --plan 一起写")
    asked = _Asked(_span(first, last, planning=plan is not None), measure, unit, inspection)
    if as_json and not (plan or against or measure or inspection) and len(keys := _loaded()) > 1:
        each = (_made(replace(asked, inspection=key), None, None)[0] for key in keys)
        print_json({"inspections": [as_dict(one) for one in each]})
        return
    made = _made(asked, plan, against)
    if against:
        _show_difference(against, *made, as_json=as_json)
    elif ics or xlsx:
        _write(made[0], ics, xlsx)
    elif as_json:
        print_json(as_dict(made[0]))
    else:
        _show(made[0])


def _loaded() -> list[str]:
    with ledger_context(READER) as ctx:
        return [one.key for one in ledger.inspections(ctx.session)]


def _span(first: str | None, last: str | None, *, planning: bool) -> ForecastSpan:
    """The span asked for. A plan is activated on its first day; the ledger stands where the clock is.

    Raises ``Refusal``: ``forecast_past``, ``forecast_backwards``, ``forecast_too_long``.
    """
    since = day(first, "--from") if first else None
    now = moment(str(since) if since and planning else None)
    today = now.astimezone(settings().zone).date()
    since = since or today
    if since < today:
        raise Refusal("forecast_past", first=since, today=today)
    return ForecastSpan(now, since, day(last, "--to") if last else since + DAYS)


def _made(asked: _Asked, plan: Path | None, against: Path | None) -> list[Forecast]:
    """The forecast, and with a change a second one under it."""
    from foresight.proposed import read_change  # workbooks and documents are slow to import

    rules = [(policy(), work_time())]
    change = read_change(existing_file(against), *rules[0], settings().calendars) if against else None
    if change:
        rules.append((change.policy, change.work_time))
    measure = asked.measure
    if plan:
        inputs = _of_plan(plan, change, asked.span.now)
    else:
        inputs, measure = _of_ledger(change, asked)
    check_known(inputs, measure, asked.unit)
    return [
        Forecast(narrowed(forecast_input, measure, asked.unit), *pair, asked.span)
        for forecast_input, pair in zip(inputs, rules, strict=True)
    ]


def _of_plan(file: Path, change: "ProposedChange | None", now: datetime) -> list[ForecastInput]:
    from foresight.planned import planned
    from foresight.proposed import plan_under
    from papers.workbooks import plan_from

    plan = plan_from(existing_file(file)).plan
    return [planned(plan, policy(), work_time(), now), *([plan_under(change, plan, now)] if change else [])]


def _of_ledger(change: "ProposedChange | None", asked: _Asked) -> tuple[list[ForecastInput], str | None]:
    """What the ledger owes, and under the change; and the full code of the measure that is asked about."""
    from foresight.proposed import ledger_under

    with ledger_context(READER, asked.span.now) as ctx:
        found = [ledger.forecast_input(ctx, asked.inspection)]
        measure = asked.measure
        # One that the change brings is in no ledger yet.
        if measure is not None and not (change and change.plan):
            measure = ledger.measure_by_code(ctx.session, coded(measure, asked.inspection)).full_code
        return [*found, *([ledger_under(change, ctx, asked.inspection)] if change else [])], measure


def _write(made: Forecast, ics: Path | None, xlsx: Path | None) -> None:
    """Write the file that is wanted."""
    from foresight.calendar_file import calendar_file  # either library is slow to import
    from foresight.forecast_workbook import forecast_workbook

    writer, target = (calendar_file, ics) if ics else (forecast_workbook, xlsx)
    assert target is not None
    write_file(target, writer(made))
    say(f"已写入 {target}：{made.span.first} 至 {made.span.last}，{len(made.events)} 项")


def _show(made: Forecast) -> None:
    span = made.span
    title = f"{made.forecast_input.title}：{span.first} 至 {span.last}，如一直不填报"
    print_table(
        title, ("日期", "时间", "类型", "督办事项", "发给", "原因"), [_row(event, made) for event in made.events]
    )
    letters: Counter[PostHolder] = Counter()
    for week in made.people:
        letters[week.person] += week.letters
    busiest = {week.person: week for week in sorted(made.people, key=lambda one: one.letters)}
    rows = [
        (who.name, n, f"{week_name(busiest[who].week)}（{busiest[who].letters}封）") for who, n in letters.most_common()
    ]
    print_table("每人信件（每个工作日至多一封）", ("接收人", "信件", "最多的一周"), rows)
    for line in made.warnings():
        say(f"注意：{line}")


def _row(event: Event, made: Forecast) -> tuple[object, ...]:
    at = event.at.astimezone(made.work_time.zone)
    return (
        event.day,
        f"{at:%H:%M}" if event.step else "全天",
        term(event.kind),
        period_name(event.duty.measure, event.duty.title, event.period.label),
        "、".join(person.name for person in event.recipients) or "—",
        sentence(event, made.work_time),
    )


def _show_difference(file: Path, before: Forecast, after: Forecast, *, as_json: bool) -> None:
    from foresight.proposed import kind_of

    found, span, kind = difference(before, after), before.span, kind_of(file)
    if as_json:
        print_json({"change": kind, "file": file.name, "from": span.first, "to": span.last, **found.as_dict()})
        return
    say(f"改动：{phrase(f'forecast.change.{kind}')} {file.name}；{span.first} 至 {span.last}，如一直不填报")
    show_changes(found)
    people = [
        (one.person.name, one.alerts_before, one.alerts_after, one.letters_before, one.letters_after)
        for one in found.people
    ]
    _print_some("每人收到", ("接收人", "原提醒", "新提醒", "原信件", "新信件"), people)


def show_changes(found: Difference) -> None:
    """What a change does to limits and alerts: the counts, then each of them."""
    told = "，".join(f"{name}{found.counts()[what]}" for what, name in _WHATS.items())
    say(f"期限变动{len(found.dates)}项；提醒{told}" + ("" if found else "。没有变化"))
    _print_some("期限变动", ("期次", "原期限", "新期限"), [(one.period, one.before, one.after) for one in found.dates])
    columns = ("变化", "期次", "类型", "原时间", "新时间", "原发给", "新发给")
    _print_some("提醒变动", columns, [_changed(one) for one in found.alerts])


def _print_some(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        print_table(title, columns, rows)


def _changed(one: ChangedAlert) -> tuple[object, ...]:
    at = (f"{when:%Y-%m-%d %H:%M}" if when else "—" for when in (one.before, one.after))
    return (
        _WHATS[one.what],
        one.period,
        term(one.kind),
        *at,
        *map("、".join, (one.to_before, one.to_after)),
    )


def register(app: typer.Typer) -> None:
    """Add ``duban forecast``."""
    app.command("forecast")(forecast_command)
