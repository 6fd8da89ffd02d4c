"""What the reading commands say, as data: others build on these shapes."""

import re
from pathlib import Path

from config.settings import HERE
from tests.cli.conftest import Run

DUTY = {"key", "kind", "title", "cadence", "assumed", "next_opens_at", "next_due_at", "missed"}
MEASURE = {"code", "title", "finding", "lead_unit", "duration_class", "work_state", "time_state", "lamp", "duties"}
TOTALS = {
    "at",
    "opened",
    "rungs",
    "alerts",
    "escalations",
    "messages",
    "parked",
    "doubt",
    "truncated",
    "sent",
    "retried",
    "dead",
    "trail_length",
    "trail_head",
    "overlooked",
    "unarmed",
    "parked_runs",
    "open_escalations",
    "unsent",
    "dead_letters",
    "channels_down",
    "oldest_undelivered_minutes",
    "due_in_seven_days",
    "minutes_since_patrol",
}


def test_the_ledger_lists_findings_measures_and_what_is_due_next(loaded: Run) -> None:
    view = loaded("ledger", "--json").json
    assert view["inspection"]["title"] == "第一轮巡察整改"
    assert view["inspection"]["activated_at"] == "2025-02-17T09:00:00+08:00"
    assert view["findings"] == [{"code": "01", "title": "调度不够", "goal": None}]
    first, second = view["measures"]
    assert first.keys() >= MEASURE
    assert all(duty.keys() == DUTY for duty in first["duties"])
    assert (first["code"], first["finding"], first["duration_class"]) == ("01-1", "01", "staged")
    assert [(d["cadence"], d["next_opens_at"], d["next_due_at"]) for d in first["duties"]] == [
        ("monthly", "2025-03-01T00:00:00+08:00", "2025-02-28T23:59:59+08:00"),
        ("once", None, "2025-05-30T23:59:59+08:00"),
    ]
    assert (second["time_state"], second["lamp"]) == ("overdue", "orange")


def test_the_plan_of_ezhou_has_23_findings_and_55_measures(run: Run) -> None:
    assert run("plan", "load", str(HERE / "plans" / "ezhou-2024.yaml"), "--at", "2025-01-17", "--yes").status == 0
    view = run("ledger", "--json").json
    assert (len(view["findings"]), len(view["measures"])) == (23, 55)
    cadences = {duty["cadence"] for measure in view["measures"] for duty in measure["duties"]}
    assert cadences == {"monthly", "bimonthly", "quarterly", "half-yearly", "yearly", "once"}


def test_a_patrol_counts_what_it_did_and_the_same_instant_again_does_nothing(loaded: Run) -> None:
    first = loaded("patrol", "--json", DUBAN_CLOCK="2025-03-12T09:00").json
    assert first.keys() == TOTALS
    assert first["at"] == "2025-03-12T09:00:00+08:00"
    # February's report and the system, both due on 28 February: orange on 5 March, red on 11 March.
    assert (first["opened"], first["escalations"], first["open_escalations"]) == (1, 4, 2)
    assert (first["messages"], first["sent"], first["unsent"]) == (6, 6, 0)
    assert (first["parked"], first["truncated"], first["overlooked"], first["unarmed"]) == (0, False, 0, 0)
    again = loaded("patrol", "--json", DUBAN_CLOCK="2025-03-12T09:00").json
    assert (again["opened"], again["rungs"], again["alerts"], again["escalations"], again["messages"]) == (0,) * 5
    assert (again["sent"], again["open_escalations"]) == (0, 2)


def test_a_patrol_leaves_the_letters_in_the_folder(loaded: Run, tmp_path: Path) -> None:
    assert loaded("patrol", DUBAN_CLOCK="2025-03-12T09:00").out == (
        "新开1期，新增提醒18条、督办单4份、消息6封；已发6封，待发0封\n"
    )
    names = {file.name for file in (tmp_path / "outbox" / "2025-03-12").glob("*.md")}
    assert {name.split("--")[1] for name in names} == {
        "水科经办人.md",
        "水科负责人.md",
        "分管副局长.md",
        "局长.md",
        "纪检组.md",
        "整改办.md",
    }


def test_loading_shows_what_it_will_send_and_writes_nothing_when_declined(run: Run, plan_file: Path) -> None:
    said = run("plan", "load", str(plan_file), "--at", "2025-03-10")
    assert said.status == 1
    assert "已逾期（启用即催办）" in said.out
    assert re.search(r"01-2\s+│ 印发制度\s+│ 2025年2月28日前 │ 2025-02-28", said.out)
    assert "将收到的提醒（如一直不填报）" in said.out
    assert "当即开启 3 期；推定事项 0 项" in said.out
    assert run("ledger").status == 2


def test_what_the_preview_promises_is_what_the_first_patrol_sends(run: Run, plan_file: Path) -> None:
    done = run("plan", "load", str(plan_file), "--at", "2025-03-10", "--yes", "--json").json
    assert (done["measures"], done["duties"], done["opened"]) == (2, 3, 3)
    preview = done["preview"]
    assert preview["overdue"] == [
        {"measure": "01-2", "duty": "印发制度", "label": "2025年2月28日前", "due_on": "2025-02-28"}
    ]
    assert len(preview["opening"]) == 3
    promised = sum(one["at_once"] for one in preview["recipients"])
    assert promised == run("patrol", "--at", "2025-03-10", "--json").json["alerts"]
    assert run("plan", "load", str(plan_file), "--at", "2025-03-10", "--yes").out == "该方案已在督办，没有变化\n"


def test_explain_says_where_each_date_comes_from(loaded: Run) -> None:
    view = loaded("explain", "01-1", "--json").json
    report = view["duties"][0]
    assert (view["measure"], report["source"], report["rule"]["cadence"]) == ("01-1", "措施一", "monthly")
    (february,) = report["periods"]
    assert (february["window"], february["due_on"], february["workday"]) == (
        "2025-02-01 — 2025-02-28",
        "2025-02-28",
        True,
    )
    steps = {one["rung"]: (one["at"], one["to"]) for one in february["steps"]}
    assert steps["remind"] == ("2025-02-25T08:30:00+08:00", ["水科经办人"])
    assert steps["orange"] == ("2025-03-05T08:30:00+08:00", ["分管副局长"])
    assert steps["red"] == ("2025-03-11T08:30:00+08:00", ["局长", "纪检组"])


def test_explain_says_it_in_chinese_from_the_due_rule_to_the_rungs(loaded: Run) -> None:
    extend = ("extend", "01-1", "--duty", "finish", "--by", "王工", "--reason", "设备未到货", "--to", "2025-06-13")
    assert loaded(*extend).status == 0
    lines = loaded("explain", "01-1").out.splitlines()
    assert lines[2:6] == [
        "■ 月报（代号 report）",
        "  依据：措施一",
        "  规则：每月，每期期限为期末，遇节假日不顺延，下期2025年3月1日开启",
        "  · 01-1 月报 · 2025年2月：2025年2月1日开启，期限2025年2月28日（工作日）",
    ]
    for line in (
        "  规则：一次性，期限2025年5月30日，遇节假日不顺延，没有下一期",
        "    延期：由2025年5月30日延至2025年6月13日，待批复；理由：设备未到货",
        "    2025年2月25日08:30 期限前3个工作日（蓝）→ 水科经办人 未到",
        "    2025年2月28日08:30 期限当日（蓝）→ 水科经办人 未到",
        "    2025年3月5日08:30 期限后第3个工作日（橙）→ 分管副局长 未到",
        "    2025年5月20日08:30 期限前10天（黄）→ 水科经办人、水科负责人 未到",
    ):
        assert line in lines
    latin = {word for line in lines for word in re.findall("[A-Za-z_-]{2,}", line)}
    assert latin == {"report", "finish"}  # the codes by which a command names a duty


def test_show_and_the_audit_trail_tell_what_was_done(loaded: Run) -> None:
    loaded(
        "submit", "01-1", "--duty", "report", "--text", "完成调度", "--percent", "40", "--by", "王工", "--evidence", "a"
    )
    (february,) = [p for p in loaded("show", "01-1", "--json").json["periods"] if p["duty"] == "report"]
    (said,) = february["submissions"]
    assert (february["state"], said["percent"], said["evidence"]) == ("submitted", 40, ["a"])
    assert said["submitted_at"] == "2025-03-10T09:00:00+08:00"
    told = loaded("show", "01-1").out
    assert "月报" in told
    assert "report" not in told
    assert "填报 月报 · 2025年2月：2025年3月10日09:00，王工，40%，完成调度\n  佐证：a\n  审核：待审核\n" in told
    verdict = loaded("audit", "verify", "--json").json
    assert (verdict["entries"], verdict["broken_at"]) == (4, None)
    assert loaded("audit", "verify").out == f"审计链完整：4条，末条 {verdict['head']}\n"


def test_show_tells_of_the_escalations_and_what_was_instructed(loaded: Run) -> None:
    loaded("patrol")
    loaded("instruct", "01-2", "--by", "分管副局长", "--text", "本周办结", "--limit", "2025-03-14")
    told = loaded("show", "01-2").out
    assert re.search(
        r"督办〔2025〕\d号 印发制度 · 2025年2月28日前：橙，已批示，2025年3月10日09:00，时限2025年3月14日，分管副局长\n"
        r"  批示：本周办结（分管副局长，2025年3月10日09:00）",
        told,
    )


def test_the_doctor_finds_nothing_wrong_and_names_what_is(loaded: Run) -> None:
    loaded("patrol")
    assert all(one["ok"] for one in loaded("doctor", "--json").json)
    said = loaded("doctor", DUBAN_CHANNELS='{"mail": "pigeon://secret-token"}')
    assert (said.status, said.err) == (1, "")
    (wrong,) = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert wrong.startswith("✗ 通道：通道 mail 的地址不能使用")
    assert "secret-token" not in said.out
