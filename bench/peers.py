"""(a) Peers on the same work: 10⁴ jobs of which 10³ are due now, on the same PostgreSQL, in the same run as ours.

Both peers are spared what ours does: they note when a job runs next, and hand it to a function or a broker in memory
that does nothing. Ours writes the alert, the letter, the period and the audit entry.
"""

# The peers come with the extra "bench" only, and without types.
# mypy: disable-error-code="import-not-found, import-untyped"

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from statistics import median
from threading import Event
from time import perf_counter
from typing import Any

from bench.ground import CHASE, Server, temporary_home
from bench.measuring import progress, show
from bench.sweep import ours

JOBS, DUE = 10_000, 1_000
_ran = 0
_all_ran = Event()


def job() -> None:
    """What APScheduler runs: it only counts."""
    global _ran
    _ran += 1
    if _ran == DUE:
        _all_ran.set()


def apscheduler(base: Server) -> float:
    """Seconds until APScheduler 3 has run ``DUE`` due jobs out of ``JOBS``, each in the scheduler's own thread."""
    from apscheduler.executors.debug import DebugExecutor
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    global _ran
    _ran = 0
    _all_ran.clear()
    engine = base.fresh("apscheduler")
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_jobstore(SQLAlchemyJobStore(engine=engine))
    scheduler.add_executor(DebugExecutor())
    scheduler.start(paused=True)
    now = datetime.now(UTC)
    for number in range(JOBS):
        first = now - timedelta(hours=1) if number < DUE else now + timedelta(days=1, seconds=number)
        scheduler.add_job(job, "interval", days=30, next_run_time=first, misfire_grace_time=None, id=str(number))
    start = perf_counter()
    scheduler.resume()
    assert _all_ran.wait(300)
    taken = perf_counter() - start
    scheduler.shutdown()
    engine.dispose()
    return taken


def celery_beat(base: Server) -> tuple[float, float]:
    """Seconds of reading the schedule, and of sending ``DUE`` due tasks to a broker in memory and saving that."""
    from celery import Celery
    from django.core.management import call_command

    _set_up_django(base)
    from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks
    from django_celery_beat.schedulers import DatabaseScheduler

    call_command("migrate", verbosity=0)
    PeriodicTask.objects.all().delete()
    monthly = IntervalSchedule.objects.get_or_create(every=30, period=IntervalSchedule.DAYS)[0]
    now = datetime.now(UTC)
    last_runs = (now - timedelta(days=31 if number < DUE else 1) for number in range(JOBS))
    PeriodicTask.objects.bulk_create(
        PeriodicTask(name=f"task {number}", task="bench.nothing", interval=monthly, last_run_at=last)
        for number, last in enumerate(last_runs)
    )
    PeriodicTasks.update_changed()
    app = Celery("bench", broker="memory://", set_as_current=False)
    app.conf.update(enable_utc=True, timezone="UTC", task_ignore_result=True, beat_max_loop_interval=5)
    start = perf_counter()
    scheduler: Any = DatabaseScheduler(app=app, lazy=True)
    scheduler.setup_schedule()
    read = perf_counter() - start
    start = perf_counter()
    while PeriodicTask.objects.filter(last_run_at__gte=now).count() < DUE:
        _tick_until_idle(scheduler)
        scheduler.sync()
    return read, perf_counter() - start


def _tick_until_idle(scheduler: Any) -> None:
    """A tick sends one task and says how many seconds may pass until the next one."""
    while scheduler.tick() == 0:
        pass


def _set_up_django(base: Server) -> None:
    import django
    from django.conf import settings

    if settings.configured:
        return
    base.fresh("beat").dispose()
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "beat", "USER": "postgres"}
    settings.configure(
        DATABASES={"default": database | {"HOST": base.url.query["host"], "CONN_MAX_AGE": None}},
        INSTALLED_APPS=["django_celery_beat"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        DJANGO_CELERY_BEAT_TZ_AWARE=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()


def _ours(base: Server) -> float:
    with base.ledger(JOBS, DUE, CHASE) as template:
        return ours(base, template, DUE, DUE)


def main(runs: int) -> None:
    """Print the table; every figure is the median of ``runs`` runs, the three taken in turn."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("django_celery_beat").setLevel(logging.ERROR)
    base = Server(temporary_home())
    own, aps, beat, reading = [], [], [], []
    for number in range(runs):
        progress(f"peers: run {number + 1} of {runs}")
        own.append(_ours(base))
        aps.append(apscheduler(base))
        read, sent = celery_beat(base)
        reading.append(read)
        beat.append(sent)
    rows = [
        ("Duban: period, alert, letter, audit entry", *_pace(own, own), "–"),
        (f"APScheduler {version('apscheduler')}: next run time", *_pace(aps, own), "in the time"),
        (f"celery-beat {version('django-celery-beat')}: last run time", *_pace(beat, own), f"{median(reading):.1f}"),
    ]
    heads = ("system: what it writes down", "seconds", "due/s", "ours is faster by", "plus: reading all jobs s")
    show("Peers: 10³ due of 10⁴ on the same PostgreSQL", heads, rows)


def _pace(taken: Sequence[float], own: Sequence[float]) -> Sequence[str]:
    return f"{median(taken):.2f}", f"{DUE / median(taken):,.0f}", f"{median(taken) / median(own):.1f}"
