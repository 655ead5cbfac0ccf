"""The one rule of who may see which ticket; every other query starts from it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, or_, select
from sqlalchemy.orm import Session

from helpdesk.crypto import token_hash
from helpdesk.domain.errors import Forbidden
from helpdesk.models.barring import ticket_is_barred
from helpdesk.models.people import (
    SIGN_IN_LASTS,
    ApiToken,
    OrgUnit,
    Presence,
    Role,
    SignIn,
    TeamMember,
    TokenScope,
    UnitKind,
    User,
)
from helpdesk.models.tickets import Ticket
from helpdesk.queries.permissions import ALLOWED, Action

__all__ = [
    "Action",
    "Viewer",
    "barred",
    "can",
    "load_viewer",
    "require",
    "unseen",
    "viewer_for_token",
    "viewer_signed_in",
    "visible",
]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: a member of staff, or a token (then without user id)."""

    user_id: int | None
    public_id: str
    name: str
    role: Role | TokenScope
    team_ids: frozenset[int]
    unit_id: int
    unit_path: str
    is_at_point: bool
    zone: str
    actor: str
    """`user:<public id>` or `token:<name>`, as the audit trail names it."""
    seen_at: datetime | None = None
    """When this member of staff gave the last sign of life."""
    is_away: bool = False
    """She is having a break."""

    @property
    def point_id(self) -> int | None:
        """The point that the viewer belongs to; None for everybody above it."""
        return self.unit_id if self.is_at_point else None


def load_viewer(session: Session, user_id: int) -> Viewer | None:
    """Return the viewer behind a user id, or None when there is none or it is disabled."""
    row = session.execute(
        select(User, OrgUnit, Presence)
        .join(OrgUnit, OrgUnit.id == User.unit_id)
        .outerjoin(Presence, Presence.user_id == User.id)
        .where(User.id == user_id, User.disabled_at.is_(None))
    ).first()
    if row is None:
        return None
    user, unit, presence = row
    teams = session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id))
    return Viewer(
        user_id=user.id,
        public_id=user.public_id,
        name=user.name,
        role=user.role,
        team_ids=frozenset(teams),
        unit_id=unit.id,
        unit_path=unit.path,
        is_at_point=unit.kind is UnitKind.POINT,
        zone=unit.zone,
        actor=f"user:{user.public_id}",
        seen_at=presence.seen_at if presence is not None else None,
        is_away=presence is not None and presence.is_away,
    )


def viewer_signed_in(session: Session, token: str, *, now: datetime) -> Viewer | None:
    """Return the viewer behind a sign-in, or None when it ended or became too old."""
    user_id = session.scalar(
        select(SignIn.user_id).where(
            SignIn.token_hash == token_hash(token), SignIn.created_at > now - SIGN_IN_LASTS
        )
    )
    return None if user_id is None else load_viewer(session, user_id)


def viewer_for_token(session: Session, token: str) -> Viewer | None:
    """Return the viewer behind a bearer token, or None when it is unknown or revoked."""
    found = session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.scope).where(
            ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None)
        )
    ).first()
    if found is None:
        return None
    # Head office is the root of the tree: it exists before any token does.
    root = session.execute(
        select(OrgUnit.id, OrgUnit.path, OrgUnit.zone)
        .where(OrgUnit.parent_id.is_(None))
        .order_by(OrgUnit.id)
        .limit(1)
    ).one()
    return Viewer(
        user_id=None,
        public_id=str(found.id),
        name=found.name,
        role=found.scope,
        team_ids=frozenset(),
        unit_id=root.id,
        unit_path=root.path,
        is_at_point=False,
        zone=root.zone,
        actor=f"token:{found.name}",
    )


def can(viewer: Viewer, action: Action) -> bool:
    """Whether the viewer's role or scope has this action at all."""
    return action in ALLOWED[viewer.role]


def require(viewer: Viewer, action: Action) -> None:
    """Raise Forbidden unless the viewer can()."""
    if not can(viewer, action):
        raise Forbidden(f"{viewer.role} may not {action}")


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on Ticket that holds for the tickets this viewer may know of."""
    match viewer.role:
        case Role.SUPERVISOR | Role.COMPLIANCE | Role.AUDITOR | TokenScope.STAFF:
            return ~barred(viewer)
        case Role.AGENT:
            own = or_(Ticket.team_id.in_(sorted(viewer.team_ids)), Ticket.assignee_id == viewer.user_id)
            return and_(own, ~barred(viewer))
        case Role.FIELD:
            # Head office stands for "point unknown" on a ticket: sitting there opens nothing.
            own = Ticket.registered_by_id == viewer.user_id
            if viewer.is_at_point:
                own = or_(own, Ticket.unit_id == viewer.unit_id)
            return and_(own, ~barred(viewer))
        case _:
            return false()


def unseen(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition for tickets about staff that this person may not know of.

    For pages that show more than visible() does: what is typed from paper is open to whoever enters paper.
    """
    return and_(Ticket.is_about_staff, case((visible(viewer), False), else_=True))  # NULL is not seen


def barred(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition for tickets kept from this person in every role (models/barring.py)."""
    return ticket_is_barred(user_id=viewer.user_id, point_id=viewer.point_id)
