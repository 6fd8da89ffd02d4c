"""Every measure a deployment, every duty a schedule: Prefect's side of the ledger, made and kept equal to it.

A deployment's ``version`` is the fingerprint of what was asked for: the same ledger again changes nothing.
"""

import hashlib
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, RRuleSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.utilities.callables import parameter_schema

from config.settings import settings
from db.ledger import LedgerContext
from db.ledger.context import SYSTEM_ACTOR
from db.ledger.periods import rule_of
from db.ledger.queries import all_measures
from db.matters import MATTERS
from db.matters.period import deployment_name
from db.models import Duty, Measure
from plan.types import MONTHS_OF
from rules.cadence import cron_for
from tasks.automations import sync_automations
from tasks.cards import measure_card
from tasks.matters import in_ledger
from tasks.projection import TAG, each, our_deployments
from text.catalogue import term

POOL = "duban"
EVERY_FIVE_MINUTES = "*/5 * * * *"
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

    @property
    def version(self) -> str:
        """A fingerprint of all the rest."""
        content = json.dumps(
            [self.name, self.flow, self.description, self.tags, self.parameters, self.schedules, self.single],
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


async def sync_deployments(
    client: PrefectClient, flows: dict[str, Flow[..., Any]], progress: Callable[[str, int], None] | None = None
) -> SyncCounts:
    """Make Prefect's deployments equal to the ledger: create, update, delete what is gone; twice changes nothing.

    Args:
        client: a client of the Prefect server.
        flows: our flows by name.
        progress: called with each deployment's name and the number of all.
    """
    specs = [*(await in_ledger(SYSTEM_ACTOR, measure_specs)), *engine_specs()]
    present = {one.name: one for one in await our_deployments(client)}
    done = SyncCounts()
    flow_ids = {name: await client.create_flow(flow) for name, flow in flows.items()}

    async def put(spec: DeploymentSpec) -> None:
        await _put(client, spec, present.get(spec.name), flows[spec.flow], flow_ids[spec.flow], done)
        if progress:
            progress(spec.name, len(specs))

    await each(specs, put)
    # Only what bears our tag: other deployments of the same server are not ours to delete.
    for name in present.keys() - {spec.name for spec in specs}:
        await client.delete_deployment(present[name].id)
        done.deleted += 1
    return done


async def _put(
    client: PrefectClient,
    spec: DeploymentSpec,
    present: DeploymentResponse | None,
    flow: Flow[..., Any],
    flow_id: Any,
    done: SyncCounts,
) -> None:
    if present is not None and present.version == spec.version and _as_asked(present, spec):
        done.unchanged += 1
        return
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
        tags=list(spec.tags),
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
    )
    if present is None:
        done.created += 1
    else:
        done.updated += 1


def _as_asked(present: DeploymentResponse, spec: DeploymentSpec) -> bool:
    """Whether nobody paused or resumed a schedule by hand since."""
    asked = {one["slug"]: one["active"] for one in spec.schedules}
    return {one.slug: one.active for one in present.schedules} == asked


def measure_specs(ctx: LedgerContext) -> list[DeploymentSpec]:
    """A deployment for every measure in force in the ledger of ``ctx``; one without a date has no schedule."""
    return [_measure_spec(measure) for measure in all_measures(ctx.session)]


def _measure_spec(measure: Measure) -> DeploymentSpec:
    cadences = dict.fromkeys(term(duty.cadence) for duty in measure.owed)
    tags = [TAG, f"问题{measure.finding.code}", measure.lead_unit, term(measure.duration_class), *cadences]
    return DeploymentSpec(
        name=deployment_name(measure.code, measure.title),
        flow="supervise",
        description=measure_card(measure),
        tags=tuple(tags),
        parameters={"measure": measure.code} | ({"duty": measure.owed[0].key} if measure.owed else {}),
        schedules=tuple(_schedule(measure, duty) for duty in measure.owed),
    )


def _schedule(measure: Measure, duty: Duty) -> dict[str, Any]:
    """A duty's schedule: a cron at the first minutes of each window, the minute spread over the hour by the measure.

    Prefect only asks; the ledger decides what opens. A one-off that is open already is asked about no more.
    """
    # Not ``hash``, which differs from process to process: the minute must stay the same.
    minute = zlib.crc32(f"{measure.code}/{duty.key}".encode()) % 60
    return {
        "schedule": _prefect_schedule(duty, minute),
        "active": duty.next_opens_at is not None,
        "slug": f"{measure.code}-{duty.key}".replace(".", "-").lower(),
        "parameters": {"measure": measure.code, "duty": duty.key},
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
    zone = settings().timezone
    beat = {"schedule": CronSchedule(cron=EVERY_FIVE_MINUTES, timezone=zone), "active": True, "parameters": {}}
    return [
        DeploymentSpec(
            "patrol",
            "patrol",
            "巡检：补开期次，推进督办，核对运行，自查遗漏。",
            (TAG, "引擎"),
            {},
            ({**beat, "slug": "patrol"},),
            True,
        ),
        DeploymentSpec(
            "deliver",
            "deliver",
            "送达：合并、发送、重试、改道、登记。",
            (TAG, "引擎"),
            {},
            ({**beat, "slug": "deliver"},),
            True,
        ),
        *(DeploymentSpec(flow, flow, about, (TAG, "待办"), {}, ()) for flow, about in _matter_flows().items()),
    ]


async def ensure_pool(client: PrefectClient) -> None:
    """The work pool our worker serves, made through ``client`` when it is missing."""
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(
            WorkPoolCreate(name=POOL, type=POOL, description="督办引擎在自己的进程内运行的工作池")
        )


async def sync_prefect(
    client: PrefectClient, flows: dict[str, Flow[..., Any]], progress: Callable[[str, int], None] | None = None
) -> dict[str, Any]:
    """Deployments and automations.

    Args:
        client: a client of the Prefect server.
        flows: our flows by name.
        progress: called with each deployment's name and the number of all.

    Returns:
        What changed, by its name.
    """
    done = await sync_deployments(client, flows, progress)
    automations = await sync_automations(client)
    return {
        "created": done.created,
        "updated": done.updated,
        "deleted": done.deleted,
        "unchanged": done.unchanged,
        "automations": len(automations),
    }
