"""A patrol at an instant to come: what it would open, fire and send, with nothing changed and nothing sent."""

from datetime import datetime

from cli.shared import print_json, print_table, say
from config import clock
from db.session import ledger_url
from tasks.context import policy, work_time
from text.catalogue import term


def rehearse_patrol(at: datetime, as_json: bool) -> None:
    """Rehearse a patrol and show what it would do.

    Args:
        at: an instant later than the office's clock.
        as_json: as one JSON document.
    """
    from foresight.rehearsal import rehearse

    found = rehearse(ledger_url(), work_time(), policy(), clock.now(), at)
    if as_json:
        print_json(found.as_dict())
        return
    say(f"预演：{found.at:%Y-%m-%d %H:%M} 晚于现在，以下只是推算；台账没有改动，没有发出消息")
    if found.written.opened:
        print_table("将开启的期次", ("期次", "期限"), found.written.opened)
    if found.written.alerts:
        rows = [(name or "", term(kind), term(level), to) for name, kind, level, to in found.written.alerts]
        print_table("将到点的提醒", ("期次", "类型", "颜色", "发给"), rows)
    if found.written.sheets:
        print_table("将开出的督办单", ("编号", "期次", "时限"), found.written.sheets)
    if found.letters:
        letters = [(one.recipient, one.channel, one.subject) for one in found.letters]
        print_table("将发出的消息", ("收件人", "渠道", "主题"), letters)
    said = (len(found.written.opened), len(found.written.alerts), len(found.written.sheets), len(found.letters))
    say("预演：将新开{}期，提醒{}条、督办单{}份；将发{}封，待发{}封".format(*said, found.unsent))
