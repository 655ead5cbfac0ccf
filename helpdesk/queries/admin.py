"""What administrators see: people, matrix, tokens. No ticket texts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models.people import (
    ApiToken,
    OrgUnit,
    Team,
    TeamMember,
    UnitKind,
    User,
)
from helpdesk.models.people import (
    Position as Position,
)
from helpdesk.models.people import (
    Role as Role,
)
from helpdesk.models.people import (
    TokenScope as TokenScope,
)
from helpdesk.models.sla import (
    MatrixVersion,
    RoutingRuleRow,
)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A member of staff."""

    id: int
    public_id: str
    email: str
    name: str
    role: Role
    position: Position
    unit: str
    teams: tuple[str, ...]
    """Codes."""
    disabled_at: datetime | None
    created_at: datetime
    phone: str | None
    notify_via: tuple[str, ...]
    """Besides the application."""
    shift: Mapping[str, object] | None
    skills: tuple[str, ...]
    capacity: int | None


@dataclass(frozen=True, slots=True)
class TeamAdminRow:
    """A team, retired ones too; a team without members is a fault to mend."""

    code: str
    name: str
    member_count: int
    retired_at: datetime | None
    is_auto_assigned: bool


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A node of the organisation."""

    id: int
    code: str
    name: str
    kind: UnitKind
    parent_id: int | None
    path: str
    zone: str
    province: str | None
    is_remote: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A published severity matrix."""

    version: int
    published_at: datetime
    published_by: str
    document: str


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """A rule that sends tickets to a team."""

    code: str
    rank: int
    team_code: str
    conditions: Mapping[str, object]
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An API token; the token itself is kept nowhere."""

    id: int
    name: str
    scope: TokenScope
    created_at: datetime
    revoked_at: datetime | None


def users(session: Session, *, with_disabled: bool = True) -> tuple[UserRow, ...]:
    """Return staff by name, in two statements."""
    query = select(User, OrgUnit.name).join(OrgUnit, OrgUnit.id == User.unit_id).order_by(User.name, User.id)
    if not with_disabled:
        query = query.where(User.disabled_at.is_(None))
    memberships = session.execute(
        select(TeamMember.user_id, Team.code).join(Team, Team.id == TeamMember.team_id).order_by(Team.code)
    )
    codes: dict[int, list[str]] = defaultdict(list)
    for user_id, code in memberships:
        codes[user_id].append(code)
    return tuple(
        UserRow(
            id=user.id,
            public_id=user.public_id,
            email=user.email,
            name=user.name,
            role=user.role,
            position=user.position,
            unit=unit,
            teams=tuple(codes[user.id]),
            disabled_at=user.disabled_at,
            created_at=user.created_at,
            phone=user.phone,
            notify_via=tuple(user.notify_via),
            shift=user.shift,
            skills=tuple(user.skills),
            capacity=user.capacity,
        )
        for user, unit in session.execute(query)
    )


def teams(session: Session) -> tuple[TeamAdminRow, ...]:
    """Return all teams with the number of members who can sign in."""
    found = session.execute(
        select(Team.code, Team.name, func.count(User.id), Team.retired_at, Team.is_auto_assigned)
        .outerjoin(TeamMember, TeamMember.team_id == Team.id)
        .outerjoin(User, (User.id == TeamMember.user_id) & User.disabled_at.is_(None))
        .group_by(Team.code, Team.name, Team.retired_at, Team.is_auto_assigned)
        .order_by(Team.name)
    )
    return tuple(TeamAdminRow(*row) for row in found)


def units(session: Session) -> tuple[UnitRow, ...]:
    """Return the organisation, parents before their children."""
    found = session.execute(
        select(
            OrgUnit.id,
            OrgUnit.code,
            OrgUnit.name,
            OrgUnit.kind,
            OrgUnit.parent_id,
            OrgUnit.path,
            OrgUnit.zone,
            OrgUnit.province,
            OrgUnit.is_remote,
        ).order_by(OrgUnit.path)
    )
    return tuple(UnitRow(*row) for row in found)


def matrices(session: Session) -> tuple[MatrixRow, ...]:
    """Return all published matrices, newest first."""
    found = session.execute(
        select(
            MatrixVersion.version,
            MatrixVersion.published_at,
            MatrixVersion.published_by,
            MatrixVersion.document,
        ).order_by(MatrixVersion.version.desc())
    )
    return tuple(MatrixRow(*row) for row in found)


def routing_rules(session: Session) -> tuple[RoutingRow, ...]:
    """Return the rules in use, in the order in which they are tried."""
    found = session.execute(
        select(
            RoutingRuleRow.code,
            RoutingRuleRow.rank,
            RoutingRuleRow.team_code,
            RoutingRuleRow.conditions,
            RoutingRuleRow.retired_at,
        )
        .where(RoutingRuleRow.retired_at.is_(None))
        .order_by(RoutingRuleRow.rank)
    )
    return tuple(RoutingRow(*row) for row in found)


def tokens(session: Session) -> tuple[TokenRow, ...]:
    """Return all API tokens, revoked ones too."""
    found = session.execute(
        select(ApiToken.id, ApiToken.name, ApiToken.scope, ApiToken.created_at, ApiToken.revoked_at).order_by(
            ApiToken.id
        )
    )
    return tuple(TokenRow(*row) for row in found)
