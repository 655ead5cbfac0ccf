"""What came while two tickets were merged counts for each of them once they stand apart: replies, failures, names."""

from datetime import timedelta

import pytest
from clock_samples import FIRST, NEXT, REGULATORY, RESOLUTION, live
from factories import make_user
from installing import NOW
from merge_samples import AGENT, complaint, person, stands
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, resolve, said, tell

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, DeliveryReport
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.people import Position, Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit_check import verify
from helpdesk.services import delivery, merging, replies, tickets, triage
from helpdesk.services.registration import add_to

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def handle(session: Session) -> Handle:
    return person(session)[1]


@pytest.fixture
def chain(session: Session, handle: Handle) -> tuple[Ticket, Ticket, Ticket]:
    """Three complaints, an hour apart; nobody has answered any."""
    tell(session, "halo", now=NOW - 4 * HOUR)
    a, b, c = (complaint(session, handle, at=NOW - hours * HOUR) for hours in (3, 2, 1))
    return a, b, c


def merge(session: Session, source: Ticket, target: Ticket, *, now: object = NOW + HOUR) -> None:
    merging.merge(session, source.id, target_id=target.id, actor=AGENT, now=now)  # type: ignore[arg-type]


def unmerge(session: Session, source: Ticket, *, now: object = NOW + 3 * HOUR) -> None:
    merging.unmerge(session, source.id, actor=AGENT, now=now)  # type: ignore[arg-type]


def answered(session: Session, ticket: Ticket, then: TicketStatus | None = None) -> Message:
    """Let somebody answer, and the answer go out as `out<id>`."""
    reply = replies.reply(
        session, ticket.id, "Kami cek.", author_id=None, actor=AGENT, seen_message_id=None, lender=LENDER, now=NOW,
        then_status=then,
    )  # fmt: skip
    delivery.claim_due(session, ChannelCode.WHATSAPP, now=NOW)
    item = session.scalars(select(OutboxItem.id).where(OutboxItem.message_id == reply.id)).one()
    delivery.record_sent(session, item, external_id=f"out{reply.id}", now=NOW)
    return reply


def report(session: Session, reply: Message, status: DeliveryStatus) -> None:
    told = DeliveryReport(ChannelCode.WHATSAPP, f"out{reply.id}", status, error_code="63024")
    delivery.apply_report(session, told, now=NOW + 2 * HOUR)


def test_what_was_answered_in_the_source_is_still_owed_in_the_target(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, _ = chain
    due = live(session, b, FIRST).due_at
    answered(session, a)
    merge(session, a, b)
    assert FIRST not in stands(session, b)["clocks"]  # type: ignore[operator]
    unmerge(session, a)
    assert (live(session, b, FIRST).due_at, live(session, b, FIRST).started_at) == (due, b.received_at)
    assert FIRST not in stands(session, a)["clocks"]  # type: ignore[operator]


def test_also_in_one_that_rested_between(session: Session, chain: tuple[Ticket, Ticket, Ticket]) -> None:
    a, b, c = chain
    answered(session, a)
    merge(session, a, b)
    merge(session, b, c)
    unmerge(session, a)
    assert live(session, c, FIRST).started_at == b.received_at
    unmerge(session, b)
    assert [live(session, each, FIRST).started_at for each in (b, c)] == [b.received_at, c.received_at]


def test_one_that_was_opened_again_counts_from_then_as_before(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    resolve(session, b, now=NOW)
    tickets.change_status(session, b.id, TicketStatus.OPEN, reason="salah", actor=AGENT, now=NOW + HOUR / 2)
    before = stands(session, b)["clocks"]
    merge(session, a, b)
    merge(session, c, b)
    assert live(session, b, RESOLUTION).started_at == a.received_at
    unmerge(session, a)
    assert live(session, b, RESOLUTION).started_at == c.received_at
    unmerge(session, c)
    assert stands(session, b)["clocks"] == before


def test_one_that_waited_has_its_own_start_again_after_a_merge_with_a_later_one(
    session: Session, handle: Handle
) -> None:
    target = complaint(session, handle, at=NOW - 5 * HOUR)
    tickets.change_status(session, target.id, TicketStatus.PENDING, actor=AGENT, now=NOW - 4 * HOUR)
    tickets.change_status(session, target.id, TicketStatus.OPEN, actor=AGENT, now=NOW)
    before = stands(session, target)["clocks"]
    later = complaint(session, handle, at=NOW - 4 * HOUR)  # due sooner, for it never waited
    merge(session, later, target)
    assert live(session, target, RESOLUTION).started_at == later.received_at
    unmerge(session, later)
    after = stands(session, target)["clocks"]
    assert after[RESOLUTION] == before[RESOLUTION]  # type: ignore[index]


def test_what_another_asked_is_not_owed_in_one_that_rested_between(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    answered(session, b)
    before = stands(session, b)["clocks"]
    add_to(session, a.number, "kapan, Bu?", channel=ChannelCode.APP, now=NOW + HOUR / 2)
    merge(session, a, b)
    assert live(session, b, NEXT).started_at == NOW + HOUR / 2
    merge(session, b, c)
    unmerge(session, a)
    unmerge(session, b)
    assert stands(session, b)["clocks"] == before


@pytest.mark.parametrize("then", [None, TicketStatus.PENDING])
def test_a_reply_that_turns_out_lost_while_merged_has_answered_nobody(
    session: Session, chain: tuple[Ticket, Ticket, Ticket], then: TicketStatus | None
) -> None:
    a, b, c = chain
    merge(session, b, c)  # another merge beside it changes nothing
    reply = answered(session, a, then)
    paused = stands(session, a)["clocks"]
    merge(session, a, c)
    report(session, reply, DeliveryStatus.FAILED)
    unmerge(session, a)
    assert a.status == TicketStatus.OPEN
    assert live(session, a, FIRST).started_at == a.received_at
    clocks = stands(session, a)["clocks"]
    assert REGULATORY in paused  # type: ignore[operator]
    assert all(due is not None for _, due in clocks.values())  # type: ignore[attr-defined]
    assert verify(session) is None


def test_one_that_was_lost_before_changes_nothing(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, _ = chain
    report(session, answered(session, a), DeliveryStatus.FAILED)
    tickets.change_status(session, a.id, TicketStatus.PENDING, actor=AGENT, now=NOW + 2 * HOUR)
    before = stands(session, a)
    merge(session, a, b, now=NOW + 2 * HOUR)
    unmerge(session, a)
    assert stands(session, a) == before


def test_who_is_named_while_they_are_merged_is_kept_from_both(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    subject = make_user(session, Role.FIELD, position=Position.BP)
    tickets.assign(session, a.id, assignee_id=subject.id, actor=AGENT, now=NOW)
    merge(session, a, b)
    merge(session, b, c)
    triage.bar_staff(session, c, subjects=[subject.id], now=NOW + 2 * HOUR)
    unmerge(session, b)
    assert (b.is_about_staff, triage.subjects_of(session, b)) == (True, (subject.id,))
    unmerge(session, a)
    assert (a.is_about_staff, triage.subjects_of(session, a), a.assignee_id) == (True, (subject.id,), None)


def test_who_was_kept_from_the_others_before_may_read_what_was_never_there(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, c = chain
    subjects = [make_user(session, Role.FIELD, position=Position.BP).id for _ in range(2)]
    triage.bar_staff(session, b, subjects=subjects[:1], now=NOW)
    triage.bar_staff(session, c, subjects=subjects[1:], now=NOW)
    merge(session, a, b)
    merge(session, c, b)
    assert set(triage.subjects_of(session, b)) == set(subjects)
    unmerge(session, a)
    assert (a.is_about_staff, triage.subjects_of(session, a)) == (False, ())


def test_a_note_for_a_merged_ticket_lies_where_all_else_does(
    session: Session, chain: tuple[Ticket, Ticket, Ticket]
) -> None:
    a, b, _ = chain
    merge(session, a, b)
    tickets.add_note(session, a.id, "sudah ditelepon", author_id=None, actor=AGENT, now=NOW + HOUR)
    assert (said(session, a.id, "note"), said(session, b.id, "note")) == ([], ["sudah ditelepon"])
