"""The automations of Duban: escalations get a run, silence and broken runs get a warning that does not need our code.

Proactive triggers live in the server's memory: a convenience, never the only guard (the patrol audits itself, and beats
to an outside watcher).
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import AutomationCore, DoNothing, EventTrigger, Posture, RunDeployment, SendNotification
from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import Automation

from db.matters.escalation import ESCALATED
from tasks.alarm import alarm_block, sync_alarm
from tasks.context import policy
from tasks.projection import TAG
from text.catalogue import phrase

COMPLETED = "duban.patrol.completed"
"""The event of a patrol that found the engine well."""


@dataclass(slots=True)
class AutomationCounts:
    """How many automations were made or changed, and which somebody had changed by hand, in words."""

    changed: int = 0
    restored: list[tuple[str, str]] = field(default_factory=list)


async def sync_automations(client: PrefectClient, patrolling: bool = False) -> AutomationCounts:
    """Create or update our automations; the same again changes nothing.

    Args:
        client: a client of the Prefect server.
        patrolling: whether each was there before, so that one that is missing was taken away.
    """
    done = AutomationCounts()
    found = [
        (wanted, await _present(client, wanted.name)) for wanted in await _automations(client, await sync_alarm(client))
    ]
    any_there = any(present for _, present in found)
    for wanted, present in found:
        changed = automation_difference(present, wanted)
        if present is None:
            await client.create_automation(wanted)
        elif changed or present.tags != wanted.tags:
            await client.update_automation(present.id, wanted)
        else:
            continue
        done.changed += 1
        if changed and (present or patrolling or any_there):
            done.restored.append((phrase("engine.automation", name=wanted.name), changed))
    return done


async def automation_faults(client: PrefectClient) -> list[str]:
    """Which automations are missing or not as they should be, and how, in words; read only.

    Args:
        client: a client of the Prefect server.
    """
    wanted = await _automations(client, await alarm_block(client))
    found = [(one.name, automation_difference(await _present(client, one.name), one)) for one in wanted]
    return [f"{name}（{changed}）" for name, changed in found if changed]


async def _present(client: PrefectClient, name: str) -> Automation | None:
    # A second one of the same name is not ours to judge: whoever made it may have one.
    return next(iter(await client.read_automations_by_name(name)), None)


def automation_difference(present: Automation | None, wanted: AutomationCore) -> str:
    """How an automation is not as it was made, in words; empty when it is, or when we ask for another one now.

    Args:
        present: as Prefect has it; None where it has none.
        wanted: as it should be.
    """
    if present is None:
        return phrase("engine.found.missing")
    if not present.enabled:
        return phrase("engine.found.disabled")
    # Another fingerprint than ours: it was made by an earlier version, or for another channel.
    return (
        phrase("engine.found.content") if present.tags == wanted.tags and _content(present) != _content(wanted) else ""
    )


async def _automations(client: PrefectClient, block: UUID | None) -> list[AutomationCore]:
    escalate = await client.read_deployment_by_name("escalate/escalate")

    def warn(subject: str, body: str) -> Any:
        # Without a way to anybody it still fires and leaves its own event in the UI.
        return SendNotification(block_document_id=block, subject=subject, body=body) if block else DoNothing()

    silence = timedelta(hours=policy().silence_hours)
    wanted = [
        AutomationCore(
            name="duban: 督办单启动",
            description="每份新督办单启动一次 escalate 运行",
            trigger=EventTrigger(expect={ESCALATED}, posture=Posture.Reactive, threshold=1, within=timedelta(0)),
            actions=[RunDeployment(deployment_id=escalate.id, parameters={"escalation_id": _NUMBER})],
        ),
        AutomationCore(
            name="duban: 引擎静默",
            description="长时间没有完成的巡检",
            trigger=EventTrigger(expect={COMPLETED}, posture=Posture.Proactive, threshold=1, within=silence),
            actions=[warn("督办引擎静默", "超过规定时间没有完成的巡检，请检查 duban up 是否在运行。")],
        ),
        AutomationCore(
            name="duban: 运行异常",
            description="督办运行崩溃或失败",
            trigger=EventTrigger(
                expect={"prefect.flow-run.Crashed", "prefect.flow-run.Failed"},
                match_related={"prefect.resource.role": "work-pool", "prefect.resource.name": "duban"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[warn("督办运行异常", "{{ flow_run.name }}：{{ flow_run.state.message }}")],
        ),
    ]
    # Said and not left to its default: an update sends only what was said.
    return [one.model_copy(update={"tags": [TAG, _fingerprint(one)], "enabled": True}) for one in wanted]


# A parameter that must stay a number: the template is rendered first and read as JSON after.
_NUMBER = {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ event.payload.id }}"}}


def _fingerprint(automation: AutomationCore) -> str:
    return hashlib.sha256(json.dumps(_content(automation), sort_keys=True).encode()).hexdigest()[:16]


def _content(automation: AutomationCore) -> dict[str, Any]:
    content = automation.model_dump(mode="json", exclude_none=True)
    kept = ("name", "description", "enabled", "trigger", "actions")
    return {key: _plain(content.get(key)) for key in kept}


def _plain(value: Any) -> Any:
    """Without ids, which Prefect gives, and with the events of a trigger in order: a set, another in every process."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if key != "id"}
    if isinstance(value, list):
        plain = [_plain(one) for one in value]
        return sorted(plain) if all(isinstance(one, str) for one in plain) else plain
    return value
