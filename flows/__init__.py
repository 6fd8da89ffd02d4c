"""Prefect flows and the worker that runs them."""

from typing import Any

from prefect import Flow

from db.matters import MATTERS
from flows.backup import backup_flow
from flows.compile import compile_flow
from flows.deliver import deliver_flow
from flows.escalate import escalate
from flows.patrol import patrol_flow
from flows.supervise import supervise
from flows.waiting import flow_of

_ENGINE = (supervise, patrol_flow, deliver_flow, escalate, backup_flow, compile_flow)
_OWN: dict[str, Flow[..., Any]] = {flow.name: flow for flow in _ENGINE}
FLOWS: dict[str, Flow[..., Any]] = _OWN | {
    kind.flow: flow_of(kind) for kind in MATTERS.values() if kind.flow not in _OWN
}
"""All our flows by name: what is deployed, and all that the worker will ever run."""
