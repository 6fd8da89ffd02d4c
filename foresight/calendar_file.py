"""A forecast as an iCalendar file for phones (RFC 5545): few entries, each period once.

A period is an all-day entry on its due date, which blocks no time; its reminders are alarms of that entry. A period
whose due date is over already is a short entry at its next escalation. Repeats and openings would only pester.

The UID of a period never changes. A later export carries a higher SEQUENCE, so that a calendar which holds the entry
moves it instead of showing it twice. A period that ended is CANCELLED.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry
from icalendar.prop import vText

from foresight.listing import Forecast
from foresight.reasons import sentence
from plan.types import EventKind
from rules.forecast import EndedPeriod, Event, ForecastDuty
from rules.work_time import WorkTime
from text.catalogue import term
from text.clean import line

PRODUCT = "-//Duban//duban forecast//ZH"
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_ASKS = (EventKind.ESCALATION, EventKind.INTERVIEW, EventKind.CIRCULAR, EventKind.REPEAT)
_SHORT = timedelta(minutes=15)


def calendar_file(made: Forecast) -> bytes:
    """The forecast ``made`` as the bytes of an ``.ics`` file; the same forecast gives the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar["X-WR-CALNAME"] = vText(line(f"督办 · {made.forecast_input.title}"))
    for events in _by_period(made.events):
        for entry in _entry(events, made):
            calendar.add_component(entry)
    for duty in made.forecast_input.duties:
        for period in duty.ended:
            calendar.add_component(_cancelled(duty, period, made))
    calendar.add_missing_timezones(made.span.first, made.span.last + _DAY)
    return bytes(calendar.to_ical())


def _by_period(events: Iterable[Event]) -> Iterable[Sequence[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.period_key].append(event)
    return found.values()


def _entry(events: Sequence[Event], made: Forecast) -> Iterator[Entry]:
    """The entry of one period: its due date, else when a supervisor is first asked; none where neither is forecast."""
    # By weight: a period whose limit is over has no due date to come.
    for kind in (EventKind.DUE, *_ASKS):
        shown = next((event for event in events if event.kind is kind), None)
        if shown is not None:
            yield _described(shown, events, made)
            return


def _described(shown: Event, events: Sequence[Event], made: Forecast) -> Entry:
    one, entry = shown.duty, Entry()
    entry.add("uid", _uid(one, shown.period.ordinal))
    entry.add("dtstamp", made.span.now.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", _sequence(made))
    entry.add("summary", line(f"{one.measure} {one.title} · {shown.period.label} {term(shown.kind)}"))
    entry.add("description", _description(shown, events, made.work_time))
    entry.add("categories", ["督办", line(one.unit)])
    entry.add("status", "TENTATIVE" if shown.provisional or one.assumed else "CONFIRMED")
    # Nobody is busy because something is due.
    entry.add("transp", "TRANSPARENT")
    _time(entry, shown, made.work_time)
    for alarm in _alarms(shown, events, made):
        entry.add_component(alarm)
    return entry


def _cancelled(duty: ForecastDuty, period: EndedPeriod, made: Forecast) -> Entry:
    """The entry of a period that is over, taken back: left out, it would stand in the calendar for ever."""
    entry = Entry()
    entry.add("uid", _uid(duty, period.ordinal))
    entry.add("dtstamp", made.span.now.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", _sequence(made))
    entry.add("summary", line(f"{duty.measure} {duty.title} · {period.label}"))
    entry.add("status", "CANCELLED")
    entry.add("dtstart", period.due_on)
    entry.add("dtend", period.due_on + _DAY)
    return entry


def _sequence(made: Forecast) -> int:
    """Grows with every export, as a SEQUENCE must, and nothing has to be remembered for it."""
    return max(0, (made.span.now - _EPOCH) // timedelta(minutes=1))


def _uid(duty: ForecastDuty, ordinal: int) -> str:
    # The code alone, whatever stands before it in the ledger: a plan that is not loaded yet names its periods so, too.
    return f"{duty.measure.rpartition('/')[2]}_{duty.key}_{ordinal}@{duty.inspection}.duban"


def _time(entry: Entry, shown: Event, work_time: WorkTime) -> None:
    if shown.kind is EventKind.DUE:
        entry.add("dtstart", shown.day)
        entry.add("dtend", shown.day + _DAY)
    else:
        entry.add("dtstart", shown.at.astimezone(work_time.zone))
        entry.add("duration", _SHORT)


def _alarms(shown: Event, events: Sequence[Event], made: Forecast) -> Iterator[Alarm]:
    """One alarm for each reminder to come up to the due date, counted from the entry's midnight on the wall clock."""
    if shown.kind is not EventKind.DUE:
        return
    work_time, now = made.work_time, made.span.now
    # Without a zone, as the all-day entry it belongs to: a phone elsewhere rings at its own hour of the day.
    midnight = work_time.start_of(shown.day).astimezone(work_time.zone).replace(tzinfo=None)
    for event in events:
        if event.kind is EventKind.REMINDER and now < event.at < shown.at:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", line(sentence(event, work_time)))
            alarm.add("trigger", event.at.astimezone(work_time.zone).replace(tzinfo=None) - midnight)
            yield alarm


def _description(shown: Event, events: Sequence[Event], work_time: WorkTime) -> str:
    one = shown.duty
    ladder = [
        f"{event.at.astimezone(work_time.zone):%Y-%m-%d %H:%M} {term(event.kind)} → "
        f"{'、'.join(person.name for person in event.recipients) or '无人在岗'}"
        for event in events
        if event.step and event.kind is not EventKind.REPEAT
    ]
    head = [f"措施：{one.measure_title}", f"牵头单位：{one.unit}", f"说明：{sentence(shown, work_time)}"]
    return "\n".join(line(part) for part in [*head, *(["如一直不填报："] if ladder else []), *ladder])
