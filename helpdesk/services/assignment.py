"""Gives the waiting tickets of teams that are assigned by themselves to people: the gravest first, with the reasons."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, nulls_last, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignment import AssignmentRules, Candidate, Work, assignment_rules, choose_assignee
from helpdesk.domain.severity import Severity
from helpdesk.models.attendance import attendance_of
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.people import Presence, Role, Team, TeamMember, User
from helpdesk.models.tickets import SPELT_ACTIVE, CategoryRow, Ticket, TicketEvent
from helpdesk.services import escalations, owners
from helpdesk.services.ownership import LOST
from helpdesk.services.trail import SYSTEM, record
from helpdesk.sla.ownership import is_on_shift, is_online, shipped_ownership

_WORKERS = (Role.AGENT, Role.SUPERVISOR)

_DUE_FIRST = (Ticket.severity, nulls_last(Ticket.next_due_at.asc()), Ticket.id)


class Outcome(StrEnum):
    """What became of a waiting ticket."""

    GIVEN = "given"
    NOBODY = "nobody"  # nobody for this one
    BUSY = "busy"  # nobody of the team for any
    GONE = "gone"  # somebody else has it, or is at it


def served_teams(session: Session, *, now: datetime) -> list[int]:
    """Return the teams whose tickets are given to people by themselves, as far as somebody of them is there.

    Where nobody gave a sign of life lately the queue need not even be looked at.
    """
    seen = now - shipped_ownership().unseen
    served = (
        select(Team.id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .join(Presence, Presence.user_id == TeamMember.user_id)
        .where(Team.is_auto_assigned, Team.retired_at.is_(None))
        .where(Presence.seen_at > seen, Presence.is_away.is_(False))
        .distinct()
        .order_by(Team.id)
    )
    return list(session.scalars(served))


def waiting_tickets(
    session: Session, team_ids: Collection[int], *, limit: int = 200, without: Collection[int] = ()
) -> list[tuple[int, int]]:
    """Return (ticket, team) for what waits for somebody in the teams: the gravest first, then what is due first."""
    if not team_ids:
        return []
    waiting = select(Ticket.id, Ticket.team_id).where(
        SPELT_ACTIVE,
        Ticket.team_id.in_(sorted(team_ids)),
        Ticket.assignee_id.is_(None),
        Ticket.status.in_(owners.WAITS_FOR_US),
    )
    found = session.execute(waiting.order_by(*_DUE_FIRST).limit(limit + len(without)))
    return [(ticket_id, team_id) for ticket_id, team_id in found if ticket_id not in without]


def assign_by_itself(session: Session, ticket_id: int, *, now: datetime) -> Outcome:
    """Give one waiting ticket to the best member of its team.

    The presence of all members is locked before their tickets are counted: of two workers the second sees what
    the first has given, and nobody gets more than she may have.
    """
    ticket = session.scalar(
        select(Ticket)
        .join(Team, Team.id == Ticket.team_id)
        .where(Ticket.id == ticket_id, Ticket.assignee_id.is_(None), Ticket.status.in_(owners.WAITS_FOR_US))
        .where(Team.is_auto_assigned, Team.retired_at.is_(None))
        .with_for_update(of=Ticket, key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        return Outcome.GONE
    rules = assignment_rules()
    choice = choose_assignee(_work(session, ticket), _candidates(session, ticket, rules, now=now), rules)
    chosen = choice.chosen
    if chosen is None:
        return Outcome.BUSY if choice.is_team_busy else Outcome.NOBODY
    owners.give(session, ticket, chosen.id, now=now)
    session.get_one(Presence, chosen.id).given_at = now
    team = session.get_one(Team, ticket.team_id).code
    data: dict[str, object] = {
        "from": {"team": team, "assignee": ""},
        "to": {"team": team, "assignee": chosen.public_id},
        "auto": True,
        "needs": list(_work(session, ticket).needs),
        "why": choice.as_data(),
    }
    record(session, ticket, "assigned", actor=SYSTEM, at=now, data=data)
    return Outcome.GIVEN


def _work(session: Session, ticket: Ticket) -> Work:
    group = session.scalar(select(CategoryRow.group_code).where(CategoryRow.code == ticket.category_code))
    return Work(group, ticket.language, ticket.channel)


def _candidates(
    session: Session, ticket: Ticket, rules: AssignmentRules, *, now: datetime
) -> list[Candidate]:
    presences = _locked_presences(session, ticket.team_id)
    members = session.scalars(
        select(User)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.team_id == ticket.team_id, User.disabled_at.is_(None), User.role.in_(_WORKERS))
        .order_by(User.id)
        .execution_options(populate_existing=True)
    ).all()
    held = _held(session, [user.id for user in members])
    barred = escalations.barred_user_ids(session, ticket)
    objected = owners.objected_to(session, ticket.id)
    lost = _lost_lately(session, ticket, since=now - rules.lost_for)
    book, presence_rules = CalendarBook(session), shipped_ownership()
    found = []
    for user in members:
        presence = presences.get(user.id)
        attendance = attendance_of(book, user, presence)
        found.append(
            Candidate(
                id=user.id,
                public_id=user.public_id,
                skills=frozenset(user.skills),
                held=held[user.id],
                capacity=user.capacity,
                given_at=presence.given_at if presence is not None else None,
                is_on_shift=is_on_shift(attendance, now),
                is_online=is_online(attendance, presence_rules, now),
                is_away=attendance.is_away,
                is_barred=user.id in barred or user.public_id == objected,
                has_lost_it=user.public_id in lost,
            )
        )
    return found


def _locked_presences(session: Session, team_id: int) -> dict[int, Presence]:
    """Return the presence of the members, locked in the order of their ids: two that lock them never cross."""
    rows = session.scalars(
        select(Presence)
        .where(Presence.user_id.in_(select(TeamMember.user_id).where(TeamMember.team_id == team_id)))
        .order_by(Presence.user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.user_id: row for row in rows}


def _held(session: Session, user_ids: Sequence[int]) -> dict[int, dict[Severity, int]]:
    """Return how many tickets wait for each person, by severity; those that wait for others do not count."""
    held: defaultdict[int, dict[Severity, int]] = defaultdict(dict)
    rows = session.execute(
        select(Ticket.assignee_id, Ticket.severity, func.count())
        .where(Ticket.assignee_id.in_(user_ids), Ticket.status.in_(owners.WAITS_FOR_US))
        .group_by(Ticket.assignee_id, Ticket.severity)
    )
    for user_id, severity, count in rows:
        if user_id is not None:
            held[user_id][severity] = count
    return held


def _lost_lately(session: Session, ticket: Ticket, *, since: datetime) -> frozenset[str]:
    """Return who lost this ticket since then by not reacting, by public id."""
    events = session.scalars(
        select(TicketEvent.data).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.kind == LOST, TicketEvent.at > since
        )
    )
    return frozenset(str((data or {}).get("from", {}).get("assignee", "")) for data in events)
