"""A reading is checked beside its paper: every line stands in the page once, marked with what was read of it."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.documents import Document, DocumentLine
from intake.documents.reader import read_document
from intake.draft import DocumentDates
from intake.read_draft import draft_of
from papers.review_page import review_page
from tests.intake.notices.reading import EZHOU, NOTICES

_LINE = re.compile(r"<div class='line (\w+)'><div class=tag>(\d+)　([^<]*)</div><div><p>(.*?)</p>", re.DOTALL)


def _page(document: Document) -> str:
    return review_page(document, draft_of(document, DocumentDates(), lambda _: lambda done, total: None))


def _lines(page: str) -> list[tuple[str, str, str]]:
    """Kind, tags and text of every line of the paper."""
    found = [(kind, tags, unescape(re.sub("<[^>]*>", "", text))) for kind, _, tags, text in _LINE.findall(page)]
    return [(kind, unescape(tags), text) for kind, tags, text in found]


@pytest.mark.parametrize("path", [EZHOU, *NOTICES], ids=lambda path: path.stem)
def test_every_line_of_a_paper_stands_in_it_once_in_its_order(path: Path) -> None:
    document = read_document(path)
    assert [text for _, _, text in _lines(_page(document))] == [line.text for line in document.lines]


def test_what_was_read_is_marked_where_it_stands() -> None:
    page = _page(read_document(EZHOU))
    kinds = {tags: kind for kind, tags, _ in _lines(page)}
    assert (kinds["问题 01"], kinds["措施 01-1"], kinds["小标题"]) == ("finding", "measure", "unplaced")
    assert "<mark class=unsure>双月向省厅报送</mark>" in page
    assert "<mark class=sure>按季度报送</mark>" in page
    assert "<mark class=asked>定期清洗维护</mark>" in page
    assert "02-3 整改中，“双月向省厅报送”→每两月（待确认）" in unescape(page)
    assert "03-3　待确认：“定期清洗维护”没有写明频次" in unescape(page)


def test_it_is_one_file_that_loads_and_runs_nothing() -> None:
    page = _page(read_document(EZHOU))
    assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|\bon\w+=|url\(|@import", page)
    assert "default-src 'none'" in page


@settings(max_examples=25)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_breaks_the_page(texts: list[str]) -> None:
    said = [text.strip() for text in [*texts, "1.<script>alert(1)</script>“&”不到位"] if text.strip()]
    lines = tuple(DocumentLine(number, text) for number, text in enumerate(said, 1))
    page = _page(Document("a.txt", "txt", lines))
    assert "<script" not in page
    assert [text for _, _, text in _lines(page)] == said
