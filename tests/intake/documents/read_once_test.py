"""A file from outside is admitted, unpacked and parsed once, so that nobody can put another in its place in between."""

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import Workbook

from intake.documents import reader, sandbox
from intake.draft import DocumentDates
from intake.read_draft import read_draft

NOTICE = "关于巡察反馈问题整改情况的通报\n二、整改落实情况\n1.调度不够\n整改情况：每月调度工程进度。\n"
LEDGER = (("序号", "反馈问题", "整改措施"), ("1", "调度不够", "每月调度工程进度"))


def _docx(path: Path) -> None:
    document = docx.Document()
    for line in NOTICE.splitlines():
        document.add_paragraph(line)
    grid = document.add_table(2, 3)
    for cells, texts in zip(grid.rows, LEDGER, strict=True):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text
    document.save(str(path))


def _xlsx(path: Path) -> None:
    book = Workbook()
    for row in LEDGER:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)


FORMATS: dict[str, tuple[Callable[[Path], Any], int]] = {
    # what makes the file, and how many processes read it
    "通报.txt": (lambda path: path.write_text(NOTICE, "utf-8"), 0),
    "台账.csv": (lambda path: path.write_text("\n".join(map(",".join, LEDGER)), "utf-8"), 0),
    "通报.html": (lambda path: path.write_text(f"<html><body><pre>{NOTICE}</pre></body></html>", "utf-8"), 1),
    "通报.docx": (_docx, 1),
    "台账.xlsx": (_xlsx, 1),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_admitted_once_and_read_by_one_process_at_most(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, processes = FORMATS[name]
    make(tmp_path / name)
    told: Counter[str] = Counter()
    admit, popen = reader.admit, subprocess.Popen

    def admitted(path: Path) -> Any:
        told["admitted"] += 1
        source = admit(path)
        path.unlink()  # whoever looks again finds nothing
        return source

    def begun(*arguments: Any, **named: Any) -> Any:
        told["processes"] += 1
        return popen(*arguments, **named)

    monkeypatch.setattr(reader, "admit", admitted)
    monkeypatch.setattr(sandbox.subprocess, "Popen", begun)
    draft = read_draft(tmp_path / name, DocumentDates(), lambda _: lambda done, total: None)
    assert [one.title for one in draft.findings] == ["调度不够"]
    assert (told["admitted"], told["processes"]) == (1, processes)


def test_tables_that_cannot_be_read_leave_the_lines(tmp_path: Path) -> None:
    wide = f"<table><tr>{'<td>甲</td>' * 2000}</tr></table>"
    (tmp_path / "通报.html").write_text(f"<html><body><p>正文</p>{wide}</body></html>", "utf-8")
    read = reader.read_document(tmp_path / "通报.html")
    assert (read.lines[0].text, read.sheets) == ("正文", ())
    assert read.sheets_refused is not None
    assert read.sheets_refused.code == "document_columns"
