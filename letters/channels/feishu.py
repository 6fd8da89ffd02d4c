"""Feishu (飞书) group robots."""

from datetime import datetime
from typing import Any

from apprise.plugins.feishu import NotifyFeishu

from letters import robots
from letters.channels import Channel
from plan.types import Fate
from rules.message import Message

FATES = {
    -1: Fate.AWAY,  # system busy
    9499: Fate.BUSY,  # too many requests
    11232: Fate.BUSY,  # the robot's messages come too often
    99991400: Fate.BUSY,  # the app's calls come too often
    19001: Fate.UNUSABLE,  # wrong token
    19021: Fate.UNUSABLE,  # wrong signature
    19022: Fate.UNUSABLE,  # an address that is not on the robot's list
    19024: Fate.UNUSABLE,  # the robot's keyword is missing
}


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
    robots.post(plugin, plugin.notify_url.format(token=plugin.token), payload, FATES)


CHANNEL = Channel((NotifyFeishu,), send, pace=robots.PACE)
