"""Who is told when a clock runs out, and who never is: the ladder of domain.md 7.3 over the organisation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import NoticeStatus
from helpdesk.models.barring import user_is_barred, user_is_kept_in_the_dark
from helpdesk.models.people import (
    NoticeDelivery,
    Notification,
    OrgUnit,
    Position,
    Role,
    Team,
    TeamMember,
    User,
)
from helpdesk.models.sla import SlaClockEvent
from helpdesk.models.tickets import Ticket, TicketSubject
from helpdesk.services import owners
from helpdesk.sla.escalation import Level, StepAction
from helpdesk.sla.quiet import shipped_notice_rules

PROTECTION_TEAM = "perlindungan"
"""The consumer protection unit at the head office: owner of S1, privacy, objections (domain.md 7.3)."""

HEAD_OFFICE_TEAMS = (PROTECTION_TEAM, "penipuan")
"""Teams that stand at L4 already: a functional escalation takes no ticket from them."""

Recipients = dict[tuple[Level, int, int, bool], tuple[Level, list[User]]]
"""Who stands for a level of one ticket and where, as long as its team, unit and kind stay what they are."""

_LADDER = tuple(Level)
_FIELD_POSITIONS = (Position.BP, Position.BM)


def barred_user_ids(session: Session, ticket: Ticket) -> frozenset[int]:
    """Return everybody who may neither handle the ticket nor be told of it (models/barring.py)."""
    barred = user_is_barred(ticket_id=ticket.id, unit_id=ticket.unit_id, is_about_staff=ticket.is_about_staff)
    return frozenset(session.scalars(select(User.id).where(barred)))


def untold_user_ids(session: Session, ticket: Ticket) -> frozenset[int]:
    """Return everybody who is told nothing of the ticket: the barred, and the line below who is complained about."""
    if not session.scalar(select(exists().where(TicketSubject.ticket_id == ticket.id))):
        # Nobody is named, so nobody has a line: most tickets, and every step of every clock asks.
        return barred_user_ids(session, ticket) if ticket.is_about_staff else frozenset()
    untold = user_is_kept_in_the_dark(
        ticket_id=ticket.id, unit_id=ticket.unit_id, is_about_staff=ticket.is_about_staff
    )
    return frozenset(session.scalars(select(User.id).where(untold)))


def recipients(session: Session, ticket: Ticket, level: Level) -> list[User]:
    """Return who stands at the level for this ticket, or at the next one up where nobody does.

    With nobody up to the top it is whoever is nearest below: somebody must know.
    """
    return _standing_for(session, ticket, level)[1]


def _standing_for(session: Session, ticket: Ticket, level: Level) -> tuple[Level, list[User]]:
    untold = untold_user_ids(session, ticket)
    here = _LADDER.index(level)
    for step in (*_LADDER[here:], *reversed(_LADDER[:here])):
        users = session.scalars(
            select(User)
            .where(User.disabled_at.is_(None), User.id.not_in(untold), _stands_at(session, ticket, step))
            .order_by(User.id)
        ).all()
        if users:
            return step, list(users)
    return level, []


def notify(
    session: Session,
    ticket: Ticket,
    level: Level,
    kind: str,
    *,
    at: datetime,
    known: Recipients | None = None,
    event: SlaClockEvent | None = None,
) -> list[User]:
    """Write a notice to everybody at the level, and return them.

    `known` keeps who stands where from one step of a pass to the next: a late pass takes many of one ticket.
    `event` is the step that is told of, and that somebody of them must answer. It keeps up to which level they stand:
    where they are silent, the first level is told that has others.
    """
    known = {} if known is None else known
    users = _known(session, ticket, level, known)[1]
    if event is not None and event.level is not None:
        event.level = _reach(session, ticket, level, users, known)
    if event is not None and event.id is None:
        session.flush()
    event_id = event.id if event is not None else None
    _tell(session, ticket, users, kind, level=level, event_id=event_id, at=at)
    return users


def _known(session: Session, ticket: Ticket, level: Level, known: Recipients) -> tuple[Level, list[User]]:
    place = (level, ticket.team_id, ticket.unit_id, ticket.is_about_staff)
    if place not in known:
        known[place] = _standing_for(session, ticket, level)
    return known[place]


def _reach(session: Session, ticket: Ticket, level: Level, users: Sequence[User], known: Recipients) -> Level:
    """Return the highest level for which the same people stand, above one that has nobody of its own or only them.

    Where nobody stands further up it stays `level`: each level above reminds them, for there is nobody else.
    """
    ids = [user.id for user in users]
    while ids and (above := level.above) is not None:
        found_at, there = _known(session, ticket, above, known)
        if found_at < above or [user.id for user in there] != ids:
            break
        level = above
    return level


def tell_leaders(session: Session, ticket: Ticket, kind: str, *, at: datetime) -> list[User]:
    """Write a notice to the supervisors of the ticket's team, or to all where it has none, and return them."""
    users = leaders(session, ticket)
    tell(session, ticket, users, kind, at=at)
    return users


def tell(
    session: Session,
    ticket: Ticket,
    users: Sequence[User],
    kind: str,
    *,
    at: datetime,
    about_id: int | None = None,
) -> None:
    """Write a notice to these people; the caller has left out who may not be told of the ticket.

    `about_id`: the member of staff whom it tells of.
    """
    _tell(session, ticket, users, kind, level=None, event_id=None, at=at, about_id=about_id)


def leaders(session: Session, ticket: Ticket) -> list[User]:
    """Return the supervisors of the ticket's team, or all where it has none, without those who are barred."""
    may_know = select(User).where(
        User.disabled_at.is_(None),
        User.role == Role.SUPERVISOR,
        User.id.not_in(untold_user_ids(session, ticket)),
    )
    everybody = list(session.scalars(may_know.order_by(User.id)))
    of_team = list(
        session.scalars(may_know.where(_in_team(TeamMember.team_id == ticket.team_id)).order_by(User.id))
    )
    return of_team or everybody


def level_of(session: Session, ticket: Ticket, user_id: int) -> Level | None:
    """Return the highest level at which the person was told of this ticket or stands for it now; None for none.

    Who may not be told of it has none, also where she was told before that was known.
    """
    if user_id in untold_user_ids(session, ticket):
        return None
    columns = [case((_stands_at(session, ticket, level), level.value), else_="") for level in _LADDER]
    stands = session.execute(select(*columns).where(User.id == user_id, User.disabled_at.is_(None))).first()
    highest = max((told_level(session, ticket.id, user_id) or "", *(stands or ())), default="")
    return Level(highest) if highest else None


def level_on(session: Session, ticket_id: int, user_id: int) -> Level | None:
    """Return level_of() for a ticket of which only the id is known."""
    return level_of(session, session.get_one(Ticket, ticket_id), user_id)


def told_level(session: Session, ticket_id: int, user_id: int) -> Level | None:
    """Return the highest level at which the person was told that this ticket was escalated; None for never.

    Who was told in the stead of others was told at her own level.
    """
    found = session.execute(
        select(func.max(Notification.level), func.max(SlaClockEvent.level))
        .outerjoin(SlaClockEvent, SlaClockEvent.id == Notification.clock_event_id)
        .where(
            Notification.ticket_id == ticket_id,
            Notification.user_id == user_id,
            Notification.kind == StepAction.ESCALATED,
        )
    ).one()
    highest = max((level for level in found if level), default=None)
    return Level(highest) if highest else None


def is_at_head_office(session: Session, ticket: Ticket) -> bool:
    """Whether a team has the ticket that stands at L4."""
    return session.get_one(Team, ticket.team_id).code in HEAD_OFFICE_TEAMS


def hand_over(session: Session, ticket: Ticket) -> dict[str, str]:
    """Give the ticket to the team of the head office that takes what is escalated, and say what changed.

    An assignee outside that team loses the ticket. Writes no event: the escalation's own event carries the result.
    """
    if is_at_head_office(session, ticket):
        return {}
    before = session.get_one(Team, ticket.team_id).code
    team = session.scalars(
        select(Team).where(Team.code == PROTECTION_TEAM, Team.retired_at.is_(None))
    ).one_or_none()
    if team is None:
        return {}
    ticket.team_id = team.id
    if ticket.assignee_id is not None and not _is_member(session, ticket.assignee_id, team.id):
        owners.take_away(ticket)
    return {"team_from": before, "team_to": team.code}


def _tell(
    session: Session,
    ticket: Ticket,
    users: Sequence[User],
    kind: str,
    *,
    level: Level | None,
    event_id: int | None,
    at: datetime,
    about_id: int | None = None,
) -> None:
    """Write the notices, and queue them for the ways that each person has chosen besides the application."""
    notices = [
        Notification(
            user_id=user.id,
            ticket_id=ticket.id,
            kind=kind,
            level=level,
            clock_event_id=event_id,
            about_id=about_id,
            created_at=at,
        )
        for user in users
    ]
    session.add_all(notices)
    rules = shipped_notice_rules()
    reached = [pair for pair in zip(users, notices, strict=True) if pair[0].notify_via]
    if kind not in rules.kinds or not reached:
        return
    session.flush()
    _queue(session, ticket, reached, at=at)


def _queue(
    session: Session, ticket: Ticket, reached: Sequence[tuple[User, Notification]], *, at: datetime
) -> None:
    """Queue the notices; one about a ticket of which another waits for the same person goes with that."""
    zones = _zones_of(session, [user for user, _ in reached])
    waiting = _waiting(session, ticket, [user.id for user, _ in reached])
    for user, notice in reached:
        goes_out_at = shipped_notice_rules().goes_out_at(
            at, zone=zones[user.unit_id], severity=ticket.severity
        )
        for via in user.notify_via:
            before = waiting.get((user.id, via))
            if before is not None and before <= goes_out_at:
                continue
            session.add(
                NoticeDelivery(
                    notification_id=notice.id,
                    via=via,
                    status=NoticeStatus.QUEUED,
                    attempts=0,
                    next_attempt_at=goes_out_at,
                )
            )


def _waiting(session: Session, ticket: Ticket, user_ids: Sequence[int]) -> dict[tuple[int, str], datetime]:
    """Return until when the newest notice of the ticket waits for each person and way, as far as it does.

    Locked: what a sender is taking now does not wait any more, and what waits is not taken before we are through.
    """
    rows = session.execute(
        select(
            Notification.user_id, NoticeDelivery.via, NoticeDelivery.status, NoticeDelivery.next_attempt_at
        )
        .join(Notification, Notification.id == NoticeDelivery.notification_id)
        .where(Notification.ticket_id == ticket.id, Notification.user_id.in_(user_ids))
        .order_by(NoticeDelivery.id)
        .with_for_update(of=NoticeDelivery)
    )
    newest = {(user_id, via): (status, at) for user_id, via, status, at in rows}
    return {
        place: at
        for place, (status, at) in newest.items()
        if status == NoticeStatus.QUEUED and at is not None
    }


def _zones_of(session: Session, users: Sequence[User]) -> dict[int, str]:
    units = select(OrgUnit.id, OrgUnit.zone).where(OrgUnit.id.in_({user.unit_id for user in users}))
    return {row.id: row.zone for row in session.execute(units)}


def _stands_at(session: Session, ticket: Ticket, level: Level) -> ColumnElement[bool]:
    match level:
        case Level.L1:
            # A branch manager works on tickets only with the role of an agent (domain.md 7.3).
            is_registrar = and_(User.position.in_(_FIELD_POSITIONS), User.role != Role.AGENT)
            return and_(_in_team(TeamMember.team_id == ticket.team_id), ~is_registrar)
        case Level.L2:
            return _manages(session, ticket, Position.AM)
        case Level.L3:
            return _manages(session, ticket, Position.RM)
        case Level.L4:
            owns = and_(Team.id == ticket.team_id, Team.code.in_(HEAD_OFFICE_TEAMS))
            teams = select(Team.id).where(or_(Team.code == PROTECTION_TEAM, owns))
            return or_(_in_team(TeamMember.team_id.in_(teams)), User.role == Role.SUPERVISOR)
        case Level.L5:
            return or_(User.position == Position.COMMITTEE, User.role == Role.COMPLIANCE)
        case Level.L6:
            return User.position == Position.DIRECTOR


def _manages(session: Session, ticket: Ticket, position: Position) -> ColumnElement[bool]:
    """Managers of the units above the ticket's point (or of its own unit, where it is theirs)."""
    path = session.get_one(OrgUnit, ticket.unit_id).path
    units = [int(part) for part in path.strip("/").split("/")]
    return and_(User.position == position, User.unit_id.in_(units))


def _in_team(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(TeamMember.user_id == User.id, condition)


def _is_member(session: Session, user_id: int, team_id: int) -> bool:
    return session.get(TeamMember, {"team_id": team_id, "user_id": user_id}) is not None
