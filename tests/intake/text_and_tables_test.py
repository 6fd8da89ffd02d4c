"""A notice that closes with a table of what is still open is read whole: its text as a notice, its rows by columns."""

from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path

import docx
import pytest

from intake.documents import Document
from intake.documents.reader import read_document
from intake.draft import DocumentDates, Draft
from intake.read_draft import draft_of
from papers.review_page import review_page
from tests.intake.notices.reading import outline

NOTICE = (
    "某局党组关于巡察整改进展情况的通报",
    "2024年7月9日至9月14日，区委第四巡察组进行了巡察，2024年12月20日反馈意见。",
    "一、反馈问题整改情况",
    "（一）关于“工程调度不够”问题的整改",
    "1.每月调度工程进度。",
    "2.已于2025年1月印发调度办法。",
    "（二）关于“财务制度不健全”问题的整改",
    "1.已于2025年1月印发财务管理制度，定期开展抽查。",
)
HEADER = ("序号", "反馈问题", "整改措施", "责任科室", "整改时限")
ROWS = (
    ("1", "工程调度不够", "每月调度工程进度", "水科", "2025年6月底"),
    ("", "", "修订调度办法", "办公室", "2025年9月30日"),
    ("2", "河道管护不到位", "按季度巡河", "河长办", "2025年12月底"),
)
FOUND = [
    (
        "关于“工程调度不够”问题的整改",
        ["每月调度工程进度。", "已于2025年1月印发调度办法。", "修订调度办法"],
    ),
    ("关于“财务制度不健全”问题的整改", ["已于2025年1月印发财务管理制度，定期开展抽查。"]),
    ("河道管护不到位", ["按季度巡河"]),
]
Piece = str | tuple[tuple[str, ...], ...]


def word(folder: Path, *pieces: Piece) -> Path:
    document = docx.Document()
    for piece in pieces:
        if isinstance(piece, str):
            document.add_paragraph(piece)
            continue
        grid = document.add_table(len(piece), len(piece[0]))
        for cells, texts in zip(grid.rows, piece, strict=True):
            for cell, said in zip(cells.cells, texts, strict=True):
                cell.text = said
        for number, row in enumerate(piece[1:], 1):  # a row without a number goes on below merged cells
            for column in (0, 1) if not row[0] else ():
                grid.cell(number - 1, column).merge(grid.cell(number, column))
    document.save(str(folder / "通报.docx"))
    return folder / "通报.docx"


def web(folder: Path, *pieces: Piece) -> Path:
    parts = ["<html><body>"]
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(f"<p>{escape(piece)}</p>")
        else:
            rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in piece)
            parts.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")
    (folder / "通报.html").write_text("".join([*parts, "</body></html>"]), encoding="utf-8")
    return folder / "通报.html"


def text(folder: Path, *pieces: Piece) -> Path:
    lines = [line for one in pieces for line in ([one] if isinstance(one, str) else ["\t".join(row) for row in one])]
    (folder / "通报.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder / "通报.txt"


def read(path: Path) -> tuple[Document, Draft]:
    document = read_document(path)
    return document, draft_of(document, DocumentDates(), lambda _: lambda done, total: None)


def everything(draft: Draft) -> str:
    texts = [one.text for one in draft.unplaced] + [draft.facts.title]
    for finding in draft.findings:
        texts += [finding.title, *(one.text for one in finding.measures)]
    return "\n".join(texts)


@pytest.mark.parametrize("made", [word, web, text])
@pytest.mark.parametrize(
    "heading", ["正在整改的问题清单", "三、正在整改的问题清单", "（三）正在整改的问题", "附件：问题清单"]
)
def test_a_notice_that_closes_with_a_table_is_read_whole(
    made: Callable[..., Path], heading: str, tmp_path: Path
) -> None:
    below = ("以上问题将持续推进整改。", "某局党组", "2025年3月1日")
    _, draft = read(made(tmp_path, *NOTICE, heading, (HEADER, *ROWS), *below))
    assert draft.taken is not None
    assert draft.taken.kind == "notice"
    assert draft.taken.why.startswith("按通报（正文读到2个问题，表格另有3行）读入") or "（三）" in heading
    assert outline(draft) == FOUND
    first, _, last = draft.findings
    assert [(one.lead, one.due) for one in first.measures] == [
        ("水科", date(2025, 6, 30)),
        (None, None),
        ("办公室", date(2025, 9, 30)),
    ]
    assert [(one.lead, one.due, one.hints[0].phrase) for one in last.measures] == [
        ("河长办", date(2025, 12, 31), "按季度")
    ]
    assert [one.code for finding in draft.findings for one in finding.measures] == [
        "01-1",
        "01-2",
        "01-3",
        "02-1",
        "03-1",
    ]
    assert draft.errors == ()
    assert not [ask for ask in draft.asks if "没有写这个问题的整改措施" in ask.ask]
    told = everything(draft)
    assert [one for one in (*NOTICE[1:3], heading, *below) if one.lstrip("（三）") not in told] == []
    assert "区委第四巡察组" in (draft.facts.inspector or "")


def test_what_stands_in_the_table_is_marked_in_its_line_for_whoever_checks_the_reading(tmp_path: Path) -> None:
    page = review_page(*read(word(tmp_path, *NOTICE, "正在整改的问题清单", (HEADER, *ROWS))))
    assert page.count("class='line") == len(NOTICE) + 1 + 1 + len(ROWS)
    assert "措施 03-1" in page
    assert "<mark class=unsure>按季度</mark>" in page


def test_more_rows_than_problems_do_not_make_the_notice_a_ledger(tmp_path: Path) -> None:
    many = tuple((str(number), f"第{number}处管护不到位", "按月巡查", "水科", "2025年6月底") for number in range(1, 9))
    _, draft = read(word(tmp_path, *NOTICE, (HEADER, *many)))
    assert len(draft.findings) == 2 + len(many)
    assert [one.code for one in draft.findings] == [f"{number:02d}" for number in range(1, 11)]


def test_a_table_below_each_problem_gives_it_its_measures(tmp_path: Path) -> None:
    header = ("序号", "整改措施", "责任科室", "整改时限")
    first = (header, ("1", "每月调度", "水科", "2025年6月底"), ("2", "修订办法", "办公室", "2025年9月底"))
    second = (header, ("1", "修订财务制度", "财务科", "2025年6月底"))
    _, draft = read(word(tmp_path, *NOTICE[:4], first, NOTICE[6], second))
    assert outline(draft) == [
        ("关于“工程调度不够”问题的整改", ["每月调度", "修订办法"]),
        ("关于“财务制度不健全”问题的整改", ["修订财务制度"]),
    ]
    assert [one.lead for finding in draft.findings for one in finding.measures] == ["水科", "办公室", "财务科"]
    assert draft.asks == ()


def test_a_table_in_the_middle_does_not_end_the_list_around_it(tmp_path: Path) -> None:
    _, draft = read(word(tmp_path, *NOTICE[:6], (HEADER, ROWS[2]), "具体见上表。", *NOTICE[6:]))
    assert [one.title for one in draft.findings] == [FOUND[0][0], FOUND[1][0], "河道管护不到位"]
    assert ("第9行 正文", "具体见上表。") in [(one.where, one.text) for one in draft.unplaced]


@pytest.mark.parametrize("below", [("河道保洁不力", "整改情况：每月清理。"), ("整改情况：每月清理。",)])
def test_labels_right_below_a_table_are_read_as_elsewhere(below: tuple[str, ...], tmp_path: Path) -> None:
    document, draft = read(word(tmp_path, *NOTICE, (HEADER, ROWS[2]), *below))
    assert [line.text for line in document.lines if f"第{line.number}行" not in draft.places()] == []
    assert ("河道保洁不力" in [one.title for one in draft.findings]) == (below[0] == "河道保洁不力")


def test_a_cell_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    bad = ("3", "台账不规范", "修订台账", "水科", "2025年13月40日")
    _, draft = read(word(tmp_path, *NOTICE, (HEADER, *ROWS, bad)))
    assert [(one.sheet, one.row, one.value) for one in draft.errors] == [("表1", 5, "2025年13月40日")]


def test_a_ledger_with_notes_around_it_stays_a_ledger_and_what_they_ask_for_is_asked(tmp_path: Path) -> None:
    _, draft = read(word(tmp_path, "某局整改台账", "一、填表说明", "1.各科室每月5日前报送。", (HEADER, *ROWS)))
    assert draft.taken is not None
    assert (draft.taken.kind, [one.title for one in draft.findings]) == ("ledger", ["工程调度不够", "河道管护不到位"])
    assert [(one.where, one.phrase) for one in draft.asks] == [("第3行", "每月5日前报送")]


def test_a_list_of_tasks_with_a_table_is_read_whole(tmp_path: Path) -> None:
    tasks = ("2024年重点工作分工方案", "一、优化环境", "1.取消审批10项。（牵头单位：市政务办）", "2.每季度通报进展。")
    _, draft = read(word(tmp_path, *tasks, (HEADER, ROWS[0])))
    assert draft.taken is not None
    assert draft.taken.kind == "tasks"
    assert outline(draft) == [
        ("优化环境", ["取消审批10项。", "每季度通报进展。"]),
        ("工程调度不够", ["每月调度工程进度"]),
    ]
