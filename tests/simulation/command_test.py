"""``duban simulate``: a table, JSON or one HTML file; bad input is one line and status 2; no Prefect needed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main
from config.settings import HERE
from db.rights import let_work
from db.session import make_engine
from tests.conftest import administer, as_account, reread_settings

STRETCH = ("--from", "2025-01-17", "--to", "2025-03-16")


@dataclass(frozen=True)
class Said:
    """How the command ended and what it printed."""

    status: int
    out: str
    err: str


Duban = Callable[..., Said]


@pytest.fixture
def duban(
    ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Duban]:
    """Runs ``duban simulate`` with these arguments, in an empty folder, beside the ledger at ``url``."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, url: str = ledger) -> Said:
        monkeypatch.setenv("DUBAN_DATABASE_URL", url)
        monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "argv", ["duban", "simulate", *arguments])
        reread_settings()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Said(end.value.code, printed.out, printed.err)

    yield run
    reread_settings()


def test_json_is_one_document_with_everything(duban: Duban) -> None:
    done = duban(*STRETCH, "--scenario", "silent", "--json")
    assert (done.status, done.err) == (0, "")
    found = json.loads(done.out)
    assert {check["kept"] for check in found["checks"]} == {True}
    assert sum(person["letters"] for person in found["people"]) == len(found["letters"]) > 50
    assert all(sum(person["levels"].values()) == person["alerts"] for person in found["people"])
    assert set(found["outcomes"]) <= {"overdue", "open"}
    letter = found["letters"][0]
    assert (letter["subject"][:4], bool(letter["recipient"]), bool(letter["entries"][0]["measure"])) == (
        "【督办】",
        True,
        True,
    )
    assert {act["command"] for act in found["acts"]} >= {"activate", "open", "climb"}
    assert {sheet["state"] for sheet in found["sheets"]} == {"open", "superseded"}


def test_a_table_for_people(duban: Duban) -> None:
    done = duban(*STRETCH, "--scenario", "on-time")
    assert done.status == 0
    assert "谁会收到多少" in done.out
    assert "✓ 审计链完整" in done.out
    assert "到期文书3份（按期发布3份）" in done.out


def test_one_page_of_an_own_scenario(duban: Duban, tmp_path: Path) -> None:
    rule = "rules: [{where: {unit: 水生态环境科}, report: due+5wd}]"
    (tmp_path / "own.yaml").write_text(f"title: 自拟\nabout: 水科迟报\n{rule}\n")
    done = duban(*STRETCH, "--scenario", "own.yaml", "--html", "out.html")
    assert (done.status, done.out.splitlines()[-1]) == (0, "已写入 out.html")
    assert "督办推演：自拟" in (tmp_path / "out.html").read_text()


def test_a_broken_promise_is_status_1(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    from foresight.simulation import checks

    monkeypatch.setitem(checks.CHECKS, "few_chases", ("每期催办不超过限额", lambda records: iter(["四次"])))
    done = duban(*STRETCH, "--scenario", "on-time")
    assert (done.status, "✗ 每期催办不超过限额（查1项）四次" in done.out) == (1, True)


WRONG = {
    "没有情景“lazy”": (*STRETCH, "--scenario", "lazy"),
    "早于起始日": ("--from", "2025-02-01", "--to", "2025-01-01", "--scenario", "late"),
    "--to：“年底”不是日期": ("--from", "2025-02-01", "--to", "年底", "--scenario", "late"),
    "找不到文件 nowhere.yaml": (*STRETCH, "--scenario", "late", "--plan", "nowhere.yaml"),
    "--json 与 --html 只能选一个": (*STRETCH, "--scenario", "late", "--json", "--html", "x.html"),
    "找不到文件夹 missing": (*STRETCH, "--scenario", "late", "--html", "missing/out.html"),
}


@pytest.mark.parametrize(("told", "arguments"), WRONG.items(), ids=WRONG.keys())
def test_bad_input_is_one_line_and_status_2(told: str, arguments: tuple[str, ...], duban: Duban) -> None:
    done = duban(*arguments)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1), done
    assert told in done.err


def test_a_user_who_may_not_make_temporary_tables_is_told_what_to_grant(
    duban: Duban, ledger: str, postgres: Callable[[str], str]
) -> None:
    administer(postgres("postgres"), "CREATE ROLE modest LOGIN")
    owner = make_engine(postgres("office"))
    with owner.begin() as connection:
        let_work(connection, "modest")
    owner.dispose()
    administer(postgres("postgres"), "REVOKE TEMPORARY ON DATABASE postgres FROM public")
    try:
        done = duban(*STRETCH, "--scenario", "late", url=as_account(ledger, "modest"))
    finally:
        administer(postgres("postgres"), "GRANT TEMPORARY ON DATABASE postgres TO public")
    assert (done.status, done.err.count("\n"), "TEMPORARY" in done.err) == (2, 1, True), done


def test_neither_the_simulation_nor_its_command_needs_prefect() -> None:
    script = (
        "import sys, cli.simulate, foresight.simulation, foresight.simulation.page; print('prefect' in sys.modules)"
    )
    surroundings = os.environ | {"PYTHONPATH": str(HERE.parent)}
    done = subprocess.run([sys.executable, "-c", script], env=surroundings, text=True, capture_output=True, check=True)
    assert done.stdout == "False\n"
