"""The outcome of a complaint: resolve, accept, object, rate."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.complaints import UNASSESSED, Disposition, ResolutionDraft, check_resolution
from helpdesk.domain.errors import Conflict, InvalidInput
from helpdesk.domain.lender import Lender
from helpdesk.domain.lifecycle import TicketStatus, check_transition
from helpdesk.domain.messages import Purpose
from helpdesk.domain.outreach import TOLD
from helpdesk.domain.privacy import redact
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Rating, Redress, Resolution
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket
from helpdesk.services import (
    acknowledgements,
    escalations,
    held,
    owners,
    ownership,
    periods,
    replies,
    sla,
    tickets,
    transcripts,
)
from helpdesk.services.trail import CONTACT, SYSTEM, lock_ticket, record
from helpdesk.sla.calendar import add_working_time
from helpdesk.sla.clock import counting_start
from helpdesk.sla.lateness import unexplained
from helpdesk.sla.policy import Metric
from helpdesk.sla.regulation import DAY, rule

LOW_SCORE = 2
"""A rating up to this one goes to the head of the team (design.md T13b)."""

SILENCE = rule("C9")
"""How long the contact may object to an answer before it counts as accepted in silence.

POJK 22/2023 Ps. 78(2) leaves "enough time" to the lender; she has more where letters take long.
"""

LOOK_AGAIN = timedelta(days=1)
"""So much later a ticket is closed whose answer she has not been given yet."""

ENDS_AT_ONCE = frozenset({Disposition.WITHDRAWN, Disposition.DUPLICATE})
"""Outcomes that need no answer of the contact: the ticket closes."""


def resolve(
    session: Session,
    ticket_id: int,
    draft: ResolutionDraft,
    *,
    author_id: int | None,
    actor: str,
    seen_message_id: int | None = None,
    lender: Lender,
    now: datetime,
) -> Resolution:
    """Record the outcome and send the answer.

    Raises InvalidInput naming every missing fact, and Conflict where the contact objected to the actor's last answer,
    or said what nobody has listened to.
    """
    ticket = lock_ticket(session, ticket_id)
    owners.check_other_officer(session, ticket_id, actor)
    late = unexplained_breaches(session, ticket, at=now)
    check_resolution(draft, kind=ticket.kind, category=ticket.category_code, is_late=bool(late))
    target = TicketStatus.CLOSED if draft.disposition in ENDS_AT_ONCE else TicketStatus.RESOLVED
    if target == TicketStatus.RESOLVED:
        transcripts.check_heard(session, ticket_id)
    check_transition(ticket.status, target)
    resolution = _write(session, ticket, draft, late=late, actor=actor, now=now)
    if draft.answer:
        replies.reply(
            session,
            ticket_id,
            draft.answer,
            author_id=author_id,
            actor=actor,
            seen_message_id=seen_message_id,
            lender=lender,
            now=now,
            purpose=Purpose.ANSWER,
        )
    tickets.set_status(session, ticket, target, actor=actor, now=now)
    ticket.resolved_at = now
    ticket.closed_at = now if target == TicketStatus.CLOSED else None
    if target == TicketStatus.RESOLVED:
        book = CalendarBook(session)
        ticket.closes_at = silence_ends(book, book.unit(ticket.unit_id), now)
    ticket.last_human_at = now
    sla.person_acted(session, ticket, at=now)
    acknowledgements.by_acting(session, ticket, actor=actor, now=now)
    sla.resolved(session, ticket, at=now)
    periods.end_with(session, ticket, actor=actor, at=now)
    return resolution


def accept(session: Session, ticket: Ticket, *, actor: str = CONTACT, now: datetime) -> None:
    """The contact says that the problem is solved."""
    if ticket.status != TicketStatus.RESOLVED:
        raise Conflict("there is no answer to accept", code="no_answer")
    resolution = _newest(session, ticket.id)
    if resolution is not None:
        resolution.accepted_at = now
    record(session, ticket, "answer_accepted", actor=actor, at=now)
    tickets.set_status(session, ticket, TicketStatus.CLOSED, actor=actor, now=now)
    ticket.closed_at = now


def reject(session: Session, ticket: Ticket, *, actor: str = CONTACT, now: datetime) -> None:
    """The contact says that it is not solved: the same ticket opens again (domain.md 1.8, keberatan)."""
    if ticket.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise Conflict("there is no answer to object to", code="no_answer")
    resolution = _newest(session, ticket.id)
    if resolution is not None:
        resolution.rejected_at = now
    record(session, ticket, "answer_rejected", actor=actor, at=now)
    tickets.set_status(session, ticket, TicketStatus.OPEN, actor=actor, now=now)
    tickets.reopened(session, ticket, now=now)
    ownership.hand_on(session, ticket, now=now)


def stands_after_all(session: Session, ticket: Ticket, *, answered_at: datetime, now: datetime) -> None:
    """The answer of a ticket that is resolved again counts though it seemed lost: nothing was opened again.

    The contact has the whole time to object from now on, for only now it is known that she can.
    """
    ticket.reopened_count -= 1
    ticket.resolved_at = answered_at
    wait_for_her(session, ticket, since=now)


def wait_for_her(session: Session, ticket: Ticket, *, since: datetime) -> None:
    """Give the contact the whole time to object: only from `since` on she can."""
    book = CalendarBook(session)
    ticket.closes_at = silence_ends(book, book.unit(ticket.unit_id), since)


def withdraw(session: Session, ticket: Ticket, *, actor: str = CONTACT, now: datetime) -> None:
    """The contact takes the complaint back: it closes without an answer (domain.md 7.4, DICABUT).

    Her own word is free: she is asked for no reason of ours.
    """
    _withdraw(session, ticket, ResolutionDraft(Disposition.WITHDRAWN, None, (), ""), actor=actor, now=now)


def close_empty(
    session: Session, ticket: Ticket, disposition: Disposition, *, actor: str, now: datetime
) -> None:
    """Close a ticket whose only message went to another: there is nothing left to answer."""
    _withdraw(session, ticket, ResolutionDraft(disposition, None, (), ""), actor=actor, now=now)


def deem_withdrawn(
    session: Session, ticket: Ticket, *, late_code: str, late_reason: str, actor: str, now: datetime
) -> None:
    """A person ends it as withdrawn (Ps. 76(1)a): a broken promise wants its reason as before any answer of ours."""
    draft = ResolutionDraft(Disposition.WITHDRAWN, None, (), "", late_code=late_code, late_reason=late_reason)
    late = unexplained_breaches(session, ticket, at=now)
    check_resolution(draft, kind=ticket.kind, category=ticket.category_code, is_late=bool(late))
    _withdraw(session, ticket, draft, late=late, actor=actor, now=now)


def _withdraw(
    session: Session,
    ticket: Ticket,
    draft: ResolutionDraft,
    *,
    late: Sequence[Metric] = (),
    actor: str,
    now: datetime,
) -> None:
    _write(session, ticket, draft, late=late, actor=actor, now=now)
    tickets.set_status(session, ticket, TicketStatus.CLOSED, actor=actor, now=now)
    ticket.resolved_at = ticket.closed_at = now
    sla.resolved(session, ticket, at=now)
    periods.end_with(session, ticket, actor=actor, at=now)


def silence_ends(book: CalendarBook, unit: OrgUnit, answered_at: datetime) -> datetime:
    """Return 24:00 of the last day of SILENCE, the day of the answer being day 0 (domain.md 1.6)."""
    calendar = book.calendar(SILENCE.calendar, unit)
    first_day = counting_start(answered_at, zone=ZoneInfo(unit.zone), is_day_based=True)
    return add_working_time(calendar, first_day, SILENCE.days_for("remote" if unit.is_remote else "") * DAY)


def _newest_answer(ticket: Ticket) -> Select[int]:
    answers = select(Message.id).where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
    return answers.order_by(Message.id.desc()).limit(1)


def _is_untold(session: Session, ticket: Ticket) -> bool:
    """Whether the decision is not out yet, or waits for somebody who brings it: her silence says nothing then."""
    newest = _newest_answer(ticket).scalar_subquery()
    brought = select(ContactTask.id).where(ContactTask.message_id == newest, ContactTask.done_at.is_(None))
    return not held.has_gone(session, ticket) or session.scalar(select(brought.exists())) is True


def _told_at(session: Session, ticket: Ticket) -> datetime | None:
    """Return when the decision left us for the last time, or a person told or posted it."""
    newest = _newest_answer(ticket).scalar_subquery()
    went = session.scalar(select(OutboxItem.claimed_at).where(OutboxItem.message_id == newest))
    told = select(func.max(ContactTask.done_at)).where(
        ContactTask.message_id == newest, ContactTask.result.in_(TOLD)
    )
    return max(filter(None, (went, session.scalar(told))), default=None)


def silent_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Return answered tickets whose time for a word of the contact is over, the oldest first."""
    due = select(Ticket.id).where(Ticket.closes_at <= now).order_by(Ticket.closes_at, Ticket.id).limit(limit)
    return list(session.scalars(due))


def close_silent(session: Session, ticket_id: int, *, now: datetime) -> bool:
    """Close an answered ticket to which nobody objected in time; False where that has changed meanwhile."""
    ticket = lock_ticket(session, ticket_id)
    if ticket.closes_at is None or ticket.closes_at > now:
        return False
    if _is_untold(session, ticket):
        ticket.closes_at = now + LOOK_AGAIN
        return False
    told_at = _told_at(session, ticket)
    if told_at is not None and ticket.resolved_at is not None and told_at - ticket.resolved_at > LOOK_AGAIN:
        wait_for_her(session, ticket, since=told_at)  # who heard late has the whole time too
        if ticket.closes_at > now:
            return False
    tickets.set_status(session, ticket, TicketStatus.CLOSED, actor=SYSTEM, now=now, reason="no_reply_in_time")
    ticket.closed_at = now
    return True


def rate(
    session: Session, ticket: Ticket, score: int, *, comment: str = "", actor: str = CONTACT, now: datetime
) -> None:
    """Keep the contact's rating; the last one counts. Raises Conflict before the first answer."""
    if ticket.resolved_at is None and not ticket.reopened_count:
        raise Conflict("there is no answer to rate yet", code="no_answer")
    if not 1 <= score <= 5:
        raise InvalidInput("a rating is a number from 1 to 5", field="score", code="score")
    rating = session.get(Rating, ticket.id) or Rating(ticket_id=ticket.id, score=score, at=now)
    rating.score, rating.at = score, now
    rating.comment = redact(comment).text.strip() or None
    session.add(rating)
    record(session, ticket, "rated_by_contact", actor=actor, at=now, data={"score": score})
    if score <= LOW_SCORE:
        escalations.tell_leaders(session, ticket, "low_rating", at=now)


def comment(session: Session, ticket: Ticket, text: str, *, now: datetime) -> None:
    """Add to the comment of a rating; the heads of the team hear of the first words. `text` is redacted."""
    rating = session.get_one(Rating, ticket.id)
    if rating.comment is None:
        escalations.tell_leaders(session, ticket, "rating_commented", at=now)
    rating.comment = "\n".join(filter(None, (rating.comment, text)))
    record(session, ticket, "rating_commented", actor=CONTACT, at=now)


def _write(
    session: Session,
    ticket: Ticket,
    draft: ResolutionDraft,
    *,
    late: Sequence[Metric] = (),
    actor: str,
    now: datetime,
) -> Resolution:
    resolution = Resolution(
        ticket_id=ticket.id,
        disposition=draft.disposition,
        root_cause=draft.root_cause or UNASSESSED,
        summary=redact(draft.summary).text if draft.summary else None,
        late_code=draft.late_code if late else None,
        late_reason=redact(draft.late_reason).text.strip() or None if late else None,
        resolved_by=actor,
        at=now,
    )
    session.add(resolution)
    session.flush()
    session.add_all(
        Redress(resolution_id=resolution.id, kind=offer.kind, amount=offer.amount, offered_at=now)
        for offer in draft.redress
    )
    session.flush()
    data: dict[str, object] = {
        "disposition": draft.disposition or "",
        "root_cause": resolution.root_cause,
        "redress": [{"kind": offer.kind, "amount": offer.amount} for offer in draft.redress],
    }
    if late:
        data |= {"late": ", ".join(late), "late_reason": draft.late_code}
    record(session, ticket, "resolved", actor=actor, at=now, data=data)
    return resolution


def unexplained_breaches(session: Session, ticket: Ticket, *, at: datetime) -> tuple[Metric, ...]:
    """Return the promises that were broken by `at`, noticed or not, since a late reason was last given."""
    explained_at = session.scalar(
        select(func.max(Resolution.at)).where(
            Resolution.ticket_id == ticket.id, Resolution.late_code.is_not(None)
        )
    )
    return unexplained(sla.breaches(session, ticket, at=at), explained_at=explained_at)


def _newest(session: Session, ticket_id: int) -> Resolution | None:
    return session.scalars(
        select(Resolution).where(Resolution.ticket_id == ticket_id).order_by(Resolution.id.desc()).limit(1)
    ).first()
