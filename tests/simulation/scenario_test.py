"""Scenarios: what their files may say, which rule wins, and one clear line for what is wrong."""

from pathlib import Path

import pytest

from foresight.simulation import Scenario, load_scenario
from foresight.simulation.scenario import Facts, When, built_in
from tests.plans import duty, measure, one_measure, plan_of
from text.refusals import Refusal

FACTS = Facts(measure="02-3", unit="水科", kind="report", cadence="monthly", duty="report")
HEAD = "title: 试\nabout: 试一试\n"


def _scenario(**parts: object) -> Scenario:
    return Scenario.model_validate({"title": "试", "about": "试一试"} | parts)


def test_those_that_come_with_duban_load() -> None:
    assert built_in() == ["late", "on-time", "silent"]
    assert [load_scenario(name).title for name in built_in()] == ["迟报", "按期", "不报"]
    assert load_scenario("silent").default.report is None


def test_later_rules_win_and_change_only_what_they_say() -> None:
    found = _scenario(
        default={"report": "open+3d", "percent": 40},
        rules=[
            {"where": {"unit": "水科"}, "report": "due+5wd", "text": "因汛期推迟"},
            {"where": {"measure": "02-*", "ordinal": [2, 3]}, "report": "never"},
            {"where": {"kind": "finish"}, "percent": 1},
        ],
    )
    first, second = found.behaviour(FACTS, 1), found.behaviour(FACTS, 2)
    assert (first.report, first.text, first.percent) == (When.parse("due+5wd"), "因汛期推迟", 40)
    assert (second.report, second.text, second.percent) == (None, "因汛期推迟", 40)
    assert found.behaviour(FACTS.model_copy(update={"unit": "气科", "measure": "03-1"}), 2).report == When.parse(
        "open+3d"
    )


def test_a_rule_that_fits_nothing_is_a_slip_of_the_pen() -> None:
    plan = plan_of(measure("02-3", duties=[duty("report")]))
    _scenario(rules=[{"where": {"unit": "水科", "cadence": "monthly"}, "report": "never"}]).check_against(plan)
    with pytest.raises(Refusal, match="第2条规则"):
        _scenario(
            rules=[{"where": {"measure": "02-?"}, "percent": 1}, {"where": {"unit": "水利科"}, "report": "never"}]
        ).check_against(plan)


WRONG = {
    "a day nobody can read": ("default: {report: due-2w}", "default.report"),
    "a delay into the past": ("default: {review: -1wd}", "default.review"),
    "a key nobody knows": ("default: {reprot: never}", "default.reprot"),
    "more than everything": ("default: {percent: 101}", "default.percent"),
    "a rule about nothing": ("rules: [{report: never}]", "rules.0.where"),
    "a kind that is none": ("rules: [{where: {kind: song}}]", "rules.0.where.kind"),
    "an outage that ends before it begins": (
        "outages: [{channel: phone, from: 2025-03-04T08:00, to: 2025-03-03T08:00}]",
        "'to' must lie after 'from'",
    ),
    "an outage in another zone": (
        "outages: [{channel: phone, from: '2025-03-03T08:00+01:00', to: 2025-03-04T08:00}]",
        "outages.0.from",
    ),
    "no YAML": ("default: [}", "expected the node content"),
    "a date that is none": ("about: 2025-02-30", "day is out of range"),
    "too deep": ("rules: " + "[" * 5000, "scenario.yaml"),
    "too large": ("#" + "x" * 70_000, "larger than 64 KiB"),
    "not UTF-8": ("about: \udcff", "utf-8"),
}


@pytest.mark.parametrize(("written", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_in_one_line(written: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(HEAD + written + "\n", errors="surrogateescape")
    with pytest.raises(Refusal) as refusal:
        load_scenario(str(file))
    assert refusal.value.code == "scenario_wrong"
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_name_that_is_neither_built_in_nor_a_file() -> None:
    with pytest.raises(Refusal, match="现有：late、on-time、silent"):
        load_scenario("lazy")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.yaml"
    file.write_text("")
    with pytest.raises(Refusal, match=r"empty\.yaml"):
        load_scenario(str(file))
    _scenario().check_against(one_measure())
