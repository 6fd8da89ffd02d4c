"""The audit trail on the command line: told, compared with the ledger, and with anchors kept beside the database."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.embedded import OWNER
from tests.cli.conftest import PLAN, Run
from tests.conftest import as_account

REPORT = ("submit", "01-2", "--text", "已印发", "--percent", "100", "--evidence", "文件", "--finished")


@pytest.fixture
def worked(loaded: Run) -> Run:
    """A patrol, a report and its review."""
    for command in (("patrol",), (*REPORT, "--by", "王工"), ("review", "01-2", "--accept", "--by", "李科长")):
        assert loaded(*command).status in (0, 1)
    assert loaded("patrol").status == 0
    return loaded


def _behind_its_back(database: str, statement: str) -> None:
    engine = create_engine(as_account(database, OWNER))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))
    engine.dispose()


def test_the_list_tells_who_did_what_with_all_that_was_reported(worked: Run) -> None:
    lines = worked("audit", "list", "--measure", "01-2", "--by", "王 工").out.splitlines()
    (told,) = lines
    assert told.startswith("2025-03-10 09:00 王工 填报 01-2 印发制度")
    assert "内容“已印发” 进度100%" in told
    assert "佐证：文件" in told
    (entry,) = [one for one in worked("audit", "list", "--json").json if one["command"] == "accept"]
    assert (entry["actor"], entry["facts"]["reported_by"], entry["facts"]["outcome"]) == ("李科长", "王工", "逾期办结")


def test_a_rewritten_row_is_named_in_words(worked: Run, database: str) -> None:
    assert worked("audit", "verify").out.startswith("审计链完整：")
    _behind_its_back(database, "UPDATE submissions SET body = '尚未印发'")
    found = worked("audit", "verify")
    said = "填报 01-2 印发制度 · 2025年2月28日前：填报内容应为“已印发”，现为“尚未印发”\n"
    assert (found.status, found.err) == (1, said)
    assert worked("doctor").status == 1


def test_a_cut_off_end_is_found_by_the_anchor_of_the_patrol(worked: Run, database: str, tmp_path: Path) -> None:
    noted = (tmp_path / "outbox" / "audit-anchors.txt").read_text().splitlines()
    at, length, head = noted[-1].split()
    assert at.startswith("2025-03-10T09:00")
    assert worked("audit", "verify", "--head", head, "--length", length).status == 0
    assert worked("audit", "verify", "--head", "0" * 64, "--length", length).status == 1
    _behind_its_back(database, f"DELETE FROM audit WHERE id >= {length}")  # noqa: S608 (a number)
    found = worked("audit", "verify")
    assert found.status == 1
    assert f"审计链与audit-anchors.txt {at}的存证不符：当时{length}条，末条 {head}" in found.err


def test_half_an_anchor_is_refused(worked: Run) -> None:
    said = worked("audit", "verify", "--length", "3")
    assert (said.status, said.err) == (2, "核对存证须同时给出末条与条数（--head、--length）\n")
    said = worked("audit", "verify", "--length", "-1", "--head", "x")
    assert (said.status, said.err) == (2, "--length：“-1”小于0\n")


def test_an_amendment_stands_in_the_list_of_every_measure_that_it_changed(worked: Run, tmp_path: Path) -> None:
    (tmp_path / "changed.yaml").write_text(PLAN.replace("due_on: 2025-05-30", "due_on: 2025-06-30"))
    assert worked("plan", "import", str(tmp_path / "changed.yaml"), "--yes", "--by", "李局").status == 0
    assert "李局 修改方案" in worked("audit", "list", "--measure", "01-1").out
    assert "李局" not in worked("audit", "list", "--measure", "01-2").out


def test_people_are_listed_and_nobody_stands_there_twice(worked: Run) -> None:
    said = worked("people", "add", "王 工")
    assert (said.status, said.err) == (2, "“王工”已在人员名册，无须再登记\n")
    listed = [one["name"] for one in worked("people", "list", "--json").json["people"]]
    assert listed[-5:] == ["王工", "赵工", "李科长", "张三", "李局"]
