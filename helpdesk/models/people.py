"""Organisation units, staff, teams and API tokens."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, BigId, one_of


class UnitKind(StrEnum):
    """Levels of the field organisation; a point is a branch office."""

    HEAD_OFFICE = "head_office"
    REGION = "region"
    AREA = "area"
    POINT = "point"


class Role(StrEnum):
    """Contract.md section 3."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    FIELD = "field"
    PRODUCT = "product"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Position(StrEnum):
    """Place in the escalation ladder of domain.md 7.3."""

    BP = "BP"
    BM = "BM"
    AM = "AM"
    RM = "RM"
    HO = "HO"
    COMMITTEE = "COMMITTEE"
    DIRECTOR = "DIRECTOR"


class TokenScope(StrEnum):
    """Contract.md section 5."""

    APP = "app"
    STAFF = "staff"
    REPORTING = "reporting"


class OrgUnit(Base):
    """A node of the organisation tree. `path` lists the ids from the root, e.g. `/1/4/9/`."""

    __tablename__ = "org_units"
    __table_args__ = (CheckConstraint("kind = 'head_office' OR parent_id IS NOT NULL", name="has_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[UnitKind] = mapped_column(one_of(UnitKind, "kind"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    path: Mapped[str] = mapped_column(index=True)
    zone: Mapped[str]
    province: Mapped[str | None]


class Team(Base):
    """A group of agents that owns tickets."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    retired_at: Mapped[datetime | None]


class User(Base):
    """A member of staff."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(one_of(Role, "role"), index=True)
    position: Mapped[Position] = mapped_column(one_of(Position, "position"), default=Position.HO)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"), index=True)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


SIGN_IN_LASTS = timedelta(days=30)
"""After that one signs in anew, even where the browser was never closed."""


class SignIn(Base):
    """A sign-in that has not ended: without its row a cookie opens nothing, wherever it was copied to."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class TeamMember(Base):
    """Who works in which team."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class ApiToken(Base):
    """A bearer token of the JSON API; only its hash is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index(
            "uq_api_tokens_live_name",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    scope: Mapped[TokenScope] = mapped_column(one_of(TokenScope, "scope"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Notification(Base):
    """A notice to a member of staff inside the application, e.g. of an escalation."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_unread", "user_id", "read_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str]
    level: Mapped[str | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
