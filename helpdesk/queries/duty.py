"""Who of some people is at work now, as far as is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.attendance import attendance_of
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Presence, User
from helpdesk.sla.ownership import Attendance, OwnershipRules, is_on_shift, is_online, shipped_ownership


class Duty(StrEnum):
    """Whether somebody can take a ticket now."""

    THERE = "there"
    AWAY = "away"
    OFF_SHIFT = "off_shift"
    UNSEEN = "unseen"


def duties(session: Session, user_ids: Sequence[int], *, now: datetime) -> Mapping[int, Duty]:
    """Return the state of each person; who has neither a roster nor was ever seen is not in it."""
    if not user_ids:
        return {}
    book, rules = CalendarBook(session), shipped_ownership()
    rows = session.execute(
        select(User, Presence)
        .outerjoin(Presence, Presence.user_id == User.id)
        .where(User.id.in_(user_ids), User.shift.is_not(None) | Presence.user_id.is_not(None))
    )
    return {
        user.id: _state(attendance_of(book, user, presence), rules, now=now) for user, presence in rows.all()
    }


def _state(who: Attendance, rules: OwnershipRules, *, now: datetime) -> Duty:
    if who.is_away:
        return Duty.AWAY
    if is_online(who, rules, now):
        return Duty.THERE
    return Duty.UNSEEN if is_on_shift(who, now) else Duty.OFF_SHIFT
