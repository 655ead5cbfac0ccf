"""Local hours in which nobody is disturbed."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day until another, which may be that of the next day."""

    begin: time
    end: time
    """The first instant after the quiet hours."""

    def free_at(self, now: datetime, *, zone: str) -> datetime:
        """Return when something of `now` may reach a person in `zone`: at once, or when her quiet hours end."""
        local = now.astimezone(ZoneInfo(zone))
        if not self.holds_at(local.time()):
            return now
        day = local.date()
        if local.time() >= self.end:
            day += timedelta(days=1)  # it is evening: they end tomorrow
        return datetime.combine(day, self.end, tzinfo=local.tzinfo).astimezone(UTC)

    def holds_at(self, wall: time) -> bool:
        """Whether this time of day is quiet."""
        if self.begin <= self.end:
            return self.begin <= wall < self.end
        return wall >= self.begin or wall < self.end
