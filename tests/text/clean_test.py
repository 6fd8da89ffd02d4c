"""Text from outside: the same characters never come through, wherever the text goes."""

import re
import unicodedata
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from text.clean import (
    LONGEST_LINK,
    block,
    cell,
    chat_markdown,
    from_cell,
    hidden_character,
    is_formula,
    line,
    markdown,
    spelt_out,
    visible,
    web_link,
)

DESTINATIONS = [visible, block, line, markdown, chat_markdown, from_cell]
LINE_ENDS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
HIDING = (
    "\x00\x1b\x7f\x9b\xad\u200b\u200d\u200f\u202e\u2060\u2066\ufeff\ufe0f\u034f\u115f\u1160\u180e\u2800\u3164"
    "\uffa0\U000e0041\U000e0101\ufff9"
)
BROKEN = "\ud800\udfff\ue000\uf0b7\ufffe\uffff\U0001fffe\U0010ffff\U000f0000"
ODD = st.text(st.characters() | st.sampled_from("\t\n " + LINE_ENDS + HIDING + BROKEN))
MARKED = st.text(st.sampled_from("\\`*_{}[]()<>#|~!&-+=.:;/ \n0123aé字") | st.characters(), max_size=40)


@given(ODD)
def test_no_character_that_hides_or_is_broken_comes_through(text: str) -> None:
    for clean in DESTINATIONS:
        left = "\n".join(clean(text).replace("\t", "").splitlines())
        assert hidden_character(left) is None, clean.__name__
        assert not [char for char in left if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") and char != "\n"]
        left.encode()


@pytest.mark.parametrize("char", HIDING)
def test_what_hides_goes_and_leaves_no_gap(char: str) -> None:
    assert {clean(f"王{char}工") for clean in DESTINATIONS} == {"王工"}
    assert from_cell(cell(f"王{char}工")) == "王工"
    assert hidden_character(f"王{char}工") == char


@pytest.mark.parametrize("char", BROKEN)
def test_what_is_broken_is_seen_to_be_lost(char: str) -> None:
    assert {clean(f"王{char}工") for clean in DESTINATIONS} == {"王�工"}
    assert from_cell(cell(f"王{char}工")) == "王�工"
    assert hidden_character(f"王{char}工") == char


@pytest.mark.parametrize("end", [*LINE_ENDS, "\n", "\r\n"])
def test_every_end_of_a_line_is_one_everywhere(end: str) -> None:
    assert {clean(f"甲{end}乙") for clean in (block, cell, from_cell)} == {"甲\n乙"}
    assert {clean(f"甲{end}乙") for clean in (line, markdown, chat_markdown)} == {"甲 乙"}
    assert visible(f"甲{end}乙") == f"甲{end}乙"


def test_a_sign_that_a_newer_unicode_has_is_not_broken() -> None:
    assert line("张\U0002ebf0\U000323af\u0378\U0001fa54") == "张\U0002ebf0\U000323af\u0378\U0001fa54"


@given(ODD)
def test_done_twice_nothing_changes(text: str) -> None:
    for clean in (visible, block, line, chat_markdown, from_cell, cell):
        assert clean(clean(text)) == clean(text), clean.__name__
    assert line(line(text, 5), 5) == line(text, 5)


@given(ODD)
def test_a_line_is_one_line_with_single_blanks(text: str) -> None:
    for one in (line(text), line(text, 7), markdown(text), chat_markdown(text)):
        assert one.splitlines() in ([], [one])
        assert one == " ".join(one.split())


@given(ODD, st.integers(1, 30))
def test_a_line_keeps_to_its_limit_and_shows_a_cut(text: str, limit: int) -> None:
    cut, whole = line(text, limit), line(text)
    assert len(cut) <= limit
    assert cut == whole or cut.endswith("…")


@given(ODD)
def test_a_block_begins_and_ends_with_what_is_seen(text: str) -> None:
    assert block(text) == block(text).strip()
    assert "\t" not in block(text)


@given(ODD)
def test_what_has_no_hidden_character_stays_as_it_is(text: str) -> None:
    if hidden_character(text) is None:
        assert visible(text) == from_cell(cell(text)) == text
        assert block(text) == text.strip()


@given(ODD)
def test_an_author_is_shown_what_he_cannot_see(text: str) -> None:
    shown = spelt_out(text, 400)
    assert hidden_character(shown) is None
    assert shown.splitlines() in ([], [shown])
    assert spelt_out("甲\n乙\u200b\ufe0f") == r"甲\n乙\u200b\ufe0f"
    assert spelt_out("字" * 99) == "字" * 59 + "…"


@given(ODD)
def test_all_of_it_can_stand_in_xml(text: str) -> None:
    for clean in (block, line, markdown, chat_markdown, cell):
        assert (fromstring(f"<p>{escape(clean(text))}</p>").text or "") == clean(text)


class Seen(HTMLParser):
    """What a reader of a page sees, and the tags it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.tags = set[str]()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += unescape(f"&#{name};")


@given(MARKED)
def test_markdown_reads_as_the_text_itself(text: str) -> None:
    reader = MarkdownIt("gfm-like", {"linkify": False})
    for clean, read in ((markdown, line(text)), (chat_markdown, chat_markdown(text))):
        page = Seen(reader.render(clean(text)))
        assert page.tags <= {"p"}
        assert page.text.strip() == read
        after = Seen(reader.render(f"上文\n{clean(text)}"))
        assert after.tags == {"p"}


@pytest.mark.parametrize("sign", ["1. x", "23) x", "- x", "+ x", "=== ", "---", "# x", "> x", "| a | b |", "&lt;"])
def test_what_would_begin_a_list_or_a_heading_does_not(sign: str) -> None:
    for clean in (markdown, chat_markdown):
        assert Seen(MarkdownIt("gfm-like", {"linkify": False}).render(f"上文\n{clean(sign)}")).tags == {"p"}


def test_an_escape_of_excel_stays_a_text() -> None:
    assert cell("_x000D_") == "_x\u2060000D_"
    assert from_cell(cell("a_x0041_b")) == "a_x0041_b"
    assert from_cell("a_x000D_\nb") == "a\nb"


def test_what_a_spreadsheet_may_compute_is_known() -> None:
    assert [is_formula(text) for text in ("=1+1", "+86", "-x", "@x", "1=1", "")] == [True] * 4 + [False] * 2


@given(st.text() | ODD.map("https://例.cn/".__add__))
def test_a_link_is_ascii_or_nothing(link: str) -> None:
    found = web_link(link)
    assert found is None or (found.isascii() and found.startswith(("http://", "https://")) and " " not in found)


def test_a_link_that_would_have_to_be_cut_is_none() -> None:
    assert web_link("https://h/" + "a" * LONGEST_LINK) is None


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "https://", "http://[bad", "", None],
)
def test_only_web_links_survive(link: str | None) -> None:
    assert web_link(link) is None


def test_a_web_link_arrives_as_it_was_but_cannot_break_out() -> None:
    assert web_link("https://例.cn/运行?a=1&b=2#c") == "https://%E4%BE%8B.cn/%E8%BF%90%E8%A1%8C?a=1&b=2#c"
    assert web_link('http://h/a"b)c<d> e') == "http://h/a%22b%29c%3Cd%3E%20e"
    assert web_link("http://h/%2F") == "http://h/%2F"


@pytest.mark.parametrize(
    "text",
    ["见 https://evil.example/a_b", "ftp://evil.example", "www.evil.example", "WWW.Evil.example", "a@evil.example"],
)
def test_a_bare_address_becomes_no_link_in_markdown(text: str) -> None:
    """Renderers of today look for these signs side by side; an escape between them shows the same and links nothing."""
    shown = markdown(text)
    assert not re.search(r"(?i)\w://|\bwww\.|\w@\w", shown)
    assert unescape(MarkdownIt().render(shown)) == f"<p>{text}</p>\n"
    assert MarkdownIt().render(markdown("9:30，1:2")) == "<p>9:30，1:2</p>\n"
    assert markdown("9:30，1:2") == "9:30，1:2"
