"""The words of states: each is read alike in a cell of a ledger, in a sentence and behind a label of a notice."""

from pathlib import Path

import pytest
import yaml

from intake.grammar_files import GRAMMAR_FOLDER
from intake.ledgers.column_vocabulary import load_columns
from intake.states import load_states
from plan.types import DurationClass, WorkState
from plan.yaml_reader import FileProblems
from tests.intake.ledgers import sheets
from tests.intake.notices import reading

FILE = yaml.safe_load((GRAMMAR_FOLDER / "states.yaml").read_text(encoding="utf-8"))
WORDS = [(word, state) for state, words in FILE["words"].items() for word in words]
ANSWERS = [(str(word), state) for state, words in FILE["answers"].items() for word in words]

STATES = {
    "未启动": "not_started",
    "尚未启动": "not_started",
    "正在推进": "in_progress",
    "整改中": "in_progress",
    "未完成": "in_progress",
    "未销号": "in_progress",
    "逾期": "in_progress",
    "阶段性完成": "in_progress",
    "基本完成": "in_progress",
    "完成": "done_claimed",
    "已完成": "done_claimed",
    "已完成整改": "done_claimed",
    "整改到位": "done_claimed",
    "待验收": "done_claimed",
    "待销号": "done_claimed",
    "已验收": "accepted",
    "验收通过": "accepted",
    "已办结": "closed",
    "已销号": "closed",
    "已闭环": "closed",
    "反弹": "reopened",
    "验收不通过": "reopened",
    "中止": "suspended",
    "暂缓": "suspended",
    "挂账": "suspended",
}
"""What the words of the field mean (docs/domain.md 2, 6)."""


def in_a_cell(word: str) -> str | None:
    """The state that a ledger gives a measure whose state column holds the word."""
    draft = sheets.one(sheets.HEADER, ("1", "甲", "乙", "2025-05-31", "办公室", "张三", word))
    return next((one.state for one in sheets.measures(draft)), None)


def in_a_notice(line: str) -> str | None:
    """The state that a notice gives the measure of a problem with this line above its work."""
    [measure] = reading.measures(reading.notice(f"1.关于机制不全的问题\n{line}"))
    return measure.state


@pytest.mark.parametrize(("word", "state"), STATES.items())
def test_a_word_has_one_reading_wherever_it_stands(word: str, state: str) -> None:
    read = (
        in_a_cell(word),
        in_a_notice(f"整改状态：{word}\n整改情况：健全机制。"),
        in_a_notice(f"整改情况：该问题{word}。健全机制。"),
        in_a_notice(f"整改情况：【{word}】健全机制。"),
    )
    assert read == (state,) * 4


@pytest.mark.parametrize(("word", "state"), WORDS)
def test_every_word_of_the_file_is_read_alike_as_cell_and_as_sentence(word: str, state: str) -> None:
    cell, sentence = load_states().cell(word), load_states().sentence(f"该问题目前{word}。")
    assert cell == sentence
    assert cell.state == state


@pytest.mark.parametrize(("word", "state"), ANSWERS)
def test_an_answer_counts_only_where_the_state_is_asked_for(word: str, state: str) -> None:
    assert load_states().cell(word).state == state
    assert load_states().sentence(word) is None


@pytest.mark.parametrize(
    ("text", "state", "duration"),
    [
        ("已完成，长期坚持", "done_claimed", "standing"),
        ("已销号，长期坚持", "closed", "standing"),
        ("已验收并长期坚持", "accepted", "standing"),
        ("正在整改，长期坚持", "in_progress", "standing"),
        ("立行立改，已完成", "done_claimed", "immediate"),
        ("长期坚持", None, "standing"),
    ],
)
def test_a_state_and_how_long_it_lasts_are_read_together(text: str, state: str | None, duration: str) -> None:
    for read in (load_states().cell(text), load_states().sentence(text)):
        assert read is not None
        assert (read.state, read.duration, read.clash, read.more) == (state, duration, False, False)


@pytest.mark.parametrize("text", ["立行立改", "已完成，未完成", "整改", "建立机制", "已完成3项", ""])
def test_a_sentence_that_says_anything_else_names_no_state(text: str) -> None:
    assert load_states().sentence(text) is None


def test_a_cell_in_the_wording_of_a_sentence_is_read_and_kept_in_the_note() -> None:
    read = load_states().cell("该项现已全部完成整改")
    assert (read.state, read.more) == (WorkState.DONE_CLAIMED, True)


def test_of_what_a_closure_publicity_calls_done_the_acceptance_is_told() -> None:
    lines = "某县关于整改任务验收销号的公示\n已完成整改，并通过县级验收。\n1.关于机制不全的问题\n整改情况：{}健全机制。"
    states = [
        reading.measures(reading.notice(lines.format(said)))[0].state for said in ("", "已完成整改。", "已销号。")
    ]
    assert states == ["accepted", "accepted", "closed"]


def extended(folder: Path, old: str, new: str) -> Path:
    """A copy of the file with something changed."""
    text = (GRAMMAR_FOLDER / "states.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "states.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_an_office_adds_its_own_word(tmp_path: Path) -> None:
    states = load_states(extended(tmp_path, "closed: [已销号,", "closed: [已销号, 摘牌,"))
    assert states.sentence("该问题摘牌") == states.cell("摘牌")
    row = ("1", "甲", "乙", "2025-05-31", "办公室", "张三", "摘牌")
    draft = sheets.ledger_draft((sheets.sheet(sheets.HEADER, row),), "台账.xlsx", columns=load_columns(states=states))
    assert sheets.measures(draft)[0].state == "closed"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("closed: [已销号,", "closed: [已销号, 整改中,", "“整改中”已写在第"),
        ("  closed: [已销号,", "  gone: [已销号,", "gone"),
        ("duration: staged}", "duration: stages}", "是否应为“staged”"),
        ("wording: '(已)?取得", "wording: '(已?取得", "不是正则表达式"),
    ],
)
def test_a_bad_entry_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(FileProblems) as refused:
        load_states(extended(tmp_path, old, new))
    assert told in str(refused.value)
    assert str(refused.value).startswith("states.yaml:")


def test_a_measure_that_lasts_keeps_its_class_beside_its_state() -> None:
    assert load_states().durations["长期坚持"] is DurationClass.STANDING
