"""render: a message in every form a channel may want: subject, text, HTML, Markdown, one line.

Everything in a message is hostile until shown otherwise: what people typed is flattened to one line, cut to a length,
escaped in HTML and stripped of meaning in Markdown; only http(s) links survive. Rendering reads no clock and sends
nothing. ``render_test.py`` proves it with any text. The wording around it is in ``config/templates``.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from letters.limit import SECTION_CAP, fitting
from plan.types import SHEET_KINDS, AlertKind, Level
from rules.alert_kinds import ALERT_FACTS, COUNTS, OVERDUE, Asked
from rules.message import Message, MessageItem
from text import clean
from text.catalogue import PHRASES, date_text, phrase, term
from text.codes import code_order

SUBJECT_LIMIT = 40
"""Characters of a text from outside in a subject: a phone shows no more of it."""
FIELD_LIMIT = 300
"""Characters of one field of an item; a cut shows as ``…``."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "config" / "templates"),
    autoescape=select_autoescape(["html.j2"]),
    # A misspelt name in an office's own template is an error, not a hole in its letters.
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(message: Message) -> Message:
    """Write the message: most severe first, per item what, due when, how late, what to do and where.

    Args:
        message: merged; at most ``SECTION_CAP`` items of each colour are printed, the rest are counted.

    Returns:
        The message in every form. Its Markdown keeps within ``ROBOT_BYTES`` by printing fewer items of each colour.

    Raises:
        ValueError: no items.
    """
    if not message.items:
        raise ValueError("a message needs at least one item")
    message = replace(message, subject=subject(message), recipient=clean.line(message.recipient, 60))
    latest = sorted(message.items, key=lambda item: -item.days_late)
    links = [link for item in latest if (link := clean.web_link(item.address))]
    return replace(
        message,
        text=_fill("message.txt.j2", message, clean.line, SECTION_CAP),
        html=_fill("message.html.j2", message, clean.line, SECTION_CAP),
        markdown=fitting(partial(_fill, "message.md.j2", message, clean.chat_markdown)),
        short=" ".join([message.subject, *links[:1]]),
    )


def subject(message: Message) -> str:
    """What it is about: ``【督办】1项逾期 · 水利局 02-3 整改进展 · 2025年5月12日``.

    Several matters are counted in order of weight, by colour and by unit:
    ``【督办】2项逾期、3项临期（红1、橙1、绿3；水利局等4个单位） · 2025年5月12日``.

    Args:
        message: merged.
    """
    facts = [(item, ALERT_FACTS[item.kind]) for item in message.items]
    kinds = [OVERDUE if item.days_late > 0 and not fact.own_count else fact.count for item, fact in facts]
    counts = [phrase(f"count.{name}", n=kinds.count(name)) for name in COUNTS if name in kinds]
    brand = phrase("message.brand") + (phrase("message.resend") if message.resend else "")
    counted = brand + phrase("message.separator").join(counts)
    if len(message.items) == 1:
        (item,) = message.items
        matter = clean.line(f"{item.unit} {_matter(item)}", SUBJECT_LIMIT)
        return " · ".join(filter(None, (counted, matter, date_text(message.day))))
    levels = Counter(item.level for item in message.items)
    colours = [
        f"{term(level)}{levels[level]}" for level in reversed(Level) if level is not Level.NONE and levels[level]
    ]
    units = list(dict.fromkeys(clean.line(item.unit, SUBJECT_LIMIT) for item in message.items if item.unit))
    named = phrase("message.units", unit=units[0], n=len(units)) if len(units) > 1 else "".join(units)
    about = phrase("message.clause").join(filter(None, (phrase("message.separator").join(colours), named)))
    return f"{counted}{f'（{about}）' if about else ''} · {date_text(message.day)}"


def _fill(template: str, message: Message, write: Callable[[str, int], str], cap: int) -> str:
    """One form: the items by colour from red to none, the latest first in each, at most ``cap`` of each printed."""
    sections = []
    for level in reversed(Level):
        items = [item for item in message.items if item.level is level]
        if not items:
            continue
        # An item without a due date counts as due on the message's day.
        items.sort(key=lambda item: (-item.days_late, item.due_on or message.day, code_order(item.measure)))
        printed = []
        for item in items[:cap]:
            due_on = item.due_on or message.day
            left = (due_on - message.day).days  # what is late is told in working days, what is left in calendar days
            when = "days_late" if item.days_late > 0 else "days_left" if left > 0 else "due" if left else "due_today"
            missing = write(item.parts_missing, FIELD_LIMIT) if item.parts_missing and not item.informed else ""
            printed.append(
                {
                    "kind": term(item.kind),
                    "matter": write(_matter(item), FIELD_LIMIT),
                    "unit": write(item.unit, FIELD_LIMIT),
                    "round": write(item.round_title, FIELD_LIMIT),
                    "period": write(f"{item.duty} {item.label}", FIELD_LIMIT),
                    "when": phrase(f"message.{when}", due=date_text(due_on), n=item.days_late or left)
                    + (phrase("message.assumed") if item.assumed else "")
                    if item.due_on
                    else "",
                    "sheet": write(_sheet(item), FIELD_LIMIT),
                    "action": (phrase("action.informed") if item.informed else _action(item, write))
                    + (phrase("message.parts_missing", units=missing) if missing else "")
                    + (phrase("message.instead_of", name=write(item.instead_of, 60)) if item.instead_of else ""),
                    "note": write(item.note, FIELD_LIMIT) if item.note else None,
                    "link": clean.web_link(item.address),
                    "to_see": item.informed or ALERT_FACTS[item.kind].asks is Asked.NOBODY,
                }
            )
        named = "message.section_plain" if level is Level.NONE else "message.section"
        heading = phrase(named, colour=term(level), n=len(items))
        more = len(items) - len(printed)
        sections.append({"level": level.value, "heading": heading, "items": printed, "more": more})
    wanted = {Asked.NOBODY if item.informed else ALERT_FACTS[item.kind].asks for item in message.items}
    asked = [one for one in Asked if one in wanted]
    today = date_text(message.day)
    return _templates.get_template(template).render(
        w=PHRASES,
        subject=write(message.subject, FIELD_LIMIT),
        resend=message.resend,
        recipient=write(message.recipient, 60),
        office=write(message.office, 60),
        key=write(message.key, 120),
        today=today,
        everything=clean.web_link(message.everything),
        several=len(message.items) > 1,
        opening=phrase(
            f"opening.{'informed' if asked == [Asked.NOBODY] else 'asked'}", today=today, n=len(message.items)
        ),
        closing=[phrase(f"closing.{one}") for one in asked],
        sections=sections,
    )


def _matter(item: MessageItem) -> str:
    """The measure by code and title; what is about no measure is named by its kind."""
    return (
        phrase(f"matter.{item.kind}") if item.period_id is None and not item.measure else f"{item.measure} {item.title}"
    )


def _action(item: MessageItem, write: Callable[[str, int], str]) -> str:
    """What is asked of the reader, and what happens if nothing is reported."""
    asked = phrase(f"action.{item.kind}")
    if item.climbs_on is None or item.kind not in (AlertKind.CHASE, *SHEET_KINDS):
        return asked
    above = write(item.climbs_to, FIELD_LIMIT)
    return asked + phrase("message.climbs", day=date_text(item.climbs_on), who=above)


def _sheet(item: MessageItem) -> str:
    """The escalation that is open over the matter, and until when it wants an answer."""
    if not item.sheet or item.sheet_limit is None or item.kind not in SHEET_KINDS:
        return ""
    return phrase("message.sheet", number=item.sheet, limit=date_text(item.sheet_limit))
