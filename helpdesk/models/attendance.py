"""Turns rows into what the pure rules of ownership take: a person's shift, and whether she is there."""

from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Presence, User
from helpdesk.sla.calendar import BusinessCalendar
from helpdesk.sla.ownership import Attendance
from helpdesk.sla.policy import CalendarCode


def shift_of(book: CalendarBook, user: User) -> BusinessCalendar | None:
    """Return her shift in the zone of her unit, None where she has no roster.

    Days on which the service of her unit is closed for a holiday are off for her too: nobody writes those into a
    roster of weekdays. A shift on a weekend is worked.
    """
    if user.shift is None:
        return None
    unit = book.unit(user.unit_id)
    closed = book.calendar(CalendarCode.SERVICE, unit).holidays
    return BusinessCalendar.from_mapping({"zone": unit.zone, "hours": user.shift, "holidays": closed})


def attendance_of(book: CalendarBook, user: User, presence: Presence | None) -> Attendance:
    """Return what is known of her presence; without a roster the service hours of her unit are hers."""
    shift = shift_of(book, user)
    return Attendance(
        hours=shift or book.calendar(CalendarCode.SERVICE, book.unit(user.unit_id)),
        has_roster=shift is not None,
        seen_at=presence.seen_at if presence is not None else None,
        is_away=presence is not None and presence.is_away,
        disabled_at=user.disabled_at,
    )
