"""The layout grammar is a person's file: what they add is used, what they get wrong is named."""

from pathlib import Path

import pytest

from intake.notices.notice_grammar import SHIPPED, load_notice_grammar
from text.refusals import Refusal


def spoilt(folder: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = folder / "notice.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


WRONG = {
    "a pattern that is none": ("mark: '第(?P<n>", "mark: '第((?P<n>", "forms.0.mark"),
    "a role nobody knows": ("role: goal", "role: target", "labels"),
    "a label that is no pattern": ("整改目标, 目标任务", "'整改(目标', 目标任务", "整改(目标"),
    "a key nobody knows": ("closure: {notice:", "closure: {notices:", "closure"),
    "no YAML": ("forms:", "forms: [", "YAML"),
}


@pytest.mark.parametrize(("old", "new", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_bad_entry_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(Refusal) as refusal:
        load_notice_grammar(spoilt(tmp_path, old, new))
    assert named in str(refusal.value)


def test_an_added_label_is_read(tmp_path: Path) -> None:
    added = load_notice_grammar(spoilt(tmp_path, "[整改目标, 目标任务", "[整改目标, 攻坚目标, 目标任务"))
    assert load_notice_grammar().label("攻坚目标", closure=False) is None
    assert added.label("攻坚目标", closure=False) == ("goal", False)
