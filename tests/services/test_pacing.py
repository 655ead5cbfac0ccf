"""How fast messages leave, and at which hours: per provider, per person, and never at night unasked."""

from datetime import timedelta

import pytest
from answer_samples import answer, item_of
from installing import NOW
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode, Purpose
from helpdesk.domain.outreach import unasked
from helpdesk.domain.pacing import Pace, paces_of
from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import delivery, pacing, replies

SMS, WHATSAPP = ChannelCode.SMS, ChannelCode.WHATSAPP
SECOND = timedelta(seconds=1)
NIGHT = NOW + timedelta(hours=12)
"""Monday 22.00 WIB."""


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return ticket_of(session, tell(session, now=NOW))


def claimed(session: Session, channel: ChannelCode, now: object) -> int:
    """How many go one after the other at this instant."""
    count = 0
    while delivery.claim_due(session, channel, now=now):  # type: ignore[arg-type]
        count += 1
    return count


def test_a_pace_is_a_burst_and_then_even() -> None:
    pace, used, times = Pace(timedelta(seconds=6), 3), None, []
    for second in range(40):
        now = NOW + second * SECOND
        while used is None or used <= pace.latest(now):
            used = pace.after(used, now)
            times.append(second)
    assert times == [0, 0, 0, 6, 12, 18, 24, 30, 36]
    assert all(paces_of(channel).person.gap >= SECOND for channel in CHAT_CHANNELS)


def test_one_person_is_not_flooded_and_others_need_not_wait(session: Session, ticket: Ticket) -> None:
    person = paces_of(WHATSAPP).person
    for number in range(person.burst + 1):
        answer(session, ticket, f"Kabar {number}, Ibu.")
    assert claimed(session, WHATSAPP, NOW) == person.burst
    tell(session, phone="+6285711119999", now=NOW)
    assert claimed(session, WHATSAPP, NOW) == 2
    assert claimed(session, WHATSAPP, NOW + person.gap) == 1


def test_a_provider_that_wants_a_rest_gets_it_for_all(session: Session, ticket: Ticket) -> None:
    [first] = delivery.claim_due(session, WHATSAPP, now=NOW)
    delivery.record_failure(
        session, first.outbox_id, code="20429", outcome=SendOutcome.RETRY, retry_after=30 * SECOND, now=NOW
    )
    assert claimed(session, WHATSAPP, NOW + 29 * SECOND) == 0
    assert claimed(session, WHATSAPP, NOW + 30 * SECOND) >= 1
    [again] = delivery.claim_due(session, WHATSAPP, now=NOW + 60 * SECOND) or [first]
    delivery.record_failure(
        session, again.outbox_id, code="63018", outcome=SendOutcome.RETRY, retry_after=3600 * SECOND, now=NOW
    )
    answer(session, ticket)
    assert claimed(session, WHATSAPP, NOW + 61 * SECOND) >= 1  # hours are of that message alone


def test_a_channel_goes_no_faster_than_its_provider_takes(session: Session, ticket: Ticket) -> None:
    pace = paces_of(SMS).channel
    pacing.count(session, SMS, [ticket.handle_id or 1] * (pace.burst - 1), now=NOW)
    assert not pacing.is_resting(session, SMS, now=NOW)
    pacing.count(session, SMS, [ticket.handle_id or 1], now=NOW)
    assert pacing.is_resting(session, SMS, now=NOW)
    assert not pacing.is_resting(session, SMS, now=NOW + pace.gap)
    pacing.forget_old(session, now=NOW + timedelta(days=2))
    assert not pacing.is_resting(session, SMS, now=NOW)


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Jakarta", 0), ("Asia/Makassar", 23)], ids=["WIB", "WITA"])
def test_what_she_did_not_ask_for_waits_for_the_morning_in_her_zone(
    session: Session, ticket: Ticket, zone: str, hour: int
) -> None:
    session.get_one(OrgUnit, ticket.unit_id).zone = zone
    ticket.severity = Severity.S2
    notice = replies.queue(session, ticket, "Kabar.", purpose=Purpose.NOTICE, now=NIGHT)
    due = item_of(session, notice).next_attempt_at
    assert (due.hour, due > NIGHT) == (hour, True)  # 07.00 there
    reply = replies.queue(session, ticket, "Baik, Ibu.", purpose=Purpose.REPLY, now=NIGHT)
    assert item_of(session, reply).next_attempt_at == NIGHT
    ticket.severity = Severity.S1
    grave = replies.queue(session, ticket, "Gawat.", purpose=Purpose.NOTICE, now=NIGHT)
    assert item_of(session, grave).next_attempt_at == NIGHT


def test_the_night_begins_at_eight_and_ends_at_seven() -> None:
    hours = unasked().hours
    for local, is_quiet in ((19, False), (20, True), (23, True), (0, True), (6, True), (7, False)):
        at = NOW.replace(hour=(local - 7) % 24)
        assert (hours.free_at(at, zone="Asia/Jakarta") > at) is is_quiet
