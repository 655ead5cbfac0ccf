"""What a person sees while she types a paper form: who the Mitra may be, and what the form may repeat."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.people import OrgUnit, Role, UnitKind, User
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries import contacts
from helpdesk.queries.contacts import ContactRow
from helpdesk.queries.directory import within
from helpdesk.queries.visibility import Action, Viewer, require, visible

REPEAT_DAYS = 14
"""Same Mitra and category within these days may be the same complaint (design.md W4)."""
MOST_PEOPLE = 9
"""One digit chooses."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of the field staff who may have collected forms."""

    id: int
    name: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier complaint that may be the same."""

    number: str
    category_id: str | None
    category_en: str | None
    received_at: datetime
    can_join: bool
    """The form may be added to it: it is not closed, and was not received after the form."""


def people(session: Session, viewer: Viewer, unit_id: int, typed: str) -> tuple[ContactRow, ...]:
    """Return who it may be: by id wherever she is, by the words of her name among the people of the point."""
    if not typed.strip():
        return ()
    if any(sign.isdigit() for sign in typed):
        return contacts.lookup(session, viewer, mitra_id=typed)
    return contacts.lookup(session, viewer, name=typed, unit_id=unit_id)[:MOST_PEOPLE]


def repeats(
    session: Session, viewer: Viewer, contact_id: int, choice: int, *, received_on: date, zone: str
) -> tuple[Repeat, ...]:
    """Return her complaints of the same kind within a fortnight of the form, as far as visible, newest first."""
    require(viewer, Action.ENTER_LWK)
    codes = [code for code, each in taxonomy.CATEGORIES.items() if each.menu == choice]
    evening = datetime.combine(received_on, time(23, 59), ZoneInfo(zone))
    span = timedelta(days=REPEAT_DAYS)
    found = session.execute(
        select(Ticket.number, CategoryRow.name_id, CategoryRow.name_en, Ticket.received_at, Ticket.status)
        .outerjoin(CategoryRow, CategoryRow.code == Ticket.category_code)
        .where(
            Ticket.contact_id == contact_id,
            Ticket.category_code.in_(codes),
            Ticket.received_at.between(evening - span, evening + span),
            visible(viewer),
        )
        .order_by(Ticket.received_at.desc())
        .limit(5)
    )
    return tuple(
        Repeat(number, name_id, name_en, at, status != TicketStatus.CLOSED and at <= evening)
        for number, name_id, name_en, at, status in found
    )


def officers(session: Session, viewer: Viewer) -> tuple[Officer, ...]:
    """Return the field staff of the points that the viewer enters paper for."""
    found = session.execute(
        select(User.id, User.name, User.unit_id)
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .where(
            OrgUnit.kind == UnitKind.POINT,
            within(viewer),
            User.role == Role.FIELD,
            User.disabled_at.is_(None),
        )
        .order_by(User.name)
    )
    return tuple(Officer(*row) for row in found)
