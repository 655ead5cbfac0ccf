"""The ladder: who is told at each level, who takes over, and who never learns of it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from factories import NOW, make_ladder, make_team, make_ticket, make_unit, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, OrgUnit, Position, Role, Team, UnitKind, User
from helpdesk.models.tickets import Ticket, TicketEvent, TicketSubject
from helpdesk.services import sla, sweeps
from helpdesk.services.clocks import codes_handing_over
from helpdesk.services.escalations import Recipients, barred_user_ids, hand_over, notify, recipients
from helpdesk.sla.escalation import Level


@dataclass
class World:
    """One ladder with one person on every rung, and a ticket of its point."""

    region: OrgUnit
    area: OrgUnit
    point: OrgUnit
    team: Team
    people: dict[Level, User]
    branch_manager: User
    ticket: Ticket

    def at(self, *levels: Level) -> list[User]:
        return [self.people[level] for level in levels]


@pytest.fixture
def world(session: Session) -> World:
    region, area, point = make_ladder(session)
    team, protection = make_team(session), make_team(session, "perlindungan")
    people = {
        Level.L1: make_user(session, teams=(team,)),
        Level.L2: make_user(session, Role.FIELD, position=Position.AM, unit=area),
        Level.L3: make_user(session, Role.FIELD, position=Position.RM, unit=region),
        Level.L4: make_user(session, teams=(protection,)),
        Level.L5: make_user(session, Role.COMPLIANCE, position=Position.COMMITTEE),
        Level.L6: make_user(session, Role.SUPERVISOR, position=Position.DIRECTOR, disabled_at=None),
    }
    people[Level.L6].role = Role.AUDITOR
    manager = make_user(session, Role.FIELD, position=Position.BM, unit=point, teams=(team,))
    ticket = make_ticket(session, unit=point, team=team)
    return World(region, area, point, team, people, manager, ticket)


@pytest.mark.parametrize("level", list(Level))
def test_each_level_has_its_own_people(session: Session, world: World, level: Level) -> None:
    assert recipients(session, world.ticket, level) == world.at(level)


def test_managers_of_other_areas_are_not_told(session: Session, world: World) -> None:
    other = make_unit(session, UnitKind.AREA, parent=world.region)
    make_user(session, Role.FIELD, position=Position.AM, unit=other)
    assert recipients(session, world.ticket, Level.L2) == world.at(Level.L2)


def test_a_branch_manager_is_of_the_team_only_as_an_agent(session: Session, world: World) -> None:
    assert world.branch_manager not in recipients(session, world.ticket, Level.L1)
    world.branch_manager.role = Role.AGENT
    session.flush()
    assert world.branch_manager in recipients(session, world.ticket, Level.L1)


def test_supervisors_stand_at_the_head_office_level(session: Session, world: World) -> None:
    supervisor = make_user(session, Role.SUPERVISOR)
    assert recipients(session, world.ticket, Level.L4) == [*world.at(Level.L4), supervisor]


def test_the_fraud_team_is_told_of_its_own_tickets(session: Session, world: World) -> None:
    fraud = make_team(session, "penipuan")
    agent = make_user(session, teams=(fraud,))
    assert agent not in recipients(session, world.ticket, Level.L4)
    world.ticket.team_id = fraud.id
    session.flush()
    assert agent in recipients(session, world.ticket, Level.L4)


@pytest.mark.parametrize(
    ("gone", "asked", "told"),
    [
        pytest.param((Level.L2,), Level.L2, Level.L3, id="next-level-up"),
        pytest.param((Level.L2, Level.L3), Level.L2, Level.L4, id="two-levels-up"),
        pytest.param((Level.L6,), Level.L6, Level.L5, id="nobody-above-the-top"),
    ],
)
def test_where_nobody_stands_the_next_one_is_told(
    session: Session, world: World, gone: tuple[Level, ...], asked: Level, told: Level
) -> None:
    for user in world.at(*gone):
        user.disabled_at = NOW
    session.flush()
    assert recipients(session, world.ticket, asked) == world.at(told)


def test_a_ticket_of_an_unknown_point_goes_straight_to_the_head_office(
    session: Session, world: World
) -> None:
    ticket = make_ticket(session, team=world.team)
    assert recipients(session, ticket, Level.L2) == world.at(Level.L4)


def test_the_person_complained_about_is_passed_over(session: Session, world: World) -> None:
    (manager,) = world.at(Level.L2)
    session.add(TicketSubject(ticket_id=world.ticket.id, user_id=manager.id))
    session.flush()
    assert barred_user_ids(session, world.ticket) == {manager.id}
    assert recipients(session, world.ticket, Level.L2) == world.at(Level.L3)


def test_a_complaint_about_staff_is_kept_from_the_whole_point(session: Session, world: World) -> None:
    colleague = make_user(session, Role.AGENT, position=Position.BM, unit=world.point, teams=(world.team,))
    assert colleague in recipients(session, world.ticket, Level.L1)
    world.ticket.is_about_staff = True
    session.flush()
    assert barred_user_ids(session, world.ticket) == {colleague.id, world.branch_manager.id}
    assert recipients(session, world.ticket, Level.L1) == world.at(Level.L1)


def test_head_office_stands_for_an_unknown_point_and_bars_nobody(session: Session) -> None:
    make_user(session)
    assert barred_user_ids(session, make_ticket(session, is_about_staff=True)) == frozenset()


def test_a_notice_is_written_for_each_person(session: Session, world: World) -> None:
    second = make_user(session, teams=(world.team,))
    told = notify(session, world.ticket, Level.L1, "sla_warning", at=NOW)
    session.flush()
    rows = session.scalars(select(Notification).where(Notification.ticket_id == world.ticket.id)).all()
    assert {row.user_id for row in rows} == {user.id for user in (*world.at(Level.L1), second)}
    assert {(row.kind, row.level, row.created_at, row.read_at) for row in rows} == {
        ("sla_warning", "L1", NOW, None)
    }
    assert len(told) == 2


def test_a_pass_looks_up_once_who_stands_where(session: Session, world: World) -> None:
    known: Recipients = {}
    first = notify(session, world.ticket, Level.L2, "sla_warning", at=NOW, known=known)
    with counted(session) as statements:
        again = notify(session, world.ticket, Level.L2, "sla_breached", at=NOW, known=known)
    assert (first, again) == (world.at(Level.L2), world.at(Level.L2))
    assert statements == []


def test_a_ticket_that_changed_hands_meanwhile_is_told_to_the_new_ones(
    session: Session, world: World
) -> None:
    known: Recipients = {}
    notify(session, world.ticket, Level.L1, "sla_warning", at=NOW, known=known)
    other = make_team(session)
    colleague = make_user(session, teams=(other,))
    world.ticket.team_id = other.id
    assert notify(session, world.ticket, Level.L1, "sla_breached", at=NOW, known=known) == [colleague]


def test_a_functional_escalation_moves_the_ticket_to_the_protection_unit(
    session: Session, world: World
) -> None:
    world.ticket.assignee_id = world.people[Level.L1].id
    changed = hand_over(session, world.ticket)
    assert changed == {"team_from": world.team.code, "team_to": "perlindungan"}
    assert world.ticket.assignee_id is None
    assert hand_over(session, world.ticket) == {}


def test_an_assignee_who_is_in_the_new_team_keeps_the_ticket(session: Session, world: World) -> None:
    world.ticket.assignee_id = world.people[Level.L4].id
    hand_over(session, world.ticket)
    assert world.ticket.assignee_id == world.people[Level.L4].id


def test_only_what_belongs_to_the_head_office_is_handed_over() -> None:
    assert codes_handing_over() == {
        "ladder_L4_S1_start",
        "ladder_L4_objection_start",
        "ladder_L4_regulatory_due",
    }


def test_the_fraud_team_keeps_its_ticket(session: Session, world: World) -> None:
    world.ticket.team_id = make_team(session, "penipuan").id
    assert hand_over(session, world.ticket) == {}


def test_a_sweep_tells_the_team_of_warnings_and_the_ladder_of_escalations(
    session: Session, world: World
) -> None:
    ticket = make_ticket(
        session,
        unit=world.point,
        team=world.team,
        channel=ChannelCode.PHONE,
        severity=Severity.S1,
        is_about_staff=True,
    )
    sla.start_clocks(session, ticket, now=NOW)
    sweeps.run_within(session, now=NOW + timedelta(hours=25))
    notices = session.scalars(select(Notification).where(Notification.ticket_id == ticket.id)).all()
    told = {(notice.kind, notice.level, notice.user_id) for notice in notices}
    assert ("escalated", "L4", world.people[Level.L4].id) in told
    assert ("escalated", "L5", world.people[Level.L5].id) in told
    assert world.branch_manager.id not in {user_id for _, _, user_id in told}
    first = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.serial)
    ).first()
    assert first is not None
    assert first.data == {
        "metric": "resolution",
        "step": "ladder_L4_S1_start",
        "at": NOW.isoformat(),
        "level": "L4",
        "team_from": world.team.code,
        "team_to": "perlindungan",
    }
