"""Any YAML file of the product is read one way: text with its lines, and every fault as one line of Chinese."""

import re
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime

from plan.yaml_reader import FileProblem, FileProblems, YamlTree, read_yaml

LARGEST = 64 * 1024


class Colour(StrEnum):
    RED = "red"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "?"
    pattern: re.Pattern[str] | None = None
    opens: time | None = None
    since: NaiveDatetime | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    short: Annotated[str, Field(min_length=2, max_length=3)] | None = None
    digits: Annotated[str, Field(pattern=r"^\d+$")] | None = None
    side: Literal["left", "right"] | None = None
    colour: Colour | None = None
    flag: bool | None = None
    count: int | None = None
    few: Annotated[tuple[str, ...], Field(max_length=1)] = ()


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parts: list[Part] = Field(min_length=1)
    words: dict[Colour, list[str]] = {}


def tree(folder: Path, text: str) -> YamlTree:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, LARGEST)


def refused(read: YamlTree) -> list[tuple[int, str, str]]:
    with pytest.raises(FileProblems) as error:
        read.checked(Whole)
    return [(one.line, one.where, one.what) for one in error.value.problems]


def test_values_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    read = tree(tmp_path, "a: 01\nb: 2025-02-30\nc: yes\nd: ~\ne: [1.10, '', null]\n否: \\d{1,2}[日号]\n")
    known = {"a": "01", "b": "2025-02-30", "c": "yes", "d": None, "e": ["1.10", "", None], "否": r"\d{1,2}[日号]"}
    assert read.data == known
    assert tree(tmp_path, "# nothing yet\n").data is None


def test_every_place_has_its_line_and_its_words(tmp_path: Path) -> None:
    read = tree(tmp_path, "parts:\n  - name: 甲\n    count: 1\n  - count: 2\n")
    assert [read.line(loc) for loc in ((), ("parts", 0, "count"), ("parts", 1), ("parts", 1, "gone"))] == [1, 3, 4, 4]
    assert read.where(("parts", 0, "count")) == "parts 甲 count"
    assert read.where(("parts", 1)) == "parts 第2项"
    assert read.where(()) == "文件"


def test_a_reader_adds_faults_of_its_own_to_those_of_the_file(tmp_path: Path) -> None:
    read = tree(tmp_path, "parts:\n  - name: 甲\nparts: []\n")
    error = read.refusal([(("parts", 0, "name"), "不认识“甲”")])
    assert error.problems == [
        FileProblem("x.yaml", 2, "parts 甲 name", "不认识“甲”"),
        FileProblem("x.yaml", 3, "parts", "写了两次，首次在第1行；请只留一处"),
    ]
    assert str(error).splitlines()[0] == "x.yaml:2: parts 甲 name: 不认识“甲”"


def test_a_file_with_nothing_wrong_becomes_its_model(tmp_path: Path) -> None:
    read = tree(
        tmp_path, "parts: [{name: 甲, count: 3, flag: no, opens: '08:30', pattern: '[甲乙]+'}]\nwords: {red: [红]}\n"
    )
    found = read.checked(Whole)
    (one,) = found.parts
    assert (one.count, one.flag, one.opens, found.words) == (3, False, time(8, 30), {Colour.RED: ["红"]})
    assert one.pattern
    assert one.pattern.fullmatch("甲乙")


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("pattern: '[甲'", "“[甲”不是正则表达式"),
        ("opens: noon", '“noon”不是时刻，请写成 "08:30"'),
        ("since: soon", "“soon”不是时刻，请写成 2025-03-03T08:00"),
        ("since: '2025-03-03T08:00Z'", "“2025-03-03T08:00Z”带有时区；请写本单位的时刻，不带时区"),
        ("share: 0", "“0”须大于0.0"),
        ("share: 1", "“1”须小于1.0"),
        ("share: half", "“half”不是数字"),
        ("short: a", "“a”不足2个字"),
        ("short: abcd", "超过3个字；请精简"),
        ("digits: x", r"“x”的写法不对，须合于 ^\d+$"),
        ("side: lefft", "“lefft”不在可选之列：left、right；是否应为“left”？"),
        ("colour: blue", "“blue”不在可选之列：red"),
        ("flag: maybe", "“maybe”既不是 true 也不是 false"),
        ("count: 1.5", "“1.5”不是整数"),
        ("count:", ""),
        ("few: [a, b]", "有2项，最多1项"),
        ("few: a", "须为列表，不能是“a”"),
        ("nmae: x", "不是这里的栏目；是否应为“name”？"),
    ],
)
def test_what_a_model_complains_of_is_said_in_chinese(tmp_path: Path, part: str, what: str) -> None:
    read = tree(tmp_path, f"parts:\n  - {part}\n")
    if what:
        assert refused(read) == [(2, f"parts 第1项 {part.partition(':')[0]}", what)]
    else:
        assert read.checked(Whole).parts[0].count is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (1, "文件", "是空的；请填写")),
        ("[]\n", (1, "文件", "须为键值，不能是一组值")),
        ("parts: []\n", (1, "parts", "是空的；至少要有1项")),
        ("parts: [甲]\n", (1, "parts 第1项", "须为键值，不能是“甲”")),
        ("parts: [{}]\nwords: {blue: [蓝]}\n", (2, "words blue", "“blue”不在可选之列：red")),
    ],
)
def test_the_shape_of_a_file_is_checked(tmp_path: Path, text: str, problem: tuple[int, str, str]) -> None:
    assert refused(tree(tmp_path, text)) == [problem]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 'b\n", "引号没有配对；请补全"),
        ("a: b: c\n", "冒号的位置不对；含冒号的文字请加引号"),
        ("a: 1\nb\nc: 2\n", "少了冒号；请写成“键: 值”"),
        ('a: "\\q"\n', "引号里的“\\”写法不对；请用“\\\\”或改用单引号"),
        ("a: [1\n", "括号、引号或缩进没有配好；请核对本行及上一行"),
        ("a: 1\n- c\n", "括号、引号或缩进没有配好；请核对本行及上一行"),
        ("a: `b`\n", "不是YAML；请核对本行的写法"),
        ("\ta: 1\n", "行首用了制表符；缩进请用空格"),
    ],
)
def test_what_is_no_yaml_is_told_by_its_likely_cause(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(FileProblems) as error:
        tree(tmp_path, text)
    assert [(one.where, one.what) for one in error.value.problems] == [("文件", what)]
