"""``duban evidence``: files are kept for a period, listed, saved elsewhere, taken back until they are handed in."""

from pathlib import Path

import pytest

from tests.buckets import SECRET, a_bucket
from tests.cli.conftest import Run, Said

PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\x00"
HANDLER = ("--by", "水科经办人")
NO_ACCOUNT = {"DUBAN_EVIDENCE_STORE": "s3://evidence"}


@pytest.fixture
def paper(tmp_path: Path) -> str:
    path = tmp_path / "验收单.pdf"
    path.write_bytes(PDF)
    return str(path)


def test_a_file_is_kept_handed_in_with_the_report_and_saved_again(loaded: Run, paper: str, tmp_path: Path) -> None:
    kept = loaded("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER)
    assert (kept.status, kept.out) == (0, "01-1 月报 · 2025年2月：已存入1份，提交填报时自动列入\n")
    (row,) = loaded("evidence", "list", "01-1", "--json").json
    assert (row["id"], row["period"], row["round"], row["name"]) == (1, "01-1 月报 · 2025年2月", None, "验收单.pdf")
    assert (row["bytes"], len(row["sha256"]), row["by"]) == (len(PDF), 64, "水科经办人")
    assert loaded("submit", "01-1", "--duty", "report", "--text", "完成", "--percent", "100", *HANDLER).status == 0
    assert loaded("evidence", "list", "01-1", "--json").json[0]["round"] == 1
    copy = tmp_path / "另存.pdf"
    assert loaded("evidence", "save", "1", "-o", str(copy)).status == 0
    assert copy.read_bytes() == PDF
    again = loaded("evidence", "save", "1", "-o", str(copy))
    assert (again.status, "已存在" in again.err, copy.read_bytes()) == (2, True, PDF)
    late = loaded("evidence", "remove", "1", *HANDLER)
    assert (late.status, late.err) == (2, "材料“验收单.pdf”已随填报提交，不能撤回；需更换的，请退回后重新填报\n")
    assert "提交佐证" in loaded("audit", "list").out


def test_a_file_that_was_not_handed_in_is_taken_back(loaded: Run, paper: str) -> None:
    assert loaded("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER).status == 0
    assert loaded("evidence", "remove", "1", *HANDLER).out == "验收单.pdf：已撤回\n"
    assert loaded("evidence", "list", "01-1", "--json").json == []
    gone = loaded("evidence", "save", "1", "-o", "x.pdf")
    assert (gone.status, gone.err.count("\n")) == (2, 1)


def test_what_is_no_evidence_changes_nothing(loaded: Run, paper: str, tmp_path: Path) -> None:
    page = tmp_path / "说明.pdf"
    page.write_bytes(b"<script>alert(1)</script>")
    empty = tmp_path / "空.pdf"
    empty.touch()
    for files, by in (((paper, str(page)), HANDLER), ((str(empty),), HANDLER), ((paper,), ("--by", "整改办"))):
        refused = loaded("evidence", "add", "01-1", *files, "--duty", "report", *by)
        assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert loaded("evidence", "add", "01-1", str(tmp_path / "没有.pdf"), *HANDLER).status == 2
    assert loaded("evidence", "list", "01-1", "--json").json == []


def test_files_go_to_a_bucket_and_are_compared_with_the_trail(loaded: Run, paper: str, tmp_path: Path) -> None:
    with a_bucket() as bucket:

        def stored(*arguments: str) -> Said:
            return loaded(*arguments, **bucket.surroundings)

        assert stored("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER).status == 0
        assert not (tmp_path / "evidence").exists()
        (key,) = bucket.contents()
        place = f"s3://evidence/office（{bucket.endpoint}）"
        assert stored("evidence", "verify").out == f"{place}：1份，完整\n"
        copy = tmp_path / "另存.pdf"
        assert stored("evidence", "save", "1", "-o", str(copy)).status == 0
        assert copy.read_bytes() == PDF
        bucket.put(key, b"%PDF-1.7 something else")
        changed = stored("evidence", "verify")
        assert (changed.status, changed.err.count("\n"), "内容与留痕不符" in changed.err) == (1, 1, True)
        assert stored("evidence", "save", "1", "-o", str(tmp_path / "x.pdf")).status == 2
        bucket.delete(key)
        gone = stored("evidence", "verify", "--json")
        assert (gone.status, '"fault": "evidence_gone"' in gone.out) == (1, True)
        assert f"✓ 佐证材料：{place}\n" in stored("doctor").out


def test_a_bucket_that_is_away_is_one_line(loaded: Run, paper: str) -> None:
    away = {
        "DUBAN_EVIDENCE_STORE": "s3://evidence/office",
        "DUBAN_EVIDENCE_ENDPOINT": "http://127.0.0.1:9",
        "DUBAN_EVIDENCE_KEY_ID": "AKIDUBAN",
        "DUBAN_EVIDENCE_SECRET_KEY": SECRET,
    }
    refused = loaded("evidence", "add", "01-1", paper, "--duty", "report", *HANDLER, **away)
    assert (refused.status, refused.err.count("\n"), "目前用不了" in refused.err) == (2, 1, True)
    assert loaded("evidence", "list", "01-1", "--json").json == []
    unwell = loaded("doctor", **away)
    assert (unwell.status, "✗ 佐证材料：佐证材料存放处 s3://evidence/office" in unwell.out) == (1, True)
    assert SECRET not in unwell.out + unwell.err + refused.err


@pytest.mark.parametrize(
    "wrong",
    [
        NO_ACCOUNT,
        {"DUBAN_EVIDENCE_STORE": f"s3://AKIDUBAN:{SECRET}@evidence/office"},
        {"DUBAN_EVIDENCE_STORE": "/srv/evidence"},
        {"DUBAN_EVIDENCE_ENDPOINT": f"https://AKIDUBAN:{SECRET}@s3.office.local"},
        {"DUBAN_EVIDENCE_ENDPOINT": "s3.office.local"},
    ],
)
def test_a_wrong_setting_of_the_bucket_is_one_line_without_the_secret(loaded: Run, wrong: dict[str, str]) -> None:
    refused = loaded("evidence", "list", "01-1", **wrong)
    assert (refused.status, refused.err.count("\n"), SECRET in refused.err) == (2, 1, False)
    assert refused.err.startswith("DUBAN_EVIDENCE_SECRET_KEY" if wrong == NO_ACCOUNT else next(iter(wrong)))
