"""What is said in a voice message, written down by a person: from then on it counts like any other words of hers."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.media import HEARD
from helpdesk.domain.messages import Direction
from helpdesk.domain.privacy import redact
from helpdesk.domain.subjects import subject_of
from helpdesk.models.messages import Attachment, Message, unheard_in
from helpdesk.services import tickets, triage
from helpdesk.services.trail import lock_ticket, record

LONGEST = 5000
_NO_WORDS = re.compile(r"\[[^\[\]]*\]")
"""A title that only names what was sent: `[Pesan suara]` (services/chat.py)."""


def write_down(
    session: Session, ticket_id: int, public_id: str, text: str, *, actor: str, now: datetime
) -> None:
    """Keep the words of a sound, secrets redacted; the trail keeps what stood there before.

    Raises InvalidInput without words, NotFound for a file of another ticket or one that is no sound.
    """
    ticket = lock_ticket(session, ticket_id)
    file, message = _sound(session, ticket_id, public_id)
    words = redact(text).text.strip()
    if not words:
        raise InvalidInput("no words", field="transcript", code="required")
    if len(words) > LONGEST:
        raise InvalidInput("too many words", field="transcript", code="too_long")
    before = file.transcript or ""
    if words == before:
        return
    file.transcript = words
    if not ticket.subject or _NO_WORDS.fullmatch(ticket.subject):
        ticket.subject = subject_of(words)
    session.flush()
    data = {"attachment": public_id, "from": {"transcript": before}, "to": {"transcript": words}}
    record(session, ticket, "voice_written_down", actor=actor, at=now, data=data)
    tickets.index_text(session, ticket.id, words)
    tickets.touched_by_person(session, ticket, actor=actor, now=now)
    if message.direction == Direction.IN:
        triage.keep_from_staff(session, ticket, words, now=now)
        triage.weigh_again(session, ticket, words, now=now)


def _sound(session: Session, ticket_id: int, public_id: str) -> tuple[Attachment, Message]:
    found = session.execute(
        select(Attachment, Message)
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Attachment.public_id == public_id,
            Attachment.kind.in_(HEARD),
            Attachment.state != "failed",
            Message.ticket_id == ticket_id,
        )
    ).first()
    if found is None:
        raise NotFound("no such sound in this ticket")
    return found[0], found[1]


def check_heard(session: Session, ticket_id: int) -> None:
    """Raise Conflict (`unheard`) while a voice message of the contact says what nobody has written down."""
    unheard = session.scalar(unheard_in(Message.ticket_id == ticket_id).limit(1))
    if unheard is not None:
        raise Conflict("a voice message has not been listened to", code="unheard")


def words_of(session: Session, ticket_id: int) -> Sequence[str]:
    """Return all that was written down of a ticket's sounds, oldest first."""
    return [
        words
        for words in session.scalars(
            select(Attachment.transcript)
            .join(Message, Message.id == Attachment.message_id)
            .where(Message.ticket_id == ticket_id, Attachment.transcript.is_not(None))
            .order_by(Attachment.id)
        )
        if words
    ]
