"""Clocks of tickets: start, due, pause, met, breach, and what the enforcement does when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from factories import NOW, make_message, make_ticket, make_unit, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.domain.severity import Severity
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.sla import SlaClockEvent, SlaClockRow, SlaPauseRow
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.queries.sla import ClockLine, clocks_of
from helpdesk.runtime import Runtime
from helpdesk.services import sla
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import CalendarCode, Form, Metric

ACK, FIRST, NEXT = Metric.ACKNOWLEDGEMENT, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE
RESOLUTION, REGULATORY = Metric.RESOLUTION, Metric.REGULATORY


def wib(day: str, time: str = "10:00") -> datetime:
    """Instant that clocks in Jakarta show."""
    return datetime.fromisoformat(f"{day}T{time}+07:00").astimezone(UTC)


def started(session: Session, **changes: object) -> Ticket:
    """A ticket with its clocks, received when it says."""
    ticket = make_ticket(session, **changes)  # type: ignore[arg-type]
    sla.start_clocks(session, ticket, now=ticket.received_at)
    return ticket


def live(session: Session, ticket: Ticket, metric: Metric) -> SlaClockRow:
    return session.scalars(
        select(SlaClockRow).where(
            SlaClockRow.ticket_id == ticket.id,
            SlaClockRow.metric == metric,
            SlaClockRow.met_at.is_(None),
            SlaClockRow.superseded_at.is_(None),
        )
    ).one()


def newest(session: Session, ticket: Ticket, metric: Metric) -> SlaClockRow:
    return session.scalars(
        select(SlaClockRow)
        .where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == metric)
        .order_by(SlaClockRow.id.desc())
        .limit(1)
    ).one()


def line(session: Session, ticket: Ticket, metric: Metric, *, now: datetime) -> ClockLine:
    return [each for each in clocks_of(session, ticket.id, now=now) if each.metric is metric][-1]


def dues(session: Session, ticket: Ticket) -> dict[Metric, datetime | None]:
    rows = session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    return {row.metric: row.due_at for row in rows}


def kinds(session: Session, ticket: Ticket) -> list[str]:
    return list(
        session.scalars(
            select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
        )
    )


def sweep(session: Session, ticket: Ticket, now: datetime) -> list[tuple[str, datetime]]:
    """What one pass did for this ticket: step and true instant, in the order it was done."""
    actions = sla.check_due(session, now=now)
    return [(action.step, action.at) for action in actions if action.number == ticket.number]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"severity": Severity.S3},
            {
                ACK: wib("2026-11-24", "10:00"),
                FIRST: wib("2026-11-25", "10:00"),
                RESOLUTION: wib("2026-12-03", "10:00"),
                REGULATORY: wib("2026-12-08", "00:00"),
            },
            id="written-S3",
        ),
        pytest.param(
            {"severity": Severity.S1, "channel": ChannelCode.PHONE},
            {
                ACK: wib("2026-11-23", "12:00"),
                FIRST: wib("2026-11-24", "10:00"),
                RESOLUTION: wib("2026-11-26", "10:00"),
                REGULATORY: wib("2026-12-01", "00:00"),
            },
            id="verbal-S1",
        ),
        pytest.param(
            {"severity": Severity.S4, "kind": TicketKind.ENQUIRY},
            {
                ACK: wib("2026-11-24", "10:00"),
                FIRST: wib("2026-11-26", "10:00"),
                RESOLUTION: wib("2026-12-03", "10:00"),
            },
            id="enquiry-has-no-regulatory-clock",
        ),
        pytest.param(
            {"severity": Severity.S2, "category_code": "DAT-HAK", "kind": TicketKind.REQUEST},
            {
                ACK: wib("2026-11-23", "11:00"),
                RESOLUTION: wib("2026-11-25", "10:00"),
                REGULATORY: wib("2026-11-26", "10:00"),
            },
            id="data-rights-by-the-clock-on-the-wall",
        ),
        pytest.param(
            {"severity": Severity.S2, "received_at": wib("2026-11-21", "09:00")},
            {
                ACK: wib("2026-11-23", "12:00"),
                FIRST: wib("2026-11-23", "17:00"),
                RESOLUTION: wib("2026-11-27", "17:00"),
                REGULATORY: wib("2026-12-05", "00:00"),
            },
            id="received-on-a-saturday",
        ),
    ],
)
def test_a_ticket_starts_with_the_clocks_of_its_policy(
    session: Session, changes: dict[str, object], expected: dict[Metric, datetime]
) -> None:
    ticket = started(session, **changes)
    assert dues(session, ticket) == expected
    assert ticket.next_due_at == min(expected.values())


def test_paper_entered_days_later_counts_from_the_day_it_was_received(session: Session) -> None:
    ticket = make_ticket(session, channel=ChannelCode.LWK, received_at=wib("2026-11-19"), created_at=NOW)
    sla.start_clocks(session, ticket, now=NOW)
    assert live(session, ticket, ACK).due_at == wib("2026-11-20")
    assert sweep(session, ticket, NOW)[:4] == [
        ("warning_50", wib("2026-11-19", "15:00")),
        ("warning_75", wib("2026-11-19", "17:00")),
        ("warning_90", wib("2026-11-20", "09:12")),
        ("breached", wib("2026-11-20")),
    ]


def test_a_point_in_wita_is_due_by_its_own_clock(session: Session) -> None:
    ticket = started(session, unit=make_unit(session, zone="Asia/Makassar"))
    assert live(session, ticket, ACK).due_at == wib("2026-11-24", "10:00")
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-07", "23:00")
    early = started(
        session, unit=make_unit(session, zone="Asia/Makassar"), received_at=wib("2026-11-23", "07:00")
    )
    assert live(session, early, ACK).due_at == wib("2026-11-23", "16:00")


@pytest.mark.parametrize(
    ("channel", "received_on", "due_on", "strict_on"),
    [
        pytest.param(ChannelCode.PHONE, "2026-12-21", "2026-12-31", "2026-12-30", id="lisan-december"),
        pytest.param(ChannelCode.WHATSAPP, "2026-12-21", "2027-01-09", "2027-01-08", id="tertulis-december"),
        pytest.param(ChannelCode.PHONE, "2026-03-13", "2026-03-28", "2026-03-24", id="lisan-lebaran"),
        pytest.param(ChannelCode.WHATSAPP, "2026-11-23", "2026-12-08", "2026-12-08", id="tertulis-plain"),
    ],
)
def test_the_strict_date_works_through_cuti_bersama(
    session: Session, channel: ChannelCode, received_on: str, due_on: str, strict_on: str
) -> None:
    """Vectors of domain.md 1.6; due is 24:00 of the named day."""
    ticket = started(session, channel=channel, received_at=wib(received_on))
    clock = live(session, ticket, REGULATORY)
    assert (clock.due_at, clock.strict_due_at) == (wib(due_on, "00:00"), wib(strict_on, "00:00"))


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
    sla.check_due(session, now=wib("2026-11-24", "11:00"))
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


def test_a_pause_stops_what_may_stand_still_and_never_the_regulators_clock(session: Session) -> None:
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=wib("2026-11-23", "11:00"))
    resolution, regulatory = live(session, ticket, RESOLUTION), live(session, ticket, REGULATORY)
    assert (resolution.due_at, resolution.next_step_at) == (None, None)
    assert regulatory.due_at == wib("2026-12-08", "00:00")
    assert line(session, ticket, RESOLUTION, now=wib("2026-12-30")).state is ClockState.PAUSED
    sla.resume(session, ticket, at=wib("2026-11-24", "11:00"))
    assert live(session, ticket, RESOLUTION).due_at == wib("2026-12-04", "10:00")
    shown = line(session, ticket, RESOLUTION, now=wib("2026-11-24", "12:00"))
    assert (shown.used_seconds, shown.paused_seconds) == (2 * 3600, 8 * 3600)
    assert shown.pauses[0].reason == "waiting_for_contact"
    assert kinds(session, ticket) == ["sla_paused", "sla_resumed"]


def test_pausing_twice_and_resuming_twice_changes_nothing(session: Session) -> None:
    ticket = started(session)
    for minute in (0, 1):
        sla.pause(
            session, ticket, reason="waiting_for_contact", actor="system", at=NOW + timedelta(minutes=minute)
        )
    for minute in (20, 30):
        sla.resume(session, ticket, at=NOW + timedelta(minutes=minute))
    pauses = session.scalars(select(SlaPauseRow).join(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    assert [(p.started_at, p.ended_at) for p in pauses] == [(NOW, NOW + timedelta(minutes=20))]
    assert kinds(session, ticket) == ["sla_paused", "sla_resumed"]


def test_two_pauses_within_a_minute_are_exact_to_the_second(session: Session) -> None:
    ticket = started(session)
    due = live(session, ticket, RESOLUTION).due_at
    for begin in (0, 25):
        at = NOW + timedelta(seconds=begin)
        sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=at)
        sla.resume(session, ticket, at=at + timedelta(seconds=20))
    assert due is not None
    assert live(session, ticket, RESOLUTION).due_at == due + timedelta(seconds=40)


def test_a_breach_before_the_pause_is_recorded_though_no_sweep_saw_it(session: Session) -> None:
    ticket = started(session, severity=Severity.S1)
    due = wib("2026-11-26", "10:00")
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=due + timedelta(hours=1))
    assert live(session, ticket, RESOLUTION).breached_at == due
    assert kinds(session, ticket) == ["sla_breached", "sla_paused"]


def test_resolving_straight_from_paused_leaves_the_pause_out(session: Session) -> None:
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="system", at=wib("2026-11-23", "11:00"))
    done = wib("2026-12-21", "09:00")
    sla.resolved(session, ticket, at=done)
    shown = line(session, ticket, RESOLUTION, now=done + timedelta(days=1))
    assert (shown.state, shown.used_seconds) == (ClockState.MET, 3600)
    assert shown.pauses[0].ended_at == done
    assert line(session, ticket, REGULATORY, now=done).state is ClockState.BREACHED


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
    sla.severity_changed(session, ticket, now=wib("2026-11-23", "14:00"))
    assert newest(session, ticket, ACK).met_at == NOW
    clock = live(session, ticket, RESOLUTION)
    assert (clock.started_at, clock.due_at) == (NOW, wib("2026-11-26", "10:00"))
    before, after = [c for c in clocks_of(session, ticket.id, now=NOW) if c.metric is RESOLUTION]
    assert (before.state, after.state) == (ClockState.SUPERSEDED, ClockState.RUNNING)
    assert (before.policy, after.policy) == ("complaint-s3-tertulis", "complaint-s1-tertulis")
    assert kinds(session, ticket) == ["sla_superseded"]


def test_the_same_severity_again_changes_no_clock(session: Session) -> None:
    ticket = started(session)
    sla.severity_changed(session, ticket, now=NOW)
    assert len(clocks_of(session, ticket.id, now=NOW)) == 4
    assert kinds(session, ticket) == []


def test_a_change_of_severity_while_paused_keeps_used_and_paused_time(session: Session) -> None:
    """Acceptance test 13 of lessons.md."""
    ticket = started(session)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=wib("2026-11-23", "11:00"))
    ticket.severity = Severity.S2
    sla.severity_changed(session, ticket, now=wib("2026-11-23", "14:00"))
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
    sla.severity_changed(session, ticket, now=wib("2026-11-23", "15:00"))
    old, new = [c for c in clocks_of(session, ticket.id, now=wib("2026-11-23", "15:00")) if c.metric is ACK]
    assert (old.state, old.breached_at) == (ClockState.BREACHED, wib("2026-11-23", "12:00"))
    assert (new.state, new.due_at) == (ClockState.RUNNING, wib("2026-11-24"))


def test_what_was_done_for_the_same_instant_is_not_done_again_after_a_change(session: Session) -> None:
    ticket = started(session)
    now = wib("2026-12-08", "09:00")
    sla.check_due(session, now=now)
    breaches = kinds(session, ticket).count("sla_breached")
    ticket.severity = Severity.S4
    sla.severity_changed(session, ticket, now=now)
    assert live(session, ticket, REGULATORY).breached_at == wib("2026-12-08", "00:00")
    repeated = [step for step, at in sweep(session, ticket, now) if at == wib("2026-12-08", "00:00")]
    assert repeated == []
    assert breaches == 4


def test_a_complaint_filed_by_voice_that_turns_written_gets_the_longer_clock(session: Session) -> None:
    ticket = started(session, channel=ChannelCode.PHONE)
    ticket.form = Form.TERTULIS
    sla.severity_changed(session, ticket, now=NOW + timedelta(days=1))
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-08", "00:00")
    old = next(c for c in clocks_of(session, ticket.id, now=NOW) if c.metric is REGULATORY)
    assert (old.state, old.due_at) == (ClockState.SUPERSEDED, wib("2026-12-01", "00:00"))


def test_an_enquiry_that_proves_a_complaint_gets_the_regulators_clock_from_then(session: Session) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY, severity=Severity.S4)
    sla.person_replied(session, ticket, at=NOW + timedelta(minutes=1))
    told = NOW + timedelta(hours=1)
    ticket.kind, ticket.severity, ticket.received_at = TicketKind.COMPLAINT, Severity.S3, told
    sla.severity_changed(session, ticket, now=told)
    starts = {metric: live(session, ticket, metric).started_at for metric in sla.FROM_RECEIPT}
    assert starts == dict.fromkeys(sla.FROM_RECEIPT, told)


def test_a_complaint_that_was_only_a_question_loses_the_regulators_clock(session: Session) -> None:
    ticket = started(session)
    ticket.kind = TicketKind.ENQUIRY
    sla.severity_changed(session, ticket, now=NOW)
    assert line(session, ticket, REGULATORY, now=NOW).state is ClockState.SUPERSEDED
    assert live(session, ticket, RESOLUTION)


def test_a_ticket_moved_to_another_zone_is_counted_there(session: Session) -> None:
    ticket = started(session)
    ticket.unit_id = make_unit(session, zone="Asia/Makassar").id
    sla.severity_changed(session, ticket, now=NOW)
    assert live(session, ticket, REGULATORY).due_at == wib("2026-12-07", "23:00")


def test_a_reply_that_never_arrived_lets_the_clock_count_on(session: Session) -> None:
    ticket = started(session)
    at = NOW + timedelta(hours=1)
    make_message(session, ticket, direction=Direction.OUT, at=at, delivery=DeliveryStatus.FAILED)
    sla.person_replied(session, ticket, at=at)
    sla.undo_reply(session, ticket, at, now=at + timedelta(hours=1))
    assert live(session, ticket, FIRST).due_at == wib("2026-11-25")
    assert newest(session, ticket, ACK).met_at == at
    assert kinds(session, ticket) == ["sla_unmet"]


def test_another_reply_that_went_out_takes_its_place(session: Session) -> None:
    ticket = started(session)
    failed, sent = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    make_message(session, ticket, direction=Direction.OUT, at=failed, delivery=DeliveryStatus.FAILED)
    make_message(session, ticket, direction=Direction.OUT, at=sent, delivery=DeliveryStatus.SENT)
    sla.person_replied(session, ticket, at=failed)
    sla.undo_reply(session, ticket, failed, now=sent)
    assert newest(session, ticket, FIRST).met_at == sent


def test_a_late_reply_that_never_arrived_stays_a_breach(session: Session) -> None:
    ticket = started(session)
    late = wib("2026-11-26", "10:00")
    sla.person_replied(session, ticket, at=late)
    sla.undo_reply(session, ticket, late, now=late)
    clock = newest(session, ticket, FIRST)
    assert (clock.met_at, clock.breached_at) == (late, wib("2026-11-25"))


def test_an_earlier_wait_takes_over_from_a_later_one(session: Session) -> None:
    ticket = started(session)
    sla.person_replied(session, ticket, at=NOW)
    asked, answered, asked_again = (NOW + timedelta(hours=hours) for hours in (1, 2, 3))
    sla.contact_wrote(session, ticket, at=asked)
    sla.person_replied(session, ticket, at=answered)
    sla.contact_wrote(session, ticket, at=asked_again)
    sla.undo_reply(session, ticket, answered, now=asked_again)
    assert live(session, ticket, NEXT).started_at == asked


def test_promised_are_the_dates_that_hold_now(session: Session) -> None:
    ticket = started(session)
    ticket.severity = Severity.S2
    sla.severity_changed(session, ticket, now=NOW)
    promised = sla.promised(session, ticket)
    assert promised[FIRST] == wib("2026-11-24")
    assert promised[RESOLUTION] == wib("2026-11-30")


def test_a_holiday_entered_later_moves_the_date_when_clocks_are_refreshed(session: Session) -> None:
    ticket = started(session)
    book = CalendarBook(session)
    book.row(CalendarCode.SERVICE).special_days = {"2026-11-24": [["08:00", "09:00"]]}
    session.flush()
    sla.refresh(session, ticket, now=NOW)
    assert live(session, ticket, ACK).due_at == wib("2026-11-25", "09:00")


def test_a_sweep_tells_each_step_once_with_its_true_instant(session: Session) -> None:
    ticket = started(session, kind=TicketKind.ENQUIRY)
    now = wib("2026-11-24", "11:00")
    done = sweep(session, ticket, now)
    ack = [
        ("warning_50", wib("2026-11-23", "15:00")),
        ("warning_75", wib("2026-11-23", "17:00")),
        ("warning_90", wib("2026-11-24", "09:12")),
        ("breached", wib("2026-11-24", "10:00")),
        ("ladder_L2_response_breach", wib("2026-11-24", "10:00")),
    ]
    assert [step for step in done if step in ack] == ack
    assert sweep(session, ticket, now) == []
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "sla_breached")
    ).all()
    assert [(event.at, event.actor) for event in events] == [(now, "system")]
    assert events[0].data is not None
    assert events[0].data["at"] == wib("2026-11-24", "10:00").isoformat()
    clock = live(session, ticket, ACK)
    assert (clock.breached_at, clock.next_step_at) == (wib("2026-11-24", "10:00"), None)
    assert ticket.next_due_at == wib("2026-11-24", "10:00")


def test_a_scheduler_that_was_away_catches_up_in_order(session: Session) -> None:
    """Acceptance test 22 of lessons.md: away for three hours, then each missed level once."""
    ticket = started(session, severity=Severity.S1, kind=TicketKind.ENQUIRY)
    seen = sweep(session, ticket, NOW)
    assert [step for step, _ in seen] == ["ladder_L4_S1_start"]
    missed = sweep(session, ticket, NOW + timedelta(hours=3))
    assert missed == [
        ("warning_50", NOW + timedelta(hours=1)),
        ("warning_75", NOW + timedelta(hours=1, minutes=30)),
        ("warning_90", NOW + timedelta(hours=1, minutes=48)),
        ("breached", NOW + timedelta(hours=2)),
        ("ladder_L5_response_breach", NOW + timedelta(hours=2)),
    ]
    stored = session.scalars(
        select(SlaClockEvent)
        .join(SlaClockRow)
        .where(SlaClockRow.ticket_id == ticket.id)
        .order_by(SlaClockEvent.id)
    ).all()
    assert [(event.step, event.at) for event in stored] == seen + missed
    assert {event.noticed_at for event in stored[1:]} == {NOW + timedelta(hours=3)}


def test_a_dry_run_says_the_same_and_changes_nothing(session: Session) -> None:
    ticket = started(session)
    now = wib("2026-12-02")
    planned = sla.check_due(session, now=now, dry_run=True)
    assert kinds(session, ticket) == []
    assert live(session, ticket, ACK).breached_at is None
    assert sla.check_due(session, now=now) == planned
    assert planned


def test_clocks_are_looked_at_in_the_order_of_their_next_step(session: Session) -> None:
    later = started(session)
    sooner = started(session, severity=Severity.S1)
    ids = sla.due_clock_ids(session, now=wib("2026-11-30"), limit=2)
    assert ids == [live(session, sooner, RESOLUTION).id, live(session, sooner, ACK).id]
    assert len(sla.due_clock_ids(session, now=wib("2026-12-05"), limit=None)) == 8
    assert later.id not in {session.get_one(SlaClockRow, each).ticket_id for each in ids}


def test_a_clock_that_was_met_meanwhile_owes_nothing(session: Session) -> None:
    ticket = started(session)
    due = wib("2026-11-24", "09:30")
    clock_id = live(session, ticket, ACK).id
    assert clock_id in sla.due_clock_ids(session, now=due)
    sla.person_acted(session, ticket, at=due)
    assert sla.check_clock(session, clock_id, now=due) == []


def test_a_breach_recorded_by_a_sweep_for_a_later_instant_stays(session: Session) -> None:
    ticket = started(session)
    sla.check_due(session, now=wib("2026-11-30"))
    sla.person_acted(session, ticket, at=NOW + timedelta(hours=1))
    assert line(session, ticket, ACK, now=NOW + timedelta(hours=1)).state is ClockState.BREACHED


def test_the_regulators_alarms_go_by_the_strict_date(session: Session) -> None:
    ticket = started(session, channel=ChannelCode.PHONE, received_at=wib("2026-12-21"))
    strict, due = wib("2026-12-30", "00:00"), wib("2026-12-31", "00:00")
    steps = dict(sweep(session, ticket, due + timedelta(hours=1)))
    assert steps["ladder_L4_regulatory_due"] == strict
    assert steps["ladder_L6_regulatory_breach"] == due


def test_the_assignee_keeps_a_ticket_that_is_only_told_upward(session: Session) -> None:
    agent = make_user(session)
    ticket = started(session, assignee_id=agent.id)
    sla.check_due(session, now=wib("2026-12-01"))
    assert ticket.assignee_id == agent.id


def test_schedulers_that_run_at_once_take_each_step_once(rt: Runtime) -> None:
    """Acceptance test 23 of lessons.md, with real transactions."""

    def fill(session: Session) -> None:
        for _ in range(4):
            started(session)

    rt.write(fill)
    now = wib("2026-12-01")
    with ThreadPoolExecutor(4) as pool:
        ids = rt.read(lambda session: sla.due_clock_ids(session, now=now))
        one_by_one = [
            pool.submit(rt.write, lambda session, one=one: sla.check_clock(session, one, now=now))
            for one in [*ids, *reversed(ids)]
        ]
        at_once = [pool.submit(rt.write, lambda session: sla.check_due(session, now=now)) for _ in range(4)]
        actions = [action for future in [*one_by_one, *at_once] for action in future.result()]
    told = [(action.number, action.metric, action.step) for action in actions]
    stored = rt.read(lambda session: len(session.scalars(select(SlaClockEvent.id)).all()))
    assert len(told) == len(set(told)) == stored
    assert rt.read(lambda session: sla.due_clock_ids(session, now=now)) == []
