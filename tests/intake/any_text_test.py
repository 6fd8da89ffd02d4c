"""Whatever a paper says: intake never raises, tells every line, and is certain only of what stands there."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.documents import Document, DocumentLine
from intake.draft import DocumentDates, Draft
from intake.plan_from_draft import plan_from_draft
from intake.read_draft import draft_of
from text.refusals import Refusal

_PIECES = st.sampled_from(
    [
        *(
            "一、",
            "（一）",
            "1.",
            "①",
            "一是",
            "问题1：",
            "整改任务：",
            "整改目标：",
            "整改措施：",
            "整改情况：",
            "整改时限：",
        ),
        *(
            "责任单位：",
            "进展情况：",
            "市水利局",
            "各县（市、区）政府",
            "不到位",
            "关于“学习”问题",
            "解决“最后一公里”问题",
        ),
        *("每月调度", "每季度报送", "定期检查", "2024年6月底前完成", "一季度", "9月1日至9月30日", "长期坚持", "已完成"),
        *(
            "2024年6月30日（已完成）",
            "按日计罚",
            "已印发方案",
            "会后7日内",
            "。",
            "；",
            "，",
            "\t",
            "|",
            "（",
            "）",
            " ",
        ),
    ]
)
_LINES = st.lists(st.lists(_PIECES, min_size=1, max_size=6).map("".join), min_size=1, max_size=8)
_ANY = st.lists(st.text(max_size=30), min_size=1, max_size=5)


def _draft(texts: list[str]) -> tuple[tuple[DocumentLine, ...], Draft] | None:
    lines = tuple(DocumentLine(number, text.strip()) for number, text in enumerate(texts, 1) if text.strip())
    if not lines:
        return None
    return lines, draft_of(Document("a.txt", "txt", lines), DocumentDates(), lambda _: lambda done, total: None)


def _refused(draft: Draft) -> str | None:
    try:
        plan_from_draft(draft, "round")
    except Refusal as refusal:
        return refusal.code
    return None


@settings(max_examples=30)
@given(st.one_of(_LINES, _ANY))
def test_no_text_makes_intake_raise_and_a_certain_hint_quotes_the_paper(texts: list[str]) -> None:
    read = _draft(texts)
    if read is None:
        return
    lines, draft = read
    whole = "\n".join(line.text for line in lines)
    measures = [one for finding in draft.findings for one in finding.measures]
    for hint in (hint for one in measures for hint in one.hints if hint.certain):
        assert hint.phrase
        assert hint.phrase in whole
    assert all(count == 1 for count in Counter(one.code for one in measures).values())
    assert _refused(draft) in (None, "intake_fact_missing", "intake_no_findings")


@settings(max_examples=30)
@given(_LINES)
def test_no_word_is_left_over_twice(texts: list[str]) -> None:
    read = _draft(texts)
    if read is None:
        return
    lines, draft = read
    placed = {f"第{line.number}行" for line in lines}
    assert {one.where.partition(" ")[0] for one in draft.unplaced} <= placed
    # What no measure takes up is told at its problem: lines are not compared one by one.
    assert sum(len(one.text) for one in draft.unplaced) <= sum(len(line.text) for line in lines)
