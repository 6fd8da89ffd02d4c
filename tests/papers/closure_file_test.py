"""销号卷宗: all that was done until a measure was struck off, in one file with its evidence, and nothing else."""

import csv
import hashlib
import re
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document

from config.settings import HERE
from db import ledger
from db.ledger import Report
from db.ledger.evidence import KeepsFiles, add_evidence
from db.ledger.lookbacks import plan_lookbacks
from db.models import Closure
from papers.compiled import compiled, months_asked
from papers.dossier import dossier
from papers.evidence import keep_file
from papers.evidence_store import EvidenceFolder
from papers.kinds import PAPERS, SHIPPED, PaperAsked
from plan.model import Plan
from plan.policy import Policy, load_policy
from plan.types import LookbackResult
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal

FINISH = duty("finish", kind="finish", title="完工", cadence="once", due_on="2025-03-14")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "kept")


@pytest.fixture
def filed(activated: Callable[..., Plan], ledger_at: ContextAt, policy: Policy, store: EvidenceFolder) -> ContextAt:
    """A measure went through the shipped chain, with an objection that was answered, until it was filed."""
    office = partial(ledger_at, rules=policy.model_copy(update={"closure": load_policy(HERE / "policy.yaml").closure}))
    activated("2025-03-03T09:00", plan_of(measure(duties=[FINISH, duty()]), measure("02-1")))
    with office("2025-03-12T09:00", "handler") as ctx:
        finish = ledger.meant_period(ctx.session, "01-1", "finish")
        add_evidence(ctx, finish.id, keep_file(store, "完工记录.txt", BytesIO("已完工".encode()), 1000))
        ledger.submit(ctx, finish.id, Report(body="管网改造已完工", percent=100, finished=True))
    steps = (
        ("2025-03-12T10:00", "office", lambda ctx: ledger.review(ctx, finish.id, accept=True)),
        ("2025-03-13T09:00", "handler", lambda ctx: ledger.self_check(ctx, 1, "对照目标逐项自查")),
        ("2025-03-14T09:00", "office", lambda ctx: ledger.accept_work(ctx, 1, "现场核实", date(2025, 3, 14))),
        (
            "2025-03-17T09:00",
            "office",
            lambda ctx: ledger.publish(ctx, 1, date(2025, 3, 17), "网站", date(2025, 3, 24)),
        ),
        ("2025-03-18T09:00", "office", lambda ctx: ledger.object_to(ctx, 1, "群众甲", "尚有一处未修")),
        ("2025-03-19T09:00", "office", lambda ctx: ledger.answer_objection(ctx, 1, "已于当日修复")),
        ("2025-03-25T09:00", "office", lambda ctx: ledger.end_publicity(ctx, 1)),
        ("2025-03-25T10:00", "deputy", lambda ctx: ledger.sign_off(ctx, 1, "同意")),
        ("2025-03-26T10:00", "head", lambda ctx: ledger.sign_off(ctx, 1, "同意销号")),
        ("2025-03-27T10:00", "office", lambda ctx: ledger.file_closure(ctx, 1, "销〔2025〕1号")),
    )
    for moment, actor, act in steps:
        with office(moment, actor) as ctx:
            act(ctx)
    return office


def _packed(office: ContextAt, store: EvidenceFolder, code: str = "01-1") -> bytes:
    with office("2025-03-28T09:00") as ctx:
        asked = PaperAsked(None, months_asked(ctx, PAPERS["closure"], None, None), measure=code)
        return dossier(ctx, asked, compiled(ctx, PAPERS["closure"], asked, SHIPPED), store)


def test_it_tells_every_stage_and_the_publicity_as_printed_beside_as_reckoned(
    filed: ContextAt, store: EvidenceFolder
) -> None:
    with ZipFile(BytesIO(_packed(filed, store))) as archive:
        document = Document(BytesIO(archive.read("00 卷宗封面及目录.docx")))
    said = "\n".join(one.text for one in document.paragraphs)
    for told in (
        "备案编号：销〔2025〕1号",
        "完工 2025年3月14日前（handler 2025-03-12填报，office 2025-03-12审核通过）：管网改造已完工",
        "自查·通过（handler，2025-03-13）：对照目标逐项自查",
        "验收·通过（office，2025-03-14）：现场核实",
        "公示期间：自2025-03-17起，至2025-03-23止（首日计入）；所印截止日：2025-03-24；载体：网站。",
        "群众甲 2025-03-18：尚有一处未修。答复：已于当日修复（不成立）",
        "deputy（2025-03-25）：同意",
        "head（2025-03-26）：同意销号",
    ):
        assert told in said, told
    evidence, trail = document.tables
    assert [cell.text for cell in evidence.rows[1].cells][1] == "完工记录.txt"
    assert len(trail.rows) > 10


def test_the_archive_holds_the_evidence_itself_and_the_digest_of_each_file(
    filed: ContextAt, store: EvidenceFolder
) -> None:
    packed = _packed(filed, store)
    with ZipFile(BytesIO(packed)) as archive:
        names = archive.namelist()
        listed = dict(
            reversed(row.split("  ", 1)) for row in archive.read("目录及校验值.txt").decode().splitlines()
        )  # as sha256sum -c reads it
        assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in listed} == listed
        assert {*listed, "目录及校验值.txt"} == {*names}
        assert archive.read("01-1/佐证材料/1 完工记录.txt").decode() == "已完工"
        rows = list(csv.DictReader(archive.read("01-1/留痕摘录.csv").decode("utf-8-sig").splitlines()))
    assert {"submit", "accept", "closure-step", "object"} <= {row["command"] for row in rows}
    assert all(re.fullmatch("[0-9a-f]{64}", row["hash"]) for row in rows)


def test_the_photo_of_a_look_back_is_in_the_archive(filed: ContextAt, store: EvidenceFolder, policy: Policy) -> None:
    always = policy.model_copy(update={"lookback": policy.lookback.model_copy(update={"share": 100})})
    with filed("2025-03-27T11:00", "office", rules=always) as ctx:
        plan_lookbacks(ctx, ctx.session.get_one(Closure, 1))
    ledger.patrol(lambda: filed("2025-06-27T09:00"))
    with filed("2025-06-27T10:00", "office") as ctx:
        look = ledger.waiting_lookback(ctx, "01-1")
        photo = keep_file(store, "回头看.txt", BytesIO("仍然清洁".encode()), 1000)
        add_evidence(ctx, look.closure.period_id or 0, photo, KeepsFiles(lookback_id=look.id))
        ledger.look_back(ctx, look.id, LookbackResult.HOLDS, "良好")
    with ZipFile(BytesIO(_packed(filed, store))) as packed:
        (name,) = [one for one in packed.namelist() if one.endswith("回头看.txt")]
        assert packed.read(name).decode() == "仍然清洁"


def test_one_whose_evidence_is_gone_or_changed_is_refused(filed: ContextAt, store: EvidenceFolder) -> None:
    (path,) = (one for one in store.folder.rglob("*") if one.is_file())
    path.write_bytes(b"other")
    with pytest.raises(Refusal) as told:
        _packed(filed, store)
    assert told.value.code == "evidence_changed"
    path.unlink()
    with pytest.raises(Refusal) as told:
        _packed(filed, store)
    assert told.value.code == "evidence_gone"


def test_of_a_round_it_holds_what_was_struck_off_alone(filed: ContextAt, store: EvidenceFolder) -> None:
    with ZipFile(BytesIO(_packed(filed, store, ""))) as archive:
        assert {name.partition("/")[0] for name in archive.namelist() if "/" in name} == {"01-1"}


def test_a_draft_of_what_is_not_struck_off_says_what_lacks(filed: ContextAt, store: EvidenceFolder) -> None:
    with ZipFile(BytesIO(_packed(filed, store, "02-1"))) as archive:
        document = Document(BytesIO(archive.read("00 卷宗封面及目录.docx")))
    assert "公示期间：〔待补：公示期间〕" in "\n".join(one.text for one in document.paragraphs)
