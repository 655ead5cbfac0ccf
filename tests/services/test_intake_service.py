"""Messages by chat: each lands in one ticket and is answered as it deserves."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds, resolve, said, steps_of, tell, ticket_of

from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind, OptOut
from helpdesk.domain.numbers import format_number
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Attachment, Message
from helpdesk.services import tickets


def test_a_story_makes_one_complaint_with_category_severity_team_and_receipt(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    assert (ticket.kind, ticket.status, ticket.category_code) == (
        TicketKind.COMPLAINT,
        TicketStatus.NEW,
        "BYR-POST",
    )
    assert ticket.severity == "S2"
    assert ticket.severity_reasons
    assert ticket.routing_reason["team"] == "pembayaran"
    receipt, notice = said(session, ticket.id)
    assert notice.startswith("🔒")
    assert format_number(ticket.number) in receipt
    assert "Selasa, 24 November" in receipt


def test_a_repeat_of_the_same_message_changes_nothing(session: Session) -> None:
    first = tell(session, now=NOW, external_id="SMsame")
    again = tell(session, now=NOW, external_id="SMsame")
    assert (again.ticket_id, again.is_repeat) == (first.ticket_id, True)
    assert len(said(session, first.ticket_id, "in")) == 1
    assert steps_of(session, first.ticket_id) == ["T06", "T02"]


def test_a_bare_greeting_is_an_enquiry_and_the_story_after_it_becomes_the_complaint(session: Session) -> None:
    greeted = tell(session, "Assalamualaikum", now=NOW)
    ticket = ticket_of(session, greeted)
    assert (ticket.kind, ticket.acknowledged_at) == (TicketKind.ENQUIRY, None)
    assert "Gratis" in said(session, ticket.id)[-1]
    told = tell(session, now=NOW + timedelta(minutes=1))
    assert told.ticket_id == greeted.ticket_id
    assert (ticket.kind, ticket.category_code) == (TicketKind.COMPLAINT, "BYR-POST")
    assert format_number(ticket.number) in said(session, ticket.id)[-2]


def test_the_next_message_goes_into_the_same_open_ticket_without_a_second_receipt(session: Session) -> None:
    first = tell(session, now=NOW)
    second = tell(session, "Struknya ada di saya", now=NOW + timedelta(minutes=2))
    assert second.ticket_id == first.ticket_id
    assert steps_of(session, first.ticket_id).count("T06") == 1


def test_a_later_message_may_raise_the_severity_and_says_why(session: Session) -> None:
    ticket = ticket_of(session, tell(session, "angsuran saya jumlahnya salah", now=NOW))
    before = ticket.severity
    tell(session, "petugas juga mengancam mau bunuh saya sekarang", now=NOW + timedelta(minutes=1))
    assert ticket.severity < before
    assert "rated" in event_kinds(session, ticket.id)


def test_what_cannot_be_classified_still_gets_a_ticket_a_severity_and_the_triage_team(
    session: Session,
) -> None:
    ticket = ticket_of(session, tell(session, "xyzzy qwerty plugh", now=NOW))
    assert (ticket.category_code, ticket.routing_reason["team"]) == (None, "triage")
    assert ticket.severity in ("S3", "S4")
    assert steps_of(session, ticket.id) == ["T06", "T02"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😀😀😀",
        "a\0b",
        "\u202eterbalik\u202c",
        "<script>alert(1)</script> masalah angsuran",
        "x" * 100_000,
    ],
    ids=["empty", "emoji", "nul", "right-to-left", "html", "huge"],
)
def test_odd_texts_are_kept_and_harm_nothing(session: Session, text: str) -> None:
    received = tell(session, text, now=NOW)
    (kept,) = said(session, received.ticket_id, "in")
    assert kept == text.replace("\0", "")


def test_a_pin_is_gone_before_anything_is_written_and_the_mitra_is_warned(session: Session) -> None:
    received = tell(session, "angsuran saya salah, PIN saya 482913 tolong cek", now=NOW)
    ticket = ticket_of(session, received)
    assert "482913" not in ticket.subject
    assert "482913" not in said(session, ticket.id, "in")[0]
    assert any("ganti PIN" in text for text in said(session, ticket.id))


def test_a_photo_without_words_is_a_story_whose_file_waits_to_be_fetched(session: Session) -> None:
    ref = AttachmentRef("https://api.twilio.com/x", MediaKind.PHOTO, "image/jpeg")
    received = tell(session, "", now=NOW, files=(ref,))
    assert ticket_of(session, received).kind == TicketKind.COMPLAINT
    row = session.scalars(
        select(Attachment).join(Message).where(Message.ticket_id == received.ticket_id)
    ).one()
    assert (row.state, row.reference) == ("pending", ref.reference)


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        pytest.param({"latitude": "-6.2", "longitude": "106.8", "place": "Monas"}, "[Lokasi]", id="place"),
        pytest.param({"contact_phone": "+6285711112222"}, "[Nomor HP]", id="own number"),
        pytest.param({"unsupported": "poll"}, "[Pesan tanpa teks]", id="unsupported"),
    ],
)
def test_a_story_without_words_is_called_by_what_it_is(
    session: Session, facts: dict[str, str], subject: str
) -> None:
    assert ticket_of(session, tell(session, "", now=NOW, facts=facts)).subject == subject


def test_status_by_chat_tells_number_and_promise(session: Session) -> None:
    first = tell(session, now=NOW)
    tell(session, "STATUS", now=NOW + timedelta(minutes=1))
    answer = said(session, first.ticket_id)[-1]
    assert format_number(ticket_of(session, first).number) in answer
    assert "Diterima" in answer


def test_status_without_a_complaint_offers_to_tell_one(session: Session) -> None:
    received = tell(session, "STATUS", now=NOW, phone="+6285799998888")
    assert "Belum ada pengaduan" in said(session, received.ticket_id)[-1]


def test_writing_while_we_wait_for_her_opens_the_ticket_again(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="system", now=NOW)
    tell(session, "ini buktinya bu", now=NOW + timedelta(hours=1))
    assert ticket.status == TicketStatus.OPEN


def test_yes_after_the_answer_closes_and_a_digit_then_rates(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    resolve(session, ticket, now=NOW)
    assert ticket.status == TicketStatus.RESOLVED
    answer = said(session, ticket.id)[-1]
    assert format_number(ticket.number) in answer
    assert "sudah selesai? Balas *1* kalau sudah" in answer
    tell(session, "SUDAH", now=NOW + timedelta(hours=1))
    assert ticket.status == TicketStatus.CLOSED
    tell(session, "5", now=NOW + timedelta(hours=2))
    assert session.get_one(Rating, ticket.id).score == 5


def test_no_after_the_answer_opens_the_same_ticket_again(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    resolve(session, ticket, now=NOW)
    received = tell(session, "BELUM", now=NOW + timedelta(hours=1))
    assert (received.ticket_id, ticket.status, ticket.reopened_count) == (ticket.id, TicketStatus.OPEN, 1)


def test_a_new_story_after_closing_is_a_new_complaint(session: Session) -> None:
    ticket = ticket_of(session, tell(session, now=NOW))
    resolve(session, ticket, now=NOW)
    tell(session, "SUDAH", now=NOW + timedelta(hours=1))
    again = tell(session, "petugas minta uang rokok ke saya", now=NOW + timedelta(hours=2))
    assert again.ticket_id != ticket.id


def test_stop_is_kept_and_never_drops_the_message(session: Session) -> None:
    received = tell(session, "STOP", now=NOW, opt_out=OptOut.STOP, is_provider_answered=True)
    handle = session.get_one(Handle, ticket_of(session, received).handle_id)
    assert handle.opted_out_at == NOW
    assert said(session, received.ticket_id, "in") == ["STOP"]
    assert said(session, received.ticket_id) == []


def test_the_same_phone_by_sms_and_whatsapp_is_one_contact(session: Session) -> None:
    by_chat = ticket_of(session, tell(session, now=NOW))
    by_sms = ticket_of(session, tell(session, now=NOW, channel=ChannelCode.SMS))
    assert by_chat.contact_id == by_sms.contact_id
    assert by_chat.id != by_sms.id


def test_a_sender_without_a_phone_gets_a_ticket_and_an_answer(session: Session) -> None:
    from helpdesk.domain.messages import InboundMessage
    from helpdesk.services import intake

    inbound = InboundMessage(
        ChannelCode.WHATSAPP, "SMbsuid", "whatsapp:ID.45663", ("bsuid:ID.45663",), text=PAID
    )
    received = intake.receive_message(session, inbound, lender=LENDER, now=NOW)
    ticket = ticket_of(session, received)
    assert session.get_one(Contact, ticket.contact_id).phone is None
    assert steps_of(session, ticket.id) == ["T06", "T02"]


def test_the_search_words_are_digests_only(session: Session) -> None:
    from helpdesk.crypto import keys_of
    from helpdesk.models.tickets import TicketWord

    received = tell(session, "angsuran belum dicatat", now=NOW)
    words = set(session.scalars(select(TicketWord.word).where(TicketWord.ticket_id == received.ticket_id)))
    assert keys_of(session).digest("word", "dicatat") in words
    assert b"dicatat" not in words
    assert (
        session.scalar(
            select(func.count()).select_from(TicketWord).where(TicketWord.ticket_id == received.ticket_id)
        )
        >= 3
    )
