"""Feishu (飞书) group robots."""

from datetime import datetime
from typing import Any

from apprise.plugins.feishu import NotifyFeishu

from letters import robots
from letters.channels import Channel
from rules.message import Message

BUSY = frozenset({-1, 11232, 99991400})
"""System busy; the robot's messages, the app's calls come too often."""


def send(plugin: Any, message: Message, sent_at: datetime) -> None:
    """Send a card with Markdown, of which Apprise knows nothing here.

    Args:
        plugin: ``NotifyFeishu`` of the channel's URL.
        message: rendered.
        sent_at: not told to the service.

    Raises:
        DeliveryFailed: refused.
    """
    card = {
        "header": {"title": {"tag": "plain_text", "content": message.subject}},
        "elements": [{"tag": "markdown", "content": message.markdown}],
    }
    payload = {"msg_type": "interactive", "card": card}
    robots.post(plugin, plugin.notify_url.format(token=plugin.token), payload, BUSY)


CHANNEL = Channel((NotifyFeishu,), send)
