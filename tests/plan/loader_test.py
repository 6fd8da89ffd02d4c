"""A broken plan is refused whole, each fault with its line and its remedy, and nothing but a plan error comes out."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan.due import GRAMMAR, DueRule
from plan.loader import LARGEST, PlanError, Problem, load_plan

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


def problems(path: Path) -> list[Problem]:
    with pytest.raises(PlanError) as refused:
        load_plan(path)
    return refused.value.problems


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


CADENCES = "daily, weekly, ten-day, half-monthly, monthly, bimonthly, quarterly, half-yearly, yearly, once"


# fmt: off
BROKEN: list[tuple[str, str, str, int, str, str]] = [
    # what is broken, the text, what stands there instead, line, where, what
    ("an unknown cadence", "bimonthly", "fortnightly", 32, "measures 02-3 duties report-central cadence",
     f"'fortnightly' is not one of {CADENCES}"),
    ("an unknown key", "kind: party", "kind: party\n  knid: x", 7, "inspection knid",
     "is not a known key here; did you mean 'kind'?"),
    ("an unknown key of a role", "mail: a@example.org}}", "mail: x}, nam: y}", 11, "roles chief nam",
     "is not a known key here; did you mean 'name'?"),
    ("a missing key", "        state: in_progress\n", "", 21, "measures 02-3 state", "is missing; add it"),
    ("no roles at all", SMALL[SMALL.index("roles:") : SMALL.index("units:")], "", 1, "roles", "is missing; add it"),
    ("an unknown unit", "lead: water", "lead: watre", 27, "measures 02-3 lead",
     "'watre' is not among the units; did you mean 'water'?"),
    ("an unknown role of a unit", "[clerk], leader", "[klerk], leader", 13, "units water handler #1",
     "'klerk' is not among the roles; did you mean 'clerk'?"),
    ("an unknown role of an audience", "head: [chief]", "head: [boss]", 15, "audiences head #1",
     "'boss' is not among the roles"),
    ("an unknown deputy", "lead: water", "lead: water\n        deputy: [nobody]", 28, "measures 02-3 deputy #1",
     "'nobody' is not among the roles"),
    ("an unknown assisting unit", "lead: water", "lead: water\n        assisting: [air]", 28,
     "measures 02-3 assisting #1", "'air' is not among the units"),
    ("a measure under the wrong finding", "- code: 02-3", "- code: 03-3", 21, "measures 03-3 code",
     "'03-3' must begin with its finding's code: 02-"),
    ("a repeated duty key", "key: finish", "key: report-central", 34, "measures 02-3 duties report-central key",
     "'report-central' is already used on line 29; choose another key"),
    ("a repeated mapping key", "title: 措施三", "title: 措施三\n        title: 又一个", 23, "measures 02-3 title",
     "is written twice, first on line 22; keep one"),
    ("no date for a one-off", "            due_on: 2025-05-31\n", "", 34, "measures 02-3 duties finish",
     "due_on is required for cadence once, and only there"),
    ("a date that does not exist", "2025-05-31", "2025-02-30", 38, "measures 02-3 duties finish due_on",
     "'2025-02-30' is not a date such as 2025-05-31"),
    ("seconds instead of a date", "2024-12-20", "1735689600", 7, "inspection feedback_on",
     "'1735689600' is not a date such as 2025-05-31"),
    ("an unknown due rule", "cadence: bimonthly", "cadence: bimonthly\n            due: monthend", 33,
     "measures 02-3 duties report-central due", f"due rule 'monthend' is not one of: {GRAMMAR}"),
    ("a list where text belongs", "text: 要做的事", "text: [要做的事]", 23, "measures 02-3 text",
     "must be text, not a list"),
    ("text where a list belongs", "head: [chief]", "head: chief", 15, "audiences head",
     "must be a list (lines that begin with '- '), not 'chief'"),
    ("a list where a mapping belongs", "{name: 经办人}", "[经办人]", 10, "roles clerk",
     "must be a mapping (key: value), not a list"),
    ("an empty value", "state_note: 正在做", "state_note:", 26, "measures 02-3 state_note",
     "is empty; write a value or remove the line"),
    ("an empty list", "office: [clerk]", "office: []", 16, "audiences office", "is empty; at least one is needed"),
    ("a blank title", "title: 措施三", "title: '  '", 22, "measures 02-3 title",
     "'  ' must be one line of text, not blank, without spaces around it"),
    ("a title of two lines", "title: 措施三", 'title: "措施\\n三"', 22, "measures 02-3 title",
     "'措施\\n三' must be one line of text, not blank, without spaces around it"),
    ("a control character", "title: 措施三", 'title: "措施\\a三"', 22, "measures 02-3 title",
     "holds the invisible character U+0007; remove it"),
    ("a character that turns text round", "text: 要做的事", 'text: "要\\u202e做"', 23, "measures 02-3 text",
     "holds the invisible character U+202E; remove it"),
    ("half a character", "text: 要做的事", 'text: "\\ud800"', 23, "measures 02-3 text",
     "holds the invisible character U+D800; remove it"),
    ("an endless text", "text: 要做的事", f"text: {'事' * 4001}", 23, "measures 02-3 text",
     "is longer than 4000 characters; shorten it"),
    ("a channel name with spaces", "{mail: a@", "{E mail: a@", 11, "roles chief channels E mail",
     "'E mail' is not a channel name: a-z, 0-9, '-' and '_', at most 32, the first a letter"),
    ("a key in capitals", "key: small", "key: Small", 2, "inspection key",
     "'Small' is not a key: a-z, 0-9 and '-', at most 64, the first a letter"),
    ("a misspelt duration", "standing", "standng", 24, "measures 02-3 duration",
     "'standng' is not one of immediate, dated, staged, standing; did you mean 'standing'?"),
    ("a number out of bounds", "lead: water", "lead: water\n        warn_days: 90", 28, "measures 02-3 warn_days",
     "'90': Input should be less than or equal to 60"),
    ("neither yes nor no", "cadence: bimonthly", "cadence: bimonthly\n            assumed: maybe", 33,
     "measures 02-3 duties report-central assumed",
     "'maybe': Input should be a valid boolean, unable to interpret input"),
    ("a tag that runs code", "text: 要做的事", "text: !!python/object/apply:os.system [ls]", 23, "file",
     "is not YAML: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed; remove it"),
    ("an anchor", "text: 要做的事", "text: &bomb 要做的事", 23, "file",
     "is not YAML: anchors and aliases (bomb) are not allowed; write the text out"),
    ("an alias", "text: 要做的事", "text: *bomb", 23, "file",
     "is not YAML: anchors and aliases (bomb) are not allowed; write the text out"),
    ("a raw control character", "text: 要做的事", "text: 要\x07做", 23, "file",
     "holds the control character '\\x07'; remove it"),
    ("a character beyond Unicode", "text: 要做的事", 'text: "\\UFFFFFFFF"', 23, "file",
     "is not YAML: an escape or number out of range"),
    ("a tab for indentation", "        text:", "\ttext:", 23, "file",
     "is not YAML: found character '\\t' that cannot start any token"),
    ("a bracket left open", "handler: [clerk]", "handler: [clerk", 13, "file",
     "is not YAML: expected ',' or ']', but got '}'"),
    ("a key that is a list", "kind: party", "kind: party\n  ? [kind]\n  : party", 7, "inspection ?",
     "is no plain key; write one word, then a colon"),
    ("two documents", "findings:", "---\nfindings:", 17, "file", "is not YAML: but found another document"),
    ("endless nesting", "text: 要做的事", f"text: {'[' * 500}", 23, "file",
     "is not YAML: it nests deeper than 20 levels"),
    ("a key nobody sees whole", "kind: party", 'kind: party\n  "k\\u200bind": x', 7, "inspection k\\u200bind",
     "is no plain key; write one word, then a colon"),
]
# fmt: on


@pytest.mark.parametrize(
    ("right", "wrong", "line", "where", "what"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_plan_is_refused_with(write: Write, right: str, wrong: str, line: int, where: str, what: str) -> None:
    assert SMALL.count(right) == 1
    assert problems(write(SMALL.replace(right, wrong))) == [Problem(line, where, what)]


def test_all_problems_are_told_at_once_in_the_order_of_lines(write: Write) -> None:
    text = SMALL.replace("bimonthly", "fortnightly").replace("lead: water", "lead: air").replace("key: small", "key: S")
    with pytest.raises(PlanError) as refused:
        load_plan(write(text))
    assert str(refused.value).splitlines() == [
        "plan.yaml:2: inspection key: 'S' is not a key: a-z, 0-9 and '-', at most 64, the first a letter",
        "plan.yaml:27: measures 02-3 lead: 'air' is not among the units",
        f"plan.yaml:32: measures 02-3 duties report-central cadence: 'fortnightly' is not one of {CADENCES}",
    ]


def test_a_repeated_measure_code_names_the_line_of_the_first(write: Write) -> None:
    assert problems(write(SMALL + MEASURE)) == [
        Problem(40, "measures 02-3 code", "'02-3' is already used on line 21; choose another code")
    ]


def test_a_repeated_finding_code_names_the_line_of_the_first(write: Write) -> None:
    again = "  - code: 02\n    title: 又一个\n    measures:\n" + MEASURE.replace("02-3", "02-4")
    assert problems(write(SMALL + again)) == [
        Problem(40, "findings 02 code", "'02' is already used on line 18; choose another code")
    ]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("", 1, "is empty; a plan begins with 'inspection:'"),
        ("# nothing\n", 1, "is empty; a plan begins with 'inspection:'"),
        (SMALL.encode("gbk"), 3, "is not UTF-8 (GBK?); save the file with the encoding UTF-8"),
        (b"#" * (LARGEST + 1), 1, "is larger than 8192 KiB; a plan of one round is far smaller"),
    ],
    ids=["empty", "only a comment", "GBK", "too large"],
)
def test_an_unreadable_file_is_refused(write: Write, content: str | bytes, line: int, what: str) -> None:
    assert problems(write(content)) == [Problem(line, "file", what)]


@pytest.mark.parametrize("content", ["- a list\n", "just text\n", "~\n"])
def test_a_file_that_is_no_mapping_is_refused(write: Write, content: str) -> None:
    assert problems(write(content)) == [Problem(1, "plan", "must be a mapping that begins with 'inspection:'")]


def test_an_empty_mapping_is_told_every_section_it_lacks(write: Write) -> None:
    sections = ["audiences", "findings", "inspection", "roles", "units"]
    assert problems(write("{}")) == [Problem(1, section, "is missing; add it") for section in sections]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == [Problem(1, "file", "cannot be read: No such file or directory")]
    assert problems(tmp_path) == [Problem(1, "file", "cannot be read: Is a directory")]


def refusal(path: Path) -> PlanError | None:
    try:
        load_plan(path)
    except PlanError as error:
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
def test_whatever_the_file_holds_only_a_plan_error_comes_out(write: Write, content: str | bytes) -> None:
    loads_or_tells_where(write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")))


@fuzzing
@given(start=places, length=st.integers(min_value=0, max_value=40), patch=yaml_like)
def test_whatever_is_pasted_into_a_plan_only_a_plan_error_comes_out(
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
def test_whatever_shape_a_section_has_only_a_plan_error_comes_out(write: Write, section: str, value: object) -> None:
    shapes = yaml.safe_load(SMALL)
    target = shapes if section in shapes else shapes["findings"][0]["measures"][0]
    target[section] = value
    loads_or_tells_where(write(yaml.safe_dump(shapes, allow_unicode=True)))
