"""SLA calendars, policies, clocks with their pauses, and what the enforcement has done."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, BigId, one_of
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.policy import CalendarCode, Metric

_LIVE = text("met_at IS NULL AND superseded_at IS NULL")
_TO_CHECK = text("next_step_at IS NOT NULL")
_OPEN_PAUSE = text("ended_at IS NULL")


class HolidayKind(StrEnum):
    """Domain.md 6.2."""

    NATIONAL = "national"
    CUTI_BERSAMA = "cuti_bersama"
    LOCAL = "local"
    COMPANY = "company"


class SlaCalendar(Base):
    """Weekly opening spans, local to the zone of the ticket's point. A changed calendar is a new version."""

    __tablename__ = "sla_calendars"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[CalendarCode] = mapped_column(one_of(CalendarCode, "code"))
    version: Mapped[int]
    name: Mapped[str]
    hours: Mapped[dict[str, Any]] = mapped_column(JSON)
    special_days: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    breaks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    closed_kinds: Mapped[list[str]] = mapped_column(JSON)
    """Kinds of holiday on which this calendar is closed."""
    retired_at: Mapped[datetime | None]


class Holiday(Base):
    """A closed day; without a unit for the whole country, else for that unit and those below it."""

    __tablename__ = "holidays"
    __table_args__ = (
        UniqueConstraint("on", "kind", "unit_id"),
        Index(
            "uq_holidays_national",
            "on",
            "kind",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date]
    name: Mapped[str]
    kind: Mapped[HolidayKind] = mapped_column(one_of(HolidayKind, "kind"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    is_own: Mapped[bool] = mapped_column(default=False)
    """Entered by us; seeding from the holidays package never touches it."""
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    """The day is worked after all: an own entry that beats the package."""


class SlaPolicyRow(Base):
    """A version of a policy; retired, never deleted, for clocks keep the version they were given."""

    __tablename__ = "sla_policies"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    rank: Mapped[int]
    name_id: Mapped[str]
    name_en: Mapped[str]
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class SlaTargetRow(Base):
    """One promise of a policy."""

    __tablename__ = "sla_targets"
    __table_args__ = (CheckConstraint("seconds > 0", name="positive"),)

    policy_id: Mapped[int] = mapped_column(ForeignKey("sla_policies.id"), primary_key=True)
    metric: Mapped[Metric] = mapped_column(one_of(Metric, "metric"), primary_key=True)
    seconds: Mapped[int]
    calendar: Mapped[CalendarCode] = mapped_column(one_of(CalendarCode, "calendar"))
    is_pausable: Mapped[bool]


class SlaClockRow(Base):
    """One ticket measured against one target. Keeps the target it started with (ADR 0005)."""

    __tablename__ = "sla_clocks"
    __table_args__ = (
        Index("ix_sla_clocks_ticket_id", "ticket_id", "id"),
        Index(
            "uq_sla_clocks_live",
            "ticket_id",
            "metric",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_sla_clocks_next_step_at",
            "next_step_at",
            "id",
            sqlite_where=_TO_CHECK,
            postgresql_where=_TO_CHECK,
        ),
        Index("ix_sla_clocks_metric_due_at", "metric", "due_at"),
        CheckConstraint("target_seconds > 0", name="target_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    metric: Mapped[Metric] = mapped_column(one_of(Metric, "metric"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("sla_policies.id"))
    target_seconds: Mapped[int]
    calendar_id: Mapped[int] = mapped_column(ForeignKey("sla_calendars.id"))
    is_pausable: Mapped[bool]
    zone: Mapped[str]
    started_at: Mapped[datetime]
    counts_from: Mapped[datetime]
    """The regulator's clocks count from the midnight after receipt."""
    due_at: Mapped[datetime | None]
    """The promise as given; None while paused."""
    strict_due_at: Mapped[datetime | None]
    """Regulatory clocks: as if cuti bersama were worked. Alarms use it."""
    met_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    """The due instant that passed, whenever it was noticed; never cleared."""
    superseded_at: Mapped[datetime | None]
    next_step_at: Mapped[datetime | None]
    """When the enforcement must look at this clock next; None when there is nothing left to do."""


class SlaPauseRow(Base):
    """An interval in which a ticket's pausable clocks stand still."""

    __tablename__ = "sla_pauses"
    __table_args__ = (
        Index(
            "uq_sla_pauses_open",
            "clock_id",
            unique=True,
            sqlite_where=_OPEN_PAUSE,
            postgresql_where=_OPEN_PAUSE,
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="not_backwards"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    clock_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_clocks.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]
    actor: Mapped[str]


class SlaClockEvent(Base):
    """A warning, breach or escalation that was carried out: each step once per clock, by this key."""

    __tablename__ = "sla_clock_events"
    __table_args__ = (UniqueConstraint("clock_id", "step"), Index("ix_sla_clock_events_at", "at", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    clock_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_clocks.id"))
    step: Mapped[str]
    action: Mapped[StepAction] = mapped_column(one_of(StepAction, "action"))
    at: Mapped[datetime]
    """When it was due, not when a sweep noticed it."""
    noticed_at: Mapped[datetime]
    level: Mapped[str | None]


class MatrixVersion(Base):
    """A published severity matrix, as the YAML document that was published."""

    __tablename__ = "severity_matrix_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class RoutingRuleRow(Base):
    """A rule that sends tickets to a team; the lowest rank that fits wins."""

    __tablename__ = "routing_rules"

    code: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(index=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    retired_at: Mapped[datetime | None]


class Worker(Base):
    """A running worker and when it was last seen, for /readyz and the dashboard."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class DataKey(Base):
    """A random key that must outlive the encryption keys, itself encrypted under them."""

    __tablename__ = "data_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
