"""The check of the audit trail: what is whole holds, and what was changed behind our back is named."""

from datetime import timedelta

import pytest
from factories import NOW, make_ticket
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from talk import LENDER, PAID, tell

from helpdesk.domain.privacy import ERASED
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.tickets import AuditEntry, AuditHead, Ticket, TicketEvent
from helpdesk.queries.audit_check import Broken, verify
from helpdesk.services import privacy, replies, tickets
from helpdesk.services.trail import audit, record

HOUR = timedelta(hours=1)


def trail(session: Session, ticket: Ticket, count: int = 3) -> None:
    for index in range(count):
        record(session, ticket, f"kind{index}", actor="system", at=NOW + index * HOUR, data={"n": index})
    session.flush()


def behind_our_back(session: Session, change: object) -> None:
    """Do what somebody does who can write to the database."""
    session.execute(change, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
    session.expire_all()


def test_whole_chains_hold(session: Session) -> None:
    trail(session, make_ticket(session))
    audit(session, "x", actor="system", at=NOW, data={"a": 1})
    assert verify(session) is None


BREAKS = {
    "details": (update(TicketEvent).where(TicketEvent.serial == 2).values(data={"n": 99}), 2),
    "details gone, not erased": (update(TicketEvent).where(TicketEvent.serial == 2).values(data=None), 2),
    "actor": (update(TicketEvent).where(TicketEvent.serial == 1).values(actor="user:x"), 1),
    "instant": (update(TicketEvent).where(TicketEvent.serial == 3).values(at=NOW), 3),
    "a missing one": (delete(TicketEvent).where(TicketEvent.serial == 2), 2),
    "the first cut off": (delete(TicketEvent).where(TicketEvent.serial == 1), 1),
    "the end cut off": (delete(TicketEvent).where(TicketEvent.serial == 3), 3),
    "all gone": (delete(TicketEvent), 1),
    "their count moved": (update(Ticket).values(version=9), 4),
}


@pytest.mark.parametrize(("change", "serial"), BREAKS.values(), ids=BREAKS.keys())
def test_a_change_behind_our_back_is_named(session: Session, change: object, serial: int) -> None:
    trail(session, make_ticket(session, number="48219375"))
    behind_our_back(session, change)
    assert verify(session) == Broken("4821-9375", serial)


GENERAL = {
    "one in the middle gone": ((delete(AuditEntry).where(AuditEntry.serial == 2),), 2),
    "details gone": ((update(AuditEntry).where(AuditEntry.serial == 2).values(data=None),), 2),
    "the end cut off": ((delete(AuditEntry).where(AuditEntry.serial == 3),), 3),
    "all gone": ((delete(AuditEntry),), 1),
    "its head gone": ((delete(AuditHead),), 4),
    "another head": ((update(AuditHead).values(head=b"x"),), 4),
    "its count moved": ((update(AuditHead).values(serial=9),), 4),
}


@pytest.mark.parametrize(("changes", "serial"), GENERAL.values(), ids=GENERAL.keys())
def test_a_change_of_other_entries_is_named_too(
    session: Session, changes: tuple[object, ...], serial: int
) -> None:
    for index in range(3):
        audit(session, "x", actor="system", at=NOW, data={"n": index})
    for change in changes:
        behind_our_back(session, change)
    assert verify(session) == Broken("audit", serial)


def test_a_cut_end_shows_although_the_head_was_set_back_to_the_last_link(session: Session) -> None:
    for index in range(3):
        audit(session, "x", actor="system", at=NOW, data={"n": index})
    link = session.scalars(select(AuditEntry.link).where(AuditEntry.serial == 2)).one()
    behind_our_back(session, delete(AuditEntry).where(AuditEntry.serial == 3))
    behind_our_back(session, update(AuditHead).values(serial=2, head=link))
    assert verify(session) == Broken("audit", 3)


@pytest.fixture
def conversation(session: Session) -> Ticket:
    """A complaint with its receipt, a standing text, an answer and a note."""
    received = tell(session, now=NOW)
    tell(session, "PIN saya 847261, tolong segera", now=NOW + HOUR)
    at = NOW + 2 * HOUR
    replies.reply(
        session, received.ticket_id, "Kami periksa hari ini.", author_id=None, actor="user:1",
        seen_message_id=None, lender=LENDER, now=at,
    )  # fmt: skip
    tickets.add_note(session, received.ticket_id, "sudah ditelepon", author_id=None, actor="user:1", now=at)
    return session.get_one(Ticket, received.ticket_id)


def messages(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


def event_of(session: Session, message: Message) -> int:
    """The serial of the event that records the message."""
    events = session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == message.ticket_id))
    return next(each.serial for each in events if (each.data or {}).get("message") == message.public_id)


def broken(session: Session, ticket: Ticket) -> int | None:
    """The serial of the broken entry, which is one of this ticket."""
    found = verify(session)
    if found is None:
        return None
    assert found.chain.replace("-", "") == ticket.number
    return found.serial


def test_every_message_is_recorded_once_with_what_it_says(session: Session, conversation: Ticket) -> None:
    events = session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == conversation.id)).all()
    sealed = [each.data["message"] for each in events if each.data and "seal" in each.data]
    assert sorted(sealed) == sorted(each.public_id for each in messages(session))
    assert {"in", "out", "note"} == {each.direction for each in messages(session)}
    assert verify(session) is None


def test_two_bodies_that_changed_places_show(session: Session, conversation: Ticket) -> None:
    first, second = [each for each in messages(session) if each.direction == "in"]
    first_body, second_body = first.body, second.body
    behind_our_back(session, update(Message).where(Message.id == first.id).values(body=second_body))
    behind_our_back(session, update(Message).where(Message.id == second.id).values(body=first_body))
    assert broken(session, conversation) == event_of(session, first)


CHANGES = {
    "another text": {"body": "Angsuran saya sudah masuk, terima kasih"},
    "forgotten without erasure": {"body": ERASED},
    "another side": {"direction": "note"},
    "another day": {"at": NOW - 24 * HOUR},
}


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_message_shows_at_the_event_that_records_it(
    session: Session, conversation: Ticket, values: dict[str, object]
) -> None:
    answer = next(each for each in messages(session) if each.purpose == "reply")
    behind_our_back(session, update(Message).where(Message.id == answer.id).values(**values))
    assert broken(session, conversation) == event_of(session, answer)


def test_a_text_that_no_key_of_ours_wrote_shows(session: Session, conversation: Ticket) -> None:
    note = messages(session)[-1]
    serial = event_of(session, note)
    behind_our_back(session, update(Message).where(Message.id == note.id).values(body=Message.public_id))
    assert broken(session, conversation) == serial


def test_a_message_that_is_gone_and_one_that_nobody_recorded_show(
    session: Session, conversation: Ticket
) -> None:
    note = messages(session)[-1]
    serial = event_of(session, note)
    copied = ("ticket_id", "direction", "purpose", "channel", "body", "at")
    row = {name: getattr(note, name) for name in copied}
    behind_our_back(session, insert(Message).values(public_id="inserted", **row))
    assert broken(session, conversation) == conversation.version + 1
    behind_our_back(session, delete(Message).where(Message.id == note.id))
    assert broken(session, conversation) == serial


def test_an_erased_conversation_holds_and_a_text_put_in_its_place_shows(
    session: Session, conversation: Ticket
) -> None:
    contact = session.get_one(Contact, conversation.contact_id)
    privacy.erase(session, contact.id, force=True, actor="user:1", now=NOW + 3 * HOUR)
    assert {each.body for each in messages(session)} == {ERASED}
    assert verify(session) is None
    forged = messages(session)[0]
    behind_our_back(session, update(Message).where(Message.id == forged.id).values(body=PAID))
    assert broken(session, conversation) == conversation.version + 1


def test_a_text_with_signs_that_no_database_takes_is_as_it_was_recorded(session: Session) -> None:
    tell(session, "uang saya\0 hilang \ud83d", now=NOW)
    assert verify(session) is None
