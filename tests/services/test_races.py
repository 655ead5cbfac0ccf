"""Two transactions at once: no report is lost, nobody waits for a row that only gets a child, no deadlock."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import make_user
from installing import NOW
from overlap import overlap
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, message, said, tell

from helpdesk.crypto import keys_of
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, InboundMessage, WebhookRequest
from helpdesk.domain.setbacks import Setback
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import DeliveryEvent, Message, OutboxItem
from helpdesk.models.people import Notification, User
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.runtime import Runtime
from helpdesk.services import accounts, contacts, delivery, intake, privacy, registration, replies, webhooks
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission
from helpdesk.services.trail import lock_ticket

ANSWER = "Baik, Ibu. Kami cek dulu."


@pytest.fixture
def ticket_id(rt: Runtime) -> int:
    """What she wrote has one answer."""
    return rt.write(lambda session: tell(session, "STATUS", now=NOW)).ticket_id


def reply(session: Session, ticket_id: int) -> Message:
    return replies.reply(
        session,
        ticket_id,
        ANSWER,
        author_id=None,
        actor="user:x",
        seen_message_id=None,
        lender=LENDER,
        now=NOW,
    )


def take_over(session: Session) -> None:
    outbox_id = session.scalars(select(OutboxItem.id)).one()
    delivery.record_sent(session, outbox_id, external_id="SMrace", now=NOW)


def report(session: Session) -> None:
    delivery.apply_report(
        session, DeliveryReport(ChannelCode.WHATSAPP, "SMrace", DeliveryStatus.DELIVERED), now=NOW
    )


@pytest.mark.parametrize(
    ("first", "second"), [(take_over, report), (report, take_over)], ids=["report second", "report first"]
)
def test_a_report_that_meets_the_commit_of_its_message_is_not_lost(
    rt: Runtime,
    ticket_id: int,
    first: Callable[[Session], None],
    second: Callable[[Session], None],
) -> None:
    rt.write(lambda session: delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW))
    overlap(rt, first, second)
    receipt = rt.read(
        lambda session: session.scalars(select(Message).where(Message.direction == "out")).one()
    )
    reports = rt.read(lambda session: session.scalars(select(DeliveryEvent.message_id)).all())
    assert (receipt.ticket_id, receipt.delivery) == (ticket_id, DeliveryStatus.DELIVERED)
    assert reports == [receipt.id]


def test_a_failure_that_meets_its_repetition_does_not_fail_it(rt: Runtime, ticket_id: int) -> None:
    rt.write(lambda session: delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW))
    rt.write(take_over)
    receipt = rt.read(
        lambda session: session.scalars(select(Message).where(Message.direction == "out")).one()
    )

    def lose(session: Session) -> None:
        delivery.apply_report(
            session, DeliveryReport(ChannelCode.WHATSAPP, "SMrace", DeliveryStatus.FAILED), now=NOW
        )

    def repeat(session: Session) -> None:
        delivery.send_again(session, ticket_id, message_id=receipt.public_id, actor="user:x", now=NOW)

    rt.write(lose)
    overlap(rt, repeat, lose)
    assert rt.read(lambda session: session.get_one(Message, receipt.id).delivery) == DeliveryStatus.QUEUED
    reports = rt.read(
        lambda session: session.scalars(select(DeliveryEvent.message_id).order_by(DeliveryEvent.id)).all()
    )
    assert reports == [receipt.id, None]


def test_a_reply_and_a_message_of_the_same_person_do_not_stop_each_other(rt: Runtime, ticket_id: int) -> None:
    heard = message("Tolong dicek ya Bu")
    runs: list[str] = []

    def hold_the_handle(session: Session) -> None:
        runs.append("message")
        contacts.handle_for(session, heard, now=NOW)

    def answer(session: Session) -> None:
        runs.append("reply")
        reply(session, ticket_id)

    def go_on_to_the_ticket(session: Session) -> None:
        intake.receive_message(session, heard, lender=LENDER, now=NOW)

    overlap(rt, hold_the_handle, answer, go_on_to_the_ticket)
    assert sorted(runs) == ["message", "reply"]  # neither lost a deadlock and ran again
    assert ANSWER in rt.read(lambda session: said(session, ticket_id))
    assert heard.text in rt.read(lambda session: said(session, ticket_id, "in"))


def hold_ticket(session: Session, user: User, ticket_id: int) -> None:
    lock_ticket(session, ticket_id)


def hold_user(session: Session, user: User, ticket_id: int) -> None:
    assert accounts.sign_in(session, user, now=NOW)


@pytest.mark.parametrize("hold", [hold_ticket, hold_user])
def test_a_locked_parent_takes_children_of_others_without_a_wait(
    rt: Runtime, ticket_id: int, hold: Callable[[Session, User, int], None]
) -> None:
    user = rt.write(make_user)

    def add_child(session: Session) -> None:
        session.add(Notification(user_id=user.id, ticket_id=ticket_id, kind="breach", created_at=NOW))

    assert not overlap(rt, lambda session: hold(session, user, ticket_id), add_child)
    assert rt.read(lambda session: session.scalars(select(Notification.user_id)).all()) == [user.id]


def test_two_writers_of_one_ticket_still_come_one_by_one(rt: Runtime, ticket_id: int) -> None:
    waited = overlap(
        rt, lambda session: lock_ticket(session, ticket_id), lambda session: reply(session, ticket_id)
    )
    assert waited or rt.engine.dialect.name == "sqlite"
    assert rt.read(lambda session: session.get_one(Ticket, ticket_id)).last_human_at == NOW


def test_one_person_at_two_addresses_at_once_is_one_contact(rt: Runtime) -> None:
    user_id = "bsuid:ID.7100000000000009"

    def from_address(address: str, *aliases: str) -> Callable[[Session], object]:
        message = InboundMessage(
            ChannelCode.WHATSAPP,
            f"SM{address}",
            f"whatsapp:{address}",
            aliases=aliases,
            text="Angsuran hilang",
        )
        return lambda session: intake.receive_message(session, message, lender=LENDER, now=NOW)

    phone = "+6285700011199"
    overlap(
        rt,
        from_address(phone, f"tel:{phone}", user_id),
        from_address("ID.7100000000000009", user_id),
    )
    owners = rt.read(lambda session: session.scalars(select(Handle.contact_id)).all())
    assert len(owners) == 2
    assert len(set(owners)) == 1


def stored(session: Session) -> WebhookEvent:
    request = WebhookRequest("whatsapp", "https://x/webhooks/whatsapp", {}, (), b"Body=x")
    event = session.get_one(WebhookEvent, webhooks.store(session, request, now=NOW).event_id)
    event.attempts = webhooks.MAX_ATTEMPTS - 1
    return event


@pytest.mark.parametrize("reason", [Setback.OUR_FAULT, Setback.NOT_UNDERSTOOD])
def test_the_failure_of_the_slower_of_two_leaves_a_processed_webhook_alone(
    rt: Runtime, reason: Setback
) -> None:
    event_id = rt.write(stored).id

    def process(session: Session) -> None:
        event = webhooks.claim(session, event_id)
        assert event is not None
        webhooks.mark_processed(event, now=NOW)

    def fail(session: Session) -> None:
        webhooks.mark_failed(session, event_id, webhooks.Failure(reason, "Late"), now=NOW)

    overlap(rt, process, fail)
    event = rt.read(lambda session: session.get_one(WebhookEvent, event_id))
    assert (event.state, event.error, event.attempts) == (
        WebhookState.PROCESSED,
        None,
        webhooks.MAX_ATTEMPTS - 1,
    )


LONG_AGO = NOW - timedelta(days=6 * 366)
PHONE = "+6285711112222"


@pytest.fixture
def leaver(rt: Runtime) -> int:
    """A contact who may be erased: she wrote by WhatsApp and came to the branch, all closed six years ago."""

    def long_over(session: Session) -> int:
        told = session.get_one(Ticket, tell(session, now=LONG_AGO, phone=PHONE).ticket_id)
        contact = session.get_one(Contact, told.contact_id)
        contact.mitra_id, contact.mitra_digest = "M-1", keys_of(session).digest("mitra", "M-1")
        visit(session, Person(mitra_id="M-1"), now=LONG_AGO)
        for ticket in session.scalars(select(Ticket)):
            ticket.status, ticket.closed_at = TicketStatus.CLOSED, LONG_AGO
        return contact.id

    return rt.write(long_over)


def visit(session: Session, person: Person, *, now: datetime = NOW) -> None:
    told = Submission(channel=ChannelCode.PHONE, person=person, text=ANSWER, received_at=now)
    registration.register(session, told, scope="x", key=None, lender=LENDER, now=now)


def by_her_address(session: Session) -> None:
    tell(session, "Petugas mengancam saya", now=NOW, phone=PHONE)


def by_another_channel(session: Session) -> None:
    tell(session, "Petugas mengancam saya", now=NOW, phone=PHONE, channel=ChannelCode.TELEGRAM)


def at_the_branch(session: Session) -> None:
    visit(session, Person(mitra_id="M-1"))


def by_a_shared_phone(session: Session) -> None:
    visit(session, Person(phone=PHONE))


WAYS_IN = (by_her_address, by_another_channel, at_the_branch, by_a_shared_phone)


@pytest.mark.parametrize("comes_in", WAYS_IN, ids=lambda way: way.__name__)
@pytest.mark.parametrize("is_erased_first", [True, False], ids=["erased first", "erased second"])
def test_what_comes_in_while_a_contact_is_erased_has_a_person_and_an_address_that_can_be_answered(
    rt: Runtime, leaver: int, comes_in: Callable[[Session], None], is_erased_first: bool
) -> None:
    def erase(session: Session) -> None:
        privacy.erase(session, leaver, force=False, actor="cli", now=NOW)

    overlap(rt, *((erase, comes_in) if is_erased_first else (comes_in, erase)))

    def outcome(session: Session) -> tuple[bool, bool]:
        ticket = session.scalars(select(Ticket).where(Ticket.created_at == NOW)).one()
        handle = session.get(Handle, ticket.handle_id) if ticket.handle_id else None
        is_hers = session.get_one(Contact, ticket.contact_id).erased_at is None
        return is_hers, handle is None or not handle.is_blocked

    assert rt.read(outcome) == (True, True)
    is_erased = rt.read(lambda session: session.get_one(Contact, leaver)).erased_at is not None
    assert is_erased or not is_erased_first
