"""Into which of her complaints a chat message goes: the quoted one, the named one, one of its own, another person's."""

from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, event_kinds, message, said, tell, ticket_of
from talker import APP, MINUTE, OTHER, PAID, Talk

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.numbers import format_number
from helpdesk.domain.wording import Language
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.services import delivery, intake


def test_another_person_on_the_same_phone_is_another_contact(chat: Talk) -> None:
    chat.story()
    chat.says(chat.words("ya", "yes"))
    chat.says("Siti Aminah, Sukamaju")
    first = chat.ticket
    chat.session.get_one(Handle, first.handle_id).is_shared = True
    chat.says(chat.words("SELESAI", "DONE"))
    chat.says(chat.words("LAPOR", "REPORT"))
    assert chat.story(OTHER)[:2] == ["T06", "T03a"]
    assert chat.says(chat.words("Bukan saya", "Not me")) == ["T03b"]
    chat.says("Kartini, Cibatu")
    second = chat.ticket
    assert second.contact_id != first.contact_id
    assert chat.session.get_one(Contact, second.contact_id).name == "Kartini"
    assert chat.session.get_one(Contact, first.contact_id).name == "Siti Aminah"


def test_who_it_is_may_be_said_with_the_no_and_who_comes_back_is_known(chat: Talk) -> None:
    """A phone of two women: neither becomes a new contact each time that she writes."""
    chat.story()
    chat.says(chat.words("ya", "yes"))
    chat.says("Siti Aminah, Sukamaju")
    siti = chat.ticket.contact_id
    chat.session.get_one(Handle, chat.ticket.handle_id).is_shared = True
    people = []
    stories = (OTHER, APP, PAID)
    answers = (
        ("Bukan, saya Kartini", "Not me, I am Kartini"),
        ("bukan, ini Siti Aminah", "no, this is Siti Aminah"),
    )
    for story, answer in zip(stories, (*answers, ("saya Siti bu", "I am Siti")), strict=True):
        chat.says(chat.words("SELESAI", "DONE"))
        chat.says(chat.words("LAPOR", "REPORT"))
        assert chat.story(story)[:2] == ["T06", "T03a"]
        chat.says(chat.words(*answer))
        people.append(chat.ticket.contact_id)
    assert people[0] != siti
    assert people[1:] == [siti, siti]
    names = chat.session.scalars(select(Contact.name).where(Contact.name.is_not(None)))
    assert sorted(filter(None, names)) == ["Kartini", "Siti Aminah"]


def test_status_of_one_of_several_and_of_none(talk: Talk) -> None:
    assert talk.says("STATUS") == ["T08b"]
    talk.story()
    first = talk.ticket
    assert talk.says("STATUS") == ["T08"]
    talk.says(talk.words("LAPOR", "REPORT"))
    talk.story(OTHER)
    second = talk.ticket
    assert second.id != first.id
    assert talk.says("STATUS") == ["T08c"]
    listing = said(talk.session, second.id)[-1]
    assert format_number(first.number) in listing
    assert format_number(second.number) in listing
    assert talk.says("1") == ["T08"]
    assert format_number(first.number) in said(talk.session, second.id)[-1]


def test_what_belongs_elsewhere_is_asked_about_and_becomes_its_own(chat: Talk) -> None:
    chat.story()
    for words in (("ya", "yes"), ("LEWAT", "SKIP"), ("betul", "yes"), ("SELESAI", "DONE")):
        chat.says(chat.words(*words))
    first = chat.ticket
    assert chat.story(OTHER) == ["T21a"]
    assert chat.says("2")[0] == "T06"
    second = chat.ticket
    assert second.id != first.id
    assert said(chat.session, second.id, "in") == [OTHER[chat.language]]
    assert OTHER[chat.language] not in said(chat.session, first.id, "in")
    assert second.severity == "S1"
    assert event_kinds(chat.session, first.id).count("message_moved_out") == 1


def test_what_is_to_be_added_stays(chat: Talk) -> None:
    chat.story()
    for words in (("ya", "yes"), ("LEWAT", "SKIP"), ("betul", "yes"), ("SELESAI", "DONE")):
        chat.says(chat.words(*words))
    first = chat.ticket
    assert chat.story(APP) == ["T21"]
    assert chat.says(chat.words("1 Tambah cerita", "1 Add to that")) == ["T21b"]
    assert chat.ticket.id == first.id
    assert APP[chat.language] in said(chat.session, first.id, "in")


def test_what_quotes_a_message_belongs_to_its_complaint(chat: Talk) -> None:
    chat.story()
    first = chat.ticket
    chat.says(chat.words("LAPOR", "REPORT"))
    chat.story(OTHER)
    second = chat.ticket
    sent = chat.session.scalars(
        select(Message).where(Message.ticket_id == first.id, Message.direction == "out").order_by(Message.id)
    ).first()
    assert sent is not None
    item = chat.session.scalars(select(OutboxItem).where(OutboxItem.message_id == sent.id)).one()
    item.status = DeliveryStatus.SENDING
    delivery.record_sent(chat.session, item.id, external_id="OUT-1", now=chat.now)
    received = tell(
        chat.session,
        chat.words("ini struknya bu", "this is the receipt"),
        now=chat.now + MINUTE,
        channel=chat.channel,
        reply_to_external_id="OUT-1",
    )
    assert received.ticket_id == first.id != second.id


def test_a_number_in_a_story_brings_it_to_that_complaint(chat: Talk) -> None:
    chat.story()
    first = chat.ticket
    chat.says(chat.words("LAPOR", "REPORT"))
    chat.story(OTHER)
    text = chat.words(
        f"yang {format_number(first.number)} struknya sudah ketemu",
        f"for {format_number(first.number)} I found the receipt now",
    )
    assert tell(chat.session, text, now=chat.now + MINUTE, channel=chat.channel).ticket_id == first.id


def test_the_number_of_somebody_else_brings_nothing_there(chat: Talk) -> None:
    chat.story()
    first = chat.ticket
    stranger = message(
        f"{format_number(first.number)} {PAID['id']}", phone="+6285799990000", channel=chat.channel
    )
    received = intake.receive_message(chat.session, stranger, lender=LENDER, now=chat.now + MINUTE)
    assert received.ticket_id != first.id
    assert ticket_of(chat.session, received).contact_id != first.contact_id


def test_what_she_chose_stands_again_once_other_words_have_left(session: Session) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    for words in ("tolong bantu saya bu soal kemarin itu", "ya", "LEWAT", "2", "SELESAI"):
        talk.says(words)
    first = talk.ticket
    chosen = (first.category_code, first.category_source, first.severity)
    assert talk.story(OTHER) == ["T21a"]
    talk.says("2")
    assert (first.category_code, first.category_source, first.severity) == chosen


def test_the_list_names_the_newest_complaints(session: Session) -> None:
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    for _ in range(7):
        talk.says("LAPOR")
        talk.story()
    newest = talk.ticket
    assert talk.says("STATUS") == ["T08c"]
    listing = said(session, newest.id)[-1]
    assert (format_number(newest.number) in listing, listing.count("-")) == (True, 5)


def test_an_edit_of_another_persons_message_stays_with_its_writer(session: Session) -> None:
    first = tell(session, PAID["id"], now=NOW, channel=ChannelCode.TELEGRAM, external_id="7:1")
    forged = tell(
        session,
        "angsuran saya salah",
        now=NOW + MINUTE,
        channel=ChannelCode.TELEGRAM,
        phone="+6285799990000",
        external_id="7:1:9",
        edits="7:1",
    )
    assert forged.ticket_id != first.ticket_id
