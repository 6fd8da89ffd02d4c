"""Every measure a deployment, every duty a schedule: Prefect's side of the ledger, made and kept equal to it.

A deployment's ``version`` is the fingerprint of what was asked for: the same ledger again changes nothing, and one that
bears the fingerprint and reads otherwise was changed by hand.
"""

import hashlib
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import (
    ConcurrencyLimitStrategy,
    ConcurrencyOptions,
    DeploymentSchedule,
    WorkPool,
    WorkQueue,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, RRuleSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger
from prefect.utilities.callables import parameter_schema

from config.settings import settings
from db import ledger
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.ledger.drafts import DRAFTS_AT
from db.ledger.inspections import titles_to_tell
from db.ledger.periods import rule_of
from db.ledger.queries import all_measures, measures_in_force, missed_labels
from db.ledger.runs import measures_with_runs
from db.matters import MATTERS
from db.matters.period import deployment_name
from db.models import Duty, Measure
from plan.types import MONTHS_OF
from rules.cadence import cron_for
from tasks.automations import sync_automations
from tasks.cards import measure_card
from tasks.context import policy
from tasks.first_page import sync_searches
from tasks.matters import in_ledger
from tasks.projection import PAGE, TAG, always, each, named_deployments, our_deployments
from tasks.queues import QUEUES, ensure_queues, in_order, queue_of
from text.catalogue import phrase, term
from text.clean import line
from text.refusals import Refusal

POOL = "duban"
# Delivery comes of its own accord between two patrols: one that a patrol starts would be dropped while another ends.
EVERY_FIVE_MINUTES = {"patrol": "*/5 * * * *", "deliver": "2-59/5 * * * *"}
PAPERS_AT = f"{DRAFTS_AT.minute} {DRAFTS_AT.hour} * * *"
TURN_SECONDS = 300
# As many as Prefect reads in a fraction of a second.
TURN = 50
# One patrol at a time; a second one that comes meanwhile is dropped, not queued.
_DROP_NEW = ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """One deployment as it should be."""

    name: str
    flow: str
    description: str
    tags: tuple[str, ...]
    parameters: dict[str, Any]
    schedules: tuple[dict[str, Any], ...]
    single: bool = False
    measure: str | None = None
    """Full code of the measure; None for one of the engine's own."""
    beside: tuple[str, ...] = ()
    """Of one of the engine's own the flows of all of them: a version that brings another makes each anew."""

    @property
    def queue(self) -> str:
        """The work queue of its runs."""
        return queue_of(self.flow)

    @property
    def version(self) -> str:
        """A fingerprint of all the rest."""
        content = json.dumps(
            [
                self.name,
                self.flow,
                self.description,
                self.tags,
                self.parameters,
                self.schedules,
                self.single,
                self.queue,
                *self.beside,
            ],
            sort_keys=True,
            default=str,
        )
        return hashlib.sha256(content.encode()).hexdigest()[:16]


@dataclass(slots=True)
class SyncCounts:
    """What ``sync_deployments`` changed."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    failed: int = 0
    left: int = 0
    """Those that were not looked at because the time was up."""
    restored: list[tuple[str, str]] = field(default_factory=list)
    """What somebody changed by hand, and what of it, in words."""


async def turn_of(now: datetime) -> int | None:
    """Which page of the measures' deployments is looked at now: each comes in its turn, whoever asks gets the same.

    Args:
        now: an aware instant of the machine's clock.

    Returns:
        The number of the page; None where there are so few that all are looked at.
    """
    measures = await in_ledger(SYSTEM_ACTOR, lambda ctx: measures_in_force(ctx.session))
    return int(now.timestamp() // TURN_SECONDS) % math.ceil(measures / TURN) if measures > PAGE else None


async def sync_deployments(
    client: PrefectClient,
    flows: dict[str, Flow[..., Any]],
    progress: Callable[[str, int], None] | None = None,
    patrolling: bool = False,
    turn: int | None = None,
    go_on: Callable[[], bool] = always,
) -> SyncCounts:
    """Make Prefect's deployments equal to the ledger: create, update, delete what is gone; twice changes nothing.

    Args:
        client: a client of the Prefect server.
        flows: our flows by name.
        progress: called with each deployment's name and the number of all.
        patrolling: whether every deployment was there before, so that one that is missing was taken away.
        turn: the page to look at, as ``turn_of`` has it; None: all of them, and those that should not be there.
        go_on: asked before each deployment; once it says no, the others are left to the next time.
    """
    specs = await deployment_specs(turn)
    names = {spec.name for spec in specs}
    found_now = await (our_deployments(client) if turn is None else named_deployments(client, names))
    present = {one.name: one for one in found_now}
    # One that is missing the first time, or which the plan or this version has just brought, nobody has taken away.
    known: set[str | None] = {*await in_ledger(SYSTEM_ACTOR, measures_with_runs)} if present else set()
    if any(one.measure is None and one.name in present and present[one.name].version == one.version for one in specs):
        known.add(None)
    done = SyncCounts()
    stale = {spec.flow for spec in specs if _differs(present.get(spec.name), spec)}
    flow_ids = {name: await client.create_flow(flows[name]) for name in stale}

    async def put(spec: DeploymentSpec) -> None:
        if not go_on():
            done.left += 1
            return
        found = present.get(spec.name)
        changed = differences(found, spec)
        try:
            if _differs(found, spec):
                await _put(client, spec, flows[spec.flow], flow_ids[spec.flow])
                done.created, done.updated = done.created + (found is None), done.updated + (found is not None)
            else:
                done.unchanged += 1
        except PrefectHTTPStatusError as error:  # this one is refused; the others go on
            done.failed += 1
            get_logger("duban").error("部署“%s”未能更新：%s", line(spec.name), line(str(error), 500))
            return
        if changed and (found or patrolling or spec.measure in known):
            done.restored.append((phrase("engine.deployment", name=spec.name), phrase("engine.and").join(changed)))
        if progress:
            progress(spec.name, len(specs))

    await each(specs, put)
    # Only what bears our tag: other deployments of the same server are not ours to delete.
    for name in present.keys() - names:
        await client.delete_deployment(present[name].id)
        done.deleted += 1
    return done


def _differs(present: DeploymentResponse | None, spec: DeploymentSpec) -> bool:
    return present is None or present.version != spec.version or bool(differences(present, spec))


async def _put(client: PrefectClient, spec: DeploymentSpec, flow: Flow[..., Any], flow_id: Any) -> None:
    await client.create_deployment(
        flow_id=flow_id,
        name=spec.name,
        version=spec.version,
        schedules=[DeploymentScheduleCreate.model_validate(one) for one in spec.schedules],
        concurrency_limit=1 if spec.single else None,
        concurrency_options=_DROP_NEW if spec.single else None,
        parameters=spec.parameters,
        description=spec.description,
        work_pool_name=POOL,
        work_queue_name=spec.queue,
        tags=list(spec.tags),
        paused=False,
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
    )


def differences(present: DeploymentResponse | None, spec: DeploymentSpec) -> list[str]:
    """What of a deployment is not as it was asked for, in words; what the ledger asks for anew is no difference.

    Args:
        present: as Prefect has it; None where it has none.
        spec: as it should be.
    """
    if present is None:
        return [phrase("engine.found.missing")]
    if present.version != spec.version:
        return [phrase("engine.found.paused")] if present.paused else []
    limit = present.global_concurrency_limit
    pairs = {
        "paused": (present.paused, False),
        "description": (present.description, spec.description),
        "tags": (sorted(present.tags), sorted(spec.tags)),
        "parameters": (present.parameters, spec.parameters),
        "schedules": (_told(present.schedules), _told(map(DeploymentScheduleCreate.model_validate, spec.schedules))),
        "work_pool": ((present.work_pool_name, present.work_queue_name), (POOL, spec.queue)),
        "limit": (limit.limit if limit and limit.active else None, 1 if spec.single else None),
    }
    return [phrase(f"engine.found.{what}") for what, (found, asked) in pairs.items() if found != asked]


def _told(schedules: Iterable[DeploymentScheduleCreate | DeploymentSchedule]) -> list[Any]:
    """Schedules without what Prefect adds to them, such as ids."""
    facts = [(str(one.slug), one.active, one.parameters, one.schedule.model_dump(mode="json")) for one in schedules]
    return sorted(facts, key=lambda fact: fact[0])


async def deployment_specs(turn: int | None = None) -> list[DeploymentSpec]:
    """The deployments that there should be: of the ledger's measures, and those that drive the whole.

    Args:
        turn: of the measures only this page; None: all.
    """
    return [*(await in_ledger(SYSTEM_ACTOR, lambda ctx: measure_specs(ctx, turn))), *engine_specs()]


def measure_specs(ctx: LedgerContext, turn: int | None = None) -> list[DeploymentSpec]:
    """A deployment for every measure in force in the ledger of ``ctx``; one without a date has no schedule.

    Args:
        ctx: the context.
        turn: only this page of them; None: all.
    """
    some = all_measures(ctx.session) if turn is None else all_measures(ctx.session, turn * TURN, TURN)
    missed = missed_labels(ctx, [duty.id for measure in some for duty in measure.owed])
    rounds = titles_to_tell(ctx.session)
    return [_measure_spec(measure, missed, rounds.get(measure.inspection_id, "")) for measure in some]


def _measure_spec(measure: Measure, missed: Mapping[int, Sequence[str]], round_title: str) -> DeploymentSpec:
    cadences = dict.fromkeys(term(duty.cadence) for duty in measure.owed)
    tags = [
        TAG,
        phrase("tag.finding", code=measure.finding.code),
        measure.lead_unit,
        term(measure.duration_class),
        *cadences,
        *([phrase("tag.inspection", inspection=measure.inspection.key)] if round_title else []),
    ]
    return DeploymentSpec(
        name=deployment_name(measure.full_code, measure.title),
        flow="supervise",
        description=measure_card(measure, missed, round_title),
        tags=tuple(tags),
        parameters={"measure": measure.full_code} | ({"duty": measure.owed[0].key} if measure.owed else {}),
        schedules=tuple(_schedule(measure, duty) for duty in measure.owed),
        measure=measure.full_code,
    )


def _schedule(measure: Measure, duty: Duty) -> dict[str, Any]:
    """A duty's schedule: a cron at the first minutes of each window, the minute spread over the hour by the measure.

    Prefect only asks; the ledger decides what opens. A one-off that is open already is asked about no more.
    """
    # Not ``hash``, which differs from process to process: the minute must stay the same.
    minute = zlib.crc32(f"{measure.full_code}/{duty.key}".encode()) % 60
    return {
        "schedule": _prefect_schedule(duty, minute),
        "active": duty.next_opens_at is not None,
        "slug": re.sub("[./]", "-", f"{measure.full_code}-{duty.key}").lower(),
        "parameters": {"measure": measure.full_code, "duty": duty.key},
    }


def _prefect_schedule(duty: Duty, minute: int) -> CronSchedule | RRuleSchedule:
    rule = rule_of(duty)
    cron = cron_for(rule, minute)
    zone = settings().timezone
    if cron is not None:
        return CronSchedule(cron=cron, timezone=zone)
    # An anchor on the 29th, 30th or 31st: the last of these days that the month has.
    assert rule.anchor is not None
    days = ",".join(str(day) for day in range(28, rule.anchor.day + 1))
    text = f"DTSTART:{rule.anchor:%Y%m%d}T00{minute:02d}00\nRRULE:FREQ=MONTHLY;INTERVAL={MONTHS_OF[rule.cadence]}"
    return RRuleSchedule(rrule=f"{text};BYMONTHDAY={days};BYSETPOS=-1", timezone=zone)


def _matter_flows() -> dict[str, str]:
    """The flows of matters that have a deployment for all of them, and what each waits for."""
    return {kind.flow: kind.about for kind in MATTERS.values() if kind.flow != "supervise"}


def engine_specs() -> list[DeploymentSpec]:
    """The deployments that drive the whole: patrol, delivery, and one for every other kind of matter."""
    zone, waiting = settings().timezone, _matter_flows()
    papers = policy().papers
    beside = ("patrol", "deliver", "backup", *papers, *waiting)
    copied = policy().backup.at
    hour, minute = (copied or "0:0").split(":")
    crons = {**EVERY_FIVE_MINUTES, "backup": f"{int(minute)} {int(hour)} * * *"}
    beats = {
        flow: {"slug": flow, "schedule": CronSchedule(cron=cron, timezone=zone), "active": True, "parameters": {}}
        for flow, cron in crons.items()
    }
    return [
        DeploymentSpec(
            "patrol",
            "patrol",
            "巡检：补开期次，推进督办，核对运行，自查遗漏。",
            (TAG, "引擎"),
            {},
            (beats["patrol"],),
            True,
            beside=beside,
        ),
        DeploymentSpec(
            "deliver",
            "deliver",
            "送达：合并、发送、重试、改道、登记。",
            (TAG, "引擎"),
            {},
            (beats["deliver"],),
            True,
            beside=beside,
        ),
        DeploymentSpec(
            "backup",
            "backup",
            "备份：全部内容导出成一个文件，按策略保留，定期试恢复。",
            (TAG, "引擎"),
            {},
            (beats["backup"],) if copied else (),
            True,
            beside=beside,
        ),
        *(_paper_spec(paper, beside) for paper in papers),
        *(DeploymentSpec(flow, flow, about, (TAG, "待办"), {}, (), beside=beside) for flow, about in waiting.items()),
    ]


def _paper_spec(paper: str, beside: tuple[str, ...]) -> DeploymentSpec:
    """A paper's own deployment: Prefect asks every morning, the ledger knows whether one is due."""
    name, parameters = f"compile-{paper}", {"paper": paper}
    cron = CronSchedule(cron=PAPERS_AT, timezone=settings().timezone)
    schedule = {"slug": name, "schedule": cron, "active": True, "parameters": parameters}
    about = phrase("paper.deployment", title=phrase(f"paper.{paper}"))
    return DeploymentSpec(name, "compile", about, (TAG, "文书"), parameters, (schedule,), True, beside=beside)


async def ensure_pool(client: PrefectClient) -> list[tuple[str, str]]:
    """The work pool our worker serves and its queues, made when missing, put in order and to work when they are paused.

    They have no limits of their own: how many runs of each queue go at once is the worker's (``tasks/queues.py``).

    Args:
        client: a client of the Prefect server.

    Returns:
        What somebody had changed by hand, and what of it, in words.
    """
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(
            WorkPoolCreate(name=POOL, type=POOL, description="督办引擎在自己的进程内运行的工作池")
        )
    before = {queue.name for queue in await client.read_work_queues(work_pool_name=POOL)}
    if not before & QUEUES.keys():  # a new pool, or one of an earlier version: nobody has taken them away
        await ensure_queues(client, POOL)
    restored = await pool_faults(client)
    await ensure_queues(client, POOL)
    if restored:
        await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=False, concurrency_limit=None))
        for queue in await client.read_work_queues(work_pool_name=POOL):
            await client.update_work_queue(queue.id, is_paused=False, concurrency_limit=None)
    return restored


async def pool_faults(client: PrefectClient) -> list[tuple[str, str]]:
    """What of the work pool and its queues is missing or gives out no runs, and why, in words; read only.

    Args:
        client: a client of the Prefect server.
    """
    try:
        pool = await client.read_work_pool(POOL)
    except ObjectNotFound:
        return [(phrase("engine.pool", name=POOL), phrase("engine.found.missing"))]
    queues = {queue.name: queue for queue in await client.read_work_queues(work_pool_name=POOL)}
    faults = [(phrase("engine.pool", name=POOL), _stopped(pool))]
    for name in [*QUEUES, *(queues.keys() - QUEUES.keys())]:
        found = _stopped(queues[name]) if name in queues else phrase("engine.found.missing")
        faults.append((phrase("engine.queue", name=name), found))
    if queues.keys() >= QUEUES.keys() and not in_order(queues.values()):
        faults.append((phrase("engine.pool", name=POOL), phrase("engine.found.priority")))
    return [fault for fault in faults if fault[1]]


def _stopped(pool: WorkPool | WorkQueue) -> str:
    """What keeps a work pool or queue from giving out runs, in words; empty when nothing does."""
    limited = phrase("engine.found.limit") if pool.concurrency_limit is not None else ""
    return phrase("engine.found.paused") if pool.is_paused else limited


async def sync_prefect(
    client: PrefectClient,
    flows: dict[str, Flow[..., Any]],
    progress: Callable[[str, int], None] | None = None,
    patrolling: bool = False,
    turn: int | None = None,
    go_on: Callable[[], bool] = always,
) -> dict[str, int]:
    """Work pool, deployments and automations, as they should be; what was changed by hand is noted in the ledger.

    Args:
        client: a client of the Prefect server.
        flows: our flows by name.
        progress: called with each deployment's name and the number of all.
        patrolling: whether all of it was there before, so that what is missing was taken away.
        turn: the page of deployments to look at, as ``turn_of`` has it; None: all.
        go_on: whether there is time left for another deployment.

    Returns:
        What changed, by its name; ``left`` counts the deployments that were not looked at.

    Raises:
        Refusal: ``ledger_empty``: what belongs to no ledger at hand is another's, not too much.
    """
    if not await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.inspections(ctx.session)):
        raise Refusal("ledger_empty")
    restored = await ensure_pool(client)
    if restored:  # what waited in a queue that was deleted stands in none, and no change of the ledger leads to it
        await in_ledger(SYSTEM_ACTOR, ledger.look_at_all)
    done = await sync_deployments(client, flows, progress, patrolling, turn, go_on)
    automations = await sync_automations(client, patrolling)
    await sync_searches(client)
    restored += [*done.restored, *automations.restored]
    if restored:
        await in_ledger(SYSTEM_ACTOR, lambda ctx: ledger.note_restored(ctx, restored))
    return {
        "created": done.created,
        "updated": done.updated,
        "deleted": done.deleted,
        "unchanged": done.unchanged,
        "failed": done.failed,
        "left": done.left,
        "automations": automations.changed,
        "restored": len(restored),
    }
