"""The improvement board: findings with their owner, how many tickets show them, and what they cost."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.domain.privacy import strip_personal
from helpdesk.models.complaints import Improvement, ImprovementTicket, Redress, Resolution
from helpdesk.models.complaints import ImprovementStatus as ImprovementStatus
from helpdesk.models.people import User
from helpdesk.models.tickets import CategoryRow, Ticket
from helpdesk.queries.directory import staff_name_words
from helpdesk.queries.paging import MAX_LIMIT
from helpdesk.queries.queue import QueueRow, rows_of
from helpdesk.queries.visibility import Action, Viewer, barred, require, visible

CARDS = 500


@dataclass(frozen=True, slots=True)
class ImprovementCard:
    """One finding. `redress_total` is what its tickets were offered, in whole rupiah.

    What people typed into it is without personal data: they may have copied from a ticket.
    """

    id: int
    public_id: str
    title: str
    finding: str
    category: str | None
    category_id: str | None
    category_en: str | None
    status: ImprovementStatus
    owner: str
    owner_id: str
    """Public id."""
    decision: str | None
    due_on: date | None
    created_at: datetime
    updated_at: datetime
    ticket_count: int
    redress_total: int


@dataclass(frozen=True, slots=True)
class ImprovementPage:
    """A finding and those of its tickets that the viewer may see (product staff: the count alone)."""

    card: ImprovementCard
    tickets: tuple[QueueRow, ...]


def improvement_board(
    session: Session, viewer: Viewer
) -> Mapping[ImprovementStatus, tuple[ImprovementCard, ...]]:
    """Return the columns of the board, every one of them, newest change first."""
    require(viewer, Action.READ_TRENDS)
    staff = staff_name_words(session)
    cards = [
        _card(*row, staff=staff)
        for row in session.execute(_cards(viewer).order_by(Improvement.updated_at.desc()).limit(CARDS))
    ]
    return {status: tuple(card for card in cards if card.status is status) for status in ImprovementStatus}


def improvement(session: Session, viewer: Viewer, public_id: str) -> ImprovementPage:
    """Return one finding. Raises NotFound."""
    require(viewer, Action.READ_TRENDS)
    found = session.execute(_cards(viewer).where(Improvement.public_id == public_id)).first()
    if found is None:
        raise NotFound("no such improvement")
    card = _card(*found, staff=staff_name_words(session))
    ids = session.scalars(
        select(Ticket.id)
        .join(ImprovementTicket, ImprovementTicket.ticket_id == Ticket.id)
        .where(ImprovementTicket.improvement_id == card.id, visible(viewer))
        .order_by(Ticket.id.desc())
        .limit(MAX_LIMIT)
    ).all()
    return ImprovementPage(card, rows_of(session, ids))


def _cards(viewer: Viewer) -> Select[Improvement, str, str, CategoryRow, int, int]:
    """Return the cards; what is kept from the viewer is in neither number: a count of one tells as much."""
    linked = and_(ImprovementTicket.improvement_id == Improvement.id, ~barred(viewer))
    tickets = (
        select(func.count())
        .select_from(ImprovementTicket)
        .join(Ticket, Ticket.id == ImprovementTicket.ticket_id)
        .where(linked)
        .scalar_subquery()
    )
    money = (
        select(func.coalesce(func.sum(Redress.amount), 0))
        .join(Resolution, Resolution.id == Redress.resolution_id)
        .join(ImprovementTicket, ImprovementTicket.ticket_id == Resolution.ticket_id)
        .join(Ticket, Ticket.id == ImprovementTicket.ticket_id)
        .where(linked)
        .scalar_subquery()
    )
    return (
        select(Improvement, User.name, User.public_id, CategoryRow, tickets, money)
        .join(User, User.id == Improvement.owner_id)
        .outerjoin(CategoryRow, CategoryRow.code == Improvement.category_code)
    )


def _card(
    row: Improvement,
    owner: str,
    owner_id: str,
    category: CategoryRow | None,
    tickets: int,
    money: int,
    *,
    staff: Set[str],
) -> ImprovementCard:
    return ImprovementCard(
        id=row.id,
        public_id=row.public_id,
        title=strip_personal(row.title, known=staff),
        finding=strip_personal(row.finding, known=staff),
        category=row.category_code,
        category_id=category.name_id if category else None,
        category_en=category.name_en if category else None,
        status=row.status,
        owner=owner,
        owner_id=owner_id,
        decision=strip_personal(row.decision, known=staff) if row.decision else None,
        due_on=row.due_on,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ticket_count=tickets,
        redress_total=int(money),
    )
