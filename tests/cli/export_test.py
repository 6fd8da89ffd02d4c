"""``duban export`` and ``duban restore``: a whole office in one file; what is not whole changes nothing."""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect

from db.carried import LEFT_BEHIND, CarriedLedger, carried_ledger
from db.embedded import LEDGER, OWNER
from db.models import Base
from papers.evidence_store import EvidenceFolder
from papers.export_file import MANIFEST, write_export
from tests.buckets import a_bucket
from tests.cli.conftest import Run, Said
from tests.conftest import administer, as_account, at
from tests.ledger.migrations_test import at_revision

PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\x00"
HANDLER = ("--by", "水科经办人")
Members = dict[str, bytes]
Elsewhere = Callable[..., Said]


@pytest.fixture
def office(loaded: Run, tmp_path: Path) -> Run:
    """An office in the middle of its work: a report with a file, late measures with a sheet, letters that left."""
    paper = tmp_path / "验收单.pdf"
    paper.write_bytes(PDF)
    assert loaded("evidence", "add", "01-1", str(paper), "--duty", "report", *HANDLER).status == 0
    said = loaded("submit", "01-1", "--duty", "report", "--text", "第一\n第二\\n", "--percent", "40", *HANDLER)
    assert said.status == 0, said.err
    assert loaded("patrol").status == 0
    return loaded


@pytest.fixture
def exported(office: Run, tmp_path: Path) -> Path:
    """All of it in a file."""
    file = tmp_path / "全部.zip"
    said = office("export", str(file))
    assert (said.status, said.out[:4]) == (0, "已导出到")
    return file


@pytest.fixture
def empty(postgres: Callable[[str], str]) -> Iterator[str]:
    """The address of a database in which nothing is, as its owner's account."""
    name = f"elsewhere_{os.getpid()}"
    administer(postgres("postgres"), f"CREATE DATABASE {name}")
    yield postgres(name)
    administer(postgres("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def elsewhere(run: Run, empty: str, tmp_path: Path) -> Elsewhere:
    """Runs ``duban`` in another home with another database."""
    surroundings = {
        "DUBAN_HOME": str(tmp_path / "elsewhere"),
        "DUBAN_DATABASE_URL": as_account(empty, LEDGER),
        "DUBAN_DATABASE_OWNER_URL": as_account(empty, OWNER),
    }

    def call(*arguments: str, **more: str) -> Said:
        return run(*arguments, **surroundings, **more)

    return call


def _members(file: Path) -> Members:
    with zipfile.ZipFile(file) as package:
        return {name: package.read(name) for name in package.namelist()}


def _written(file: Path, members: Members) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return file


def test_a_restored_ledger_is_the_one_that_was_exported_but_for_its_epoch(
    exported: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    before = _members(exported)
    told = json.loads(before[MANIFEST])
    carried = set(Base.metadata.tables) - {name for name, which in LEFT_BEHIND.items() if which == "false"}
    assert {one["name"] for one in told["tables"]} == carried
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    said = elsewhere("restore", str(exported))
    assert said.status == 0, said.err
    length, head = told["trail"]["length"], told["trail"]["head"]
    assert f"材料1份；审计链{length}条，末条 {head}；消息另起第2代编号" in said.out
    assert elsewhere("audit", "verify").status == 0
    assert elsewhere("evidence", "verify").out.endswith("1份，完整\n")
    assert elsewhere("export", str(tmp_path / "again.zip")).status == 0
    after = _members(tmp_path / "again.zip")
    assert {name for name in before if before[name] != after.pop(name)} == {
        "tables/installation.jsonl",  # the epoch
        "tables/audit.jsonl",  # the entry that says so
        MANIFEST,
    }
    assert after == {}
    again = _members(tmp_path / "again.zip")["tables/audit.jsonl"]
    assert again.startswith(before["tables/audit.jsonl"])
    (added,) = again.splitlines()[length:]
    assert json.loads(added)["command"] == "restored"


def test_a_restored_office_goes_on_and_speaks_with_a_voice_of_its_own(
    office: Run, exported: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    assert elsewhere("restore", str(exported)).status == 0
    later = {"DUBAN_CLOCK": "2025-03-25T09:00"}
    assert office("patrol", **later).status == elsewhere("patrol", **later).status == 0
    mine, theirs = (
        {file.name for file in (home / "outbox").rglob("*.eml")} for home in (tmp_path, tmp_path / "elsewhere")
    )
    assert len(theirs) >= 2
    assert mine & theirs == set()
    said = elsewhere("review", "01-1", "--accept", "--reason", "情况属实", "--by", "整改办", **later)
    assert said.status == 0, said.err
    said = elsewhere("submit", "01-2", "--text", "已印发", "--percent", "100", *HANDLER, "--evidence", "文件", **later)
    assert (said.status, elsewhere("audit", "verify").status) == (0, 0), said.err


def _flipped(member: str) -> Callable[[Path], None]:
    """A byte of the packed content of a member is another one."""

    def damage(file: Path) -> None:
        with zipfile.ZipFile(file) as package:
            entry = next(one for one in package.infolist() if one.filename.startswith(member))
        data = bytearray(file.read_bytes())
        data[entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size // 2] ^= 0x55
        file.write_bytes(data)

    return damage


def _rewritten(change: Callable[[Members], None]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        members = _members(file)
        change(members)
        _written(file, members)

    return damage


def _stated_anew(change: Callable[[Members], None]) -> Callable[[Path], None]:
    """Changed by somebody who knows the manifest: sizes, sums and counts fit."""

    def damage(members: Members) -> None:
        change(members)
        told = json.loads(members[MANIFEST])
        for one in told["tables"]:
            said = members[f"tables/{one['name']}.jsonl"]
            one |= {"size": len(said), "rows": said.count(b"\n"), "sha256": hashlib.sha256(said).hexdigest()}
        members[MANIFEST] = json.dumps(told).encode()

    return _rewritten(damage)


def _edit(member: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        assert old in members[member]
        members[member] = members[member].replace(old, new, 1)

    return change


def _retold(change: Callable[[dict[str, Any]], None], *tables: str) -> Callable[[Members], None]:
    """The manifest says something else; the members ``tables`` go."""

    def changed(members: Members) -> None:
        told = json.loads(members[MANIFEST])
        change(told)
        members[MANIFEST] = json.dumps(told, indent=1).encode()
        for table in tables:
            del members[f"tables/{table}.jsonl"]

    return changed


def _drop(name: str) -> Callable[[Members], None]:
    def drop(told: dict[str, Any]) -> None:
        told["tables"] = [one for one in told["tables"] if one["name"] != name]

    return _retold(drop, name)


def _call(name: str, other: str) -> Callable[[Members], None]:
    """A table stands under another name."""

    def change(members: Members) -> None:
        members[f"tables/{other}.jsonl"] = members.pop(f"tables/{name}.jsonl")
        members[MANIFEST] = members[MANIFEST].replace(f'"{name}"'.encode(), f'"{other}"'.encode())

    return change


def _shorten_the_trail(members: Members) -> None:
    entries = members["tables/audit.jsonl"].splitlines(keepends=True)
    members["tables/audit.jsonl"] = b"".join(entries[:-1])


def _another_zip(file: Path) -> None:
    _written(file, {"word/document.xml": b"<w/>"})


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _twice(file: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as package:
        package.writestr("tables/periods.jsonl", b"")


def _add(name: str, content: bytes) -> Callable[[Members], None]:
    return lambda members: members.update({name: content})


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of a file of evidence": (_flipped("contents/"), "已损坏或被改动"),
    "a byte of a table": (_flipped("tables/periods"), "已损坏或被改动"),
    "cut off": (_cut, "不完整"),
    "nothing in it": (lambda file: file.write_bytes(b""), "不完整"),
    "a text": (lambda file: file.write_text("不是导出"), "不是导出的文件"),
    "another zip": (_another_zip, "不是导出的文件"),
    "a manifest that is none": (_rewritten(_add(MANIFEST, b"[" * 100_000)), "不是导出的文件"),
    "a table is missing": (
        _rewritten(lambda all_: all_.__delitem__("tables/duties.jsonl")),
        "缺少 tables/duties.jsonl",
    ),
    "one too many": (_rewritten(_add("tables/more.jsonl", b"")), "多出 tables/more.jsonl"),
    "a name that leads out": (_rewritten(_add("../../../x", b"x")), "多出 ../../../x"),
    "a table of such a name": (_stated_anew(_call("periods", "../periods")), "不是导出的文件"),
    "a table twice": (_twice, "有重名的"),
    "another content of the same size": (
        _rewritten(_edit("tables/submissions.jsonl", b'"percent":40', b'"percent":90')),
        "tables/submissions.jsonl 与清单不符",
    ),
    "a bomb": (_stated_anew(_add("tables/periods.jsonl", b"\n" * (20 * 2**20))), "大小异常"),
    "an entry of the trail": (
        _stated_anew(_edit("tables/audit.jsonl", "王工".encode(), "赵工".encode())),
        "审计链自第",
    ),
    "a trail cut short": (_stated_anew(_shorten_the_trail), "审计链自第"),
    "a newer layout": (_rewritten(_edit(MANIFEST, b'"layout": 1', b'"layout": 2')), "更新版本"),
    "a newer revision": (_rewritten(_edit(MANIFEST, b'"revision": "0', b'"revision": "9')), "更新版本"),
    "a table nobody knows": (_stated_anew(_call("readings", "rumours")), "rumours 与其版本的台账不符"),
    "a table left out": (_rewritten(_drop("readings")), "readings 与其版本的台账不符"),
    "a row that does not fit": (
        _stated_anew(_edit("tables/duties.jsonl", b'"place":0', b'"place":"x"')),
        "duties 与其版本",
    ),
    "a column is missing": (_stated_anew(_edit("tables/periods.jsonl", b'"round":1,', b"")), "periods 与其版本"),
    "a row that belongs to nothing": (
        _stated_anew(_edit("tables/duties.jsonl", b'"measure_id":1', b'"measure_id":7')),
        "duties 与其版本",
    ),
}


def test_what_is_not_whole_is_refused_in_one_line_and_changes_nothing(
    exported: Path, elsewhere: Elsewhere, empty: str, tmp_path: Path
) -> None:
    whole = exported.read_bytes()
    target = create_engine(empty)
    for what, (damage, told) in DAMAGES.items():
        exported.write_bytes(whole)
        damage(exported)
        said = elsewhere("restore", str(exported))
        assert (said.status, said.out, said.err.count("\n"), told in said.err) == (2, "", 1, True), (what, said)
        assert inspect(target).get_table_names() == [], what
        assert not (tmp_path / "elsewhere" / "evidence").exists(), what
    target.dispose()
    folder = elsewhere("restore", str(tmp_path))
    assert (folder.status, folder.err.count("\n")) == (2, 1)
    exported.write_bytes(whole)
    assert elsewhere("restore", str(exported)).status == 0


def test_a_home_that_has_a_ledger_takes_no_other(office: Run, exported: Path, elsewhere: Elsewhere) -> None:
    said = office("restore", str(exported))
    assert (said.status, said.err) == (
        2,
        "这里已有台账，不能恢复到已有的台账之上；请另选一个空的数据目录或空的数据库\n",
    )
    assert elsewhere("people", "list").status == 0  # makes the tables, and nothing else
    assert elsewhere("restore", str(exported)).status == 0
    assert elsewhere("restore", str(exported)).status == 2
    assert elsewhere("audit", "verify").status == 0


def test_an_export_of_an_earlier_version_is_brought_up_to_date(
    office: Run, owners_engine: Engine, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which contents there are says the version that writes.
    monkeypatch.setattr(CarriedLedger, "contents", lambda self: [])
    at_revision(owners_engine, "0022", "downgrade")
    older = tmp_path / "older.zip"
    with carried_ledger(owners_engine) as ledger, older.open("wb") as file:
        stated = write_export(file, ledger, EvidenceFolder(tmp_path / "evidence"), at("2025-03-10T09:00"))
    assert stated.revision == "0022"
    said = elsewhere("restore", str(older))
    assert said.status == 0, said.err
    assert elsewhere("audit", "verify").out.startswith(f"审计链完整：{stated.trail.length + 1}条")


def test_what_lets_somebody_in_stays_behind(office: Run, tmp_path: Path) -> None:
    given = office("password", "set", "王工", "--by", "整改办", typed="tief-geheim-und-lang-9")
    assert given.status == 0, given.err
    file = tmp_path / "x.zip"
    assert office("export", str(file)).status == 0
    carried = b"\n".join(_members(file).values())
    assert b"argon2" not in carried
    assert b'"signs_in":true' not in carried
    assert "王工".encode() in carried


def test_files_of_a_bucket_are_carried_into_a_folder(loaded: Run, elsewhere: Elsewhere, tmp_path: Path) -> None:
    paper, file = tmp_path / "验收单.pdf", tmp_path / "x.zip"
    paper.write_bytes(PDF)
    with a_bucket() as bucket:
        add = ("evidence", "add", "01-1", str(paper), "--duty", "report", *HANDLER)
        assert loaded(*add, **bucket.surroundings).status == 0
        assert loaded("export", str(file), **bucket.surroundings).status == 0
    assert elsewhere("restore", str(file)).status == 0
    copy = tmp_path / "copy.pdf"
    assert elsewhere("evidence", "save", "1", "-o", str(copy)).status == 0
    assert copy.read_bytes() == PDF


def test_a_file_that_the_store_lost_is_told_and_holds_up_nothing_else(
    office: Run, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    for kept in (tmp_path / "evidence").rglob("*"):
        if kept.is_file():
            kept.unlink()
    file = tmp_path / "x.zip"
    said = office("export", str(file))
    assert (said.status, "验收单.pdf" in said.err, file.exists()) == (1, True, True)
    again = elsewhere("restore", str(file))
    assert (again.status, "验收单.pdf" in again.err, "已由" in again.out) == (1, True, True)
    assert elsewhere("evidence", "verify").status == 1


def test_a_full_disk_leaves_nothing_half(office: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(os.listdir(tmp_path))
    monkeypatch.setattr(os, "fsync", full)
    said = office("export", str(tmp_path / "x.zip"))
    assert (said.status, said.err.count("\n")) == (2, 1)
    assert sorted(os.listdir(tmp_path)) == before
