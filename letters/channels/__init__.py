"""The channels: a module for each service whose promise Apprise does not keep by itself, found by its plugin.

Apprise reads every channel URL and sends to any service; a module here names the plugins it sends for as ``CHANNEL``
and is found by that. ``apprise_generic`` sends for all others. Apprise 2.0 still gives every mail a new Message-ID and
loses what the server answered, and still takes the HTTP 200 with which DingTalk, WeCom and Feishu refuse a message for
a success; ``tests/letters/channels`` holds what is sent here instead.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import quote

from apprise import Apprise, AppriseAsset
from apprise.plugins.base import NotifyBase
from pydantic import SecretStr

from letters.apprise_log import listening
from plan.model import FOLDER
from plan.policy import Pace
from rules.message import Message
from text.clean import line

BLOCK = re.compile(r"prefect:(?!//)(?P<name>.*)")
"""A URL that is kept in a Prefect Secret block."""
_ASSET = AppriseAsset(app_id="Duban", app_desc="Duban", app_url="")
# Services take mail addresses or telephone numbers: a URL may work when it takes one of them.
_SAMPLES = ("office@example.org", "+8613800000000")


def _no_fault(plugin: Any) -> None:
    """Whatever Apprise reads may be used."""


@dataclass(frozen=True, slots=True)
class Channel:
    """How one service is sent to.

    ``plugins``: the classes of Apprise it sends for. ``send`` takes the plugin with the URL's facts, the rendered
    message and the instant (aware, in the office's zone); it returns when the service has taken the message and raises
    ``DeliveryFailed``, or what smtplib and requests raise, when it has not. ``fault`` says what of the URL can never
    work, in words that hold nothing of it. ``pace`` is what the service takes, unless the policy knows better.
    """

    plugins: tuple[type[NotifyBase], ...]
    send: Callable[[Any, Message, datetime], None]
    fault: Callable[[Any], str | None] = _no_fault
    pace: Pace = field(default_factory=Pace)


@cache
def _by_plugin() -> Mapping[type[NotifyBase], Channel]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    channels = (channel for module in modules if (channel := getattr(module, "CHANNEL", None)))
    return {plugin: channel for channel in channels for plugin in channel.plugins}


def channel_of(plugin: NotifyBase) -> Channel:
    """Who sends for a plugin: the channel of its class or of its nearest base; ``apprise_generic`` has them all.

    Args:
        plugin: as Apprise made it from a URL.
    """
    known = _by_plugin()
    return next(known[base] for base in type(plugin).__mro__ if base in known)


def plugin_of(url: str, address: str) -> NotifyBase | None:
    """What Apprise makes of a channel URL; a new object per message, for one object pauses 5.5 s between two.

    Args:
        url: with ``{address}`` where the address belongs.
        address: of the recipient.

    Returns:
        The plugin, or None when Apprise does not know the URL or refuses the address.
    """
    plugin = Apprise.instantiate(url.replace("{address}", quote(address, safe="")), asset=_ASSET)
    if plugin is not None:
        # A message goes where its URL says, and not where whoever answers there sends it on to.
        plugin.redirects = False
    return plugin


def url_fault(url: str) -> str | None:
    """What is wrong with a channel URL, in words that hold nothing of it; None when it may work.

    Args:
        url: not a Prefect block.
    """
    if re.search(r"\{(?!address\})", url):
        return "只能使用占位符 {address}"
    with listening():
        plugins = [plugin for sample in _SAMPLES if (plugin := plugin_of(url, sample))]
    return channel_of(plugins[0]).fault(plugins[0]) if plugins else "Apprise 无法识别"


def pace_of(url: str) -> Pace:
    """What the service behind a channel URL lets one sender do.

    Args:
        url: not a Prefect block.
    """
    with listening():
        plugin = next((plugin for sample in _SAMPLES if (plugin := plugin_of(url, sample))), None)
    return channel_of(plugin).pace if plugin else Pace()


def check_url(name: str, url: SecretStr | None) -> None:
    """Refuse a channel that can never work, before anything is sent.

    Args:
        name: of the channel in the settings.
        url: its URL; of ``prefect:BLOCK`` only the form is checked, so resolve it first where Prefect answers.

    Raises:
        ValueError: one Chinese line that never shows the URL.
    """
    if url is None and name == FOLDER:
        return
    text = url.get_secret_value() if url else ""
    block = BLOCK.fullmatch(text)
    if block is None:
        fault = url_fault(text)
    else:
        fault = None if re.fullmatch(r"[a-z0-9-]+", block["name"]) else "prefect: 之后须为保密块名称"
    if fault:
        raise ValueError(f"通道 {line(name, 40)} 的地址不能使用：{fault}（见 DUBAN_CHANNELS）")
