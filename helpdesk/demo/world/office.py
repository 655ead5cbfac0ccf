"""When people at head office work: not the SLA calendar, only when something plausibly happens."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import OrgUnit
from helpdesk.sla.policy import CalendarCode

OPENS, CLOSES = time(8), time(17)
_DAY = timedelta(days=1)


class Office:
    """Working days of head office, eight to five."""

    def __init__(self, book: CalendarBook, head_office: OrgUnit) -> None:
        self._calendar = book.calendar(CalendarCode.SERVICE, head_office)
        self._zone = ZoneInfo(head_office.zone)
        self._open_days: dict[datetime, bool] = {}

    def next_open(self, at: datetime) -> datetime:
        """Return `at`, or the next morning at which somebody is there."""
        local = at.astimezone(self._zone)
        if local.time() >= CLOSES:
            local = (local + _DAY).replace(hour=OPENS.hour, minute=0)
        elif local.time() < OPENS:
            local = local.replace(hour=OPENS.hour, minute=0)
        while not self._is_working_day(local):
            local = (local + _DAY).replace(hour=OPENS.hour, minute=0)
        return local.astimezone(at.tzinfo)

    def later(self, at: datetime, hours: float) -> datetime:
        """Return the moment after that many office hours."""
        left = timedelta(hours=hours)
        at = self.next_open(at)
        while True:
            local = at.astimezone(self._zone)
            closing = local.replace(hour=CLOSES.hour, minute=0, second=0, microsecond=0)
            if left < closing - local:
                return at + left
            left -= closing - local
            at = self.next_open((closing + timedelta(seconds=1)).astimezone(at.tzinfo))

    def _is_working_day(self, local: datetime) -> bool:
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if day not in self._open_days:
            self._open_days[day] = self._calendar.is_working_day(local.date())
        return self._open_days[day]
