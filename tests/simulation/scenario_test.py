"""Scenarios: what their files may say, which rule wins, and one clear line for what is wrong."""

from pathlib import Path

import pytest

from foresight.simulation import Scenario, load_scenario
from foresight.simulation.scenario import DutyFacts, When, built_in
from plan.yaml_reader import FileProblems
from tests.plans import duty, measure, one_measure, plan_of
from text.refusals import Refusal

FACTS = DutyFacts(measure="02-3", unit="水科", kind="report", cadence="monthly", duty="report")
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


def test_the_last_rule_that_fits_a_paper_says_when_it_goes_out() -> None:
    rules = [{"kind": "province", "after": "+5wd"}, {"ordinal": [2, 3], "after": "never"}]
    papers = _scenario(papers={"after": "+0wd", "rules": rules}).papers
    delays = [papers.delay("province", 1), papers.delay("province", 2), papers.delay("dispatch", 1)]
    assert [one and one.count for one in delays] == [5, None, 0]


def test_a_rule_that_fits_nothing_is_a_slip_of_the_pen() -> None:
    plan = plan_of(measure("02-3", duties=[duty("report")]))
    _scenario(rules=[{"where": {"unit": "水科", "cadence": "monthly"}, "report": "never"}]).check_against(plan)
    with pytest.raises(Refusal, match="第2条规则"):
        _scenario(
            rules=[{"where": {"measure": "02-?"}, "percent": 1}, {"where": {"unit": "水利科"}, "report": "never"}]
        ).check_against(plan)


WRONG = {
    "a day nobody can read": ("default: {report: due-2w}", "default report: “due-2w”不是日子"),
    "a delay into the past": ("default: {review: -1wd}", "default review: “-1wd”早于起点"),
    "a key nobody knows": ("default: {reprot: never}", "default reprot: 不是这里的栏目；是否应为“report”？"),
    "more than everything": ("default: {percent: 101}", "default percent: “101”大于100"),
    "a rule about nothing": ("rules: [{report: never}]", "rules 第1项 where: 没有填写；请补上"),
    "a kind that is none": ("rules: [{where: {kind: song}}]", "rules 第1项 where kind 第1项: “song”不在可选之列"),
    "an outage that ends before it begins": (
        "outages: [{channel: phone, from: 2025-03-04T08:00, to: 2025-03-03T08:00}]",
        "outages 第1项: 中断的结束（to）须晚于开始（from）",
    ),
    "an outage in another zone": (
        "outages: [{channel: phone, from: '2025-03-03T08:00+01:00', to: 2025-03-04T08:00}]",
        "outages 第1项 from: “2025-03-03T08:00+01:00”带有时区",
    ),
    "no YAML": ("default: [}", "括号、引号或缩进没有配好"),
    "a line that is written twice": ("about: 2025-02-30", "about: 写了两次，首次在第2行；请只留一处"),
    "too deep": ("rules: " + "[" * 5000, "嵌套超过20层"),
    "too large": ("#" + "x" * 70_000, "超过64 KiB"),
    "not UTF-8": ("about: \udcff", "不是UTF-8编码"),
}


@pytest.mark.parametrize(("written", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_in_one_line(written: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(HEAD + written + "\n", errors="surrogateescape")
    with pytest.raises(FileProblems, match=r"^scenario\.yaml:\d+: ") as refusal:
        load_scenario(str(file))
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_name_that_is_neither_built_in_nor_a_file() -> None:
    with pytest.raises(Refusal, match="现有：late、on-time、silent"):
        load_scenario("lazy")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.yaml"
    file.write_text("")
    with pytest.raises(FileProblems, match=r"^empty\.yaml:1: 文件: 是空的；请填写$"):
        load_scenario(str(file))
    _scenario().check_against(one_measure())
