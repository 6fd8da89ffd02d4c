"""What every command shares: options, instants, JSON and tables."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config import clock
from config.dates import parse_day
from config.settings import settings
from text.clean import block, lines
from text.files import replace_file
from text.refusals import Refusal

Json = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
By = Annotated[str, typer.Option("--by", help="经办人。")]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件。")]
MeasureArg = Annotated[
    str, typer.Argument(metavar="MEASURE", help="措施编号，如 02-3；几个轮次都有的写 轮次代号/02-3。")
]
InspectionOption = Annotated[
    str | None, typer.Option("--inspection", metavar="KEY", help="轮次代号；台账只有一个轮次，或编号不重复时可省略。")
]
DutyOption = Annotated[str | None, typer.Option("--duty", help="督办事项；措施只有一项时可省略。")]
PeriodOption = Annotated[str | None, typer.Option("--period", help="期次，如 2025年3月；只有一期可选时可省略。")]
console = Console()
_STEERING = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could steer a terminal or break a line, beyond what JSON escapes by itself."""


def coded(measure: str, inspection: str | None) -> str:
    """The code of a measure with the inspection that was named beside it, as every command of the ledger takes it.

    Args:
        measure: as a person wrote it, such as ``02-3`` or ``env-2025/02-3``.
        inspection: the key of ``--inspection``; None where it was not given.
    """
    key, _, own = measure.rpartition("/")
    if inspection is None or key == inspection:
        return measure
    if key:
        raise typer.BadParameter(f"--inspection：{inspection} 与 {measure} 不是同一轮次")
    return f"{inspection}/{own}"


def moment(text: str | None) -> datetime:
    """An instant from ``--at``, or the clock's. A bare date is meant at 09:00 in the office's zone."""
    try:
        return clock.parse_instant(text, settings().zone) if text else clock.now()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def past_moment(text: str | None) -> datetime:
    """As ``moment``, but not later than the office's clock: what is activated ahead of its time nobody takes back."""
    found = moment(text)
    if text and found > clock.now():
        raise typer.BadParameter(f"--at：{text}晚于现在；请给出不晚于现在的时刻")
    return found


def day(text: str, option: str) -> date:
    """A date from the command line."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}：{error}") from error


def say(text: str, *, err: bool = False) -> None:
    """One or several lines for people. Whatever stands in them cannot steer the terminal.

    Args:
        text: what to say; names and texts from outside may be part of it as they are.
        err: on stderr.
    """
    typer.echo(lines(text), err=err)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    said = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    # Escaped and not removed: it is data, and JSON can say any character.
    typer.echo(_STEERING.sub(lambda found: json.dumps(found[0])[1:-1], said))


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


def new_file(path: Path, force: bool, suffix: str = "") -> Path:
    """Where a person wants a file written; asked before the work that it takes to make it.

    Args:
        path: as the person named it.
        force: whether a file that is there may be replaced.
        suffix: what its name must end with.

    Returns:
        The same path.

    Raises:
        Refusal: ``file_exists`` unless ``force``; ``file_is_link`` in any case: what a link leads to was not named; and
            ``file_not_plain``.
    """
    if path.suffix.lower() != suffix and suffix:
        raise typer.BadParameter(f"{path.name}：文件名须以 {suffix} 结尾")
    if path.is_symlink():
        raise Refusal("file_is_link", file=path)
    if path.is_dir() or not path.parent.is_dir():
        raise typer.BadParameter(f"找不到文件夹 {path.parent}，或 {path} 是文件夹")
    if path.exists() and not path.is_file():  # a device or a pipe is not to be replaced, whoever says so
        raise Refusal("file_not_plain", file=path)
    if path.exists() and not force:
        raise Refusal("file_exists", file=path)
    return path


def write_file(path: Path, content: bytes) -> None:
    """Write what ``new_file`` allowed, whole or not at all. Raises ``Refusal`` (``file_not_written``)."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise Refusal("file_not_written", file=path, why=error.strerror) from error
