"""A printed document reads in whole paragraphs; a scan and a locked file say what they are."""

import io
import subprocess
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from intake.documents.reader import read_lines
from intake.documents.reflow import PageLine, reflowed
from tests.intake.documents.conftest import program

Put = Callable[[str, bytes | str], Path]
FONT, SIZE, LEADING = "STSong-Light", 16, 28
LEFT, TOP, CHARACTERS, PER_PAGE = 79, 740, 27, 22
TITLE = ("中共某市某局党组关于巡察整改", "进展情况的通报")
PARAGRAPHS = (
    "一、强化组织领导",
    "（一）压实主体责任。2025年1月17日，市委第四巡察组向局党组反馈巡察意见，局党组照单全收、坚决整改，先后召开党组会4次、专题会7次研究部署。",
    "1．关于“理论学习不够深入”的问题。",
    "整改情况：一是制定《2025年度学习计划》，每月组织集中学习不少于2次；二是每季度开展一次督查，通报结果；三是建立学习台账，做到有记录、有心得、有检查，"
    "推动学习制度化常态化。",
    "2．关于“资金监管不严”的问题。整改情况：已完成，并长期坚持，每半年报送一次进展情况，由分管领导牵头，办公室具体负责。",
    "联系电话：0000-1234567；电子邮箱：zgb@example.cn",
)


@pytest.fixture(scope="session")
def font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def printed_lines(paragraph: str) -> list[tuple[int, str]]:
    """A paragraph set like an official document: two characters in, broken at the margin; (indent, text)."""
    lines, indent, text = [], 2, ""
    for sign in paragraph:
        if pdfmetrics.stringWidth(text + sign, FONT, SIZE) > (CHARACTERS - indent) * SIZE:
            lines.append((indent, text))
            indent, text = 0, ""
        text += sign
    return [*lines, (indent, text)]


def official_pdf(
    paragraphs: Sequence[str] = PARAGRAPHS, header: str = "", lock: StandardEncryption | None = None
) -> bytes:
    """A document as an office prints it: title, indented paragraphs, page numbers, perhaps a header."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4, encrypt=lock)
    canvas.setFont(FONT, 22)
    for number, line in enumerate(TITLE):
        canvas.drawCentredString(A4[0] / 2, TOP + 30 - number * 32, line)
    printed = [line for paragraph in paragraphs for line in printed_lines(paragraph)]
    for page, at in enumerate(range(0, len(printed), PER_PAGE), 1):
        canvas.setFont(FONT, 9)
        canvas.drawString(LEFT, 810, header)
        canvas.setFont(FONT, SIZE)
        for number, (indent, line) in enumerate(printed[at : at + PER_PAGE]):
            canvas.drawString(LEFT + indent * SIZE, TOP - 60 - number * LEADING, line)
        canvas.drawCentredString(A4[0] / 2, 40, f"— {page} —")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


@pytest.mark.usefixtures("font")
def test_printed_lines_become_paragraphs_again(put: Put) -> None:
    lines = read_lines(put("通报.pdf", official_pdf()))
    assert [line.text for line in lines] == ["".join(TITLE), *PARAGRAPHS]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.usefixtures("font")
def test_paragraphs_go_on_over_the_page_and_headers_and_page_numbers_do_not(put: Put) -> None:
    lines = read_lines(put("通报.pdf", official_pdf(PARAGRAPHS * 6, header="某市某局 2025年第3期")))
    assert [line.text for line in lines] == ["".join(TITLE), *PARAGRAPHS * 6]


def test_chromium_prints_the_same_paragraphs(tmp_path: Path) -> None:
    browser = program("chromium", "chromium-browser", "google-chrome")
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in PARAGRAPHS * 5)
    style = "body{font:16pt 'Noto Serif CJK SC'} p{text-indent:2em;margin:0;text-align:justify} h1{text-align:center}"
    page, made = tmp_path / "a.html", tmp_path / "a.pdf"
    page.write_text(f"<meta charset=utf-8><style>{style}</style><h1>{'<br>'.join(TITLE)}</h1>{body}", "utf-8")
    quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={tmp_path}/profile",
    ]
    subprocess.run(
        [browser, *quiet, f"--print-to-pdf={made}", page.as_uri()], check=True, capture_output=True, timeout=120
    )
    assert [line.text for line in read_lines(made)] == ["".join(TITLE), *PARAGRAPHS * 5]


def line(text: str, left: float = 0, right: float = 100, bottom: float = 0, height: float = 10) -> PageLine:
    return PageLine(text, left, right, bottom, height)


def test_without_indents_a_full_stop_or_a_number_parts_paragraphs() -> None:
    page = [
        line("一行未完", bottom=90),
        line("接着写完。", bottom=80),
        line("又一段，", bottom=70),
        line("1．编号", bottom=60),
    ]
    assert list(reflowed([page])) == ["一行未完接着写完。", "又一段，", "1．编号"]


def test_with_indents_a_line_that_happens_to_end_a_sentence_goes_on() -> None:
    page = [
        line("第一句。", 20, bottom=90),
        line("第二句。", bottom=80),
        line("2025年", bottom=70),
        line("另段", 20, 60, 60),
    ]
    assert list(reflowed([page])) == ["第一句。第二句。2025年", "另段"]


def test_two_latin_words_keep_the_space_between_them() -> None:
    assert list(reflowed([[line("use Prefect", bottom=9), line("flows", right=30)]])) == ["use Prefect flows"]


@pytest.mark.parametrize(
    "number",
    ["3", "- 3 -", "— 3 —", "－3－", "第3页", "第 3 页 共 10 页", "3/10", "第3页，共10页", "Page 3 of 10", "· 3 ·"],
)
def test_page_numbers_of_all_kinds_are_left_out(number: str) -> None:
    assert list(reflowed([[line("正文。", bottom=90), line(number, 45, 55, 1)]])) == ["正文。"]


def test_a_number_within_the_page_stays() -> None:
    assert list(reflowed([[line("甲。", bottom=90), line("3", right=10, bottom=50), line("乙。", bottom=1)]])) == [
        "甲。",
        "3",
        "乙。",
    ]


def test_a_page_without_text_is_a_scan(put: Put, refused: Callable[..., str]) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.rect(50, 50, 400, 600, fill=1)
    canvas.showPage()
    canvas.save()
    path = put("扫描.pdf", made.getvalue())
    assert refused(lambda: read_lines(path)) == "document_scan"


@pytest.mark.usefixtures("font")
def test_a_locked_a_cut_off_and_a_broken_pdf_are_refused(put: Put, refused: Callable[..., str]) -> None:
    locked = put("锁.pdf", official_pdf(lock=StandardEncryption("secret", canPrint=0)))
    whole = official_pdf()
    cut = put("断.pdf", whole[: len(whole) // 2])
    broken = put("坏.pdf", b"%PDF-1.7\nnothing\n%%EOF\n")
    assert refused(lambda: read_lines(locked)) == "document_encrypted"
    assert refused(lambda: read_lines(cut)) == "document_damaged"
    assert refused(lambda: read_lines(broken)) == "document_damaged"


def test_a_book_is_no_notice(put: Put, refused: Callable[..., str]) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    for _ in range(501):
        canvas.showPage()
    canvas.save()
    path = put("书.pdf", made.getvalue())
    assert refused(lambda: read_lines(path)) == "document_pages"
