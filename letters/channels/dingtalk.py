"""DingTalk (钉钉) group robots."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote

from apprise.plugins.dingtalk import NotifyDingTalk

from letters import robots
from letters.channels import Channel
from plan.types import Fate
from rules.message import Message

FATES = {
    -1: Fate.AWAY,  # system busy
    130101: Fate.BUSY,  # too many messages in a minute
    410100: Fate.BUSY,  # too many calls
    90030: Fate.BUSY,  # the quota of the moment is used up
    300001: Fate.UNUSABLE,  # wrong token
    310000: Fate.UNUSABLE,  # wrong signature, place or keyword
}


def send(plugin: Any, message: Message, sent_at: datetime) -> None:
    """Send Markdown, mention the phones of the URL, and sign as DingTalk asks.

    Args:
        plugin: ``NotifyDingTalk`` of the channel's URL.
        message: rendered.
        sent_at: not told to the service.

    Raises:
        DeliveryFailed: refused.
    """
    query = None
    if plugin.secret:
        timestamp, signature = plugin.get_signature()
        # Apprise quotes the signature, and requests would quote it again.
        query = {"timestamp": timestamp, "sign": unquote(signature)}
    named = " ".join(f"@{phone}" for phone in plugin.targets)
    body = {"title": message.subject, "text": f"{message.markdown}\n\n{named}".rstrip()}
    payload = {"msgtype": "markdown", "markdown": body, "at": {"atMobiles": plugin.targets, "isAtAll": False}}
    robots.post(plugin, plugin.notify_url.format(token=plugin.token), payload, FATES, query)


CHANNEL = Channel((NotifyDingTalk,), send, pace=robots.PACE)
