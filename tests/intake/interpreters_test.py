"""What kind of paper it is: the interpreter that it fits best reads it, or the one that a person names."""

from dataclasses import replace
from pathlib import Path

import docx
import pytest

from intake.documents import Document
from intake.documents.reader import read_document
from intake.draft import DocumentDates, Draft
from intake.interpreters import INTERPRETERS, Fit
from intake.read_draft import draft_of, read_draft
from tests.intake.ledgers.task_tables_test import book, page
from tests.intake.notices.reading import DATA, EZHOU, lines_of, outline
from tests.intake.read_draft_test import LINES
from text.refusals import Refusal

FORMS = sorted(path for path in (DATA / "forms").glob("*") if not path.name.startswith(("39_", "45_")))
"""Notices that name a problem each; 39 and 45 name none."""
DIVISION = """2024年重点工作分工方案
一、总体要求
坚持稳中求进。
二、推进简政放权
1.取消审批事项10项。（牵头单位：市政务办；责任单位：市司法局；完成时限：2024年6月底）
2.优化办事流程。
三、补齐民生短板
3.新建农贸市场2座，2024年10月底前完成。（牵头单位：市商务局）
四、保障措施
1.加强组织领导。
2.各牵头单位每月25日前报送进展。"""
ORDER = """关于对重点项目推进情况开展专项督查的通知
各镇人民政府：
经研究，决定开展专项督查。请于2024年3月10日前报送自查报告。
一、督查内容
1.重点项目推进情况。
2.资金使用情况。
二、有关要求
1.各单位高度重视。
2.每周报送一次进展。
某县人民政府督查室
2024年2月20日"""
PLAIN = "今年以来的工作\n一、推进简政放权\n1.取消审批事项\n2.优化办事流程\n二、建设市场\n（一）建农贸市场"
NOTHING = "春天来了，花儿开了。\n大家都很高兴。"


def text(said: str) -> Document:
    return Document("材料.txt", "txt", lines_of(said))


def read(document: Document, kind: str | None = None) -> Draft:
    return draft_of(document, DocumentDates(), lambda _: lambda done, total: None, kind)


def taken(draft: Draft) -> str:
    assert draft.taken is not None
    return draft.taken.kind


@pytest.mark.parametrize("path", [EZHOU, *FORMS], ids=lambda path: path.stem)
def test_a_notice_is_taken_for_one(path: Path) -> None:
    draft = read(read_document(path))
    assert taken(draft) == "notice"
    assert draft.taken is not None
    assert draft.taken.why.startswith(f"按通报（正文读到{len(draft.findings)}个问题）读入")


@pytest.mark.parametrize("made", [book, page])
def test_a_ledger_is_taken_for_one(made, tmp_path: Path) -> None:
    assert taken(read(read_document(made(tmp_path)))) == "ledger"


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES.keys())
def test_so_is_one_in_plain_text(lines: list[str], tmp_path: Path) -> None:
    (tmp_path / "台账.txt").write_text("\n".join(lines), encoding="utf-8")
    draft = read(read_document(tmp_path / "台账.txt"))
    assert draft.taken is not None
    assert (draft.taken.kind, draft.taken.why) == ("ledger", "按台账（表头写明问题或措施，下有3行）读入")


def test_a_division_of_work_is_a_list_of_tasks_and_every_item_of_it_a_measure() -> None:
    draft = read(text(DIVISION))
    assert taken(draft) == "tasks"
    assert outline(draft) == [
        ("推进简政放权", ["取消审批事项10项。", "优化办事流程。"]),
        ("补齐民生短板", ["新建农贸市场2座，2024年10月底前完成。"]),
        ("保障措施", ["各牵头单位每月25日前报送进展。"]),
    ]
    first = draft.findings[0].measures[0]
    assert (first.lead, first.assisting, str(first.due)) == ("市政务办", ("市司法局",), "2024-06-30")
    assert {one.text for one in draft.unplaced} >= {"一、总体要求", "坚持稳中求进。", "1.加强组织领导。"}


def test_what_a_division_of_work_says_of_its_items_does_not_make_it_another_paper() -> None:
    said = (
        "关于印发某县2024年重点工作责任分工方案的通知\n一、抓好大气治理\n1.每月报告一次用电情况（责任单位：大气科）。\n"
    )
    draft = read(text(said + "2.6月底前完成整改（责任单位：水科）。"))
    assert taken(draft) == "tasks"
    assert [len(finding.measures) for finding in draft.findings] == [2]


def test_an_order_is_a_list_of_what_it_asks_for_and_of_nothing_else() -> None:
    draft = read(text(ORDER))
    assert taken(draft) == "tasks"
    assert outline(draft) == [
        ("有关要求", ["每周报送一次进展。"]),
        ("关于对重点项目推进情况开展专项督查的通知", ["经研究，决定开展专项督查。请于2024年3月10日前报送自查报告。"]),
    ]
    assert not draft.findings[1].measures[0].hints[0].certain
    assert len({one.code for one in draft.findings}) == 2


def test_a_paper_that_fits_nothing_says_so() -> None:
    draft = read(text(NOTHING))
    assert draft.taken is not None
    assert draft.taken.why == (
        "看不出是哪一种材料（正文没有读到问题、没有表格、没有写明由谁办、何时办的事），暂按通报读入"
    )
    assert draft.taken.perhaps == ("tasks",)
    assert [one.text for one in draft.unplaced] == NOTHING.split("\n")


def test_a_person_can_say_that_it_is_a_list_of_tasks_then_every_numbered_item_is_one() -> None:
    assert read(text(PLAIN)).findings == ()
    draft = read(text(PLAIN), "tasks")
    assert outline(draft) == [("推进简政放权", ["取消审批事项", "优化办事流程"]), ("建设市场", ["建农贸市场"])]
    assert draft.taken is not None
    assert draft.taken.why == "照您指定的按任务清单读入（没有写明由谁办、何时办的事）"


def test_or_that_it_is_a_notice(tmp_path: Path) -> None:
    draft = read(text(DIVISION), "notice")
    assert (taken(draft), [one.title for one in draft.findings]) == ("notice", ["推进简政放权", "补齐民生短板"])
    found = read(read_document(page(tmp_path)), "notice")
    assert (taken(found), found.findings, found.mapping) == ("notice", (), ())
    assert any("取消审批事项10项" in one.text for one in found.unplaced)


def test_or_a_ledger(tmp_path: Path) -> None:
    document = docx.Document()
    for number in range(1, 4):
        document.add_paragraph(f"{number}.关于第{number}项管理不够的问题")
        document.add_paragraph("整改情况：每月检查。")
    grid = document.add_table(2, 3)
    for cells, texts in zip(grid.rows, (("序号", "反馈问题", "整改措施"), ("1", "调度不够", "每月调度")), strict=True):
        for cell, said in zip(cells.cells, texts, strict=True):
            cell.text = said
    document.save(str(tmp_path / "材料.docx"))
    draft = read_draft(tmp_path / "材料.docx", DocumentDates(), lambda _: lambda done, total: None, "ledger")
    assert (taken(draft), outline(draft)) == ("ledger", [("调度不够", ["每月调度"])])


@pytest.mark.parametrize(
    ("kind", "document", "why"),
    [("ledger", text(NOTHING), "没有表格"), ("notice", Document("台账.xlsx", "xlsx"), "没有正文")],
)
def test_what_a_paper_cannot_be_is_refused(kind: str, document: Document, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        read(document, kind)


def test_a_close_call_names_the_other_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    nearly = replace(INTERPRETERS["tasks"], score=lambda _: Fit(12, "要办的事有12件"))
    monkeypatch.setitem(INTERPRETERS, "tasks", nearly)  # type: ignore[misc]
    draft = read(read_document(EZHOU))
    assert draft.taken is not None
    assert draft.taken.why == "按通报（正文读到23个问题）读入；也像任务清单（要办的事有12件）"
    assert draft.taken.perhaps == ("tasks",)
