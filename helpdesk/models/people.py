"""Organisation units, staff, teams and API tokens."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
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
    is_remote: Mapped[bool] = mapped_column(default=False)
    """Letters and answers take long from here: the contact has more time (domain.md 1.6 C9)."""


class Team(Base):
    """A group of agents that owns tickets."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_auto_assigned: Mapped[bool] = mapped_column(default=False)
    """Its tickets are given to people by themselves (services/ownership.py); otherwise they are taken."""
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
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    """For notices by WhatsApp or SMS."""
    notify_via: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Besides the application: email, whatsapp, sms."""
    shift: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Working hours by weekday, as a calendar's `hours`, in the unit's zone; None: no roster, always on shift."""
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Category groups, languages and channels that she is good at (domain/assignment.py)."""
    capacity: Mapped[int | None]
    """Most tickets that are given to her by themselves; None: the rule's default."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Presence(Base):
    """When a member of staff was last seen at work; without a row she never was."""

    __tablename__ = "presence"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    is_away: Mapped[bool] = mapped_column(default=False)
    """She said so herself: nothing is given to her. `seen_at` then stands at the moment at which she left."""
    given_at: Mapped[datetime | None]
    """When a ticket was last given to her by itself: whoever has waited longest comes first."""


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
    __table_args__ = (
        Index("ix_notifications_unread", "user_id", "read_at", "id"),
        Index(
            "ix_notifications_about_id",
            "about_id",
            "created_at",
            sqlite_where=text("about_id IS NOT NULL"),
            postgresql_where=text("about_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str]
    level: Mapped[str | None]
    clock_event_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_clock_events.id"), index=True)
    """The step that it tells of, which can be acknowledged."""
    about_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Whose work went back to the queue."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class NoticeDelivery(Base):
    """A notice on its way to a member of staff by e-mail or a channel, besides the application."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        Index(
            "ix_notice_deliveries_due",
            "next_attempt_at",
            "id",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_notice_deliveries_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notification_id: Mapped[int] = mapped_column(BigId, ForeignKey("notifications.id"), index=True)
    via: Mapped[str]
    status: Mapped[str]
    """A NoticeStatus of domain/delivery.py."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    """Not before this instant (quiet hours, next try); None once it is sent or given up."""
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
