"""Where the work stands: taken from the words that say so and nothing else; finished only where it is clear."""

import pytest

from plan.types import DurationClass, WorkState
from tests.intake.notices.reading import measures, notice

SENTENCES = {
    "该问题已完成整改。一是建立机制。": (WorkState.DONE_CLAIMED, None),
    "已经完成，长期坚持。一是建立机制。": (WorkState.DONE_CLAIMED, DurationClass.STANDING),
    "该问题已完成阶段性整改。一是建立机制。": (WorkState.IN_PROGRESS, DurationClass.STAGED),
    "目前正在整改。一是建立机制。": (WorkState.IN_PROGRESS, None),
    "该项尚未启动。一是建立机制。": (WorkState.NOT_STARTED, None),
    "需长期坚持。一是建立机制。": (WorkState.IN_PROGRESS, DurationClass.STANDING),
}


@pytest.mark.parametrize("said", SENTENCES)
def test_the_first_sentence_names_the_state(said: str) -> None:
    [measure] = measures(notice(f"1.关于机制不全的问题\n整改情况：{said}"))
    assert (measure.state, measure.duration) == SENTENCES[said]
    assert measure.text == "建立机制。"
    assert measure.state_note == said.split("。")[0]


BRACKETS = {
    "1.关于机制不全的问题（已完成）\n整改情况：建立机制。": "done_claimed",
    "1.关于机制不全的问题。【正在整改】建立机制。": "in_progress",
    "1.关于机制不全的问题\n整改情况：【已完成】建立机制。": "done_claimed",
    "1.关于机制不全的问题\n整改情况：1.建立机制。（已完成）": "done_claimed",
    "1.关于机制不全的问题\n整改情况：1.建立机制（水务局）。": "in_progress",
}


@pytest.mark.parametrize(("text", "state"), BRACKETS.items())
def test_brackets_name_the_state(text: str, state: str) -> None:
    [measure] = measures(notice(text))
    assert measure.state == state
    assert measure.text.startswith("建立机制")


def test_brackets_behind_the_last_sentence_speak_of_all() -> None:
    draft = notice(
        "1.关于机制不全的问题\n①建立机制。②每月督查。（完成，长期坚持）\n2.关于学习不够的问题\n①组织学习。②建立台账（完成）。"
    )
    assert [(one.text, one.state) for one in measures(draft)] == [
        ("建立机制。", "done_claimed"),
        ("每月督查。", "done_claimed"),
        ("组织学习。", "in_progress"),
        ("建立台账", "done_claimed"),
    ]


LABELS = {
    "完成": "done_claimed",
    "已完成整改": "done_claimed",
    "阶段性完成": "in_progress",
    "正在整改": "in_progress",
    "未完成": "in_progress",
}


@pytest.mark.parametrize(("said", "state"), LABELS.items())
def test_a_line_of_its_own_names_the_state(said: str, state: str) -> None:
    [measure] = measures(notice(f"1.关于机制不全的问题\n整改状态:{said}\n整改情况：建立机制。"))
    assert measure.state == state


WORDED = {
    "两项制度已于7月正式印发。": "done_claimed",
    "相关款项已全部追缴到位。": "done_claimed",
    "已上缴国库。": "done_claimed",
    "已全部办结。": "closed",
    "已完成整改验收销号。": "closed",
    "已退回2万元，剩余1万元年内退回。": "in_progress",
    "制度已印发，下一步持续推进。": "in_progress",
    "主体工程已完工。": "in_progress",
    "3个项目已完工，1个项目计划2026年3月竣工验收。": "in_progress",
    "已印发方案，每月调度。": "in_progress",
    "印发工作方案。": "in_progress",
    "组织学习8次。": "in_progress",
}


@pytest.mark.parametrize(("text", "state"), WORDED.items())
def test_only_clear_wording_finishes_a_measure(text: str, state: str) -> None:
    [measure] = measures(notice(f"1.关于机制不全的问题\n整改情况：{text}"))
    assert measure.state == state


def test_a_finished_measure_is_not_asked_when_it_will_be_finished() -> None:
    draft = notice("1.关于机制不全的问题\n整改情况：一是制度已正式印发。二是加强宣传引导。")
    assert [ask.where for ask in draft.asks if ask.where.startswith("01")] == ["01-2"]


def test_work_that_goes_on_for_good_says_so_in_one_sentence() -> None:
    draft = notice("1.关于工程缓慢的问题\n正在整改，长期坚持。\n（1）倒排工期。\n（2）每两月听取一次汇报。")
    assert [(one.text, one.state, one.duration) for one in measures(draft)] == [
        ("倒排工期。", "in_progress", "standing"),
        ("每两月听取一次汇报。", "in_progress", "standing"),
    ]


def test_the_heading_of_a_section_says_where_its_problems_stand() -> None:
    draft = notice("""
        某局党组关于巡察整改进展情况的通报
        一、集中整改期内已完成的整改事项
        1.针对“编制不足”的问题
        核定编制。
        2.针对“台账不全”的问题
        正在整改。补建台账。
        二、集中整改期内未完成的整改事项
        3.针对“学位不足”的问题
        预计完成时间：2026年9月
        （1）扩建学校。
        （2）每半月调度一次。
        三、需长期坚持的整改事项
        4.针对“作风不实”的问题
        开展活动。
        """)
    assert [(one.code, one.state, one.duration) for one in measures(draft)] == [
        ("01-1", "done_claimed", None),
        ("02-1", "in_progress", None),
        ("03-1", "in_progress", "dated"),
        ("03-2", "in_progress", "dated"),
        ("04-1", "in_progress", "standing"),
    ]
    assert {str(one.due) for one in measures(draft)} == {"None", "2026-09-30"}


def test_a_line_that_only_names_the_state_is_no_part_of_the_measure() -> None:
    draft = notice("问题1.队伍结构不优\n整改进展：长期坚持\n每年制定培养计划。")
    assert [(one.text, one.duration) for one in measures(draft)] == [("每年制定培养计划。", "standing")]


@pytest.mark.parametrize(("said", "state"), [("已完成并长期坚持", "done_claimed"), ("基本完成", "in_progress")])
def test_a_state_in_heavy_brackets_on_a_line_of_its_own_is_no_part_of_the_web_page(said: str, state: str) -> None:
    draft = notice(
        f"1.思政课建设存在短板\n首先，配齐队伍。其次，开展竞赛。\n【{said}】\n2.学科布局优化不够\n调整专业。"
    )
    assert [one.state for one in measures(draft)] == [state, state, "in_progress"]
    assert not any(said in one.text for one in draft.unplaced)
