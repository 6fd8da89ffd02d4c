"""The office's channels: which URL, out of the settings or a Prefect Secret block, and delivery by them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from pydantic import SecretStr

from config import clock
from config.settings import settings
from db import ledger
from db.ledger import LedgerContext
from db.ledger.clock_doubt import EVENT
from db.ledger.doors import ALL_OF_HIS, give_links
from letters.channels import BLOCK, pace_of
from letters.delivery import Delivery
from letters.hooks import tell_system
from letters.render import render
from letters.send import send_by_channel
from plan.policy import Pace
from rules.message import Message
from tasks.context import ledger_context, policy
from tasks.doors import board_address, hook_secret, matter_address, sign, web_url
from text.clean import line

DELIVERY_BATCH = 20
"""Messages leased, and by the flow sent, at once."""


def delivery(actor: str, now: Callable[[], datetime] = clock.now) -> Delivery:
    """Delivery from the office's ledger by its channels.

    Args:
        actor: who delivers.
        now: gives aware instants; the office's clock unless told.
    """
    return Delivery(
        partial(ledger_context, actor), send_by_settings, now, DELIVERY_BATCH, _only_of_the_clock, _paces(), _addressed
    )


def _only_of_the_clock(ctx: LedgerContext) -> str | None:
    """While the clock is doubted the operators are told of that, and everything else waits."""
    return EVENT if ledger.clock_doubt(ctx, clock.machine(), by_hand=True) else None


def _addressed(ctx: LedgerContext, messages: list[Message]) -> list[Message]:
    """The messages with the personal addresses at which their readers answer; none where no page answers anybody."""
    if web_url() is None:
        return messages
    people = [one for one in messages if not one.hook]
    wanted = {(one.recipient, item.tag) for one in people for item in one.items if item.tag}
    tokens = give_links(ctx, [*wanted, *((one.recipient, ALL_OF_HIS) for one in people)], sign)
    return [
        one
        if one.hook
        else replace(
            one,
            everything=matter_address(tokens[one.recipient, ALL_OF_HIS]),
            items=tuple(
                replace(item, address=matter_address(tokens[one.recipient, item.tag]) if item.tag else board_address())
                for item in one.items
            ),
        )
        for one in messages
    ]


def _paces() -> dict[str, Pace]:
    """What each configured channel can take: as the policy says, else as is known of its service."""
    known = {}
    for name, url in settings().channels.items():
        # A missing Secret block is told by the first message that fails for it.
        with suppress(ValueError):
            known[name] = pace_of(resolve_channel(url).get_secret_value())
    return known | dict(policy().delivery.pace)


def send_by_settings(message: Message, now: datetime) -> None:
    """Render a message and send it by its channel; one to a system is signed instead.

    Args:
        message: merged.
        now: aware instant.

    Raises:
        DeliveryFailed: the channel did not take it.
        ValueError: its Secret block is missing.
    """
    configured = settings()
    if message.hook:
        secret, rules = hook_secret(message.hook), policy().delivery
        tell_system(message, secret, sent_at=clock.machine() or now, timeout=rules.timeout_seconds, inside=rules.inside)
        return
    url = configured.channels.get(message.channel)
    send_by_channel(
        render(message),
        resolve_channel(url) if url else None,
        mail_folder=configured.mail_folder,
        sent_at=now.astimezone(configured.zone),
        timeout=policy().delivery.timeout_seconds,
        named=url is None or BLOCK.fullmatch(url.get_secret_value()) is None,
        inside=policy().delivery.inside,
    )


def resolve_channel(url: SecretStr) -> SecretStr:
    """Fetch the URL from a Prefect Secret block when it is ``prefect:BLOCK``; any other URL comes back as it is.

    Args:
        url: from the settings.

    Returns:
        The URL to send to. Works in and outside of a running event loop, which it blocks while Prefect answers.

    Raises:
        ValueError: the block is missing or does not hold text.
    """
    block = BLOCK.fullmatch(url.get_secret_value())
    if block is None:
        return url
    from prefect.blocks.system import Secret  # takes a second to import, and most offices have no block

    try:
        held = Secret.load(block["name"], _sync=True).get()  # type: ignore[call-arg, union-attr]
    except ValueError:
        held = None
    if not isinstance(held, str) or not held:
        raise ValueError(f"Prefect 中没有名为 {line(block['name'], 60)} 的保密块（Secret），或其内容不是文本")
    return SecretStr(held)
