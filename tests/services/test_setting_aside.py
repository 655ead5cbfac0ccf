"""Spam and wrong numbers are set aside: kept, silent, counted nowhere, brought back with what was owed."""

from datetime import timedelta

import pytest
from answer_samples import answer, claim, item_of, report, sent
from factories import make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds, said, steps_of, tell, ticket_of

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import SetAside, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport, Purpose
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.domain.segments import TextLimit
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.outreach import ContactTask
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    channel_ladder,
    contact_tasks,
    delivery,
    moving,
    periods,
    registration,
    setting_aside,
    tickets,
)
from helpdesk.services.contacts import Person

HOUR = timedelta(hours=1)
SPAM = "Jual gorden murah, warna lengkap, bisa kirim ke seluruh kota"
AGENT = "user:x"


@pytest.fixture
def spam(session: Session) -> Ticket:
    ticket = ticket_of(session, tell(session, SPAM, now=NOW))
    setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=False, actor=AGENT, now=NOW + HOUR)
    return ticket


def clocks(session: Session, ticket: Ticket) -> list[SlaClockRow]:
    return list(session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id)))


def test_it_closes_without_a_word_and_promises_nothing(session: Session, spam: Ticket) -> None:
    assert (spam.status, spam.kind, spam.assignee_id) == (TicketStatus.CLOSED, TicketKind.ENQUIRY, None)
    assert [row.metric for row in clocks(session, spam) if row.superseded_at is None] == ["acknowledgement"]
    assert said(session, spam.id, "in") == [SPAM]
    assert "" not in steps_of(session, spam.id)


def test_what_comes_after_it_is_kept_there_and_answered_by_nobody(session: Session, spam: Ticket) -> None:
    before = said(session, spam.id)
    for text in ("ada promo baru lagi", "halo", "terima kasih"):
        assert tell(session, text, now=NOW + timedelta(days=30)).ticket_id == spam.id
    assert said(session, spam.id) == before
    assert spam.status == TicketStatus.CLOSED


@pytest.mark.parametrize("text", [PAID, "DARURAT", "0", "STATUS", "LAPOR"])
def test_who_means_us_after_all_is_heard_as_anybody(session: Session, spam: Ticket, text: str) -> None:
    received = tell(session, text, now=NOW + 2 * HOUR)
    assert received.ticket_id != spam.id
    assert said(session, received.ticket_id)


def test_it_comes_back_as_what_it_was_and_owes_from_its_receipt(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    owed = {row.metric: row.due_at for row in clocks(session, ticket)}
    setting_aside.set_aside(
        session, ticket.id, SetAside.WRONG_NUMBER, is_leader=True, actor=AGENT, now=NOW + HOUR
    )
    setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    assert (ticket.status, ticket.kind, ticket.set_aside_as) == ("open", "complaint", None)
    live = [row for row in clocks(session, ticket) if row.superseded_at is None and row.met_at is None]
    assert {row.metric for row in live} == set(owed) - {"acknowledgement"}
    assert {row.started_at for row in live} == {NOW}
    kinds = event_kinds(session, ticket.id)
    assert kinds.index("set_aside") < kinds.index("brought_back")
    with pytest.raises(Conflict):
        setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 3 * HOUR)


@pytest.mark.parametrize("story", ["petugas minta uang rokok 50 ribu", "saya dipukul petugas, saya takut"])
def test_a_grave_one_only_a_supervisor_sets_aside(session: Session, story: str) -> None:
    ticket = ticket_of(session, tell(session, story, now=NOW))
    with pytest.raises(Conflict) as caught:
        setting_aside.set_aside(
            session, ticket.id, SetAside.SPAM, is_leader=False, actor=AGENT, now=NOW + HOUR
        )
    assert caught.value.code == "grave"
    setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=True, actor=AGENT, now=NOW + HOUR)
    assert ticket.status == TicketStatus.CLOSED


def test_a_grave_one_made_milder_first_is_still_a_supervisors(session: Session) -> None:
    ticket = ticket_of(session, tell(session, "petugas minta uang rokok 50 ribu", now=NOW))
    tickets.set_category(session, ticket.id, "TRG-ADM", is_about_staff=False, actor=AGENT, now=NOW + HOUR)
    assert (ticket.severity in setting_aside.GRAVE, ticket.is_about_staff) == (False, False)
    with pytest.raises(Conflict) as caught:
        setting_aside.set_aside(
            session, ticket.id, SetAside.SPAM, is_leader=False, actor=AGENT, now=NOW + 2 * HOUR
        )
    assert caught.value.code == "grave"


def test_what_waits_to_be_sent_and_to_be_done_is_dropped_and_legal_periods_come_back(
    session: Session,
) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    period = periods.begin(session, ticket, periods.PARTY, subject="bank", started_at=NOW, actor=AGENT)
    answered = periods.begin(session, ticket, periods.PARTY, subject="toko", started_at=NOW, actor=AGENT)
    periods.end(answered, outcome=periods.ANSWERED, at=NOW)
    due = (period.due_at, period.next_step_at)
    task = contact_tasks.open_task(session, ticket, TaskKind.CALL, reason="by_hand", now=NOW)
    setting_aside.set_aside(
        session, ticket.id, SetAside.WRONG_NUMBER, is_leader=True, actor=AGENT, now=NOW + HOUR
    )
    assert delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW + 2 * HOUR) == []
    unsent = session.scalars(select(Message).where(Message.direction == "out")).all()
    assert {(each.delivery, each.error_code) for each in unsent} == {(DeliveryStatus.FAILED, NOT_NEEDED)}
    session.refresh(task)
    assert (task.result, task.done_at) == (TaskResult.NEEDLESS, NOW + HOUR)
    assert period.outcome == periods.ANSWERED
    setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    assert (period.ended_at, period.outcome, (period.due_at, period.next_step_at)) == (None, None, due)
    assert answered.ended_at == NOW


@pytest.mark.parametrize("then", [None, TicketStatus.PENDING])
@pytest.mark.parametrize("was_claimed", [False, True], ids=["waiting", "claimed"])
def test_a_reply_that_never_went_keeps_no_promise(
    session: Session, was_claimed: bool, then: TicketStatus | None
) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    owed = {row.metric: row.due_at for row in clocks(session, ticket)}
    reply = answer(session, ticket, now=NOW + timedelta(minutes=5), then_status=then)
    outbox_id = claim(session, reply, now=NOW + timedelta(minutes=6)) if was_claimed else 0
    setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=True, actor=AGENT, now=NOW + HOUR)
    if was_claimed:
        delivery.record_failure(
            session, outbox_id, code="63016", outcome=SendOutcome.REJECTED, now=NOW + HOUR
        )
    else:
        met = [row.metric for row in clocks(session, ticket) if row.met_at is not None]
        assert met == ["acknowledgement"]
    setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    live = {row.metric: row for row in clocks(session, ticket) if row.superseded_at is None}
    assert {metric: row.due_at for metric, row in live.items() if row.met_at is None} == {
        metric: due for metric, due in owed.items() if metric != "acknowledgement"
    }
    session.refresh(reply)
    assert reply.delivery == DeliveryStatus.FAILED
    delivery.send_again(session, ticket.id, message_id=reply.public_id, actor=AGENT, now=NOW + 3 * HOUR)
    assert live["first_response"].met_at == NOW + 3 * HOUR


def test_a_reply_that_went_before_it_stays_kept(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    at = NOW + timedelta(minutes=5)
    sent(session, answer(session, ticket, now=at), "SMx", now=at)
    setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=True, actor=AGENT, now=NOW + HOUR)
    setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)
    [first] = [row for row in clocks(session, ticket) if row.metric == "first_response"]
    assert (first.met_at, first.superseded_at) == (at, None)


DAY = timedelta(days=1)
SMS, WHATSAPP = ChannelCode.SMS, ChannelCode.WHATSAPP
LONG = "Baik, Ibu. Bayaran tanggal 3 sudah kami temukan. Besok kami catat. Ibu tidak perlu bayar lagi."
WINDOW = "63016"


def aside(session: Session, ticket: Ticket) -> None:
    setting_aside.set_aside(session, ticket.id, SetAside.SPAM, is_leader=True, actor=AGENT, now=NOW + HOUR)


def back(session: Session, ticket: Ticket) -> None:
    setting_aside.bring_back(session, ticket.id, actor=AGENT, now=NOW + 2 * HOUR)


def receipt_of(session: Session, ticket: Ticket) -> Message:
    query = select(Message).where(Message.ticket_id == ticket.id, Message.purpose == Purpose.RECEIPT)
    return session.scalars(query).one()


def todo(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    found = select(ContactTask).where(ContactTask.ticket_id == ticket.id, ContactTask.done_at.is_(None))
    return [(task.kind, task.reason) for task in session.scalars(found.order_by(ContactTask.id))]


def due(session: Session, channel: ChannelCode) -> list[int]:
    return [each.outbox_id for each in delivery.claim_due(session, channel, now=NOW + 30 * DAY, limit=100)]


def end(session: Session, message: Message, outbox_id: int, how: str) -> None:
    """Let the sending of a message that was claimed before the ticket was set aside end so."""
    code, outcome = {
        "retry": ("20429", SendOutcome.RETRY),
        "window": (WINDOW, SendOutcome.NEEDS_TEMPLATE),
        "refused": ("63003", SendOutcome.BAD_ADDRESS),
    }.get(how, ("", SendOutcome.UNKNOWN))
    if code:
        delivery.record_failure(session, outbox_id, code=code, outcome=outcome, now=NOW + HOUR)
        return
    delivery.record_sent(session, outbox_id, external_id="late", now=NOW + HOUR)
    if how == "reported lost":
        report(session, "late", DeliveryStatus.FAILED, now=NOW + HOUR)
    elif how == "reported closed":
        closed = DeliveryReport(
            WHATSAPP, "late", DeliveryStatus.FAILED, WINDOW, outcome=SendOutcome.NEEDS_TEMPLATE
        )
        delivery.apply_report(session, closed, now=NOW + HOUR)


@pytest.mark.parametrize("how", ["silence", "retry", "window", "refused", "reported lost", "reported closed"])
def test_nobody_is_written_to_or_called_also_for_what_comes_later(session: Session, how: str) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    receipt = receipt_of(session, ticket)
    outbox_id = claim(session, receipt)
    aside(session, ticket)
    end(session, receipt, outbox_id, how)
    assert channel_ladder.unproven_ids(session, now=NOW + 2 * DAY) == []
    channel_ladder.climb(session, outbox_id, now=NOW + 2 * DAY)
    assert item_of(session, receipt).held_at is None
    assert (todo(session, ticket), due(session, SMS), due(session, WHATSAPP)) == ([], [], [])
    back(session, ticket)
    if how == "silence":
        assert channel_ladder.unproven_ids(session, now=NOW + 2 * DAY) == [outbox_id]
        return
    assert receipt.delivery == DeliveryStatus.QUEUED, "she never got her number"
    assert receipt.channel == (WHATSAPP if how in ("retry", "window") else SMS)
    assert outbox_id in due(session, receipt.channel)


def test_the_rest_of_a_long_text_stays_here(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    delivery.claim_due(session, WHATSAPP, now=NOW, limit=100)
    reply = answer(session, ticket, LONG, now=NOW)
    [claimed] = delivery.claim_due(session, WHATSAPP, now=NOW, longest=TextLimit(60))
    aside(session, ticket)
    delivery.record_sent(session, claimed.outbox_id, external_id="p1", now=NOW + HOUR)
    assert (reply.delivery, reply.error_code) == (DeliveryStatus.FAILED, NOT_NEEDED)
    assert due(session, WHATSAPP) == []
    with pytest.raises(Conflict) as caught:
        delivery.send_again(session, ticket.id, message_id=reply.public_id, actor=AGENT, now=NOW + HOUR)
    assert caught.value.code == "set_aside"
    back(session, ticket)
    first = next(row for row in clocks(session, ticket) if row.metric == "first_response")
    assert (reply.delivery, first.met_at) == (DeliveryStatus.FAILED, None), "half a reply answers nobody"


def test_what_must_arrive_and_what_was_to_be_done_come_back_with_it(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    contact_tasks.wanted(session, ticket, reason="asked", now=NOW)
    done = contact_tasks.open_task(session, ticket, TaskKind.MEET, reason="by_hand", now=NOW)
    contact_tasks.finish(
        session, ticket.id, done.public_id, result=TaskResult.NEEDLESS, note="", user_id=None, actor=AGENT, now=NOW
    )  # fmt: skip
    aside(session, ticket)
    assert todo(session, ticket) == []
    receipt = receipt_of(session, ticket)
    assert receipt.error_code == NOT_NEEDED
    back(session, ticket)
    assert todo(session, ticket) == [(TaskKind.CALL, "asked")]
    assert (receipt.delivery, receipt.error_code) == (DeliveryStatus.QUEUED, None)
    assert item_of(session, receipt).id in due(session, WHATSAPP)
    left = select(Message).join(OutboxItem).where(OutboxItem.status == DeliveryStatus.QUEUED)
    assert session.scalars(left).all() == [], "no question from then is asked now"


def test_who_lost_her_number_meanwhile_is_visited(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    contact_tasks.wanted(session, ticket, reason="asked", now=NOW)
    aside(session, ticket)
    contact = session.get_one(Contact, ticket.contact_id)
    contact.phone = contact.phone_digest = None
    back(session, ticket)
    assert todo(session, ticket) == [(TaskKind.MEET, "asked")]


def test_a_grave_matter_that_was_moved_is_still_a_supervisors(session: Session) -> None:
    """Also after a second move, and where the ticket it came to is not rated again, as somebody has it."""
    grave = ticket_of(session, tell(session, "Uang saya hilang 5 juta, saldo saya dicuri orang", now=NOW))
    assert grave.severity in setting_aside.GRAVE
    office = make_user(session)
    milder = []
    for serial in (1, 2):
        filed = registration.Submission(
            channel=ChannelCode.PHONE, text=f"Mau tanya jam buka kantor {serial}",
            person=Person(contact_id=grave.contact_id), received_at=NOW,
        )  # fmt: skip
        number = registration.register(session, filed, scope="web", key=None, lender=LENDER, now=NOW).number
        milder.append(session.scalars(select(Ticket).where(Ticket.number == number)).one())
        milder[-1].assignee_id = office.id
    message_id = moving.newest_of_hers(session, grave).public_id
    for source, target in ((grave, milder[0]), (milder[0], milder[1])):
        moving.into_ticket(session, source.id, message_id, target_id=target.id, actor=AGENT, now=NOW + HOUR)
        assert target.severity not in setting_aside.GRAVE
        with pytest.raises(Conflict) as caught:
            setting_aside.set_aside(
                session, target.id, SetAside.SPAM, is_leader=False, actor=AGENT, now=NOW + HOUR
            )
        assert caught.value.code == "grave"
