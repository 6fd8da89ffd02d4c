"""(a) The patrol's speed: N open periods of which K are due, with the SQL floor and row-by-row runs beside it.

One rung is decided, its period moved on, its alert written, its letter in the outbox, its claim in the audit trail.
"""

from collections.abc import Iterable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event, func, select, text

from bench.ground import CHASE, NOW, SHEET, THREE, Scene, Server, contexts, temporary_home
from bench.measuring import percentile, progress, seconds, show
from db.ledger.fire import BATCH, Totals, fire_due
from db.ledger.patrol import patrol
from db.models import Alert, AuditEntry, QueuedMessage

ROWS_ONE_BY_ONE = 500

# What nobody can undercut: the database alone claims a batch and writes alerts and letters, with no ladder, calendar,
# hold, audit or escalation, because the answer is written into the statement.
FLOOR = text(
    """
    WITH due AS (
        SELECT periods.id, periods.next_step_at, measures.audiences
        FROM periods JOIN duties ON duties.id = duty_id JOIN measures ON measures.id = measure_id
        WHERE periods.next_step_at <= :now ORDER BY next_step_at, periods.id LIMIT :batch
        FOR UPDATE OF periods SKIP LOCKED
    ), claimed AS (
        UPDATE periods SET fired = fired || CAST(:rung AS varchar), last_fired_on = CAST(:now AS date),
               next_step_at = CAST(:now AS timestamptz) + interval '1 day'
        FROM due WHERE periods.id = due.id
    ), told AS (
        SELECT due.id, due.next_step_at, CAST(who AS bigint) AS recipient_id
        FROM due, unnest(CAST(:audiences AS text[])) AS name, jsonb_array_elements_text(audiences -> name) AS who
    ), letters AS (
        INSERT INTO messages (key, person_id, day, state, severity, next_try_at, channel_index, attempts, resend,
                              history, created_at)
        SELECT DISTINCT 'digest-20250317-' || recipient_id, recipient_id, CAST(:now AS date), 'pending', 1,
               CAST(:now AS timestamptz), 0, 0, false, CAST('[]' AS jsonb), CAST(:now AS timestamptz) FROM told
        ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id, person_id AS recipient_id
    )
    INSERT INTO alerts (period_id, rung, recipient_id, kind, level, fell_due_at, recorded_at, message_id)
    SELECT told.id, :rung, recipient_id, 'chase', 'blue', next_step_at, :now, letters.id
    FROM told JOIN letters USING (recipient_id)
    ON CONFLICT DO NOTHING
    """
)


def ours(server: Server, template: str, due: int, alerts: int) -> float:
    """Seconds of one whole patrol; checks that it wrote all it claims to have written."""
    with server.copy(template) as engine:
        _warm(engine)
        start = perf_counter()
        totals = patrol(contexts(engine))
        wall = perf_counter() - start
        assert (totals.rungs, totals.alerts, totals.parked, totals.truncated) == (due, alerts, 0, False), totals
        with engine.connect() as connection:
            written = connection.execute(select(func.count()).select_from(Alert)).scalar_one()
            letters = connection.execute(select(func.count()).select_from(QueuedMessage)).scalar_one()
            entries = connection.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
        assert (written, letters, entries) == (alerts, totals.messages, -(-due // BATCH))
    return wall


def floor(server: Server, template: str, scene: Scene, alerts: int) -> float:
    """Seconds of the bare SQL on the same work, a transaction a batch."""
    values = {"now": NOW, "batch": BATCH, "rung": scene.rung, "audiences": list(scene.audiences)}
    written = 0
    with server.copy(template) as engine:
        _warm(engine)
        start = perf_counter()
        while True:
            with engine.begin() as connection:
                count = connection.execute(FLOOR, values).rowcount
            written += count
            if not count:
                break
        wall = perf_counter() - start
    assert written == alerts
    return wall


def one_by_one(server: Server, template: str) -> float:
    """Rungs a second of our own code when every row is a batch of its own."""
    totals = Totals()
    with server.copy(template) as engine:
        _warm(engine)
        start = perf_counter()
        while totals.rungs < ROWS_ONE_BY_ONE:
            with contexts(engine)() as ctx:
                fire_due(ctx, totals, batch=1)
        return totals.rungs / (perf_counter() - start)


def idle(engine: Engine, passes: int = 300) -> tuple[list[float], list[float]]:
    """Seconds of each of ``passes`` sweep transactions, and of as many whole patrols, that find nothing due."""
    opened = contexts(engine)

    def nothing() -> None:
        with opened() as ctx:
            assert fire_due(ctx, Totals()) == 0

    def whole() -> None:
        assert patrol(opened).rungs == 0

    for work in (nothing, whole) * 10:
        work()
    return [seconds(nothing) for _ in range(passes)], [seconds(whole) for _ in range(passes)]


def plan_of_the_scan(engine: Engine) -> str:
    """The plan PostgreSQL follows for the sweep's own scan; raises AssertionError unless it uses the partial index."""
    seen: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "FOR UPDATE OF periods" in statement:
            cursor.execute(f"EXPLAIN {statement}", parameters)
            seen.extend(row[0] for row in cursor.fetchall())

    event.listen(engine, "before_cursor_execute", explain)
    with contexts(engine)() as ctx:
        fire_due(ctx, Totals())
    event.remove(engine, "before_cursor_execute", explain)
    plan = "\n".join(seen)
    assert "periods_due" in plan, plan
    assert "Seq Scan on periods" not in plan, plan
    return plan


def _warm(engine: Engine) -> None:
    """Bring process, connection and pages to the state in which a patrol that runs every few minutes finds them.

    One rung is climbed and taken back, so that no statement is compiled for the first time under the stop-watch.
    """
    with contexts(engine)() as ctx:
        fire_due(ctx, Totals(), batch=1)
        ctx.session.rollback()
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM periods WHERE next_step_at <= :now"), {"now": NOW})
        connection.execute(text("SELECT sum(length(title)) FROM measures"))


def main(sizes: Iterable[int], runs: int) -> None:
    """Print the tables for ledgers of these sizes; every figure is the median of ``runs`` runs."""
    base = Server(temporary_home())
    print(f"\n{base.version()}")
    cases = [(size, due, CHASE) for size in sizes for due in (1_000, 10_000)]
    cases += [(100_000, 10_000, THREE), (100_000, 10_000, SHEET)]
    rows = (_row(base, *case, runs) for case in cases)
    heads = ("open periods", "due", "rung", "patrol s", "rungs/s", "SQL floor /s", "floor ÷ ours", "row by row /s")
    show("Patrol: decide, record, outbox, audit", (*heads, "ours ÷ row by row"), rows)
    idle_heads = ("open periods", "sweep ms (median)", "sweep ms (p95)", "whole patrol ms (median)")
    show("Idle pass on a warm connection", idle_heads, (_idle_row(base, size) for size in sizes))


def _row(base: Server, size: int, due: int, scene: Scene, runs: int) -> Sequence[object]:
    progress(f"patrol: {size:,} open, {due:,} due, {scene.name}")
    alerts = due * len(scene.audiences)
    walls, floors, singles = [], [], []
    with base.ledger(size, due, scene) as template:
        with base.copy(template) as engine:
            plan_of_the_scan(engine)
        for _ in range(runs):
            walls.append(ours(base, template, due, alerts))
            floors.append(floor(base, template, scene, alerts))
            singles.append(one_by_one(base, template))
    wall, bare, single = median(walls), median(floors), median(singles)
    ratios = f"{wall / bare:.1f}", f"{single:,.0f}", f"{due / wall / single:.0f}"
    return f"{size:,}", f"{due:,}", scene.name, f"{wall:.2f}", f"{due / wall:,.0f}", f"{due / bare:,.0f}", *ratios


def _idle_row(base: Server, size: int) -> Sequence[object]:
    progress(f"idle: {size:,} open")
    with base.ledger(size, 0, CHASE) as template, base.copy(template) as engine:
        plan_of_the_scan(engine)
        sweeps, patrols = idle(engine)
    values = median(sweeps), percentile(sweeps, 0.95), median(patrols)
    return f"{size:,}", *(f"{value * 1000:.2f}" for value in values)
