"""The conversation by chat: what our own texts offer is understood, and each word gets an answer that is true."""

from datetime import datetime, timedelta

import pytest
from factories import make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import PAID, event_kinds, resolve, said, step_of, steps_of, tell, ticket_of

from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.domain.numbers import format_number
from helpdesk.models.complaints import Rating, Resolution
from helpdesk.models.contacts import Contact
from helpdesk.models.people import Notification, Role
from helpdesk.models.tickets import Ticket
from helpdesk.services.contacts import Person, contact_for
from helpdesk.services.intake import Received
from helpdesk.services.tickets import add_note

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TELEGRAM = {"channel": ChannelCode.TELEGRAM}
NIGHT = NOW + timedelta(hours=12)
"""22.00 in Jakarta."""


def told(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


def rated(session: Session, score: str) -> Ticket:
    """A complaint that she rated two hours after it came in."""
    ticket = told(session)
    resolve(session, ticket, now=NOW)
    tell(session, "SUDAH", now=NOW + HOUR)
    tell(session, score, now=NOW + 2 * HOUR)
    return ticket


def notices(session: Session, ticket: Ticket) -> list[tuple[int, str]]:
    rows = session.scalars(
        select(Notification).where(Notification.ticket_id == ticket.id).order_by(Notification.id)
    )
    return [(row.user_id, row.kind) for row in rows]


@pytest.mark.parametrize(
    ("words", "step"),
    [((), "T13"), (("BERHENTI",), "T13c"), (("BERHENTI", "MULAI"), "T13")],
    ids=["not asked to stop", "asked to stop", "wants them again"],
)
def test_who_was_promised_no_more_surveys_is_thanked_and_not_asked(
    session: Session, words: tuple[str, ...], step: str
) -> None:
    ticket = told(session)
    for word in words:
        tell(session, word, now=NOW + MINUTE)
    resolve(session, ticket, now=NOW + HOUR)
    tell(session, "sudah", now=NOW + 2 * HOUR)
    assert (ticket.status, step_of(session, ticket.id)) == (TicketStatus.CLOSED, step)


class TestAfterALowRating:
    def test_her_next_words_are_the_comment_and_the_supervisor_hears_of_both(self, session: Session) -> None:
        leader = make_user(session, Role.SUPERVISOR)
        ticket = rated(session, "2")
        received = tell(session, "nunggunya lama sekali bu", now=NOW + 3 * HOUR)
        assert (received.ticket_id, ticket.status) == (ticket.id, TicketStatus.CLOSED)
        assert session.get_one(Rating, ticket.id).comment == "nunggunya lama sekali bu"
        assert step_of(session, ticket.id) == "T13d"
        told_of = [kind for user_id, kind in notices(session, ticket) if user_id == leader.id]
        assert told_of == ["low_rating", "rating_commented"]
        assert "rating_commented" in event_kinds(session, ticket.id)

    def test_a_comment_in_several_messages_and_by_voice_is_one(self, session: Session) -> None:
        ticket = rated(session, "1")
        at = NOW + 3 * HOUR
        voice = AttachmentRef("ref", MediaKind.VOICE, "audio/ogg")
        parts = [tell(session, "lama", now=at), tell(session, "", now=at + MINUTE, files=(voice,))]
        assert {part.ticket_id for part in parts} == {ticket.id}
        assert session.get_one(Rating, ticket.id).comment == "lama\n[Pesan suara]"
        assert tell(session, "angsuran saya dobel", now=at + HOUR).ticket_id != ticket.id

    @pytest.mark.parametrize("word", ["Assalamualaikum", "LAPOR", "0"])
    def test_a_greeting_or_a_command_starts_anew(self, session: Session, word: str) -> None:
        ticket = rated(session, "1")
        anew = tell(session, word, now=NOW + 3 * HOUR)
        story = tell(session, "angsuran saya dobel", now=NOW + 3 * HOUR + MINUTE)
        assert anew.ticket_id == story.ticket_id != ticket.id
        assert ticket_of(session, story).kind == TicketKind.COMPLAINT

    @pytest.mark.parametrize(
        ("score", "text", "after"),
        [
            pytest.param("2", "angsuran saya dobel", timedelta(hours=25), id="a day later"),
            pytest.param("5", "angsuran saya dobel", HOUR, id="good rating"),
            pytest.param("1", "petugas memukul suami saya", HOUR, id="would be an S1"),
        ],
    )
    def test_a_new_complaint_is_still_one(
        self, session: Session, score: str, text: str, after: timedelta
    ) -> None:
        ticket = rated(session, score)
        again = tell(session, text, now=NOW + 2 * HOUR + after)
        assert again.is_new_ticket
        assert ticket_of(session, again).acknowledged_at is not None
        assert ticket.closed_at == NOW + HOUR

    def test_the_words_of_the_menu_rate_as_its_digits_do(self, session: Session) -> None:
        assert session.get_one(Rating, rated(session, "Sangat puas").id).score == 5


class TestBeforeTheStory:
    def test_a_number_after_the_greeting_brings_the_menu_whose_lines_work(self, session: Session) -> None:
        ticket = ticket_of(session, tell(session, "halo", now=NOW))
        tell(session, "3", now=NOW + MINUTE)
        assert step_of(session, ticket.id) == "T04"
        tell(session, "9", now=NOW + 2 * MINUTE)
        assert step_of(session, ticket.id) == "T18"
        tell(session, "1", now=NOW + 3 * MINUTE)
        assert (ticket.kind, ticket.category_code) == (TicketKind.COMPLAINT, "BYR-SALDO")
        assert format_number(ticket.number) in said(session, ticket.id)[-2]
        assert steps_of(session, ticket.id)[-2:] == ["T06", "T02"]
        tell(session, "angsuran saya jumlahnya salah", now=NOW + 4 * MINUTE)
        assert ticket.subject == "angsuran saya jumlahnya salah"

    def test_two_misses_in_a_row_bring_a_person(self, session: Session) -> None:
        ticket = ticket_of(session, tell(session, "halo", now=NOW))
        for minutes, digit in enumerate(("3", "9", "8"), start=1):
            tell(session, digit, now=NOW + minutes * MINUTE)
        assert step_of(session, ticket.id) == "T15"

    @pytest.mark.parametrize("word", ["YA", "ya bu", "SELESAI", "sudah", "belum", "LAPOR", "LEWAT", "yes"])
    def test_a_short_word_is_asked_for_the_story(self, session: Session, word: str) -> None:
        ticket = ticket_of(session, tell(session, "STATUS", now=NOW))
        assert step_of(session, ticket.id) == "T08b"
        tell(session, word, now=NOW + MINUTE)
        assert step_of(session, ticket.id) == "T05"

    def test_the_same_guidance_is_not_said_again_at_once(self, session: Session) -> None:
        ticket = ticket_of(session, tell(session, "halo", now=NOW))
        for minute in range(1, 41):
            tell(session, "P", now=NOW + minute * MINUTE / 4)
        assert len(said(session, ticket.id)) == 1
        tell(session, "P", now=NOW + HOUR)
        assert len(said(session, ticket.id)) == 2

    def test_what_our_start_page_puts_into_her_mouth_is_no_story_yet(self, session: Session) -> None:
        ticket = ticket_of(session, tell(session, "Saya mau cerita.", now=NOW))
        assert (ticket.kind, step_of(session, ticket.id)) == (TicketKind.ENQUIRY, "T05")

    def test_forty_short_messages_are_one_complaint_with_one_receipt(self, session: Session) -> None:
        first = tell(session, "bu", now=NOW)
        words = ["saya", "mau", "bilang", "uang", "angsuran", "saya", "belum", "masuk", "ya", "😡"] * 4
        for place, word in enumerate(words, start=1):
            assert tell(session, word, now=NOW + place * timedelta(seconds=9)).ticket_id == first.ticket_id
        assert len(said(session, first.ticket_id, "in")) == 41
        steps = steps_of(session, first.ticket_id)
        assert (steps[:3], steps.count("T06"), len(steps)) == (["T01", "T06", "T02"], 1, 7)

    def test_her_own_number_tells_nothing_yet_but_is_kept_and_finds_her(self, session: Session) -> None:
        facts = {"contact_phone": "+6285711113333", "contact_name": "Ratna"}
        chat = {"channel": ChannelCode.TELEGRAM, "phone": "+6285711113333"}
        first = tell(session, "halo", now=NOW, **chat)
        contact = session.get_one(Contact, ticket_of(session, first).contact_id)
        contact.phone = contact.phone_digest = None
        again = tell(session, "", now=NOW + MINUTE, facts=facts, **chat)
        assert again.ticket_id == first.ticket_id
        assert ticket_of(session, again).kind == TicketKind.ENQUIRY
        assert contact.phone == "+6285711113333"
        assert contact.phone_digest is not None


class TestAnEdit:
    """Telegram lets her change what she has sent; each version comes as a message of its own."""

    def mend(
        self, session: Session, text: str, *, now: datetime, of: str = "7:1", **more: object
    ) -> Received:
        return tell(
            session, text, now=now, external_id=f"{of}:{now.timestamp()}", edits=of, **TELEGRAM, **more
        )

    def first(self, session: Session, text: str = PAID) -> Ticket:
        return ticket_of(session, tell(session, text, now=NOW, external_id="7:1", **TELEGRAM))

    def test_of_a_closed_complaint_stays_in_it_and_is_not_answered(self, session: Session) -> None:
        ticket = self.first(session)
        resolve(session, ticket, now=NOW)
        tell(session, "SUDAH", now=NOW + HOUR, **TELEGRAM)
        before = said(session, ticket.id)
        mended = self.mend(session, PAID + " juga", now=NOW + 2 * HOUR)
        assert (mended.ticket_id, mended.is_new_ticket, ticket.status) == (
            ticket.id,
            False,
            TicketStatus.CLOSED,
        )
        assert said(session, ticket.id) == before
        assert said(session, ticket.id, "in")[-1] == PAID + " juga"

    def test_that_only_now_tells_of_a_danger_is_a_complaint_with_its_number(self, session: Session) -> None:
        ticket = self.first(session)
        resolve(session, ticket, now=NOW)
        tell(session, "SUDAH", now=NOW + HOUR, **TELEGRAM)
        mended = self.mend(session, "petugas memukul suami saya", now=NOW + 2 * HOUR)
        anew = ticket_of(session, mended)
        assert (mended.is_new_ticket, anew.severity) == (True, "S1")
        assert steps_of(session, anew.id) == ["T06", "T20"]
        again = self.mend(session, "petugas memukul suami saya!", now=NOW + 2 * HOUR + MINUTE)
        assert again.ticket_id == anew.id

    def test_of_an_older_complaint_is_put_there_and_not_into_her_newest(self, session: Session) -> None:
        older = self.first(session)
        resolve(session, older, now=NOW)
        tell(session, "SUDAH", now=NOW + HOUR, **TELEGRAM)
        newer = tell(session, "angsuran saya dobel", now=NOW + 2 * HOUR, **TELEGRAM)
        mended = self.mend(session, PAID + " juga", now=NOW + 3 * HOUR)
        assert mended.ticket_id == older.id != newer.ticket_id

    def test_of_words_that_we_never_got_is_acknowledged_as_any_story(self, session: Session) -> None:
        ticket = ticket_of(session, self.mend(session, PAID, now=NOW))
        assert (ticket.acknowledged_at, steps_of(session, ticket.id)) == (NOW, ["T06", "T02"])

    def test_after_the_answer_is_heard_as_an_objection(self, session: Session) -> None:
        ticket = self.first(session)
        resolve(session, ticket, now=NOW)
        self.mend(session, PAID + ", sampai hari ini", now=NOW + HOUR)
        assert (ticket.status, step_of(session, ticket.id)) == (TicketStatus.OPEN, "T12c")

    def test_of_a_yes_into_a_no_opens_the_closed_complaint_again(self, session: Session) -> None:
        ticket = self.first(session)
        resolve(session, ticket, now=NOW)
        tell(session, "SUDAH", now=NOW + HOUR, external_id="7:2", **TELEGRAM)
        self.mend(session, "BELUM", now=NOW + HOUR + MINUTE, of="7:2")
        assert (ticket.status, step_of(session, ticket.id)) == (TicketStatus.OPEN, "T12a")

    def test_of_a_greeting_into_the_story_is_the_complaint(self, session: Session) -> None:
        ticket = self.first(session, "halo")
        self.mend(session, f"halo, {PAID}", now=NOW + MINUTE)
        assert (ticket.kind, steps_of(session, ticket.id)) == (TicketKind.COMPLAINT, ["T01", "T06", "T02"])

    def test_of_a_story_in_work_is_weighed_and_needs_no_answer(self, session: Session) -> None:
        ticket = self.first(session)
        self.mend(session, "petugas mengancam mau bunuh saya sekarang", now=NOW + MINUTE)
        assert (ticket.severity, steps_of(session, ticket.id)) == ("S1", ["T06", "T02"])

    def test_of_a_comment_on_a_rating_is_no_second_comment(self, session: Session) -> None:
        ticket = self.first(session)
        resolve(session, ticket, now=NOW)
        tell(session, "SUDAH", now=NOW + HOUR, **TELEGRAM)
        tell(session, "2", now=NOW + HOUR + MINUTE, **TELEGRAM)
        tell(session, "nunggunya lma", now=NOW + HOUR + 2 * MINUTE, external_id="7:3", **TELEGRAM)
        self.mend(session, "nunggunya lama", now=NOW + HOUR + 3 * MINUTE, of="7:3")
        assert session.get_one(Rating, ticket.id).comment == "nunggunya lma"
        assert said(session, ticket.id, "in")[-1] == "nunggunya lama"


class TestWords:
    def test_withdrawing_asks_first_and_then_closes(self, session: Session) -> None:
        ticket = told(session)
        tell(session, "BATAL", now=NOW + MINUTE)
        assert (step_of(session, ticket.id), ticket.status) == ("T17b", TicketStatus.NEW)
        tell(session, "1 Ya, batalkan", now=NOW + 2 * MINUTE)
        assert (step_of(session, ticket.id), ticket.status) == ("T17c", TicketStatus.CLOSED)
        outcome = session.scalars(select(Resolution).where(Resolution.ticket_id == ticket.id)).one()
        assert (outcome.disposition, outcome.resolved_by) == ("withdrawn", "contact")

    @pytest.mark.parametrize("word", ["2", "tidak", "Tidak, lanjutkan", "No, keep it"])
    def test_a_withdrawal_that_is_not_meant_changes_nothing(self, session: Session, word: str) -> None:
        ticket = told(session)
        tell(session, "BATAL", now=NOW + MINUTE)
        tell(session, word, now=NOW + 2 * MINUTE)
        assert (step_of(session, ticket.id), ticket.status) == ("T17e", TicketStatus.NEW)

    def test_without_a_complaint_there_is_nothing_to_withdraw(self, session: Session) -> None:
        assert step_of(session, tell(session, "BATAL", now=NOW).ticket_id) == "T08b"

    def test_data_is_answered_with_a_date_and_those_who_decide_are_told(self, session: Session) -> None:
        officer = make_user(session, Role.COMPLIANCE)
        told(session)
        ticket = ticket_of(session, tell(session, "DATA", now=NOW + MINUTE))
        assert "26 Nov 10.01" in said(session, ticket.id)[-1]
        tell(session, "3 Hapus", now=NOW + 2 * MINUTE)
        assert step_of(session, ticket.id) == "T23b"
        assert [kind for user, kind in notices(session, ticket) if user == officer.id] == [
            "data_requested"
        ] * 2
        assert event_kinds(session, ticket.id).count("data_requested") == 2

    def test_data_after_closing_is_a_ticket_that_somebody_sees(self, session: Session) -> None:
        ticket = rated(session, "5")
        asked = ticket_of(session, tell(session, "DATA", now=NOW + 3 * HOUR))
        assert (asked.id != ticket.id, asked.status) == (True, TicketStatus.NEW)

    @pytest.mark.parametrize(("at", "step"), [(NOW + MINUTE, "T15"), (NIGHT, "T16")], ids=["office", "night"])
    def test_a_person_is_promised_for_when_there_is_one(self, session: Session, at, step: str) -> None:  # type: ignore[no-untyped-def]
        ticket = told(session)
        tell(session, "0", now=at)
        assert step_of(session, ticket.id) == step
        if step == "T16":
            assert "Selasa mulai jam 08.00" in said(session, ticket.id)[-1]

    def test_asking_for_a_person_after_the_answer_opens_the_ticket_again(self, session: Session) -> None:
        ticket = told(session)
        resolve(session, ticket, now=NOW)
        tell(session, "bicara petugas", now=NOW + HOUR)
        assert (ticket.status, ticket.reopened_count) == (TicketStatus.OPEN, 1)

    def test_done_after_the_story_is_answered(self, session: Session) -> None:
        ticket = told(session)
        for place, word in enumerate(("ya", "LEWAT", "betul", "SELESAI"), start=1):
            tell(session, word, now=NOW + place * MINUTE / 10)
        assert steps_of(session, ticket.id) == ["T06", "T02", "T03b", "T04b", "T05", "T07"]
        tell(session, "LAPOR", now=NOW + 2 * MINUTE)
        assert step_of(session, ticket.id) == "T05b"

    def test_short_answers_to_a_person_are_left_to_the_person(self, session: Session) -> None:
        ticket = told(session)
        add_note(session, ticket.id, "Saya urus", author_id=None, actor="system", now=NOW + MINUTE)
        for place, word in enumerate(("ya", "tidak", "3", "sudah", "👍"), start=2):
            tell(session, word, now=NOW + place * MINUTE)
        assert steps_of(session, ticket.id) == ["T06", "T02"]

    def test_stop_and_then_a_complaint_is_a_complaint(self, session: Session) -> None:
        stopped = tell(session, "STOP", now=NOW)
        assert step_of(session, stopped.ticket_id) == "T17"
        ticket = ticket_of(session, tell(session, now=NOW + MINUTE))
        assert (ticket.id, ticket.kind) == (stopped.ticket_id, TicketKind.COMPLAINT)
        assert steps_of(session, ticket.id)[:2] == ["T17", "T06"]

    @pytest.mark.parametrize("channel", [ChannelCode.SMS, ChannelCode.WHATSAPP, ChannelCode.TELEGRAM])
    def test_an_english_speaker_is_answered_in_english(self, session: Session, channel: ChannelCode) -> None:
        ticket = ticket_of(
            session, tell(session, "My money is gone and the officer did not come", now=NOW, channel=channel)
        )
        tell(session, "WITHDRAW", now=NOW + MINUTE, channel=channel)
        tell(session, "Yes, cancel it", now=NOW + 2 * MINUTE, channel=channel)
        assert said(session, ticket.id)[-1].startswith("All right. Complaint number")


class TestTheNumber:
    def test_her_complaint_of_the_web_form_is_told_by_its_number(self, session: Session) -> None:
        web = told(session)
        phone = "+6285744445555"
        session.get_one(Contact, web.contact_id)
        owner = contact_for(session, Person(phone=phone), now=NOW)
        web.contact_id = owner.id
        asked = tell(session, f"Nomor pengaduan saya {format_number(web.number)}", now=NOW, phone=phone)
        assert ticket_of(session, asked).kind == TicketKind.ENQUIRY
        assert format_number(web.number) in said(session, asked.ticket_id)[-1]
        assert "Diterima" in said(session, asked.ticket_id)[-1]

    def test_that_of_somebody_else_is_not_told(self, session: Session) -> None:
        other = told(session)
        asked = tell(session, format_number(other.number), now=NOW, phone="+6285744445555")
        assert step_of(session, asked.ticket_id) == "T08d"


def test_two_people_on_one_phone_write_into_one_open_complaint(session: Session) -> None:
    """Who writes is not known: nothing is lost, and a person sees both stories side by side."""
    first = tell(session, now=NOW)
    second = tell(session, "ini suaminya, petugas minta uang rokok", now=NOW + HOUR)
    assert second.ticket_id == first.ticket_id
    assert len(said(session, first.ticket_id, "in")) == 2


def test_a_voice_first_is_a_complaint(session: Session) -> None:
    voice = AttachmentRef("ref", MediaKind.VOICE, "audio/ogg")
    ticket = ticket_of(session, tell(session, "", now=NOW, files=(voice,), channel=ChannelCode.TELEGRAM))
    assert (ticket.kind, ticket.subject, steps_of(session, ticket.id)) == (
        TicketKind.COMPLAINT,
        "[Pesan suara]",
        ["T06", "T02"],
    )


def test_a_photo_with_a_digit_below_rates_nothing(session: Session) -> None:
    ticket = told(session)
    resolve(session, ticket, now=NOW)
    tell(session, "SUDAH", now=NOW + HOUR)
    photo = AttachmentRef("ref", MediaKind.PHOTO, "image/jpeg")
    again = tell(session, "5", now=NOW + 2 * HOUR, files=(photo,))
    assert session.get(Rating, ticket.id) is None
    assert ticket_of(session, again).kind == TicketKind.COMPLAINT
