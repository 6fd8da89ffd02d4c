"""What the runs of the engine itself are called once they have done something: the list of runs is then a diary."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from prefect import get_client, runtime

from config.settings import settings
from text.catalogue import phrase


def engine_title(flow: str, at: datetime, done: Mapping[str, int]) -> str:
    """``巡检 05-12 09:05 · 提醒3 升2``; what was not done is left out.

    Args:
        flow: ``patrol`` or ``deliver``.
        at: an aware instant.
        done: how often each thing was done, by its name.
    """
    said = " ".join(phrase(f"name.{what}", n=count) for what, count in done.items() if count)
    name = phrase(f"name.{flow}", at=f"{at.astimezone(settings().zone):%m-%d %H:%M}")
    return f"{name} · {said or phrase('name.nothing')}"


async def entitle_run(title: str) -> None:
    """Call the run that is carried out now by this title."""
    async with get_client() as client:
        await client.update_flow_run(UUID(str(runtime.flow_run.id)), name=title)
