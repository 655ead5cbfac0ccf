"""Tickets for the page tests, made by the real services as a Mitra and her agents would."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import PAID, tell
from visits import Visit, stored
from werkzeug.test import TestResponse

from helpdesk.domain.delivery import DeliveryStatus, SendOutcome
from helpdesk.domain.messages import DeliveryReport
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.people import Team
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.runtime import Runtime
from helpdesk.services import delivery

STORY = PAID
PAY = ("pembayaran",)
"""The team that a_ticket() lands in."""
ANSWER = "Baik, Ibu. Kami cek dulu."
SignIn = Callable[..., Visit]
"""What the fixture signed_in is: role, teams, unit or user to a browser."""


def a_ticket(rt: Runtime, text: str = STORY, *, team: str = "pembayaran", **more: object) -> Ticket:
    """Let a Mitra write and return her ticket, in that team."""

    def write(session: Session) -> Ticket:
        received = tell(session, text, now=rt.now(), **more)
        ticket = session.get_one(Ticket, received.ticket_id)
        ticket.team_id = session.scalars(select(Team.id).where(Team.code == team)).one()
        session.flush()
        return ticket

    return rt.write(write)


def write_more(rt: Runtime, text: str, **more: object) -> None:
    """Let the same Mitra write again."""
    rt.write(lambda session: tell(session, text, now=rt.now(), **more))


def reload(rt: Runtime, ticket: Ticket) -> Ticket:
    """Return the ticket as it is now."""
    return stored(rt, select(Ticket).where(Ticket.id == ticket.id))[0]


def tickets(rt: Runtime) -> list[Ticket]:
    """All tickets, oldest first."""
    return stored(rt, select(Ticket).order_by(Ticket.id))


def bodies(rt: Runtime, ticket: Ticket, *, purpose: str) -> list[str]:
    """Texts of the ticket's messages of that purpose, oldest first."""
    wanted = (
        select(Message.body)
        .where(Message.ticket_id == ticket.id, Message.purpose == purpose)
        .order_by(Message.id)
    )
    return rt.read(lambda session: list(session.scalars(wanted)))


def kinds(rt: Runtime, ticket: Ticket) -> list[str]:
    """Kinds of the ticket's events in order."""
    wanted = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
    return rt.read(lambda session: list(session.scalars(wanted)))


def name_subject(rt: Runtime, ticket: Ticket, user_id: int) -> None:
    """Make a member of staff the one complained about."""
    rt.write(lambda session: session.add(TicketSubject(ticket_id=ticket.id, user_id=user_id)))


def fail_last(rt: Runtime, ticket: Ticket, code: str = "63016") -> str:
    """Let the newest outbound message fail for good and return its public id."""

    def write(session: Session) -> str:
        item, said = _newest_out(session, ticket)
        delivery.record_failure(session, item.id, code=code, outcome=SendOutcome.REJECTED, now=rt.now())
        return str(said.public_id)

    return rt.write(write)


def lose_last(rt: Runtime, ticket: Ticket) -> str:
    """Let the provider take the newest outbound message and report later that it failed; return its public id."""

    def write(session: Session) -> str:
        item, said = _newest_out(session, ticket)
        delivery.record_sent(session, item.id, external_id="SMlost", now=rt.now())
        report = DeliveryReport(said.channel, "SMlost", DeliveryStatus.FAILED, "63024")
        delivery.apply_report(session, report, now=rt.now())
        return str(said.public_id)

    return rt.write(write)


def _newest_out(session: Session, ticket: Ticket) -> tuple[OutboxItem, Message]:
    item, said = session.execute(
        select(OutboxItem, Message)
        .join(Message, Message.id == OutboxItem.message_id)
        .where(Message.ticket_id == ticket.id)
        .order_by(Message.id.desc())
        .limit(1)
    ).one()
    return item, said


def address(ticket: Ticket, part: str = "") -> str:
    """Address of the ticket's page, or of what is below it."""
    return f"/tickets/{ticket.number}{part}"


def opened(visit: Visit, ticket: Ticket) -> Visit:
    """Open the ticket's page."""
    assert visit.get(address(ticket)).status_code == 200
    return visit


def reply(visit: Visit, ticket: Ticket, text: str = ANSWER, **fields: object) -> TestResponse:
    """Send the reply form of the page that is open, with its hidden fields."""
    hidden = {"key": visit.hidden("key"), "seen_message_id": visit.hidden("seen_message_id")}
    return visit.post(address(ticket, "/replies"), text=text, **{**hidden, **fields})
