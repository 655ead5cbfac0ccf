"""What staff do with a ticket besides answering: take it, hand it over, note, re-rate, move its status."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.domain import taxonomy
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound, required
from helpdesk.domain.lifecycle import PAUSING_STATUSES, TicketKind, TicketStatus, check_transition
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.privacy import redact
from helpdesk.domain.search import index_words
from helpdesk.domain.severity import Impact, Urgency
from helpdesk.domain.subjects import subject_of
from helpdesk.models.merges import end_of, merged_into
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.models.tickets import Ticket, TicketSubject, TicketWord
from helpdesk.services import acknowledgements, contacts, escalations, owners, sla, triage
from helpdesk.services.numbering import free_number
from helpdesk.services.trail import (
    CONTACT,
    SYSTEM,
    lock_own,
    lock_ticket,
    newest_event,
    record,
    record_message,
)
from helpdesk.sla.policy import form_of


@dataclass(frozen=True, slots=True)
class NewTicket:
    """Everything that any channel knows when a ticket begins."""

    channel: ChannelCode
    contact_id: int
    text: str
    """Already redacted."""
    received_at: datetime
    kind: TicketKind = TicketKind.COMPLAINT
    handle_id: int | None = None
    category: str | None = None
    language: str = "id"
    unit_id: int | None = None
    place: str | None = None
    occurred_on: date | None = None
    amount: int | None = None
    subjects: tuple[int, ...] = ()
    """Ids of staff complained about."""
    is_about_staff: bool = False
    """Known to be, whatever its category (domain/conduct.py)."""
    registered_by_id: int | None = None
    actor: str = CONTACT
    has_story: bool = True
    """False for a bare greeting: an enquiry until she tells more."""


def open_ticket(session: Session, new: NewTicket, *, now: datetime) -> Ticket:
    """Make a ticket: number, rating, team, clocks and the first event, in the caller's transaction."""
    unit = contacts.unit_of(session, new.contact_id, named=new.unit_id)
    ticket = _unrated(session, new, unit, now=now)
    is_about_staff = new.is_about_staff or bool(new.subjects)
    triage.apply(ticket, _judgement(session, new, unit), is_about_staff=is_about_staff)
    session.add(ticket)
    session.flush()
    session.add_all(
        TicketSubject(ticket_id=ticket.id, user_id=user_id) for user_id in sorted(set(new.subjects))
    )
    session.flush()
    record(session, ticket, "created", actor=new.actor, at=now, data=_facts(ticket))
    sla.start_clocks(session, ticket, now=now)
    return ticket


def _unrated(session: Session, new: NewTicket, unit: OrgUnit, *, now: datetime) -> Ticket:
    return Ticket(
        number=free_number(session),
        kind=new.kind,
        status=TicketStatus.NEW,
        subject=subject_of(new.text),
        channel=new.channel,
        place=new.place,
        form=form_of(new.channel, place=new.place),
        language=new.language,
        contact_id=new.contact_id,
        handle_id=new.handle_id,
        unit_id=unit.id,
        registered_by_id=new.registered_by_id,
        amount=new.amount,
        occurred_on=new.occurred_on,
        received_at=new.received_at,
        created_at=now,
        updated_at=now,
        last_inbound_at=now,
        chain_head=b"",
        version=0,
    )


def _judgement(session: Session, new: NewTicket, unit: OrgUnit) -> triage.Judgement:
    if new.has_story:
        return triage.judge(
            session,
            new.text,
            kind=new.kind,
            unit=unit,
            category=new.category,
            amount=new.amount,
            source="agent" if new.registered_by_id else "contact",
        )
    return triage.enquiry(session, unit=unit)


def become_complaint(
    session: Session, ticket: Ticket, text: str, *, category: str | None = None, now: datetime
) -> None:
    """Turn an enquiry that was only a greeting into the complaint of its story, or of the chosen category."""
    _become(session, ticket, TicketKind.COMPLAINT, text, category=category, now=now)


def become_request(session: Session, ticket: Ticket, text: str, *, category: str, now: datetime) -> None:
    """Turn an enquiry that was only a greeting into a request of that category."""
    _become(session, ticket, TicketKind.REQUEST, text, category=category, now=now)


def _become(
    session: Session, ticket: Ticket, kind: TicketKind, text: str, *, category: str | None, now: datetime
) -> None:
    ticket.kind = kind
    ticket.subject = subject_of(text)
    ticket.received_at = now
    judgement = triage.judge_ticket(session, ticket, text, category=category)
    handed = triage.apply_again(session, ticket, judgement)
    data: dict[str, object] = {**_facts(ticket), **handed.after}
    if handed.before:
        data["from"] = handed.before
    record(session, ticket, "rated", actor=SYSTEM, at=now, data=data)
    sla.refit(session, ticket, now=now)
    owners.severity_moved(session, ticket, now=now)


def add_message(session: Session, ticket: Ticket, message: Message) -> None:
    """Add a message with its search words; the caller records it. The body must be redacted already."""
    message.ticket_id = ticket.id
    message.public_id = message.public_id or str(uuid.uuid4())
    session.add(message)
    session.flush()
    index_text(session, ticket.id, message.body)


def index_text(session: Session, ticket_id: int, text: str) -> None:
    """Add the words of `text` to the ticket's search words."""
    keys = keys_of(session)
    digests = {keys.digest("word", word) for word in index_words(text)}
    known = set(
        session.scalars(
            select(TicketWord.word).where(TicketWord.ticket_id == ticket_id, TicketWord.word.in_(digests))
        )
    )
    session.add_all(TicketWord(word=digest, ticket_id=ticket_id) for digest in sorted(digests - known))
    session.flush()


def add_note(
    session: Session, ticket_id: int, text: str, *, author_id: int | None, actor: str, now: datetime
) -> Message:
    """Add an internal note, of a merged ticket where all else lies; secrets are redacted in notes too."""
    ticket = lock_ticket(session, end_of(session, ticket_id))
    body = required(redact(text).text.strip(), "text")
    note = Message(
        direction=Direction.NOTE,
        purpose=Purpose.NOTE,
        channel=ticket.channel,
        author_id=author_id,
        body=body,
        at=now,
    )
    add_message(session, ticket, note)
    record_message(session, ticket, note, "note_added", actor=actor, at=now)
    touched_by_person(session, ticket, actor=actor, now=now)
    return note


def assign(
    session: Session,
    ticket_id: int,
    *,
    assignee_id: int | None,
    team: str | None = None,
    seen_assignee: str | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Give the ticket to a team, a person, or back to the queue (both None). Subjects are refused.

    `seen_assignee`: public id of who had it when the actor looked, "" for nobody; Conflict (`taken`) when it is
    somebody else by now. None where nobody looked at it one by one.
    """
    ticket = lock_own(session, ticket_id)
    before = {
        "team": _team_code(session, ticket.team_id),
        "assignee": _public_id(session, ticket.assignee_id),
    }
    if seen_assignee is not None and seen_assignee != before["assignee"]:
        raise Conflict("somebody else has taken this ticket", code="taken")
    if team is not None:
        ticket.team_id = _team_id(session, team)
    if assignee_id is not None and assignee_id in escalations.barred_user_ids(session, ticket):
        raise InvalidInput(
            "this person may not handle the ticket", field="assignee", code="conflict_of_interest"
        )
    if assignee_id is not None:
        owners.check_other_officer(session, ticket_id, f"user:{_public_id(session, assignee_id)}")
    touched_by_person(session, ticket, actor=actor, now=now)
    if assignee_id is None:
        owners.take_away(ticket)
    else:
        owners.give(session, ticket, assignee_id, now=now)
    after = {"team": _team_code(session, ticket.team_id), "assignee": _public_id(session, ticket.assignee_id)}
    record(session, ticket, "assigned", actor=actor, at=now, data={"from": before, "to": after})
    if assignee_id is not None and ticket.status == TicketStatus.NEW:
        _set_status(session, ticket, TicketStatus.OPEN, actor=actor, now=now, reason="")


def claim(session: Session, ticket_id: int, *, user_id: int, actor: str, now: datetime) -> None:
    """Take an unassigned ticket. Raises Conflict when somebody else has it: there is one winner."""
    ticket = lock_own(session, ticket_id)
    if ticket.assignee_id not in (None, user_id):
        raise Conflict("somebody else has taken this ticket", code="taken")
    if ticket.assignee_id is None:
        assign(session, ticket_id, assignee_id=user_id, actor=actor, now=now)


def change_status(
    session: Session, ticket_id: int, status: TicketStatus, *, reason: str = "", actor: str, now: datetime
) -> None:
    """Move the status by hand. Resolving and closing have their own use cases with their own facts.

    Opening an answered ticket again gives the lender new time before the regulator, so it needs a reason.
    """
    if status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise InvalidInput("resolve the ticket with its outcome", field="status", code="needs_resolution")
    ticket = lock_ticket(session, ticket_id)
    was_finished = ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    if was_finished:
        reason = required(reason.strip(), "reason")
    _set_status(session, ticket, status, actor=actor, now=now, reason=reason)
    if was_finished:
        reopened(session, ticket, now=now)
    touched_by_person(session, ticket, actor=actor, now=now)


def reopened(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Start again what a reopened complaint must start again."""
    ticket.reopened_count += 1
    ticket.resolved_at = None
    ticket.closed_at = None
    sla.reopened(session, ticket, at=now)


def set_status(
    session: Session, ticket: Ticket, status: TicketStatus, *, actor: str, now: datetime, reason: str = ""
) -> None:
    """Move the status of a locked ticket inside another use case; nothing happens when it is there already."""
    if ticket.status != status:
        _set_status(session, ticket, status, actor=actor, now=now, reason=reason)


def override_severity(
    session: Session,
    ticket_id: int,
    *,
    impact: Impact,
    urgency: Urgency,
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    """Set impact and urgency by hand with a reason. The category's default stays the floor (contract.md 5)."""
    reason = required(redact(reason).text.strip(), "reason")
    ticket = lock_own(session, ticket_id)
    before = {"severity": ticket.severity, "impact": ticket.impact, "urgency": ticket.urgency}
    assessment = triage.current_matrix(session).assess(ticket.category_code, impact=impact, urgency=urgency)
    triage.set_assessment(ticket, assessment)
    after = {"severity": ticket.severity, "impact": ticket.impact, "urgency": ticket.urgency}
    last = newest_event(session, ticket_id, "severity_changed")
    is_said = last is not None and (last.actor, (last.data or {}).get("reason")) == (actor, reason)
    if ticket.is_severity_overridden and after == before and is_said:
        return  # the form was sent twice
    ticket.is_severity_overridden = True
    record(
        session,
        ticket,
        "severity_changed",
        actor=actor,
        at=now,
        data={"from": before, "to": after, "reason": reason},
    )
    sla.refit(session, ticket, now=now)
    owners.severity_moved(session, ticket, now=now)
    touched_by_person(session, ticket, actor=actor, now=now)


def set_category(
    session: Session,
    ticket_id: int,
    code: str,
    *,
    is_about_staff: bool | None = None,
    actor: str,
    now: datetime,
) -> None:
    """Correct the category: severity and team follow from it unless a person decided otherwise.

    A complaint about staff stays one; `is_about_staff` False: the actor, who has the right, decided otherwise.
    """
    try:
        taxonomy.category(code)
    except NotFound as error:
        raise InvalidInput(str(error), field="category", code="unknown_category") from None
    ticket = lock_own(session, ticket_id)
    before = _classified(ticket)
    words = triage.story(session, ticket)
    judgement = triage.judge_ticket(session, ticket, words, category=code, source="agent")
    handed = triage.apply_again(session, ticket, judgement, is_about_staff=is_about_staff)
    data = {"from": before | handed.before, "to": _classified(ticket) | handed.after}
    record(session, ticket, "category_changed", actor=actor, at=now, data=data)
    sla.refit(session, ticket, now=now)
    owners.severity_moved(session, ticket, now=now)
    touched_by_person(session, ticket, actor=actor, now=now)


def _classified(ticket: Ticket) -> dict[str, str]:
    return {
        "category": ticket.category_code or "",
        "severity": ticket.severity,
        "about_staff": "yes" if ticket.is_about_staff else "",
    }


def _set_status(
    session: Session, ticket: Ticket, status: TicketStatus, *, actor: str, now: datetime, reason: str
) -> None:
    check_transition(ticket.status, status)
    if ticket.status == TicketStatus.CLOSED and merged_into(session, ticket.id) is not None:
        raise Conflict("the ticket was merged: take it out first", code="merged")
    before, ticket.status = ticket.status, status
    owners.status_moved(ticket)
    ticket.closes_at = None  # complaints.resolve() sets it for the one status that waits for her word
    if before in PAUSING_STATUSES and status not in PAUSING_STATUSES:
        sla.resume(session, ticket, at=now)
    data = {"from": before, "to": status, "reason": redact(reason).text.strip()}
    record(session, ticket, "status_changed", actor=actor, at=now, data=data)
    if status in PAUSING_STATUSES and before not in PAUSING_STATUSES:
        sla.pause(session, ticket, reason=sla.WAITING, actor=actor, at=now)


def touched_by_person(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """A person's first act is the acknowledgement of domain.md 7.2; automatic receipts meet nothing."""
    ticket.last_human_at = now
    sla.person_acted(session, ticket, at=now)
    acknowledgements.by_acting(session, ticket, actor=actor, now=now)
    owners.acted(session, ticket, actor=actor)


def _facts(ticket: Ticket) -> dict[str, str]:
    return {
        "channel": ticket.channel,
        "kind": ticket.kind,
        "category": ticket.category_code or "",
        "severity": ticket.severity,
        "rules": ", ".join(reason["rule"] for reason in ticket.severity_reasons),
        "matrix_version": str(ticket.matrix_version),
        "team": ticket.routing_reason.get("team", ""),
    }


def _team_id(session: Session, code: str) -> int:
    found = session.scalar(select(Team.id).where(Team.code == code, Team.retired_at.is_(None)))
    if found is None:
        raise InvalidInput(f"no team {code}", field="team", code="unknown_team")
    return found


def _team_code(session: Session, team_id: int) -> str:
    return session.scalars(select(Team.code).where(Team.id == team_id)).one()


def _public_id(session: Session, user_id: int | None) -> str:
    return "" if user_id is None else session.scalars(select(User.public_id).where(User.id == user_id)).one()
