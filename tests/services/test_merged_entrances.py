"""Whatever comes for a ticket that was merged lands at the end of its chain, under the number that she knows."""

from datetime import timedelta

import pytest
from installing import NOW
from merge_samples import AGENT, PHONE, complaint, person
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, message, resolve, said, tell

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport
from helpdesk.domain.numbers import format_number
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import OutboxItem
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit_check import verify
from helpdesk.queries.public import public_ticket, public_view
from helpdesk.services import answers, complaints, delivery, intake, merging, moving, public_form, replies
from helpdesk.services.public_form import Addition
from helpdesk.services.registration import add_to, ticket_by_number

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATER = NOW + HOUR
STORY = "kwitansi saya hilang waktu banjir kemarin"


@pytest.fixture
def handle(session: Session) -> Handle:
    return person(session)[1]


@pytest.fixture
def chain(session: Session, handle: Handle) -> tuple[Ticket, Ticket, Ticket]:
    """A in B in C, and a newer complaint beside them in which she spoke last."""
    texts = ("angsuran belum masuk", "uang salah potong", "setoran hilang")
    a, b, c = (
        complaint(session, handle, text, at=NOW - (3 - nth) * MINUTE, external_id=f"SMchain{nth}")
        for nth, text in enumerate(texts)
    )
    merging.merge(session, a.id, target_id=b.id, actor=AGENT, now=NOW)
    merging.merge(session, b.id, target_id=c.id, actor=AGENT, now=NOW)
    complaint(session, handle, "mau ganti nomor hp", at=NOW)
    return a, b, c


@pytest.mark.parametrize("hint", ["quotation", "number", "edit"])
def test_a_chat_message_for_the_first_lands_in_the_last(
    session: Session, chain: tuple[Ticket, Ticket, Ticket], hint: str
) -> None:
    a, _, c = chain
    match hint:
        case "quotation":
            received = tell(session, STORY, now=LATER, reply_to_external_id="SMchain0")
        case "number":
            received = tell(session, f"{STORY} {format_number(a.number)}", now=LATER)
        case _:
            received = tell(session, STORY, now=LATER, edits="SMchain0")
    assert received.ticket_id == c.id
    assert (a.status, c.last_inbound_at) == (TicketStatus.CLOSED, LATER)
    assert verify(session) is None


def test_without_a_hint_it_lands_there_too_where_she_spoke_there_last(
    session: Session, handle: Handle
) -> None:
    a = complaint(session, handle, at=NOW)
    b = complaint(session, handle, at=NOW - HOUR)
    merging.merge(session, a.id, target_id=b.id, actor=AGENT, now=NOW)
    assert tell(session, STORY, now=LATER).ticket_id == b.id


def test_a_repeat_of_what_came_before_the_merge_changes_nothing(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    again = intake.receive_message(session, message(external_id="SMchain0"), lender=LENDER, now=LATER)
    assert (again.is_repeat, again.ticket_id) == (True, chain[2].id)


def test_status_by_chat_and_on_the_web_tells_of_the_last_under_her_number(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, _, c = chain
    replies.reply(
        session, c.id, "Kami cek.", author_id=None, actor=AGENT, seen_message_id=None, lender=LENDER, now=NOW,
        then_status=TicketStatus.ON_HOLD,
    )  # fmt: skip
    landed = tell(session, f"STATUS {format_number(a.number)}", now=LATER)
    told = said(session, landed.ticket_id)[-1]
    assert format_number(a.number) in told
    assert "selesai" not in told.lower().split("\n")[0]
    view = public_view(session, a.number, digits=PHONE[-4:])
    assert (view.number, view.status, view.received_at) == (a.number, TicketStatus.ON_HOLD, c.received_at)
    assert [said.text for said in public_ticket(session, a.number).messages][:1] == ["angsuran belum masuk"]


def test_words_from_the_web_and_the_app_land_in_the_last(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, _, c = chain
    public_form.add(session, a.number, Addition(text="dari web", key="k"), keys=(), now=LATER)
    add_to(session, a.number, "dari aplikasi", channel=ChannelCode.APP, now=LATER)
    assert said(session, c.id, "in")[-2:] == ["dari web", "dari aplikasi"]


def test_her_word_to_the_answer_and_her_rating_are_of_the_last(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, _, c = chain
    resolve(session, c, now=NOW)
    answers.answer(session, a.number, is_accepted=False, channel=ChannelCode.APP, now=LATER)
    assert (a.status, c.status, c.reopened_count) == (TicketStatus.CLOSED, TicketStatus.OPEN, 1)
    complaints.rate(session, ticket_by_number(session, a.number), 5, now=LATER)
    assert session.scalars(select(Rating.ticket_id)).all() == [c.id]


def test_what_waits_to_be_sent_goes_out_and_its_report_finds_it(session: Session, handle: Handle) -> None:
    a, b = complaint(session, handle, at=NOW - HOUR), complaint(session, handle, at=NOW - HOUR)
    reply = replies.reply(
        session, a.id, "Baik, Ibu.", author_id=None, actor=AGENT, seen_message_id=None, lender=LENDER, now=NOW
    )
    merging.merge(session, a.id, target_id=b.id, actor=AGENT, now=NOW)
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=LATER)
    item = session.scalars(select(OutboxItem.id).where(OutboxItem.message_id == reply.id)).one()
    delivery.record_sent(session, item, external_id="SMout", now=LATER)
    delivery.apply_report(
        session, DeliveryReport(ChannelCode.WHATSAPP, "SMout", DeliveryStatus.DELIVERED), now=LATER
    )
    session.refresh(reply)
    assert (reply.ticket_id, reply.delivery) == (b.id, DeliveryStatus.DELIVERED)
    merging.unmerge(session, a.id, actor=AGENT, now=LATER)
    assert said(session, a.id) == ["Baik, Ibu."]


def test_a_message_moved_to_a_merged_ticket_goes_to_the_one_that_stands_for_it(
    session: Session, chain: tuple[Ticket, Ticket, Ticket], handle: Handle
) -> None:
    a, _, c = chain
    other = complaint(session, handle, "lagi", at=NOW)
    moved = moving.newest_of_hers(session, other)
    moving.into_ticket(session, other.id, moved.public_id, target_id=a.id, actor=AGENT, now=LATER)
    assert moved.ticket_id == c.id
    assert a.status == TicketStatus.CLOSED


def test_who_turns_out_to_be_another_takes_all_of_it_along(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    other = Contact(public_id="other", created_at=NOW)
    session.add(other)
    session.flush()
    c.contact_id = other.id
    merging.follow_contact(session, c)
    session.expire_all()
    assert {ticket.contact_id for ticket in (a, b, c)} == {other.id}
