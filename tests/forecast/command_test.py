"""``duban forecast`` as a person types it."""

from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.cli.conftest import PLAN, Run

AT = ("--from", "2025-02-17", "--to", "2025-04-30")


def test_the_ledger_forecasts_what_is_to_come(loaded: Run) -> None:
    found = loaded("forecast", "--json").json
    assert (found["from"], found["to"], found["round"]) == ("2025-03-10", "2025-06-08", "test-round")
    assert {event["measure"] for event in found["events"]} == {"01-1", "01-2"}
    due = [(event["day"], event["duty"]) for event in found["events"] if event["kind"] == "due"]
    assert due == [
        ("2025-03-31", "report"),
        ("2025-04-30", "report"),
        ("2025-05-30", "finish"),
        ("2025-05-31", "report"),
    ]
    [reminder] = [one for one in found["events"] if one["rung"] == "remind" and one["period"] == "2025年3月"]
    assert reminder == {
        "key": reminder["key"],
        "at": "2025-03-26T08:30:00+08:00",
        "day": "2025-03-26",
        "kind": "reminder",
        "level": "blue",
        "measure": "01-1",
        "measure_title": "每月调度",
        "unit": "水科",
        "duty": "report",
        "duty_title": "月报",
        "duty_kind": "report",
        "period": "2025年3月",
        "ordinal": reminder["ordinal"],
        "due_on": "2025-03-31",
        "rung": "remind",
        "to": [{"key": "handler", "name": "水科经办人"}],
        "limit_on": None,
        "provisional": False,
        "assumed": False,
        "reason": "期限2025年3月31日前3个工作日",
        "facts": reminder["facts"],
    }
    assert found["load"]["requests_per_week"] == 5
    assert {week["unit"] for week in found["load"]["units"]} == {"水科"}


def test_what_has_come_due_and_is_not_recorded_yet_fires_at_once(loaded: Run) -> None:
    events = loaded("forecast", "--measure", "01-2", "--json").json["events"]
    at_once = [event["rung"] for event in events if event["at"] == "2025-03-10T09:00:00+08:00"]
    assert at_once == ["open", "remind", "due", "yellow", "orange"]


def test_a_report_ends_what_is_forecast_of_its_period(loaded: Run) -> None:
    loaded("submit", "01-2", "--text", "已印发", "--percent", "100", "--by", "张三")
    events = loaded("forecast", "--measure", "01-2", "--json").json["events"]
    assert {event["kind"] for event in events} == {"review", "repeat"}
    assert events[0]["reason"].startswith("填报（2025年3月10日）后尚未审核")


def test_a_plan_is_forecast_as_if_activated_on_the_first_day(run: Run, plan_file: Path) -> None:
    found = run("forecast", "--plan", str(plan_file), *AT, "--json").json
    assert found["now"] == "2025-02-17T09:00:00+08:00"
    assert found["events"][0]["at"] == "2025-02-17T09:00:00+08:00"
    one = run("forecast", "--plan", str(plan_file), *AT, "--measure", "01-2", "--unit", "水科", "--json").json
    assert one["events"] == [event for event in found["events"] if event["measure"] == "01-2"]


def test_people_read_a_table(run: Run, plan_file: Path) -> None:
    said = run("forecast", "--plan", str(plan_file), *AT, "--measure", "01-2", COLUMNS="200")
    assert said.status == 0
    assert "第一轮巡察整改：2025-02-17 至 2025-04-30，如一直不填报" in said.out
    for text in ("2025-02-28", "全天", "到期", "水科经办人", "每人信件"):
        assert text in said.out


def test_files_for_phones_and_for_excel(run: Run, plan_file: Path, tmp_path: Path) -> None:
    ics, xlsx = tmp_path / "督办.ics", tmp_path / "督办.xlsx"
    assert "已写入" in run("forecast", "--plan", str(plan_file), *AT, "--ics", str(ics)).out
    assert len(Calendar.from_ical(ics.read_bytes()).walk("VEVENT")) == 4
    assert run("forecast", "--plan", str(plan_file), *AT, "--xlsx", str(xlsx)).status == 0
    assert load_workbook(xlsx)["预测"].max_row > 20


def test_a_plan_in_excel_is_read_as_well(run: Run, plan_file: Path, tmp_path: Path) -> None:
    from papers.workbook.plan_sheets import write_plan
    from plan.loader import load_plan

    write_plan(load_plan(plan_file), tmp_path / "plan.xlsx")
    from_yaml = run("forecast", "--plan", str(plan_file), *AT, "--json").json
    assert run("forecast", "--plan", str(tmp_path / "plan.xlsx"), *AT, "--json").json == from_yaml


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2025-03-01"), "早于今天 2025-03-10"),
        (("--to", "2025-03-01"), "截止日 2025-03-01 早于起始日 2025-03-10"),
        (("--to", "2099-01-01"), "超过上限3660天"),
        (("--to", "9999-12-31"), "--to：“9999-12-31”不在1900年至2199年之间；请核对年份"),
        (("--to", "明天"), "不是日期"),
        (("--from", "9999-12-01"), "不在1900年至2199年之间"),
        (("--from", "0001-01-01"), "不在1900年至2199年之间"),
        (("--measure", "99-9"), "没有整改措施“99-9”"),
        (("--unit", "气科"), "没有名为“气科”的责任单位；现有：水科"),
        (("--json", "--ics", "x.ics"), "只能选一个"),
        (("--plan", "missing.yaml"), "找不到文件"),
        (("--against", "missing.yaml"), "找不到文件"),
        (("--ics", "/nowhere/x.ics"), "找不到文件夹 /nowhere"),
    ],
)
def test_what_is_wrong_is_one_line_and_status_2(loaded: Run, arguments: tuple[str, ...], said: str) -> None:
    refused = loaded("forecast", *arguments)
    assert (refused.status, refused.out) == (2, "")
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_an_empty_ledger_says_so(run: Run) -> None:
    refused = run("forecast")
    assert (refused.status, refused.err[:5]) == (2, "台账为空；")


def test_a_faulty_plan_names_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(PLAN.replace("cadence: monthly", "cadence: sometimes"))
    refused = run("forecast", "--plan", str(tmp_path / "bad.yaml"))
    assert refused.status == 2
    assert "bad.yaml:" in refused.err


def test_a_forecast_changes_nothing(loaded: Run, content) -> None:  # type: ignore[no-untyped-def]
    before = content()
    loaded("forecast", "--json")
    assert content() == before
