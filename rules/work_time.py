"""What turns dates into instants and back: the office's working days, its opening hours and its zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plan.policy import Hours
from rules.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class WorkTime:
    """When an office works. Dates are days in ``zone``; instants are aware, those returned are UTC.

    ``calendar``: which days are worked; ``hours``: from when to when on such a day; ``zone``: where both are read.
    """

    calendar: WorkCalendar
    hours: Hours
    zone: ZoneInfo

    def at_opening(self, day: date) -> datetime:
        """The UTC instant at which the office opens on ``day`` (a day in its zone), whether worked or not."""
        # Through the zone and not by a fixed offset: another zone than Shanghai may have summer time.
        return datetime.combine(day, self.hours.open, self.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The UTC instant at which ``day`` (a day in the office's zone) is over.

        A due date is kept until then (Civil Code 203, domain.md 7.1).
        """
        return self.start_of(day + timedelta(days=1))

    def start_of(self, day: date) -> datetime:
        """The UTC instant at which ``day`` (a day in the office's zone) begins."""
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)

    def last_day(self, until: datetime) -> date:
        """The last day of which anything lies before an instant: what ends at midnight is good for the day before.

        Args:
            until: aware instant.
        """
        return self.day_of(until - timedelta.resolution)

    def day_of(self, moment: datetime) -> date:
        """The day in the office's zone on which ``moment`` (an aware instant of any zone) lies."""
        return moment.astimezone(self.zone).date()

    def minute_text(self, moment: datetime) -> str:
        """``moment`` (an aware instant) as people read it in the office's zone: ``2025-03-10 09:00``."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def may_send(self, moment: datetime) -> bool:
        """Whether messages may leave at ``moment`` (an aware instant): a working day, within hours.

        Outside them they wait for the next opening (architecture 8).
        """
        local = moment.astimezone(self.zone)
        return self.calendar.is_workday(local.date()) and self.hours.open <= local.time() < self.hours.close

    def next_sending(self, moment: datetime, wish: Hours | None = None) -> datetime:
        """When messages may leave next: at ``moment`` itself, or at the next opening.

        Args:
            moment: an aware instant.
            wish: the hours in which somebody wants letters, within the office's; None for all of these.

        Returns:
            An aware instant.
        """
        hours = wish or self.hours
        local = moment.astimezone(self.zone)
        if self.may_send(moment) and hours.open <= local.time() < hours.close:
            return moment
        day = local.date() if local.time() < hours.open else local.date() + timedelta(days=1)
        return datetime.combine(self.calendar.next_workday(day), hours.open, self.zone).astimezone(UTC)
