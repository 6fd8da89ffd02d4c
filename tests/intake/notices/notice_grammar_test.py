"""The layout grammar is a person's file: what they add is used, what they get wrong is named."""

from pathlib import Path

import pytest

from intake.grammar_files import GRAMMAR_FOLDER
from intake.notices.notice_grammar import load_notice_grammar
from plan.yaml_reader import FileProblems


def spoilt(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """A copy of the grammar with something changed, and the line of the change."""
    text = (GRAMMAR_FOLDER / "notice.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "notice.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


WRONG = {
    "a pattern that is none": ("mark: '第(?P<n>", "mark: '第((?P<n>", "不是正则表达式"),
    "a role nobody knows": ("role: goal", "role: target", "不在可选之列"),
    "a label that is no pattern": ("整改目标, 目标任务", "'整改(目标', 目标任务", "整改(目标"),
    "a key nobody knows": ("closure: {notice:", "closure: {notices:", "是否应为“notice”"),
}


@pytest.mark.parametrize(("old", "new", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_bad_entry_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path, line = spoilt(tmp_path, old, new)
    with pytest.raises(FileProblems) as refused:
        load_notice_grammar(path)
    assert {(one.file, one.line) for one in refused.value.problems} == {("notice.yaml", line)}
    assert told in str(refused.value)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path, _ = spoilt(tmp_path, "forms:", "forms: [")
    with pytest.raises(FileProblems, match=r"notice\.yaml"):
        load_notice_grammar(path)


def test_an_added_label_is_read(tmp_path: Path) -> None:
    path, _ = spoilt(tmp_path, "[整改目标, 目标任务", "[整改目标, 攻坚目标, 目标任务")
    assert load_notice_grammar().label("攻坚目标", closure=False) is None
    assert load_notice_grammar(path).label("攻坚目标", closure=False) == ("goal", False)
