"""Clocks and answers: what meets them, who waits for the next one, and a reply that never arrived."""

from datetime import timedelta

import pytest
from clock_samples import ACK, FIRST, NEXT, RESOLUTION, dues, kinds, line, live, newest, started, wib
from factories import NOW, make_message
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.domain.severity import Severity
from helpdesk.services import reply_clocks, sla, sweeps
from helpdesk.sla.clock import ClockState


def test_acting_meets_only_the_acknowledgement(session: Session) -> None:
    ticket = started(session)
    sla.person_acted(session, ticket, at=NOW + timedelta(hours=1))
    sla.person_acted(session, ticket, at=NOW + timedelta(hours=2))
    assert newest(session, ticket, ACK).met_at == NOW + timedelta(hours=1)
    assert live(session, ticket, FIRST)
    assert ticket.next_due_at == live(session, ticket, FIRST).due_at
    assert kinds(session, ticket) == []


def test_a_reply_meets_acknowledgement_and_first_response(session: Session) -> None:
    ticket = started(session)
    at = NOW + timedelta(hours=1)
    sla.person_replied(session, ticket, at=at)
    assert [newest(session, ticket, metric).met_at for metric in (ACK, FIRST)] == [at, at]
    assert line(session, ticket, FIRST, now=at).state is ClockState.MET
    assert ticket.next_due_at == live(session, ticket, RESOLUTION).due_at


def test_met_at_the_due_instant_is_in_time_and_a_second_later_is_not(session: Session) -> None:
    due = wib("2026-11-24", "10:00")
    in_time, late = started(session), started(session)
    sla.person_acted(session, in_time, at=due)
    sla.person_acted(session, late, at=due + timedelta(seconds=1))
    assert newest(session, in_time, ACK).breached_at is None
    assert newest(session, late, ACK).breached_at == due
    assert line(session, late, ACK, now=due).state is ClockState.BREACHED
    assert (kinds(session, in_time), kinds(session, late)) == ([], ["sla_breached"])


def test_a_late_answer_tells_of_its_breach_once(session: Session) -> None:
    ticket = started(session)
    late = wib("2026-11-25", "09:00")
    sweeps.run_within(session, now=wib("2026-11-24", "11:00"))
    sla.person_acted(session, ticket, at=late)
    assert kinds(session, ticket).count("sla_breached") == 1
    assert newest(session, ticket, ACK).met_at == late
    assert newest(session, ticket, ACK).next_step_at is None


def test_next_response_starts_when_the_contact_waits_again(session: Session) -> None:
    ticket = started(session)
    sla.contact_wrote(session, ticket, at=NOW + timedelta(minutes=5))
    assert NEXT not in dues(session, ticket)
    sla.person_replied(session, ticket, at=NOW + timedelta(hours=1))
    first, second = wib("2026-11-23", "14:00"), wib("2026-11-23", "15:00")
    sla.contact_wrote(session, ticket, at=first)
    sla.contact_wrote(session, ticket, at=second)
    clock = live(session, ticket, NEXT)
    assert (clock.started_at, clock.due_at) == (first, wib("2026-11-26", "14:00"))
    sla.person_replied(session, ticket, at=wib("2026-11-24"))
    assert newest(session, ticket, NEXT).met_at == wib("2026-11-24")


def test_a_policy_without_next_response_starts_none(session: Session) -> None:
    ticket = started(session, severity=Severity.S4)
    sla.person_replied(session, ticket, at=NOW)
    sla.contact_wrote(session, ticket, at=NOW)
    assert NEXT not in dues(session, ticket)


def test_a_word_of_thanks_after_the_answer_starts_nothing(session: Session) -> None:
    ticket = started(session)
    sla.person_replied(session, ticket, at=NOW)
    ticket.status = TicketStatus.RESOLVED
    sla.contact_wrote(session, ticket, at=NOW)
    assert NEXT not in dues(session, ticket)


def test_a_reply_that_never_arrived_lets_the_clock_count_on(session: Session) -> None:
    ticket = started(session)
    at = NOW + timedelta(hours=1)
    make_message(session, ticket, direction=Direction.OUT, at=at, delivery=DeliveryStatus.FAILED)
    sla.person_replied(session, ticket, at=at)
    reply_clocks.undo_reply(session, ticket, at, now=at + timedelta(hours=1))
    assert live(session, ticket, FIRST).due_at == wib("2026-11-25")
    assert newest(session, ticket, ACK).met_at == at
    assert kinds(session, ticket) == ["sla_unmet"]


def test_another_reply_that_went_out_takes_its_place(session: Session) -> None:
    ticket = started(session)
    failed, sent = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    make_message(session, ticket, direction=Direction.OUT, at=failed, delivery=DeliveryStatus.FAILED)
    make_message(session, ticket, direction=Direction.OUT, at=sent, delivery=DeliveryStatus.SENT)
    sla.person_replied(session, ticket, at=failed)
    reply_clocks.undo_reply(session, ticket, failed, now=sent)
    assert newest(session, ticket, FIRST).met_at == sent


def test_a_late_reply_that_never_arrived_stays_a_breach(session: Session) -> None:
    ticket = started(session)
    late = wib("2026-11-26", "10:00")
    sla.person_replied(session, ticket, at=late)
    reply_clocks.undo_reply(session, ticket, late, now=late)
    clock = newest(session, ticket, FIRST)
    assert (clock.met_at, clock.breached_at) == (late, wib("2026-11-25"))


def test_an_earlier_wait_takes_over_from_a_later_one(session: Session) -> None:
    ticket = started(session)
    sla.person_replied(session, ticket, at=NOW)
    asked, answered, asked_again = (NOW + timedelta(hours=hours) for hours in (1, 2, 3))
    sla.contact_wrote(session, ticket, at=asked)
    sla.person_replied(session, ticket, at=answered)
    sla.contact_wrote(session, ticket, at=asked_again)
    reply_clocks.undo_reply(session, ticket, answered, now=asked_again)
    assert live(session, ticket, NEXT).started_at == asked


def test_a_later_wait_keeps_its_clock_where_another_reply_took_the_place_of_the_failed_one(
    session: Session,
) -> None:
    ticket = started(session)
    sla.person_replied(session, ticket, at=NOW)
    asked, failed, sent, asked_again = (NOW + timedelta(hours=hours) for hours in (1, 2, 3, 4))
    sla.contact_wrote(session, ticket, at=asked)
    make_message(session, ticket, direction=Direction.OUT, at=failed, delivery=DeliveryStatus.FAILED)
    make_message(session, ticket, direction=Direction.OUT, at=sent, delivery=DeliveryStatus.SENT)
    sla.person_replied(session, ticket, at=failed)
    sla.contact_wrote(session, ticket, at=asked_again)
    reply_clocks.undo_reply(session, ticket, failed, now=asked_again)
    assert live(session, ticket, NEXT).started_at == asked_again


def test_a_settled_clock_does_not_count_on_where_a_later_one_was_kept(session: Session) -> None:
    ticket = started(session)
    first, reopened, second = (NOW + timedelta(hours=hours) for hours in (1, 2, 3))
    sla.resolved(session, ticket, at=first)
    sla.reopened(session, ticket, at=reopened)
    sla.resolved(session, ticket, at=second)
    reply_clocks.undo_reply(session, ticket, first, now=second)
    assert newest(session, ticket, RESOLUTION).met_at == second
    assert ticket.next_due_at is None
    assert "sla_unmet" not in kinds(session, ticket)


@pytest.mark.parametrize("status", [TicketStatus.RESOLVED, TicketStatus.CLOSED])
def test_nothing_counts_on_in_a_finished_ticket(session: Session, status: TicketStatus) -> None:
    ticket = started(session)
    make_message(session, ticket, direction=Direction.OUT, at=NOW, delivery=DeliveryStatus.FAILED)
    sla.person_replied(session, ticket, at=NOW)
    sla.resolved(session, ticket, at=NOW)
    ticket.status = status
    reply_clocks.undo_reply(session, ticket, NOW, now=NOW + timedelta(hours=1))
    assert ticket.next_due_at is None
    assert newest(session, ticket, FIRST).met_at == newest(session, ticket, RESOLUTION).met_at == NOW
