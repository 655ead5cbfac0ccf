"""Does what the story says, through the services that screens and channels call, and writes down what came of it."""

import contextlib
from collections.abc import Callable
from uuid import uuid4

from factories import make_ticket
from sqlalchemy import select
from sqlalchemy.orm import Session
from year_office import Office
from year_story import Arrival, Fact, Op

from helpdesk.domain.complaints import Disposition
from helpdesk.domain.conduct import concerns_staff
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.complaints import Resolution
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.tickets import Ticket
from helpdesk.services import acknowledgements, complaints, sla, tickets
from helpdesk.services.trail import CONTACT, lock_ticket
from helpdesk.sla.policy import Form, form_of

HEAD_OFFICE = ("perlindungan", "penipuan")
"""Teams from which nothing is handed over."""


class Desk:
    """One installation's tickets by their number in the story."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.ids: dict[int, int] = {}
        self.places: dict[int, int] = {}

    def open(self, session: Session, arrival: Arrival) -> Fact:
        """Take a ticket in as the channels do, and start its clocks."""
        channel = ChannelCode(arrival.channel)
        ticket = make_ticket(
            session,
            unit=session.get_one(OrgUnit, self._office.units[arrival.place]),
            team=session.get_one(Team, self._office.team_id),
            contact=session.get_one(Contact, self._office.contact_id),
            received_at=arrival.received_at,
            created_at=arrival.created_at,
            kind=TicketKind(arrival.kind),
            severity=Severity(arrival.severity),
            category_code=arrival.category,
            channel=channel,
            form=form_of(channel, place="office" if channel is ChannelCode.VISIT else None),
            is_about_staff=concerns_staff(arrival.category),
        )
        self.ids[arrival.serial] = ticket.id
        sla.start_clocks(session, ticket, now=arrival.created_at)
        self.places[arrival.serial] = arrival.place
        return _fact(session, ticket, Op(arrival.created_at, arrival.serial, "open", "new"))

    def do(self, session: Session, op: Op) -> Fact:
        """Carry out one thing and return what the ticket is after it."""
        ticket = lock_ticket(session, self.ids[op.serial])
        actor = self._office.actor(self.places[op.serial], op.level)
        ACTS[op.name](session, ticket, op, actor)
        assert ticket.status == op.status, (op, ticket.status)
        return _fact(session, ticket, op)


def _fact(session: Session, ticket: Ticket, op: Op) -> Fact:
    return Fact(
        int(op.at.timestamp()),
        op.name,
        ticket.status.value,
        ticket.kind.value,
        ticket.severity.value,
        ticket.form.value,
        ticket.category_code,
        ticket.is_about_staff,
        op.level,
        session.get_one(Team, ticket.team_id).code in HEAD_OFFICE,
    )


def _message(session: Session, ticket: Ticket, op: Op, purpose: Purpose) -> None:
    is_in = purpose is Purpose.STORY
    session.add(
        Message(
            public_id=str(uuid4()),
            ticket_id=ticket.id,
            direction=Direction.IN if is_in else Direction.OUT,
            purpose=purpose,
            channel=ticket.channel,
            body="Bagaimana kabarnya?" if is_in else "Baik, kami cek dulu.",
            at=op.at,
        )
    )
    if is_in:
        ticket.last_inbound_at = op.at
    else:
        ticket.last_human_at = op.at
    session.flush()


def _move(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    tickets.set_status(session, ticket, TicketStatus(op.status), actor=actor, now=op.at)


def _decide(session: Session, ticket: Ticket, op: Op, disposition: Disposition, actor: str) -> None:
    session.add(
        Resolution(
            ticket_id=ticket.id, disposition=disposition, root_cause="RC-01", resolved_by=actor, at=op.at
        )
    )


def take(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As tickets.claim() does."""
    ticket.last_human_at = op.at
    sla.person_acted(session, ticket, at=op.at)


def reply(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As replies.reply() does, perhaps with a question that must be answered first."""
    _message(session, ticket, op, Purpose.REPLY)
    sla.person_replied(session, ticket, at=op.at)
    acknowledgements.by_acting(session, ticket, actor=actor, now=op.at)
    _move(session, ticket, op, actor)


def write(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As intake.receive_message() does."""
    _message(session, ticket, op, Purpose.STORY)
    _move(session, ticket, op, CONTACT)
    sla.contact_wrote(session, ticket, at=op.at)


def status(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """The menu of statuses."""
    target = TicketStatus(op.status)
    tickets.change_status(session, ticket.id, target, reason="menunggu", actor=actor, now=op.at)


def reopen(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """The same menu, after the end."""
    status(session, ticket, op, actor)


def severity(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """A person rates it."""
    impact, urgency = str(op.value).split()
    tickets.override_severity(
        session,
        ticket.id,
        impact=Impact(impact),
        urgency=Urgency(urgency),
        reason=f"dampaknya lain {op.at}",  # each rating is one of its own, not a form sent twice
        actor=actor,
        now=op.at,
    )


def category(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """A person sorts it."""
    tickets.set_category(session, ticket.id, str(op.value), actor=actor, now=op.at)


def form(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """What was told is written down after all, or the other way."""
    ticket.form = Form(str(op.value))
    sla.refit(session, ticket, now=op.at)


def resolve(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As complaints.resolve() does."""
    _message(session, ticket, op, Purpose.ANSWER)
    sla.person_replied(session, ticket, at=op.at)
    _decide(session, ticket, op, Disposition.UPHELD, actor)
    _move(session, ticket, op, actor)
    ticket.resolved_at = op.at
    sla.person_acted(session, ticket, at=op.at)
    sla.resolved(session, ticket, at=op.at)


def withdraw(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As complaints.withdraw() does."""
    _decide(session, ticket, op, Disposition.WITHDRAWN, CONTACT)
    _move(session, ticket, op, CONTACT)
    ticket.resolved_at = ticket.closed_at = op.at
    sla.resolved(session, ticket, at=op.at)


def accept(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """The contact is content."""
    complaints.accept(session, ticket, now=op.at)


def object_(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """As answers.answer() does."""
    _message(session, ticket, op, Purpose.STORY)
    complaints.reject(session, ticket, now=op.at)
    sla.contact_wrote(session, ticket, at=op.at)


def acknowledge(session: Session, ticket: Ticket, op: Op, actor: str) -> None:
    """The button of an escalation, pressed in vain where nothing waits."""
    user_id = session.scalars(select(User.id).where(User.public_id == actor.removeprefix("user:"))).one()
    with contextlib.suppress(Conflict):
        acknowledgements.acknowledge(session, ticket.id, user_id=user_id, actor=actor, now=op.at)


ACTS: dict[str, Callable[[Session, Ticket, Op, str], None]] = {
    "take": take,
    "reply": reply,
    "write": write,
    "status": status,
    "reopen": reopen,
    "severity": severity,
    "category": category,
    "form": form,
    "resolve": resolve,
    "withdraw": withdraw,
    "accept": accept,
    "object": object_,
    "acknowledge": acknowledge,
}
