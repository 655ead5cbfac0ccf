"""Product findings: made from tickets, owned, decided, and told to those who complained."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.numbers import parse_number
from helpdesk.domain.privacy import redact
from helpdesk.models.barring import ticket_is_barred
from helpdesk.models.complaints import Improvement, ImprovementStatus, ImprovementTicket
from helpdesk.models.tickets import Ticket
from helpdesk.services.trail import audit, lock_tickets, record

MAX_LINKED_AT_ONCE = 500


def create(
    session: Session,
    *,
    title: str,
    finding: str,
    category: str | None,
    owner_id: int,
    point_id: int | None = None,
    due_on: date | None,
    since: datetime | None = None,
    until: datetime | None = None,
    actor: str,
    now: datetime,
) -> tuple[Improvement, int]:
    """Open a finding; with a category and a span [since, until) its tickets are linked.

    Returned is how many of them are not kept from the owner, who belongs to `point_id`: the finding is about
    all, and its number is told to her.
    """
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
    count = 0
    if row.category_code and since and until:
        found = _of_category(session, row.category_code, since=since, until=until)
        _link_all(session, row, found, actor=actor, now=now)
        count = _shown_count(session, row, user_id=owner_id, point_id=point_id)
    audit(session, "improvement_added", actor=actor, at=now, data={"improvement": row.public_id})
    return row, count


def link(session: Session, improvement: Improvement, number: str, *, actor: str, now: datetime) -> bool:
    """Link one ticket; False when it was linked before. Raises InvalidInput for an unknown number."""
    digits = parse_number(number)
    ticket_id = session.scalar(select(Ticket.id).where(Ticket.number == digits)) if digits else None
    if ticket_id is None:
        raise InvalidInput(f"no ticket {number}", field="number", code="unknown_number")
    return _link_all(session, improvement, [ticket_id], actor=actor, now=now) == 1


def _of_category(session: Session, category: str, *, since: datetime, until: datetime) -> Sequence[int]:
    """Return the ids of the newest complaints of a category received in [since, until)."""
    newest = (
        select(Ticket.id)
        .where(
            Ticket.category_code == category,
            Ticket.kind == TicketKind.COMPLAINT,  # what the trends count
            Ticket.received_at >= since,
            Ticket.received_at < until,
        )
        .order_by(Ticket.received_at.desc())
        .limit(MAX_LINKED_AT_ONCE)
    )
    return session.scalars(newest).all()


def _link_all(
    session: Session, improvement: Improvement, ticket_ids: Sequence[int], *, actor: str, now: datetime
) -> int:
    """Link the tickets that are not linked yet and return how many, with no question for each of them."""
    locked = lock_tickets(session, ticket_ids)
    of_finding = select(ImprovementTicket.ticket_id).where(
        ImprovementTicket.improvement_id == improvement.id, ImprovementTicket.ticket_id.in_(ticket_ids)
    )
    linked = set(session.scalars(of_finding))
    new = [ticket for ticket in locked if ticket.id not in linked]
    session.add_all(ImprovementTicket(improvement_id=improvement.id, ticket_id=ticket.id) for ticket in new)
    data = {"improvement": improvement.public_id}
    for ticket in new:
        record(session, ticket, "improvement_linked", actor=actor, at=now, data=data)
    session.flush()
    return len(new)


def _shown_count(session: Session, improvement: Improvement, *, user_id: int, point_id: int | None) -> int:
    linked = select(func.count(Ticket.id)).join(ImprovementTicket, ImprovementTicket.ticket_id == Ticket.id)
    shown = ~ticket_is_barred(user_id=user_id, point_id=point_id)
    return session.scalars(linked.where(ImprovementTicket.improvement_id == improvement.id, shown)).one()


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
