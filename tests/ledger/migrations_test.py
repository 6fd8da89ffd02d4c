"""A ledger of an earlier release is brought up to date with what it holds, to just the tables the program knows."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from db.models import Base
from db.session import MIGRATIONS, migrate

_OLD_ROUND = """
INSERT INTO inspections (key, title, organisation, inspector, kind, feedback_on, phases, source, audiences, plan_digest,
    activated_at)
VALUES ('round', '第一轮', '某局', '某组', 'party', '2024-12-20', '{}', '通报', '{}', 'digest', '2025-01-17');
INSERT INTO findings (inspection_id, code, title) VALUES (1, '01', '问题');
INSERT INTO measures (finding_id, code, title, text, duration_class, work_state, state_note, lead_unit, assisting_units,
    audiences, evidence_rule)
VALUES (1, '01-1', '措施', '内容', 'dated', 'in_progress', '在办', '水科', '[]', '{}', 'optional');
INSERT INTO duties (measure_id, key, kind, title, cadence, due, roll, roll_workdays, precision, source, assumed)
VALUES (1, 'report', 'report', '月报', 'monthly', 'end', 'none', 2, 'day', '措施一', false);
"""


def at_revision(engine: Engine, revision: str, step: str) -> None:
    """Bring a ledger to a revision; ``step`` is ``upgrade`` or ``downgrade``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, step)(config, revision)


def test_the_tables_are_those_of_the_models(owners_engine: Engine) -> None:
    with owners_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_an_old_ledger_keeps_what_it_holds_and_has_no_plan_yet(owners_engine: Engine) -> None:
    at_revision(owners_engine, "0001", "downgrade")
    with owners_engine.begin() as connection:
        connection.execute(text(_OLD_ROUND))
    migrate(owners_engine)
    with owners_engine.connect() as connection:
        assert connection.execute(text("SELECT title, plan FROM inspections")).one() == ("第一轮", None)
        assert connection.execute(text("SELECT key, place, retired_at FROM duties")).one() == ("report", 0, None)
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


_RUNNING = """
INSERT INTO ladders (digest, body) VALUES ('d', '{}');
INSERT INTO periods (duty_id, ordinal, label, opens_on, due_on, formal_due_on, provisional, opened_at, state, round,
    ladder_id, fired, repeats, flow_run_id, settled, closed_at)
VALUES (1, 1, '一', '2025-01-01', '2025-01-31', '2025-01-31', false, '2025-01-01', 'waiting', 1, 1, '{}', 0, 'run-1',
        false,
        NULL),
       (1, 2, '二', '2025-01-01', '2025-01-31', '2025-01-31', false, '2025-01-01', 'closed', 1, 1, '{}', 0, 'run-2',
        true,
        '2025-02-01'),
       (1, 3, '三', '2025-01-01', '2025-01-31', '2025-01-31', false, '2025-01-01', 'waiting', 1, 1, '{}', 0, NULL,
        false,
        NULL);
INSERT INTO escalations (period_id, rung, level, recipients, opened_at, limit_on, state, announced_at, flow_run_id,
        settled)
VALUES (1, 'orange', 'orange', '[]', '2025-02-05', '2025-02-08', 'superseded', NULL, NULL, true),
       (1, 'red', 'red', '[]', '2025-02-11', '2025-02-18', 'open', '2025-02-11', NULL, false),
       (3, 'red', 'red', '[]', '2025-02-11', '2025-02-18', 'acknowledged', '2025-02-11', 'run-3', false);
"""


def test_open_runs_and_announcements_of_an_earlier_release_go_on(owners_engine: Engine) -> None:
    at_revision(owners_engine, "0002", "downgrade")
    with owners_engine.begin() as connection:
        connection.execute(text(_OLD_ROUND))
        connection.execute(text(_RUNNING))
    migrate(owners_engine)
    runs = "SELECT subject, subject_id, run_id, announced_at IS NOT NULL, ended FROM runs ORDER BY subject, subject_id"
    with owners_engine.connect() as connection:
        # Sheets keep the numbers that people know.
        numbers = "SELECT id, year, serial FROM escalations ORDER BY id"
        assert connection.execute(text(numbers)).all() == [(1, 2025, 1), (2, 2025, 2), (3, 2025, 3)]
        assert connection.execute(text(runs)).all() == [
            ("escalation", 2, None, True, False),
            ("escalation", 3, "run-3", True, False),
            ("period", 1, "run-1", False, False),
            ("period", 2, "run-2", False, True),
        ]
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    at_revision(owners_engine, "0002", "downgrade")
    with owners_engine.connect() as connection:
        assert connection.execute(text("SELECT flow_run_id, settled FROM periods ORDER BY id")).all() == [
            ("run-1", False),
            ("run-2", True),
            (None, False),
        ]


def test_two_ledgers_never_speak_with_one_voice(owners_engine: Engine) -> None:
    voices = []
    for _ in range(2):
        at_revision(owners_engine, "0001", "downgrade")
        migrate(owners_engine)
        with owners_engine.connect() as connection:
            voices.append(connection.execute(text("SELECT id, epoch FROM installation")).one())
    assert voices[0].id != voices[1].id
    assert [one.epoch for one in voices] == [1, 1]
