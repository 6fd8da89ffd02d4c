"""A ledger in a table of Word or a web page, or in plain text, is read as one; a notice with a table stays a notice."""

from datetime import date
from pathlib import Path

import docx
import pytest
from docx.document import Document

from intake.draft import DocumentDates, Draft
from intake.read_draft import read_draft

HEADER = ("序号", "反馈问题", "整改措施", "整改时限", "责任单位")
ROWS = (
    ("1", "调度不够", "每月调度工程进度", "2025年6月底", "水科"),
    ("", "", "修订调度办法", "2025年9月30日", "办公室"),
    ("2", "制度不全", "修订管理制度", "2025年12月底", "办公室"),
)


def table(document: Document, *rows: tuple[str, ...]) -> None:
    grid = document.add_table(len(rows), len(rows[0]))
    for cells, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text


@pytest.fixture
def document() -> Document:
    return docx.Document()


def read(document: Document, folder: Path, page: DocumentDates | None = None) -> Draft:
    path = folder / "台账.docx"
    document.save(str(path))
    return read_draft(path, page or DocumentDates(), lambda _title: lambda _done, _total: None)


def test_a_ledger_in_word_is_read_by_its_columns(document: Document, tmp_path: Path) -> None:
    document.add_paragraph("某局党组巡察整改台账")
    document.add_paragraph("2024年6月20日，区委第三巡察组反馈。")
    table(document, HEADER, *ROWS)
    document.add_paragraph("请各科室对照办理。")
    draft = read(document, tmp_path)
    assert {one.code: len(one.measures) for one in draft.findings} == {"01": 2, "02": 1}
    assert [one.due for one in draft.findings[0].measures] == [date(2025, 6, 30), date(2025, 9, 30)]
    assert draft.findings[0].measures[0].source == "表1!2"
    assert (draft.facts.feedback_on, draft.facts.inspector) == (date(2024, 6, 20), "区委第三巡察组")
    assert ("第2行 表外文字", "2024年6月20日，区委第三巡察组反馈。") in [
        (one.where, one.text) for one in draft.unplaced
    ]
    assert any(one.text == "请各科室对照办理。" for one in draft.unplaced)


def test_merged_cells_hold_for_each_of_their_rows(document: Document, tmp_path: Path) -> None:
    table(document, HEADER, *ROWS)
    grid = document.tables[0]
    for column in (0, 1):
        grid.cell(1, column).merge(grid.cell(2, column))
    draft = read(document, tmp_path)
    assert [(one.title, len(one.measures)) for one in draft.findings] == [("调度不够", 2), ("制度不全", 1)]


def test_a_notice_with_a_small_table_stays_a_notice(document: Document, tmp_path: Path) -> None:
    for number in range(1, 4):
        document.add_paragraph(f"{number}.关于第{number}项管理不够的问题")
        document.add_paragraph("整改情况：每月检查。")
    table(document, HEADER, ROWS[0])
    assert next(one.title for one in read(document, tmp_path).findings) == "关于第1项管理不够的问题"


def test_a_table_without_a_ledgers_header_is_part_of_the_notice(document: Document, tmp_path: Path) -> None:
    document.add_paragraph("1.关于管理不够的问题")
    document.add_paragraph("整改情况：每月检查。")
    table(document, ("姓名", "电话"), ("王某", "000"), ("李某", "001"), ("张某", "002"))
    assert len(read(document, tmp_path).findings) == 1


def test_numbers_that_word_counts_itself_are_headings(document: Document, tmp_path: Path) -> None:
    for title in ("关于学习不够的问题", "关于监督不力的问题"):
        document.add_paragraph(title, style="List Number")
        document.add_paragraph("整改情况：一是每月学习；二是修订制度。")
    findings = read(document, tmp_path).findings
    assert [(one.code, one.title, len(one.measures)) for one in findings] == [
        ("01", "关于学习不够的问题", 2),
        ("02", "关于监督不力的问题", 2),
    ]


def test_the_feedback_date_a_person_gives_counts(document: Document, tmp_path: Path) -> None:
    table(document, HEADER, *ROWS)
    assert read(document, tmp_path, DocumentDates(feedback_on=date(2025, 1, 10))).facts.feedback_on == date(2025, 1, 10)


def text(folder: Path, *lines: str) -> Draft:
    path = folder / "台账.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_draft(path, DocumentDates(), lambda _title: lambda _done, _total: None)


LINES = {
    "tabs": ["\t".join(row) for row in (HEADER, *ROWS)],
    "strokes": ["|".join(row) for row in (HEADER, *ROWS)],
    "markdown": [f"| {' | '.join(row)} |" for row in (HEADER, ("---",) * 5, *ROWS)],
    "ruled": ["+----+----+", *(f"| {' | '.join(row)} |" for row in (HEADER, *ROWS)), "+----+----+"],
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES.keys())
def test_a_ledger_in_plain_text_is_read_by_its_columns(lines: list[str], tmp_path: Path) -> None:
    draft = text(tmp_path, "# 某局党组巡察整改台账", "", *lines, "填报人：张某")
    assert [(one.code, one.title, len(one.measures)) for one in draft.findings] == [
        ("01", "调度不够", 2),
        ("02", "制度不全", 1),
    ]
    assert [one.due for one in draft.findings[0].measures] == [date(2025, 6, 30), date(2025, 9, 30)]
    assert draft.facts.title == "某局党组巡察整改台账"
    assert [one.text for one in draft.unplaced] == ["签署行：填报人：张某"]


def test_a_notice_that_names_the_columns_of_a_ledger_stays_a_notice(tmp_path: Path) -> None:
    named = ("整改措施", "整改时限", "台账包括反馈问题、整改措施、整改时限。", "反馈问题|整改措施")
    draft = text(tmp_path, "1.关于管理不够的问题", "整改情况：每月检查。", *named)
    assert [one.title for one in draft.findings] == ["关于管理不够的问题"]
    assert draft.mapping == ()


PAGE = """<meta charset="utf-8"><body>
<div>当前位置：首页</div>
<h1>某区水务局党组关于区委巡察整改落实情况的通报</h1>
<p>2024年1月10日至3月10日，区委第一巡察组开展巡察，4月2日反馈意见。</p>
<table>
<tr><td colspan="5">一、巡河方面</td></tr>
<tr><th>序号<th>反馈问题<th>整改措施<th>完成时限<th>责任单位</tr>
<tr><td rowspan="2">1<td rowspan="2">巡河不到位<td>每季度巡河<td>2024年6月底<td>河长办</tr>
<tr><td>修订管护办法<td>2024年12月底<td>办公室</tr>
<tr style="display:none"><td>9<td>隐藏的问题<td>隐藏的措施<td>2024年6月底<td>无</tr>
<tr><td>2<td>投诉处置慢<td>定期回访<td>长期坚持<td>供水科</tr>
</table>
</body>"""


def test_a_ledger_on_a_web_page_is_read_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "通报.html"
    path.write_text(PAGE, encoding="utf-8")
    draft = read_draft(path, DocumentDates(), lambda _title: lambda _done, _total: None)
    first, second = draft.findings
    assert [(one.text, one.lead, one.due) for one in first.measures] == [
        ("每季度巡河", "河长办", date(2024, 6, 30)),
        ("修订管护办法", "办公室", date(2024, 12, 31)),
    ]
    assert ([one.text for one in second.measures], second.measures[0].duration) == (["定期回访"], "standing")
    assert (draft.facts.organisation, draft.facts.inspector) == ("某区水务局党组", "区委第一巡察组")
    assert draft.facts.feedback_on == date(2024, 4, 2)
    told = [one.text for one in draft.unplaced]
    assert "当前位置：首页" in told
    assert sum("一、巡河方面" in text for text in told) == 1


def test_a_short_row_of_a_ledger_in_plain_text_is_told(tmp_path: Path) -> None:
    draft = text(
        tmp_path, "序号\t反馈问题\t整改措施\t完成时限", "1\t调度不够\t每月调度\t2025年6月底", "修订办法\t2025年底"
    )
    assert [one.title for one in draft.findings] == ["调度不够"]
    assert [(one.row, one.column) for one in draft.errors] == [(3, "C 整改措施")]
