"""What may be told to the public, and papers that go out: kept, numbered, handed in, and never changed in place."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from config.settings import HERE
from db import ledger
from db.ledger import LedgerContext
from db.ledger.evidence import evidence_of, kept_contents
from db.ledger.release import allow_publication, released_papers, withhold
from db.ledger.replay import verify
from db.models import Period
from intake.documents.reader import read_lines
from intake.draft import Draft
from intake.notices.notice_draft import notice_draft
from papers.compiled import compiled, months_asked
from papers.evidence_store import EvidenceFolder
from papers.kinds import PAPERS, SHIPPED, PaperAsked
from papers.kinds.notice import public_text, since_feedback, tasks_meant
from papers.releasing import released
from plan.loader import load_plan
from plan.model import Plan
from plan.types import Ground
from rules.month_span import months
from tests.conftest import ContextAt
from tests.plans import duty, measure, plan_of
from text.refusals import Refusal

SPAN = months(2025, 3, 2)


def _plan() -> Plan:
    report = duty(cadence="bimonthly", receiver="省厅", title="双月报送")
    return plan_of(
        measure("01-1", duties=[report]), measure("01-2"), measure("02-1", text="整治企业排放，电话13912345678")
    )


@pytest.fixture
def store(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "kept")


def _notice(ctx: LedgerContext) -> bytes:
    kind = PAPERS["notice"]
    return compiled(ctx, kind, PaperAsked(None, months_asked(ctx, kind, None, None)), SHIPPED)


def _text(content: bytes) -> str:
    return "\n".join(one.text for one in Document(BytesIO(content)).paragraphs)


def _paper(folder: Path, *paragraphs: str, name: str = "定稿.docx") -> Path:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(str(folder / name))
    return folder / name


class TestNotice:
    """整改情况通报."""

    def _read(self, content: bytes, folder: Path) -> Draft:
        (folder / "通报.docx").write_bytes(content)
        return notice_draft(read_lines(folder / "通报.docx"), "通报.docx")

    def test_of_ezhou_is_read_back_with_the_same_findings_and_measures(
        self, activated: Callable[..., Plan], ledger_at: ContextAt, tmp_path: Path
    ) -> None:
        plan = activated(plan=load_plan(HERE / "plans" / "ezhou-2024.yaml"))
        with ledger_at("2025-05-06T10:00", "整改办") as ctx:
            before = self._read(_notice(ctx), tmp_path)
            for task in since_feedback(ctx, None).tasks:
                allow_publication(ctx, task.code, public_text(task), ("领导", "经办人", "书记", "局长", "分管领导"))
            content = _notice(ctx)
        found = self._read(content, tmp_path)
        assert "〔未准予公开〕" not in _text(content)
        assert [len(one.measures) for one in before.findings] == [len(one.measures) for one in plan.findings]
        assert (len(found.findings), sum(len(one.measures) for one in found.findings)) == (23, 55)
        assert [one.title.rstrip("。") for one in found.findings] == [one.title for one in plan.findings]
        for finding, of_plan in zip(found.findings, plan.findings, strict=True):
            assert len(finding.measures) == len(of_plan.measures)
            for one, own in zip(finding.measures, of_plan.measures, strict=True):
                assert own.text.rstrip("。")[:12] in one.text
        facts = found.facts
        assert (facts.organisation, facts.inspector) == (plan.inspection.organisation, plan.inspection.inspector)
        assert (facts.feedback_on, str(facts.published_on)) == (plan.inspection.feedback_on, "2025-05-06")

    def test_marks_at_its_place_what_nobody_released_and_hides_names_and_numbers(
        self, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        with ledger_at("2025-05-06T10:00", "整改办") as ctx:
            allow_publication(ctx, "01-1", "每月调度已成制度")
            said = _text(_notice(ctx))
        assert "整改情况：一是每月调度已成制度。二是〔未准予公开〕每月调度一次工程进度；正在推进。" in said
        assert "〔未准予公开〕整治企业排放，电话〔隐去〕" in said
        assert "13912345678" not in said
        assert "尚未决定是否公开的措施2项：01-2、02-1" in said

    def test_leaves_out_what_is_withheld_and_tells_the_editor_why_and_by_whom(
        self, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        with ledger_at("2025-05-06T10:00", "整改办") as ctx:
            withhold(ctx, "02-1", Ground.CASE, "案件未结")
            said = _text(_notice(ctx))
        assert "02-1 每月调度工程进度：不予公开，案件正在办理，案件未结（整改办）" in said
        assert "问题02" not in said
        assert "公开问题1个、措施2项" in said

    def test_a_later_decision_counts_and_the_trail_bears_out_both(
        self, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        with ledger_at("2025-05-06T10:00", "整改办") as ctx:
            withhold(ctx, "01-2", Ground.HYPE, "易被误读")
            allow_publication(ctx, "01-2", "制度已经建立")
        with ledger_at("2025-05-06T10:00") as ctx:
            assert "制度已经建立" in _text(_notice(ctx))
            assert verify(ctx.session).whole

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "publication_nothing"),
            (" \u200b", "publication_nothing"),
            ("字" * 4001, "text_too_long"),
            ("联系王工办理", "publication_details"),
            ("电话027-60281809", "publication_details"),
            ("身份证42070019800101123X", "publication_details"),
            ("邮箱 a.b@c.cn", "publication_details"),
        ],
    )
    def test_words_that_may_not_be_told_are_refused(
        self, text: str, code: str, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        with pytest.raises(Refusal) as told, ledger_at("2025-05-06T10:00", "整改办") as ctx:
            allow_publication(ctx, "01-1", text)
        assert told.value.code == code

    def test_a_detail_is_told_where_it_was_released_by_itself(
        self, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        with ledger_at("2025-05-06T10:00", "整改办") as ctx:
            allow_publication(ctx, "01-1", "热线027-60281809已开通", ("027-60281809",))
            assert "热线027-60281809已开通" in _text(_notice(ctx))

    def test_the_unit_whose_work_it_is_decides_nothing(
        self, activated: Callable[..., Plan], ledger_at: ContextAt
    ) -> None:
        activated(plan=_plan())
        for act in (
            lambda ctx: allow_publication(ctx, "01-1", "好"),
            lambda ctx: withhold(ctx, "01-1", Ground.CASE, "理由"),
        ):
            with pytest.raises(Refusal) as told, ledger_at("2025-05-06T10:00", "handler") as ctx:
                act(ctx)
            assert told.value.code == "actor_may_not"

    def test_a_finding_stands_for_all_its_measures(self, activated: Callable[..., Plan], ledger_at: ContextAt) -> None:
        activated(plan=_plan())
        with ledger_at("2025-05-06T10:00") as ctx:
            assert [one.code for one in tasks_meant(ctx, ["01", "01-2"], None)] == ["01-1", "01-2"]
            with pytest.raises(Refusal, match="没有整改措施“03”"):
                tasks_meant(ctx, ["03"], None)


class TestRelease:
    """A paper goes out."""

    def _release(self, ctx: LedgerContext, path: Path, store: EvidenceFolder, kind: str = "province") -> int:
        return released(ctx, PAPERS[kind], None, SPAN, path, store).version

    def _opened(self, activated: Callable[..., Plan], patrol_at: Callable[..., object]) -> None:
        activated(plan=_plan())
        for day in ("2025-03-03", "2025-04-28"):
            patrol_at(f"{day}T09:30")

    def test_it_is_kept_numbered_and_handed_in_for_the_period_that_it_answers(
        self,
        activated: Callable[..., Plan],
        patrol_at: Callable[..., object],
        ledger_at: ContextAt,
        store: EvidenceFolder,
        tmp_path: Path,
    ) -> None:
        self._opened(activated, patrol_at)
        path = _paper(tmp_path, "进展报告")
        with ledger_at("2025-04-29T10:00", "整改办") as ctx:
            assert self._release(ctx, path, store) == 1
        with ledger_at("2025-04-29T10:00") as ctx:
            (paper,) = released_papers(ctx, None)
            period = ctx.session.get_one(Period, paper.period_id)
            assert (period.label, period.state) == ("2025年3—4月", "submitted")
            assert period.submissions[-1].body == "已报送《定稿.docx》（第1版）"
            assert [one.sha256 for one in evidence_of(ctx, period.id)] == [paper.sha256]
            assert store.get(paper.sha256) == path.read_bytes()
            assert (paper.sha256, "定稿.docx") in kept_contents(ctx.session)
            assert verify(ctx.session).whole
        with ledger_at("2025-04-29T11:00", "head") as ctx:
            assert ledger.review(ctx, period.id, accept=True).on_time is True

    def test_released_late_is_late(
        self,
        activated: Callable[..., Plan],
        patrol_at: Callable[..., object],
        ledger_at: ContextAt,
        store: EvidenceFolder,
        tmp_path: Path,
    ) -> None:
        self._opened(activated, patrol_at)
        patrol_at("2025-05-12T09:30")
        with ledger_at("2025-05-12T10:00", "整改办") as ctx:
            self._release(ctx, _paper(tmp_path, "进展报告"), store)
            (paper,) = released_papers(ctx, None)
        with ledger_at("2025-05-12T11:00", "head") as ctx:
            assert paper.period_id is not None
            assert ledger.review(ctx, paper.period_id, accept=True).on_time is False

    def test_what_is_changed_is_a_new_version_and_what_is_not_stays_the_old_one(
        self,
        activated: Callable[..., Plan],
        patrol_at: Callable[..., object],
        ledger_at: ContextAt,
        store: EvidenceFolder,
        tmp_path: Path,
    ) -> None:
        self._opened(activated, patrol_at)
        first, second = _paper(tmp_path, "甲"), _paper(tmp_path, "乙", name="又一稿.docx")
        with ledger_at("2025-04-29T10:00", "整改办") as ctx:
            versions = [self._release(ctx, path, store) for path in (first, first, second, second)]
            assert versions == [1, 1, 2, 2]
            assert [one.name for one in released_papers(ctx, None)] == ["定稿.docx", "又一稿.docx"]
            assert all(store.get(one.sha256) for one in released_papers(ctx, None))
            assert len(released_papers(ctx, None)[0].period.submissions) == 1  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("paragraph", "code"),
        [
            ("主送：〔待补：主送机关〕", "paper_lacking"),
            ("一是〔未准予公开〕甲", "paper_lacking"),
            ("编制提示（行文前删去）", "paper_lacking"),
        ],
    )
    def test_one_that_still_lacks_something_is_refused_and_nothing_kept(
        self,
        paragraph: str,
        code: str,
        activated: Callable[..., Plan],
        ledger_at: ContextAt,
        store: EvidenceFolder,
        tmp_path: Path,
    ) -> None:
        activated(plan=_plan())
        with pytest.raises(Refusal) as told, ledger_at("2025-04-29T10:00", "整改办") as ctx:
            self._release(ctx, _paper(tmp_path, "报告", paragraph), store)
        assert told.value.code == code
        assert not store.folder.exists()

    def test_a_notice_is_refused_while_it_tells_what_may_not_be_told(
        self, activated: Callable[..., Plan], ledger_at: ContextAt, store: EvidenceFolder, tmp_path: Path
    ) -> None:
        activated(plan=_plan())

        def refused(*paragraphs: str) -> str:
            with pytest.raises(Refusal) as told, ledger_at("2025-04-29T10:00", "整改办") as ctx:
                self._release(ctx, _paper(tmp_path, *paragraphs), store, "notice")
            return told.value.code

        assert refused("通报") == "paper_not_decided"
        with ledger_at("2025-04-29T10:00", "整改办") as ctx:
            allow_publication(ctx, "01-1", "调度已成制度")
            allow_publication(ctx, "01-2", "热线027-60281809", ("027-60281809",))
            withhold(ctx, "02-1", Ground.CASE, "案件未结")
        assert refused("通报", "整治企业排放，电话13912345678") == "paper_withheld"
        assert refused("通报", "请联系王工") == "paper_details"
        assert refused("通报", "电话027-12345678") == "paper_details"
        with ledger_at("2025-04-29T10:00", "整改办") as ctx:
            path = _paper(tmp_path, "通报", "调度已成制度，热线027-60281809")
            assert self._release(ctx, path, store, "notice") == 1
            assert released_papers(ctx, None)[0].period_id is None

    def test_who_may_not_release_does_not(
        self, activated: Callable[..., Plan], ledger_at: ContextAt, store: EvidenceFolder, tmp_path: Path
    ) -> None:
        activated(plan=_plan())
        with pytest.raises(Refusal) as told, ledger_at("2025-04-29T10:00", "leader") as ctx:
            self._release(ctx, _paper(tmp_path, "报告"), store)
        assert told.value.code == "actor_may_not"

    def test_a_file_that_is_no_document_is_refused(
        self, activated: Callable[..., Plan], ledger_at: ContextAt, store: EvidenceFolder, tmp_path: Path
    ) -> None:
        activated(plan=_plan())
        (tmp_path / "定稿.docx").write_bytes(b"text")
        with pytest.raises(Refusal) as told, ledger_at("2025-04-29T10:00", "整改办") as ctx:
            self._release(ctx, tmp_path / "定稿.docx", store)
        assert told.value.code == "document_mismatch"
