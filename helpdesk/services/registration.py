"""Complaints that come in whole: web form, Mitra app, paper, phone and visit. One ticket per key, whatever happens."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import conduct, taxonomy
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.privacy import redact
from helpdesk.domain.triage import placed
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.services import attachments, complaints, replies, sla, talks, tickets, triage
from helpdesk.services.contacts import Person, contact_for, handle_of_phone
from helpdesk.services.idempotency import earlier_result, remember
from helpdesk.services.standing_replies import answered_at
from helpdesk.services.talks import Told
from helpdesk.services.tickets import NewTicket
from helpdesk.services.trail import CONTACT, lock_end, record, record_message

MAX_TEXT = 20_000
"""Characters of one story; more is cut, and said so in the event."""

_TELLS_NUMBER_ITSELF = frozenset({ChannelCode.WEB, ChannelCode.APP})
"""The screen or the app shows the number at once: no message goes out besides."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A complaint as one of these channels delivers it."""

    channel: ChannelCode
    person: Person
    text: str
    received_at: datetime
    kind: TicketKind = TicketKind.COMPLAINT
    category: str | None = None
    menu_choice: int | None = None
    """Coarse choice 1 to 6 of design.md section 3, used when the text says nothing clearer."""
    place: str | None = None
    occurred_on: date | None = None
    amount: int | None = None
    subjects: tuple[str, ...] = ()
    """Public ids of staff complained about."""
    registered_by_id: int | None = None
    actor: str = CONTACT
    attachment_ids: tuple[str, ...] = ()
    form_facts: dict[str, str] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    """Of a call or a visit: who spoke."""
    is_from_envelope: bool = False
    """Paper that came sealed: it is kept from its point, whatever it says."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The ticket that a submission became."""

    number: str
    is_repeat: bool


def register(
    session: Session, submission: Submission, *, scope: str, key: str | None, lender: Lender, now: datetime
) -> Registered:
    """Make one ticket of a submission; with the same `scope` and `key` again, return the first one.

    Raises InvalidInput (`key_reused`) where the same key comes with anything changed.
    """
    content = _content(submission, now=now)
    if key:
        earlier = earlier_result(session, scope, key, content)
        if earlier is not None:
            return Registered(earlier["number"], is_repeat=True)
    ticket = _open(session, submission, now=now)
    if key:
        remember(session, scope, key, content, result={"number": ticket.number}, now=now)
    _receipt(session, ticket, lender=lender, now=now)
    return Registered(ticket.number, is_repeat=False)


def add_to(
    session: Session,
    number: str,
    text: str,
    *,
    channel: ChannelCode,
    attachment_ids: tuple[str, ...] = (),
    facts: dict[str, str] | None = None,
    actor: str = CONTACT,
    received_at: datetime | None = None,
    now: datetime,
) -> Message:
    """Add the contact's further words to her complaint; an answered one opens again.

    `actor`: who wrote them down. `received_at`: when she handed them in, on paper that may be days old. The next
    answer is owed from then, as a first form's is from its receipt, though it may be late the moment it is typed: an
    auditor counts from when the house had the paper. Never from before the complaint; and where somebody has written
    to her since, from the typing: that reply ended her wait, and of the paper nobody knew.
    """
    ticket = ticket_by_number(session, number)
    if ticket.status == TicketStatus.CLOSED:
        raise Conflict("the complaint is closed", code="closed")
    body = _clean(text)
    if not body and not attachment_ids:
        raise InvalidInput("the text is empty", field="text", code="required")
    at = _waits_since(session, ticket, received_at or now, now=now)
    message = Message(
        direction=Direction.IN,
        purpose=Purpose.STORY,
        channel=channel,
        handle_id=None,
        body=body,
        facts=facts,
        at=at,
    )
    tickets.add_message(session, ticket, message)
    attachments.attach(session, message, attachment_ids)
    ticket.last_inbound_at = now  # whenever she wrote it, nobody has read it yet
    record_message(session, ticket, message, "message_received", actor=actor, at=now)
    triage.keep_from_staff(session, ticket, body, now=now)
    if ticket.status == TicketStatus.RESOLVED:
        complaints.reject(session, ticket, now=now)
    elif ticket.status == TicketStatus.PENDING:
        tickets.set_status(session, ticket, TicketStatus.OPEN, actor=CONTACT, now=now)
    if ticket.status in ACTIVE_STATUSES:
        sla.contact_wrote(session, ticket, at=at)
        triage.weigh_again(session, ticket, body, now=now)
    return message


def _waits_since(session: Session, ticket: Ticket, handed_in_at: datetime, *, now: datetime) -> datetime:
    at = max(handed_in_at, ticket.received_at)
    return now if answered_at(session, ticket.id, since=at) is not None else at


def ticket_by_number(session: Session, number: str) -> Ticket:
    """Return the ticket locked; of one that was merged, that into which it was. Raises NotFound."""
    ticket_id = session.scalar(select(Ticket.id).where(Ticket.number == number))
    if ticket_id is None:
        raise NotFound(f"no ticket {number}")
    return lock_end(session, ticket_id)


def is_about_staff(submission: Submission) -> bool:
    """Whether the complaint is kept from its point: the answer is the same before it is made a ticket and after."""
    return submission.is_from_envelope or conduct.is_about_staff(
        _clean(submission.text),
        category=_named_category(submission),
        menu_choice=submission.menu_choice,
        has_subjects=bool(submission.subjects),
    )


def _open(session: Session, submission: Submission, *, now: datetime) -> Ticket:
    body = _clean(submission.text)
    if not body and submission.menu_choice is None and not submission.attachment_ids:
        raise InvalidInput("tell what happened", field="text", code="required")
    category = _category(submission, body)
    contact = contact_for(session, submission.person, now=now)
    ticket = tickets.open_ticket(
        session,
        NewTicket(
            channel=submission.channel,
            contact_id=contact.id,
            text=body or _menu_name(submission.menu_choice),
            received_at=submission.received_at,
            kind=submission.kind,
            category=category,
            language=submission.person.language,
            unit_id=submission.person.unit_id or contact.unit_id,
            place=submission.place,
            occurred_on=submission.occurred_on,
            amount=submission.amount,
            subjects=_user_ids(session, submission.subjects),
            is_about_staff=is_about_staff(submission),
            registered_by_id=submission.registered_by_id,
            actor=submission.actor,
        ),
        now=now,
    )
    message = Message(
        direction=Direction.IN,
        purpose=Purpose.STORY,
        channel=submission.channel,
        body=body,
        facts=submission.form_facts or None,
        at=submission.received_at,
    )
    tickets.add_message(session, ticket, message)
    attachments.attach(session, message, submission.attachment_ids)
    record_message(session, ticket, message, "message_received", actor=submission.actor, at=now)
    if submission.channel in talks.SPOKEN:
        talks.begin(session, message, submission.told, user_id=submission.registered_by_id)
    return ticket


def _receipt(session: Session, ticket: Ticket, *, lender: Lender, now: datetime) -> None:
    """Acknowledge by SMS where the channel itself cannot; the others show the number at once."""
    if ticket.channel not in _TELLS_NUMBER_ITSELF:
        contact = session.get_one(Contact, ticket.contact_id)
        handle = handle_of_phone(session, contact, now=now)
        ticket.handle_id = handle.id if handle else None
        if handle is not None:
            replies.receipt(session, ticket, lender=lender, now=now)
            return
    ticket.acknowledged_at = now
    record(
        session, ticket, "number_told", actor=CONTACT if ticket.registered_by_id is None else "staff", at=now
    )


def _category(submission: Submission, body: str) -> str | None:
    """A named category wins; a coarse choice only where the text itself proposes nothing of that kind."""
    choice = submission.menu_choice
    if submission.category or choice is None or choice not in taxonomy.MENU:
        return _named_category(submission)
    return placed(body, choice)


def _named_category(submission: Submission) -> str | None:
    if not submission.category:
        return None
    try:
        return taxonomy.category(submission.category).code
    except NotFound as error:
        raise InvalidInput(str(error), field="category", code="unknown_category") from None


def _menu_name(choice: int | None) -> str:
    return taxonomy.MENU[choice].name_id if choice is not None and choice in taxonomy.MENU else "-"


def _user_ids(session: Session, public_ids: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(session.scalars(select(User.id).where(User.public_id.in_(public_ids))))


def _clean(text: str) -> str:
    return redact(text.replace("\0", "")[:MAX_TEXT]).text.strip()


def _content(submission: Submission, *, now: datetime) -> str:
    """What must be equal for a repeat to be the same request: all of it.

    The moment of receipt counts where it was stated only, else it is that of each press.
    """
    stated = None if submission.received_at == now else submission.received_at
    return repr(asdict(submission) | {"received_at": stated})
