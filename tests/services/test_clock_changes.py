"""Clocks of a ticket that is resolved, opened again, rated or moved anew: what ends and what takes its place."""

from datetime import timedelta

from answer_samples import answer
from clock_samples import (
    ACK,
    FIRST,
    NEXT,
    REGULATORY,
    RESOLUTION,
    kinds,
    line,
    live,
    newest,
    started,
    sweep,
    wib,
)
from factories import NOW, make_unit
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.queries.sla import clocks_of
from helpdesk.services import sla, sweeps, tickets
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import Form


def test_resolving_ends_every_clock(session: Session) -> None:
    ticket = started(session)
    at = NOW + timedelta(hours=1)
    sla.resolved(session, ticket, at=at)
    states = {each.metric: each.state for each in clocks_of(session, ticket.id, now=wib("2027-01-30"))}
    assert states == {
        ACK: ClockState.MET,
        FIRST: ClockState.SUPERSEDED,
        RESOLUTION: ClockState.MET,
        REGULATORY: ClockState.MET,
    }
    assert ticket.next_due_at is None
    assert sweep(session, ticket, wib("2027-01-30")) == []


def test_reopening_starts_new_clocks_from_that_moment(session: Session) -> None:
    ticket = started(session)
    sla.person_replied(session, ticket, at=NOW)
    sla.resolved(session, ticket, at=NOW + timedelta(hours=1))
    again = wib("2026-12-01")
    ticket.last_inbound_at, ticket.last_human_at = again, NOW
    sla.reopened(session, ticket, at=again)
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-12-11")
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-16", "00:00")
    assert live(session, ticket, NEXT).started_at == again
    assert len([each for each in clocks_of(session, ticket.id, now=again) if each.metric is RESOLUTION]) == 2
    assert kinds(session, ticket) == ["sla_restarted"]


def test_a_change_of_severity_supersedes_live_clocks_from_the_same_start(session: Session) -> None:
    ticket = started(session)
    sla.person_acted(session, ticket, at=NOW)
    ticket.severity = Severity.S1
    sla.refit(session, ticket, now=wib("2026-11-23", "14:00"))
    assert newest(session, ticket, ACK).met_at == NOW
    clock = live(session, ticket, RESOLUTION)
    assert (clock.started_at, clock.due_at) == (NOW, wib("2026-11-26", "10:00"))
    before, after = [c for c in clocks_of(session, ticket.id, now=NOW) if c.metric is RESOLUTION]
    assert (before.state, after.state) == (ClockState.SUPERSEDED, ClockState.RUNNING)
    assert (before.policy, after.policy) == ("complaint-s3-tertulis", "complaint-s1-tertulis")
    assert kinds(session, ticket) == ["sla_superseded"]


def test_the_same_severity_again_changes_no_clock(session: Session) -> None:
    ticket = started(session)
    sla.refit(session, ticket, now=NOW)
    assert len(clocks_of(session, ticket.id, now=NOW)) == 4
    assert kinds(session, ticket) == []


def test_a_change_of_severity_while_paused_keeps_used_and_paused_time(session: Session) -> None:
    """Acceptance test 13 of lessons.md."""
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=wib("2026-11-23", "11:00"))
    ticket.severity = Severity.S2
    sla.refit(session, ticket, now=wib("2026-11-23", "14:00"))
    now = wib("2026-11-23", "16:00")
    shown = line(session, ticket, RESOLUTION, now=now)
    assert shown.state is ClockState.PAUSED
    assert (shown.used_seconds, shown.paused_seconds, shown.target_seconds) == (3600, 4 * 3600, 40 * 3600)
    sla.resume(session, ticket, at=now)
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-11-30", "15:00")
    states = [c.state for c in clocks_of(session, ticket.id, now=now) if c.metric is RESOLUTION]
    assert states == [ClockState.SUPERSEDED, ClockState.RUNNING]


def test_a_breach_survives_a_longer_promise(session: Session) -> None:
    ticket = started(session, severity=Severity.S1)
    ticket.severity = Severity.S4
    sla.refit(session, ticket, now=wib("2026-11-23", "15:00"))
    old, new = [c for c in clocks_of(session, ticket.id, now=wib("2026-11-23", "15:00")) if c.metric is ACK]
    assert (old.state, old.breached_at) == (ClockState.BREACHED, wib("2026-11-23", "12:00"))
    assert (new.state, new.due_at) == (ClockState.RUNNING, wib("2026-11-24"))


def test_what_was_done_for_the_same_instant_is_not_done_again_after_a_change(session: Session) -> None:
    ticket = started(session)
    now = wib("2026-12-08", "09:00")
    sweeps.run_within(session, now=now)
    breaches = kinds(session, ticket).count("sla_breached")
    ticket.severity = Severity.S4
    sla.refit(session, ticket, now=now)
    assert live(session, ticket, REGULATORY).breached_at == wib("2026-12-08", "00:00")
    repeated = [step for step, at in sweep(session, ticket, now) if at == wib("2026-12-08", "00:00")]
    assert repeated == []
    assert breaches == 4


def test_a_complaint_filed_by_voice_that_turns_written_gets_the_longer_clock(session: Session) -> None:
    ticket = started(session, channel=ChannelCode.PHONE)
    ticket.form = Form.TERTULIS
    sla.refit(session, ticket, now=NOW + timedelta(days=1))
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-08", "00:00")
    old = next(c for c in clocks_of(session, ticket.id, now=NOW) if c.metric is REGULATORY)
    assert (old.state, old.due_at) == (ClockState.SUPERSEDED, wib("2026-12-01", "00:00"))


def test_an_enquiry_that_proves_a_complaint_gets_the_regulators_clock_from_then(session: Session) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY, severity=Severity.S4)
    sla.person_replied(session, ticket, at=NOW + timedelta(minutes=1))
    told = NOW + timedelta(hours=1)
    ticket.kind, ticket.severity, ticket.received_at = TicketKind.COMPLAINT, Severity.S3, told
    sla.refit(session, ticket, now=told)
    starts = {metric: live(session, ticket, metric).started_at for metric in sla.FROM_RECEIPT}
    assert starts == dict.fromkeys(sla.FROM_RECEIPT, told)


def test_a_complaint_that_was_only_a_question_loses_the_regulators_clock(session: Session) -> None:
    ticket = started(session)
    ticket.kind = TicketKind.ENQUIRY
    sla.refit(session, ticket, now=NOW)
    assert line(session, ticket, REGULATORY, now=NOW).state is ClockState.SUPERSEDED
    assert live(session, ticket, RESOLUTION)


def test_a_ticket_moved_to_another_zone_is_counted_there(session: Session) -> None:
    ticket = started(session)
    ticket.unit_id = make_unit(session, zone="Asia/Makassar").id
    sla.refit(session, ticket, now=NOW)
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-07", "23:00")


def test_promised_are_the_dates_that_hold_now(session: Session) -> None:
    ticket = started(session)
    ticket.severity = Severity.S2
    sla.refit(session, ticket, now=NOW)
    promised = sla.promised(session, ticket)
    assert promised[FIRST] == wib("2026-11-24")
    assert promised[RESOLUTION] == wib("2026-11-30")


def test_a_contact_who_waits_is_promised_an_answer_once_the_severity_promises_one(session: Session) -> None:
    ticket = ticket_of(session, tell(session, "Aplikasi lemot dan error terus", now=NOW))
    mild = {"impact": Impact.I1, "urgency": Urgency.U1}
    tickets.override_severity(session, ticket.id, **mild, reason="kecil", actor="user:x", now=NOW)
    answer(session, ticket, now=NOW + timedelta(hours=1))
    asked_at = NOW + timedelta(hours=2)
    tell(session, "Masih error juga bu aplikasinya", now=asked_at)
    assert NEXT not in {each.metric for each in clocks_of(session, ticket.id, now=asked_at)}
    grave = {"impact": Impact.I4, "urgency": Urgency.U3}
    tickets.override_severity(
        session, ticket.id, **grave, reason="gawat", actor="user:x", now=NOW + timedelta(hours=3)
    )
    assert live(session, ticket, NEXT).started_at == asked_at
