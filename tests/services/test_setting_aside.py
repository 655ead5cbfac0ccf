"""Spam and wrong numbers are set aside: kept, silent, counted nowhere, brought back with what was owed."""

from datetime import timedelta

import pytest
from answer_samples import answer, claim, sent
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import PAID, event_kinds, said, steps_of, tell, ticket_of

from helpdesk.domain.delivery import NOT_NEEDED, DeliveryStatus, SendOutcome
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import SetAside, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.outreach import TaskKind, TaskResult
from helpdesk.models.messages import Message
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import contact_tasks, delivery, periods, setting_aside, tickets

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
