"""Tickets that were merged into others: a chain of standing merges leads to the one that is worked on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, and_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.db import Base, BigId
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket

_STANDS = text("undone_at IS NULL")


class TicketMerge(Base):
    """One merge, standing or undone. What it changed is kept, so that undoing it is exact (ADR 0027)."""

    __tablename__ = "ticket_merges"
    __table_args__ = (
        CheckConstraint("source_id <> target_id", name="not_itself"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_somebody"),
        Index(
            "uq_ticket_merges_standing",
            "source_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index("ix_ticket_merges_target_id", "target_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    target_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    message_ids: Mapped[list[int]] = mapped_column(JSON)
    """What went with it and is the source's: less what a merge further down the chain took back since."""
    task_ids: Mapped[list[int]] = mapped_column(JSON)
    """Likewise the calls, letters and visits that were open."""
    source_was: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Status, kind, owner and running clocks of the source (services/merging.py writes and reads it)."""
    target_was: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Rating and receipt of the target by itself, without what was merged into it."""


def merged_into(session: Session, ticket_id: int) -> int | None:
    """Return the id of the ticket that this one stands merged into, or None."""
    return session.scalar(
        select(TicketMerge.target_id).where(
            TicketMerge.source_id == ticket_id, TicketMerge.undone_at.is_(None)
        )
    )


def chain_of(session: Session, ticket_id: int) -> tuple[int, ...]:
    """Return the ids of the ticket and of all that it leads to; the last is the one that is worked on."""
    chain = [ticket_id]
    while (target := merged_into(session, chain[-1])) is not None:
        chain.append(target)
    return tuple(chain)


def end_of(session: Session, ticket_id: int) -> int:
    """Return the id of the ticket in which what concerns this one is done now: itself, as long as it was not merged."""
    return chain_of(session, ticket_id)[-1]


def ends_of(session: Session, ticket_ids: Iterable[int]) -> Mapping[int, int]:
    """Return for each of these that was merged the id at the end of its chain, in a statement per link."""
    ends: dict[int, int] = {}
    asked = {ticket_id: ticket_id for ticket_id in ticket_ids}
    while asked:
        found = dict(
            session.execute(
                select(TicketMerge.source_id, TicketMerge.target_id).where(
                    TicketMerge.source_id.in_(set(asked.values())), TicketMerge.undone_at.is_(None)
                )
            ).all()
        )
        asked = {first: found[now_at] for first, now_at in asked.items() if now_at in found}
        ends |= asked
    return ends


def standing_into(session: Session, ticket_id: int) -> Sequence[TicketMerge]:
    """Return the merges into this very ticket that stand, oldest first."""
    return session.scalars(
        select(TicketMerge)
        .where(and_(TicketMerge.target_id == ticket_id, TicketMerge.undone_at.is_(None)))
        .order_by(TicketMerge.id)
    ).all()


def resting_clocks(session: Session, ticket_id: int) -> Sequence[SlaClockRow]:
    """Return what was promised in the tickets that were merged into this one, when they were.

    Not what such a ticket had promised only since another was merged into it that is out of it again.
    """
    links = (
        link for link in standing_into(session, ticket_id) if link.source_was["kind"] != TicketKind.ENQUIRY
    )
    ids = [clock_id for link in links for clock_id in link.source_was["clocks"]]
    if not ids:
        return ()
    own = select(SlaClockRow).join(Ticket, Ticket.id == SlaClockRow.ticket_id)
    return session.scalars(
        own.where(SlaClockRow.id.in_(ids), SlaClockRow.started_at >= Ticket.received_at).order_by(
            SlaClockRow.id
        )
    ).all()


def all_within(session: Session, ticket_id: int) -> tuple[int, ...]:
    """Return the ids of all tickets that lead to this one, link by link."""
    within: list[int] = []
    sources = [merge.source_id for merge in standing_into(session, ticket_id)]
    while sources:
        within += sources
        sources = [merge.source_id for source_id in sources for merge in standing_into(session, source_id)]
    return tuple(within)
