"""A broken plan is refused whole, each fault with its line and its remedy, and nothing but file problems come out."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan.due import GRAMMAR, DueRule
from plan.loader import LARGEST, load_plan
from plan.yaml_reader import FileProblem, FileProblems

SMALL = """\
inspection:
  key: small
  title: 小方案
  organisation: 某局
  inspector: 某组
  kind: party
  feedback_on: 2024-12-20
  source: 通报
roles:
  clerk: {name: 经办人}
  chief: {name: 负责人, channels: {mail: a@example.org}}
units:
  water: {name: 水科, handler: [clerk], leader: [chief]}
audiences:
  head: [chief]
  office: [clerk]
findings:
  - code: 02
    title: 问题二
    measures:
      - code: 02-3
        title: 措施三
        text: 要做的事
        duration: standing
        state: in_progress
        state_note: 正在做
        lead: water
        duties:
          - key: report-central
            kind: report
            title: 双月报送
            cadence: bimonthly
            source: 通报第二条
          - key: finish
            kind: finish
            title: 完成
            cadence: once
            due_on: 2025-05-31
            source: 通报第二条
"""


MEASURE = SMALL[SMALL.index("      - code: 02-3") :]


Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: str | bytes) -> Path:
        path = tmp_path / "plan.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def problems(path: Path) -> list[FileProblem]:
    with pytest.raises(FileProblems) as refused:
        load_plan(path)
    return refused.value.problems


def problem(line: int, where: str, what: str, file: str = "plan.yaml") -> FileProblem:
    return FileProblem(file, line, where, what)


def test_a_small_plan_loads_with_its_values_typed(write: Write) -> None:
    plan = load_plan(write(SMALL))
    (measure,) = plan.findings[0].measures
    assert (plan.findings[0].code, measure.code) == ("02", "02-3")
    assert plan.roles["clerk"].channels == {"outbox": ""}
    assert (measure.duties[0].due, measure.duties[1].due_on) == (DueRule.parse("end"), date(2025, 5, 31))


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write: Write) -> None:
    assert load_plan(write(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())) == load_plan(write(SMALL))


def test_a_date_written_without_dashes_is_a_date_and_not_seconds(write: Write) -> None:
    plan = load_plan(write(SMALL.replace("2025-05-31", "20250531")))
    assert plan.findings[0].measures[0].duties[1].due_on == date(2025, 5, 31)


CADENCES = "daily、weekly、ten-day、half-monthly、monthly、bimonthly、quarterly、half-yearly、yearly、once"


# fmt: off
BROKEN: list[tuple[str, str, str, int, str, str]] = [
    # what is broken, the text, what stands there instead, line, where, what
    ("an unknown cadence", "bimonthly", "fortnightly", 32, "measures 02-3 duties report-central cadence",
     f"“fortnightly”不在可选之列：{CADENCES}"),
    ("an unknown key", "kind: party", "kind: party\n  knid: x", 7, "inspection knid",
     "不是这里的栏目；是否应为“kind”？"),
    ("an unknown key of a role", "mail: a@example.org}}", "mail: x}, nam: y}", 11, "roles chief nam",
     "不是这里的栏目；是否应为“name”？"),
    ("a missing key", "        state: in_progress\n", "", 21, "measures 02-3 state", "没有填写；请补上"),
    ("no roles at all", SMALL[SMALL.index("roles:") : SMALL.index("units:")], "", 1, "roles", "没有填写；请补上"),
    ("an unknown unit", "lead: water", "lead: watre", 27, "measures 02-3 lead",
     "“watre”不在名单“units”里；是否应为“water”？"),
    ("an unknown role of a unit", "[clerk], leader", "[klerk], leader", 13, "units water handler 第1项",
     "“klerk”不在名单“roles”里；是否应为“clerk”？"),
    ("an unknown role of an audience", "head: [chief]", "head: [boss]", 15, "audiences head 第1项",
     "“boss”不在名单“roles”里"),
    ("an unknown deputy", "lead: water", "lead: water\n        deputy: [nobody]", 28, "measures 02-3 deputy 第1项",
     "“nobody”不在名单“roles”里"),
    ("an unknown assisting unit", "lead: water", "lead: water\n        assisting: [air]", 28,
     "measures 02-3 assisting 第1项", "“air”不在名单“units”里"),
    ("a measure under the wrong finding", "- code: 02-3", "- code: 03-3", 21, "measures 03-3 code",
     "“03-3”须以所属问题的编号“02-”开头"),
    ("a repeated duty key", "key: finish", "key: report-central", 34, "measures 02-3 duties report-central key",
     "“report-central”与第29行重复；请改用别的编号"),
    ("a repeated mapping key", "title: 措施三", "title: 措施三\n        title: 又一个", 23, "measures 02-3 title",
     "写了两次，首次在第22行；请只留一处"),
    ("no date for a one-off", "            due_on: 2025-05-31\n", "", 34, "measures 02-3 duties finish",
     "频次为“一次性”的须写期限，其他频次不写"),
    ("a date that does not exist", "2025-05-31", "2025-02-30", 38, "measures 02-3 duties finish due_on",
     "“2025-02-30”不是日期，请写成 2025-05-31"),
    ("seconds instead of a date", "2024-12-20", "1735689600", 7, "inspection feedback_on",
     "“1735689600”不是日期，请写成 2025-05-31"),
    ("an unknown due rule", "cadence: bimonthly", "cadence: bimonthly\n            due: monthend", 33,
     "measures 02-3 duties report-central due", f"“monthend”不是期限规则；可写：{GRAMMAR}"),
    ("a list where text belongs", "text: 要做的事", "text: [要做的事]", 23, "measures 02-3 text",
     "须为文字，不能是一组值"),
    ("text where a list belongs", "head: [chief]", "head: chief", 15, "audiences head",
     "须为列表，不能是“chief”"),
    ("a list where a mapping belongs", "{name: 经办人}", "[经办人]", 10, "roles clerk",
     "须为键值，不能是一组值"),
    ("an empty value", "state_note: 正在做", "state_note:", 26, "measures 02-3 state_note",
     "是空的；请填写"),
    ("an empty list", "office: [clerk]", "office: []", 16, "audiences office", "是空的；至少要有1项"),
    ("a blank title", "title: 措施三", "title: '  '", 22, "measures 02-3 title",
     "“  ”须为一行文字，不能空白或换行"),
    ("a title of two lines", "title: 措施三", 'title: "措施\\n三"', 22, "measures 02-3 title",
     "“措施\\n三”须为一行文字，不能空白或换行"),
    ("a control character", "title: 措施三", 'title: "措施\\a三"', 22, "measures 02-3 title",
     "含有不可见字符 U+0007；请删去"),
    ("a character that turns text round", "text: 要做的事", 'text: "要\\u202e做"', 23, "measures 02-3 text",
     "含有不可见字符 U+202E；请删去"),
    ("half a character", "text: 要做的事", 'text: "\\ud800"', 23, "measures 02-3 text",
     "含有不可见字符 U+D800；请删去"),
    ("an endless text", "text: 要做的事", f"text: {'事' * 4001}", 23, "measures 02-3 text",
     "超过4000个字；请精简"),
    ("a channel name with spaces", "{mail: a@", "{E mail: a@", 11, "roles chief channels E mail",
     "“E mail”不能作渠道名：只能用小写字母、数字、“-”和“_”，以字母开头，最多32个"),
    ("a key in capitals", "key: small", "key: Small", 2, "inspection key",
     "“Small”不能作代号：只能用小写字母、数字和“-”，以字母开头，最多64个"),
    ("a misspelt duration", "standing", "standng", 24, "measures 02-3 duration",
     "“standng”不在可选之列：immediate、dated、staged、standing；是否应为“standing”？"),
    ("a number out of bounds", "lead: water", "lead: water\n        warn_days: 90", 28, "measures 02-3 warn_days",
     "“90”大于60"),
    ("neither yes nor no", "cadence: bimonthly", "cadence: bimonthly\n            assumed: maybe", 33,
     "measures 02-3 duties report-central assumed",
     "“maybe”既不是 true 也不是 false"),
    ("a tag that runs code", "text: 要做的事", "text: !!python/object/apply:os.system [ls]", 23, "文件",
     "不能用标签（tag:yaml.org,2002:python/object/apply:os.system）；请删去"),
    ("an anchor", "text: 要做的事", "text: &bomb 要做的事", 23, "文件",
     "不能用锚点和别名（bomb）；请把内容写全"),
    ("an alias", "text: 要做的事", "text: *bomb", 23, "文件",
     "不能用锚点和别名（bomb）；请把内容写全"),
    ("a raw control character", "text: 要做的事", "text: 要\x07做", 23, "文件",
     "含有不可见字符 U+0007；请删去"),
    ("a character beyond Unicode", "text: 要做的事", 'text: "\\UFFFFFFFF"', 23, "文件",
     "有写错的转义或过大的数字；请改正"),
    ("a tab for indentation", "        text:", "\ttext:", 23, "文件",
     "行首用了制表符；缩进请用空格"),
    ("a bracket left open", "handler: [clerk]", "handler: [clerk", 13, "文件",
     "括号、引号或缩进没有配好；请核对本行及上一行"),
    ("a key that is a list", "kind: party", "kind: party\n  ? [kind]\n  : party", 7, "inspection ?",
     "不是单个的键；请写一个词，后接冒号"),
    ("two documents", "findings:", "---\nfindings:", 17, "文件", "有不止一份文档（“---”）；只能有一份"),
    ("endless nesting", "text: 要做的事", f"text: {'[' * 500}", 23, "文件",
     "嵌套超过20层；请核对括号和缩进"),
    ("a key nobody sees whole", "kind: party", 'kind: party\n  "k\\u200bind": x', 7, "inspection k\\u200bind",
     "不是单个的键；请写一个词，后接冒号"),
]
# fmt: on


@pytest.mark.parametrize(
    ("right", "wrong", "line", "where", "what"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_plan_is_refused_with(write: Write, right: str, wrong: str, line: int, where: str, what: str) -> None:
    assert SMALL.count(right) == 1
    assert problems(write(SMALL.replace(right, wrong))) == [problem(line, where, what)]


def test_all_problems_are_told_at_once_in_the_order_of_lines(write: Write) -> None:
    text = SMALL.replace("bimonthly", "fortnightly").replace("lead: water", "lead: air").replace("key: small", "key: S")
    with pytest.raises(FileProblems) as refused:
        load_plan(write(text))
    assert str(refused.value).splitlines() == [
        "plan.yaml:2: inspection key: “S”不能作代号：只能用小写字母、数字和“-”，以字母开头，最多64个",
        "plan.yaml:27: measures 02-3 lead: “air”不在名单“units”里",
        f"plan.yaml:32: measures 02-3 duties report-central cadence: “fortnightly”不在可选之列：{CADENCES}",
    ]


def test_a_repeated_measure_code_names_the_line_of_the_first(write: Write) -> None:
    assert problems(write(SMALL + MEASURE)) == [problem(40, "measures 02-3 code", "“02-3”与第21行重复；请改用别的编号")]


def test_a_repeated_finding_code_names_the_line_of_the_first(write: Write) -> None:
    again = "  - code: 02\n    title: 又一个\n    measures:\n" + MEASURE.replace("02-3", "02-4")
    assert problems(write(SMALL + again)) == [problem(40, "findings 02 code", "“02”与第18行重复；请改用别的编号")]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("", 1, "须为键值，以“inspection:”开头"),
        ("# nothing\n", 1, "须为键值，以“inspection:”开头"),
        (SMALL.encode("gbk"), 3, "不是UTF-8编码（可能是GBK）；请另存为UTF-8"),
        (b"#" * (LARGEST + 1), 1, "超过8192 KiB；请核对是否选错文件"),
    ],
    ids=["empty", "only a comment", "GBK", "too large"],
)
def test_an_unreadable_file_is_refused(write: Write, content: str | bytes, line: int, what: str) -> None:
    assert problems(write(content)) == [problem(line, "文件", what)]


@pytest.mark.parametrize("content", ["- a list\n", "just text\n", "~\n"])
def test_a_file_that_is_no_mapping_is_refused(write: Write, content: str) -> None:
    assert problems(write(content)) == [problem(1, "文件", "须为键值，以“inspection:”开头")]


def test_an_empty_mapping_is_told_every_section_it_lacks(write: Write) -> None:
    sections = ["audiences", "findings", "inspection", "roles", "units"]
    assert problems(write("{}")) == [problem(1, section, "没有填写；请补上") for section in sections]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == [problem(1, "文件", "没有这个文件；请核对路径", "none.yaml")]
    assert problems(tmp_path) == [problem(1, "文件", "是文件夹，不是文件；请核对路径", tmp_path.name)]


def refusal(path: Path) -> FileProblems | None:
    try:
        load_plan(path)
    except FileProblems as error:
        return error
    return None


def loads_or_tells_where(path: Path) -> None:
    refused = refusal(path)
    if refused is not None:
        lines = len(re.findall(rb"\r|\n|\xc2\x85|\xe2\x80[\xa8\xa9]", path.read_bytes())) + 1
        assert refused.problems
        assert all(1 <= one.line <= lines for one in refused.problems)
        assert len(str(refused).splitlines()) == len(refused.problems)


fuzzing = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


yaml_like = st.text(alphabet="ab0 \n\t:-?[]{}<>&*!%@'\"\\\\|#,.~\u3000\u200b\x07事uU", max_size=60)


places = st.integers(min_value=0, max_value=len(SMALL))


@fuzzing
@given(content=st.binary(max_size=200) | st.text(max_size=200) | yaml_like)
def test_whatever_the_file_holds_only_file_problems_come_out(write: Write, content: str | bytes) -> None:
    loads_or_tells_where(write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")))


@fuzzing
@given(start=places, length=st.integers(min_value=0, max_value=40), patch=yaml_like)
def test_whatever_is_pasted_into_a_plan_only_file_problems_come_out(
    write: Write, start: int, length: int, patch: str
) -> None:
    loads_or_tells_where(write(SMALL[:start] + patch + SMALL[start + length :]))


values = st.recursive(
    st.none() | st.text(max_size=5) | st.sampled_from(["clerk", "02-3", "monthly", "2025-05-31"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


@fuzzing
@given(section=st.sampled_from(["inspection", "roles", "units", "audiences", "findings", "lead"]), value=values)
def test_whatever_shape_a_section_has_only_file_problems_come_out(write: Write, section: str, value: object) -> None:
    shapes = yaml.safe_load(SMALL)
    target = shapes if section in shapes else shapes["findings"][0]["measures"][0]
    target[section] = value
    loads_or_tells_where(write(yaml.safe_dump(shapes, allow_unicode=True)))
