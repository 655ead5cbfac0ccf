"""Who is told of a complaint about staff: never the subject, nor the line below her; else the next level up."""

from dataclasses import dataclass

import pytest
from factories import NOW, make_ladder, make_team, make_ticket, make_unit, make_user
from sqlalchemy.orm import Session

from helpdesk.models.people import OrgUnit, Position, Role, UnitKind, User
from helpdesk.models.tickets import Ticket, TicketSubject
from helpdesk.services.escalations import barred_user_ids, recipients, tell_leaders, untold_user_ids
from helpdesk.sla.escalation import Level


@dataclass
class Organisation:
    """A region with two areas, and one person in each place that the ladder knows."""

    people: dict[str, User]
    point: OrgUnit
    other_point: OrgUnit
    ticket: Ticket

    def names(self, users: list[User]) -> set[str]:
        ids = {user.id for user in users}
        return {name for name, user in self.people.items() if user.id in ids}


@pytest.fixture
def organisation(session: Session) -> Organisation:
    region, area, point = make_ladder(session)
    other_area = make_unit(session, UnitKind.AREA, parent=region)
    other_point = make_unit(session, parent=other_area)
    team, protection = make_team(session), make_team(session, "perlindungan")
    field = Role.FIELD
    people = {
        "BP": make_user(session, Role.AGENT, position=Position.BP, unit=point, teams=(team,)),
        "BM": make_user(session, Role.AGENT, position=Position.BM, unit=point, teams=(team,)),
        "other BM": make_user(session, Role.AGENT, position=Position.BM, unit=other_point, teams=(team,)),
        "AM": make_user(session, field, position=Position.AM, unit=area),
        "other AM": make_user(session, field, position=Position.AM, unit=other_area),
        "RM": make_user(session, field, position=Position.RM, unit=region),
        "agent": make_user(session, Role.AGENT, teams=(team,)),
        "protection": make_user(session, Role.AGENT, teams=(protection,)),
        "compliance": make_user(session, Role.COMPLIANCE),
        "committee": make_user(session, Role.AUDITOR, position=Position.COMMITTEE),
        "director": make_user(session, Role.AUDITOR, position=Position.DIRECTOR),
        "other director": make_user(session, Role.AUDITOR, position=Position.DIRECTOR),
    }
    ticket = make_ticket(session, unit=point, team=team, is_about_staff=True)
    return Organisation(people, point, other_point, ticket)


AGENT, BM2 = "agent", "other BM"
RM, HO = {"RM"}, {"protection"}
L5, L6 = {"compliance", "committee"}, {"director", "other director"}


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        # Of an officer or the head of a point: its own office hears nothing, the ladder stands.
        ("BP", [{AGENT, BM2}, {"AM"}, RM, HO, L5, L6]),
        ("BM", [{AGENT, BM2}, {"AM"}, RM, HO, L5, L6]),
        # Of an area manager: region and head office.
        ("AM", [{AGENT, BM2}, RM, RM, HO, L5, L6]),
        # Of a regional manager: the head office. All of the region is her line.
        ("RM", [{AGENT}, HO, HO, HO, L5, L6]),
        # Of the head office, the unit that handles complaints or another: the committee.
        ("protection", [L5, L5, L5, L5, L5, L6]),
        ("agent", [L5, L5, L5, L5, L5, L6]),
        # Of the committee: the others of it, who stand in nobody's line.
        ("committee", [{"compliance"}] * 5 + [L6]),
        # Of the board: the committee, which holds audit and compliance.
        ("director", [L5] * 6),
    ],
)
def test_who_is_told_at_each_level_when_somebody_is_complained_about(
    session: Session, organisation: Organisation, subject: str, told: list[set[str]]
) -> None:
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people[subject].id))
    session.flush()
    found = [recipients(session, organisation.ticket, level) for level in Level]
    assert [organisation.names(users) for users in found] == told


def test_in_a_neighbouring_area_the_line_ends(session: Session, organisation: Organisation) -> None:
    """An area manager has nothing to say in another area: its people are not her line."""
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people["AM"].id))
    session.flush()
    untold = untold_user_ids(session, organisation.ticket)
    names = {name for name, user in organisation.people.items() if user.id in untold}
    assert names == {"BP", "BM", "AM"}


def test_of_two_who_share_an_area_neither_hears_of_the_other(
    session: Session, organisation: Organisation
) -> None:
    manager = organisation.people["AM"]
    colleague = make_user(
        session, Role.FIELD, position=Position.AM, unit=session.get_one(OrgUnit, manager.unit_id)
    )
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=manager.id))
    session.flush()
    assert colleague.id in untold_user_ids(session, organisation.ticket)
    assert organisation.names(recipients(session, organisation.ticket, Level.L2)) == RM


def test_of_several_subjects_all_lines_are_left_out(session: Session, organisation: Organisation) -> None:
    for name in ("AM", "RM"):
        session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people[name].id))
    session.flush()
    assert organisation.names(recipients(session, organisation.ticket, Level.L2)) == HO


def test_the_disabled_are_told_nothing(session: Session, organisation: Organisation) -> None:
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people["AM"].id))
    organisation.people["RM"].disabled_at = NOW
    session.flush()
    assert organisation.names(recipients(session, organisation.ticket, Level.L2)) == HO


def test_the_line_may_still_see_what_it_is_not_told_of(session: Session, organisation: Organisation) -> None:
    """Visibility is the matter of the confidentiality rules: here only who is told."""
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people["RM"].id))
    session.flush()
    barred = barred_user_ids(session, organisation.ticket)
    untold = untold_user_ids(session, organisation.ticket)
    assert barred < untold
    assert organisation.people["AM"].id in untold - barred


def test_heads_of_a_team_in_the_line_are_not_told_of_ratings_either(
    session: Session, organisation: Organisation
) -> None:
    head = make_user(session, Role.SUPERVISOR)
    assert tell_leaders(session, organisation.ticket, "low_rating", at=NOW) == [head]
    session.add(TicketSubject(ticket_id=organisation.ticket.id, user_id=organisation.people["protection"].id))
    session.flush()
    assert tell_leaders(session, organisation.ticket, "low_rating", at=NOW) == []
