"""Whom Prefect's own alarm reaches when the engine is silent: a notification block that its server sends by itself.

It is made of the office's channels, so that nothing of it is prepared by hand, and holds ready addresses, so that
nothing of ours has to run when it is needed. Prefect has no block by name for whatever Apprise can send to; its block
for Slack hands every address that is none of Slack's to Apprise, and the server knows it without our code.
"""

from urllib.parse import quote
from uuid import UUID

from anyio import to_thread
from prefect.blocks.notifications import SlackWebhook
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound

from config.settings import settings
from db import ledger
from db.ledger.context import SYSTEM_ACTOR
from tasks.channels import resolve_channel
from tasks.matters import in_ledger

OPERATORS_BLOCK = "duban-operators"


async def sync_alarm(client: PrefectClient) -> UUID | None:
    """Make the block what the office's channels say.

    Args:
        client: a client of the Prefect server.

    Returns:
        The block's id; None when no channel leads to anybody, and then there is no block.
    """
    url = " ".join(await alarm_urls())
    present = await _present_alarm(client)
    if present and url and present[1] == url:
        return present[0]
    if url:
        return await SlackWebhook(url=url).asave(OPERATORS_BLOCK, overwrite=True, client=client)
    if present:
        await client.delete_block_document(present[0])
    return None


async def alarm_block(client: PrefectClient) -> UUID | None:
    """The id of the block, if it is there and says what the office's channels say; read only.

    Args:
        client: a client of the Prefect server.
    """
    present, url = await _present_alarm(client), " ".join(await alarm_urls())
    return present[0] if present and present[1] == url else None


async def _present_alarm(client: PrefectClient) -> tuple[UUID, str] | None:
    try:
        found = await client.read_block_document_by_name(
            OPERATORS_BLOCK, SlackWebhook.get_block_type_slug(), include_secrets=True
        )
    except ObjectNotFound:
        return None
    return found.id, str(found.data.get("url"))


async def alarm_urls() -> list[str]:
    """The address of every operator by the first of his channels that is configured; empty: nobody would be told."""
    operators = await in_ledger(SYSTEM_ACTOR, ledger.operators_channels)
    return await to_thread.run_sync(lambda: list(dict.fromkeys(filter(None, map(_reached, operators)))))


def _reached(channels: list[tuple[str, str]]) -> str | None:
    """The URL by which an operator is reached; a folder of mail files rings at nobody's desk."""
    configured = settings().channels
    for name, address in channels:
        if name in configured:
            return resolve_channel(configured[name]).get_secret_value().replace("{address}", quote(address, safe=""))
    return None
