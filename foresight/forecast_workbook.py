"""A forecast as an Excel workbook: the events, and what they ask of people and of units week by week."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from foresight.listing import Forecast
from foresight.reasons import sentence
from rules.forecast import Event
from rules.work_time import WorkTime
from text import clean
from text.catalogue import term

_Value = str | int | date | time
_EVENTS = {
    "日期": 12,
    "时间": 8,
    "类型": 10,
    "颜色": 8,
    "措施": 10,
    "整改措施": 36,
    "牵头单位": 18,
    "督办事项": 18,
    "期次": 16,
    "期限": 12,
    "发给": 30,
    "原因": 60,
}
_PEOPLE = {"周": 12, "接收人": 28, "提醒": 8, "信件": 8}
_UNITS = {"周": 12, "单位": 28, "开启": 8, "到期": 8, "要求": 8}


def forecast_workbook(made: Forecast) -> bytes:
    """The forecast ``made`` as the bytes of an ``.xlsx`` file: dates are dates, text never is a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "预测", _EVENTS, (_row(event, made.work_time) for event in made.events))
    people = ((week.week, week.person.name, week.alerts, week.letters) for week in made.people)
    _sheet(book, "每人每周", _PEOPLE, people)
    units = ((week.week, week.unit, week.opening, week.due, week.requests) for week in made.units)
    _sheet(book, "每单位每周", _UNITS, units)
    _sheet(book, "注意", {"注意": 80}, ((line,) for line in made.warnings()))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _row(event: Event, work_time: WorkTime) -> Sequence[_Value]:
    one = event.duty
    clock = event.at.astimezone(work_time.zone).time().replace(microsecond=0)
    return (
        event.day,
        # A due date is the whole day, not the midnight at which it is over.
        clock if event.step else "全天",
        term(event.kind),
        term(event.level),
        one.measure,
        one.measure_title,
        one.unit,
        one.title,
        event.period.label,
        event.period.dates.due_on,
        "、".join(person.name for person in event.recipients),
        sentence(event, work_time),
    )


def _sheet(book: Workbook, title: str, columns: dict[str, int], rows: Iterable[Sequence[_Value]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, row in enumerate([list(columns), *rows], 1):
        for number, value in enumerate(row, 1):
            _fill(sheet.cell(at, number), value)
    for number, width in enumerate(columns.values(), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.cell(1, number).font = Font(bold=True)
    sheet.auto_filter.ref = sheet.dimensions


def _fill(cell: Cell, value: _Value) -> None:
    """Write a cell; text that a spreadsheet would take for a formula stays text, also when somebody edits it."""
    if isinstance(value, str):
        cell.value = clean.cell(value)
        cell.data_type, cell.quotePrefix = "s", clean.is_formula(value)
        return
    cell.value = value
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, time):
        cell.number_format = "hh:mm"
