"""The phrasebook is data a person can extend: a new wording counts at once, a wrong one is refused by line and name."""

import pytest

from intake.grammar_files import GRAMMAR_FOLDER
from intake.phrases.folding import FoldedText
from intake.phrases.matches import find_all
from intake.phrases.phrasebook import load_phrasebook, shipped_phrasebook
from plan.yaml_reader import FileProblems


@pytest.fixture
def copies(tmp_path):
    """The shipped phrasebook as files one may spoil."""
    for name in ("phrases.yaml", "soft.yaml"):
        (tmp_path / name).write_text((GRAMMAR_FOLDER / name).read_text("utf-8"), "utf-8")
    return tmp_path / "phrases.yaml", tmp_path / "soft.yaml"


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_phrasebook_loads_and_its_entries_have_names_of_their_own():
    names = [entry.spec.name for entry in shipped_phrasebook().entries]
    assert len(names) == len(set(names)) > 50


def test_a_wording_somebody_adds_is_found(copies):
    change(copies[0], "recurring:\n", 'recurring:\n  - {name: 每候, say: "每候", unit: day, every: 5}\n')

    matches = find_all(load_phrasebook(*copies), FoldedText.of("每候一报"), cell=False)

    assert [match.spec.name for match in matches] == ["每候"]


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (0, 'say: ["逐{unit}"]', 'say: ["逐{unti}"]', "{unti}"),
        (0, 'say: ["逐{unit}"]', 'say: ["逐(月{unit}"]', "括号没有配对"),
        (0, 'say: ["逐{unit}"]', 'say: ["[逐{unit}]"]', "什么都不写"),
        (0, 'say: ["逐{unit}"]', "say: []", "逐月"),
        (0, 'say: ["逐{unit}"]', 'say: ["逐月"]', "没有时间单位"),
        (0, 'say: ["逐{unit}"]', 'say: ["逐{unit}"], cadense: monthly', "cadense"),
        (0, "due: [end], not_before", "due: [ende], not_before", "ende"),
        (0, "span: third, not_after", "span: thirds, not_after", "thirds"),
        (1, "suggest: 不排日程，每季度汇总一次", "suggest: ''", "suggest"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_file_line_and_name(copies, file, old, new, why):
    line = change(copies[file], old, new)

    with pytest.raises(FileProblems) as refused:
        load_phrasebook(*copies)

    [problem] = refused.value.problems
    assert (problem.file, problem.line) == (copies[file].name, line)
    assert why in f"{problem.where} {problem.what}"


def test_every_wrong_entry_is_told_at_once(copies):
    lines = [
        change(copies[0], '"{hour}[{by}]"', '"{huor}[{by}]"'),
        change(copies[1], 'say: ["限期", "限时"]', 'say: ["限期(", "限时"]'),
    ]

    with pytest.raises(FileProblems) as refused:
        load_phrasebook(*copies)

    assert [one.line for one in refused.value.problems] == lines


def test_a_file_that_is_no_yaml_is_refused_with_the_line(copies):
    copies[1].write_text("doing: [报送\nsoft: }", "utf-8")

    with pytest.raises(FileProblems) as refused:
        load_phrasebook(*copies)

    assert [(one.file, one.line) for one in refused.value.problems] == [("soft.yaml", 2)]
