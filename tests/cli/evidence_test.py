"""``duban evidence``: files are kept for a period, listed, saved elsewhere, taken back until they are handed in."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\x00"
HANDLER = ("--by", "水科经办人")


@pytest.fixture
def paper(tmp_path: Path) -> str:
    path = tmp_path / "验收单.pdf"
    path.write_bytes(PDF)
    return str(path)


def test_a_file_is_kept_handed_in_with_the_report_and_saved_again(loaded: Run, paper: str, tmp_path: Path) -> None:
    kept = loaded("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER)
    assert (kept.status, kept.out) == (0, "01-1 月报 · 2025年2月：已存入1份，提交填报时自动列入\n")
    (row,) = loaded("evidence", "list", "01-1", "--json").json
    assert (row["id"], row["period"], row["round"], row["name"]) == (1, "01-1 月报 · 2025年2月", None, "验收单.pdf")
    assert (row["bytes"], len(row["sha256"]), row["by"]) == (len(PDF), 64, "水科经办人")
    assert loaded("submit", "01-1", "--duty", "report", "--text", "完成", "--percent", "100", *HANDLER).status == 0
    assert loaded("evidence", "list", "01-1", "--json").json[0]["round"] == 1
    copy = tmp_path / "另存.pdf"
    assert loaded("evidence", "save", "1", "-o", str(copy)).status == 0
    assert copy.read_bytes() == PDF
    again = loaded("evidence", "save", "1", "-o", str(copy))
    assert (again.status, "已存在" in again.err, copy.read_bytes()) == (2, True, PDF)
    late = loaded("evidence", "remove", "1", *HANDLER)
    assert (late.status, late.err) == (2, "材料“验收单.pdf”已随填报提交，不能撤回；需更换的，请退回后重新填报\n")
    assert "提交佐证" in loaded("audit", "list").out


def test_a_file_that_was_not_handed_in_is_taken_back(loaded: Run, paper: str) -> None:
    assert loaded("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER).status == 0
    assert loaded("evidence", "remove", "1", *HANDLER).out == "验收单.pdf：已撤回\n"
    assert loaded("evidence", "list", "01-1", "--json").json == []
    gone = loaded("evidence", "save", "1", "-o", "x.pdf")
    assert (gone.status, gone.err.count("\n")) == (2, 1)


def test_what_is_no_evidence_changes_nothing(loaded: Run, paper: str, tmp_path: Path) -> None:
    page = tmp_path / "说明.pdf"
    page.write_bytes(b"<script>alert(1)</script>")
    empty = tmp_path / "空.pdf"
    empty.touch()
    for files, by in (((paper, str(page)), HANDLER), ((str(empty),), HANDLER), ((paper,), ("--by", "整改办"))):
        refused = loaded("evidence", "add", "01-1", *files, "--duty", "report", *by)
        assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert loaded("evidence", "add", "01-1", str(tmp_path / "没有.pdf"), *HANDLER).status == 2
    assert loaded("evidence", "list", "01-1", "--json").json == []
