"""Two tickets about one matter become one, and can be told apart again as if nothing had been (ADR 0027)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.models.contacts import Contact
from helpdesk.models.merges import TicketMerge, all_within, chain_of, end_of, standing_into
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import User
from helpdesk.models.regulation import open_documents
from helpdesk.models.tickets import (
    MERGED_IN,
    MERGED_OUT,
    UNMERGED_IN,
    UNMERGED_OUT,
    Ticket,
)
from helpdesk.services import (
    escalations,
    merge_clocks,
    moving,
    owners,
    periods,
    sla,
    tickets,
    triage,
    undelivered,
)
from helpdesk.services.standing_replies import unanswered_since
from helpdesk.services.trail import SYSTEM, lock_tickets, record, sealed

_REASON = {
    "rule": "merged",
    "text_id": "Sama berat dengan tiket yang digabung ke sini",
    "text_en": "As grave as a ticket that was merged into this one",
}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a ticket has from the gravest and from the earliest of those that it stands for."""

    severity: Severity
    impact: Impact
    urgency: Urgency
    received_at: datetime

    @property
    def rating(self) -> tuple[Severity, Impact, Urgency]:
        return self.severity, self.impact, self.urgency

    def with_(self, other: "_Standing") -> "_Standing":
        """Return the graver rating and the earlier receipt of both."""
        graver = other if other.severity < self.severity else self  # S1 sorts before S2
        return replace(graver, received_at=min(self.received_at, other.received_at))


def merge(session: Session, source_id: int, *, target_id: int, actor: str, now: datetime) -> Ticket:
    """Let the target stand for the source, which closes; return the ticket at the end of the target's chain.

    Raises Conflict: `merge_same`, `merge_cycle`, `merge_closed` (both must be in work), `merge_person`, `merge_kind`,
    `merge_periods` where documents, a third party or the regulator are waited for in the source, and `merge_documents`
    where the target waits for documents.
    """
    end = end_of(session, target_id)
    if source_id in (target_id, end):
        code = "merge_same" if source_id == target_id else "merge_cycle"
        raise Conflict("a ticket cannot be merged into itself", code=code)
    both = {ticket.id: ticket for ticket in lock_tickets(session, (source_id, end))}
    if len(both) != 2:
        raise NotFound("no such ticket")
    source, target = both[source_id], both[end]
    _check(session, source, target)
    own, was_received = _own(session, target, standing_into(session, target.id)), target.received_at
    link = _link(session, source, target, own, actor=actor, now=now)
    _hand_over(session, link, source, target, kinds=(MERGED_OUT, MERGED_IN), actor=actor, now=now)
    _tell_owner(session, source, MERGED_OUT, actor=actor, now=now)
    _close(session, source, actor=actor, now=now)
    triage.bar_as(session, source, target, now=now)
    if _counts(link):
        _stand_as(session, target, _facts(target).with_(_facts(source)), now=now)
        merge_clocks.count_from(session, target, before=was_received, now=now)
    sla.refit(session, target, now=now)
    target.last_inbound_at = max(filter(None, (target.last_inbound_at, source.last_inbound_at)), default=None)
    _ask_again(session, target, actor=actor, now=now)
    owners.severity_moved(session, target, now=now)
    tickets.touched_by_person(session, target, actor=actor, now=now)
    return target


def unmerge(session: Session, source_id: int, *, actor: str, now: datetime) -> Ticket:
    """Undo the merge of a ticket, whatever was merged or undone around it since; return it, in work as it was.

    What she wrote since stays where it landed. Staff who were barred from the others stay barred from them.
    Raises Conflict (`not_merged`), (`merge_erased`).
    """
    chain = chain_of(session, source_id)
    locked = {ticket.id: ticket for ticket in lock_tickets(session, chain)}
    if len(chain) == 1 or chain_of(session, source_id) != chain:
        raise Conflict("the ticket is not merged, or not as it was", code="not_merged")
    source, *above = (locked[ticket_id] for ticket_id in chain)
    if session.get_one(Contact, source.contact_id).erased_at is not None:
        raise Conflict("what it told is erased", code="merge_erased")
    links = {ticket.id: standing_into(session, ticket.id) for ticket in above}
    stood = {ticket.id: _sum(session, links[ticket.id]) for ticket in above}
    undone = _link_of(links[above[0].id], source)
    undone.undone_at, undone.undone_by = now, actor
    for lower, upper in pairwise(above):
        link = _link_of(links[upper.id], lower)
        _let_go(link, undone)
        lower.last_inbound_at = _last_inbound(session, Message.id.in_(link.message_ids))
    _hand_over(session, undone, above[-1], source, kinds=(UNMERGED_OUT, UNMERGED_IN), actor=actor, now=now)
    merge_clocks.unanswered(session, above[-1], undone.message_ids, now=now)
    if len(above) > 1:
        record(session, above[0], UNMERGED_OUT, actor=actor, at=now, data={"to": source.number, "left": []})
    for ticket in above:
        own = _read(links[ticket.id][-1].target_was)
        stands = _sum(session, standing_into(session, ticket.id), own)
        is_own = stands.rating == own.rating
        _stand_as(session, ticket, stands, only_where=stood[ticket.id], is_own=is_own, now=now)
    _settle(session, above[-1], now=now)
    _open_again(session, source, undone, actor=actor, now=now)
    _bar_as_since(session, source, above, now=now)
    _tell_owner(session, source, UNMERGED_IN, actor=actor, now=now)
    return source


def stand_alone(session: Session, end: Ticket, handle_id: int, *, actor: str, now: datetime) -> Ticket:
    """Undo what stands merged with the ticket of whoever writes from this address, and return that ticket.

    She is another than we thought. Hers is where was last written from there before a merge; what came since follows.
    """
    links = standing_into(session, end.id)
    if not links:
        return end
    brought = {message_id for link in links for message_id in link.message_ids}
    written = select(Message.id).where(
        Message.ticket_id == end.id,
        Message.handle_id == handle_id,
        Message.direction == Direction.IN,
        or_(Message.id.in_(brought), Message.at < links[0].at),
    )
    last_id, hers = session.scalar(written.order_by(Message.id.desc()).limit(1)) or 0, end
    while inner := [link for link in standing_into(session, hers.id) if last_id in link.message_ids]:
        hers = session.get_one(Ticket, inner[0].source_id)
    if hers is not end:
        unmerge(session, hers.id, actor=actor, now=now)
        later = (Message.id > last_id, Message.handle_id == handle_id)
        moving.bring_on(session, end, hers, *later, actor=actor, now=now)
    for link in standing_into(session, hers.id):
        unmerge(session, link.source_id, actor=actor, now=now)
    return hers


def follow_contact(session: Session, ticket: Ticket) -> None:
    """Whose the ticket is, hers are also those that were merged into it: an erasure goes by the contact."""
    within = all_within(session, ticket.id)
    session.execute(update(Ticket).where(Ticket.id.in_(within)).values(contact_id=ticket.contact_id))


def _check(session: Session, source: Ticket, target: Ticket) -> None:
    if source.status not in ACTIVE_STATUSES or target.status not in ACTIVE_STATUSES:
        raise Conflict("both tickets must be in work", code="merge_closed")
    if source.contact_id != target.contact_id:
        raise Conflict("the tickets are of two persons", code="merge_person")
    if source.kind not in (target.kind, TicketKind.ENQUIRY):
        raise Conflict("a complaint or request must not vanish in another kind", code="merge_kind")
    if periods.open_periods(session, source.id):
        raise Conflict("something is waited for in the source", code="merge_periods")
    if open_documents(session, target.id) is not None:  # its regulatory clock does not run
        raise Conflict("the target waits for documents", code="merge_documents")


def _link(
    session: Session, source: Ticket, target: Ticket, own: _Standing, *, actor: str, now: datetime
) -> TicketMerge:
    """Write down the merge with what it changes; the source's clocks rest from now on."""
    ids = select(Message.id).where(Message.ticket_id == source.id).order_by(Message.id)
    tasks = select(ContactTask.id).where(ContactTask.ticket_id == source.id, ContactTask.done_at.is_(None))
    link = TicketMerge(
        source_id=source.id,
        target_id=target.id,
        at=now,
        actor=actor,
        message_ids=list(session.scalars(ids)),
        task_ids=list(session.scalars(tasks)),
        source_was={
            "status": source.status,
            "kind": source.kind,
            "facts": _written(_facts(source)),
            "owner": owners.kept(source),
            "failed": undelivered.failed_ids(session, source),
            **merge_clocks.rest(session, source, at=now),
        },
        target_was=_written(own) | _kept_from(session, target) | merge_clocks.own_starts(session, target),
    )
    session.add(link)
    session.flush()
    return link


def _link_of(links: Iterable[TicketMerge], source: Ticket) -> TicketMerge:
    return next(link for link in links if link.source_id == source.id)


def _counts(link: TicketMerge) -> bool:
    """Whether the source was more than an enquiry: a greeting makes nothing older, and nothing graver."""
    return bool(link.source_was["kind"] != TicketKind.ENQUIRY)


def _let_go(link: TicketMerge, undone: TicketMerge) -> None:
    """What goes back to its own ticket is no longer what another one brought along."""
    link.message_ids = [each for each in link.message_ids if each not in undone.message_ids]
    link.task_ids = [each for each in link.task_ids if each not in undone.task_ids]


def _hand_over(
    session: Session,
    link: TicketMerge,
    giver: Ticket,
    taker: Ticket,
    *,
    kinds: tuple[str, str],
    actor: str,
    now: datetime,
) -> None:
    """Give all that is the source's to the taker; both trails say so, and the new one seals what was said."""
    messages = session.scalars(
        select(Message)
        .where(Message.id.in_(link.message_ids), Message.ticket_id == giver.id)
        .order_by(Message.id)
    ).all()
    for message in messages:
        message.ticket_id = taker.id
    session.execute(
        update(ContactTask)
        .where(ContactTask.id.in_(link.task_ids), ContactTask.ticket_id == giver.id)
        .values(ticket_id=taker.id)
    )
    session.flush()
    left = {"to": taker.number, "left": [message.public_id for message in messages]}
    record(session, giver, kinds[0], actor=actor, at=now, data=left)
    came = {"from": giver.number, "sealed": [sealed(session, message) for message in messages]}
    record(session, taker, kinds[1], actor=actor, at=now, data=came)
    for ticket in (giver, taker):
        moving.index_again(session, ticket)


def _tell_owner(session: Session, source: Ticket, kind: str, *, actor: str, now: datetime) -> None:
    """Whose ticket goes, or comes back, hears of it unless it was she."""
    owner = session.get(User, source.assignee_id) if source.assignee_id is not None else None
    if owner is not None and actor != f"user:{owner.public_id}":
        escalations.tell(session, source, [owner], kind, at=now)


def _close(session: Session, source: Ticket, *, actor: str, now: datetime) -> None:
    source.kind = TicketKind.ENQUIRY  # no report counts it beside the other
    tickets.set_status(session, source, TicketStatus.CLOSED, actor=actor, now=now, reason="merged")
    source.closed_at = now
    owners.take_away(source)


def _facts(ticket: Ticket) -> _Standing:
    return _Standing(ticket.severity, ticket.impact, ticket.urgency, ticket.received_at)


def _written(facts: _Standing) -> dict[str, str]:
    severity, impact, urgency = facts.rating
    receipt = facts.received_at.isoformat()
    return {"severity": severity, "impact": impact, "urgency": urgency, "receipt": receipt}


def _read(was: Mapping[str, str]) -> _Standing:
    return _Standing(
        Severity(was["severity"]),
        Impact(was["impact"]),
        Urgency(was["urgency"]),
        datetime.fromisoformat(was["receipt"]),
    )


def _sum(session: Session, links: Iterable[TicketMerge], own: _Standing | None = None) -> _Standing:
    """Return what a ticket stands as with these merged into it; `own`: what it is without, as the last says it."""
    links = list(links)
    stands = own or _read(links[-1].target_was)
    for link in filter(_counts, links):
        stands = stands.with_(_facts(session.get_one(Ticket, link.source_id)))
    return stands


def _own(session: Session, target: Ticket, links: Sequence[TicketMerge]) -> _Standing:
    """Return what a ticket is by itself: what the merges before made of it, a person may have changed since."""
    current = _facts(target)
    if not links:
        return current
    own, stood = _read(links[-1].target_was), _sum(session, links)
    receipt = own.received_at if current.received_at == stood.received_at else current.received_at
    return replace(own if current.rating == stood.rating else current, received_at=receipt)


def _stand_as(
    session: Session,
    ticket: Ticket,
    stands: _Standing,
    *,
    only_where: _Standing | None = None,
    is_own: bool = False,
    now: datetime,
) -> None:
    """Let the ticket stand so; `only_where` it still is what this says, for a person may have decided since.

    `is_own`: that is its own rating, which needs no reason of another ticket.
    """
    if only_where is None or ticket.received_at == only_where.received_at:
        ticket.received_at = stands.received_at
    before = _facts(ticket)
    if before.rating == stands.rating or (only_where is not None and before.rating != only_where.rating):
        return
    ticket.severity, ticket.impact, ticket.urgency = stands.rating
    others = [reason for reason in ticket.severity_reasons if reason.get("rule") != _REASON["rule"]]
    ticket.severity_reasons = others if is_own else [*others, _REASON]
    data = {
        "from": {"severity": before.severity},
        "category": ticket.category_code or "",
        "severity": ticket.severity,
        "rules": [_REASON["rule"]],
    }
    record(session, ticket, "rated", actor=SYSTEM, at=now, data=data)


def _ask_again(session: Session, target: Ticket, *, actor: str, now: datetime) -> None:
    """What she wrote after our last reply waits for one, wherever she wrote it."""
    asked_at = unanswered_since(session, target.id)
    if asked_at is None:
        return
    if target.status == TicketStatus.PENDING:  # what we waited for may be here
        tickets.set_status(session, target, TicketStatus.OPEN, actor=actor, now=now)
    sla.contact_wrote(session, target, at=asked_at)


def _settle(session: Session, end: Ticket, *, now: datetime) -> None:
    """Less was said in the ticket than seemed: what is owed follows from the rest."""
    end.last_inbound_at = _last_inbound(session, Message.ticket_id == end.id)
    merge_clocks.refit_apart(session, end, now=now)


def _last_inbound(session: Session, which: ColumnElement[bool]) -> datetime | None:
    return session.scalar(select(func.max(Message.at)).where(which, Message.direction == Direction.IN))


def _open_again(session: Session, source: Ticket, undone: TicketMerge, *, actor: str, now: datetime) -> None:
    was = undone.source_was
    source.kind, source.status = TicketKind(was["kind"]), TicketStatus(was["status"])
    source.closed_at = None
    data = {"from": TicketStatus.CLOSED, "to": source.status, "reason": "unmerged"}
    record(session, source, "status_changed", actor=actor, at=now, data=data)
    owners.put_back(source, was["owner"])
    merge_clocks.wake(session, source, was, now=now)
    left = merge_clocks.undone_since(session, source, undone.at)
    merge_clocks.unanswered(session, source, left, now=now)
    has_news = undelivered.failed_meanwhile(session, source, known=was.get("failed", ()), now=now)
    if (
        has_news or left or _read(was["facts"]) != _facts(source)
    ):  # what was merged into it is out of it since
        merge_clocks.refit_apart(session, source, now=now)


def _kept_from(session: Session, ticket: Ticket) -> dict[str, Any]:
    return {"about_staff": ticket.is_about_staff, "subjects": list(triage.subjects_of(session, ticket))}


def _bar_as_since(session: Session, source: Ticket, above: Sequence[Ticket], *, now: datetime) -> None:
    """Keep the source from whom the others became kept since: it may be what the source told that was about them.

    Not from whom they were kept before, nor from those of a third ticket that was merged into them.
    """
    links = session.scalars(
        select(TicketMerge).where(TicketMerge.target_id.in_([ticket.id for ticket in above]))
    ).all()
    third = [session.get_one(Ticket, link.source_id) for link in links if link.source_id != source.id]
    before = [link.target_was for link in links] + [_kept_from(session, ticket) for ticket in third]
    stands = _kept_from(session, above[-1])
    known = {user_id for was in before for user_id in was.get("subjects", ())}
    added = set(stands["subjects"]) - known
    is_new = stands["about_staff"] and not any(was.get("about_staff") for was in before)
    if added or is_new:
        triage.bar_staff(session, source, subjects=added, now=now)
