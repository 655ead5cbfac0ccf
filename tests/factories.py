"""Rows for tests, with sensible defaults: override only what the test is about."""

import itertools
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit, Position, Role, Team, TeamMember, UnitKind, User
from helpdesk.models.tickets import Ticket
from helpdesk.sla.policy import form_of

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 10.00 WIB, as tests/conftest.py has it."""

_serial = itertools.count(1)


def _values(defaults: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    return defaults | changes


def head_office(session: Session) -> OrgUnit:
    """Return the head office of the reference data."""
    return session.scalars(select(OrgUnit).where(OrgUnit.code == "HO")).one()


def make_unit(
    session: Session,
    kind: UnitKind = UnitKind.POINT,
    *,
    parent: OrgUnit | None = None,
    zone: str = "Asia/Jakarta",
    **changes: object,
) -> OrgUnit:
    """Return a unit below `parent` (the head office unless told)."""
    parent = parent or head_office(session)
    serial = next(_serial)
    defaults: dict[str, object] = {"code": f"{kind.value}-{serial}", "name": f"Unit {serial}", "path": "/"}
    unit = OrgUnit(kind=kind, parent_id=parent.id, zone=zone, **_values(defaults, changes))
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path}{unit.id}/"
    session.flush()
    return unit


def make_ladder(session: Session, *, zone: str = "Asia/Jakarta") -> tuple[OrgUnit, OrgUnit, OrgUnit]:
    """Return a region, an area in it, and a point in that."""
    region = make_unit(session, UnitKind.REGION, zone=zone)
    area = make_unit(session, UnitKind.AREA, parent=region, zone=zone)
    return region, area, make_unit(session, UnitKind.POINT, parent=area, zone=zone)


def make_team(session: Session, code: str | None = None) -> Team:
    """Return the team with that code, made if it is new."""
    code = code or f"team-{next(_serial)}"
    team = session.scalars(select(Team).where(Team.code == code)).one_or_none()
    if team is None:
        team = Team(code=code, name=f"Tim {code}")
        session.add(team)
        session.flush()
    return team


def make_user(
    session: Session,
    role: Role = Role.AGENT,
    *,
    position: Position = Position.HO,
    unit: OrgUnit | None = None,
    teams: tuple[Team, ...] = (),
    **changes: object,
) -> User:
    """Return a member of staff who cannot sign in (no password)."""
    serial = next(_serial)
    defaults: dict[str, object] = {
        "public_id": str(uuid4()),
        "email": f"staf{serial}@contoh.id",
        "name": f"Staf {serial}",
        "password_hash": "!",
        "created_at": NOW,
    }
    unit_id = (unit or head_office(session)).id
    user = User(role=role, position=position, unit_id=unit_id, **_values(defaults, changes))
    session.add(user)
    session.flush()
    session.add_all(TeamMember(team_id=team.id, user_id=user.id) for team in teams)
    session.flush()
    return user


def make_contact(session: Session, *, phone: str | None = None, **changes: object) -> Contact:
    """Return a contact; with a phone also its look-up digest."""
    digest = keys_of(session).digest("phone", phone) if phone else None
    defaults: dict[str, object] = {
        "public_id": str(uuid4()),
        "name": f"Ibu Mitra {next(_serial)}",
        "phone": phone,
        "phone_digest": digest,
        "created_at": NOW,
    }
    contact = Contact(**_values(defaults, changes))
    session.add(contact)
    session.flush()
    return contact


def make_handle(
    session: Session,
    *,
    contact: Contact | None = None,
    channel: ChannelCode = ChannelCode.WHATSAPP,
    address: str | None = None,
    **changes: object,
) -> Handle:
    """Return an address of a contact on a channel."""
    contact = contact or make_contact(session)
    address = address or f"+62855{next(_serial):08}"
    defaults: dict[str, object] = {
        "address_digest": keys_of(session).digest("address", f"{channel}:{address}"),
        "created_at": NOW,
    }
    handle = Handle(channel=channel, address=address, contact_id=contact.id, **_values(defaults, changes))
    session.add(handle)
    session.flush()
    return handle


def make_ticket(
    session: Session,
    *,
    unit: OrgUnit | None = None,
    team: Team | None = None,
    contact: Contact | None = None,
    received_at: datetime = NOW,
    channel: ChannelCode = ChannelCode.WHATSAPP,
    severity: Severity = Severity.S3,
    **changes: object,
) -> Ticket:
    """Return a new complaint, severity S3, at head office, without clocks."""
    defaults: dict[str, object] = {
        "number": f"{10_000_000 + next(_serial)}",
        "kind": TicketKind.COMPLAINT,
        "status": TicketStatus.NEW,
        "subject": "Angsuran saya belum tercatat",
        "impact": Impact.I2,
        "urgency": Urgency.U1,
        "severity_reasons": [],
        "matrix_version": 1,
        "routing_reason": {},
        "form": form_of(channel),
        "created_at": received_at,
        "updated_at": received_at,
        "last_inbound_at": received_at,
    }
    ticket = Ticket(
        unit_id=(unit or head_office(session)).id,
        team_id=(team or make_team(session)).id,
        contact_id=(contact or make_contact(session)).id,
        received_at=received_at,
        channel=channel,
        severity=severity,
        **_values(defaults, changes),
    )
    session.add(ticket)
    session.flush()
    return ticket


def make_message(
    session: Session,
    ticket: Ticket,
    *,
    direction: Direction = Direction.IN,
    author: User | None = None,
    at: datetime | None = None,
    **changes: object,
) -> Message:
    """Return a message of the ticket: by default what the contact wrote when the ticket was received."""
    purposes = {Direction.IN: Purpose.STORY, Direction.OUT: Purpose.REPLY, Direction.NOTE: Purpose.NOTE}
    defaults: dict[str, object] = {
        "public_id": str(uuid4()),
        "purpose": purposes[direction],
        "channel": ticket.channel,
        "handle_id": ticket.handle_id,
        "body": "Angsuran saya belum tercatat",
    }
    message = Message(
        ticket_id=ticket.id,
        direction=direction,
        author_id=author.id if author else None,
        at=at or ticket.received_at,
        **_values(defaults, changes),
    )
    session.add(message)
    session.flush()
    return message
