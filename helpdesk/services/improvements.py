"""Product findings: made from tickets, owned, decided, and told to those who complained."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.numbers import parse_number
from helpdesk.domain.privacy import redact
from helpdesk.models.complaints import Improvement, ImprovementStatus, ImprovementTicket
from helpdesk.models.tickets import Ticket
from helpdesk.services.trail import audit, lock_ticket, record

MAX_LINKED_AT_ONCE = 500


def create(
    session: Session,
    *,
    title: str,
    finding: str,
    category: str | None,
    owner_id: int,
    due_on: date | None,
    actor: str,
    now: datetime,
) -> Improvement:
    """Open a finding."""
    if not title.strip():
        raise InvalidInput("a title is required", field="title", code="required")
    row = Improvement(
        public_id=str(uuid.uuid4()),
        title=redact(title).text.strip()[:200],
        finding=redact(finding).text.strip(),
        category_code=category or None,
        status=ImprovementStatus.NEW,
        owner_id=owner_id,
        due_on=due_on,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    audit(session, "improvement_added", actor=actor, at=now, data={"improvement": row.public_id})
    return row


def link_category(
    session: Session, improvement: Improvement, *, since: datetime, until: datetime, actor: str, now: datetime
) -> int:
    """Link the tickets of the finding's category received in [since, until). Returns how many are new."""
    numbers = session.scalars(
        select(Ticket.number)
        .where(
            Ticket.category_code == improvement.category_code,
            Ticket.kind == TicketKind.COMPLAINT,  # what the trends count
            Ticket.received_at >= since,
            Ticket.received_at < until,
        )
        .order_by(Ticket.received_at.desc())
        .limit(MAX_LINKED_AT_ONCE)
    ).all()
    return sum(link(session, improvement, number, actor=actor, now=now) for number in numbers)


def link(session: Session, improvement: Improvement, number: str, *, actor: str, now: datetime) -> bool:
    """Link one ticket; False when it was linked before. Raises InvalidInput for an unknown number."""
    digits = parse_number(number)
    ticket_id = session.scalar(select(Ticket.id).where(Ticket.number == digits)) if digits else None
    if ticket_id is None:
        raise InvalidInput(f"no ticket {number}", field="number", code="unknown_number")
    if session.get(ImprovementTicket, (improvement.id, ticket_id)) is not None:
        return False
    session.add(ImprovementTicket(improvement_id=improvement.id, ticket_id=ticket_id))
    session.flush()
    record(
        session,
        lock_ticket(session, ticket_id),
        "improvement_linked",
        actor=actor,
        at=now,
        data={"improvement": improvement.public_id},
    )
    return True


def move(
    session: Session,
    public_id: str,
    status: ImprovementStatus,
    *,
    decision: str = "",
    actor: str,
    now: datetime,
) -> None:
    """Move a finding on the board; leaving `investigating` for `fixing` or `told` needs a decision."""
    row = by_public_id(session, public_id)
    if status in (ImprovementStatus.FIXING, ImprovementStatus.TOLD) and not (
        decision.strip() or row.decision
    ):
        raise InvalidInput("a decision is required", field="decision", code="required")
    before, row.status, row.updated_at = row.status, status, now
    row.decision = redact(decision).text.strip() or row.decision
    audit(
        session,
        "improvement_moved",
        actor=actor,
        at=now,
        data={"improvement": public_id, "from": before, "to": status},
    )


def by_public_id(session: Session, public_id: str) -> Improvement:
    """Raises NotFound."""
    row = session.scalar(select(Improvement).where(Improvement.public_id == public_id))
    if row is None:
        raise NotFound(f"no improvement {public_id}")
    return row
