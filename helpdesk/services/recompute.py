"""Moves promises to the rules of today, on purpose and with a reason; nothing else ever does (ADR 0016)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.privacy import redact
from helpdesk.domain.reasons import stated
from helpdesk.models.sla import SlaClockRow, SlaPolicyRow
from helpdesk.models.tickets import Ticket
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.policies import policy_for
from helpdesk.services.succession import due_if_resumed, renewed, succeed
from helpdesk.services.trail import lock_ticket, record
from helpdesk.sla.policy import Metric


@dataclass(frozen=True, slots=True)
class Move:
    """A promise that the rules of today would move, or have moved."""

    number: str
    metric: Metric
    policy_from: str
    policy_to: str
    """Code and version of the policy."""
    due_from: datetime | None
    """Of a clock that stands still: if it ran again now."""
    due_to: datetime | None
    is_paused: bool
    is_kept: bool
    """The new instant has passed already: the promise stays as it is."""


def live_ticket_ids(session: Session, *, after: int = 0, limit: int = 200) -> list[int]:
    """Return the next tickets with a clock that runs or stands still, in the order of their ids."""
    found = (
        select(SlaClockRow.ticket_id)
        .where(
            SlaClockRow.ticket_id > after, SlaClockRow.met_at.is_(None), SlaClockRow.superseded_at.is_(None)
        )
        .distinct()
        .order_by(SlaClockRow.ticket_id)
        .limit(limit)
    )
    return list(session.scalars(found))


def planned(session: Session, ticket_id: int, *, now: datetime) -> list[Move]:
    """Return what recompute() would move; nothing is changed."""
    ticket = session.get_one(Ticket, ticket_id)
    return [move for move, _, _ in _moves(session, ticket, TicketClocks(session, ticket), now=now)]


def recompute(session: Session, ticket_id: int, *, reason: str, actor: str, now: datetime) -> list[Move]:
    """Give the live clocks of a ticket the policy, calendar and holidays of today, and return what moved.

    Each moved clock is superseded by one from the same start, with its pauses and the steps already taken. A broken
    promise stays broken, and none is moved to an instant that has passed. Raises InvalidInput without a reason
    of a few words.
    """
    why = stated(redact(reason).text)
    ticket = lock_ticket(session, ticket_id)
    clocks = TicketClocks(session, ticket)
    moved = []
    for move, row, successor in list(_moves(session, ticket, clocks, now=now)):
        if not move.is_kept:
            succeed(clocks, row, successor, is_same_promise=True, now=now)
            record(session, ticket, "sla_recomputed", actor=actor, at=now, data=_facts(move, why))
            moved.append(move)
    if moved:
        clocks.save()
    return moved


def _moves(
    session: Session, ticket: Ticket, clocks: TicketClocks, *, now: datetime
) -> Iterator[tuple[Move, SlaClockRow, SlaClockRow]]:
    policy = policy_for(session, ticket)
    for row in clocks.live():
        due_from = row.due_at or due_if_resumed(clocks, row, now=now)
        if clocks.broken_at(row, at=now) is not None or (due_from is not None and due_from <= now):
            continue
        successor = renewed(clocks, row, policy, now=now)
        if successor is not None:
            yield _move(session, ticket, clocks, row, successor, due_from=due_from, now=now), row, successor


def _move(
    session: Session,
    ticket: Ticket,
    clocks: TicketClocks,
    row: SlaClockRow,
    successor: SlaClockRow,
    *,
    due_from: datetime | None,
    now: datetime,
) -> Move:
    due_to = due_if_resumed(clocks, row, now=now, as_if=successor)
    return Move(
        number=ticket.number,
        metric=row.metric,
        policy_from=_policy_name(session, row.policy_id),
        policy_to=_policy_name(session, successor.policy_id),
        due_from=due_from,
        due_to=due_to,
        is_paused=row.due_at is None,
        is_kept=due_to is not None and due_to <= now,
    )


def _facts(move: Move, reason: str) -> dict[str, str]:
    return {
        "metrics": move.metric.value,
        "reason": reason,
        "policy_from": move.policy_from,
        "policy_to": move.policy_to,
        "due_from": move.due_from.isoformat() if move.due_from else "",
        "due_to": move.due_to.isoformat() if move.due_to else "",
    }


def _policy_name(session: Session, policy_id: int) -> str:
    row = session.get_one(SlaPolicyRow, policy_id)
    return f"{row.code} v{row.version}"
