"""The acting commands mean what is named; where several are possible and none is named, they list them, no more."""

from pathlib import Path

import pytest
from docx import Document

from tests.cli.conftest import Run, Said
from tests.cli.roundtrip_test import Content

REPORT = ("--text", "已调度", "--percent", "40", "--by", "王工")
MONTHS = "2025年2月（期限2025-02-28）、2025年3月（期限2025-03-31）"


@pytest.fixture
def two_months(loaded: Run) -> Run:
    """February and March of the monthly report are open, and February's has a sheet, as has the system due then."""
    assert loaded("patrol").status == 0
    return loaded


def test_a_period_is_never_guessed(two_months: Run, content: Content) -> None:
    before = content()
    said = two_months("submit", "01-1", "--duty", "report", *REPORT)
    assert (said.status, said.err) == (2, f"措施 01-1 有多期可选，请指明其中一期：{MONTHS}（--period）\n")
    said = two_months("submit", "01-1", "--duty", "report", "--period", "五月", *REPORT)
    assert (said.status, said.err) == (2, "措施 01-1 没有待办的期次“五月”；现有：2025年2月、2025年3月\n")
    assert content() == before


def test_the_period_that_is_named_is_meant(two_months: Run) -> None:
    said = two_months("submit", "01-1", "--duty", "report", "--period", "2025年3月", *REPORT)
    assert (said.status, said.out) == (0, "01-1 月报 · 2025年3月：已填报，待审核\n")
    extend = ("extend", "01-1", "--duty", "report", "--period", "2025年3月", "--to", "2025-04-15")
    assert two_months(*extend, "--reason", "雨天", "--by", "王工").status == 0
    # Only one of the two waits for a review, and only one for a decision.
    assert two_months("extend", "01-1", "--decide", "grant", "--by", "李局").out.startswith(
        "01-1 月报 · 2025年3月：同意"
    )
    assert "第2轮待填报" in two_months("review", "01-1", "--return", "--reason", "缺数据", "--by", "李科长").out


def test_an_interim_report_is_said_to_be_one(loaded: Run) -> None:
    assert loaded("submit", "01-2", *REPORT).status == 0
    said = loaded("review", "01-2", "--accept", "--by", "李科长")
    assert said.out == "01-2 印发制度 · 2025年2月28日前：进展已认可，尚未完成，第2轮待填报，期限 2025-02-28\n"


def test_a_sheet_is_never_guessed(loaded: Run, content: Content) -> None:
    assert loaded("patrol", DUBAN_CLOCK="2025-06-09T09:00").status == 0
    before = content()
    said = loaded("ack", "01-1", "--by", "李局", DUBAN_CLOCK="2025-06-09T10:00")
    assert said.status == 2
    assert said.err.startswith("措施 01-1 有多份督办单待处理，请指明其中一份：通报〔2025〕")
    assert said.err.endswith("（完工 2025年5月30日前）（--sheet）\n")
    said = loaded("instruct", "01-1", "--sheet", "99", "--text", "办", "--by", "李局", DUBAN_CLOCK="2025-06-09T10:00")
    assert said.err.startswith("措施 01-1 没有待处理的督办单“99”；现有：通报〔2025〕")
    assert content() == before
    periods = loaded("show", "01-1", "--json").json["periods"]
    (number,) = [s["number"] for p in periods if p["label"] == "2025年5月30日前" for s in p["escalations"]]
    said = loaded("ack", "01-1", "--sheet", number, "--by", "李局", DUBAN_CLOCK="2025-06-09T10:00")
    assert (said.status, said.out) == (0, f"{number}：已签收，有效至 2025-06-11\n")
    said = loaded("ack", "01-1", "--period", "2025年2月", "--by", "李局", DUBAN_CLOCK="2025-06-09T10:00")
    assert said.status == 0


def test_a_serious_matter_is_raised_interviewed_and_named(loaded: Run, content: Content, tmp_path: Path) -> None:
    before = content()
    said = loaded("escalate", "01-2", "顶格", "--reason", "省里点名", "--by", "李局")
    assert said.status == 2
    assert said.err.startswith("01-2 印发制度 · 2025年2月28日前 不能提级到“顶格”；可以是：")
    assert "interview：红色约谈（期限后第12个工作日，主要领导、纪检监察组）" in said.err
    said = loaded("escalate", "01-2", "interview", "--by", "李局")
    assert (said.status, said.err) == (2, "必须写明理由（--reason）\n")
    assert content() == before
    said = loaded("escalate", "01-2", "interview", "--reason", "省里点名", "--by", "李局")
    assert (said.status, said.out) == (
        0, "01-2 印发制度 · 2025年2月28日前：已提级，约谈〔2025〕1号，时限 2025-03-17\n"
    )  # fmt: skip
    said = loaded("circulate", "01-2", "--text", "予以通报", "--by", "李局")
    assert (said.status, said.err) == (2, "约谈〔2025〕1号 不是通报，不能这样办理；请批示或签收\n")
    talk = ("interview", "01-2", "--attended", "李科长", "--text", "本周印发", "--by", "李局")
    said = loaded(*talk, "--held-on", "2025-03-11")
    assert (said.status, said.err) == (2, "约谈日期2025-03-11晚于今天2025-03-10；请核对\n")
    said = loaded(*talk, "--held-on", "2025-03-10", "--limit", "2025-03-14")
    assert (said.status, said.out) == (0, "约谈〔2025〕1号：已约谈，新时限 2025-03-14\n")
    shown = loaded("show", "01-2").out
    assert "提级：省里点名（李局）" in shown
    assert "约谈：2025年3月10日，李科长" in shown
    assert "要求：本周印发（李局，" in shown
    record = tmp_path / "约谈.docx"
    assert loaded("compile", "interview", "--period", "2025-03", "--sheet", "1", "-o", str(record)).status == 0
    assert "约谈纪要" in [one.text for one in Document(str(record)).paragraphs]
    assert loaded("escalate", "01-2", "circular", "--reason", "仍未印发", "--by", "李局").status == 0
    said = loaded("circulate", "01-2", "--text", "予以通报", "--by", "李局")
    assert (said.status, said.out) == (0, "通报〔2025〕1号：已决定通报，新时限 2025-03-17\n")
    said = loaded("release", "paper", "circular", str(record), "--sheet", "1", "--by", "整改办")
    assert said.status == 2  # the contact and the place were not filled in
    final = tmp_path / "定稿.docx"
    document = Document()
    document.add_paragraph("关于一项整改事项的通报")
    document.save(str(final))
    said = loaded("release", "paper", "circular", str(final), "--sheet", "1", "--by", "整改办")
    assert said.out.startswith("已发布：专项通报（通报〔2025〕1号）第1版")
    assert loaded("release", "list", "--json").json["papers"][0]["sheet"] == "通报〔2025〕1号"


def test_a_measure_is_suspended_and_resumed(loaded: Run) -> None:
    suspend = ("suspend", "01-2", "--until", "2025-06-30", "--reason", "等待上级文件", "--by", "整改办")
    said = loaded(*suspend, "--evidence", "请示")
    assert (said.status, said.out) == (0, "01-2：已挂账，停止计时，预计 2025-06-30 恢复\n")
    assert "挂账 2025年3月10日起，预计2025年6月30日恢复：等待上级文件（整改办）" in loaded("show", "01-2").out
    said = loaded("submit", "01-2", *REPORT)
    assert said.err == "措施 01-2 已挂账，停止计时，暂不填报；请先恢复（duban resume 01-2）\n"
    said = loaded("resume", "01-2", "--by", "整改办", DUBAN_CLOCK="2025-05-06T09:00")
    assert said.out == "01-2：已恢复计时\n  01-2 印发制度 · 2025年2月28日前，期限 2025-02-28\n"


def test_an_overview_says_since_when_nothing_is_known(loaded: Run) -> None:
    soon = {"DUBAN_CLOCK": "2025-02-17T10:00"}
    assert "未知" in loaded("ledger", **soon).out
    assert loaded("ledger", "--json", **soon).json["measures"][0]["unknown_since"] == "2025-02-17"


def test_the_office_lets_a_period_end_without_a_report(two_months: Run, content: Content) -> None:
    before = content()
    said = two_months("skip", "01-1", "--reason", "本月停工", "--by", "整改办")
    assert (said.status, said.err) == (2, f"措施 01-1 有多期可选，请指明其中一期：{MONTHS}（--period）\n")
    said = two_months("skip", "01-1", "--period", "2025年2月", "--reason", "本月停工", "--by", "水科经办人")
    assert (said.status, said.err) == (2, "水科经办人是01-1的承办方，不能自行决定；请由他人办理（--by）\n")
    said = two_months("merge", "01-1", "--period", "2025年2月", "--reason", "合并", "--by", "局长")
    assert (said.status, said.err) == (
        2,
        "局长无权决定免报、并入下期；请由整改办办理，或在策略的 rights 中另作规定（--by）\n",
    )
    assert content() == before
    said = two_months("merge", "01-1", "--period", "2025年2月", "--reason", "与三月合并", "--by", "整改办")
    assert (said.status, said.out) == (0, "01-1 月报 · 2025年2月：并入下期\n")
    assert two_months("skip", "01-1", "--duty", "report", "--reason", "停工", "--by", "整改办").out.endswith("：免报\n")
    assert two_months("ledger", "--json").json["outcomes"] == {"on_time": 0, "late": 0, "skipped": 1, "merged": 1}
    counted = "已了结的期次：按期办结0期，逾期办结0期，免报1期，并入下期1期"
    assert counted in two_months("ledger").out
    shown = two_months("show", "01-1").out
    assert counted in shown
    assert "并入下期 月报 · 2025年2月：与三月合并（整改办）" in shown


def test_a_measure_is_struck_off_stage_by_stage_and_reopened(loaded: Run, tmp_path: Path) -> None:
    def at(day: str, *command: str) -> Said:
        return loaded(*command, DUBAN_CLOCK=f"{day}T10:00:00+08:00")

    said = at("2025-02-24", "close", "01-2", "--reason", "已印发", "--by", "整改办")
    assert (said.status, said.err) == (2, "01-2不能由“整改中”变为“已销号”\n")
    assert at("2025-02-24", "closure", "01-2").err.startswith("措施 01-2 没有进入过销号")
    photo = tmp_path / "制度.txt"
    photo.write_text("印发稿", encoding="utf-8")
    assert at("2025-02-24", "evidence", "add", "01-2", str(photo), "--by", "水科经办人").status == 0
    report = ("--text", "已印发", "--percent", "100", "--finished", "--by", "水科经办人")
    assert at("2025-02-24", "submit", "01-2", *report).status == 0
    assert at("2025-02-24", "review", "01-2", "--accept", "--by", "整改办").status == 0
    said = at("2025-02-24", "close", "01-2", "--reason", "已印发", "--by", "整改办")
    assert said.err.startswith("措施 01-2 正在销号，现为“待自查”")
    assert at("2025-02-25", "closure", "01-2", "seal", "x", "--by", "整改办").status == 2
    said = at("2025-02-25", "closure", "01-2", "check", "对照目标，制度已印发并执行", "--by", "水科经办人")
    assert said.out.startswith("01-2 建立制度\n  销号 待验收，时限2025年3月11日，请整改办办理（")
    said = at("2025-02-26", "closure", "01-2", "accept", "核实", "--by", "水科经办人")
    assert said.err == "水科经办人是01-2的承办方，不能自行决定；请由他人办理（--by）\n"
    said = at("2025-02-26", "closure", "01-2", "back", "请补充执行情况", "--back", "自查", "--by", "整改办")
    assert "2025年2月26日 验收退回至自查（整改办）：请补充执行情况\n" in said.out
    assert at("2025-02-27", "closure", "01-2", "check", "已补充", "--by", "水科经办人").status == 0
    accepted = ("accept", "核实", "--visited", "2025-02-27", "--by", "整改办")
    assert at("2025-02-28", "closure", "01-2", *accepted).status == 0
    assert at("2025-03-03", "closure", "01-2", "publish", "区政府网站", "--by", "整改办").status == 0
    assert at("2025-03-04", "closure", "01-2", "object", "没有执行", "--from", "职工", "--by", "整改办").status == 0
    assert "待答复异议" in at("2025-03-04", "closure").out
    assert at("2025-03-05", "closure", "01-2", "answer", "经查已执行", "--by", "整改办").status == 0
    assert "公示至2025-03-09届满" in at("2025-03-07", "closure", "01-2", "end-publicity", "--by", "整改办").err
    assert at("2025-03-10", "closure", "01-2", "end-publicity", "--by", "整改办").status == 0
    assert at("2025-03-20", "closure", "--late", "--json").json[0]["asked"] == ["分管副局长", "局长"]
    for leader in ("分管副局长", "局长"):
        assert at("2025-03-20", "closure", "01-2", "sign", "同意", "--by", leader).status == 0
    said = at("2025-03-21", "closure", "01-2", "file", "销〔2025〕1号", "--by", "整改办")
    assert said.out.startswith("01-2 建立制度\n  销号 已备案销号（")
    assert said.out.endswith("  备案编号 销〔2025〕1号\n")
    shown = at("2025-03-21", "show", "01-2").out
    assert "公示：2025年3月3日至2025年3月9日（首日计入），区政府网站" in shown
    assert at("2025-03-21", "submit", "01-2", *report).err.startswith("措施 01-2 没有待办的期次")
    said = at("2025-03-24", "reopen", "01-2", "--reason", "执行不到位", "--by", "整改办")
    assert said.out == "01-2：重新整改\n  01-2 印发制度 · 2025年4月23日前，期限 2025-04-23\n"
