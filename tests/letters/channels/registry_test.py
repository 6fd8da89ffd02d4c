"""A channel is found by being there: one module sends for its plugins, and any other service has the generic one."""

from apprise import Apprise
from apprise.plugins.base import NotifyBase

from letters.channels import apprise_generic, channel_of, dingtalk, feishu, mail, webhook, wecom


def _plugin(url: str) -> NotifyBase:
    plugin = Apprise.instantiate(url)
    assert isinstance(plugin, NotifyBase)
    return plugin


def test_every_service_is_sent_to_by_its_own_module() -> None:
    urls = {
        "mailtos://u:p@example.org?to=a@example.org": mail,
        "dingtalk://token": dingtalk,
        "wecombot://key-key": wecom,
        "feishu://token": feishu,
        "json://h/x": webhook,
        "xml://h/x": webhook,
        "form://h/x": webhook,
        "clicksend://user:key@13800000000": apprise_generic,
    }
    assert {url: channel_of(_plugin(url)) for url in urls} == {url: module.CHANNEL for url, module in urls.items()}
