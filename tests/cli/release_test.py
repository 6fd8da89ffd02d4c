"""``duban release``: decisions about the public, and papers that go out, by who has no page at hand."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from tests.cli.conftest import Run

WRONG = {
    ("items", "99", "--by", "整改办"): "没有整改措施“99”；请核对编号（全部编号：duban ledger）",
    ("items", "01-1", "--by", "路人"): "没有名为“路人”的岗位或人员",
    ("items", "01-1", "--by", "水科经办人"): "水科经办人无权准予公开、发布文书",
    ("items", "01-1", "01-2", "--text", "好", "--by", "整改办"): "--text：只能用于一项措施",
    ("items", "01-1", "--text", "电话13912345678", "--by", "整改办"): "（--text、--disclose）",
    ("items", "01-1", "--inspection", "other", "--by", "整改办"): "台账没有轮次“other”",
    ("withhold", "01-1", "--ground", "mood", "--reason", "a", "--by", "整改办"): "不在可选之列：secret、case、hype",
    ("withhold", "01-1", "--ground", "case", "--reason", " ", "--by", "整改办"): "必须写明理由（--reason）",
    ("paper", "letter", "a.docx", "--by", "整改办"): "没有文书“letter”",
    ("paper", "province", "none.docx", "--by", "整改办"): "找不到文件 none.docx",
    ("paper", "province", "a.docx", "--by", "整改办", "--period", "2025-02..01"): "末月早于首月",
    ("paper", "province", "a.docx", "--by", "水科负责人"): "水科负责人无权准予公开、发布文书",
    (
        "paper",
        "province",
        "lacking.docx",
        "--by",
        "整改办",
    ): "“lacking.docx”里还有1处没有补上，不能发布：〔待补：发文字号〕",
    ("paper", "province", "plain.docx", "--by", "整改办"): "“plain.docx”的扩展名是 .docx，内容却是 txt",
    (
        "paper",
        "notice",
        "a.docx",
        "--by",
        "整改办",
    ): "有2项措施尚未决定是否公开，不能发布：01-1、01-2（duban release items",
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a paper, one that lacks something, and one that is none; the command line stands in it."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in (("a.docx", "报告"), ("lacking.docx", "〔待补：发文字号〕")):
        document = Document()
        document.add_paragraph(text)
        document.save(str(folder / name))
    (folder / "plain.docx").write_text("报告")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_may_not_be_is_one_line_and_nothing_changes(
    words: tuple[str, ...], loaded: Run, files: Path, content: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    before = content()
    said = loaded("release", *words)
    assert (said.status, said.out) == (2, "")
    assert WRONG[words] in said.err
    assert said.err.count("\n") == 1
    assert content() == before
    assert not (tmp_path / "evidence").exists()


def test_a_notice_goes_from_draft_to_release(loaded: Run, files: Path) -> None:
    assert loaded("release", "items", "01-1", "--by", "整改办", "--text", "每月调度").out == "准予公开1项\n"
    reason = ("--reason", "易被误读", "--by", "整改办")
    assert loaded("release", "withhold", "01-2", "--ground", "hype", *reason).out == "不予公开1项（易被炒作）\n"
    assert loaded("compile", "notice", "-o", "notice.docx").status == 0
    draft = Document(str(files / "notice.docx"))
    said = "\n".join(one.text for one in draft.paragraphs)
    assert "整改情况：每月调度。" in said
    assert "建立制度" not in said.partition("一、整改工作组织")[2]
    for paragraph in draft.paragraphs:
        if "编制提示" in paragraph.text or "不予公开" in paragraph.text:
            paragraph.clear()
        for run in paragraph.runs:
            run.text = re.sub("〔待补：[^〕]*〕", "已补", run.text)
    draft.save("final.docx")
    out = loaded("release", "paper", "notice", "final.docx", "--by", "整改办").out
    assert re.fullmatch(r"已发布：整改情况通报（2025年2月）第1版，[0-9a-f]{12}\n", out)
    listed = loaded("release", "list", "--json").json
    assert [(one["paper"], one["version"], one["name"]) for one in listed["papers"]] == [("notice", 1, "final.docx")]
    assert [(one["measure"], one["published"]) for one in listed["items"]] == [("01-1", True), ("01-2", False)]
    assert re.search(r"2025年2月.*│ 1 ", loaded("release", "list").out)
    assert loaded("audit", "verify").status == 0
    assert "1份，完整" in loaded("evidence", "verify").out
