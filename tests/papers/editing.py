"""What people do to a workbook, done with openpyxl, and whether a plan is still the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from plan.model import Plan

SHEETS = ("整改台账", "督办事项", "待确认问题", "责任单位", "岗位")
"""The lists of a plan's workbook."""


class Sheet:
    """A sheet whose columns are called by their headers; rows count as on screen."""

    def __init__(self, sheet: Worksheet, header: int = 1) -> None:
        self.sheet, self._header = sheet, header

    def column(self, header: str) -> int:
        return [cell.value for cell in self.sheet[self._header]].index(header) + 1

    def get(self, row: int, header: str) -> Any:
        return self.sheet.cell(row, self.column(header)).value

    def put(self, row: int, header: str, value: Any) -> None:
        self.sheet.cell(row, self.column(header)).value = value

    def row_of(self, header: str, value: str) -> int:
        column = self.column(header)
        return next(row for row in range(1, self.sheet.max_row + 1) if self.sheet.cell(row, column).value == value)

    def add(self, **values: Any) -> int:
        row = self.sheet.max_row + 1
        for header, value in values.items():
            self.put(row, header, value)
        return row

    def reorder(self, key: Callable[[list[Any]], Any]) -> None:
        """Sort the rows below the header, as people do, with their styles left where they are."""
        first = self._header + 1
        rows = [[(cell.value, cell.data_type) for cell in row] for row in self.sheet.iter_rows(min_row=first)]
        rows.sort(key=lambda row: key([value for value, _ in row]))
        for number, row in enumerate(rows, first):
            for place, (value, kind) in enumerate(row, 1):
                self.sheet.cell(number, place).value = value
                self.sheet.cell(number, place).data_type = kind


@contextmanager
def editing(path: Path, sheet: str, header: int = 1) -> Iterator[Sheet]:
    """Open ``sheet`` of the workbook at ``path``, and save it afterwards."""
    book = load_workbook(path)
    yield Sheet(book[sheet], header)
    book.save(path)


def same(read: Plan, written: Plan) -> bool:
    """Equal in every value and in every order, of channels, too."""
    return read.model_dump_json() == written.model_dump_json()
