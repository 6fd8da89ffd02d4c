"""``duban compile``: a draft on the disk, or one line and nothing changed."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from papers.kinds import PAPERS, SHIPPED
from tests.cli.conftest import Run

WRONG = {
    ("letter", "-o", "a.docx"): "没有文书“letter”；可以是：",
    ("dispatch", "-o", "a.txt"): "a.txt：文书的文件名须以 .docx、.pdf、.zip 结尾",
    ("dispatch", "-o", "none/a.docx"): "找不到文件夹",
    ("dispatch", "-o", "a.docx", "--inspection", "other"): "台账没有轮次“other”",
    ("dispatch", "-o", "a.docx", "--period", "2025"): "“2025”不是期间；请写成 2025-03、2025-03..04 或 2025-11..2026-01",
    ("dispatch", "-o", "a.docx", "--period", "2025-13"): "“2025-13”不是期间",
    ("dispatch", "-o", "a.docx", "--period", "2025-00"): "“2025-00”不是期间",
    ("dispatch", "-o", "a.docx", "--period", ""): "“”不是期间",
    ("dispatch", "-o", "a.docx", "--period", "2025-02.."): "“2025-02..”不是期间",
    ("dispatch", "-o", "a.docx", "--period", "2025-02..01"): "期间“2025-02..01”的末月早于首月",
    ("dispatch", "-o", "a.docx", "--period", "2023-01..2025-02"): "共26个月，超过上限12个月",
    ("dispatch", "-o", "a.docx", "--period", "2025-04"): "2025年4月尚未开始（今天2025-03-10）",
    ("dispatch", "-o", "a.zip"): "只有销号卷宗可以写成 .zip；调度情况请用 .docx 或 .pdf",
    ("closure", "-o", "a.zip", "--measure", "99-1"): "没有整改措施“99-1”",
    ("sheet", "-o", "a.docx", "--sheet", "99"): "没有督办单“99”；现有：无",
    ("brief", "-o", "a.docx", "--for", "路人"): "没有名为“路人”的岗位或人员",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_wish_is_one_line_and_nothing_is_written(
    words: tuple[str, ...], loaded: Run, content: Callable[[], dict[str, Any]], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    before, there = content(), sorted(tmp_path.iterdir())
    said = loaded("compile", *words)
    assert (said.status, said.out) == (2, "")
    assert WRONG[words] in said.err
    assert said.err.count("\n") == 1
    assert (content(), sorted(tmp_path.iterdir())) == (before, there)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_is_written_and_changes_nothing_in_the_ledger(
    paper: str, loaded: Run, content: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    before = content()
    said = loaded("compile", paper, "-o", str(tmp_path / "a.docx"), "--period", "2025-02")
    assert (said.status, said.out) == (0, f"已写好{PAPERS[paper].title}（2025年2月）：{tmp_path / 'a.docx'}\n")
    assert Document(str(tmp_path / "a.docx")).paragraphs
    assert content() == before
    again = loaded("compile", paper, "-o", str(tmp_path / "a.docx"))
    assert (again.status, again.err) == (2, f"{tmp_path / 'a.docx'}已存在；请换一个文件名，或指明覆盖（--force）\n")


def test_an_empty_ledger_has_no_paper(run: Run, tmp_path: Path) -> None:
    said = run("compile", "province", "-o", str(tmp_path / "a.docx"))
    assert (said.status, said.err) == (2, "台账为空；请先启用整改方案（duban plan load 文件）\n")


def test_without_libreoffice_a_pdf_is_refused_in_one_line(loaded: Run, tmp_path: Path) -> None:
    said = loaded("compile", "brief", "-o", str(tmp_path / "a.pdf"), PATH="")
    assert (said.status, said.err) == (2, "本机没有 LibreOffice，不能转为 PDF；请安装后再试，或改写为 .docx\n")
    assert not (tmp_path / "a.pdf").exists()


def test_an_offices_own_template_is_used_and_one_that_is_wrong_is_told(loaded: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    document = Document(str(SHIPPED / "brief.docx"))
    document.paragraphs[0].runs[0].text = "{{ person }}专报"
    document.save(str(own / "brief.docx"))
    target = tmp_path / "a.docx"
    said = loaded("compile", "brief", "-o", str(target), DUBAN_PAPER_TEMPLATES=str(own))
    assert said.status == 0
    assert Document(str(target)).paragraphs[0].text == "局长专报"
    document.paragraphs[0].runs[0].text = "{{ leader }}专报"
    document.save(str(own / "brief.docx"))
    said = loaded("compile", "brief", "-o", str(target), "--force", DUBAN_PAPER_TEMPLATES=str(own))
    assert said.status == 2
    assert said.err.startswith("文书模板“brief.docx”第1段“{{ leader }}专报”用了没有的栏目“leader”；此处可用：person、")
    assert Document(str(target)).paragraphs[0].text == "局长专报"
    shutil.copy(SHIPPED / "brief.docx", own / "brief.docm")
    (own / "brief.docx").unlink()
    said = loaded("compile", "brief", "-o", str(target), "--force", DUBAN_PAPER_TEMPLATES=str(own))
    assert said.err == "“brief.docm”含有宏，不予读取；请另存为不含宏的 .docx 或 .xlsx\n"
