"""A clock that stands too far from the last patrol, or from the database's own, changes nothing and is told of.

The whole way of a patrol is walked, with its letters: what the flow calls, and the command line.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# ruff: noqa: F811 - fixtures of the command line are asked for by name
import anyio
import pytest
from sqlalchemy import func, select

from config import clock
from db.ledger.context import SYSTEM_ACTOR
from db.models import AuditEntry, Period, QueuedMessage
from tasks.channels import delivery
from tasks.context import audit_fault, ledger_context, patrol_at
from tasks.matters import open_and_claim
from tests.cli.conftest import Run, content, loaded, plan_file, run  # noqa: F401
from tests.conftest import reread_settings

Content = Callable[[], dict[str, Any]]
PATROLLED = "2025-03-10T09:00"


@pytest.fixture
def patrolled(loaded: Run) -> Run:
    """The command line on a ledger whose last patrol was on 2025-03-10."""
    assert loaded("patrol").status == 0
    return loaded


def _outbox(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "outbox").rglob("*.eml"))


def test_a_year_ahead_nothing_opens_climbs_or_leaves_and_the_office_is_told(
    patrolled: Run,
    content: Content,
    tmp_path: Path,
) -> None:
    before, letters = content(), _outbox(tmp_path)
    said = patrolled("patrol", DUBAN_CLOCK="2026-03-11T09:00")
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        "时钟为2026-03-11 09:00，距上次巡检（2025-03-10 09:00）已366天，超过上限60天；"
        "督办已停下：不开期次、不升级、不发消息。请核对时钟；"
        "时钟无误的，由操作人员确认后继续（duban patrol --confirm）\n"
    )
    after = content()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"alerts", "messages", "audit", "head"}  # told, sent, and in the trail
    assert (after["alerts"], after["messages"]) == (before["alerts"] + 1, before["messages"] + 1)
    told = [name for name in _outbox(tmp_path) if name not in letters]
    assert len(told) == 1, "the office alone gets a letter, at once"


def test_it_is_told_once_a_day_and_every_patrol_fails_until_the_clock_is_right(
    patrolled: Run,
    content: Content,
) -> None:
    for _ in range(3):
        assert patrolled("patrol", DUBAN_CLOCK="2026-03-11T09:00").status == 1
    once = content()["alerts"]
    assert patrolled("patrol", DUBAN_CLOCK="2026-03-12T09:00").status == 1
    assert content()["alerts"] == once + 1
    assert patrolled("patrol", DUBAN_CLOCK="2025-03-11T09:00").status == 0, "a clock put right needs no word of anybody"


def test_what_is_told_does_not_wait_for_the_day_that_was_doubted(patrolled: Run, ledger_at: Any) -> None:
    """The office is closed at that hour; the clock is put right before it opens."""
    assert patrolled("patrol", DUBAN_CLOCK="2026-03-14T03:00").status == 1
    with ledger_at(PATROLLED) as ctx:
        due = ctx.session.execute(select(QueuedMessage.next_try_at).where(QueuedMessage.key.like("clock:%")))
        assert all(at is None or at <= ctx.now for at in due.scalars())


def test_an_operator_confirms_in_his_name_and_the_engine_goes_on(
    patrolled: Run,
    content: Content,
    ledger_at: Any,
) -> None:
    later = {"DUBAN_CLOCK": "2026-03-11T09:00"}
    before = content()
    assert patrolled("patrol", "--confirm", **later).err == "--confirm 与 --by 须一起写：由谁确认时钟无误\n"
    assert patrolled("patrol", "--confirm", "--by", " ", **later).err == "必须写明经办人（--by）\n"
    assert content() == before
    done = patrolled("patrol", "--confirm", "--by", "整改办", "--json", **later).json
    assert (done["doubt"], done["opened"]) == (None, 12)
    assert patrolled("patrol", DUBAN_CLOCK="2026-03-11T09:05").status == 0
    with ledger_at(PATROLLED) as ctx:
        entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.command == "confirm-clock")).scalar_one()
        assert (entry.actor, entry.subject) == ("整改办", "2026-03-11 09:00")
        assert entry.facts["why"].startswith("时钟为2026-03-11 09:00")


def test_nothing_is_confirmed_where_nothing_is_doubted(patrolled: Run, content: Content) -> None:
    before = content()
    said = patrolled("patrol", "--confirm", "--by", "整改办")
    assert (said.status, said.err) == (2, "时钟没有疑问，不必确认\n")
    assert content() == before


def test_forty_days_without_the_engine_are_caught_up_with_by_themselves(patrolled: Run) -> None:
    done = patrolled("patrol", "--json", DUBAN_CLOCK="2025-04-19T09:00").json
    assert (done["doubt"], done["opened"]) == (None, 1)


def test_a_plan_of_the_past_is_caught_up_with_by_its_first_patrol(loaded: Run) -> None:
    assert loaded("patrol", "--json", DUBAN_CLOCK="2026-03-11T09:00").json["doubt"] is None


def test_no_letter_leaves_by_a_doubted_clock_and_no_schedule_opens_by_it(
    patrolled: Run, monkeypatch: pytest.MonkeyPatch, database: str, tmp_path: Path
) -> None:
    """Delivery has a run of its own, and so has every schedule: the same clock is asked there."""
    assert patrolled("submit", "01-2", "--text", "办", "--percent", "100", "--by", "王工").status == 0
    back = ("review", "01-2", "--return", "--reason", "补", "--by", "李科长")
    assert patrolled(*back, DUBAN_CLOCK="2025-03-10T20:00").status == 0
    letters = _outbox(tmp_path)
    for name, value in (("DATABASE_URL", database), ("HOME", str(tmp_path)), ("CLOCK", "2026-03-11T09:00")):
        monkeypatch.setenv(f"DUBAN_{name}", value)
    reread_settings()
    delivery(SYSTEM_ACTOR).run()
    assert _outbox(tmp_path) == letters
    with ledger_context(SYSTEM_ACTOR) as ctx:
        periods = ctx.session.scalar(select(func.count()).select_from(Period))

    async def claim() -> int | None:
        return await open_and_claim.fn("01-1", "report", None, "a-run")

        anyio.run(claim)

    with ledger_context(SYSTEM_ACTOR) as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Period)) == periods
    reread_settings()


@pytest.fixture
def real_time(loaded: Run, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An office that lives at its machine's time."""
    monkeypatch.delenv("DUBAN_CLOCK", raising=False)
    monkeypatch.setenv("DUBAN_DATABASE_URL", database)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    reread_settings()
    yield
    reread_settings()


def test_a_machine_apart_from_its_database_halts_until_that_difference_is_confirmed(
    real_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = timedelta(hours=-3)
    monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) + wrong)
    first = patrol_at(SYSTEM_ACTOR, datetime.now(UTC) + wrong)
    assert "相差超过1小时" in first["doubt"]
    assert first["opened"] == first["alerts"] == 0
    assert (audit_fault(first) or "").endswith("（duban patrol --confirm）")
    assert patrol_at("patrol", datetime.now(UTC) + wrong, confirmed_by="整改办")["doubt"] is None
    assert patrol_at(SYSTEM_ACTOR, datetime.now(UTC) + wrong)["doubt"] is None
    wrong = timedelta(hours=3)
    assert "相差超过1小时" in patrol_at(SYSTEM_ACTOR, datetime.now(UTC) + wrong)["doubt"], "another difference"


def test_a_machine_that_agrees_with_its_database_is_believed(real_time: None) -> None:
    assert patrol_at(SYSTEM_ACTOR, clock.now())["doubt"] is None


def test_a_clock_that_fell_back_is_no_engine_at_rest(real_time: None) -> None:
    """At its wrong date nothing is due, so that all would look well."""
    now = clock.now()
    assert patrol_at(SYSTEM_ACTOR, now)["doubt"] is None
    fallen = patrol_at(SYSTEM_ACTOR, now - timedelta(days=9))
    assert "早于上次巡检" in fallen["doubt"]
    assert patrol_at("patrol", now - timedelta(days=9), by_hand=True)["doubt"] is None, "a person means a past instant"
    assert patrol_at(SYSTEM_ACTOR, now + timedelta(minutes=5))["doubt"] is None
