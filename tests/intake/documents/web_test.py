"""A web page reads as a browser shows it, and nothing on it acts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from intake.documents.reader import read_lines, read_tables
from intake.documents.web import MAX_PAGE_TAGS
from intake.documents.web_tables import read_html

Put = Callable[[str, bytes | str], Path]


def shown(page: str) -> list[str]:
    return [line.text for line in read_html("a.html", page.encode(), lambda done, total: None).lines]


@pytest.mark.parametrize("suffix", ["html", "htm"])
def test_an_old_page_in_gb2312_reads(put: Put, suffix: str) -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>题</title></head>'
    path = put(f"通报.{suffix}", (page + "<body><p>关于巡察整改进展情况的通报<p>镕基</body></html>").encode("gb18030"))
    assert [(line.number, line.text) for line in read_lines(path)] == [(1, "关于巡察整改进展情况的通报"), (2, "镕基")]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "gb18030"),
        ("", "utf-8"),
        ("", "utf-16"),
        ("", "utf-8-sig"),
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta charset="utf-8">', "gb18030"),
        ('<meta charset="gbk">', "utf-8"),
        ('<meta charset="big5">', "big5"),
        ('<meta charset="rot13">', "utf-8"),
    ],
)
def test_the_encoding_is_found_out_even_where_the_page_is_wrong_about_it(put: Put, head: str, encoding: str) -> None:
    # Of a page that lies, three bytes per sign and an odd count keep the bytes from being right in both encodings.
    path = put("a.html", f"{head}<p>整改情況表".encode(encoding))
    assert [line.text for line in read_lines(path)] == ["整改情況表"]


def test_blocks_and_breaks_end_lines_and_inline_marks_do_not() -> None:
    assert shown("<h1>题</h1><div>一<b>二</b><span>三</span><br>四</div>五<p>六<p>七") == [
        "题",
        "一二三",
        "四",
        "五",
        "六",
        "七",
    ]


def test_entities_are_signs_and_source_lines_are_no_lines() -> None:
    assert shown("<p>&nbsp;&#x4e00;&#12289;A&amp;B&lt;i&gt;\n整改\n  情况 of\nwork&nbsp;") == [
        "一、A&B<i> 整改情况 of work"
    ]


def test_preformatted_text_keeps_its_lines() -> None:
    assert shown("<pre>甲\n乙</pre>丙\n丁") == ["甲", "乙", "丙丁"]


def test_ordered_lists_show_their_numbers() -> None:
    page = "<ol start=3><li>甲<li><p>乙</p><p>续</p><ol type=a><li>子</ol><li value=9>丙</ol><ul><li>点</ul>"
    page += "<ol type=I><li>丁</ol>"
    assert shown(page) == ["3．甲", "4．乙", "续", "a．子", "9．丙", "点", "I．丁"]


def test_a_number_typed_by_hand_is_not_doubled() -> None:
    assert shown("<ol><li>1、甲<li>（二）乙</ol><ol style='list-style: none'><li>丙</ol>") == [
        "1、甲",
        "（二）乙",
        "丙",
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>暗</script>", "<style>暗</style>", "<!-- 暗 -->", "<p hidden>暗</p>", "<template>暗</template>",
        "<div style='color:red; Display : NONE'><p>暗<b>暗</b></p></div>", "<span style='visibility:hidden'>暗</span>",
        "<noscript>暗</noscript>", "<select><option>暗</select>", "<i style='font-size:0px'>暗</i>", "<?暗?>",
        "<iframe src='http://example.invalid'>暗</iframe>", "<input type=hidden value=暗>", "<![CDATA[暗]]>",
    ],
)  # fmt: skip
def test_what_is_hidden_is_not_read(hidden: str) -> None:
    lines = shown(f"<div>甲{hidden}乙</div>丙")
    assert lines[-1] == "丙"
    assert "".join(lines) == "甲乙丙"


def test_a_small_font_is_not_a_hidden_one() -> None:
    assert shown("<p style='font-size:0.9em'>小字") == ["小字"]


def test_rows_of_data_are_lines_and_a_page_laid_out_by_a_table_is_a_page() -> None:
    data = "<table><tr><th>序号<th>问题</tr><tr><td><p>1</p><td><p>甲</p><p>乙</p></tr><tr hidden><td>暗<td>暗</table>"
    assert shown(data) == ["序号\t问题", "1\t甲 乙"]
    assert shown(f"<table><tr><td>栏<td><h1>题</h1><p>文</p>{data}</table>") == [
        "栏",
        "题",
        "文",
        "序号\t问题",
        "1\t甲 乙",
    ]


def test_deep_nesting_is_read_and_nesting_without_end_is_refused(refused: Callable[..., str]) -> None:
    assert shown("<div>" * 1500 + "深" + "</div>" * 1500 + "<p>后") == ["深", "后"]
    assert refused(lambda: shown("<div>" * 5000 + "深")) == "document_costly"
    assert refused(lambda: shown("<b>" * (MAX_PAGE_TAGS + 1))) == "document_costly"


def test_a_page_without_words_is_refused(refused: Callable[..., str]) -> None:
    assert refused(lambda: shown("<html><body><img src=x></body></html>")) == "document_blank"
    assert refused(lambda: shown("<!-- -->")) == "document_blank"


def test_the_tables_of_a_page_are_sheets(put: Put) -> None:
    page = """<table><tr><td><table hidden><tr><td>隐<td>藏</table>
      <table><tr><th colspan=3>问题整改清单
             <tr><th>序号<th>问题<th>措施
             <tr><td rowspan=2>1<td rowspan=2>甲<td><p>一<p>二
             <tr><td>三
             <tr><td>2<td>乙<td>四</table></table>"""
    (sheet,) = read_tables(put("清单.html", page))
    assert sheet.rows == (
        ("问题整改清单",) * 3, ("序号", "问题", "措施"), ("1", "甲", "一\n二"), ("1", "甲", "三"), ("2", "乙", "四"),
    )  # fmt: skip
    assert sorted(sheet.merged) == [(0, 0, 0, 2), (2, 0, 3, 0), (2, 1, 3, 1)]


@pytest.mark.parametrize("span", ["colspan", "rowspan"])
def test_cells_that_span_a_billion_are_cut_or_refused(put: Put, refused: Callable[..., str], span: str) -> None:
    path = put("宽.html", f"<table><tr><td {span}=999999999>近<td>远<tr><td>下</table>")
    if span == "colspan":
        assert refused(lambda: read_tables(path)) == "document_columns"
    else:
        assert [sheet.rows for sheet in read_tables(path)] == [(("近", "远"), ("近", "下"))]
