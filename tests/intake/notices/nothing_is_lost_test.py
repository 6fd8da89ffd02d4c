"""Every line of a notice ends up somewhere: in a title, a measure, a state, who and when, a fact, or unplaced."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.documents import DocumentLine
from intake.draft import Draft
from intake.notices import notice_draft
from tests.intake.notices.reading import EZHOU, NOTICES, lines_of, read

_PARTS = re.compile(r"[^\w]+")
_MARKS = re.compile(
    r"1\.1 |[（(]?[一二三四五六七八九十\d]{1,3} ?[)）、.．]|[一二三四五六七八九十]{1,3}是|第[一二三四五六七八九十]|"
    r"问题\d|问题清单一|首先|另一方面|关于|A\.|[①-⑳]"
)


def told(draft: Draft) -> str:
    """All text of a draft, without signs."""
    texts = [draft.facts.title, *(one.text for one in draft.unplaced)]
    for finding in draft.findings:
        texts += [finding.title, finding.goal]
        for one in finding.measures:
            texts += [one.text, one.state_note, one.lead or "", *one.assisting, one.leader or "", one.handler or ""]
            texts.append(f"{one.due:%Y年%m月}" if one.due else "")
    texts += [ask.phrase for ask in draft.asks]
    return _PARTS.sub("", "".join(texts))


def lost(lines: tuple[DocumentLine, ...], draft: Draft) -> list[str]:
    """The words of the lines that the draft does not tell; numbers, label words and dates of limits left out."""
    whole = told(draft)
    parts = (part for line in lines for piece in _MARKS.split(line.text) for part in _PARTS.split(piece))
    return [part for part in parts if part not in whole and part not in LABELS]


LABELS = (
    {"整改问题", "整改任务", "重点措施", "整改措施", "整改实施主体", "完成时限", "2024年12月底", "整改状态", "责任单位"}
    | {f"整改{what}情况" for what in ("", "落实", "进展", "完成")}
    | {"反馈问题", "整改成效", "目标任务"}
)


@pytest.mark.parametrize("path", [EZHOU, *NOTICES], ids=lambda path: path.stem)
def test_real_notices(path: object) -> None:
    lines = lines_of(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    assert lost(lines, read(path)) == []  # type: ignore[arg-type]


WORDS = st.sampled_from(
    ["水质监测", "每月调度", "工程进度", "干部教育", "定期检查", "资金拨付", "台账管理", "经费核销"]
)
SIGNS = st.sampled_from(["。", "；", "，", "：", " ", "、", "（", "）", "“", "”"])
STARTS = st.sampled_from(
    [
        "一、",
        "二、",
        "（一）",
        "(二)",
        "1.",
        "2．",
        "3、",
        "（1）",
        "(2)",
        "①",
        "一是",
        "二是",
        "三是",
        "第一，",
        "——",
        "问题1：",
        "问题清单一：",
        "二 、",
        "1.1 ",
        "首先，",
        "另一方面，",
        "A.",
        "",
        "",
    ]
)
LABELLED = ("情况：", "措施：", "任务：", "状态：", "成效：", "情况 ")
HEADS = st.sampled_from([*(f"整改{word}" for word in LABELLED), "反馈问题：", "责任单位：", "关于", *[""] * 6])
PIECES = st.builds("{}{}{}{}{}".format, STARTS, HEADS, WORDS, SIGNS, WORDS)
LINES = st.lists(st.builds("{}{}{}".format, PIECES, SIGNS, st.one_of(st.just(""), PIECES)), min_size=1, max_size=14)


@settings(max_examples=200)
@given(LINES)
def test_any_mixture_of_numbers_labels_and_words(texts: list[str]) -> None:
    lines = tuple(DocumentLine(number, text) for number, text in enumerate(texts, 1))
    assert lost(lines, notice_draft(lines, "通报.txt")) == []


@settings(max_examples=100)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_at_all_is_read_without_a_fault(texts: list[str]) -> None:
    lines = tuple(DocumentLine(number, text.strip()) for number, text in enumerate(texts, 1) if text.strip())
    draft = notice_draft(lines, "通报.txt")
    codes = [one.code for finding in draft.findings for one in finding.measures]
    assert len(codes) == len(set(codes))
