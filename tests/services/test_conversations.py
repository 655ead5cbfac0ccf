"""Every conversation of design.md 3, on each channel and in both languages: her words, and the steps we answer with."""

from datetime import datetime, timedelta

import pytest
from factories import make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, resolve, said, steps_of
from talker import HOUR, MINUTE, NIGHT, OTHER, PAID, VOICE, Talk

from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.wording import Language
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import Notification, Role
from helpdesk.services import chat_nudges, replies, sla, tickets
from helpdesk.sla.policy import Metric


def test_from_the_story_to_the_farewell(chat: Talk) -> None:
    assert chat.story() == ["T06", "T02"]
    assert chat.says(chat.words("Ya, lanjut", "Yes, go on")) == ["T03b"]
    assert chat.says("Siti Aminah, Sukamaju") == ["T04b"]
    assert chat.says(chat.words("Betul", "Yes")) == ["T05"]
    assert chat.says(chat.words("tanggal 3, 150 ribu", "on the 3rd, 150 thousand")) == []
    assert chat.says("", files=(VOICE,)) == []
    assert chat.says(chat.words("SELESAI", "DONE")) == ["T07"]
    contact = chat.session.get_one(Contact, chat.ticket.contact_id)
    assert (contact.name, contact.village) == ("Siti Aminah", "Sukamaju")
    assert contact.notice_shown_at is not None
    assert chat.ticket.category_source == "contact"
    assert chat.ticket.language == chat.language
    assert len(said(chat.session, chat.ticket.id, "in")) == 7


def test_an_sms_is_answered_with_what_is_needed_only(session: Session) -> None:
    for language, phone in (("id", "+6285711110001"), ("en", "+6285711110002")):
        sms = Talk(session, ChannelCode.SMS, Language(language), phone=phone)
        assert sms.story() == ["T06", "T02", "T03b"]
        assert sms.says("Siti Aminah, Sukamaju") == []
        assert session.get_one(Contact, sms.ticket.contact_id).name == "Siti Aminah"


def test_an_unclear_sms_is_asked_what_it_is_about(session: Session) -> None:
    sms = Talk(session, ChannelCode.SMS, Language.ID)
    assert sms.says("tolong bantu saya bu soal kemarin itu") == ["T06", "T02", "T04"]
    assert sms.says("1") == ["T03b"]
    assert sms.ticket.category_code == "BYR-SALDO"


def test_a_greeting_is_greeted_and_the_story_gets_the_number(talk: Talk) -> None:
    assert talk.says(talk.words("Assalamualaikum", "hello")) == ["T01"]
    assert talk.ticket.kind == TicketKind.ENQUIRY
    assert talk.story()[0] == "T06"
    assert talk.ticket.kind == TicketKind.COMPLAINT


def test_who_does_not_agree_is_offered_a_call_and_complains_all_the_same(chat: Talk) -> None:
    chat.story()
    assert chat.says(chat.words("Tidak", "No")) == ["T02b"]
    assert chat.says("1") == ["T02c"]
    assert "call_wanted" in event_kinds(chat.session, chat.ticket.id)
    task = chat.session.scalars(select(ContactTask)).one()
    assert (task.kind, task.reason, task.done_at) == ("call", "asked", None)
    assert task.due_at == sla.promised(chat.session, chat.ticket)[Metric.FIRST_RESPONSE]
    assert chat.ticket.status == TicketStatus.NEW


def test_who_wants_no_call_either_is_left_in_peace(chat: Talk) -> None:
    chat.story()
    chat.says(chat.words("Tidak", "No"))
    assert chat.says(chat.words("Tidak usah", "No, thank you")) == ["T02d"]
    assert chat.ticket.status == TicketStatus.NEW


def test_a_guess_that_is_wrong_brings_the_menu(chat: Talk) -> None:
    chat.story()
    chat.says(chat.words("ya", "yes"))
    chat.says(chat.words("LEWAT", "SKIP"))
    assert chat.says(chat.words("Bukan", "No")) == ["T04"]
    assert chat.says(chat.words("2. Uang pinjaman", "2. Loan money")) == ["T05"]
    assert chat.ticket.category_source == "contact"


def test_more_words_at_a_question_are_story_and_nothing_is_lost(chat: Talk) -> None:
    chat.story()
    assert chat.says(chat.words("struknya ada di saya", "I have the receipt")) == ["T03b"]
    assert chat.says("", files=(VOICE,)) == []
    assert chat.says(chat.words("tolong dicek bu", "please check it for me")) == []
    assert chat.says(chat.words("LEWAT", "SKIP")) == ["T04b"]
    assert len(said(chat.session, chat.ticket.id, "in")) == 5


def test_a_known_number_is_asked_whether_it_is_she(chat: Talk) -> None:
    chat.story()
    chat.says(chat.words("ya", "yes"))
    chat.says("Siti Aminah, Sukamaju")
    chat.session.get_one(Handle, chat.ticket.handle_id).identified_at = NOW - timedelta(days=400)
    tickets.add_note(chat.session, chat.ticket.id, "x", author_id=None, actor="system", now=chat.now)
    resolve(chat.session, chat.ticket, now=chat.now)
    chat.says(chat.words("SUDAH", "solved"))
    assert chat.says(PAID[chat.language], after=timedelta(days=8)) == ["T06", "T03a"]
    assert chat.says(chat.words("Betul", "That is me")) == ["T04b"]


def test_solved_then_rated(talk: Talk) -> None:
    talk.story()
    resolve(talk.session, talk.ticket, now=talk.now)
    assert talk.says(talk.words("Sudah", "Solved")) == ["T13"]
    assert talk.says(talk.words("5. Sangat puas", "5. Very good")) == ["T13c"]
    assert talk.session.get_one(Rating, talk.ticket.id).score == 5


def test_a_low_rating_is_heard_by_the_leader(talk: Talk) -> None:
    leader = make_user(talk.session, Role.SUPERVISOR)
    talk.story()
    resolve(talk.session, talk.ticket, now=talk.now)
    talk.says(talk.words("Sudah", "Solved"))
    assert talk.says("1") == ["T13b"]
    assert talk.says(talk.words("lama sekali menunggunya", "it took far too long")) == ["T13d"]
    told = talk.session.scalars(select(Notification.kind).where(Notification.user_id == leader.id)).all()
    assert list(told) == ["low_rating", "rating_commented"]


def test_not_solved_opens_again_with_a_new_promise(talk: Talk) -> None:
    talk.story()
    resolve(talk.session, talk.ticket, now=talk.now)
    assert talk.says(talk.words("Belum", "Not yet")) == ["T12a"]
    assert talk.says(talk.words("uangnya belum kembali", "the money is not back")) == ["T12b"]
    assert (talk.ticket.status, talk.ticket.reopened_count) == (TicketStatus.OPEN, 1)
    assert "157" in said(talk.session, talk.ticket.id)[-1]


def test_data_rights_have_their_own_number_and_date(talk: Talk) -> None:
    talk.story()
    assert talk.says("DATA") == ["T23"]
    assert talk.says("3") == ["T23b"]
    assert talk.ticket.kind == TicketKind.REQUEST


@pytest.mark.parametrize(("at", "step"), [(NOW, "T15"), (NIGHT, "T16")], ids=["office", "night"])
def test_a_person_is_asked_for(talk: Talk, at: datetime, step: str) -> None:
    talk.now = at
    talk.story()
    assert talk.says("0") == [step]
    assert "person_wanted" in event_kinds(talk.session, talk.ticket.id)


def test_at_night_the_farewell_says_when_we_are_back(chat: Talk) -> None:
    chat.now = NIGHT
    chat.story()
    for words in (("ya", "yes"), ("LEWAT", "SKIP"), ("betul", "yes")):
        chat.says(chat.words(*words))
    assert chat.says(chat.words("SELESAI", "DONE")) == ["T07", "T16"]


def test_urgent_help_names_the_numbers_and_tells_the_team(talk: Talk) -> None:
    talk.story()
    assert talk.says(talk.words("DARURAT", "URGENT")) == ["T16b"]
    assert "help_wanted" in event_kinds(talk.session, talk.ticket.id)


def test_who_stops_surveys_is_still_answered(talk: Talk) -> None:
    talk.story()
    assert talk.says(talk.words("BERHENTI", "STOP")) == ["T17"]
    resolve(talk.session, talk.ticket, now=talk.now)
    assert talk.says(talk.words("Sudah", "Solved")) == ["T13c"]
    assert talk.says(talk.words("MULAI", "START")) == ["T17d"]


def test_a_withdrawal_is_asked_twice(talk: Talk) -> None:
    talk.story()
    assert talk.says(talk.words("BATAL", "WITHDRAW")) == ["T17b"]
    assert talk.says("2") == ["T17e"]
    talk.says(talk.words("BATAL", "WITHDRAW"))
    assert talk.says("1") == ["T17c"]
    assert talk.ticket.status == TicketStatus.CLOSED


@pytest.mark.parametrize(
    "word", ["lanjutkan", "lanjut saja", "ok", "baik", "jangan dibatalkan", "go on", "tidak jadi", "?"]
)
def test_what_is_no_plain_yes_withdraws_nothing(session: Session, word: str) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    talk.story()
    talk.says("BATAL")
    assert talk.says(word) == ["T17e"]
    assert talk.ticket.status == TicketStatus.NEW


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("alhamdulillah sudah masuk bu", TicketStatus.CLOSED),
        ("oke bu terima kasih atas bantuannya", TicketStatus.CLOSED),
        ("yes it is solved now", TicketStatus.CLOSED),
        ("terima kasih tapi uangnya belum masuk", TicketStatus.OPEN),
        ("masih belum beres juga bu", TicketStatus.OPEN),
    ],
)
def test_a_thankful_sentence_accepts_and_a_but_objects(session: Session, words: str, status: str) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    talk.story()
    resolve(session, talk.ticket, now=talk.now)
    talk.says(words)
    assert talk.ticket.status == status


def test_a_blessing_is_no_name(session: Session) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    talk.story()
    talk.says("ya")
    assert talk.says("Alhamdulillah") == ["T04b"]
    assert session.get_one(Contact, talk.ticket.contact_id).name is None


def test_a_story_after_the_wish_for_data_is_a_complaint(session: Session) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    talk.says("DATA")
    request = talk.ticket
    talk.says("3")
    assert talk.says("kemarin saya ke kantor tidak dilayani sama sekali")[0] == "T06"
    assert talk.ticket.id != request.id


def test_harm_is_asked_for_a_safe_hour_and_nothing_else(talk: Talk) -> None:
    words = talk.words("petugas memukul saya di rumah", "the officer hit me at my house")
    assert talk.says(words) == ["T06", "T20"]
    assert talk.says(talk.words("besok jam 9 pagi", "tomorrow at 9")) == ["T20b"]
    assert talk.says(talk.words("terima kasih", "thank you")) == []
    assert talk.ticket.is_about_staff
    assert "call_hour_told" in event_kinds(talk.session, talk.ticket.id)
    assert talk.session.scalars(select(ContactTask.reason)).all() == ["safe_hour"]
    chat_nudges.nudge(talk.session, talk.ticket.handle_id or 0, lender=LENDER, now=talk.now + HOUR)
    assert steps_of(talk.session, talk.ticket.id)[-1] == "T20b"


def test_two_misses_bring_a_person_and_then_we_are_silent(chat: Talk) -> None:
    chat.says(
        "tolong bantu saya bu soal kemarin itu" if chat.language == "id" else "please help me with that thing"
    )
    chat.says(chat.words("ya", "yes"))
    assert chat.says(chat.words("LEWAT", "SKIP")) == ["T04"]
    assert chat.says("9") == ["T18"]
    assert chat.says("8") == ["T15"]
    assert chat.says("7") == []


def test_a_secret_is_hidden_and_she_is_warned(talk: Talk) -> None:
    text = talk.words("pin saya 482913 tolong uang saya hilang", "my pin is 482913 help my money is gone")
    assert talk.says(text)[:2] == ["T14", "T06"]
    assert "482913" not in "\n".join(said(talk.session, talk.ticket.id, "in"))


def test_silence_is_met_once(chat: Talk) -> None:
    chat.story()
    handle_id = chat.ticket.handle_id or 0
    later = chat.now + 21 * MINUTE
    assert chat_nudges.due_ids(chat.session, now=later) == [handle_id]
    assert chat_nudges.nudge(chat.session, handle_id, lender=LENDER, now=later)
    assert chat_nudges.due_ids(chat.session, now=later + HOUR) == []
    assert steps_of(chat.session, chat.ticket.id) == ["T06", "T02", "T19"]
    chat.now = later
    assert chat.says(chat.words("ya", "yes")) == ["T03b"]


def test_silence_at_night_is_left_alone(chat: Talk) -> None:
    chat.now = NIGHT
    chat.story()
    assert not chat_nudges.nudge(
        chat.session, chat.ticket.handle_id or 0, lender=LENDER, now=chat.now + 21 * MINUTE
    )


def test_we_never_talk_over_a_member_of_staff(chat: Talk) -> None:
    chat.story()
    replies.reply(
        chat.session, chat.ticket.id, "Kami cek dulu, Ibu.", author_id=None, actor="user:x",
        seen_message_id=None, lender=LENDER, now=chat.now + MINUTE,
    )  # fmt: skip
    chat.now += 2 * MINUTE
    for words in (("ya", "yes"), ("tidak", "no"), ("7", "7"), (OTHER["id"], OTHER["en"])):
        assert chat.says(chat.words(*words)) == []
    assert chat.says("STATUS") == ["T08"]


def test_done_ends_the_story_also_where_more_could_be_asked(chat: Talk) -> None:
    chat.story()
    chat.says(chat.words("ya", "yes"))
    assert chat.says(chat.words("LEWAT", "SKIP")) == ["T04b"]
    assert chat.says(chat.words("SELESAI", "DONE")) == ["T07"]
