"""WeCom (企业微信) group robots."""

from datetime import datetime
from typing import Any

from apprise.plugins.wecombot import NotifyWeComBot

from letters import robots
from letters.channels import Channel
from rules.message import Message

BUSY = frozenset({-1, 45009, 90030})
"""System busy; too many calls in a minute; the quota of the moment is used up."""


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
    robots.post(plugin, plugin.api_url, payload, BUSY)


CHANNEL = Channel((NotifyWeComBot,), send)
