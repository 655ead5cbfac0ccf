"""How tickets were resolved, and what was given."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.queries.conversation import actor_names


@dataclass(frozen=True, slots=True)
class RedressRow:
    """What is given, from offer to payment; `amount` in whole rupiah."""

    id: int
    kind: RedressKind
    amount: int | None
    currency: str
    offered_at: datetime
    accepted_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """One answer of ours and what the contact said to it."""

    at: datetime
    disposition: Disposition | None
    """None for enquiries and requests."""
    root_cause: str
    summary: str | None
    late_code: str | None
    """Why it came after a promise had run out; None where it did not."""
    late_reason: str | None
    """The same in words."""
    resolved_by: str
    accepted_at: datetime | None
    rejected_at: datetime | None
    redress: tuple[RedressRow, ...]


def resolutions_of(session: Session, ticket_ids: Sequence[int]) -> Mapping[int, tuple[ResolutionRow, ...]]:
    """Return the resolutions of tickets the viewer may see, oldest first, in three statements."""
    found = session.scalars(
        select(Resolution)
        .where(Resolution.ticket_id.in_(ticket_ids))
        .order_by(Resolution.ticket_id, Resolution.id)
    ).all()
    names = actor_names(session, (row.resolved_by for row in found))
    given = _redress(session, [row.id for row in found])
    history: dict[int, list[ResolutionRow]] = defaultdict(list)
    for row in found:
        resolution = ResolutionRow(
            at=row.at,
            disposition=row.disposition,
            root_cause=row.root_cause,
            summary=row.summary,
            late_code=row.late_code,
            late_reason=row.late_reason,
            resolved_by=names.get(row.resolved_by, row.resolved_by),
            accepted_at=row.accepted_at,
            rejected_at=row.rejected_at,
            redress=tuple(given[row.id]),
        )
        history[row.ticket_id].append(resolution)
    return {ticket_id: tuple(history[ticket_id]) for ticket_id in ticket_ids}


def _redress(session: Session, resolution_ids: Sequence[int]) -> Mapping[int, list[RedressRow]]:
    given: dict[int, list[RedressRow]] = defaultdict(list)
    if not resolution_ids:
        return given
    found = session.scalars(
        select(Redress).where(Redress.resolution_id.in_(resolution_ids)).order_by(Redress.id)
    )
    for row in found:
        given[row.resolution_id].append(
            RedressRow(
                row.id, row.kind, row.amount, row.currency, row.offered_at, row.accepted_at, row.paid_at
            )
        )
    return given
