"""提醒, 督办, 约谈, 通报: what stays late climbs to an interview and a circular; a serious matter is raised at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from config.settings import settings
from db import ledger, matters
from db.ledger import LedgerContext, Report
from db.ledger.drafts import open_drafts
from db.ledger.escalations import raisable
from db.ledger.events import events_after
from db.ledger.release import released_papers
from db.ledger.replay import verify
from db.matters.escalation import CircularForm, InterviewForm
from db.models import Alert, Escalation, PaperDraft, Period, Person, QueuedMessage
from papers.compiled import compiled
from papers.evidence_store import EvidenceFolder
from papers.kinds import PAPERS, PaperAsked
from papers.releasing import released
from plan.policy import Policy
from rules.message import MessageItem
from rules.month_span import months
from tests.conftest import ContextAt
from tests.messages import items_of
from tests.plans import measure, plan_of
from tests.promises.conftest import Activate, PatrolAt
from text.refusals import Refusal

MARCH = months(2025, 3)
ORANGE, RED, INTERVIEW, CIRCULAR = "2025-03-05", "2025-03-11", "2025-03-18", "2025-03-28"
"""The days of the rungs of a report that was due on Friday, 2025-02-28."""


@pytest.fixture
def ledger_at(ledger_at: ContextAt, whole_ladders: Policy) -> ContextAt:
    return lambda moment, actor="测试": ledger_at(moment, actor, whole_ladders)


@pytest.fixture
def silent(activated: Activate, patrol_at: PatrolAt) -> Callable[[str], None]:
    """February's report, of which nothing is heard: patrolled every day up to one, and again from there on."""
    activated("2025-02-03T09:00")
    days = iter(date.fromordinal(one).isoformat() for one in range(date(2025, 2, 28).toordinal(), 740_000))

    def until(last: str) -> None:
        for day in days:
            patrol_at(f"{day}T09:30")
            if day == last:
                return

    return until


def _sheets(ctx: LedgerContext) -> list[tuple[str, str, str]]:
    found = ctx.session.execute(select(Escalation).order_by(Escalation.id)).scalars()
    return [(one.number, one.rung, one.state) for one in found]


def _told(ctx: LedgerContext, name: str) -> list[MessageItem]:
    waiting = select(QueuedMessage.id).join(Person).where(Person.name == name, QueuedMessage.sent_at.is_(None))
    return [one for number in ctx.session.execute(waiting).scalars() for one in items_of(ctx, number)]


def _words(ctx: LedgerContext, kind: str, number: str) -> str:
    content = compiled(ctx, PAPERS[kind], PaperAsked(None, MARCH, sheet=number), settings().paper_templates)
    path = Path(settings().home) / "paper.docx"
    path.write_bytes(content)
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_what_nobody_answers_climbs_from_reminder_to_sheet_to_interview_to_circular(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(CIRCULAR)
    with ledger_at(f"{CIRCULAR}T10:00") as ctx:
        assert _sheets(ctx) == [
            ("督办〔2025〕1号", "orange", "superseded"),
            ("督办〔2025〕2号", "red", "superseded"),
            ("约谈〔2025〕1号", "interview", "superseded"),
            ("通报〔2025〕1号", "circular", "open"),
        ]
        opened = {
            one.rung: ctx.work_time.day_of(one.opened_at) for one in ctx.session.execute(select(Escalation)).scalars()
        }
        assert {rung: str(day) for rung, day in opened.items()} == {
            "orange": ORANGE, "red": RED, "interview": INTERVIEW, "circular": CIRCULAR
        }  # fmt: skip
        found = matters.matter(ctx, "escalation", 4)
        assert (found.kind, found.waiting_name, found.asked) == ("circular", "待定通报", ("head",))
        (said,) = (one for one in _told(ctx, "head") if one.tag == "escalation-4")
        assert (said.sheet, said.informed) == ("通报〔2025〕1号", False)
        assert verify(ctx.session).whole


def test_after_the_last_rung_the_supervisors_are_told_again_until_something_comes(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent("2025-04-02")
    with ledger_at("2025-04-02T10:00") as ctx:
        fired = ctx.session.get_one(Period, 1).fired
        assert fired[-3:] == ["circular", "repeat#1", "repeat#2"]


def test_an_interview_is_recorded_with_who_was_there_and_the_unit_reads_what_was_demanded(
    silent: Callable[[str], None], ledger_at: ContextAt, home: Path
) -> None:
    silent(INTERVIEW)
    with ledger_at("2025-03-18T11:00") as ctx:
        notice = _words(ctx, "interview", "约谈〔2025〕1号")
        assert "约谈通知书" in notice
        assert "已逾期12个工作日" in notice
        assert "约谈纪要" not in notice
    with ledger_at("2025-03-19T15:00", "head") as ctx:
        found = matters.matter(ctx, "escalation", 3)
        answer = InterviewForm(
            held_on="2025-03-19", attended="水科科长李某", instruction="十日内报清", new_limit="2025-03-31", by="head"
        )
        assert matters.answer(ctx, found, answer)
    with ledger_at("2025-03-19T16:00") as ctx:
        done = matters.matter(ctx, "escalation", 3)
        assert (done.kind, done.outcome) == ("", "已约谈")
        (said,) = (one for one in _told(ctx, "handler") if one.note and "约谈" in one.note)
        assert said.note == "约谈〔2025〕1号：2025-03-19约谈水科科长李某，要求：十日内报清（新时限2025-03-31）"
        record = _words(ctx, "interview", "约谈〔2025〕1号")
        assert record.index("约谈纪要") < record.index("水科科长李某") < record.index("十日内报清")
        assert [one["type"] for one in events_after(ctx, 0).events][-1] == "sheet.interviewed"
        assert verify(ctx.session).whole
    silent("2025-03-31")
    with ledger_at("2025-03-31T23:00") as ctx:
        assert [one[1] for one in _sheets(ctx)] == ["orange", "red", "interview"], "the limit has not passed"
    silent("2025-04-01")
    with ledger_at("2025-04-01T10:00") as ctx:
        assert _sheets(ctx)[-1] == ("通报〔2025〕1号", "circular", "open")


def test_instead_of_an_interview_the_head_may_instruct_or_only_acknowledge(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(INTERVIEW)
    with ledger_at("2025-03-18T11:00", "head") as ctx:
        matters.answer(ctx, matters.matter(ctx, "escalation", 3), InterviewForm(by="head"))
        assert matters.matter(ctx, "escalation", 3).waiting_name == "已签收"
    with ledger_at("2025-03-18T12:00", "head") as ctx:
        matters.answer(ctx, matters.matter(ctx, "escalation", 3), InterviewForm(instruction="限期报送", by="head"))
        assert matters.matter(ctx, "escalation", 3).outcome == "已批示"


def test_a_circular_waits_for_the_office_and_goes_out_under_its_number(
    silent: Callable[[str], None], ledger_at: ContextAt, home: Path, tmp_path: Path
) -> None:
    silent(CIRCULAR)
    store, final = EvidenceFolder(tmp_path / "kept"), tmp_path / "定稿.docx"
    draft = Document()
    draft.add_paragraph("关于水科一项整改事项的通报")
    draft.save(str(final))
    with ledger_at("2025-03-28T11:00", "office") as ctx, pytest.raises(Refusal) as early:
        released(ctx, PAPERS["circular"], None, MARCH, final, store, sheet="1")
    assert early.value.code == "circular_undecided"
    with ledger_at("2025-03-28T12:00", "head") as ctx:
        decided = CircularForm(decision="予以通报", instruction="水科须立即补报", by="head")
        assert matters.answer(ctx, matters.matter(ctx, "escalation", 4), decided)
        assert matters.matter(ctx, "escalation", 4).outcome == "已决定通报"
    with ledger_at("2025-03-28T14:00") as ctx:
        (waiting,) = open_drafts(ctx)
        found = matters.matter(ctx, "paper", waiting.id)
        assert (found.name, found.asked) == ("专项通报 · 通报〔2025〕1号", ("office",))
        words = _words(ctx, "circular", "通报〔2025〕1号")
        assert words.index("已逾期20个工作日") < words.index("水科须立即补报")
    with ledger_at("2025-04-01T09:00", "office") as ctx:
        paper = released(ctx, PAPERS["circular"], None, months(2025, 4), final, store, sheet="通报〔2025〕1号")
        assert (paper.sheet, paper.version) == ("通报〔2025〕1号", 1)
        assert open_drafts(ctx) == []
    with ledger_at("2025-04-01T10:00") as ctx:
        assert [one.sheet for one in released_papers(ctx, None)] == ["通报〔2025〕1号"]
        assert ctx.session.get_one(PaperDraft, 1).ended_by == "office"
        assert verify(ctx.session).whole


def test_a_circular_without_a_decision_is_asked_about_and_a_report_ends_it(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(CIRCULAR)
    with ledger_at("2025-03-28T12:00", "head") as ctx:
        found = matters.matter(ctx, "escalation", 4)
        with pytest.raises(Refusal) as refused:
            matters.answer(ctx, found, CircularForm(instruction="水科须立即补报", by="head"))
        assert refused.value.code == "circular_undecided"
        assert matters.why_refused(found, refused.value) is not None
    with ledger_at("2025-03-28T13:00", "handler") as ctx:
        ledger.submit(ctx, 1, Report(body="补报", percent=50))
    with ledger_at("2025-03-28T14:00") as ctx:
        assert matters.matter(ctx, "escalation", 4).outcome == "已终止"
        assert open_drafts(ctx) == []


def test_a_serious_matter_is_raised_at_once_and_the_rungs_between_are_passed_over(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(ORANGE)
    with ledger_at("2025-03-06T10:00", "deputy") as ctx:
        sheet = ledger.raise_to(ctx, 1, "interview", "隐瞒不报，影响恶劣")
        assert (sheet.number, sheet.raised_by, str(sheet.limit_on)) == ("约谈〔2025〕1号", "deputy", "2025-03-13")
    with ledger_at("2025-03-06T11:00") as ctx:
        assert _sheets(ctx) == [("督办〔2025〕1号", "orange", "superseded"), ("约谈〔2025〕1号", "interview", "open")]
        told_outside = [one for one in events_after(ctx, 0).events if one["at"].startswith("2025-03-06")]
        assert [one["type"] for one in told_outside] == ["sheet.opened", "sheet.raised"]
        assert "隐瞒不报" in matters.form_context(ctx, matters.matter(ctx, "escalation", 2)).card
        assert [one.tag for one in matters.asked_of(ctx, "head")] == ["escalation-2"]
        (told,) = (one for one in _told(ctx, "leader") if one.note and "提级" in one.note)
        assert told.note == "约谈〔2025〕1号：deputy将本事项提级为约谈，理由：隐瞒不报，影响恶劣"
        assert verify(ctx.session).whole
    silent(INTERVIEW)
    with ledger_at("2025-03-18T10:00") as ctx:
        assert [one[1] for one in _sheets(ctx)] == ["orange", "interview"], "nothing lower or the same comes again"
        told = ctx.session.execute(select(Alert.rung, Alert.recipient_id).where(Alert.rung == "red")).all()
        assert told == [], "nobody heard of a rung that was passed over, the operators neither"
        noted = select(Alert.note).where(Alert.note.contains("无人在岗"))
        assert ctx.session.execute(noted).all() == []
    silent(CIRCULAR)
    with ledger_at(f"{CIRCULAR}T10:00") as ctx:
        assert _sheets(ctx)[-1] == ("通报〔2025〕1号", "circular", "open"), "the climb goes on from there by its days"


def test_what_is_not_late_yet_may_be_raised_and_its_own_reminders_still_come(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00")
    patrol_at("2025-02-03T09:30")
    with ledger_at("2025-02-10T10:00", "head") as ctx:
        assert ledger.raise_to(ctx, 1, "red", "省里点名").limit_on == date(2025, 2, 17)
    for day in ("2025-02-25", "2025-02-28", "2025-03-03", "2025-03-05", "2025-03-11"):
        patrol_at(f"{day}T09:30")
    with ledger_at("2025-03-11T10:00") as ctx:
        assert ctx.session.get_one(Period, 1).fired == ["orange", "red", "open", "remind", "due", "yellow"]
        assert [one[1] for one in _sheets(ctx)] == ["red"]
        assert verify(ctx.session).whole


@pytest.mark.parametrize(
    ("actor", "rung", "reason", "code"),
    [
        ("handler", "red", "严重", "actor_is_late_unit"),
        ("office", "red", "严重", "actor_may_not"),
        ("过路人", "red", "严重", "actor_unknown"),
        ("head", "orange", "严重", "rung_not_above"),
        ("head", "yellow", "严重", "rung_not_above"),
        ("head", "没有", "严重", "rung_not_above"),
        ("head", "red", "  ", "reason_empty"),
    ],
)
def test_who_may_not_raise_it_or_says_not_why_or_where_to_changes_nothing(
    silent: Callable[[str], None], ledger_at: ContextAt, actor: str, rung: str, reason: str, code: str
) -> None:
    silent(ORANGE)
    with pytest.raises(Refusal) as refused, ledger_at("2025-03-06T10:00", actor) as ctx:
        ledger.raise_to(ctx, 1, rung, reason)
    assert refused.value.code == code
    with ledger_at("2025-03-06T11:00") as ctx:
        assert _sheets(ctx) == [("督办〔2025〕1号", "orange", "open")]


def test_while_a_report_waits_for_its_review_nothing_is_raised(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(ORANGE)
    with ledger_at("2025-03-06T09:00", "handler") as ctx:
        ledger.submit(ctx, 1, Report(body="补报", percent=50))
    with ledger_at("2025-03-06T10:00", "head") as ctx, pytest.raises(Refusal) as refused:
        ledger.raise_to(ctx, 1, "red", "严重")
    assert refused.value.code == "period_not_raised"
    with ledger_at("2025-03-06T11:00", "office") as ctx:
        ledger.review(ctx, 1, accept=False, reason="不实")
        assert [one.key for one in raisable(ctx, ctx.session.get_one(Period, 1))] == ["red", "interview", "circular"]


def test_a_rung_that_nobody_stands_on_is_not_raised_to(
    activated: Activate, patrol_at: PatrolAt, ledger_at: ContextAt
) -> None:
    activated("2025-02-03T09:00", plan_of(measure(), audiences={"deputy": ["deputy"], "office": ["office"]}))
    patrol_at("2025-02-05T09:00")
    with ledger_at("2025-02-06T10:00", "deputy") as ctx, pytest.raises(Refusal) as refused:
        ledger.raise_to(ctx, 1, "interview", "严重")
    assert refused.value.code == "rung_vacant"


def test_an_interview_is_neither_in_the_future_nor_of_another_kind_of_sheet(
    silent: Callable[[str], None], ledger_at: ContextAt
) -> None:
    silent(INTERVIEW)
    given = ("水科", "十日内报清")
    with ledger_at("2025-03-18T10:00", "head") as ctx:
        for held_on, number, code in (
            (date(2025, 3, 19), 3, "day_in_future"),
            (date(2025, 3, 18), 2, "escalation_closed"),
        ):
            with pytest.raises(Refusal) as refused:
                ledger.hold_interview(ctx, number, held_on, *given)
            assert refused.value.code == code
        with pytest.raises(Refusal) as other:
            ledger.circulate(ctx, 3, "通报")
        assert other.value.code == "sheet_other_kind"
        with pytest.raises(Refusal) as nobody:
            ledger.hold_interview(ctx, 3, date(2025, 3, 18), "  ", "十日内报清")
        assert nobody.value.code == "text_empty"
        assert ctx.session.get_one(Escalation, 3).state == "open"
