"""A template is looked at before anything is written: what is wrong is one line with its place."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from papers.kinds import told
from papers.template import checked_template, fill_template, paper_template
from text.refusals import Refusal


@dataclass(frozen=True)
class Row:
    name: str = told("名称")


@dataclass(frozen=True)
class Facts:
    title: str = told("标题")
    late: bool = told("是否逾期")
    rows: tuple[Row, ...] = told("各行")


def _template(folder: Path, *paragraphs: str, footer: str = "") -> Path:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = footer
    path = folder / "notice.docx"
    document.save(str(path))
    return path


def _texts(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(content)).paragraphs]


GOOD = (
    "{{ title }}",
    "{%p for row in rows %}",
    "{{ row.name }}",
    "{%p endfor %}",
    "{%p if not late %}",
    "按期",
    "{%p endif %}",
)
WRONG = {
    "template_field": [
        (
            ("好", "甲{{ titel }}乙"),
            "文书模板“notice.docx”第2段“甲{{ titel }}乙”用了没有的栏目“titel”；此处可用：title、late、rows",
        ),
        (("{%p for row in rows %}", "{{ row.code }}", "{%p endfor %}"), "“row.code”；此处可用：name"),
        (("{{ row.name }}",), "“row.name”；此处可用：title、late、rows"),
        (("{{ title.__class__ }}",), "“title.__class__”"),
        (("{{ rows.name }}",), "“rows.name”"),
        (("{%p if nothing %}", "{%p endif %}"), "“nothing”"),
    ],
    "template_tag": [
        (("{{ title }",), "“{{”"),
        (("title }}",), "“}}”"),
        (("{% include 'x' %}",), "“{% include 'x' %}”"),
        (("{{ title|upper }}",), "“{{ title|upper }}”"),
        (("{{ ''.join(title) }}",), "写法"),
        (("{%p endfor %}",), "“{%p endfor %}”"),
        (("{%p for row in rows %}", "{%p endif %}"), "“{%p endif %}”"),
        (("{# 注 #}",), "“{#”"),
    ],
    "template_unclosed": [
        (("一", "{%p for row in rows %}", "{{ row.name }}"), "第2段“{%p for row in rows %}”的 for 没有结束")
    ],
    "template_rows": [(("{{ rows }}",), "“rows”是多行的栏目")],
    "template_not_rows": [(("{%p for one in title %}", "{%p endfor %}"), "“title”只有一个值")],
}


@pytest.mark.parametrize(
    ("code", "paragraphs", "said"), [(code, *case) for code, cases in WRONG.items() for case in cases]
)
def test_a_wrong_tag_is_told_with_its_template_place_and_field(
    code: str, paragraphs: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as told_:
        checked_template(_template(tmp_path, *paragraphs), Facts)
    assert told_.value.code == code
    assert said in str(told_.value)
    assert "\n" not in str(told_.value)


def test_a_footer_is_looked_at_as_well(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="pages"):
        checked_template(_template(tmp_path, *GOOD, footer="{{ pages }}"), Facts)


def test_a_tag_that_word_split_into_runs_is_one_tag(tmp_path: Path) -> None:
    document = Document(str(_template(tmp_path, "")))
    for part in ("{", "{ ti", "tle }", "}"):
        document.paragraphs[0].add_run(part)
    document.save(str(tmp_path / "notice.docx"))
    content = checked_template(tmp_path / "notice.docx", Facts)
    assert _texts(fill_template(content, Facts("一", False, ()))) == ["一"]


def test_a_template_is_filled_and_what_is_not_known_stands_there_as_lacking(tmp_path: Path) -> None:
    content = checked_template(_template(tmp_path, *GOOD), Facts)
    made = fill_template(content, Facts("", False, (Row("甲"), Row(""))))
    assert _texts(made) == ["〔待补：标题〕", "甲", "〔待补：名称〕", "按期"]


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("<w:p>&amp;</w:p>", ["<w:p>&amp;</w:p>"]),
        ("{{ title }}{% for %}", ["{{ title }}{% for %}"]),
        ("a\x00b\x0bc\ud800", ["ab", "c�"]),
        ("一\r\n二\n\n三", ["一", "二", "", "三"]),
        ("\u202e反\u200b", ["反"]),
        ("\x07\x1b[31m", ["[31m"]),
    ],
)
def test_a_text_from_outside_breaks_nothing(said: str, stands: list[str], tmp_path: Path) -> None:
    content = checked_template(_template(tmp_path, "{{ title }}"), Facts)
    assert _texts(fill_template(content, Facts(said, False, ()))) == stands


class TestFile:
    def _refused(self, path: Path) -> str:
        with pytest.raises(Refusal) as told_:
            checked_template(path, Facts)
        return told_.value.code

    def test_one_with_a_macro_is_refused_whatever_its_name_ends_with(self, tmp_path: Path) -> None:
        path = _template(tmp_path, *GOOD)
        assert self._refused(path.rename(tmp_path / "notice.docm")) == "document_macro"
        path = _template(tmp_path, *GOOD)
        with zipfile.ZipFile(path, "a") as package:
            package.writestr("word/vbaProject.bin", b"x")
        assert self._refused(path) == "document_macro"

    def test_one_that_is_no_word_document_is_refused(self, tmp_path: Path) -> None:
        for content, code in (
            (b"plain", "document_mismatch"),
            (b"", "document_empty"),
            (b"PK\x03\x04", "document_damaged"),
        ):
            (tmp_path / "notice.docx").write_bytes(content)
            assert self._refused(tmp_path / "notice.docx") == code
        assert self._refused(tmp_path / "none.docx") == "document_missing"

    def test_one_that_unpacks_too_large_is_refused(self, tmp_path: Path) -> None:
        path = _template(tmp_path, *GOOD)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
            package.writestr("word/media/bomb.xml", b"\0" * (101 << 20))
        assert self._refused(path) == "document_bomb"

    def test_an_offices_own_comes_before_the_shipped_one_also_where_it_has_to_be_refused(self, tmp_path: Path) -> None:
        shipped, own = tmp_path / "shipped", tmp_path / "own"
        shipped.mkdir()
        own.mkdir()
        assert paper_template(own, shipped, "brief") == shipped / "brief.docx"
        (own / "brief.docm").touch()
        assert paper_template(own, shipped, "brief") == own / "brief.docm"


def test_a_text_of_several_lines_keeps_the_layout_of_its_paragraph(tmp_path: Path) -> None:
    path = _template(tmp_path, "")
    document = Document(str(path))
    document.paragraphs[0].style = document.styles["Heading 1"]
    document.paragraphs[0].add_run("{{ title }}")
    document.save(str(path))
    made = Document(BytesIO(fill_template(checked_template(path, Facts), Facts("一\n二", False, ()))))
    assert [one._p.pPr.find(qn("w:pStyle")).get(qn("w:val")) for one in made.paragraphs] == ["Heading1", "Heading1"]
