"""Plain text comes in as it was written, whatever program saved it."""

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.documents import DocumentLine
from intake.documents.plain_text import MAX_LINE, MAX_LINES, decode, text_lines
from intake.documents.reader import is_ledger, read_document, read_lines

Put = Callable[[str, bytes | str], Path]
NOTICE = "一、强化组织领导\r\n\r\n　　1．关于“学习不深入”的问题。\r\n整改情况：已完成。"
LINES = (
    DocumentLine(1, "一、强化组织领导"),
    DocumentLine(3, "1．关于“学习不深入”的问题。"),
    DocumentLine(4, "整改情况：已完成。"),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "utf-32"])
def test_a_notice_reads_the_same_in_every_encoding_an_office_saves(put: Put, encoding: str) -> None:
    assert read_lines(put("通报.txt", NOTICE.encode(encoding))) == LINES


def test_a_notice_in_big_endian_utf_16_reads_the_same(put: Put) -> None:
    assert read_lines(put("通报.txt", codecs.BOM_UTF16_BE + NOTICE.encode("utf-16-be"))) == LINES


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert [line.text for line in text_lines("a.txt", f"甲{end}乙{end}{end}丙")] == ["甲", "乙", "丙"]


def test_the_number_of_a_line_is_the_one_an_editor_shows(put: Put) -> None:
    assert [line.number for line in read_lines(put("a.txt", "\n\n甲\n\n乙"))] == [3, 5]


def test_what_nobody_sees_is_gone_and_the_rest_stays() -> None:
    hidden = "\x07\x1b\x7f\u200b\u200e\u202e\u2066\ufeff\xad"
    (line,) = text_lines("a.txt", f"\xa0\u3000 问{hidden}题  （1）\xa0、\u3000abc \u3000\xa0")
    assert line.text == "问题  （1）\xa0、\u3000abc"


WRAPPED = """\
　　一、理论学习不够深入，学用结合不够紧密，指导工作的能力还
有待提高
　　整改情况：一是制定学习计划，每月组织集中学习不少于2次，并
建立学习台账；二是每季度开展一次专题研讨，形成成果。主要负责同
志带头宣讲。
- 1 -
　　剩余3处计划2024年12
月底前完成。
　　二、河湖管护不到位
　　整改情况：已完成清淤12公里，其余河段由各镇、各街道分别组织
，每半月巡查一次。"""


@pytest.mark.parametrize("indent", ["　　", ""])
def test_lines_broken_at_a_margin_are_paragraphs_again(indent: str) -> None:
    lines = text_lines("a.txt", WRAPPED.replace("　　", indent))
    assert [line.number for line in lines][:2] == [1, 3]
    assert lines[0].text.endswith("指导工作的能力还有待提高")
    assert lines[1].text.endswith("形成成果。主要负责同志带头宣讲。")
    assert lines[-1].text.endswith("分别组织，每半月巡查一次。")
    assert all(line.text != "- 1 -" for line in lines)


def test_short_lines_that_were_written_so_stay() -> None:
    text = "\n".join(f"{number}.关于第{number}项工作推进得不够有力的问题\n整改情况：每月检查" for number in range(1, 9))
    assert len(text_lines("a.txt", text)) == 16


@pytest.mark.parametrize(
    "rubbish",
    [b"\xff" * 50, bytes(range(256)), b"text\0with\0zeros", "1．整改 a".encode("utf-16-le"), b"\x01\x02\x03\x04abc"],
)
def test_what_is_no_text_is_refused(put: Put, refused: Callable[..., str], rubbish: bytes) -> None:
    path = put("a.txt", rubbish)
    assert refused(lambda: read_lines(path)) == "document_encoding"


def test_a_file_of_space_holds_no_text(put: Put, refused: Callable[..., str]) -> None:
    blank, spaces = put("a.txt", "\n \n"), put("b.txt", "\n　\xa0\n")
    assert refused(lambda: read_lines(blank)) == "document_empty"
    assert refused(lambda: read_lines(spaces)) == "document_blank"


def test_a_line_without_end_and_a_text_without_end_are_refused(refused: Callable[..., str]) -> None:
    assert refused(lambda: text_lines("a.txt", "长" * (MAX_LINE + 1))) == "document_line_long"
    assert refused(lambda: text_lines("a.txt", "短\n" * (MAX_LINES + 1))) == "document_too_long"
    assert len(text_lines("a.txt", "短\n" * MAX_LINES)) == MAX_LINES
    assert len(text_lines("a.txt", "长" * MAX_LINE)[0].text) == MAX_LINE


def test_a_ledger_is_no_document_and_the_other_way_round(put: Put, refused: Callable[..., str]) -> None:
    from intake.documents.reader import read_sheets

    ledger, text = put("a.csv", "序号,问题\n1,甲"), put("b.txt", "甲")
    assert is_ledger(read_document(ledger))
    assert not is_ledger(read_document(text))
    assert refused(lambda: read_lines(ledger)) == "document_is_ledger"
    assert refused(lambda: read_sheets(text)) == "document_no_ledger"


_chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8)
_mixed = st.text(st.sampled_from("整改问题巡察abcXYZ 019，。；：“”（）、—…①·×\n\r\t　\xa0"), min_size=1).filter(
    str.strip
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@given(text=_chinese | _mixed)
@example(text="联通")
@example(text="輤")
@settings(max_examples=60)
def test_text_survives_every_encoding(encoding: str, text: str) -> None:
    assert decode("a.txt", text.encode(encoding)) == text
