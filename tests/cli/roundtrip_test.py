"""An office and its workbook: out, edited in Excel, back in; and a unit's reports the same way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from config.settings import HERE
from tests.cli.conftest import PLAN, Run

Content = Callable[[], dict[str, Any]]


class Book:
    """A workbook as a person edits it: sheets by name, columns by header, rows by what stands in a column."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def sheet(self, name: str) -> Worksheet:
        return self.book[name]

    def header(self, name: str) -> tuple[int, dict[str, int]]:
        """The row of the headers, and each header's column."""
        sheet = self.sheet(name)
        for row in sheet.iter_rows(min_row=1, max_row=6):
            found = {str(cell.value): cell.column for cell in row if cell.value}
            if len(found) >= 3:
                return row[0].row, found
        raise AssertionError(f"{name} has no header")

    def row(self, name: str, **wanted: object) -> int:
        top, columns = self.header(name)
        for number in range(top + 1, self.sheet(name).max_row + 1):
            if all(self.sheet(name).cell(number, columns[key]).value == value for key, value in wanted.items()):
                return number
        raise AssertionError(f"{name} has no row with {wanted}")

    def get(self, name: str, row: int, header: str) -> object:
        return self.sheet(name).cell(row, self.header(name)[1][header]).value

    def put(self, name: str, row: int, **values: object) -> None:
        _, columns = self.header(name)
        for header, value in values.items():
            self.sheet(name).cell(row, columns[header], value)

    def add(self, name: str, **values: object) -> None:
        sheet = self.sheet(name)
        self.put(name, sheet.max_row + 1, **values)

    def delete(self, name: str, **wanted: object) -> None:
        self.sheet(name).delete_rows(self.row(name, **wanted))

    def save(self) -> str:
        self.book.save(self.path)
        return str(self.path)


def _export(run: Run, file: Path, *more: str) -> Book:
    said = run("plan", "export", str(file), *more)
    assert said.status == 0, said.err
    return Book(file)


@pytest.fixture
def book(loaded: Run, tmp_path: Path) -> Book:
    """The plan of the ledger as exported on 2025-03-10."""
    return _export(loaded, tmp_path / "plan.xlsx")


def test_what_was_exported_and_not_edited_changes_nothing(loaded: Run, book: Book, content: Content) -> None:
    before = content()
    said = loaded("plan", "import", str(book.path), "--yes")
    assert (said.status, said.out) == (0, "方案没有变化\n")
    assert loaded("plan", "import", book.save(), "--yes").out == "方案没有变化\n"  # saved again by somebody's Excel
    assert content() == before


def test_the_plan_of_ezhou_makes_the_round_unchanged(run: Run, tmp_path: Path) -> None:
    assert run("plan", "load", str(HERE / "plans" / "ezhou-2024.yaml"), "--at", "2025-01-17", "--yes").status == 0
    _export(run, tmp_path / "plan.xlsx")
    assert run("plan", "import", str(tmp_path / "plan.xlsx"), "--json").json["changes"] == []


def test_an_office_edits_its_workbook_looks_at_the_difference_and_makes_it_so(
    loaded: Run, book: Book, content: Content
) -> None:
    book.put("督办事项", book.row("督办事项", 督办事项="完工"), 期限="2025年6月30日")
    book.delete("整改台账", 措施编号="01-2")
    book.delete("督办事项", 措施编号="01-2")
    lead = book.get("整改台账", book.row("整改台账", 措施编号="01-1"), "牵头单位")
    kept = {"整改类型": "长期坚持", "整改状态": "整改中", "进展说明": "刚启动", "佐证要求": "可不附佐证"}
    book.add("整改台账", 措施编号="01-3", 整改措施="年度考核", 措施内容="纳入年度考核", 牵头单位=lead, **kept)
    book.add("督办事项", 措施编号="01-3", 督办事项="考核通报", 类别="报送", 频次="每季度", 依据="措施三")
    file, before = book.save(), content()

    shown = loaded("plan", "import", file)
    assert shown.status == 0, shown.err
    assert "2025-05-30" in shown.out
    assert "2025-06-30" in shown.out
    assert shown.out.endswith("以上尚未生效；加 --yes 后生效\n")
    assert content() == before

    told = loaded("plan", "import", file, "--json").json
    assert [(one["kind"], one["subject"], one["where"]) for one in told["changes"]] == [
        ("changed", "duty", "01-1 finish"),
        ("added", "measure", "01-3"),
        ("added", "duty", told["changes"][2]["where"]),
        ("removed", "measure", "01-2"),
        ("removed", "duty", "01-2 finish"),
    ]
    assert told["withdrawn"] == ["01-2 印发制度 · 2025年2月28日前"]
    assert told["opened"] == ["01-3 考核通报 · 2025年第1季度"]
    assert not told["applied"]
    assert content() == before

    done = loaded("plan", "import", file, "--yes")
    assert (done.status, done.out.splitlines()[-1]) == (0, "已生效")
    measures = {one["code"]: one for one in loaded("ledger", "--json").json["measures"]}
    assert list(measures) == ["01-1", "01-3"]
    assert measures["01-1"]["duties"][1]["next_due_at"] == "2025-06-30T23:59:59+08:00"
    assert loaded("show", "01-2", "--json").json["periods"][0]["state"] == "withdrawn"
    assert loaded("audit", "verify").status == 0
    assert loaded("patrol", "--json").json["unarmed"] == 0

    again = loaded("plan", "import", file, "--yes")
    assert (again.status, again.out) == (0, "方案没有变化\n")


def test_a_workbook_exported_before_another_change_is_refused(loaded: Run, book: Book, content: Content) -> None:
    row = book.row("整改台账", 措施编号="01-1")
    book.put("整改台账", row, 整改措施="先改的标题")
    assert loaded("plan", "import", book.save(), "--yes").status == 0
    book.put("整改台账", row, 整改措施="后改的标题")
    before = content()
    said = loaded("plan", "import", book.save(), "--yes")
    assert said.status == 2
    assert "重新导出" in said.err
    assert content() == before


def test_rows_of_periods_are_a_record_and_not_edited(loaded: Run, book: Book, content: Content) -> None:
    book.put("期次", book.row("期次", 期次="2025年2月28日前"), 状态="已办结")
    before = content()
    said = loaded("plan", "import", book.save(), "--yes")
    assert said.status == 2
    assert "不能在表中修改" in said.err
    assert "状态" in said.err
    assert content() == before


def test_a_date_that_is_closed_history_is_refused_by_name(loaded: Run, tmp_path: Path, content: Content) -> None:
    report = ("--text", "已印发", "--percent", "100", "--finished", "--by", "王工", "--evidence", "文件")
    assert loaded("submit", "01-2", *report).status == 0
    assert loaded("review", "01-2", "--accept", "--by", "李科长").status == 0
    book = _export(loaded, tmp_path / "plan.xlsx")
    row = book.row("整改台账", 措施编号="01-2")
    assert book.get("整改台账", row, "时限状态") == "不适用（现为申报完成）"
    book.put("督办事项", book.row("督办事项", 督办事项="印发制度"), 期限="2025年4月30日")
    before = content()
    said = loaded("plan", "import", book.save(), "--yes")
    assert (said.status, said.out) == (2, "")
    assert "01-2 印发制度已办结" in said.err
    assert content() == before


def test_a_plan_in_yaml_amends_just_the_same(loaded: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(PLAN.replace("2025-05-30", "2025-07-31"))
    (change,) = loaded("plan", "import", str(file), "--yes", "--json").json["changes"]
    assert (change["field"], change["after"]) == ("due_on", "2025-07-31")


def test_a_plan_goes_out_without_a_ledger_and_in_by_loading(run: Run, plan_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    _export(run, file, "--plan", str(plan_file))
    assert run("plan", "check", str(file), "--json").json["measures"] == 2
    refused = run("plan", "import", str(file), "--yes")
    assert refused.status == 2
    assert "duban plan load" in refused.err
    assert run("plan", "load", str(file), "--at", "2025-02-17", "--yes").status == 0
    assert run("plan", "import", str(plan_file), "--yes").out == "方案没有变化\n"


def test_a_measure_without_a_date_waits_for_its_answer_and_gets_it_in_the_workbook(
    run: Run, plan_file: Path, tmp_path: Path
) -> None:
    dated = "duties: [{key: finish, kind: finish, title: 印发制度, cadence: once, due_on: 2025-02-28, source: 措施二}]"
    question = "duties: []\n        questions: [{phrase: 适时, ask: 何时印发？, suggest: 年底前}]"
    plan_file.write_text(PLAN.replace(dated, question))
    assert run("plan", "load", str(plan_file), "--at", "2025-02-17", "--yes").status == 0
    assert run("patrol").status == 0
    assert "待确认「适时」何时印发？" in run("show", "01-2").out
    assert run("explain", "01-2").status == 0
    assert run("ledger", "--json").json["measures"][1]["duties"] == []

    book = _export(run, tmp_path / "plan.xlsx")
    book.delete("待确认问题", 措施编号="01-2")
    answer = {"督办事项": "印发制度", "类别": "完成", "频次": "一次性", "期限": "2025年4月30日", "依据": "答复"}
    book.add("督办事项", 措施编号="01-2", **answer)
    assert run("plan", "import", book.save(), "--yes").status == 0
    shown = run("show", "01-2", "--json").json
    assert (shown["questions"], [p["due_on"] for p in shown["periods"]]) == ([], ["2025-04-30"])


def test_an_existing_file_is_kept_unless_forced(loaded: Run, book: Book) -> None:
    written = book.path.read_bytes()
    for command in (("plan", "export"), ("report", "export", "--unit", "水科")):
        said = loaded(*command[:2], str(book.path), *command[2:])
        assert said.status == 2
        assert "--force" in said.err
        assert book.path.read_bytes() == written
    assert loaded("plan", "export", str(book.path), "--force").status == 0


class TestReports:
    """A unit fills in one sheet for all that waits for it."""

    def _sheet(self, run: Run, tmp_path: Path) -> Book:
        file = tmp_path / "report.xlsx"
        said = run("report", "export", str(file), "--unit", "水科")
        assert (said.status, said.out.split("：")[0]) == (0, "已导出 水科 待填报 4 期")
        return Book(file)

    def _fill(self, book: Book, label: str, **changes: object) -> int:
        row = book.row("待填报", 期次=label)
        book.put("待填报", row, **({"完成情况": f"{label}完成", "进度（%）": 80, "填报人": "王工"} | changes))
        return row

    def test_filled_rows_are_reported_and_empty_ones_are_not(
        self, loaded: Run, tmp_path: Path, content: Content
    ) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        self._fill(book, "2025年2月")
        self._fill(book, "2025年2月28日前", 是否已全部完成="是")
        file, before = book.save(), content()
        looked = loaded("report", "import", file)
        assert (looked.status, looked.out.splitlines()[-1]) == (
            0,
            "核对：已填报2行，早已填报0行，未登记0行；加 --yes 后登记",
        )
        assert content() == before
        done = loaded("report", "import", file, "--yes", "--json").json
        assert (done["submitted"], done["already"], done["refused"]) == (2, 0, 0)
        (february,) = [p for p in loaded("show", "01-1", "--json").json["periods"] if p["label"] == "2025年2月"]
        assert (february["state"], february["submissions"][0]["submitted_by"]) == ("submitted", "王工")
        assert loaded("ledger", "--json").json["measures"][1]["work_state"] == "done_claimed"

    def test_the_same_sheet_again_doubles_nothing(self, loaded: Run, tmp_path: Path, content: Content) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        self._fill(book, "2025年2月")
        file = book.save()
        assert loaded("report", "import", file, "--yes").status == 0
        before = content()
        assert loaded("report", "import", file, "--yes", "--json").json["already"] == 1
        loaded("review", "01-1", "--return", "--reason", "缺数据", "--by", "李科长")
        returned = content()
        assert loaded("report", "import", file, "--yes", "--json").json["already"] == 1
        assert content() == returned != before

    def test_a_refused_row_is_told_and_stops_none_of_the_others(self, loaded: Run, tmp_path: Path) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        row = self._fill(book, "2025年2月")
        self._fill(book, "2025年3月")
        submit = (
            "submit",
            "01-1",
            "--duty",
            "report",
            "--period",
            "2025年2月",
            "--text",
            "另报",
            "--percent",
            "40",
            "--by",
            "赵工",
        )
        assert loaded(*submit).status == 0
        said = loaded("report", "import", book.save(), "--yes")
        assert said.status == 2
        assert "正在待审核，不能重复填报" in said.out.replace("\n", "").replace(" ", "")
        assert str(row) in said.out
        march = [p for p in loaded("show", "01-1", "--json").json["periods"] if p["label"] == "2025年3月"]
        assert march[0]["state"] == "submitted"

    def test_a_bad_cell_is_told_with_its_row_and_stops_none_of_the_others(self, loaded: Run, tmp_path: Path) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        bad = self._fill(book, "2025年2月")
        book.put("待填报", bad, **{"进度（%）": 101})
        self._fill(book, "2025年3月")
        said = loaded("report", "import", book.save(), "--yes", "--json")
        rows = json.loads(said.out)["rows"]
        assert (said.status, [row["result"] for row in rows if row["row"] == bad]) == (2, ["refused"])
        assert "不是0至100的整数；请改正" in next(row["reason"] for row in rows if row["row"] == bad)
        periods = loaded("show", "01-1", "--json").json["periods"]
        assert {one["label"]: one["state"] for one in periods if one["duty"] == "report"} == {
            "2025年2月": "waiting",
            "2025年3月": "submitted",
        }

    def test_another_reporter_and_an_unknown_unit(self, loaded: Run, tmp_path: Path) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        self._fill(book, "2025年2月")
        assert loaded("report", "import", book.save(), "--by", "张三", "--yes").status == 0
        (february,) = [p for p in loaded("show", "01-1", "--json").json["periods"] if p["label"] == "2025年2月"]
        assert february["submissions"][0]["submitted_by"] == "张三"
        said = loaded("report", "export", str(tmp_path / "x.xlsx"), "--unit", "财务科")
        assert (said.status, said.err) == (2, "没有名为“财务科”的责任单位；现有：水科\n")

    def test_a_sheet_of_another_ledger_fits_nothing_here(self, loaded: Run, tmp_path: Path) -> None:
        loaded("patrol")
        book = self._sheet(loaded, tmp_path)
        row = self._fill(book, "2025年2月")
        book.put("待填报", row, 期次编号="01-1/report/7/1")
        said = loaded("report", "import", book.save(), "--yes")
        assert said.status == 2
        assert "重新导出" in said.out.replace("\n", "").replace(" ", "")
