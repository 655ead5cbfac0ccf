"""One clock after another: nothing moves a promise but what the change is about, and nothing hides a breach."""

from datetime import date, timedelta

from clock_samples import RESOLUTION, line, live, started, sweep, wib
from factories import make_ladder, make_team, make_user
from installing import NOW
from regulation_samples import ACT, asked, regulatory, written
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.people import Notification, Position, Role
from helpdesk.models.sla import Holiday, SlaClockEvent, SlaPauseRow
from helpdesk.models.tickets import Ticket
from helpdesk.services import calendars, documents, extensions, recompute, sla, sweeps, tickets
from helpdesk.services.acknowledgements import acknowledge
from helpdesk.services.calendars import HolidayKind
from helpdesk.services.escalations import PROTECTION_TEAM
from helpdesk.services.extensions import ExtensionDraft
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import Form

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def close(session: Session, on: date, *, now: object = NOW) -> None:
    calendars.add_holiday(
        session, on=on, name="Libur", kind=HolidayKind.NATIONAL, unit_code=None, actor="user:a", now=now
    )  # type: ignore[arg-type]


def graver(session: Session, ticket: Ticket, *, now: object) -> None:
    tickets.override_severity(
        session, ticket.id, impact=Impact.I4, urgency=Urgency.U3, reason="ancaman", actor="user:x", now=now
    )  # type: ignore[arg-type]


def test_a_graver_severity_leaves_the_regulators_promise_where_it_was(session: Session) -> None:
    ticket = written(session)
    due = regulatory(session, ticket)[-1].due_at
    close(session, date(2026, 12, 3), now=NOW + DAY)
    graver(session, ticket, now=NOW + 2 * DAY)
    assert regulatory(session, ticket)[-1].due_at == due


def test_a_holiday_taken_back_does_not_shorten_what_a_letter_has_promised(session: Session) -> None:
    close(session, date(2026, 12, 3), now=NOW - DAY)
    ticket = written(session)
    row = extensions.extend(session, ticket.id, ExtensionDraft("b", "Rekening dicek"), now=NOW + DAY, **ACT)  # type: ignore[arg-type]
    entry = session.scalars(select(Holiday).where(Holiday.on == date(2026, 12, 3))).one()
    calendars.cancel_holiday(session, entry.id, actor="user:a", now=NOW + 2 * DAY)
    graver(session, ticket, now=NOW + 3 * DAY)
    assert regulatory(session, ticket)[-1].due_at == row.due_after


def waited_out(session: Session) -> tuple[Ticket, object, object]:
    """A ticket whose pause has used up its cap long ago, unnoticed; when it was due, and a time long after."""
    ticket = written(session)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=NOW + HOUR)
    pause = session.scalars(
        select(SlaPauseRow).where(SlaPauseRow.clock_id == live(session, ticket, RESOLUTION).id)
    ).one()
    assert pause.ends_by is not None
    later = pause.ends_by + 60 * DAY
    shown = line(session, ticket, RESOLUTION, now=later)
    assert shown.state is ClockState.BREACHED
    return ticket, shown.due_at, later


def test_recompute_leaves_a_promise_that_was_broken_behind_an_unnoticed_cap(session: Session) -> None:
    ticket, due, later = waited_out(session)
    close(session, date(2027, 3, 1), now=later)
    moves = recompute.recompute(
        session, ticket.id, reason="Cuti bersama ditetapkan", actor="user:a", now=later
    )  # type: ignore[arg-type]
    assert RESOLUTION not in {move.metric for move in moves}
    assert line(session, ticket, RESOLUTION, now=later).breached_at == due  # type: ignore[arg-type]


def test_a_graver_severity_does_not_stretch_a_pause_whose_cap_was_used_up(session: Session) -> None:
    ticket, due, later = waited_out(session)
    graver(session, ticket, now=later)
    rows = [each for each in sla.TicketClocks(session, ticket).rows if each.metric is RESOLUTION]
    assert rows[0].breached_at == due
    pauses = session.scalars(select(SlaPauseRow).where(SlaPauseRow.clock_id == rows[-1].id)).all()
    assert [pause.ended_at for pause in pauses] == [pauses[0].ended_at]
    assert pauses[0].ended_at is not None
    assert rows[-1].due_at is not None
    assert line(session, ticket, RESOLUTION, now=later).state is ClockState.BREACHED  # type: ignore[arg-type]


def test_the_regulators_days_do_not_run_while_documents_are_awaited(session: Session) -> None:
    ticket = written(session)
    category = ticket.category_code or ""
    asked(session, ticket, now=NOW + HOUR)
    for at, code in ((2, "DAT-HAK"), (3, category)):
        tickets.set_category(session, ticket.id, code, actor="user:x", now=NOW + at * HOUR)
    assert not sla.TicketClocks(session, ticket).live(regulatory(session, ticket)[0].metric)
    documents.complete(session, ticket.id, actor="user:x", now=NOW + 5 * DAY)
    assert regulatory(session, ticket)[-1].started_at == NOW + 5 * DAY


def test_hours_of_another_law_count_from_her_word_not_from_the_documents(session: Session) -> None:
    ticket = written(session)
    asked(session, ticket, now=NOW + HOUR)
    documents.complete(session, ticket.id, actor="user:x", now=NOW + 5 * DAY)
    tickets.set_category(session, ticket.id, "DAT-BOCOR", actor="user:x", now=NOW + 5 * DAY + HOUR)
    clock = regulatory(session, ticket)[-1]
    assert (clock.started_at, clock.due_at) == (NOW, NOW + 72 * HOUR)


def test_a_pause_after_the_breach_ends_by_its_cap_too(session: Session) -> None:
    ticket = written(session)
    late = (live(session, ticket, RESOLUTION).due_at or NOW) + HOUR
    sweeps.run_within(session, now=late)
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=late)
    for day in range(1, 40):
        sweep(session, ticket, late + day * DAY)
    clock = live(session, ticket, RESOLUTION)
    pauses = session.scalars(select(SlaPauseRow).where(SlaPauseRow.clock_id == clock.id)).all()
    assert [pause.ended_at == pause.ends_by for pause in pauses] == [True]


def test_a_recomputed_clock_tells_nobody_again_and_keeps_their_answer(session: Session) -> None:
    region, area, point = make_ladder(session)
    manager = make_user(session, Role.FIELD, position=Position.AM, unit=area)
    make_user(session, Role.FIELD, position=Position.RM, unit=region)
    ticket = started(session, unit=point, team=make_team(session), severity=Severity.S3)
    now = wib("2026-12-01", "11:00")
    sweep(session, ticket, now)  # three quarters of eight working days: the area manager is told
    acknowledge(session, ticket.id, user_id=manager.id, actor=f"user:{manager.public_id}", now=now)
    before = session.scalars(select(SlaClockEvent.step)).all()
    close(session, date(2026, 12, 2), now=now)
    assert recompute.recompute(
        session, ticket.id, reason="Cuti bersama ditetapkan", actor="user:a", now=now + HOUR
    )
    told_again = [step for step, at in sweep(session, ticket, now + HOUR) if step in before]
    assert told_again == []
    assert "unanswered_L3" not in dict(sweep(session, ticket, now + 2 * DAY))  # the area manager has it


def test_a_clock_that_comes_while_she_is_asked_stands_still_too(session: Session) -> None:
    ticket = written(session)
    category = ticket.category_code or ""
    tickets.change_status(session, ticket.id, TicketStatus.PENDING, actor="user:x", now=NOW + HOUR)
    tickets.set_category(session, ticket.id, "DAT-HAK", actor="user:x", now=NOW + 2 * HOUR)
    tickets.set_category(session, ticket.id, category, actor="user:x", now=NOW + 3 * HOUR)
    states = {
        row.metric: line(session, ticket, row.metric, now=NOW + 4 * HOUR).state
        for row in sla.TicketClocks(session, ticket).live()
        if row.is_pausable
    }
    assert set(states.values()) == {ClockState.PAUSED}


def test_what_has_come_is_not_told_again_by_another_form_or_rating(session: Session) -> None:
    """The last instants differ: a verbal S2 has four working days, a written one five, S3 eight."""
    region, area, point = make_ladder(session)
    make_user(session, Role.FIELD, position=Position.AM, unit=area)
    manager = make_user(session, Role.FIELD, position=Position.RM, unit=region)
    ticket = started(
        session,
        unit=point,
        team=make_team(session),
        severity=Severity.S2,
        form=Form.LISAN,
        received_at=wib("2026-11-16"),
    )
    late = wib("2026-11-25", "11:00")  # both are broken
    told = dict(sweep(session, ticket, late))
    assert {"warning_50", "breached", "ladder_L3_resolution_breach"} <= set(told)
    acknowledge(session, ticket.id, user_id=manager.id, actor=f"user:{manager.public_id}", now=late)
    heard = session.scalars(select(func.count(Notification.id))).one()
    documents.change_form(
        session, ticket.id, Form.TERTULIS, reason="Surat menyusul", actor="user:x", now=late + HOUR
    )
    clock = live(session, ticket, RESOLUTION)
    assert clock.breached_at == wib("2026-11-23")  # five working days, as the new promise counts
    for severity in (Severity.S3, Severity.S2, Severity.S3, Severity.S2):
        ticket.severity = severity
        sla.refit(session, ticket, now=late + 2 * HOUR)
    assert [step for step, _ in sweep(session, ticket, late + 3 * HOUR) if step in told] == []
    assert session.scalars(select(func.count(Notification.id))).one() == heard
    answers = select(SlaClockEvent.acknowledged_by_id).where(
        SlaClockEvent.clock_id == live(session, ticket, RESOLUTION).id,
        SlaClockEvent.step == "ladder_L3_resolution_breach",
    )
    assert session.scalars(answers).all() == [manager.id]


def test_what_lies_ahead_after_a_change_is_told_when_it_comes(session: Session) -> None:
    ticket = started(session, severity=Severity.S2, form=Form.LISAN)
    sweep(session, ticket, wib("2026-11-27", "11:00"))  # four working days are over
    ticket.form = Form.TERTULIS
    sla.refit(session, ticket, now=wib("2026-11-27", "12:00"))
    assert live(session, ticket, RESOLUTION).breached_at is None
    again = sweep(session, ticket, wib("2026-11-30", "11:00"))
    assert ("breached", wib("2026-11-30")) in again


def test_a_ticket_that_is_grave_again_goes_to_the_head_office_again(session: Session) -> None:
    """It has left that team since."""
    office = make_team(session, PROTECTION_TEAM)
    ticket = started(session, team=make_team(session), severity=Severity.S1)
    sweep(session, ticket, NOW)
    assert ticket.team_id == office.id
    ticket.severity = Severity.S3
    sla.refit(session, ticket, now=NOW + HOUR)
    ticket.team_id = make_team(session).id
    ticket.severity = Severity.S1
    sla.refit(session, ticket, now=NOW + HOUR)
    sweep(session, ticket, NOW + HOUR)
    assert ticket.team_id == office.id


def test_a_ticket_that_never_left_the_head_office_is_handed_over_once(session: Session) -> None:
    make_team(session, PROTECTION_TEAM)
    ticket = started(session, team=make_team(session), severity=Severity.S1)
    told = [code for code, _ in sweep(session, ticket, NOW + 30 * HOUR)]
    assert {"ladder_L4_S1_start", "ladder_L5_S1_24h", "ladder_L5_response_breach"} <= set(told)
    for severity in (Severity.S3, Severity.S1):
        ticket.severity = severity
        sla.refit(session, ticket, now=NOW + 30 * HOUR)
    again = [code for code, _ in sweep(session, ticket, NOW + 30 * HOUR)]
    assert set(again) & set(told) == set()
