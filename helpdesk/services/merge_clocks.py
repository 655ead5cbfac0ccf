"""Clocks of tickets that are merged: the source's rest and wake, the target's count from the earliest receipt."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.messages import RESPONSES, Direction
from helpdesk.models.merges import TicketMerge, standing_into
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.services import reply_clocks, sla
from helpdesk.services.clocks import TicketClocks
from helpdesk.services.sla import ANSWERED, FROM_RECEIPT, note_clocks
from helpdesk.services.standing_replies import answered_at
from helpdesk.services.succession import succeed
from helpdesk.sla.policy import Metric


def rest(session: Session, ticket: Ticket, *, at: datetime) -> dict[str, list[int]]:
    """Let the ticket's running clocks count no more, and return which they are, for wake()."""
    clocks = TicketClocks(session, ticket)
    rows = clocks.live()
    pauses = [pause.id for row in rows if (pause := clocks.open_pause(row)) is not None]
    for row in rows:
        clocks.supersede(row, at=at)
    clocks.save()
    return {"clocks": [row.id for row in rows], "pauses": pauses}


def wake(session: Session, ticket: Ticket, resting: Mapping[str, Any], *, now: datetime) -> None:
    """Let them count on as if they had never rested: the time in between counts, and a pause lasts on."""
    clocks = TicketClocks(session, ticket)
    for row in clocks.rows:
        if row.id in resting["clocks"]:
            row.superseded_at = None
            for pause in clocks.pauses(row):
                if pause.id in resting["pauses"]:
                    pause.ended_at = None
                    clocks.promise_anew(row)
            clocks.refresh(row, now=now)
    clocks.save()


def count_from(session: Session, ticket: Ticket, *, before: datetime, now: datetime) -> None:
    """What counted from the receipt as it was `before` counts from the receipt as it is, where that is earlier."""
    if ticket.received_at == before:
        return
    clocks = TicketClocks(session, ticket)
    rows = [row for row in clocks.live(*FROM_RECEIPT) if row.started_at == before]
    for row in rows:
        succeed(clocks, row, clocks.on_same_terms(row, start=ticket.received_at), now=now)
    if rows:
        note_clocks(session, ticket, "sla_superseded", [row.metric for row in rows], at=now)
    clocks.save()


def own_starts(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Return from when its running clocks count without what stands merged into it, for refit_apart()."""
    links = standing_into(session, ticket.id)
    before = links[-1].target_was.get("starts", {}) if links else {}
    starts = {row.metric.value: row.started_at.isoformat() for row in TicketClocks(session, ticket).live()}
    return {"starts": {metric: max(start, before.get(metric, start)) for metric, start in starts.items()}}


def refit_apart(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Fit its clocks after an undoing: what a merge gave another start counts from its own again.

    That is the receipt, or later where the ticket had been opened again; what has begun since the merge stays.
    """
    reply_clocks.unasked(session, ticket, now=now)
    newest = select(TicketMerge).where(TicketMerge.target_id == ticket.id).order_by(TicketMerge.id.desc())
    link, starts = session.scalars(newest.limit(1)).first(), {}
    was = link.target_was if link is not None else {}
    for row in TicketClocks(session, ticket).live(Metric.RESOLUTION, Metric.REGULATORY):
        own = was.get("starts", {}).get(row.metric.value)
        if link is not None and own is not None and row.started_at < link.at:
            is_later = own > was["receipt"]
            starts[row.metric] = datetime.fromisoformat(own) if is_later else ticket.received_at
    sla.refit(session, ticket, starts=starts, now=now)


def undone_since(session: Session, ticket: Ticket, since: datetime) -> list[int]:
    """Return the ids of the messages that another ticket had brought and took back since then."""
    links = session.scalars(
        select(TicketMerge).where(TicketMerge.target_id == ticket.id, TicketMerge.undone_at >= since)
    )
    return [message_id for link in links for message_id in link.message_ids]


def unanswered(session: Session, ticket: Ticket, message_ids: Collection[int], *, now: datetime) -> None:
    """Replies among these lie in another ticket now, and answered nobody here: a refit() starts anew what they met.

    A breach stays on record.
    """
    replies = select(Message).where(
        Message.id.in_(message_ids),
        Message.ticket_id != ticket.id,
        Message.direction == Direction.OUT,
        Message.purpose.in_(RESPONSES),
    )
    instants = {message.counts_from for message in session.scalars(replies)}
    clocks = TicketClocks(session, ticket)
    for row in clocks.rows:
        if row.metric not in ANSWERED or row.met_at not in instants or row.superseded_at is not None:
            continue
        if answered_at(session, ticket.id, since=row.started_at) != row.met_at:
            ended_at, row.met_at = row.met_at, None
            clocks.supersede(row, at=ended_at or now)
    clocks.save()
