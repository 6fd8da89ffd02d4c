"""Any service that Apprise knows, in the format it wants; Apprise's log is the only place that says why it failed."""

import re
from datetime import datetime

from apprise import NotifyFormat
from apprise.plugins.base import NotifyBase

from letters.apprise_log import Heard, listening
from letters.channels import Channel
from letters.failures import DeliveryFailed, http_failure
from letters.limit import SHORT_BODY
from plan.types import Fate
from rules.message import Message


def send(plugin: NotifyBase, message: Message, sent_at: datetime) -> None:
    """Let Apprise send.

    Args:
        plugin: of the channel's URL.
        message: rendered.
        sent_at: not told to the service.

    Raises:
        DeliveryFailed: by the HTTP status that Apprise logged; temporary when it does not say why.
    """
    bodies = {NotifyFormat.HTML: message.html, NotifyFormat.MARKDOWN: message.markdown}
    wanted = plugin.resolve_format()  # of several that a service takes, the one its URL asks for, or else the first
    title, body = message.subject, bodies.get(wanted, message.text)
    if plugin.body_maxlen < SHORT_BODY:
        title, body, wanted = "", message.short, NotifyFormat.TEXT
    with listening() as heard:
        # Only a body whose format is declared is put into the service's own dialect, such as Slack's.
        taken = plugin.notify(body=body, title=title, body_format=wanted)
    if not taken:
        raise _refusal(heard)


def _refusal(heard: Heard) -> DeliveryFailed:
    reason = "；".join(heard.warnings)
    status = re.search(r"error=(\d{3})", reason)
    if status:
        return http_failure(int(status[1]), reason, heard.headers)
    if "onnection error" in reason:
        return DeliveryFailed("connection", reason, Fate.AWAY)
    return DeliveryFailed("refused", reason or "发送失败，通道没有说明原因", Fate.TEMPORARY)


CHANNEL = Channel((NotifyBase,), send)
