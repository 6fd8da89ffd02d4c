"""Bad input on the command line: one line on stderr that says what is wrong, exit status 2, the ledger as it was."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import HERE
from tests.cli.conftest import PLAN, Run

Content = Callable[[], dict[str, Any]]
SUBMIT = ("submit", "01-1", "--duty", "report", "--by", "王工")
LATE = ("submit", "01-2", "--by", "王工", "--percent", "100", "--text")
INSTRUCT = ("instruct", "01-2", "--by", "分管副局长", "--text", "抓紧")
EXTEND = ("extend", "01-1", "--duty", "finish", "--by", "王工", "--reason", "设备未到货")

WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "a measure that is not there": (
        ("submit", "09-9", "--text", "已办", "--percent", "10", "--by", "王工"),
        "没有整改措施“09-9”；请核对编号（全部编号：duban ledger）",
    ),
    "a measure that is not there, when reading": (
        ("show", "09-9"),
        "没有整改措施“09-9”；请核对编号（全部编号：duban ledger）",
    ),
    "a duty that is not there": (
        ("review", "01-1", "--duty", "weekly", "--accept", "--by", "李科长"),
        "措施 01-1 没有督办事项“weekly”；现有：report、finish",
    ),
    "two duties and none named": (
        ("submit", "01-1", "--text", "已办", "--percent", "10", "--by", "王工"),
        "措施 01-1 有多项督办事项，请指明其中一项：report、finish",
    ),
    "an empty text": ((*SUBMIT, "--percent", "10", "--text", ""), "完成情况不能为空；请填写（--text）"),
    "a text of spaces": ((*SUBMIT, "--percent", "10", "--text", " 　\n "), "完成情况不能为空；请填写（--text）"),
    "a text of 100 000 characters": (
        (*SUBMIT, "--percent", "10", "--text", "改" * 100_000),
        "完成情况共100000字，超过上限4000字；请精简或改用佐证材料",
    ),
    "more than everything done": (
        (*SUBMIT, "--percent", "101", "--text", "已办"),
        "进度 101 不在0至100之间；请填写百分数",
    ),
    "nobody who acts": (
        ("submit", "01-1", "--duty", "report", "--text", "已办", "--percent", "10", "--by", " "),
        "必须写明经办人（--by）",
    ),
    "a review before any report": (
        ("review", "01-2", "--accept", "--by", "李科长"),
        "01-2 印发制度 · 2025年2月28日前 还没有可审核的报告；请先填报（duban submit）",
    ),
    "an extension into the past": (
        (*EXTEND, "--to", "2025-03-07"),
        "新期限2025-03-07早于今天2025-03-10；请给出将来的日期",
    ),
    "an extension to no date": ((*EXTEND, "--to", "三月底"), "--to：“三月底”不是日期，请写成 2025-05-31"),
    "an extension of what is due already": (
        ("extend", "01-2", "--by", "王工", "--reason", "未完成", "--to", "2025-04-30"),
        "01-2 印发制度 · 2025年2月28日前 已于2025-02-28到期，延期须在到期前申请；请直接填报并说明原因",
    ),
    "a verdict that is none": (
        ("extend", "01-1", "--by", "分管副局长", "--decide", "maybe"),
        "请给出 --to 日期（申请），或 --decide grant|refuse（批复）",
    ),
    "an escalation that is not there": (
        ("ack", "01-1", "--by", "分管副局长"),
        "措施 01-1 没有待处理的督办单",
    ),
    "an instruction until the end of time": (
        (*INSTRUCT, "--limit", "9999-12-31"),
        "--limit：“9999-12-31”不在1900年至2199年之间；请核对年份",
    ),
    "a simulation of the year 1": (
        ("simulate", "--from", "0001-01-01", "--to", "0001-02-01", "--scenario", "silent"),
        "--from：“0001-01-01”不在1900年至2199年之间；请核对年份",
    ),
    "a simulation of the year 9999": (
        ("simulate", "--from", "9999-12-01", "--to", "9999-12-31", "--scenario", "silent"),
        "--from：“9999-12-01”不在1900年至2199年之间；请核对年份",
    ),
    "a patrol in the year 9999": (
        ("patrol", "--at", "9999-12-31T23:59"),
        "“9999-12-31T23:59”不在1900年至2199年之间；请核对年份",
    ),
    "a patrol before the plan": (("patrol", "--at", "2025-01-01"), "早于方案启用时刻"),
    "a patrol at no instant": (("patrol", "--at", "明天"), "“明天”不是日期或时刻"),
    "a plan file that is not there": (("plan", "check", "nowhere.yaml"), "找不到文件 nowhere.yaml"),
    "a percentage in words": ((*SUBMIT, "--percent", "一半", "--text", "已办"), "--percent：“一半”不是整数"),
    "a port that is none": (("up", "--port", "99999"), "--port：“99999”大于65535"),
    "an option that is not there": (("ledger", "--colour"), "没有选项 --colour；用 --help 查看全部选项"),
    "a command that is not there": (("destroy",), "没有命令 destroy；是否应为 deploy？"),
    "a command of a group that is not there": (("plan", "foo"), "没有命令 foo；用 duban --help 查看全部命令"),
    "no measure": (("show",), "缺少 MEASURE；请补上"),
    "two measures": (("show", "01-1", "01-2"), "多了 01-2；含空格的文字请加引号"),
    "no first day": (("simulate", "--to", "2025-03-01"), "缺少 --from；请补上"),
    "an option without its value": ((*SUBMIT, "--text"), "--text 后面没有写值；请补上"),
    "a value behind a switch": (("ledger", "--json=3"), "--json 后面不写值"),
    "deploying without a server": (("deploy",), "没有可用的 Prefect 服务：请先运行 duban up，或设置 PREFECT_API_URL"),
}


@pytest.mark.parametrize(("arguments", "told"), WRONG.values(), ids=WRONG.keys())
def test_it_is_one_line_and_status_2_and_the_ledger_is_untouched(
    arguments: tuple[str, ...], told: str, loaded: Run, content: Content
) -> None:
    before = content()
    said = loaded(*arguments)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said
    assert told in said.err
    assert content() == before


SETTINGS = {
    "a clock that is none": (
        {"DUBAN_CLOCK": "gestern"},
        "DUBAN_CLOCK: “gestern”不是时刻；请写时刻（2025-05-10T09:00）或相差多久（-P30D）",
    ),
    "a database of another kind": (
        {"DUBAN_DATABASE_URL": "sqlite:///secret-token.db"},
        "DUBAN_DATABASE_URL 不是 PostgreSQL 的地址；请写成 postgresql+psycopg://用户:口令@主机/库名",
    ),
    "a database by another driver": (
        {"DUBAN_DATABASE_URL": "postgresql+psycopg2://u:secret-token@127.0.0.1/duban"},
        "DUBAN_DATABASE_URL 不是 PostgreSQL 的地址",
    ),
    "a database that is no address": (
        {"DUBAN_DATABASE_URL": "secret-token"},
        "DUBAN_DATABASE_URL 不是 PostgreSQL 的地址",
    ),
    "a database that is down": (
        {"DUBAN_DATABASE_URL": "postgresql+psycopg://u:secret-token@127.0.0.1:1/duban"},
        "台账的数据库连接不上（",
    ),
    "a time zone that is none": (
        {"DUBAN_TIMEZONE": "Asia/Ezhou"},
        "DUBAN_TIMEZONE: 没有时区“Asia/Ezhou”；请写成 Asia/Shanghai",
    ),
    "channels that are not JSON": ({"DUBAN_CHANNELS": "mail"}, "DUBAN_CHANNELS: 须为 JSON"),
    "a channel nobody knows": ({"DUBAN_CHANNELS": '{"mail": "pigeon://secret-token"}'}, "通道 mail 的地址不能使用"),
    "a policy that is not there": (
        {"DUBAN_POLICY": "/nowhere/policy.yaml"},
        "policy.yaml:1: 文件: 没有这个文件；请核对路径",
    ),
}


@pytest.mark.parametrize(("surroundings", "told"), SETTINGS.values(), ids=SETTINGS.keys())
def test_a_wrong_setting_is_one_line_and_status_2_before_anything_is_sent(
    surroundings: dict[str, str], told: str, loaded: Run, content: Content
) -> None:
    before = content()
    said = loaded("patrol", **surroundings)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), said
    assert told in said.err
    assert "secret-token" not in said.err
    assert content() == before


CALENDARS = {
    "a day that is none": (
        "holidays: [2027-13-01]\n",
        "2027.yaml:1: holidays 第1项: “2027-13-01”不是日期，请写成 2025-05-31",
    ),
    "a key nobody knows": ("holiday: [2027-02-08]\n", "2027.yaml:1: holiday: 不是这里的栏目；是否应为“holidays”？"),
    "no YAML": ("holidays: [}\n", "2027.yaml:1: 文件: 括号、引号或缩进没有配好；请核对本行及上一行"),
}
COMMANDS = (
    ("ledger",),
    ("show", "01-1"),
    ("explain", "01-1"),
    (*SUBMIT, "--percent", "10", "--text", "已办"),
    ("patrol",),
    ("forecast",),
    ("forecast", "--plan", "plan.yaml"),
    ("simulate", "--plan", "plan.yaml", "--from", "2025-02-17", "--to", "2025-03-10", "--scenario", "silent"),
    ("plan", "load", "plan.yaml", "--yes"),
    ("report", "export", "x.xlsx", "--unit", "水科"),
    ("calendar",),
)


@pytest.mark.parametrize(("written", "told"), CALENDARS.values(), ids=CALENDARS.keys())
def test_a_wrong_calendar_file_is_one_line_and_status_2_from_every_command(
    written: str, told: str, loaded: Run, content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "calendars"
    folder.mkdir()
    (folder / "2027.yaml").write_text(written)
    before = content()
    for command in COMMANDS:
        said = loaded(*command, DUBAN_CALENDARS=str(folder))
        assert (said.status, said.out, said.err) == (2, "", told + "\n"), command
    assert content() == before


def test_a_report_on_a_closed_period_is_refused(loaded: Run, content: Content) -> None:
    assert loaded(*LATE, "制度已印发").status == 0
    assert loaded("review", "01-2", "--accept", "--by", "李科长").out == "01-2 印发制度 · 2025年2月28日前：逾期办结\n"
    before = content()
    said = loaded(*LATE, "再报一次")
    assert (said.status, said.err) == (2, "措施 01-2 没有待办的期次（各期：duban show 01-2）\n")
    assert content() == before


def test_a_report_that_waits_for_its_review_takes_no_second_and_its_author_may_not_judge_it(
    loaded: Run, content: Content
) -> None:
    assert loaded(*LATE, "制度已印发").status == 0
    before = content()
    said = loaded(*LATE, "再报一次")
    assert (said.status, said.err) == (
        2,
        "01-2 印发制度 · 2025年2月28日前 的报告正在待审核，不能重复填报；请等待审核结果\n",
    )
    said = loaded("review", "01-2", "--accept", "--by", "王工")
    assert (said.status, said.err) == (2, "王工不能审核自己填报的报告；请换人审核（--by）\n")
    said = loaded("review", "01-2", "--return", "--by", "李科长")
    assert (said.status, said.err) == (2, "必须写明理由（--reason）\n")
    assert content() == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            ("cadence: monthly", "cadence: fortnightly"),
            "plan.yaml:32: measures 01-1 duties report cadence: “fortnightly”不在可选之列",
        ),
        (("lead: water", "lead: fire"), "fire"),
        (("units:", "units:\n  air: {name: 水科, handler: [handler]}"), "“水科”与第18行重名"),
        (("due_on: 2025-02-28", "due_on: 2025-02-30"), "2025-02-30"),
        (("findings:", "findings: [}"), "plan.yaml:"),
    ],
    ids=["a cadence", "a unit", "two units of one name", "a date", "no YAML"],
)
def test_a_broken_plan_names_file_line_and_fault_and_loads_nothing(
    wrong: tuple[str, str], told: str, run: Run, plan_file: Path, content: Content
) -> None:
    plan_file.write_text(PLAN.replace(*wrong))
    before = content()
    for command in (("plan", "check", str(plan_file)), ("plan", "load", str(plan_file), "--yes")):
        said = run(*command)
        assert (said.status, said.out) == (2, "")
        lines = said.err.splitlines()
        assert all(line.startswith("plan.yaml:") and line.split(":")[1].isdigit() for line in lines), lines
        assert told in said.err
    assert content() == before


def test_another_plan_of_the_same_inspection_is_shown_as_its_amendment_and_changes_nothing_unasked(
    loaded: Run, plan_file: Path, content: Content
) -> None:
    plan_file.write_text(PLAN.replace("建立制度", "另一制度"))
    before = content()
    said = loaded("plan", "load", str(plan_file))
    assert said.status == 0
    assert "方案的变化" in said.out
    assert said.out.endswith("以上尚未生效；加 --yes 后生效\n")
    assert content() == before


def test_an_empty_ledger_is_said(run: Run) -> None:
    said = run("ledger")
    assert (said.status, said.err) == (2, "台账为空；请先启用整改方案（duban plan load 文件）\n")


def duban(*arguments: str, home: Path, **surroundings: str) -> subprocess.CompletedProcess[str]:
    """The installed command as a process of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DUBAN_", "PREFECT_"))}
    command = [str(Path(sys.executable).with_name("duban")), *arguments]
    environment |= {"DUBAN_HOME": str(home)} | surroundings
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60, check=False)


def test_the_installed_command_refuses_a_port_that_is_taken(tmp_path: Path, database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = duban("up", "--port", port, "--yes", home=tmp_path, DUBAN_PREFECT_DATABASE_URL=database)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert f"端口 {port} 已被占用，请用 --port 另选一个" in done.stderr


@pytest.mark.parametrize(
    "day", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"], ids=["9999", "1", "1899", "2200"]
)
def test_a_limit_of_no_year_of_ours_is_refused_when_the_plan_is_checked(day: str, run: Run, plan_file: Path) -> None:
    plan_file.write_text(PLAN.replace("2025-02-28", day))
    said = run("plan", "check", str(plan_file))
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        f"plan.yaml:41: measures 01-2 duties finish due_on: “{day}”不在1900年至2199年之间；请核对年份\n"
    )


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_that_may_be_named_work_everywhere(day: str, run: Run, plan_file: Path) -> None:
    plan_file.write_text(PLAN.replace("2025-02-28", day))
    assert run("plan", "check", str(plan_file)).status == 0
    span = ("--from", day, "--to", day, "--scenario", "silent", "--plan", str(plan_file), "--json")
    assert run("simulate", *span).status == 0
    ahead = ("forecast", "--plan", str(plan_file), "--from", day, "--to", day, "--json")
    assert run(*ahead).status == 0
    assert run("plan", "load", str(plan_file), "--yes").status == 0
    assert day in run("explain", "01-2", "--json").out
    for command in (("ledger",), ("show", "01-2"), ("explain", "01-2"), ("patrol",)):
        assert run(*command).status == 0, command


def test_what_an_argument_holds_cannot_steer_the_terminal(loaded: Run, tmp_path: Path) -> None:
    evil = "\x1b[2J\x9b31m\x07\rx"
    for command in (
        ("show", evil),
        ("submit", evil, "--text", "办", "--percent", "1", "--by", "王工"),
        ("plan", "check", f"{evil}.yaml"),
        ("forecast", "--measure", evil),
        ("forecast", "--from", evil),
        ("patrol", "--at", evil),
        (evil,),
        ("ledger", f"--{evil}"),
        ("report", "export", str(tmp_path / "x.xlsx"), "--unit", evil),
        ("forecast", "--ics", str(tmp_path / f"{evil}.ics")),
        ("simulate", "--from", "2025-03-10", "--to", "2025-03-11", "--scenario", evil),
    ):
        said = loaded(*command)
        assert not set("\x1b\x9b\x07\r") & set(said.out + said.err), command
        assert said.status == 0 or said.err.count("\n") == 1, command


def test_a_terminal_that_knows_no_chinese_is_told_so_in_one_line(tmp_path: Path) -> None:
    done = duban("plan", "check", "x.yaml", home=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "duban speaks Chinese, which ascii cannot show: set PYTHONIOENCODING=utf-8 or LANG=C.UTF-8\n"


@pytest.mark.parametrize("surroundings", [{"LC_ALL": "C", "LANG": "C"}, {"PYTHONIOENCODING": "gbk"}], ids=["C", "gbk"])
def test_a_terminal_that_knows_most_of_it_goes_on(surroundings: dict[str, str], tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("duban")), "plan", "check", str(HERE / "plans" / "ezhou-2024.yaml")]
    done = subprocess.run(
        command, env=os.environ | {"DUBAN_HOME": str(tmp_path)} | surroundings, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_behind_the_output_is_one_line(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("duban")), "plan", "check", str(HERE / "plans" / "ezhou-2024.yaml")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command,
            env=os.environ | {"DUBAN_HOME": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "磁盘已满，没有写完；请腾出空间后核对\n")


def test_a_patrol_before_the_plan_says_both_instants_in_the_zone_of_the_office(loaded: Run) -> None:
    said = loaded("patrol", "--at", "2024-01-01")
    assert (said.status, said.err) == (
        2,
        "2024-01-01 09:00早于方案启用时刻2025-02-17 09:00；请给出之后的时间\n",
    )


def test_the_installed_command_refuses_a_measure_that_is_not_there(tmp_path: Path, database: str) -> None:
    done = duban("show", "09-9", home=tmp_path, DUBAN_DATABASE_URL=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "没有整改措施“09-9”；请核对编号（全部编号：duban ledger）\n"
