"""Edges at which other helpdesks are wrong, by the name of the peer: the clocks of tickets as they are stored.

The number in a docstring is that of the acceptance test in lessons.md section 8; the pure rules behind them are in
tests/sla/test_peer_edges.py, the pass over due clocks in test_peer_edges_sweeps.py.
"""

from datetime import datetime, timedelta

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
from factories import NOW, make_message
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Direction, Purpose
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.messages import Message
from helpdesk.models.sla import SlaClockRow, SlaPauseRow, SlaPolicyRow, SlaTargetRow
from helpdesk.models.tickets import Ticket
from helpdesk.queries.sla import clocks_of
from helpdesk.services import sla, sweeps, tickets
from helpdesk.services.recompute import planned, recompute
from helpdesk.sla.clock import ClockState

AGENT = "user:agent"


def waiting(session: Session, *, since: datetime, **changes: object) -> Ticket:
    """A ticket that waits for the contact."""
    ticket = started(session, status=TicketStatus.OPEN, **changes)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, reason="foto KTP", actor=AGENT, now=since)
    return ticket


def next_version(session: Session, clock: SlaClockRow, *, seconds: int) -> None:
    """Publish the policy of a clock anew, with another target for its metric."""
    old = session.get_one(SlaPolicyRow, clock.policy_id)
    old.retired_at = NOW
    new = SlaPolicyRow(
        code=old.code,
        version=old.version + 1,
        rank=old.rank,
        name_id=old.name_id,
        name_en=old.name_en,
        conditions=old.conditions,
        published_at=NOW,
    )
    session.add(new)
    session.flush()
    for target in session.scalars(select(SlaTargetRow).where(SlaTargetRow.policy_id == old.id)).all():
        session.add(
            SlaTargetRow(
                policy_id=new.id,
                metric=target.metric,
                seconds=seconds if target.metric == clock.metric else target.seconds,
                calendar=target.calendar,
                is_pausable=target.is_pausable,
                pause_cap_seconds=target.pause_cap_seconds,
            )
        )
    session.flush()


def test_frappe_pause_edited_after_the_old_due_time_is_still_paused(session: Session) -> None:
    """11. Saving anything while the ticket waits turns it to Failed there."""
    ticket = waiting(session, since=wib("2026-11-23", "11:00"), severity=Severity.S1)
    after_due = wib("2026-11-26", "13:30")  # due on Thursday at 10:00 without the pause
    tickets.add_note(
        session, ticket.id, "Ditelepon, tidak diangkat", author_id=None, actor=AGENT, now=after_due
    )
    sla.refit(session, ticket, now=after_due)
    told = {step for step, _ in sweep(session, ticket, after_due)}
    clock = live(session, ticket, RESOLUTION)
    assert (clock.breached_at, clock.due_at) == (None, None)
    assert line(session, ticket, RESOLUTION, now=after_due).state is ClockState.PAUSED
    assert not told & {"ladder_L6_resolution_breach", "warning_last_day"}


def test_frappe_resolve_from_paused_excludes_the_pause_in_every_stored_field(session: Session) -> None:
    """12. There it books 4.52 h for one hour of work, and a failure of 1,860 s."""
    ticket = waiting(session, since=wib("2026-11-23", "11:00"), severity=Severity.S1)
    done = wib("2026-11-27", "13:31")
    tickets.set_status(session, ticket, TicketStatus.RESOLVED, actor=AGENT, now=done)
    sla.resolved(session, ticket, at=done)
    clock = newest(session, ticket, RESOLUTION)
    pause = session.scalars(select(SlaPauseRow).where(SlaPauseRow.clock_id == clock.id)).one()
    assert (clock.met_at, clock.breached_at, clock.next_step_at) == (done, None, None)
    assert clock.due_at is not None
    assert clock.due_at > done
    assert (pause.started_at, pause.ended_at) == (wib("2026-11-23", "11:00"), done)
    shown = line(session, ticket, RESOLUTION, now=done + timedelta(days=30))
    # Until noon, three days and the morning, and half an hour after lunch, of eight hours a day.
    assert (shown.used_seconds, shown.paused_seconds) == (3600, (5 + 24 + 4) * 3600 + 31 * 60)
    assert shown.state is ClockState.MET


def test_glpi_severity_changed_while_paused_keeps_used_and_paused_time(session: Session) -> None:
    """13. GLPI #6902 and #15605."""
    ticket = waiting(session, since=wib("2026-11-23", "11:00"), severity=Severity.S3)
    tickets.override_severity(
        session,
        ticket.id,
        impact=Impact.I4,
        urgency=Urgency.U3,
        reason="diancam",
        actor=AGENT,
        now=wib("2026-11-23", "14:00"),
    )
    now = wib("2026-11-24", "11:00")
    shown = line(session, ticket, RESOLUTION, now=now)
    assert (shown.state, shown.used_seconds, shown.paused_seconds) == (ClockState.PAUSED, 3600, 8 * 3600)
    sla.resume(session, ticket, at=now)
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-11-27", "10:00")  # three days and the pause


def test_zammad_the_name_of_a_status_moves_no_clock(session: Session) -> None:
    """17. Zammad replays pauses by the names of states: a name that changes changes the past."""
    ticket = waiting(session, since=wib("2026-11-23", "11:00"))
    sla.resume(session, ticket, at=wib("2026-11-23", "15:00"))
    before = clocks_of(session, ticket.id, now=wib("2026-11-24"))
    # Whatever the status is called by now, and though the history of it were gone.
    session.execute(update(Ticket).where(Ticket.id == ticket.id).values(status=TicketStatus.ON_HOLD))
    session.expire_all()
    sweeps.run_within(session, now=wib("2026-11-23", "15:30"))
    assert clocks_of(session, ticket.id, now=wib("2026-11-24")) == before


def test_zammad_5177_a_shorter_next_response_does_not_overrule_the_first(session: Session) -> None:
    """18. Both are shown, each with its own due instant."""
    ticket = started(session, severity=Severity.S3)
    next_version(session, _next_response_of(session, ticket), seconds=3600)
    promised = live(session, ticket, FIRST).due_at
    sla.contact_wrote(session, ticket, at=NOW + timedelta(minutes=5))  # the first answer is still owed
    assert live(session, ticket, FIRST).due_at == promised
    asked = NOW + timedelta(minutes=40)
    make_message(session, ticket, direction=Direction.OUT, at=NOW + timedelta(minutes=30))
    sla.person_replied(session, ticket, at=NOW + timedelta(minutes=30))
    sla.contact_wrote(session, ticket, at=asked)
    shown = {each.metric: each for each in clocks_of(session, ticket.id, now=asked)}
    assert (shown[FIRST].due_at, shown[FIRST].state) == (promised, ClockState.MET)
    assert (shown[NEXT].due_at, shown[NEXT].state) == (asked + timedelta(hours=1), ClockState.RUNNING)


def _next_response_of(session: Session, ticket: Ticket) -> SlaClockRow:
    """A clock that was never started, to name the metric of its policy."""
    return SlaClockRow(metric=NEXT, policy_id=live(session, ticket, FIRST).policy_id)


def test_zammad_pauses_of_twenty_seconds_are_stored_to_the_second(session: Session) -> None:
    """19. Two in one minute, through the menu of statuses."""
    ticket = started(session, status=TicketStatus.OPEN)
    due = live(session, ticket, RESOLUTION).due_at
    assert due is not None
    for begin in (5, 30):
        at = NOW + timedelta(seconds=begin)
        for status, when in ((TicketStatus.PENDING, at), (TicketStatus.OPEN, at + timedelta(seconds=20))):
            tickets.change_status(session, ticket.id, status, reason="tanya", actor=AGENT, now=when)
    assert live(session, ticket, RESOLUTION).due_at == due + timedelta(seconds=40)


def test_jsm_an_edited_policy_moves_no_open_ticket_until_somebody_says_so(session: Session) -> None:
    """21. JSM and Zendesk recalculate in silence; ours keep their version, and the move reports before and after."""
    ticket = started(session, severity=Severity.S3)
    clock = live(session, ticket, RESOLUTION)
    promised, version = clock.due_at, clock.policy_id
    next_version(session, clock, seconds=2 * 8 * 3600)
    later = NOW + timedelta(hours=1)
    tickets.add_note(session, ticket.id, "Dicek", author_id=None, actor=AGENT, now=later)
    sla.refit(session, ticket, now=later)
    assert (live(session, ticket, RESOLUTION).due_at, live(session, ticket, RESOLUTION).policy_id) == (
        promised,
        version,
    )
    plan = [move for move in planned(session, ticket.id, now=later) if move.metric is RESOLUTION]
    assert [(move.due_from, move.due_to) for move in plan] == [(promised, wib("2026-11-25", "10:00"))]
    assert live(session, ticket, RESOLUTION).due_at == promised  # the report has changed nothing
    moved = recompute(session, ticket.id, reason="Janji baru", actor="cli", now=later)
    assert [move for move in moved if move.metric is RESOLUTION] == plan
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-11-25", "10:00")
    assert "sla_recomputed" in kinds(session, ticket)


def test_rt_the_next_answer_is_owed_from_the_oldest_unanswered_message(session: Session) -> None:
    ticket = started(session, severity=Severity.S2)
    sla.person_replied(session, ticket, at=NOW)
    first, second = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    sla.contact_wrote(session, ticket, at=first)
    sla.contact_wrote(session, ticket, at=second)
    assert live(session, ticket, NEXT).started_at == first


def test_chatwoot_automatic_messages_answer_nobody(session: Session) -> None:
    """Its waiting_since has this rule; elsewhere a bot is a first response."""
    received = tell(session, now=NOW)
    ticket = ticket_of(session, received)
    automatic = select(Message.purpose).where(
        Message.ticket_id == ticket.id, Message.direction == Direction.OUT
    )
    assert set(session.scalars(automatic)) & {Purpose.RECEIPT, Purpose.CHAT}
    assert live(session, ticket, FIRST).met_at is None
    assert live(session, ticket, ACK).met_at is None
    answer(session, ticket, now=NOW + timedelta(minutes=1))
    assert newest(session, ticket, FIRST).met_at == NOW + timedelta(minutes=1)


def test_zammad_reopening_starts_the_solution_anew_and_keeps_the_old_one(session: Session) -> None:
    """There it is measured once, and reopening does not start it again."""
    ticket = started(session)
    ticket.status = TicketStatus.RESOLVED
    sla.resolved(session, ticket, at=NOW + timedelta(hours=2))
    again = wib("2026-11-25")
    tickets.change_status(session, ticket.id, TicketStatus.OPEN, reason="keberatan", actor=AGENT, now=again)
    found = [each for each in clocks_of(session, ticket.id, now=again) if each.metric is RESOLUTION]
    assert [(each.started_at, each.state) for each in found] == [
        (NOW, ClockState.MET),
        (again, ClockState.RUNNING),
    ]
    assert live(session, ticket, REGULATORY).started_at == again


def test_chatwoot_a_late_resolution_is_a_miss_though_the_ticket_is_closed(session: Session) -> None:
    """There it is only judged while the conversation is open."""
    ticket = started(session, severity=Severity.S1)
    due = wib("2026-11-26", "10:00")
    sla.resolved(session, ticket, at=due + timedelta(minutes=1))  # before any job passed
    assert newest(session, ticket, RESOLUTION).breached_at == due


def test_zendesk_a_downgrade_does_not_erase_the_breach(session: Session) -> None:
    """Policies are chosen anew at each update there."""
    ticket = started(session, severity=Severity.S1)
    due = wib("2026-11-23", "12:00")
    ticket.severity = Severity.S4
    sla.refit(session, ticket, now=due + timedelta(hours=1))
    rows = session.scalars(
        select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == ACK)
    ).all()
    assert [row.breached_at for row in sorted(rows, key=lambda row: row.id)] == [due, None]
