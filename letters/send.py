"""send: hand a rendered message to its channel, in time, with one result and no secret told."""

import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from apprise.plugins.base import NotifyBase
from pydantic import SecretStr

from letters.apprise_log import listening
from letters.channels import channel_of, folder, plugin_of, url_fault
from letters.failures import DeliveryFailed, explain
from letters.reach import Network, Reach, within_reach
from letters.render import FIELD_LIMIT
from plan.addresses import address_fault
from plan.model import FOLDER
from plan.types import Fate
from rules.message import BAD_ADDRESS, Message
from text.clean import line

INSIDE_TEXT = "{} 在内网，不在允许到达的范围内；确需使用，请写入办理规则 delivery 的 inside"
_GONE = ("http_404", "http_405", "http_410")


def send_by_channel(
    message: Message,
    url: SecretStr | None,
    *,
    mail_folder: Path,
    sent_at: datetime,
    timeout: float,
    named: bool = True,
    inside: Sequence[Network] = (),
) -> None:
    """Hand one message to its channel; return only when the channel took it.

    A message that was cut off by ``timeout`` may still arrive: delivery is at least once, and the key tells.

    Args:
        message: rendered.
        url: Apprise URL of the channel, ``{address}`` where the address belongs; None is the folder.
        mail_folder: where the folder channel writes.
        sent_at: aware instant in the office's zone.
        timeout: seconds this call may take at most.
        named: whether the office wrote the URL where only its operators can, not in a block.
        inside: networks of the office that its policy names as places to send to.

    Raises:
        DeliveryFailed: not taken; the reason's secrets are masked. Codes ``channel_unknown``, ``bad_url``,
            ``bad_address``, ``inside``, ``timeout``, ``connection``, ``disk``, ``http_NNN``, ``smtp_NNN``,
            ``errcode_N``, ``refused``, ``broken_sender``.
    """
    assert message.subject, "an empty letter must not leave: render it first"
    if url is None and message.channel != FOLDER:
        reason = f"通道 {message.channel} 没有配置（DUBAN_CHANNELS）"
        raise DeliveryFailed("channel_unknown", reason, Fate.UNUSABLE)
    failure: DeliveryFailed | None = None
    if url is not None:
        secret = url.get_secret_value()
        failure = within_time(timeout, lambda: _to_service(secret, message, sent_at, timeout, named, inside))
    else:
        try:
            folder.send(mail_folder, message, sent_at)
        except DeliveryFailed as failed:
            failure = failed
    if failure is not None:
        reason = f"通道 {line(message.channel, 40)}：{failure.reason}"
        raise DeliveryFailed(failure.code, reason, failure.fate, failure.retry_after)


def within_time(timeout: float, work: Callable[[], DeliveryFailed | None]) -> DeliveryFailed | None:
    """Do the work in a thread that cannot hold this one: a server that drips bytes never lets a socket time out.

    Args:
        timeout: seconds.
        work: says why it failed, None when it did not.

    Returns:
        What ``work`` said; a failure as well when it was not done in time.
    """
    results: list[DeliveryFailed | None] = []
    thread = threading.Thread(target=lambda: results.append(work()), name="duban-send", daemon=True)
    thread.start()
    thread.join(timeout)
    return results[0] if results else DeliveryFailed("timeout", f"{timeout:g} 秒内没有完成", Fate.AWAY)


def _to_service(
    url: str, message: Message, sent_at: datetime, timeout: float, named_by_office: bool, inside: Sequence[Network]
) -> DeliveryFailed | None:
    """What went wrong, given back instead of raised: no traceback may hold a URL."""
    address = message.address
    named = "{address}" in url
    if named and (fault := address_fault(address) or ("" if address else "收件地址为空")):
        return DeliveryFailed(BAD_ADDRESS, fault, Fate.REFUSED)
    with listening():
        plugin = plugin_of(url, address)
        if plugin is None:
            if (wrong := url_fault(url)) is not None:
                return DeliveryFailed("bad_url", wrong, Fate.UNUSABLE)
            return DeliveryFailed(BAD_ADDRESS, "收件地址不被该通道接受", Fate.REFUSED)
        plugin.socket_connect_timeout = plugin.socket_read_timeout = timeout
        reach: Reach | None = None
        try:
            # A recipient's address is no host that the office named, wherever it stands.
            own = named_by_office and "{" not in urlsplit(url).netloc.rpartition("@")[2]
            with within_reach(plugin, named=own, inside=inside) as reach:
                channel_of(plugin).send(plugin, message, sent_at)
        except Exception as error:
            if reach and reach.refused:
                return DeliveryFailed("inside", INSIDE_TEXT.format(reach.refused[0]), Fate.UNUSABLE)
            failure = explain(error)
            # Where every message goes to one place, a place that is not there is no message's fault.
            gone = failure.code in _GONE and not named
            fate = Fate.UNUSABLE if gone else failure.fate
            return DeliveryFailed(failure.code, _masked(failure.reason, url, plugin), fate, failure.retry_after)
    return None


def _masked(reason: str, url: str, plugin: NotifyBase) -> str:
    """The reason with every part of the URL that may be secret starred: user, password, tokens in path and query."""
    values = re.sub(r"([?&])[^=&]*=", r"\1", url.partition("://")[2])
    # Shorter parts would star out half of any sentence.
    parts = {part for part in re.split(r"[/:@?&#]+", values) if len(part) >= 4}
    if "host" in plugin.template_tokens:
        # Which server refused is what an operator has to know.
        parts.discard(plugin.host)
    parts |= {unquote(part) for part in parts} | {plugin.password or ""} - {""}
    # The longest first: a token that contains another is not left with its rest.
    for part in sorted(parts, key=len, reverse=True):
        reason = reason.replace(part, "***")
    return line(reason, FIELD_LIMIT)
