"""DingTalk (钉钉) group robots."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote

from apprise.plugins.dingtalk import NotifyDingTalk

from letters import robots
from letters.channels import Channel
from rules.message import Message

BUSY = frozenset({-1, 130101, 410100, 90030})
"""System busy; too many messages in a minute; too many calls; the quota of the moment is used up."""


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
    robots.post(plugin, plugin.notify_url.format(token=plugin.token), payload, BUSY, query)


CHANNEL = Channel((NotifyDingTalk,), send)
