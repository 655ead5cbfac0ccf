"""Who may take a ticket."""

from factories import make_ladder, make_team, make_ticket, make_user
from query_samples import a_viewer, add_subject
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Role
from helpdesk.queries.agents import assignable, teams, workload


def test_workload_counts_active_tickets_per_member(session: Session) -> None:
    team = make_team(session)
    user = make_user(session, teams=(team,))
    make_user(session, Role.ADMIN, teams=(team,))
    make_ticket(session, team=team, assignee_id=user.id, severity=Severity.S1)
    make_ticket(session, team=team, assignee_id=user.id)
    make_ticket(session, team=team, assignee_id=user.id, status=TicketStatus.CLOSED)
    supervisor = a_viewer(session)
    with counted(session) as seen:
        found = workload(session, supervisor, team=team.code)
    assert [(row.id, row.active_count, row.urgent_count) for row in found] == [(user.id, 2, 1)]
    assert len(seen) == 1


def test_subjects_and_the_accused_point_may_not_be_given_the_ticket(session: Session) -> None:
    _, _, point = make_ladder(session)
    team = make_team(session)
    free = make_user(session, teams=(team,))
    subject = make_user(session, teams=(team,))
    make_user(session, teams=(team,), unit=point)
    ticket = make_ticket(session, team=team, unit=point, is_about_staff=True)
    add_subject(session, ticket, subject)
    assert [row.id for row in assignable(session, a_viewer(session), ticket.number)] == [free.id]


def test_only_teams_in_use_are_offered(session: Session) -> None:
    team, old = make_team(session), make_team(session)
    old.retired_at = make_user(session).created_at
    session.flush()
    codes = {row.code for row in teams(session)}
    assert team.code in codes
    assert old.code not in codes
