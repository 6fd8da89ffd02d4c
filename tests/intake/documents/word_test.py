"""A Word document reads as its reader sees it: numbers written out, corrections applied, tables as rows."""

import io
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from intake.documents.reader import read_lines, read_tables
from tests.intake.documents.conftest import docx_parts, p, part, zipped

Put = Callable[[str, bytes | str], Path]


@pytest.fixture
def texts(put: Put) -> Callable[..., list[str]]:
    """The lines of a document with this body, list definitions and styles."""

    def read(body: str, numbering: str = "", styles: str = "") -> list[str]:
        return [line.text for line in read_lines(put("方案.docx", zipped(docx_parts(body, numbering, styles))))]

    return read


def level(depth: int, format_: str, pattern: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{format_}"/>{more}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def lists(*levels: str, numbers: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> str:
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>{numbers}'


OFFICIAL = lists(
    level(0, "chineseCountingThousand", "%1、"),
    level(1, "chineseCounting", "（%2）"),
    level(2, "decimal", "%3．", '<w:suff w:val="nothing"/>'),
    level(3, "decimalEnclosedCircle", "%4", '<w:suff w:val="nothing"/>'),
)


def test_the_numbers_of_an_official_document_stand_in_front_of_their_paragraphs(
    texts: Callable[..., list[str]],
) -> None:
    body = (
        p("组织领导", 1) + p("加强学习", 1, 1) + p("每月调度", 1, 2) + p("每季报送", 1, 2) + p("自查", 1, 3)
        + p("压实责任", 1, 1) + p("定期抽查", 1, 2) + p("正文") + p("问题整改", 1) + p("台账", 1, 1)
    )  # fmt: skip
    assert texts(body, OFFICIAL) == [
        "一、组织领导", "（一）加强学习", "1．每月调度", "2．每季报送", "①自查", "（二）压实责任", "1．定期抽查",
        "正文", "二、问题整改", "（一）台账",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "start", "written"),
    [
        ("decimal", 7, "7"),
        ("decimalZero", 7, "07"),
        ("chineseCounting", 10, "十"),
        ("chineseCountingThousand", 12, "十二"),
        ("chineseCountingThousand", 20, "二十"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("japaneseCounting", 21, "二十一"),
        ("taiwaneseCountingThousand", 3, "三"),
        ("chineseLegalSimplified", 16, "壹拾陆"),
        ("ideographDigital", 10, "一〇"),
        ("ideographTraditional", 2, "乙"),
        ("ideographZodiac", 12, "亥"),
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircleChinese", 21, "㉑"),
        ("decimalEnclosedCircle", 51, "51"),
        ("decimalEnclosedParen", 3, "⑶"),
        ("decimalEnclosedFullstop", 2, "⒉"),
        ("decimalFullWidth", 12, "１２"),
        ("ideographEnclosedCircle", 1, "㊀"),
        ("upperLetter", 2, "B"),
        ("lowerLetter", 28, "bb"),
        ("upperRoman", 14, "XIV"),
        ("lowerRoman", 9, "ix"),
        ("aFormatOfTheFuture", 4, "4"),
    ],
)
def test_every_kind_of_number(texts: Callable[..., list[str]], format_: str, start: int, written: str) -> None:
    assert texts(p("问题", 1), lists(level(0, format_, "第%1条", start=start))) == [f"第{written}条 问题"]


def test_a_number_may_show_the_levels_above_it(texts: Callable[..., list[str]]) -> None:
    numbering = lists(level(0, "chineseCounting", "%1、"), level(1, "decimal", "%1.%2", "<w:isLgl/>"))
    assert texts(p("甲", 1) + p("乙", 1) + p("丙", 1, 1), numbering) == ["一、甲", "二、乙", "2.1 丙"]


def test_a_level_may_go_on_counting_under_the_next_heading(texts: Callable[..., list[str]]) -> None:
    numbering = lists(level(0, "decimal", "%1、"), level(1, "decimal", "(%2)", '<w:lvlRestart w:val="0"/>'))
    body = p("甲", 1) + p("子", 1, 1) + p("乙", 1) + p("丑", 1, 1)
    assert texts(body, numbering) == ["1、甲", "(1)子", "2、乙", "(2)丑"]


def test_a_list_begun_anew_starts_where_it_says_and_others_count_on(texts: Callable[..., list[str]]) -> None:
    numbers = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
        "</w:lvlOverride></w:num>"
    )
    body = p("甲", 1) + p("乙", 2) + p("丙", 3) + p("丁", 3)
    assert texts(body, lists(level(0, "decimal", "%1．"), numbers=numbers)) == ["1．甲", "2．乙", "5．丙", "6．丁"]


def test_a_heading_gets_its_number_from_its_style(texts: Callable[..., list[str]]) -> None:
    numbering = lists(
        level(0, "chineseCounting", "%1、", '<w:pStyle w:val="H1"/>'),
        level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="H2"/>'),
    )
    listed = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = (
        f'<w:style w:type="paragraph" w:styleId="H1">{listed}</w:style>'
        f'<w:style w:type="paragraph" w:styleId="H2">{listed}</w:style>'
        '<w:style w:type="paragraph" w:styleId="H1x"><w:basedOn w:val="H1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2x"><w:basedOn w:val="H2"/></w:style>'
    )
    unlisted = '<w:pPr><w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
    plain = f"<w:p>{unlisted}<w:r><w:t>附</w:t></w:r></w:p>"
    body = p("甲", style="H1") + p("乙", style="H2") + p("丙", style="H2") + plain + p("丁", style="H1x")
    body += p("戊", style="H2x")
    assert texts(body, numbering, styles) == ["一、甲", "（一）乙", "（二）丙", "附", "二、丁", "（一）戊"]


def test_a_circle_of_styles_and_a_list_without_definition_do_no_harm(texts: Callable[..., list[str]]) -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:basedOn w:val="{other}"/></w:style>'
        for one, other in ("AB", "BA")
    )
    assert texts(p("甲", style="A") + p("乙", 99) + p("丙", 1, 8), OFFICIAL, styles) == ["甲", "乙", "丙"]


def test_bullets_and_empty_numbers_are_not_written(texts: Callable[..., list[str]]) -> None:
    numbering = lists(level(0, "bullet", "\uf0b7"), level(1, "decimal", "%2．", '<w:suff w:val="nothing"/>'))
    assert texts(p("甲", 1) + p("", 1, 1) + p("乙", 1, 1), numbering) == ["甲", "2．乙"]


def test_word_s_own_list_styles_count(put: Put) -> None:
    document = docx.Document()
    for text in ("甲", "乙"):
        document.add_paragraph(text, style="List Number")
    made = io.BytesIO()
    document.save(made)
    assert [line.text for line in read_lines(put("a.docx", made.getvalue()))] == ["1. 甲", "2. 乙"]


def test_of_tracked_changes_only_what_is_there_now(texts: Callable[..., list[str]]) -> None:
    def run(text: str, name: str = "t") -> str:
        return f"<w:r><w:{name}>{text}</w:{name}></w:r>"

    gone = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
    )
    row_gone = "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>删行</w:t></w:r></w:p></w:tc></w:tr>"
    body = (
        f"<w:p>{run('每')}<w:del>{run('季', 'delText')}</w:del><w:ins>{run('月')}</w:ins>"
        f"<w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('调度')}</w:moveTo></w:p>"
        f"{gone}<w:del>{run('删', 'delText')}</w:del></w:p>{p('甲', 1)}<w:tbl>{row_gone}</w:tbl>"
    )  # fmt: skip
    assert texts(body, OFFICIAL) == ["每月调度", "一、甲"]


def test_what_word_does_not_show_is_not_read(texts: Callable[..., list[str]]) -> None:
    styles = '<w:style w:type="paragraph" w:styleId="11"><w:name w:val="toc 1"/></w:style>'
    body = (
        p("一、总体 1", style="11") + "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>暗</w:t></w:r>"
        "<w:r><w:instrText>HYPERLINK</w:instrText><w:t>明</w:t><w:tab/><w:t>处</w:t><w:br/><w:t>下行</w:t></w:r></w:p>"
    )
    assert texts(body, "", styles) == ["明 处", "下行"]


def test_table_rows_are_lines_with_cells_parted_by_a_tab(texts: Callable[..., list[str]]) -> None:
    def row(*cells: str) -> str:
        return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"

    table = row(p("序号"), p("问题")) + row(p("", 1), p("学习不深入") + p("制度不健全")) + row(p("", 1), p("乙"))
    numbering = lists(level(0, "decimal", "%1"))
    body = p("前") + f"<w:tbl>{table}</w:tbl>" + p("后") + f"<w:tbl>{row(p('框内一') + p('框内二'))}</w:tbl>"
    assert texts(body, numbering) == [
        "前", "序号\t问题", "1\t学习不深入 制度不健全", "2\t乙", "后", "框内一", "框内二",
    ]  # fmt: skip


def test_a_text_box_is_read_once_after_its_paragraph(texts: Callable[..., list[str]]) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
    body = (
        '<w:p><w:r><w:t>文</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice>'
        f"{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>" + p("后")
    )
    assert texts(body) == ["文", "框", "后"]


def test_headers_and_footers_are_left_out(put: Put) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.add_paragraph("正文")
    made = io.BytesIO()
    document.save(made)
    assert "内部资料" in part(made.getvalue(), "word/header1.xml")
    assert [line.text for line in read_lines(put("a.docx", made.getvalue()))] == ["正文"]


def cell(text: str, more: str = "") -> str:
    return f"<w:tc><w:tcPr>{more}</w:tcPr>{p(text)}</w:tc>"


def test_a_ledger_kept_as_a_word_table_is_a_sheet(put: Put, refused: Callable[..., str]) -> None:
    first, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = (
        cell("问题整改清单", '<w:gridSpan w:val="3"/>'),
        cell("序号") + cell("问题") + cell("措施"),
        cell("1", first) + cell("甲", first) + cell("一"),
        cell("", goes_on) + cell("", goes_on) + cell("二"),
        cell("2", first) + cell("乙") + cell("三"),
    )
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    (sheet,) = read_tables(put("清单.docx", zipped(docx_parts(p("附件") + table))))
    assert sheet.name == "表1"
    assert sheet.rows == (
        ("问题整改清单",) * 3, ("序号", "问题", "措施"), ("1", "甲", "一"), ("1", "甲", "二"), ("2", "乙", "三"),
    )  # fmt: skip
    assert sorted(sheet.merged) == [(0, 0, 0, 2), (2, 0, 3, 0), (2, 1, 3, 1)]
    plain = put("无.docx", zipped(docx_parts(p("甲"))))
    assert refused(lambda: read_tables(plain)) == "document_no_ledger"
    assert refused(lambda: read_tables(put("a.txt", "甲"))) == "document_no_ledger"


def test_a_cell_that_spans_a_billion_columns_is_refused(put: Put, refused: Callable[..., str]) -> None:
    span = '<w:gridSpan w:val="999999999"/>'
    wide = f"<w:tbl><w:tr>{cell('', span)}{cell('远')}</w:tr></w:tbl>"
    path = put("宽.docx", zipped(docx_parts(wide)))
    assert refused(lambda: read_tables(path)) == "document_columns"
