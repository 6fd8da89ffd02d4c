"""Contents of files that were taken back go by the policy's rule, once a backup has them; whatever is named stays."""

import os
import time
from pathlib import Path

import pytest
import yaml

from config.settings import HERE
from tests.buckets import a_bucket
from tests.cli.conftest import Run

PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\x00"
HANDLER = ("--by", "水科经办人")
LATER = {"DUBAN_CLOCK": "2025-06-10T09:00"}


@pytest.fixture
def rule(tmp_path: Path) -> dict[str, str]:
    """A policy that keeps them for sixty days."""
    shipped = yaml.safe_load((HERE / "policy.yaml").read_text(encoding="utf-8"))
    shipped["evidence"]["discard_days"] = 60
    policy = tmp_path / "policy.yaml"
    policy.write_text(yaml.safe_dump(shipped, allow_unicode=True))
    return {"DUBAN_POLICY": str(policy)}


def _taken_back(run: Run, folder: Path, content: bytes, **surroundings: str) -> None:
    paper = folder / "误传.pdf"
    paper.write_bytes(content)
    assert run("evidence", "add", "01-1", str(paper), "--duty", "report", *HANDLER, **surroundings).status == 0
    number = run("evidence", "list", "01-1", "--json", **surroundings).json[-1]["id"]
    assert run("evidence", "remove", str(number), *HANDLER, **surroundings).status == 0


def _age(folder: Path) -> None:
    for kept in (folder / "evidence").rglob("*"):
        if kept.is_file():
            os.utime(kept, (time.time() - 90 * 86400,) * 2)


def _kept(folder: Path) -> int:
    return sum(kept.is_file() for kept in (folder / "evidence").rglob("*"))


def test_what_was_taken_back_long_ago_goes_and_the_trail_stays_whole(
    loaded: Run, tmp_path: Path, rule: dict[str, str]
) -> None:
    handed_in = tmp_path / "验收单.pdf"
    handed_in.write_bytes(PDF)
    assert loaded("evidence", "add", "01-1", str(handed_in), "--duty", "report", *HANDLER).status == 0
    _taken_back(loaded, tmp_path, PDF + b"1")
    _taken_back(loaded, tmp_path, PDF)  # the same content that another row names
    (tmp_path / "evidence" / "ab").mkdir(exist_ok=True)
    (tmp_path / "evidence" / "ab" / ("ab" * 32)).write_bytes(b"nothing names it")
    assert loaded("backup", **LATER).out.count("删去") == 0  # as shipped nothing goes
    assert loaded("backup", **rule).out.count("删去") == 0  # not yet
    _age(tmp_path)
    assert _kept(tmp_path) == 3
    done = loaded("backup", **rule, **LATER)
    assert (done.status, "删去2份" in done.out) == (0, True), done.err
    assert _kept(tmp_path) == 1
    assert loaded("evidence", "verify").out.endswith("1份，完整\n")
    assert loaded("audit", "verify").status == 0
    assert loaded("audit", "list").out.count("不再保留撤回的材料") == 2
    assert loaded("export", str(tmp_path / "x.zip")).status == 0


def test_a_content_that_comes_again_is_young_again(loaded: Run, tmp_path: Path, rule: dict[str, str]) -> None:
    _taken_back(loaded, tmp_path, PDF)
    _age(tmp_path)
    paper = tmp_path / "误传.pdf"
    assert loaded("evidence", "add", "01-1", str(paper), "--duty", "report", *HANDLER).status == 0
    assert loaded("backup", **rule, **LATER).out.count("删去") == 0
    assert loaded("evidence", "verify").status == 0


def test_a_bucket_lists_and_discards_alike(loaded: Run, tmp_path: Path, rule: dict[str, str]) -> None:
    from datetime import UTC, datetime, timedelta

    from papers.evidence_store import EvidenceBucket, content_digest
    from tests.buckets import KEY_ID, SECRET

    with a_bucket() as bucket:
        store = EvidenceBucket("s3://evidence/office", bucket.endpoint, "us-east-1", KEY_ID, SECRET)
        store.put(content_digest(PDF), PDF)
        assert store.older_than(datetime.now(UTC) - timedelta(hours=1)) == []
        assert list(store.older_than(datetime.now(UTC) + timedelta(hours=1))) == [content_digest(PDF)]
        store.discard(content_digest(PDF))
        assert bucket.contents() == {}
