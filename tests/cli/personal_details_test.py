"""``duban people erase``: what is known of somebody who left goes, his name and what he did stay."""

import json
import zipfile
from pathlib import Path

from tests.cli.conftest import Run

ROSTER = """
people:
  - {name: 王工, channels: {mail: wang@office.local}, hours: "09:30-17:00"}
"""


def test_the_details_of_who_left_go_and_his_acts_stay(loaded: Run, tmp_path: Path) -> None:
    roster = tmp_path / "roster.yaml"
    roster.write_text(ROSTER)
    assert loaded("people", "import", str(roster), "--yes").status == 0
    away = ("people", "absent", "王工", "--from", "2025-03-11", "--until", "2025-03-12", "--reason", "住院")
    assert loaded(*away).status == 0
    assert loaded("password", "set", "王工", "--by", "整改办", typed="tief-geheim-und-lang-9").status == 0
    done = loaded("submit", "01-1", "--duty", "report", "--text", "完成", "--percent", "60", "--by", "王工")
    assert done.status == 0, done.err
    early = loaded("people", "erase", "王工")
    assert (early.status, early.err) == (2, "王工仍在人员名册；请先注销，再抹去其个人信息（duban people remove）\n")
    assert loaded("people", "remove", "王工").status == 0
    assert loaded("people", "erase", "王 工").out == "已抹去王工的个人信息，姓名和所办事项保留\n"
    assert loaded("export", str(tmp_path / "x.zip")).status == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as package:
        tables = {name: package.read(name).decode() for name in package.namelist() if "audit" not in name}
    assert not [name for name, rows in tables.items() if "wang@" in rows or "住院" in rows]
    (person,) = [
        one for row in tables["tables/people.jsonl"].splitlines() if (one := json.loads(row))["name"] == "王工"
    ]
    assert (person["channels"], person["hours"]) == ([], "")
    assert '"submitted_by":"王工"' in tables["tables/submissions.jsonl"]
    assert loaded("audit", "verify").status == 0
    assert "抹去个人信息" in loaded("audit", "list", "--by", "duban people").out
    nobody = loaded("people", "erase", "查无此人")
    assert (nobody.status, nobody.err.count("\n")) == (2, 1)
