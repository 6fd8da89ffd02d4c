"""A plan written as YAML and read back is the identical plan."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from plan.dump import dump_plan
from plan.loader import load_plan
from plan.model import Plan
from plan.types import Cadence, DurationClass, DutyKind, EvidenceRule, InspectionKind, Precision, Roll, WorkState
from text.clean import hidden_character

EZHOU = Path(config.__file__).parent / "plans" / "ezhou-2024.yaml"

VISIBLE = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")).filter(
    lambda char: hidden_character(char) is None
)
TRICKY = st.sampled_from(
    [
        "01",
        "null",
        "~",
        "true",
        "2025-05-31",
        "- 项",
        "a: b",
        "# 注",
        "'",
        '"',
        "1.0",
        "{x}",
        "[y]",
        "&a",
        "*a",
        "!t",
        "%",
        "@",
        "|",
        ">",
    ]
)
WORDS = st.one_of(TRICKY, st.text(VISIBLE, min_size=1, max_size=20))
LINE = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
TEXT = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
DAY = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str)
DUE = st.sampled_from(["end", "end-3wd", "start+9d", "workday -1", "day 25", "month 6 day 30", "after day 5"])


def some(fields: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields, optional=optional)


def words(vocabulary: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([word.value for word in vocabulary])


QUESTION = some({"phrase": LINE, "ask": LINE, "suggest": LINE})
DUTY = some(
    {"kind": words(DutyKind), "title": LINE, "source": LINE, "cadence": st.just("once"), "due_on": DAY},
    roll=words(Roll),
    roll_workdays=st.integers(1, 10),
    precision=words(Precision),
    receiver=LINE,
    assumed=st.booleans(),
) | some(
    {"kind": words(DutyKind), "title": LINE, "source": LINE, "cadence": words(set(Cadence) - {Cadence.ONCE})},
    anchor=DAY,
    due=DUE,
    opens_on=DAY,
    ends_on=DAY,
)
MEASURE = some(
    {
        "title": LINE,
        "text": TEXT,
        "duration": words(DurationClass),
        "state": words(WorkState),
        "state_note": LINE,
        "lead": st.just("no"),
        "duties": st.lists(DUTY, max_size=2),
        "questions": st.lists(QUESTION, max_size=2),
    },
    assisting=st.just(["no"]),
    evidence=words(EvidenceRule),
    warn_days=st.integers(1, 60),
)
FINDING = some({"title": LINE, "measures": st.lists(MEASURE, min_size=1, max_size=2)})
INSPECTION = some(
    {
        "key": st.just("null"),
        "title": LINE,
        "organisation": LINE,
        "inspector": LINE,
        "kind": words(InspectionKind),
        "feedback_on": DAY,
        "source": LINE,
    },
    published_on=DAY,
    phases=some({}, plan_due=DAY, publish_due=DAY),
)
PLANS = some(
    {
        "inspection": INSPECTION,
        "roles": st.fixed_dictionaries({"on": some({"name": LINE}, channels=st.just({"mail": "a@b.cn"}))}),
        "units": st.fixed_dictionaries({"no": some({"name": LINE, "handler": st.just(["on"])})}),
        "audiences": st.just({"office": ["on"]}),
        "findings": st.lists(FINDING, min_size=1, max_size=3),
    }
)


def numbered(data: dict[str, Any]) -> Plan:
    """The plan of the data, with codes and keys filled in."""
    for place, finding in enumerate(data["findings"], 1):
        finding["code"] = f"{place:02d}"
        for number, measure in enumerate(finding["measures"], 1):
            measure["code"] = f"{place:02d}-{number}"
            for count, duty in enumerate(measure["duties"]):
                duty["key"] = f"duty-{count}"
    return Plan.model_validate(data)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLANS)
def test_any_plan_comes_back(tmp_path: Path, data: dict[str, Any]) -> None:
    plan, path = numbered(data), tmp_path / "plan.yaml"
    path.write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(path) == plan


def test_the_plan_of_ezhou_comes_back(tmp_path: Path) -> None:
    plan, path = load_plan(EZHOU), tmp_path / "plan.yaml"
    path.write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(path) == plan


@pytest.mark.parametrize(
    "usual", ["roll:", "precision: day", "evidence: optional", "channels:", "assumed: false", "due: end", "[]", "null"]
)
def test_what_is_as_usual_is_left_out(usual: str) -> None:
    assert usual not in dump_plan(load_plan(EZHOU)).split("\n\n", 1)[1]


def test_it_reads_like_a_plan_written_by_hand() -> None:
    text = dump_plan(load_plan(EZHOU))
    assert text.startswith("# 鄂州市生态环境局党组巡察整改：23个问题，55项措施。依据：局党组2025-01-17整改进展通报\n")
    assert "\n\nfindings:\n- code: '01'\n  title: 理论学习先行不够\n  measures:\n  - code: 01-1\n" in text
    assert "feedback_on: 2024-12-20\n" in text
