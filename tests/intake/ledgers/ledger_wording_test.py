"""How ledgers are written is a person's file: what they add is used, what they get wrong is named."""

from pathlib import Path

import pytest

from intake.grammar_files import GRAMMAR_FOLDER
from intake.ledgers.ledger_wording import load_ledger_wording
from plan.yaml_reader import FileProblems


def changed(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """A copy of the file with something changed, and the line of the change."""
    text = (GRAMMAR_FOLDER / "ledger.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / "ledger.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


WRONG = {
    "a pattern that is none": ("example: '示例", "example: '(示例", "不是正则表达式"),
    "a part of a pattern that is none": ("date_rest: '(?P<rest>", "date_rest: '((?P<rest>", "不是正则表达式"),
    "a pattern with parts that is none": ("role: '[（(]", "role: '([（(]", "不是正则表达式"),
    "a kind nobody knows": ("audit: '审计'", "tax: '审计'", "不在可选之列"),
    "a key nobody knows": ("  joined:", "  joind:", "是否应为“joined”"),
}


@pytest.mark.parametrize(("old", "new", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_bad_entry_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path, line = changed(tmp_path, old, new)
    with pytest.raises(FileProblems) as refused:
        load_ledger_wording(path)
    assert line in {one.line for one in refused.value.problems}
    assert told in str(refused.value)


def test_an_added_word_is_read(tmp_path: Path) -> None:
    path, _ = changed(tmp_path, "配合|协办|参与|协助", "配合|协办|参与|协助|共同办理")
    assert load_ledger_wording().people.assisting.match("共同办理单位：") is None
    assert load_ledger_wording(path).people.assisting.match("共同办理单位：")
