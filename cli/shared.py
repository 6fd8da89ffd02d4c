"""What every command shares: options, instants, JSON and tables."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config import clock
from config.settings import settings
from text.clean import block, line
from text.refusals import Refusal

Json = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
By = Annotated[str, typer.Option("--by", help="经办人。")]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件。")]
MeasureArg = Annotated[str, typer.Argument(metavar="MEASURE", help="措施编号，如 02-3。")]
DutyOption = Annotated[str | None, typer.Option("--duty", help="督办事项；措施只有一项时可省略。")]
PeriodOption = Annotated[str | None, typer.Option("--period", help="期次，如 2025年3月；只有一期可选时可省略。")]
console = Console()


def moment(text: str | None) -> datetime:
    """An instant from ``--at``, or the clock's. A bare date is meant at 09:00 in the office's zone."""
    try:
        return clock.parse_instant(text, settings().zone) if text else clock.now()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def day(text: str, option: str) -> date:
    """A date from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}：“{line(text, 40)}”不是日期，请写成 2025-06-30") from error


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; text from outside is shown as it is, not as markup."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_literal(cell) for cell in row))
    console.print(table)


def _literal(value: object) -> Text:
    return Text("" if value is None else block(str(value)))


def existing_file(path: Path) -> Path:
    """A file that is there and can be read."""
    if not path.is_file():
        raise typer.BadParameter(f"找不到文件 {path}")
    return path


def new_workbook(path: Path, force: bool) -> Path:
    """Where a workbook may be written. Raises ``Refusal`` (``file_exists``) unless ``force``."""
    if path.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{path.name}：文件名须以 .xlsx 结尾")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"找不到文件夹 {path.parent}")
    if path.exists() and not force:
        raise Refusal("file_exists", file=path)
    return path
