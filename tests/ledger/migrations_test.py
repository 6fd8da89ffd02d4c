"""A ledger of an earlier release is brought up to date with what it holds, to just the tables the program knows."""

from datetime import date

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


_POSTS = """
INSERT INTO recipients (inspection_id, key, name, channels, retired_at) VALUES
    (1, 'handler', '张三', '[["mail", "zhang@example.org"]]', NULL),
    (1, 'leader', '张 三', '[["mail", "zhang@example.org"], ["robot", ""]]', NULL),
    (1, 'deputy', '张三', '[["mail", "other@example.org"]]', NULL),
    (1, 'office', '整改办', '[["outbox", ""]]', NULL),
    (1, 'gone', '王工', '[["outbox", ""]]', '2025-02-01');
INSERT INTO people (name, folded) VALUES ('整改办', '整改办'), ('赵工', '赵工');
INSERT INTO messages (key, recipient_id, day, state, severity, next_try_at, channel_index, attempts, resend, history,
    created_at)
VALUES ('digest-20250303-1', 1, '2025-03-03', 'retry', 1, '2025-03-03', 1, 2, false, '[]', '2025-03-03'),
       ('digest-20250303-2', 2, '2025-03-03', 'pending', 1, '2025-03-03', 0, 0, false, '[]', '2025-03-03'),
       ('returned#1-7-3', 3, '2025-03-03', 'pending', 1, '2025-03-03', 0, 0, false, '[]', '2025-03-03'),
       ('digest-20250102-5', 5, '2025-01-02', 'sent', 1, NULL, 0, 0, false, '[]', '2025-01-02');
"""


def test_posts_of_an_earlier_release_are_held_by_people_and_waiting_messages_keep_their_keys(
    owners_engine: Engine,
) -> None:
    at_revision(owners_engine, "0015", "downgrade")
    with owners_engine.begin() as connection:
        connection.execute(text(_OLD_ROUND.split("INSERT INTO findings")[0]))
        connection.execute(text(_POSTS))
    migrate(owners_engine)
    held = (
        "SELECT key, people.name, people.channels, added, until_on FROM recipients JOIN holdings ON recipient_id ="
        " recipients.id JOIN people ON people.id = person_id ORDER BY recipients.id"
    )
    with owners_engine.connect() as connection:
        both = [["mail", "zhang@example.org"], ["robot", ""]]
        assert [tuple(row) for row in connection.execute(text(held))] == [
            # One person under two spellings; two addresses in one channel are two people.
            ("handler", "张三", both, False, None),
            ("leader", "张三", both, False, None),
            ("deputy", "张三（deputy）", [["mail", "other@example.org"]], False, None),
            ("office", "整改办", [["outbox", ""]], True, None),
            ("gone", "王工", [["outbox", ""]], False, date(2025, 1, 31)),
        ]
        ways = "SELECT key, name, channel_index FROM messages JOIN people ON people.id = person_id ORDER BY messages.id"
        assert [tuple(row) for row in connection.execute(text(ways))] == [
            ("digest-20250303-1", "张三", 0),
            ("digest-20250303-2", "张三", 0),
            ("returned#1-7-3", "张三（deputy）", 0),
            ("digest-20250102-5", "王工", 0),
        ]
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    at_revision(owners_engine, "0015", "downgrade")
    with owners_engine.connect() as connection:
        keys = (
            "SELECT recipients.key FROM messages JOIN recipients ON recipients.id = recipient_id ORDER BY messages.id"
        )
        assert connection.execute(text(keys)).scalars().all() == ["handler", "handler", "deputy", "gone"]
        assert connection.execute(text("SELECT name FROM people ORDER BY id")).scalars().all() == ["整改办", "赵工"]
