"""Rows of one ticket while its life is played: plain values, for ORM objects would take most of the time."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from helpdesk.demo.world.rows import Row
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.sla.escalation import Level
from helpdesk.sla.policy import Form, Metric


@dataclass(slots=True)
class TicketFacts:
    """The columns of models.tickets.Ticket."""

    id: int
    number: str
    kind: TicketKind
    subject: str
    category_code: str | None
    channel: ChannelCode
    place: str | None
    form: Form
    contact_id: int
    handle_id: int | None
    unit_id: int
    registered_by_id: int | None
    amount: int | None
    occurred_on: date | None
    received_at: datetime
    created_at: datetime
    updated_at: datetime
    last_inbound_at: datetime | None
    status: TicketStatus = TicketStatus.NEW
    category_source: str = "none"
    severity: Severity = Severity.S4
    impact: Impact = Impact.I1
    urgency: Urgency = Urgency.U1
    severity_reasons: list[dict[str, str]] = field(default_factory=list)
    matrix_version: int = 1
    is_severity_overridden: bool = False
    routing_reason: dict[str, str] = field(default_factory=dict)
    language: str = "id"
    team_id: int = 0
    assignee_id: int | None = None
    is_about_staff: bool = False
    acknowledged_at: datetime | None = None
    last_human_at: datetime | None = None
    resolved_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_count: int = 0
    next_due_at: datetime | None = None
    follow_up_code_digest: bytes | None = None
    version: int = 0
    chain_head: bytes = b""

    @property
    def first_team(self) -> str:
        """The team that routing chose."""
        return self.routing_reason["team"]


@dataclass(slots=True)
class PauseFacts:
    """The columns of models.sla.SlaPauseRow but its keys."""

    started_at: datetime
    reason: str
    actor: str
    ended_at: datetime | None = None
    ends_by: datetime | None = None


@dataclass(slots=True)
class ClockFacts:
    """The columns of models.sla.SlaClockRow but its keys."""

    metric: Metric
    policy_id: int
    target_seconds: int
    calendar_id: int
    calendar_as_of: datetime
    is_pausable: bool
    pause_cap_seconds: int | None
    zone: str
    started_at: datetime
    counts_from: datetime
    due_at: datetime | None = None
    strict_due_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None
    superseded_at: datetime | None = None
    next_step_at: datetime | None = None


def columns_of(row: TicketFacts | ClockFacts | PauseFacts) -> dict[str, Any]:
    """Return the values by column."""
    return {name: getattr(row, name) for name in type(row).__slots__}


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody at the level was told; who that is follows from the team at that moment."""

    at: datetime
    level: Level
    kind: str
    team_id: int
    event: Row
    """The step that was told of."""
