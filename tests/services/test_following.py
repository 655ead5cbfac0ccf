"""She writes from another address of hers: it is heard, and the conversation goes on there with what waited."""

import pytest
from answer_samples import answer, decision_in, item_of
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, decide, steps_of, tell, ticket_of
from word_samples import (
    CLOSED,
    DAY,
    HOUR,
    LATER,
    OPEN,
    OTHER,
    RESOLVED,
    SMS,
    TELEGRAM,
    WHATSAPP,
    begun,
    climbs,
    loses,
    named,
    sends,
)

from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, InboundMessage
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    contacts,
    delivery,
    intake,
    moving,
    registration,
)
from helpdesk.services.contacts import Person


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return begun(session)


@pytest.mark.parametrize(
    ("word", "status", "step"),
    [("1", CLOSED, "T13"), ("Belum", OPEN, "T12a"), ("Belum, uangnya belum masuk", OPEN, "T12c")],
)
def test_her_answer_by_sms_counts_whatever_waits_on_whatsapp(
    session: Session, ticket: Ticket, word: str, status: TicketStatus, step: str
) -> None:
    reply = answer(session, ticket, "Kami cek, Ibu.", now=LATER)
    assert sends(session, now=LATER) == ["T22"]
    decide(session, ticket, now=LATER + HOUR)
    decision = decision_in(session, ticket)
    sends(session, now=LATER + HOUR)
    climbs(session, now=LATER + DAY + HOUR)
    assert sends(session, SMS, now=LATER + DAY + HOUR)
    assert decision.channel == SMS
    tell(session, word, channel=SMS, now=LATER + DAY + 2 * HOUR)
    assert (ticket.status, steps_of(session, ticket.id)[-1]) == (status, step)
    # The conversation goes on where she writes; what waited comes too, and only there.
    gone = sends(session, SMS, now=LATER + DAY + 2 * HOUR)
    assert gone[0] == "Kami cek, Ibu."
    assert len(gone) == 2
    assert reply.channel == SMS
    assert session.get_one(Handle, ticket.handle_id).channel == SMS
    assert sends(session, now=LATER + DAY + 2 * HOUR) == []
    tell(session, "Halo", now=LATER + DAY + 3 * HOUR)
    assert "Kami cek, Ibu." not in sends(session, now=LATER + DAY + 3 * HOUR)
    where = SMS if status == CLOSED else WHATSAPP  # a greeting after the end is a conversation of its own
    assert session.get_one(Handle, ticket.handle_id).channel == where


def test_a_second_round_by_sms_is_heard_as_the_first(session: Session, ticket: Ticket) -> None:
    decide(session, ticket, now=NOW)
    loses(session, decision_in(session, ticket), now=NOW)
    assert sends(session, SMS, now=NOW)
    tell(session, "Belum", channel=SMS, now=NOW + HOUR)
    tell(session, "Uangnya dua ratus ribu belum kembali ke rekening saya", channel=SMS, now=NOW + HOUR)
    assert (ticket.status, len(sends(session, SMS, now=NOW + HOUR))) == (OPEN, 2)
    reply = answer(session, ticket, "Kami cek lagi, Ibu.", now=NOW + 2 * HOUR)
    assert reply.channel == SMS
    decide(session, ticket, now=NOW + 3 * HOUR)
    assert len(sends(session, SMS, now=NOW + 3 * HOUR)) == 2
    tell(session, "1", channel=SMS, now=NOW + 4 * HOUR)
    assert ticket.status == CLOSED


def test_a_request_about_her_data_is_found_where_its_answer_went(session: Session, ticket: Ticket) -> None:
    request = ticket_of(session, tell(session, "DATA", phone="+6281100001111", now=NOW))
    sends(session, now=NOW)
    decide(session, request, now=NOW)
    loses(session, decision_in(session, request), now=NOW)
    assert sends(session, SMS, now=NOW)
    heard = tell(session, "Belum, datanya salah", phone="+6281100001111", channel=SMS, now=NOW + HOUR)
    assert (heard.ticket_id, request.status) == (request.id, OPEN)


def two_by_sms(session: Session, first: Ticket) -> tuple[Ticket, Ticket]:
    """Two complaints of hers by WhatsApp, whose decisions went by SMS."""
    tell(session, OTHER, now=NOW)
    said = session.scalars(select(Message).where(Message.direction == Direction.IN)).all()[-1]
    second = session.get_one(Ticket, said.ticket_id)
    if second is first:
        second = moving.split(session, first.id, said.public_id, lender=LENDER, actor="user:x", now=NOW)
    sends(session, now=NOW)
    for each in (first, second):
        decide(session, each, now=NOW)
        loses(session, decision_in(session, each), now=NOW)
    assert len(sends(session, SMS, now=NOW)) == 2
    return first, second


@pytest.mark.parametrize("how", ["number", "quoted", "edit"])
def test_she_names_a_complaint_of_hers_from_another_address(
    session: Session, ticket: Ticket, how: str
) -> None:
    first, second = two_by_sms(session, ticket)
    words = f"Nomor {named(first)} belum beres bu, uangnya belum masuk"
    if how == "number":
        heard = tell(session, words, channel=SMS, now=NOW + HOUR)
    elif how == "quoted":
        tell(session, words, channel=SMS, external_id="SM-first", now=NOW + HOUR)
        tell(session, f"Nomor {named(second)} juga belum", channel=SMS, now=NOW + HOUR)
        heard = tell(session, "Yang ini bu", channel=SMS, reply_to_external_id="SM-first", now=NOW + 2 * HOUR)
    else:
        tell(session, words, channel=SMS, external_id="SM-first", now=NOW + HOUR)
        first.handle_id = contacts_whatsapp(session, first).id
        heard = tell(session, words, channel=SMS, edits="SM-first", now=NOW + 2 * HOUR)
    assert heard.ticket_id == first.id
    assert first.status == OPEN
    assert session.get_one(Handle, first.handle_id).channel == SMS
    assert session.get_one(Handle, second.handle_id).channel == (SMS if how == "quoted" else WHATSAPP)


def contacts_whatsapp(session: Session, ticket: Ticket) -> Handle:
    hers = select(Handle).where(Handle.contact_id == ticket.contact_id, Handle.channel == WHATSAPP)
    return session.scalars(hers).one()


def test_a_phone_of_two_moves_nothing_of_the_other(session: Session, ticket: Ticket) -> None:
    first, _second = two_by_sms(session, ticket)
    phone = session.get_one(Handle, decision_in(session, first).handle_id)
    other = contacts.stranger(session, session.get_one(Contact, first.contact_id), now=NOW)
    phone.is_shared, phone.contact_id = True, other.id
    heard = tell(session, f"Nomor {named(first)} uangnya belum masuk juga bu", channel=SMS, now=NOW + HOUR)
    assert heard.ticket_id != first.id
    assert first.handle_id == contacts_whatsapp(session, first).id
    assert first.status == RESOLVED


def test_what_waits_in_a_matter_about_staff_stays_where_only_she_reads_it(
    session: Session, ticket: Ticket
) -> None:
    ticket.is_about_staff = True
    reply = answer(session, ticket, "Kami sudah memeriksa petugas itu.", now=LATER)
    assert sends(session, now=LATER) == []
    tell(session, f"Nomor {named(ticket)} bagaimana kelanjutannya bu", channel=SMS, now=LATER + HOUR)
    assert len(sends(session, SMS, now=LATER + HOUR)) == 1  # what she asks for
    assert (reply.channel, item_of(session, reply).held_at) == (WHATSAPP, LATER)
    assert session.scalars(select(ContactTask.kind)).all() == ["call"]
    tell(session, "YA", now=LATER + 2 * HOUR)
    assert sends(session, now=LATER + 2 * HOUR) == ["Kami sudah memeriksa petugas itu."]


def registered(session: Session, channel: ChannelCode, text: str, **person: object) -> Ticket:
    """A complaint that the app files or staff write down."""
    filed = registration.Submission(channel=channel, text=text, person=Person(**person), received_at=NOW)  # type: ignore[arg-type]
    number = registration.register(session, filed, scope="web", key=None, lender=LENDER, now=NOW).number
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def test_a_number_that_staff_typed_reaches_no_other_complaint_of_hers(session: Session) -> None:
    """It is his whom she complains about: he entered paper of hers, and wrote his own number."""
    about_him = registered(session, ChannelCode.APP, "Petugas BP minta uang pelicin ke saya", mitra_id="M-77")
    paper = registered(session, ChannelCode.LWK, PAID, mitra_id="M-77", phone="+6285788889999")
    assert (about_him.contact_id, about_him.is_about_staff) == (paper.contact_id, True)
    sends(session, SMS, now=NOW)
    for word in (
        "STATUS",
        f"Nomor {named(about_him)} mohon kabarnya bu saya tunggu dari kemarin",
        "BATAL",
        "1",
    ):
        got = tell(session, word, phone="+6285788889999", channel=SMS, now=NOW + HOUR)
        assert got.ticket_id != about_him.id
        assert not any(named(about_him) in text for text in sends(session, SMS, now=NOW + HOUR))
    assert (about_him.status, about_him.handle_id) == (TicketStatus.NEW, None)


@pytest.mark.parametrize("word", ["Salah sambung", "siapa ini", "2"])
def test_a_stranger_at_a_typed_number_takes_no_conversation_over(session: Session, word: str) -> None:
    chat = InboundMessage(
        channel=TELEGRAM, external_id="9:1", address="990077", aliases=("tg:990077",), text=PAID
    )
    hers = ticket_of(session, intake.receive_message(session, chat, lender=LENDER, now=NOW))
    assert sends(session, TELEGRAM, now=NOW)
    registered(session, ChannelCode.PHONE, OTHER, contact_id=hers.contact_id, phone="+6285799990000")
    sends(session, SMS, now=NOW)
    decide(session, hers, now=NOW + HOUR)
    [claimed] = delivery.claim_due(session, TELEGRAM, now=NOW + HOUR)
    blocked = {"code": "403", "outcome": SendOutcome.OPTED_OUT}
    delivery.record_failure(session, claimed.outbox_id, **blocked, now=NOW + HOUR)  # type: ignore[arg-type]
    assert any(named(hers) in text for text in sends(session, SMS, now=NOW + HOUR))
    tell(session, word, phone="+6285799990000", channel=SMS, now=NOW + 2 * HOUR)
    assert session.get_one(Handle, hers.handle_id).channel == TELEGRAM
