"""Where messages leave the house: the one module that touches Apprise, with one result per message and no secret told.

``send`` returns only when a channel took the message; otherwise it raises ``DeliveryFailed`` in time, with a code, a
reason whose secrets are masked, and whether trying again can help. Apprise reads every channel URL. It also sends,
except where it cannot keep a promise: it gives each mail a new Message-ID, and it takes the HTTP 200 with which
DingTalk, WeCom and Feishu refuse a message for a success; those four are sent here. ``channels_test.py`` proves it.
"""

import logging
import re
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import requests
from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.plugins.base import NotifyBase
from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.email.base import PGP_MODE_DEFAULT, NotifyEmail
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from prefect.blocks.system import Secret
from pydantic import SecretStr

from letters import mail_files as outbox_folder
from letters.render import Rendered, clean

OUTBOX = "outbox"
SHORT_BODY = 1000  # a channel that takes fewer characters is an SMS: it gets the one-line form
_ASSET = AppriseAsset(app_id="Duban", app_desc="Duban", app_url="")
_NO_PGP = "不支持 PGP 邮件"
_SAMPLES = ("office@example.org", "+8613800000000")
_BLOCK = re.compile(r"prefect:(?!//)(?P<name>.*)")
_BAD_ADDRESS = re.compile(r'[\s\x00-\x1f,;<>"\\/?#%]')
_RETRY_HTTP = {408, 425, 429}
# "busy" and "too many in a minute" of DingTalk, WeCom and Feishu; every other code refuses the message itself.
_RETRY_ROBOT = {-1, 11232, 45009, 90030, 130101, 410100, 99991400}


class DeliveryFailed(Exception):
    """A message a channel did not take. ``permanent`` says that the same try will fail again."""

    def __init__(self, code: str, reason: str, permanent: bool) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.permanent = permanent


@dataclass(frozen=True)
class _Parcel:
    """What a sender needs of one message; ``timeout`` is in seconds."""

    rendered: Rendered
    key: str
    sent_at: datetime
    timeout: float


def send(
    *,
    channel: str,
    url: SecretStr | None,
    address: str,
    rendered: Rendered,
    key: str,
    outbox: Path,
    sent_at: datetime,
    timeout: float,
) -> None:
    """Hand one message to one channel.

    A message that was cut off by ``timeout`` may still arrive: delivery is at least once, and the key tells.

    Args:
        channel: its name in the settings, for the reason of a failure.
        url: Apprise URL (``resolve`` it first), ``{address}`` where the address belongs; None is the outbox folder.
        address: of the recipient on this channel; may be empty when the URL has no ``{address}``.
        rendered: the letter.
        key: the same for every attempt; Message-ID of a mail, ``X-Duban-Key`` of mail and webhook.
        outbox: folder of the offline channel.
        sent_at: aware instant in the office's zone.
        timeout: seconds this call may take at most.
    Raises:
        DeliveryFailed: not taken; codes ``unknown_channel``, ``bad_url``, ``bad_address``, ``timeout``, ``connection``,
            ``disk``, ``http_NNN``, ``smtp_NNN``, ``errcode_N``, ``refused``, ``broken_sender``.
    """
    parcel = _Parcel(rendered, key, sent_at, timeout)
    if url is None:
        failure = _file(channel, parcel, address, outbox)
    else:
        failure = _within(timeout, lambda: _attempt(url.get_secret_value(), address, parcel))
    if failure is not None:
        raise DeliveryFailed(failure.code, f"通道 {clean(channel, 40)}：{failure.reason}", failure.permanent)


def check_url(name: str, url: SecretStr | None) -> None:
    """Refuse a channel that can never work, before anything is sent.

    Args:
        name: of the channel in the settings.
        url: its URL; ``prefect:BLOCK`` is checked for its form only, so ``resolve`` it first where Prefect answers.
    Raises:
        ValueError: one Chinese line that never shows the URL.
    """
    if url is None and name == OUTBOX:
        return
    text = url.get_secret_value() if url else ""
    block = _BLOCK.fullmatch(text)
    if block is None:
        fault = _fault(text)
    else:
        fault = None if re.fullmatch(r"[a-z0-9-]+", block["name"]) else "prefect: 之后须为保密块名称"
    if fault:
        raise ValueError(f"通道 {clean(name, 40)} 的地址不能使用：{fault}（见 DUBAN_CHANNELS）")


def resolve(url: SecretStr) -> SecretStr:
    """Fetch the URL from a Prefect Secret block when it is ``prefect:BLOCK``; any other URL comes back as it is.

    Args:
        url: from the settings.
    Returns:
        The URL to send to. Works in and outside of a running event loop, which it blocks while Prefect answers.
    Raises:
        ValueError: the block is missing or does not hold text.
    """
    block = _BLOCK.fullmatch(url.get_secret_value())
    if block is None:
        return url
    try:
        held = Secret.load(block["name"], _sync=True).get()  # type: ignore[call-arg, union-attr]
    except ValueError:
        held = None
    if not isinstance(held, str) or not held:
        raise ValueError(f"Prefect 中没有名为 {clean(block['name'], 60)} 的保密块（Secret），或其内容不是文本")
    return SecretStr(held)


def _file(channel: str, parcel: _Parcel, address: str, outbox: Path) -> DeliveryFailed | None:
    if channel != OUTBOX:
        return DeliveryFailed("unknown_channel", "没有配置地址", permanent=True)
    try:
        outbox_folder.write(parcel.rendered, key=parcel.key, address=address, outbox=outbox, sent_at=parcel.sent_at)
    except OSError as error:
        return DeliveryFailed("disk", f"写入文件夹失败：{error.strerror}", permanent=False)
    return None


def _fault(url: str) -> str | None:
    """What is wrong with a channel URL, in words that hold nothing of it."""
    if re.search(r"\{(?!address\})", url):
        return "只能使用占位符 {address}"
    with _heard():
        plugins = [plugin for sample in _SAMPLES if (plugin := _plugin(url, sample))]
    if not plugins:
        return "Apprise 无法识别"
    if isinstance(plugins[0], NotifyEmail) and plugins[0].pgp_mode != PGP_MODE_DEFAULT:
        return _NO_PGP
    return None


def _plugin(url: str, address: str) -> NotifyBase | None:
    """A new object per message: Apprise pauses 5.5 s between two messages of one object."""
    return Apprise.instantiate(url.replace("{address}", quote(address, safe="")), asset=_ASSET)


def _within(timeout: float, work: Callable[[], DeliveryFailed | None]) -> DeliveryFailed | None:
    """Do the work in a thread that cannot hold this one: a server that drips bytes never lets a socket time out."""
    results: list[DeliveryFailed | None] = []
    thread = threading.Thread(target=lambda: results.append(work()), name="duban-send", daemon=True)
    thread.start()
    thread.join(timeout)
    return results[0] if results else DeliveryFailed("timeout", f"{timeout:g} 秒内没有完成", permanent=False)


def _attempt(url: str, address: str, parcel: _Parcel) -> DeliveryFailed | None:
    """Send, and turn everything that can go wrong into a failure without secrets; nothing is raised."""
    if "{address}" in url and (not address or _BAD_ADDRESS.search(address)):
        return DeliveryFailed("bad_address", "收件地址为空或含有不允许的字符", permanent=True)
    with _heard() as heard:
        plugin = _plugin(url, address)
        if plugin is None:
            fault = _fault(url)
            code = "bad_url" if fault else "bad_address"
            return DeliveryFailed(code, fault or "收件地址不被该通道接受", permanent=True)
        plugin.socket_connect_timeout = plugin.socket_read_timeout = parcel.timeout
        try:
            _sender(plugin)(plugin, parcel, heard)
        except Exception as error:
            failure = _explain(error)
            return DeliveryFailed(failure.code, _masked(failure.reason, url, plugin), failure.permanent)
    return None


def _sender(plugin: NotifyBase) -> Callable[[Any, _Parcel, list[str]], None]:
    if isinstance(plugin, NotifyEmail):
        return _send_mail
    return _send_robot if type(plugin) in _ROBOTS else _send_apprise


def _send_apprise(plugin: NotifyBase, parcel: _Parcel, heard: list[str]) -> None:
    """Any other channel of Apprise, in the format it wants; its log is the only place that says why it failed."""
    if isinstance(plugin, NotifyJSON | NotifyForm | NotifyXML):
        plugin.headers["X-Duban-Key"] = outbox_folder.safe_name(parcel.key)
        plugin.payload_extras["key"] = parcel.key
    rendered = parcel.rendered
    bodies = {NotifyFormat.HTML: rendered.html, NotifyFormat.MARKDOWN: rendered.markdown}
    title, body = rendered.subject, bodies.get(plugin.notify_format, rendered.text)
    if plugin.body_maxlen < SHORT_BODY:
        title, body = "", rendered.short
    if not plugin.notify(body=body, title=title):
        raise _refusal("；".join(heard))


def _refusal(reason: str) -> DeliveryFailed:
    status = re.search(r"error=(\d{3})", reason)
    if status:
        return _http_failure(int(status[1]), reason)
    code = "connection" if "onnection error" in reason else "refused"
    return DeliveryFailed(code, reason or "发送失败，通道没有说明原因", permanent=False)


def _http_failure(status: int, reason: str) -> DeliveryFailed:
    return DeliveryFailed(f"http_{status}", reason, permanent=400 <= status < 500 and status not in _RETRY_HTTP)


def _send_mail(plugin: Any, parcel: _Parcel, heard: list[str]) -> None:
    """One mail to one address, with a Message-ID that stays: Apprise makes a new one for every attempt."""
    if plugin.pgp_mode != PGP_MODE_DEFAULT:
        raise DeliveryFailed("bad_url", _NO_PGP, permanent=True)
    if not plugin.targets:
        raise DeliveryFailed("bad_address", "收件地址不是邮件地址", permanent=True)
    message = outbox_folder.compose(parcel.rendered, key=parcel.key, sent_at=parcel.sent_at)
    name, sender = plugin.from_addr
    message["From"] = Address(name or "", addr_spec=sender)
    message["To"] = [Address(parcel.rendered.recipient, addr_spec=address) for _, address in plugin.targets]
    for header, copies in (("Cc", plugin.cc), ("Reply-To", plugin.reply_to)):
        if copies:
            message[header] = ", ".join(sorted(copies))
    for header, value in plugin.headers.items():
        message[header] = clean(value)
    recipients = [address for _, address in plugin.targets] + sorted(plugin.cc) + sorted(plugin.bcc)
    with _smtp(plugin) as server:
        refused = server.send_message(message, sender, recipients)
    if plugin.targets[0][1] in refused:
        raise smtplib.SMTPRecipientsRefused(refused)


@cache
def _tls(verify: bool) -> ssl.SSLContext:
    """Kept, because reading the certificates of the system takes 30 ms."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _smtp(plugin: Any) -> Iterator[smtplib.SMTP]:
    """A session that is encrypted and logged in as the URL says."""
    context, timeout = _tls(plugin.verify_certificate), plugin.socket_connect_timeout
    if plugin.secure_mode == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(plugin.smtp_host, plugin.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(plugin.smtp_host, plugin.port, timeout=timeout)
    with server:
        if plugin.secure_mode == "starttls":
            server.starttls(context=context)
        if plugin.user and plugin.password:
            server.login(plugin.user, plugin.password)
        yield server


def _send_robot(plugin: NotifyBase, parcel: _Parcel, heard: list[str]) -> None:
    """A group robot of a chat platform, which refuses with HTTP 200 and a code in the answer."""
    address, query, payload = _ROBOTS[type(plugin)](plugin, parcel.rendered)
    answer = requests.post(
        address,
        params=query,
        json=payload,
        timeout=plugin.request_timeout,
        verify=plugin.verify_certificate,
        allow_redirects=plugin.redirects,
    )
    if answer.status_code != requests.codes.ok:
        raise _http_failure(answer.status_code, f"应答 {answer.status_code}")
    told = answer.json()
    code = told.get("errcode", told.get("code"))
    if code != 0:
        reason = told.get("errmsg", told.get("msg", "没有说明原因"))
        raise DeliveryFailed(f"errcode_{code}", str(reason), permanent=code is not None and code not in _RETRY_ROBOT)


_Request = tuple[str, dict[str, str] | None, dict[str, Any]]


def _dingtalk(plugin: Any, rendered: Rendered) -> _Request:
    """Signed as DingTalk asks: Apprise quotes the signature, and ``requests`` would quote it again."""
    query = None
    if plugin.secret:
        timestamp, signature = plugin.get_signature()
        query = {"timestamp": timestamp, "sign": unquote(signature)}
    named = " ".join(f"@{phone}" for phone in plugin.targets)
    body = {"title": rendered.subject, "text": f"{rendered.markdown}\n\n{named}".rstrip()}
    told = {"msgtype": "markdown", "markdown": body, "at": {"atMobiles": plugin.targets, "isAtAll": False}}
    return plugin.notify_url.format(token=plugin.token), query, told


def _wecom(plugin: Any, rendered: Rendered) -> _Request:
    return plugin.api_url, None, {"msgtype": "markdown", "markdown": {"content": rendered.markdown}}


def _feishu(plugin: Any, rendered: Rendered) -> _Request:
    card = {
        "header": {"title": {"tag": "plain_text", "content": rendered.subject}},
        "elements": [{"tag": "markdown", "content": rendered.markdown}],
    }
    return plugin.notify_url.format(token=plugin.token), None, {"msg_type": "interactive", "card": card}


_ROBOTS: dict[type[NotifyBase], Callable[[Any, Rendered], _Request]] = {
    NotifyDingTalk: _dingtalk,
    NotifyWeComBot: _wecom,
    NotifyFeishu: _feishu,
}


def _explain(error: Exception) -> DeliveryFailed:
    """The failure an exception stands for; most exceptions of smtplib and requests are OSErrors too."""
    if isinstance(error, DeliveryFailed):
        return error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return DeliveryFailed(f"smtp_{error.smtp_code}", told, permanent=error.smtp_code >= 500)
    if isinstance(error, TimeoutError | requests.Timeout):
        return DeliveryFailed("timeout", "对方没有及时应答", permanent=False)
    reason = f"{type(error).__name__}: {error}"
    return DeliveryFailed("connection" if isinstance(error, OSError) else "broken_sender", reason, permanent=False)


def _masked(reason: str, url: str, plugin: NotifyBase) -> str:
    """The reason with every part of the URL that may be secret starred: user, password, tokens in path and query."""
    values = re.sub(r"([?&])[^=&]*=", r"\1", url.partition("://")[2])
    parts = {part for part in re.split(r"[/:@?&#]+", values) if len(part) >= 4}
    if "host" in plugin.template_tokens:
        parts.discard(plugin.host)
    parts |= {unquote(part) for part in parts} | {plugin.password or ""} - {""}
    for part in sorted(parts, key=len, reverse=True):
        reason = reason.replace(part, "***")
    return clean(reason)


_hearing: ContextVar[list[str] | None] = ContextVar("duban_hearing", default=None)


def _keep_inside(record: logging.LogRecord) -> bool:
    """While we send, the libraries' logs (whole URLs at DEBUG) go into the failure's reason and nowhere else."""
    heard = _hearing.get()
    if heard is None:
        return True
    if record.name == "apprise" and record.levelno >= logging.WARNING:
        heard.append(record.getMessage())
    return False


for _name in ("apprise", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(_keep_inside)
logging.getLogger("apprise").setLevel(logging.WARNING)  # a quieter root logger would hide why a send failed


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what Apprise says in this thread until the block ends."""
    heard: list[str] = []
    token = _hearing.set(heard)
    try:
        yield heard
    finally:
        _hearing.reset(token)
