"""Reads from the database where a conversation stands, for domain/dialogue.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain import taxonomy
from helpdesk.domain.conversation import UtteranceKind, is_content
from helpdesk.domain.introductions import Introduction, introduction, names_herself
from helpdesk.domain.lifecycle import LIVE_STATUSES, TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.scene import Heard, Known, Phase, Placed, Scene
from helpdesk.domain.triage import CLEARER, suggest
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.complaints import Rating
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.tickets import Ticket
from helpdesk.services.chat import Said
from helpdesk.services.contacts import is_hers
from helpdesk.sla.policy import CalendarCode

QUIET = timedelta(minutes=20)
"""Within it no guidance is said twice in a row: two machines could answer each other for ever."""
REMEMBERED = timedelta(days=180)
"""So long we do not ask again who writes from a phone of her own."""
NOTICE_LASTS = timedelta(days=365)
"""So long after it was shown the notice of privacy is not shown again."""
MOST_LISTED = 5
"""Complaints that one list of ours names."""
BRIEF = 5
"""Words with which one asks to read what waits; with more one tells something."""
ATTENDED = timedelta(hours=24)
"""So long after a member of staff did something our own questions stay silent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message landed."""

    ticket: Ticket
    handle: Handle
    said: Said
    is_new: bool = False


def scene_of(session: Session, place: Place, *, now: datetime) -> Scene:
    """Return where the conversation stands now."""
    ticket, handle, asked = place.ticket, place.handle, place.said.asked
    human_at = ticket.last_human_at
    contact = session.get_one(Contact, ticket.contact_id)
    return Scene(
        phase=_phase(ticket),
        asked=asked.step,
        said=asked.said,
        misses=asked.misses,
        is_new=place.is_new,
        is_acknowledged=ticket.acknowledged_at is not None,
        is_sms=handle.channel == ChannelCode.SMS,
        is_just_said=asked.at is not None and now - asked.at < QUIET,
        has_person=human_at is not None and (asked.at is None or human_at > asked.at),
        is_attended=human_at is not None and now - human_at < ATTENDED,
        needs_notice=contact.notice_shown_at is None or now - contact.notice_shown_at > NOTICE_LASTS,
        known=_known(contact, handle, asked.said, now=now),
        placed=_placed(ticket),
        is_sensitive=is_sensitive(ticket),
        is_office_open=is_office_open(session, ticket, now=now),
        has_opted_out=handle.opted_out_at is not None,
        is_rated=session.get(Rating, ticket.id) is not None,
    )


def heard_in(session: Session, scene: Scene, place: Place) -> Heard:
    """Return what the message says against the scene."""
    said = place.said
    message = said.message
    told = _introduced(scene, said)
    return Heard(
        kind=said.kind,
        digit=said.utterance.choice,
        line=said.choice,
        tells=said.is_story,
        is_name=told is not None,
        is_same_name=told is not None and _is_called(session, place.ticket, told.name),
        is_brief=not message.attachments and len(said.clean.text.split()) <= BRIEF,
        is_phone="contact_phone" in message.facts,
        is_edit=message.is_edit,
        is_content=not message.attachments and not message.is_edit and is_content(said.clean.text),
        is_elsewhere=said.is_story and _is_elsewhere(place.ticket, said.clean.text),
    )


def is_sensitive(ticket: Ticket) -> bool:
    """Whether it tells of violence or harassment."""
    return ticket.category_code is not None and taxonomy.category(ticket.category_code).is_sensitive


def is_restricted(ticket: Ticket) -> bool:
    """Whether nothing is sent unasked after the number: a phone that others see must not tell of it (design.md 3)."""
    return ticket.is_about_staff or is_sensitive(ticket)


def is_office_open(session: Session, ticket: Ticket, *, now: datetime) -> bool:
    """Whether somebody is there to answer."""
    book = CalendarBook(session)
    return book.calendar(CalendarCode.SERVICE, book.unit(ticket.unit_id)).is_open(now)


def live_tickets(session: Session, handle: Handle) -> list[Ticket]:
    """Return the newest complaints of who writes from here, in work or answered, the oldest of them first."""
    newest_first = session.scalars(
        select(Ticket)
        .where(
            is_hers(handle),
            Ticket.status.in_(LIVE_STATUSES),
            Ticket.kind == TicketKind.COMPLAINT,
        )
        .order_by(Ticket.id.desc())
        .limit(MOST_LISTED)
    ).all()
    return list(reversed(newest_first))


def _phase(ticket: Ticket) -> Phase:
    if ticket.status == TicketStatus.RESOLVED:
        return Phase.ANSWERED
    if ticket.status == TicketStatus.CLOSED:
        return Phase.CLOSED
    is_untold = ticket.kind == TicketKind.ENQUIRY and ticket.acknowledged_at is None
    return Phase.UNTOLD if is_untold else Phase.OPEN


def _known(contact: Contact, handle: Handle, said: frozenset[str], *, now: datetime) -> Known:
    """On a phone that several people use we ask each time; otherwise once in a while."""
    since = handle.identified_at
    is_recent = since is not None and now - since < REMEMBERED
    is_asked = "T03a" in said or "T03b" in said
    if is_recent and (is_asked or not handle.is_shared):
        return Known.SETTLED
    is_named = contact.name is not None and (contact.is_name_told or contact.mitra_digest is not None)
    return Known.NAMED if is_named else Known.UNKNOWN


def _introduced(scene: Scene, said: Said) -> Introduction | None:
    """Return who she says that she is, where we asked for it."""
    if said.kind != UtteranceKind.STORY or said.message.attachments:
        return None
    if scene.asked == "T03a":
        return names_herself(said.clean.text)
    return introduction(said.clean.text) if scene.asked == "T03b" else None


def _is_called(session: Session, ticket: Ticket, name: str) -> bool:
    """Whether the contact of the ticket bears the name, or the first one of it."""
    known = session.get_one(Contact, ticket.contact_id).name
    return known is not None and known.casefold().split()[:1] == name.casefold().split()[:1]


def _placed(ticket: Ticket) -> Placed:
    if ticket.category_code is None:
        return Placed.UNCLEAR
    return Placed.GUESSED if ticket.category_source == "suggested" else Placed.SETTLED


def _is_elsewhere(ticket: Ticket, text: str) -> bool:
    """Whether the words clearly speak of another line of the menu than the ticket does."""
    if ticket.category_code is None:
        return False
    own = taxonomy.category(ticket.category_code).menu
    best = next(iter(suggest(text)), None)
    return best is not None and best[1] >= CLEARER and taxonomy.category(best[0]).menu != own
