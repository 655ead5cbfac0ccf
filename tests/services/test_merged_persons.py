"""On a phone that several people use: who says that she is another takes none of the first one's complaints along."""

from datetime import timedelta

import pytest
from installing import NOW
from merge_samples import AGENT, complaint, person
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import PAID, said, tell

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact
from helpdesk.models.merges import merged_into
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit_check import verify
from helpdesk.services import contacts, merging

MINUTE = timedelta(minutes=1)
PAPER = "kwitansi saya hilang"


@pytest.fixture
def pair(session: Session) -> tuple[Ticket, Ticket]:
    """Ani's complaint on paper, and one that came from her phone since: there we have asked whether it is she."""
    contact, handle = person(session)
    contacts.learn(session, contact, name="Ani Lestari", village=None)
    paper = complaint(session, handle, PAPER, at=NOW - 9 * MINUTE)
    paper.channel, paper.handle_id = ChannelCode.LWK, None
    session.scalars(select(Message).where(Message.ticket_id == paper.id)).one().handle_id = None
    tell(session, PAID, now=NOW)
    chat = session.get_one(Ticket, tell(session, "Ya lanjut", now=NOW + MINUTE).ticket_id)
    assert chat is not paper
    return paper, chat


def merge(session: Session, source: Ticket, target: Ticket) -> None:
    merging.merge(session, source.id, target_id=target.id, actor=AGENT, now=NOW + MINUTE)


@pytest.mark.parametrize("is_chat_merged", [True, False])
def test_another_person_leaves_what_was_merged_to_the_first(
    session: Session, pair: tuple[Ticket, Ticket], *, is_chat_merged: bool
) -> None:
    paper, chat = pair
    ani = paper.contact_id
    merge(session, *((chat, paper) if is_chat_merged else (paper, chat)))
    landed = [tell(session, words, now=NOW + 3 * MINUTE).ticket_id for words in ("Bukan saya", "saya Wati")]
    assert landed[1] == chat.id
    assert (paper.contact_id, said(session, paper.id, "in")) == (ani, [PAPER])
    assert session.get_one(Contact, ani).name == "Ani Lestari"
    assert chat.contact_id != ani
    assert session.get_one(Contact, chat.contact_id).name == "Wati"
    assert said(session, chat.id, "in") == [PAID, "Ya lanjut", "Bukan saya", "saya Wati"]
    assert [merged_into(session, each.id) for each in pair] == [None, None]
    assert TicketStatus.CLOSED not in {paper.status, chat.status}
    assert verify(session) is None


def test_all_that_lies_in_what_was_asked_is_taken_apart(
    session: Session, pair: tuple[Ticket, Ticket]
) -> None:
    paper, chat = pair
    ani, handle = paper.contact_id, person(session)[1]
    older, third = (complaint(session, handle, words, at=NOW - 20 * MINUTE) for words in ("satu", "dua"))
    for message in session.scalars(select(Message).where(Message.ticket_id.in_((older.id, third.id)))):
        message.handle_id = None  # she told it elsewhere
    merge(session, older, chat)
    merge(session, chat, paper)
    merge(session, third, paper)
    tell(session, "Bukan saya", now=NOW + 3 * MINUTE)
    assert {each.contact_id for each in (paper, older, third)} == {ani} != {chat.contact_id}
    assert [merged_into(session, each.id) for each in (older, chat, third)] == [None, None, paper.id]
    assert verify(session) is None
