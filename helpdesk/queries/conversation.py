"""A ticket's messages with their files, and its audit trail with the names of who acted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus, may_send_again
from helpdesk.domain.media import HEARD, may_ask_again
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.messages import ChannelCode, Direction, MediaKind, Purpose
from helpdesk.domain.privacy import mask_phone
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import User
from helpdesk.models.reaching import STOP
from helpdesk.models.tickets import Ticket, TicketEvent

USER = "user:"


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of a message; `state` is pending, stored or failed. Stored is ready once it has been prepared."""

    public_id: str
    kind: MediaKind
    media_type: str | None
    filename: str | None
    size_bytes: int | None
    state: str
    error_code: str | None = None
    next_attempt_at: datetime | None = None
    is_prepared: bool = True
    has_thumb: bool = False
    is_playable: bool = False
    duration_seconds: int | None = None
    transcript: str | None = None
    may_ask_again: bool = False

    @property
    def is_heard(self) -> bool:
        """Whether it says nothing until somebody has listened."""
        return self.kind in HEARD

    @property
    def is_picture(self) -> bool:
        """Whether it can be looked at."""
        return self.state == "stored" and (self.media_type or "").startswith("image/")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One utterance. `id` orders the conversation and is what a reply names as read."""

    id: int
    public_id: str
    direction: Direction
    purpose: Purpose
    channel: ChannelCode
    at: datetime
    text: str
    author: str | None
    external_id: str | None
    delivery: DeliveryStatus | None
    error_code: str | None
    facts: Mapping[str, object]
    attachments: tuple[AttachmentRow, ...]
    may_go: bool = True
    """Whether anything may still be sent to its address for this ticket (models/reaching.py)."""

    @property
    def may_be_sent_again(self) -> bool:
        """Whether services.delivery.send_again() would take it."""
        is_question = self.facts.get("step") == NEWS  # it is asked by itself (services/invitations.py)
        return self.may_go and not is_question and may_send_again(self.delivery, self.text)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One entry of the audit trail; erased details are empty."""

    serial: int
    at: datetime
    kind: str
    actor: str
    actor_name: str
    """Name of the person; the actor's own word for others."""
    data: Mapping[str, object]


def messages_of(session: Session, ticket_ids: Sequence[int]) -> Mapping[int, tuple[MessageRow, ...]]:
    """Return the conversations of tickets the viewer may see, in two statements."""
    found = session.execute(
        select(Message, User.name, STOP)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Handle, Handle.id == Message.handle_id)
        .outerjoin(User, User.id == Message.author_id)
        .where(Message.ticket_id.in_(ticket_ids))
        .order_by(Message.ticket_id, Message.id)
    ).all()
    files = _attachments(session, [message.id for message, *_ in found])
    conversations: dict[int, list[MessageRow]] = defaultdict(list)
    for message, author, stop in found:
        row = MessageRow(
            id=message.id,
            public_id=message.public_id,
            direction=message.direction,
            purpose=message.purpose,
            channel=message.channel,
            at=message.at,
            text=message.body,
            author=author,
            external_id=message.external_id,
            delivery=message.delivery,
            error_code=message.error_code,
            facts=_shown(message.facts or {}),
            attachments=tuple(files[message.id]),
            may_go=stop is None,
        )
        conversations[message.ticket_id].append(row)
    return {ticket_id: tuple(conversations[ticket_id]) for ticket_id in ticket_ids}


def _shown(facts: Mapping[str, object]) -> Mapping[str, object]:
    """A shared phone number is masked like that of the contact: who opens one is on record."""
    phone = facts.get("contact_phone")
    return {**facts, "contact_phone": mask_phone(str(phone))} if phone else facts


def _attachments(session: Session, message_ids: Sequence[int]) -> Mapping[int, list[AttachmentRow]]:
    files: dict[int, list[AttachmentRow]] = defaultdict(list)
    if not message_ids:
        return files
    found = session.scalars(
        select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.id)
    )
    for file in found:
        if file.message_id is not None:
            files[file.message_id].append(attachment_row(file))
    return files


def attachment_row(file: Attachment) -> AttachmentRow:
    """Return the row of one file."""
    return AttachmentRow(
        public_id=file.public_id,
        kind=file.kind,
        media_type=file.media_type,
        filename=file.filename,
        size_bytes=file.size_bytes,
        state=file.state,
        error_code=file.error_code,
        next_attempt_at=file.next_attempt_at,
        is_prepared=file.prepared_at is not None,
        has_thumb=file.thumb_key is not None,
        is_playable=file.playable_key is not None,
        duration_seconds=file.duration_seconds,
        transcript=file.transcript,
        may_ask_again=may_ask_again(file.state, file.error_code, has_reference=file.reference is not None),
    )


def events_of(session: Session, ticket_ids: Sequence[int]) -> Mapping[int, tuple[EventRow, ...]]:
    """Return the audit trails of tickets the viewer may see, in two statements."""
    found = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(ticket_ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.serial)
    ).all()
    names = actor_names(session, (event.actor for event in found))
    trails: dict[int, list[EventRow]] = defaultdict(list)
    for event in found:
        row = EventRow(
            serial=event.serial,
            at=event.at,
            kind=event.kind,
            actor=event.actor,
            actor_name=names.get(event.actor, event.actor),
            data=event.data or {},
        )
        trails[event.ticket_id].append(row)
    return {ticket_id: tuple(trails[ticket_id]) for ticket_id in ticket_ids}


def actor_names(session: Session, actors: Iterable[str]) -> Mapping[str, str]:
    """Return the names behind the actors that are members of staff."""
    ids = {actor.removeprefix(USER) for actor in actors if actor.startswith(USER)}
    if not ids:
        return {}
    found = session.execute(select(User.public_id, User.name).where(User.public_id.in_(sorted(ids))))
    return {f"{USER}{public_id}": name for public_id, name in found}
