"""One cell of a ledger's 整改时限 column: a date, a class, a question, or the reason why it cannot be read."""

from datetime import date

import pytest

from intake.draft import DocumentDates
from intake.phrases import Limit, read_limit
from plan.types import Cadence, DurationClass, Precision

PAGE = DocumentDates(published_on=date(2025, 1, 17), feedback_on=date(2024, 12, 20))
DAY, MONTH = Precision.DAY, Precision.MONTH

DATES = [
    ("2025年5月底前", "2025-05-31", DAY),
    ("2025年5月31日前", "2025-05-31", DAY),
    ("2025年5月31日之前完成", "2025-05-31", DAY),
    ("2025.5.31", "2025-05-31", DAY),
    ("2025/5/31", "2025-05-31", DAY),
    ("2025-05-31", "2025-05-31", DAY),
    ("2025-05-31 00:00:00", "2025-05-31", DAY),
    ("20250531", "2025-05-31", DAY),
    ("２０２５年５月３１日", "2025-05-31", DAY),
    ("2025年 5 月 31 日", "2025-05-31", DAY),
    ("2025年\n5月底前", "2025-05-31", DAY),
    ("二〇二五年五月三十一日", "2025-05-31", DAY),
    ("25年5月底前", "2025-05-31", DAY),
    ("2025年5月31日（含）前", "2025-05-31", DAY),
    ("2025年5月", "2025-05-31", MONTH),
    ("2025-5", "2025-05-31", MONTH),
    ("2025.5", "2025-05-31", MONTH),
    ("二〇二五年五月", "2025-05-31", MONTH),
    ("5月底前", "2025-05-31", DAY),
    ("5月", "2025-05-31", MONTH),
    ("1月10日前", "2026-01-10", DAY),
    ("2024年底前，并长期坚持", "2024-12-31", DAY),
    ("2024年12月底", "2024-12-31", DAY),
    ("2024年8月前", "2024-07-31", MONTH),
    ("今年年末", "2025-12-31", DAY),
    ("明年3月底前", "2026-03-31", DAY),
    ("年底前", "2025-12-31", DAY),
    ("2025年", "2025-12-31", MONTH),
    ("2025年年内", "2025-12-31", MONTH),
    ("2025年上半年", "2025-06-30", MONTH),
    ("2025年第二季度", "2025-06-30", MONTH),
    ("2025年二季度末", "2025-06-30", DAY),
    ("三季度前", "2025-06-30", MONTH),
    ("2025年一季度前", "2025-03-31", MONTH),
    ("2025年5月中旬", "2025-05-20", DAY),
    ("2025年2月下旬", "2025-02-28", DAY),
    ("2025年9月1日至9月30日", "2025-09-30", DAY),
    ("2025年9月1日至30日", "2025-09-30", DAY),
    ("2025年10月—2026年3月", "2026-03-31", MONTH),
    ("2025年11月1日至1月31日", "2026-01-31", DAY),
    ("2025年1—6月", "2025-06-30", MONTH),
    ("2025年国庆节前", "2025-09-30", DAY),
    ("2026年春节前", "2026-02-15", DAY),
    ("收到反馈意见后30日内", "2025-01-19", DAY),
    ("反馈后6个月", "2025-06-20", DAY),
    ("“十四五”末", "2025-12-31", MONTH),
    ("2024.12-2025.6", "2025-06-30", MONTH),
    ("2025年Q1", "2025-03-31", MONTH),
    ("本季度末", "2025-03-31", DAY),
    ("下月底", "2025-02-28", DAY),
]


@pytest.mark.parametrize(("cell", "due", "precision"), DATES)
def test_a_cell_with_a_date_is_a_limit(cell, due, precision):
    limit = read_limit(cell, PAGE)

    assert (limit.due, limit.precision, limit.why) == (date.fromisoformat(due), precision, None)
    assert limit.duration is DurationClass.DATED


@pytest.mark.parametrize(
    ("cell", "certain"),
    [
        ("2025年5月底前", True),
        ("2025年5月", True),
        ("今年年末", True),
        ("5月底前", False),
        ("2024年8月前", False),
        ("2026年春节前", False),
    ],
)
def test_what_was_inferred_is_not_certain(cell, certain):
    (hint,) = read_limit(cell, PAGE).hints
    assert hint.certain is certain


@pytest.mark.parametrize(
    ("cell", "duration", "keep_up"),
    [
        ("立行立改", DurationClass.IMMEDIATE, False),
        ("即知即改", DurationClass.IMMEDIATE, False),
        ("立行立改，长期坚持", DurationClass.IMMEDIATE, True),
        ("长期坚持", DurationClass.STANDING, True),
        ("长期", DurationClass.STANDING, True),
        ("持续整改", DurationClass.STANDING, True),
        ("分阶段整改", DurationClass.STAGED, False),
        ("按措施时限", None, False),
        ("详见具体措施", None, False),
    ],
)
def test_a_class_without_a_date_is_a_question(cell, duration, keep_up):
    limit = read_limit(cell, PAGE)

    assert (limit.due, limit.duration, limit.keep_up, limit.why) == (None, duration, keep_up, None)
    assert limit.ask is not None
    assert limit.ask.suggest


def test_a_date_answers_by_when_at_once_is():
    limit = read_limit("立行立改，2025年3月底前", PAGE)

    assert (limit.due, limit.duration, limit.ask) == (date(2025, 3, 31), DurationClass.IMMEDIATE, None)


@pytest.mark.parametrize("cell", ["", "  ", "无", "/", "—", "-"])
def test_an_empty_cell_has_no_limit_and_no_error(cell):
    assert read_limit(cell, PAGE) == Limit()


STATED = {
    # cell: (its day, the state it names)
    "已完成": (None, "done_claimed"),
    "已整改完成": (None, "done_claimed"),
    "已销号": (None, "closed"),
    "已于2024年7月完成": ("2024-07-31", "done_claimed"),
    "2024年7月底已完成": ("2024-07-31", "done_claimed"),
    "2024年7月15日前已完成": ("2024-07-15", "done_claimed"),
    "2024年6月30日（已完成）": ("2024-06-30", "done_claimed"),
    "2024年6月30日(已完成)": ("2024-06-30", "done_claimed"),
    "2024年6月30日前，已完成整改": ("2024-06-30", "done_claimed"),
    "已完成（2023年12月）": ("2023-12-31", "done_claimed"),
    "2025年12月底前（整改中）": ("2025-12-31", "in_progress"),
    "2025年7月底完成": ("2025-07-31", None),
    "2025年7月15日前完成": ("2025-07-15", None),
    "预计2025年7月完成": ("2025-07-31", None),
    "2025年底前，并长期坚持": ("2025-12-31", None),
}


@pytest.mark.parametrize("cell", STATED)
def test_a_cell_kept_up_to_date_gives_day_and_state(cell):
    limit = read_limit(cell, PAGE)
    assert (limit.due and str(limit.due), limit.state, limit.why) == (*STATED[cell], None)


QUARTERS = {"一季度": "03-31", "第一季度": "03-31", "二季度末": "06-30", "一季度内": "03-31", "四季度前完成": "09-30"}


@pytest.mark.parametrize("cell", QUARTERS)
def test_a_quarter_is_that_quarter_and_its_year_is_asked(cell):
    limit = read_limit(cell, DocumentDates())
    assert (limit.due, limit.ask and limit.ask.ask.endswith("没有写年份：是哪一年？")) == (None, True)
    limit = read_limit(cell, DocumentDates(date(2025, 1, 2)))
    assert (str(limit.due), "没有写年份" in limit.doubt) == (f"2025-{QUARTERS[cell]}", True)
    assert read_limit(f"2026年{cell}", DocumentDates()).doubt == "" or "前" in cell


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2月30日", "2月30日"),
        ("2025年2月29日前", "2025年2月29日前"),
        ("2025年13月", "2025年13月"),
        ("2025-06-31", "2025-06-31"),
        ("45808", "Excel"),
        ("进行中", "看不出"),
        ("张三", "看不出"),
        ("整改" * 400, "800"),
    ],
)
def test_a_cell_nobody_can_read_says_why(cell, why):
    limit = read_limit(cell, PAGE)

    assert limit.due is None
    assert limit.why is not None
    assert why in limit.why


def test_six_months_without_a_starting_day_are_a_rule_and_a_question():
    limit = read_limit("六个月内", PAGE)

    assert (limit.due, limit.why, [hint.due for hint in limit.hints]) == (None, None, ["feedback+6m"])
    assert limit.ask is not None
    assert "2025-06-20" in limit.ask.suggest


def test_a_cadence_in_the_limit_column_is_a_hint_and_no_date():
    limit = read_limit("每季度末月20日前", PAGE)

    assert limit.due is None
    assert [(hint.cadence, hint.due) for hint in limit.hints] == [(Cadence.QUARTERLY, "day 20")]


def test_several_dates_end_with_the_last_one_and_a_question():
    limit = read_limit("2025年3月底前完成方案，2025年12月底前全部完成", PAGE)

    assert (limit.due, limit.duration) == (date(2025, 12, 31), DurationClass.STAGED)
    assert [hint.due for hint in limit.hints] == ["2025-03-31", "2025-12-31"]
    assert limit.ask is not None
    assert "2025-12-31" in limit.ask.suggest


def test_a_month_without_a_year_on_a_page_without_a_date_is_asked_for():
    limit = read_limit("5月底前", DocumentDates())

    assert (limit.due, limit.hints, limit.why) == (None, (), None)
    assert limit.ask is not None
    assert "哪一年" in limit.ask.ask


def test_the_day_of_feedback_gives_the_year_where_the_page_has_no_other():
    assert read_limit("5月底前", DocumentDates(feedback_on=date(2024, 12, 20))).due == date(2025, 5, 31)
