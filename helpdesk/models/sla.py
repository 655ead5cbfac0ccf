"""SLA calendars, policies, clocks with their pauses, and what the enforcement has done."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.sla.escalation import StepAction
from helpdesk.sla.policy import CalendarCode, Metric

_LIVE = text("met_at IS NULL AND superseded_at IS NULL")
_TO_CHECK = text("next_step_at IS NOT NULL")
_OPEN_PAUSE = text("ended_at IS NULL")
_STANDS = "withdrawn_at IS NULL"
_LASTS = text("ended_at IS NULL AND next_step_at IS NOT NULL")


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
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    retired_at: Mapped[datetime | None]


def _once(name: str, *columns: str, where: str) -> Index:
    """One entry that stands for a day, kind and place."""
    is_one = text(f"{where} AND {_STANDS}")
    return Index(
        f"uq_holidays_{name}",
        "on",
        "kind",
        *columns,
        unique=True,
        sqlite_where=is_one,
        postgresql_where=is_one,
    )


class Holiday(Base):
    """A closed day: of the whole country, of a province, or of a unit and those below it.

    An entry is never changed, but withdrawn and entered anew: a promise keeps counting by the entries that stood
    when it was given (SlaClockRow.calendar_as_of).
    """

    __tablename__ = "holidays"
    __table_args__ = (
        _once("national", where="unit_id IS NULL AND province IS NULL"),
        _once("province", "province", where="province IS NOT NULL"),
        _once("unit", "unit_id", where="unit_id IS NOT NULL"),
        CheckConstraint("unit_id IS NULL OR province IS NULL", name="one_scope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date]
    name: Mapped[str]
    kind: Mapped[HolidayKind] = mapped_column(one_of(HolidayKind, "kind"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    province: Mapped[str | None]
    """As OrgUnit.province."""
    is_own: Mapped[bool] = mapped_column(default=False)
    """Entered by us; seeding from the holidays package never touches it."""
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    """The day is worked after all: an own entry that beats the package."""
    entered_at: Mapped[datetime | None]
    """From when promises count by it; None: always, as what the installation began with."""
    withdrawn_at: Mapped[datetime | None]
    """From when they no longer do."""


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
    pause_cap_seconds: Mapped[int | None]
    """The most time of its calendar that all pauses of one clock may take out; None: no cap."""


class SlaPolicyEdition(Base):
    """A whole set of policies as a YAML document: a draft until a second person publishes or discards it."""

    __tablename__ = "sla_policy_editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int | None] = mapped_column(unique=True)
    """Number of a published edition."""
    document: Mapped[str]
    note: Mapped[str]
    """What the author says it changes, and why."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """When the author asked for the second person."""
    published_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who published, sent back or discarded it."""
    sent_back_reason: Mapped[str | None]
    """Why the second person did not publish it; the author may change it and ask again."""


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
    calendar_as_of: Mapped[datetime | None]
    """The closed days count as they stood at this instant; None: as they stand now."""
    is_pausable: Mapped[bool]
    pause_cap_seconds: Mapped[int | None]
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
    ends_by: Mapped[datetime | None]
    """When the cap of the clock is used up and it runs again by itself; None: no cap."""
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
    """Of an escalation: up to which level those stand who were told; they may stand in for the one below."""
    acknowledged_at: Mapped[datetime | None]
    """When a person of that level (or above) said that she has it; an escalation without goes on up."""
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class StatutoryPeriod(Base):
    """A time limit of a rule that is no promise of ours: documents, a third party, the regulator (domain.md 1.6).

    sla/data/regulation.yaml says for each code who is bound, how long, and what may extend it.
    """

    __tablename__ = "statutory_periods"
    __table_args__ = (
        Index("ix_statutory_periods_ticket_id", "ticket_id", "id"),
        Index(
            "ix_statutory_periods_next_step_at",
            "next_step_at",
            "id",
            sqlite_where=_LASTS,
            postgresql_where=_LASTS,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    code: Mapped[str]
    """C2, C4 … of the rules."""
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    strict_due_at: Mapped[datetime]
    """As if cuti bersama were worked."""
    subject: Mapped[str] = mapped_column(EncryptedText)
    """What is asked for: the documents, the question of the regulator, the third party."""
    extended_at: Mapped[datetime | None]
    extension_ground: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """complete, withdrawn, answered …: a word of the rules."""
    expired_at: Mapped[datetime | None]
    """The due instant that passed without an end, whenever it was noticed."""
    next_step_at: Mapped[datetime | None]
    steps_done: Mapped[str] = mapped_column(default="")
    """Codes of the warnings that were given, joined by commas: the calendar may move their instants meanwhile."""
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"))
    """What told the contact of it: without this message nothing was asked of her."""
    actor: Mapped[str]


class SlaExtension(Base):
    """A lawful extension of the regulator's clock, with the letter that told the contact (POJK 22/2023 Ps. 75)."""

    __tablename__ = "sla_extensions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    code: Mapped[str]
    """Of the rule that allows it, in sla/data/regulation.yaml."""
    ground: Mapped[str]
    reason: Mapped[str] = mapped_column(EncryptedText)
    party: Mapped[str | None]
    """The third party that is waited for."""
    at: Mapped[datetime]
    due_before: Mapped[datetime]
    due_after: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"))
    """The notice to the contact; None where it was given on paper."""
    actor: Mapped[str]


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
