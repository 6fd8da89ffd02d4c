"""A ledger reads as the cells an office sees: dates as dates, merged cells filled, nothing built that is not there."""

import resource
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from intake.documents import Unseen
from intake.documents.delimited import read_csv
from intake.documents.grid_builder import MAX_COLUMNS, MAX_ROWS
from intake.documents.reader import read_sheets
from intake.documents.spreadsheet import MAX_SHEETS
from tests.intake.documents.conftest import part, repacked, saved, xlsx

Put = Callable[[str, bytes | str], Path]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def first_row(put: Put) -> Callable[[bytes], tuple[str | date, ...]]:
    """The first row of a workbook."""
    return lambda content: read_sheets(put("台账.xlsx", content))[0].rows[0]


def test_values_become_text_or_dates(first_row: Callable[[bytes], tuple[str | date, ...]]) -> None:
    row = [1.0, 2, 0.1 + 0.2, 13800000000.0, True, False, " 甲\r\n\u3000乙 ", "#REF!", "2-1", None, time(9, 30), "末"]
    expected = ("1", "2", "0.3", "13800000000", "TRUE", "FALSE", "甲\n乙", "#REF!", "2-1", "", "09:30:00", "末")
    assert first_row(xlsx(row)) == expected


def test_dates_are_dates_whatever_their_time_of_day(first_row: Callable[[bytes], tuple[str | date, ...]]) -> None:
    afternoon = datetime.fromisoformat("2025-05-31T17:30")
    assert first_row(xlsx([date(2025, 5, 31), afternoon])) == (date(2025, 5, 31),) * 2


def test_a_workbook_that_counts_from_1904_gives_the_same_dates(put: Put) -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([date(2025, 5, 31)])
    content = saved(book)
    assert 'date1904="1"' in part(content, "xl/workbook.xml")
    assert read_sheets(put("a.xlsx", content))[0].rows == ((date(2025, 5, 31),),)


@pytest.mark.parametrize(
    "shape", ['yyyy"年"m"月"d"日"', "[$-804]aaaa yyyy/m/d", "[DBNum1][$-804]yyyy年m月d日;@", "m/d/yy"]
)
def test_chinese_date_formats_are_dates(first_row: Callable[[bytes], tuple[str | date, ...]], shape: str) -> None:
    book = Workbook()
    book.active["A1"] = 45808
    book.active["A1"].number_format = shape
    assert first_row(saved(book)) == (date(2025, 5, 31),)


@pytest.mark.parametrize("shape", ['yyyy"年"m"月"', 'yyyy"年"m"月";@', "mmm-yy", "[$-804]yyyy/mm", "yyyy\\-mm"])
def test_a_month_that_was_typed_stays_a_month(first_row: Callable[[bytes], tuple[str | date, ...]], shape: str) -> None:
    book = Workbook()
    book.active.append([date(2025, 5, 1), date(2025, 5, 20)])
    for cell in book.active[1]:
        cell.number_format = shape
    assert first_row(saved(book)) == ("2025年5月", date(2025, 5, 20))


@pytest.mark.parametrize("built_in", [31, 57, 58])
def test_date_formats_that_only_a_chinese_excel_knows_are_dates(
    first_row: Callable[[bytes], tuple[str | date, ...]], built_in: int
) -> None:
    content = xlsx([date(2025, 5, 31)])
    styles = part(content, "xl/styles.xml")
    assert 'numFmtId="14"' in styles or 'numFmtId="164"' in styles
    changed = styles.replace('numFmtId="14"', f'numFmtId="{built_in}"').replace(
        'xf numFmtId="164"', f'xf numFmtId="{built_in}"'
    )
    assert first_row(repacked(content, {"xl/styles.xml": changed})) == (date(2025, 5, 31),)


@pytest.mark.parametrize(("value", "shape", "shown"), [(0.07, "0%", "7%"), (0.985, "0.0%", "98.5%"), (2, "00", "02")])
def test_percentages_and_leading_zeros_are_kept(
    first_row: Callable[[bytes], tuple[str | date, ...]], value: float, shape: str, shown: str
) -> None:
    book = Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = shape
    assert first_row(saved(book)) == (shown,)


def test_a_duration_is_text(first_row: Callable[[bytes], tuple[str | date, ...]]) -> None:
    assert first_row(xlsx([timedelta(hours=30)])) == ("1 day, 6:00:00",)


def test_a_formula_gives_what_excel_last_showed_and_else_itself(put: Put) -> None:
    content = xlsx(["=1+1", "=TODAY()", "甲"])
    sheet = part(content, SHEET)
    assert "<f>1+1</f><v></v>" in sheet or "<f>1+1</f><v/>" in sheet or "<f>1+1</f><v />" in sheet
    head, tail = sheet.split("<f>1+1</f>", 1)
    counted = head + "<f>1+1</f><v>2</v>" + tail.partition("</c>")[1] + tail.partition("</c>")[2]
    assert read_sheets(put("a.xlsx", repacked(content, {SHEET: counted})))[0].rows == (("2", "=TODAY()", "甲"),)


def test_merged_cells_are_filled_and_listed(put: Put) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ["整改台账", None, None],
        ["序号", "问题", "措施"],
        [1, "甲", "一"],
        [None, None, "二"],
        [2, "乙", "三"],
    ):
        sheet.append(row)
    for merged in ("A1:C1", "A3:A4", "B3:B4"):
        sheet.merge_cells(merged)
    (read,) = read_sheets(put("台账.xlsx", saved(book)))
    assert read.rows == (
        ("整改台账",) * 3, ("序号", "问题", "措施"), ("1", "甲", "一"), ("1", "甲", "二"), ("2", "乙", "三"),
    )  # fmt: skip
    assert sorted(read.merged) == [(0, 0, 0, 2), (2, 0, 3, 0), (2, 1, 3, 1)]


def test_a_merge_of_the_whole_sheet_is_cut_to_what_is_used(put: Put) -> None:
    content = xlsx(["甲", "乙"], ["丙", None])
    merge = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    sheet = part(content, SHEET).replace("</sheetData>", f"</sheetData>{merge}")
    (read,) = read_sheets(put("a.xlsx", repacked(content, {SHEET: sheet})))
    assert (read.rows, read.merged) == ((("甲", "甲"), ("甲", "甲")), ((0, 0, 1, 1),))


def test_hidden_sheets_are_marked_and_hidden_rows_and_empty_ones_are_rows(put: Put) -> None:
    book = Workbook()
    book.active.title = "台账"
    book.active["B3"] = "甲"
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["A"].hidden = True
    book.active.column_dimensions["F"].hidden = True
    other = book.create_sheet("底稿")
    other["A1"] = "乙"
    other.sheet_state = "hidden"
    seen, hidden = read_sheets(put("a.xlsx", saved(book)))
    assert seen.unseen == Unseen(rows=(2,), columns=(0,))
    assert (seen.name, seen.hidden, seen.rows) == ("台账", False, (("", ""), ("", ""), ("", "甲")))
    assert (hidden.name, hidden.hidden) == ("底稿", True)


def test_a_workbook_with_a_chart_sheet_and_an_empty_sheet_reads(put: Put) -> None:
    book = Workbook()
    book.active["A1"] = "甲"
    book.create_chartsheet("图")
    book.create_sheet("空")
    sheets = read_sheets(put("a.xlsx", saved(book)))
    assert [(sheet.name, sheet.rows) for sheet in sheets] == [("Sheet", (("甲",),)), ("空", ())]


def test_a_sheet_that_claims_a_million_rows_is_not_built(put: Put) -> None:
    content = xlsx(["甲"])
    sheet = part(content, SHEET).replace('<dimension ref="A1:A1"', '<dimension ref="A1:XFD1048576"')
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    changed = repacked(content, {SHEET: sheet.replace("</sheetData>", far)})
    assert "XFD1048576" in part(changed, SHEET)
    assert read_sheets(put("a.xlsx", changed))[0].rows == (("甲",),)


def test_a_workbook_without_cells_and_one_beyond_every_ledger_are_refused(
    put: Put, refused: Callable[..., str]
) -> None:
    def code(content: bytes) -> str:
        path = put("a.xlsx", content)
        return refused(lambda: read_sheets(path))

    def far(place: str) -> bytes:
        book = Workbook()
        book.active[place] = "远"
        return saved(book)

    many = Workbook()
    for number in range(MAX_SHEETS):
        many.create_sheet(str(number))
    assert code(xlsx()) == "document_blank"
    assert code(far(f"A{MAX_ROWS + 1}")) == "document_rows"
    assert code(far("XFD1")) == "document_columns"
    assert code(far(f"KN{MAX_ROWS}")) == "document_cells"
    assert code(saved(many)) == "document_sheets"
    assert MAX_COLUMNS < 16_384


def test_five_thousand_rows_read_in_time_and_progress_is_told(put: Put) -> None:
    path = put("台账.xlsx", xlsx(*([f"第{row}条措施的第{column}栏" for column in range(15)] for row in range(5_000))))
    told: list[tuple[int, int]] = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    (sheet,) = read_sheets(path, lambda read, there_are: told.append((read, there_are)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert 0 < after.ru_utime - before.ru_utime < 10
    assert (len(sheet.rows), len(sheet.rows[0])) == (5_000, 15)
    assert told[-1] == (5_000, 5_000)
    assert len(told) > 5
    assert told == sorted(told)


def test_what_libreoffice_saves_reads_like_what_it_was_given(
    put: Put, by_libreoffice: Callable[[Path, str], Path]
) -> None:
    ours = put("台账.xlsx", xlsx(["序号", "时限", "合计"], [1, date(2025, 5, 31), "=A2+1"]))
    assert read_sheets(ours)[0].rows[1] == ("1", date(2025, 5, 31), "=A2+1")
    assert read_sheets(by_libreoffice(ours, "xlsx"))[0].rows == (
        ("序号", "时限", "合计"),
        ("1", date(2025, 5, 31), "2"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_a_csv_reads_in_every_encoding_and_with_every_delimiter(put: Put, encoding: str, delimiter: str) -> None:
    rows = [["序号", "问题", "措施"], ["1", "学习不深入、不经常", "每月一次"], ["2", '"资金', "甲\r\n乙"]]
    quoted = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    (sheet,) = read_sheets(put("台账.csv", quoted.encode(encoding)))
    assert (sheet.name, sheet.rows) == (
        "台账",
        (("序号", "问题", "措施"), ("1", "学习不深入、不经常", "每月一次"), ("2", '"资金', "甲\n乙")),
    )


def test_a_csv_may_name_its_delimiter_and_may_have_one_column(put: Put) -> None:
    assert read_sheets(put("a.csv", "sep=|\r\n甲,乙|丙\r\n丁|戊"))[0].rows == (("甲,乙", "丙"), ("丁", "戊"))
    assert read_sheets(put("b.csv", "甲\n\n乙"))[0].rows == (("甲",), ("",), ("乙",))


def test_a_cell_that_a_program_marked_as_text_is_that_text(put: Put) -> None:
    rows = '序号,时限,问题\n="001",="2025-05-31","=""甲"""\n=1+1,="乙,='
    assert read_sheets(put("a.csv", rows))[0].rows[1:] == (("001", "2025-05-31", "甲"), ("=1+1", '="乙', "="))


def test_commas_in_the_prose_of_a_tab_file_part_nothing(put: Put) -> None:
    text = "序号\t问题\n1\t甲,乙,丙\n2\t丁，戊\n"
    assert read_sheets(put("a.csv", text))[0].rows == (("序号", "问题"), ("1", "甲,乙,丙"), ("2", "丁，戊"))


def test_a_csv_beyond_every_ledger_is_refused(put: Put, refused: Callable[..., str]) -> None:
    rows, columns = put("a.csv", "甲\n" * (MAX_ROWS + 1)), put("b.csv", "甲," * MAX_COLUMNS + "乙")
    open_quote = put("c.csv", '"' + "甲\n" * 100_000)
    assert refused(lambda: read_sheets(rows)) == "document_rows"
    assert refused(lambda: read_sheets(columns)) == "document_columns"
    assert refused(lambda: read_sheets(open_quote)) == "document_cell_open"


_cell = st.text(st.sampled_from("整改ab1 ,;\t|，\"'=\n\r"), max_size=8)


@given(rows=st.lists(st.lists(_cell, min_size=2, max_size=4), min_size=1, max_size=6))
@settings(max_examples=80)
def test_any_csv_reads_without_losing_a_word(rows: list[list[str]]) -> None:
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    (sheet,) = read_csv("a.csv", text.encode())
    words = "".join(str(cell) for row in sheet.rows for cell in row)
    assert all(sign in words for row in rows for cell in row for sign in cell if sign in "整改ab1")
