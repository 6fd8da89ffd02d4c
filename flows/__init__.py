"""Prefect flows and the worker that runs them."""

from typing import Any

from prefect import Flow

from flows.deliver import deliver
from flows.escalate import escalate
from flows.patrol import patrol
from flows.supervise import supervise

FLOWS: dict[str, Flow[..., Any]] = {flow.name: flow for flow in (supervise, patrol, deliver, escalate)}
"""All our flows by name: what is deployed, and all that the worker will ever run."""
