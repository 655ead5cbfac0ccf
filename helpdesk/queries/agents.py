"""Staff who may take a ticket, and how much each has."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.severity import Severity
from helpdesk.models.barring import user_is_barred
from helpdesk.models.people import Role, Team, TeamMember, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.terms import ACTIVE, tally
from helpdesk.queries.ticket import ticket_id_of
from helpdesk.queries.visibility import Action, Viewer, require, visible

_WORKERS = (Role.AGENT, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A member of staff and the active tickets assigned to them."""

    id: int
    public_id: str
    name: str
    active_count: int
    urgent_count: int
    """Of them S1 and S2."""


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team to choose from."""

    code: str
    name: str
    member_count: int


def teams(session: Session) -> tuple[TeamRow, ...]:
    """Return the teams in use."""
    found = session.execute(
        select(Team.code, Team.name, func.count(TeamMember.user_id))
        .outerjoin(TeamMember, TeamMember.team_id == Team.id)
        .where(Team.retired_at.is_(None))
        .group_by(Team.code, Team.name)
        .order_by(Team.name)
    )
    return tuple(TeamRow(*row) for row in found)


def workload(session: Session, viewer: Viewer, *, team: str | None = None) -> tuple[AgentRow, ...]:
    """Return the members of a team (or of the viewer's teams, for those who have all: everybody)."""
    require(viewer, Action.READ_QUEUE)
    members = select(TeamMember.user_id)
    if team is not None:
        members = members.join(Team, Team.id == TeamMember.team_id).where(Team.code == team)
    elif viewer.role is Role.AGENT:
        members = members.where(TeamMember.team_id.in_(sorted(viewer.team_ids)))
    urgent = Ticket.severity.in_([Severity.S1, Severity.S2])
    found = session.execute(
        select(User.id, User.public_id, User.name, func.count(Ticket.id), tally(urgent))
        .outerjoin(Ticket, and_(Ticket.assignee_id == User.id, ACTIVE, visible(viewer)))
        .where(User.id.in_(members), User.disabled_at.is_(None), User.role.in_(_WORKERS))
        .group_by(User.id, User.public_id, User.name)
        .order_by(User.name)
    )
    return tuple(AgentRow(*row) for row in found)


def assignable(session: Session, viewer: Viewer, number: str) -> tuple[AgentRow, ...]:
    """Return who may be given this ticket: its team, without those who are barred from it."""
    ticket_id = ticket_id_of(session, viewer, number)
    ticket = session.execute(
        select(Ticket.unit_id, Ticket.is_about_staff, Team.code)
        .join(Team, Team.id == Ticket.team_id)
        .where(Ticket.id == ticket_id)
    ).one()
    barred = user_is_barred(ticket_id=ticket_id, unit_id=ticket.unit_id, is_about_staff=ticket.is_about_staff)
    kept_out = set(session.scalars(select(User.id).where(barred)))
    return tuple(row for row in workload(session, viewer, team=ticket.code) if row.id not in kept_out)


def assignee_of(session: Session, ticket_id: int) -> str | None:
    """Return the public id of who has a ticket that the viewer may see."""
    return session.scalar(
        select(User.public_id).join(Ticket, Ticket.assignee_id == User.id).where(Ticket.id == ticket_id)
    )
