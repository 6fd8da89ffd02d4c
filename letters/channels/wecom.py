"""WeCom (企业微信) group robots."""

from datetime import datetime
from typing import Any

from apprise.plugins.wecombot import NotifyWeComBot

from letters import robots
from letters.channels import Channel
from plan.types import Fate
from rules.message import Message

FATES = {
    -1: Fate.AWAY,  # system busy
    45009: Fate.BUSY,  # too many calls in a minute
    45033: Fate.BUSY,  # too many calls at once
    90030: Fate.BUSY,  # the quota of the moment is used up
    93000: Fate.UNUSABLE,  # wrong key
}


def send(plugin: Any, message: Message, sent_at: datetime) -> None:
    """Send Markdown, of which Apprise knows nothing here.

    Args:
        plugin: ``NotifyWeComBot`` of the channel's URL.
        message: rendered; its Markdown keeps within what the robot accepts.
        sent_at: not told to the service.

    Raises:
        DeliveryFailed: refused.
    """
    payload = {"msgtype": "markdown", "markdown": {"content": message.markdown}}
    robots.post(plugin, plugin.api_url, payload, FATES)


CHANNEL = Channel((NotifyWeComBot,), send, pace=robots.PACE)
