"""A voice message says nothing until somebody has listened: then it is searched, moves along and may be answered."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds, resolve, tell, ticket_of

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import Ticket, TicketWord
from helpdesk.services import attachments, disclosure, moving, transcripts

AGENT = "user:x"
HOUR = timedelta(hours=1)
VOICE = (AttachmentRef("ref", MediaKind.VOICE, "audio/ogg"),)


def a_voice(session: Session, text: str = PAID) -> tuple[Ticket, Attachment]:
    """A ticket whose last message came with a voice that is here."""
    ticket = ticket_of(session, tell(session, text, now=NOW, files=VOICE))
    file = session.scalars(select(Attachment)).one()
    attachments.record_fetched(
        session, file.id, content=b"suara", storage_key="a", media_type="audio/ogg", now=NOW
    )
    return ticket, file


def write_down(session: Session, ticket: Ticket, file: Attachment, words: str) -> None:
    transcripts.write_down(session, ticket.id, file.public_id, words, actor=AGENT, now=NOW + HOUR)


def knows(session: Session, ticket: Ticket, word: str) -> bool:
    digest = keys_of(session).digest("word", word)
    return session.get(TicketWord, (digest, ticket.id)) is not None


def test_a_complaint_is_not_answered_before_its_voice_has_been_heard(session: Session) -> None:
    ticket, file = a_voice(session)
    with pytest.raises(Conflict) as caught:
        resolve(session, ticket, now=NOW + HOUR)
    assert caught.value.code == "unheard"
    write_down(session, ticket, file, "sudah bayar di warung")
    resolve(session, ticket, now=NOW + HOUR)
    assert ticket.status == TicketStatus.RESOLVED


@pytest.mark.parametrize("why", ["it never came", "staff wrote while it was spoken"])
def test_what_cannot_or_need_not_be_heard_stops_no_answer(session: Session, why: str) -> None:
    ticket, file = a_voice(session)
    if why == "it never came":
        file.state = "failed"
    else:
        session.get_one(Message, file.message_id).channel = ChannelCode.PHONE
    session.flush()
    resolve(session, ticket, now=NOW + HOUR)
    assert ticket.status == TicketStatus.RESOLVED


def test_its_words_go_with_the_message_that_is_moved(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    tell(session, "ini lagi bu, dengar ya", now=NOW + HOUR, files=VOICE)
    file = session.scalars(select(Attachment)).one()
    file.state = "stored"
    session.flush()
    write_down(session, ticket, file, "petugas minta uang rokok")
    assert knows(session, ticket, "rokok")
    message = session.get_one(Message, file.message_id)
    target = moving.split(
        session, ticket.id, message.public_id, lender=LENDER, actor=AGENT, now=NOW + 2 * HOUR
    )
    assert (knows(session, ticket, "rokok"), knows(session, target, "rokok")) == (False, True)
    with pytest.raises(NotFound):
        write_down(session, ticket, file, "dari tiket yang salah")


def test_it_is_hers_to_be_told(session: Session) -> None:
    ticket, file = a_voice(session)
    write_down(session, ticket, file, "sudah bayar di warung")
    told = disclosure._messages(session, ticket.id)
    assert [each.transcript for message in told for each in message.attachments] == ["sudah bayar di warung"]
    assert "voice_written_down" in event_kinds(session, ticket.id)
