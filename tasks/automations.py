"""The automations of Duban: escalations get a run, silence and broken runs get a warning that does not need our code.

Proactive triggers live in the server's memory: a convenience, never the only guard (the patrol audits itself, and beats
to an outside watcher).
"""

from datetime import timedelta
from typing import Any

from prefect.automations import AutomationCore, DoNothing, EventTrigger, Posture, RunDeployment, SendNotification
from prefect.client.orchestration import PrefectClient

from db.matters.escalation import ESCALATED
from tasks.context import policy
from tasks.patrol_steps import COMPLETED

OPERATORS_BLOCK = "duban-operators"


async def sync_automations(client: PrefectClient) -> list[str]:
    """Create or update our automations; the same again changes nothing.

    Args:
        client: a client of the Prefect server.

    Returns:
        The names of those that changed.
    """
    changed = []
    for wanted in await _automations(client):
        present = await client.read_automations_by_name(wanted.name)
        if not present:
            await client.create_automation(wanted)
        elif _content(present[0]) != _content(wanted):
            await client.update_automation(present[0].id, wanted)
        else:
            continue
        changed.append(wanted.name)
    return changed


async def _automations(client: PrefectClient) -> list[AutomationCore]:
    escalate = await client.read_deployment_by_name("escalate/escalate")
    warn = await _warning(client)
    silence = timedelta(hours=policy().silence_hours)
    return [
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


# A parameter that must stay a number: the template is rendered first and read as JSON after.
_NUMBER = {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ event.payload.id }}"}}


async def _warning(client: PrefectClient) -> Any:
    """How operators are warned: through the notification block ``duban-operators`` of any kind, if the office made one.

    Without it the automation still fires and leaves its own event in the UI.
    """
    blocks = await client.read_block_documents()
    found = [block for block in blocks if block.name == OPERATORS_BLOCK]
    if not found:
        return lambda subject, body: DoNothing()
    return lambda subject, body: SendNotification(block_document_id=found[0].id, subject=subject, body=body)


def _content(automation: AutomationCore) -> dict[str, Any]:
    content = automation.model_dump(mode="json", exclude_none=True)
    kept = ("name", "description", "enabled", "trigger", "actions")
    return {key: _without_ids(content.get(key)) for key in kept}


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(one) for key, one in value.items() if key != "id"}
    if isinstance(value, list):
        return [_without_ids(one) for one in value]
    return value
