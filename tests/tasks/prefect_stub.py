"""A Prefect server in memory, with as much of the client as reconciliation uses; what was asked of it is kept.

It keeps real runs, states and deployments, so that a wrong field name fails here as it would there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from httpx import Request, Response
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input.run_input import keyset_from_base_key


class PrefectStub:
    """One server. ``calls`` has every call that changes something, in order; ``read`` the names of runs asked for."""

    def __init__(self, *deployments: str) -> None:
        self.deployments = [SimpleNamespace(id=uuid4(), name=name, flow=name) for name in deployments]
        self.runs: dict[UUID, FlowRun] = {}
        self.flows: dict[UUID, str] = {}
        self.keys: dict[str, UUID] = {}
        self.inputs: dict[tuple[UUID, str], str] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.read: list[str] = []

    def deployment(self, name: str) -> UUID:
        """The id of a deployment."""
        return next(one.id for one in self.deployments if one.name == name)

    def run(self, deployment: str, type_: StateType, shown: str = "", key: str = "", **fields: Any) -> FlowRun:
        """Put a run there, in a state of this type and name, waiting for the form of this key."""
        state: State[Any] = State(type=type_, name=shown or type_.value.title())
        if key:
            state.state_details.pause_key = key
            state.state_details.run_input_keyset = dict(keyset_from_base_key(key))
            state.state_details.pause_reschedule = True
        values = {"id": uuid4(), "flow_id": uuid4(), "deployment_id": self.deployment(deployment), "state": state}
        values |= {"work_queue_id": uuid4()}
        made = FlowRun(**(values | {"name": "as it was"} | fields))
        self.runs[made.id], self.flows[made.id] = made, deployment
        if key:
            self.inputs[made.id, keyset_from_base_key(key)["schema"]] = "{}"
        return made

    async def read_deployments(
        self, *, deployment_filter: Any, limit: int, offset: int, flow_filter: Any = None
    ) -> list[Any]:
        found = self.deployments
        if deployment_filter.name is not None:
            found = [one for one in found if one.name in deployment_filter.name.any_]
        return found[offset : offset + limit]

    async def count_flow_runs(self, *, flow_run_filter: Any, flow_filter: Any, deployment_filter: Any) -> int:
        """Runs of the kinds asked for under a deployment that is there."""
        ours = {one.id for one in self.deployments}
        which = flow_run_filter.state
        return sum(
            run.deployment_id in ours
            and run.state is not None
            and (run.state.type in which.type.any_ if which.type else run.state.name in which.name.any_)
            for run in self.runs.values()
        )

    async def read_flow_runs(
        self, *, flow_run_filter: Any, flow_filter: Any = None, limit: int, offset: int = 0, sort: Any = None
    ) -> list[FlowRun]:
        found = list(self.runs.values())
        if flow_run_filter.id is not None:
            self.read += [self.runs[one].name for one in flow_run_filter.id.any_ if one in self.runs]
            found = [run for run in found if run.id in flow_run_filter.id.any_]
        if flow_run_filter.state is not None:
            found = [run for run in found if run.state and run.state.type in flow_run_filter.state.type.any_]
        if flow_run_filter.end_time is not None:
            found = [run for run in found if run.end_time and run.end_time >= flow_run_filter.end_time.after_]
        elif flow_filter is not None:
            found = [run for run in found if self.flows[run.id] in flow_filter.name.any_]
        return found[offset : offset + limit]

    async def read_flow_run(self, run_id: UUID) -> FlowRun:
        return self.runs[run_id]

    async def request(self, method: str, path: str, *, path_params: Mapping[str, str], json: Mapping[str, Any]) -> Any:
        """Create a run from a deployment; the same key twice is the same run, as with the real server."""
        assert (method, path) == ("POST", "/deployments/{id}/create_flow_run")
        if json["idempotency_key"] not in self.keys:
            deployment = next(one.name for one in self.deployments if str(one.id) == path_params["id"])
            made = self.run(
                deployment, StateType.PAUSED, name=json["name"], parameters=json["parameters"], tags=json["tags"]
            )
            made.state = State.model_validate(json["state"])
            made.work_queue_name = json["work_queue_name"]
            self.keys[json["idempotency_key"]] = made.id
            self.calls.append(("create", json["name"]))
        return SimpleNamespace(json=lambda: {"id": str(self.keys[json["idempotency_key"]])})

    async def create_flow_run_input(self, run_id: UUID, key: str, value: str) -> None:
        self.inputs[run_id, key] = value

    async def read_flow_run_input(self, run_id: UUID, key: str) -> str:
        if (run_id, key) not in self.inputs:
            request = Request("GET", f"http://stub/{key}")
            raise PrefectHTTPStatusError("404", request=request, response=Response(404, request=request))
        return self.inputs[run_id, key]

    async def delete_flow_run_input(self, run_id: UUID, key: str) -> None:
        await self.read_flow_run_input(run_id, key)
        del self.inputs[run_id, key]

    async def delete_flow_run(self, run_id: UUID) -> None:
        self.calls.append(("delete", self.runs.pop(run_id).name))

    async def resume_flow_run(self, run_id: UUID, *, run_input: Mapping[str, Any]) -> Any:
        """Refused, as by the real server, where the schema of the form is not there."""
        state = self.runs[run_id].state
        assert state is not None
        keyset = state.state_details.run_input_keyset or {}
        if (run_id, keyset.get("schema")) not in self.inputs:
            return SimpleNamespace(status=SetStateStatus.REJECT)
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
