"""Whatever the text: nothing is raised, every phrase stands where the hint says, and time grows with the length."""

from datetime import date
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.draft import DocumentDates
from intake.phrases import read_limit, read_wording
from plan.due import DueRule

PIECES = st.sampled_from(
    [
        *"每月日周季度年底前内至到—、，。（）《》“”一二三十五30.-/:按旬双半\n 　５〇\u200b\0",
        *[
            "报送",
            "调度",
            "已",
            "完成",
            "定期",
            "及时",
            "反馈后",
            "收到",
            "个工作日",
            "2025年",
            "5月",
            "31日",
            "预计",
            "今年",
            "长期坚持",
        ],
        *["每月", "每季度末月", "每周五", "国庆节", "次以上", "结束后", "同时", "季通报"],
    ]
)
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join)
DAYS = st.none() | st.dates(date(2001, 1, 1), date(2040, 12, 31)) | st.sampled_from([date.min, date.max])
PAGES = st.builds(DocumentDates, published_on=DAYS, feedback_on=DAYS)


@settings(max_examples=400)
@given(TEXTS, PAGES)
def test_any_text_gives_hints_in_order_that_stand_where_they_say(text, page):
    reading = read_wording(text, page)

    for hint in reading.hints:
        assert text[hint.start : hint.end] == hint.phrase != ""
        assert hint.cadence is not None or hint.due is not None
    for one, following in pairwise(reading.hints):
        assert following.start >= one.end or (following.start, following.end) == (one.start, one.end)
    assert all(ask.phrase in text and ask.phrase for ask in reading.asks)


@settings(max_examples=300)
@given(TEXTS, PAGES)
def test_a_hint_with_a_cadence_has_a_rule_and_one_without_a_date_or_a_rule_from_an_event(text, page):
    for hint in read_wording(text, page).hints:
        if hint.cadence is not None:
            assert hint.due is None or DueRule.parse(hint.due)
        elif "+" in (hint.due or ""):
            assert not hint.certain
        else:
            assert date.fromisoformat(hint.due or "")


@settings(max_examples=300)
@given(TEXTS, PAGES)
@example(",0年,完成", DocumentDates())
@example("（已于2025年5月31日完成）", DocumentDates())
@example(" 2024年6月30日(已完成)", DocumentDates())
def test_any_cell_is_read_or_says_why(text, page):
    limit = read_limit(text, page)

    assert limit.why is None or (limit.due is None and limit.hints == ())
    assert all(text[hint.start : hint.end] == hint.phrase for hint in limit.hints)


@pytest.mark.parametrize(
    "piece",
    ["每月", "5月底前", "《", "1", "一", "距", "用", "-", "\n", "年 \n", "5月1日至", "每周一调度", "收到反馈后"],
)
def test_reading_stays_linear_in_the_text(piece):
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        began = process_time()
        read_wording(text, DocumentDates(date(2025, 1, 17), date(2024, 12, 20)))
        return process_time() - began

    seconds(100)
    assert seconds(20_000) < 25 * max(seconds(2_000), 0.02)


def test_a_hundred_thousand_characters_are_read():
    text = ("双月向省厅报送进展，按季度报送；2025年6月底前完成整改，定期调度。" * 3000)[:100_000]
    assert len(read_wording(text, DocumentDates(published_on=date(2025, 1, 17))).hints) > 8000
