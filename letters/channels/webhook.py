"""Webhooks of the office's own systems (JSON, form, XML): they also get the key, to know a re-send by."""

from datetime import datetime

from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML

from letters.channels import Channel, apprise_generic
from letters.mime import safe_name
from rules.message import Message


def send(plugin: NotifyForm | NotifyJSON | NotifyXML, message: Message, sent_at: datetime) -> None:
    """Call the webhook with the key as header ``X-Duban-Key`` and field ``key``.

    Args:
        plugin: of the channel's URL.
        message: rendered.
        sent_at: not told to the service.

    Raises:
        DeliveryFailed: by the HTTP status of the answer.
    """
    plugin.headers["X-Duban-Key"] = safe_name(message.key)
    plugin.payload_extras["key"] = message.key
    apprise_generic.send(plugin, message, sent_at)


CHANNEL = Channel((NotifyJSON, NotifyForm, NotifyXML), send)
