"""Tables of tasks without numbers or findings are ledgers, and what is struck through is asked about."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from intake.draft import DocumentDates, Draft
from intake.read_draft import read_draft

SHEET = (
    ("工作任务", "任务分解", "时序进度", "责任单位", "考核要点"),
    ("优化营商环境", "取消审批事项10项", "2024年6月底", "市政务办", "取消到位"),
    ("优化营商环境", "每季度通报办件情况", "2024年12月底", "市政务办", "按季通报"),
    ("民生改善", "新建农贸市场2座", "2024年10月底前完成", "市商务局", "建成"),
)
PAGE = """<html><body><h1>2024年重点工作任务分解表</h1><table>
<tr><th>工作任务</th><th>任务分解</th><th>时序进度</th><th>责任单位</th><th>考核要点</th></tr>
<tr><td rowspan=2>优化营商环境</td><td>取消审批事项10项</td><td>2024年6月底</td><td>市政务办</td><td>取消到位</td></tr>
<tr><td>每季度通报办件情况</td><td>2024年12月底</td><td>市政务办</td><td>按季通报</td></tr>
<tr><td>民生改善</td><td>新建农贸市场2座</td><td>2024年10月底前完成</td><td>市商务局</td><td>建成</td></tr>
</table></body></html>"""


def draft_of(file: Path) -> Draft:
    return read_draft(file, DocumentDates(), lambda _: lambda done, total: None)


def book(folder: Path, *struck: int) -> Path:
    made = Workbook()
    for number, row in enumerate(SHEET, 1):
        made.active.append(row)  # type: ignore[union-attr]
        for cell in made.active[number] if number in struck else ():  # type: ignore[index]
            cell.font = Font(strike=True)
    made.save(folder / "任务.xlsx")
    return folder / "任务.xlsx"


def page(folder: Path) -> Path:
    (folder / "任务.html").write_text(PAGE, encoding="utf-8")
    return folder / "任务.html"


@pytest.mark.parametrize("made", [book, page])
def test_tasks_are_findings_their_parts_measures_and_a_schedule_is_a_limit(made, tmp_path: Path) -> None:
    draft = draft_of(made(tmp_path))
    found = [(one.title, one.goal, [(m.title, str(m.due), m.lead) for m in one.measures]) for one in draft.findings]
    assert found == [
        (
            "优化营商环境",
            "取消到位\n按季通报",
            [("取消审批事项10项", "2024-06-30", "市政务办"), ("每季度通报办件情况", "2024-12-31", "市政务办")],
        ),
        ("民生改善", "建成", [("新建农贸市场2座", "2024-10-31", "市商务局")]),
    ]
    assert [hint.phrase for hint in draft.findings[0].measures[1].hints] == ["每季度通报"]


def test_what_is_struck_through_is_read_and_asked_about(tmp_path: Path) -> None:
    draft = draft_of(book(tmp_path, 3))
    assert sum(len(one.measures) for one in draft.findings) == 3
    assert [ask.ask for ask in draft.asks if ask.phrase == "划掉的行"] == ["第3行划了删除线，已照常读入，是否都要？"]
    assert not [ask for ask in draft_of(book(tmp_path)).asks if ask.phrase == "划掉的行"]
