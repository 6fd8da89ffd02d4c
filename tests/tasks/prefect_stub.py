"""A Prefect server in memory, with as much of the client as reconciliation uses; what was asked of it is kept.

It keeps real runs, states and deployments, so that a wrong field name fails here as it would there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.input.run_input import keyset_from_base_key


class PrefectStub:
    """One server. ``calls`` has every call that changes something, in order."""

    def __init__(self, *deployments: str) -> None:
        self.deployments = [SimpleNamespace(id=uuid4(), name=name, flow=name) for name in deployments]
        self.runs: dict[UUID, FlowRun] = {}
        self.flows: dict[UUID, str] = {}
        self.keys: dict[str, UUID] = {}
        self.calls: list[tuple[Any, ...]] = []

    def deployment(self, name: str) -> UUID:
        """The id of a deployment."""
        return next(one.id for one in self.deployments if one.name == name)

    def run(self, deployment: str, type_: StateType, shown: str = "", key: str = "", **fields: Any) -> FlowRun:
        """Put a run there, in a state of this type and name, waiting for the form of this key."""
        state: State[Any] = State(type=type_, name=shown or type_.value.title())
        if key:
            state.state_details.pause_key = key
            state.state_details.run_input_keyset = dict(keyset_from_base_key(key))
        values = {"id": uuid4(), "flow_id": uuid4(), "deployment_id": self.deployment(deployment), "state": state}
        made = FlowRun(**(values | {"name": "as it was"} | fields))
        self.runs[made.id], self.flows[made.id] = made, deployment
        return made

    async def read_deployments(self, *, deployment_filter: Any, limit: int, offset: int) -> list[Any]:
        return self.deployments[offset : offset + limit]

    async def read_flow_runs(
        self, *, flow_run_filter: Any, flow_filter: Any = None, limit: int, offset: int = 0, sort: Any = None
    ) -> list[FlowRun]:
        found = list(self.runs.values())
        if flow_run_filter.id is not None:
            found = [run for run in found if run.id in flow_run_filter.id.any_]
        if flow_run_filter.state is not None:
            found = [run for run in found if run.state and run.state.type in flow_run_filter.state.type.any_]
        if flow_filter is not None:
            found = [run for run in found if self.flows[run.id] in flow_filter.name.any_]
        return found[offset : offset + limit]

    async def read_flow_run(self, run_id: UUID) -> FlowRun:
        return self.runs[run_id]

    async def create_flow_run_from_deployment(
        self, deployment_id: UUID, *, parameters: Mapping[str, Any], name: str, idempotency_key: str, tags: list[str]
    ) -> FlowRun:
        """The same key twice is the same run, as with the real server."""
        if idempotency_key not in self.keys:
            deployment = next(one.name for one in self.deployments if one.id == deployment_id)
            made = self.run(deployment, StateType.SCHEDULED, name=name, parameters=dict(parameters), tags=tags)
            self.keys[idempotency_key] = made.id
            self.calls.append(("create", name))
        return self.runs[self.keys[idempotency_key]]

    async def resume_flow_run(self, run_id: UUID, *, run_input: Mapping[str, Any]) -> Any:
        self.calls.append(("resume", self.runs[run_id].name, dict(run_input)))
        self.runs[run_id].state = State(type=StateType.SCHEDULED, name="Resuming", timestamp=datetime.now(UTC))
        return SimpleNamespace(status=SetStateStatus.ACCEPT)

    async def set_flow_run_state(self, run_id: UUID, state: State[Any], *, force: bool) -> None:
        self.calls.append(("state", self.runs[run_id].name, state.type, state.name))
        self.runs[run_id].state = state

    async def update_flow_run(self, run_id: UUID, *, name: str, tags: list[str]) -> None:
        if name != self.runs[run_id].name:
            self.calls.append(("name", self.runs[run_id].name, name))
        self.runs[run_id].name, self.runs[run_id].tags = name, tags
