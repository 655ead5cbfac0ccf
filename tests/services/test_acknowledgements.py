"""Answers to the ladder: by the button or by acting, of the right level, and what does not count."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from clock_samples import RESOLUTION, kinds, live, started, sweep, wib
from factories import NOW, make_ladder, make_team, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.people import Notification, Position, Role, User
from helpdesk.models.sla import Holiday, HolidayKind, SlaClockEvent, SlaClockRow
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.queries.notifications import answers_of
from helpdesk.runtime import Runtime
from helpdesk.services import calendars, replies, sla, sweeps, tickets
from helpdesk.services.acknowledgements import acknowledge
from helpdesk.services.trail import SYSTEM

HOUR = timedelta(hours=1)


@dataclass
class Case:
    """An S2 that its area manager was told of at NOW, Monday 10.00; she has until 15.00 (lunch is an hour)."""

    ticket: Ticket
    agent: User
    area_manager: User
    regional_manager: User

    def answers(self, session: Session) -> dict[str, tuple[int | None, bool]]:
        """Who answered each escalation that was carried out, and whether anybody did."""
        found = session.scalars(
            select(SlaClockEvent)
            .join(SlaClockRow)
            .where(SlaClockRow.ticket_id == self.ticket.id, SlaClockEvent.level.is_not(None))
        )
        return {event.step: (event.acknowledged_by_id, event.acknowledged_at is not None) for event in found}


@pytest.fixture
def case(session: Session) -> Case:
    return make_case(session)


def make_case(session: Session, *, now: datetime = NOW) -> Case:
    region, area, point = make_ladder(session)
    team = make_team(session)
    people = (
        make_user(session, teams=(team,)),
        make_user(session, Role.FIELD, position=Position.AM, unit=area),
        make_user(session, Role.FIELD, position=Position.RM, unit=region),
    )
    ticket = started(session, unit=point, team=team, severity=Severity.S2, received_at=now)
    sweeps.run_within(session, now=now)
    return Case(ticket, *people)


def say_so(session: Session, case: Case, user: User, *, hours: float = 1) -> None:
    acknowledge(
        session,
        case.ticket.id,
        user_id=user.id,
        actor=f"user:{user.public_id}",
        now=NOW + timedelta(hours=hours),
    )


def later(session: Session, case: Case, when: str = "16:00") -> list[str]:
    """Escalations of a pass on Monday afternoon."""
    done = sweep(session, case.ticket, wib("2026-11-23", when))
    return [step for step, _ in done if step.startswith(("ladder", "unanswered"))]


def test_without_an_answer_the_region_is_told_with_the_true_instant(session: Session, case: Case) -> None:
    assert later(session, case, "14:59") == []
    assert live(session, case.ticket, RESOLUTION).next_step_at == wib("2026-11-23", "15:00")
    assert ("unanswered_L3", wib("2026-11-23", "15:00")) in sweep(
        session, case.ticket, wib("2026-11-23", "16:00")
    )
    told = session.scalars(select(Notification).where(Notification.user_id == case.regional_manager.id)).all()
    assert [(notice.kind, notice.level) for notice in told if notice.ticket_id == case.ticket.id][-1] == (
        "escalated",
        "L3",
    )


def test_how_long_she_has_does_not_move_with_the_calendar(session: Session) -> None:
    """Told in the afternoon before a closed day, which is then worked after all: what is stored and derived agree."""
    closed = {"name": "Libur", "kind": HolidayKind.NATIONAL, "unit_code": None, "actor": "user:a"}
    calendars.add_holiday(session, on=date(2026, 11, 24), now=NOW - timedelta(days=1), **closed)
    case = make_case(session, now=wib("2026-11-23", "15:00"))
    looks_at = live(session, case.ticket, RESOLUTION).next_step_at
    assert looks_at == wib("2026-11-25", "10:00")
    holiday = session.scalars(
        select(Holiday).where(Holiday.on == date(2026, 11, 24), Holiday.withdrawn_at.is_(None))
    ).one()
    calendars.cancel_holiday(session, holiday.id, actor="user:a", now=wib("2026-11-23", "16:00"))
    (answer,) = answers_of(session, case.ticket.id)
    assert answer.answer_by == looks_at
    told = dict(sweep(session, case.ticket, wib("2026-11-25", "10:00")))
    assert told["unanswered_L3"] == looks_at


@dataclass
class Vacant:
    """An S2 of an area without a manager: the regional manager was told in her stead, until 15.00."""

    ticket: Ticket
    regional_manager: User
    head_office: User


@pytest.fixture
def vacant(session: Session) -> Vacant:
    region, _area, point = make_ladder(session)
    manager = make_user(session, Role.FIELD, position=Position.RM, unit=region)
    supervisor = make_user(session, Role.SUPERVISOR)
    ticket = started(session, unit=point, team=make_team(session), severity=Severity.S2)
    sweeps.run_within(session, now=NOW)
    return Vacant(ticket, manager, supervisor)


def told(session: Session, user: User, ticket: Ticket) -> list[datetime]:
    """When the ladder told somebody of a ticket's resolution."""
    clock = live(session, ticket, RESOLUTION)
    found = (
        select(Notification.created_at)
        .join(SlaClockEvent, SlaClockEvent.id == Notification.clock_event_id)
        .where(
            SlaClockEvent.clock_id == clock.id,
            Notification.user_id == user.id,
            Notification.kind == "escalated",
        )
    )
    return list(session.scalars(found))


def test_who_stood_in_and_is_silent_is_not_asked_again_at_her_own_level(
    session: Session, vacant: Vacant
) -> None:
    assert told(session, vacant.regional_manager, vacant.ticket) == [NOW]
    now = wib("2026-11-23", "15:00")
    done = sweep(session, vacant.ticket, now)
    assert ("unanswered_L4", now) in done
    assert "unanswered_L3" not in dict(done)
    assert told(session, vacant.regional_manager, vacant.ticket) == [NOW]
    assert told(session, vacant.head_office, vacant.ticket) == [now]


def test_what_who_stood_in_does_is_an_answer(session: Session, vacant: Vacant) -> None:
    ACTIONS["note"](session, vacant.ticket, f"user:{vacant.regional_manager.public_id}", NOW + HOUR)
    (event,) = session.scalars(
        select(SlaClockEvent).where(SlaClockEvent.clock_id == live(session, vacant.ticket, RESOLUTION).id)
    )
    assert (event.level, event.acknowledged_by_id) == ("L3", vacant.regional_manager.id)
    done = dict(sweep(session, vacant.ticket, wib("2026-11-23", "16:00")))
    assert not {"unanswered_L3", "unanswered_L4"} & set(done)


def test_where_nobody_stands_above_every_level_reminds_who_was_told(session: Session, case: Case) -> None:
    """There is no time to lose: nobody else can be told."""
    steps = [step for day in range(23, 28) for step, _ in sweep(session, case.ticket, wib(f"2026-11-{day}"))]
    assert {"unanswered_L3", "unanswered_L4"} <= set(steps)


def test_the_button_of_the_level_that_was_told_ends_it(session: Session, case: Case) -> None:
    say_so(session, case, case.area_manager)
    assert case.answers(session) == {"ladder_L2_S2_start": (case.area_manager.id, True)}
    assert "unanswered_L3" not in later(session, case)
    event = session.scalars(
        select(TicketEvent).where(
            TicketEvent.ticket_id == case.ticket.id, TicketEvent.kind == "escalation_acknowledged"
        )
    ).one()
    assert event.actor == f"user:{case.area_manager.public_id}"
    assert event.data == {"level": "L2", "steps": "ladder_L2_S2_start"}


def test_a_level_above_may_answer_without_having_been_told(session: Session, case: Case) -> None:
    say_so(session, case, case.regional_manager)
    assert case.answers(session)["ladder_L2_S2_start"] == (case.regional_manager.id, True)


def test_a_level_below_may_not(session: Session, case: Case) -> None:
    with pytest.raises(Conflict) as refused:
        say_so(session, case, case.agent)
    assert refused.value.code == "nothing_to_acknowledge"
    assert "unanswered_L3" in later(session, case)


def test_what_was_answered_is_not_answered_again(session: Session, case: Case) -> None:
    say_so(session, case, case.area_manager)
    with pytest.raises(Conflict):
        say_so(session, case, case.regional_manager, hours=2)
    assert case.answers(session)["ladder_L2_S2_start"] == (case.area_manager.id, True)


def test_who_became_a_subject_may_not_answer_any_more(session: Session, case: Case) -> None:
    session.add(TicketSubject(ticket_id=case.ticket.id, user_id=case.area_manager.id))
    session.flush()
    with pytest.raises(Conflict):
        say_so(session, case, case.area_manager)


def test_her_own_notice_counts_as_read(session: Session, case: Case) -> None:
    say_so(session, case, case.area_manager)
    notice = session.scalars(
        select(Notification).where(
            Notification.user_id == case.area_manager.id, Notification.ticket_id == case.ticket.id
        )
    ).one()
    assert notice.read_at == NOW + HOUR
    event = session.get_one(SlaClockEvent, notice.clock_event_id)
    assert event.step == "ladder_L2_S2_start"


ACTIONS = {
    "note": lambda session, ticket, actor, now: tickets.add_note(
        session, ticket.id, "Saya telepon cabangnya.", author_id=None, actor=actor, now=now
    ),
    "assign": lambda session, ticket, actor, now: tickets.assign(
        session, ticket.id, assignee_id=None, actor=actor, now=now
    ),
    "status": lambda session, ticket, actor, now: tickets.change_status(
        session, ticket.id, TicketStatus.OPEN, actor=actor, now=now
    ),
    "severity": lambda session, ticket, actor, now: tickets.override_severity(
        session, ticket.id, impact=Impact.I3, urgency=Urgency.U1, reason="Cek", actor=actor, now=now
    ),
    "reply": lambda session, ticket, actor, now: replies.reply(
        session,
        ticket.id,
        "Kami cek dulu, Ibu.",
        author_id=None,
        actor=actor,
        seen_message_id=None,
        lender=Lender("Amanah", "0800", "0801", "08.00-17.00", None),  # type: ignore[arg-type]
        now=now,
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_working_on_the_ticket_is_an_answer_of_whom_the_ladder_told(
    session: Session, case: Case, action: str
) -> None:
    ACTIONS[action](session, case.ticket, f"user:{case.area_manager.public_id}", NOW + HOUR)
    assert case.answers(session)["ladder_L2_S2_start"] == (case.area_manager.id, True)
    event = session.scalars(
        select(TicketEvent).where(
            TicketEvent.ticket_id == case.ticket.id, TicketEvent.kind == "escalation_acknowledged"
        )
    ).one()
    assert event.data is not None
    assert event.data["how"] == "acting"
    assert "unanswered_L3" not in later(session, case)


@pytest.mark.parametrize("who", ["the team", "a program", "the system", "a level that was not told"])
def test_the_work_of_others_is_no_answer(session: Session, case: Case, who: str) -> None:
    actor = {
        "the team": f"user:{case.agent.public_id}",
        "a program": "token:CRM",
        "the system": SYSTEM,
        "a level that was not told": f"user:{case.regional_manager.public_id}",
    }[who]
    ACTIONS["note"](session, case.ticket, actor, NOW + HOUR)
    assert case.answers(session)["ladder_L2_S2_start"] == (None, False)
    assert "escalation_acknowledged" not in kinds(session, case.ticket)


def test_one_answer_is_for_all_clocks_up_to_the_level_and_what_comes_later_asks_anew(
    session: Session, case: Case
) -> None:
    sweeps.run_within(session, now=wib("2026-11-24", "18:00"))  # acknowledgement and first response are late
    before = case.answers(session)
    assert {"ladder_L3_response_breach", "unanswered_L3"} <= set(before)
    assert not any(is_answered for _, is_answered in before.values())
    say_so(session, case, case.area_manager, hours=33)
    by_level = case.answers(session)
    assert by_level["ladder_L2_S2_start"] == (case.area_manager.id, True)
    assert by_level["ladder_L3_response_breach"] == (None, False)
    say_so(session, case, case.regional_manager, hours=34)
    assert all(is_answered for _, is_answered in case.answers(session).values())
    sweeps.run_within(session, now=wib("2026-12-08"))  # the resolution is late too
    assert case.answers(session)["ladder_L3_resolution_breach"] == (None, False)


def test_a_ticket_that_is_answered_escalates_no_further(session: Session, case: Case) -> None:
    sla.resolved(session, case.ticket, at=NOW + HOUR)
    assert later(session, case) == []
    with pytest.raises(Conflict):
        say_so(session, case, case.area_manager, hours=2)


def test_a_new_severity_keeps_who_was_told_and_who_answered(session: Session, case: Case) -> None:
    """S2 to S2 by another policy: the same step at the same instant is neither told nor asked again."""
    say_so(session, case, case.area_manager)
    case.ticket.form = "lisan"  # type: ignore[assignment]
    sla.refit(session, case.ticket, now=NOW + 2 * HOUR)
    successor = live(session, case.ticket, RESOLUTION)
    events = session.scalars(select(SlaClockEvent).where(SlaClockEvent.clock_id == successor.id)).all()
    assert [(event.step, event.acknowledged_by_id) for event in events] == [
        ("ladder_L2_S2_start", case.area_manager.id)
    ]
    linked = session.scalars(
        select(Notification.clock_event_id).where(Notification.user_id == case.area_manager.id)
    ).all()
    assert events[0].id in linked
    assert "unanswered_L3" not in later(session, case)


def test_what_went_up_unanswered_is_not_told_again_by_a_new_policy(session: Session, case: Case) -> None:
    assert "unanswered_L3" in later(session, case)
    case.ticket.form = "lisan"  # type: ignore[assignment]
    sla.refit(session, case.ticket, now=wib("2026-11-23", "16:30"))
    again = [step for step, _ in sweep(session, case.ticket, wib("2026-11-23", "17:00"))]
    assert "unanswered_L3" not in again


def test_workers_and_people_at_once_tell_each_level_once(rt: Runtime) -> None:
    """Four passes over the same due escalation while two people press the button."""
    case = rt.write(make_case)
    now = wib("2026-11-23", "16:00")
    actor = f"user:{case.regional_manager.public_id}"
    clock_id = rt.read(lambda session: live(session, case.ticket, RESOLUTION).id)

    def answer(session: Session) -> bool:
        try:
            acknowledge(session, case.ticket.id, user_id=case.regional_manager.id, actor=actor, now=now)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        passes = [
            pool.submit(rt.write, lambda session: sweeps.check_clock(session, clock_id, now=now))
            for _ in range(4)
        ]
        answers = [pool.submit(rt.write, answer) for _ in range(2)]
        told = [action.step for each in passes for action in each.result().actions]
        assert sum(each.result() for each in answers) >= 1
    assert told.count("unanswered_L3") <= 1
    notices = rt.read(
        lambda session: session.scalars(
            select(Notification.id)
            .join(SlaClockEvent, SlaClockEvent.id == Notification.clock_event_id)
            .where(SlaClockEvent.step == "unanswered_L3", SlaClockEvent.clock_id == clock_id)
        ).all()
    )
    assert len(notices) == told.count("unanswered_L3")
