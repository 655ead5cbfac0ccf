"""What has to be kept of a call or a visit besides its words: who spoke, the recording, and that it was read back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, MediaKind, Purpose
from helpdesk.domain.privacy import redact
from helpdesk.domain.talks import NoRecording, Speaker
from helpdesk.models.contacts import Handle
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import Ticket
from helpdesk.services import attachments, tickets, triage
from helpdesk.services.trail import lock_ticket, record, record_message

SPOKEN = frozenset({ChannelCode.PHONE, ChannelCode.VISIT})
"""Channels in which staff hear a complaint and write it down."""

_SOUNDS = frozenset({MediaKind.VOICE, MediaKind.AUDIO, MediaKind.VIDEO})


@dataclass(frozen=True, slots=True)
class Told:
    """Who told it, and how she may be called back."""

    speaker: Speaker = Speaker.SELF
    speaker_name: str | None = None
    is_phone_shared: bool = False
    safe_hour: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said is right instead, all of it."""

    text: str
    amount: int | None
    occurred_on: date | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A file whose bytes are on disk under `storage_key`."""

    content: bytes
    filename: str | None
    storage_key: str


def begin(session: Session, message: Message, told: Told, *, user_id: int | None) -> None:
    """Keep what was said beside a message that staff have just written down."""
    session.add(
        Talk(
            message_id=message.id,
            newest_id=message.id,
            entered_by_id=user_id,
            speaker=told.speaker,
            speaker_name=_clean(told.speaker_name) if told.speaker is not Speaker.SELF else None,
            is_phone_shared=told.is_phone_shared,
            safe_hour=_clean(told.safe_hour),
            is_recording_due=message.channel is ChannelCode.PHONE,
        )
    )
    session.flush()


def share_phone(session: Session, contact_id: int) -> None:
    """Several people use her phone: in chat we ask who writes, and tell nothing before."""
    session.execute(
        update(Handle)
        .where(Handle.contact_id == contact_id, Handle.channel.in_([ChannelCode.SMS, ChannelCode.WHATSAPP]))
        .values(is_shared=True)
    )


def read_back(session: Session, talk_id: str, *, actor: str, now: datetime) -> None:
    """She heard her words and said that they are right; twice is once."""
    talk, _message, ticket = _held(session, talk_id)
    if talk.read_back_at is None:
        talk.read_back_at = now
        record(session, ticket, "read_back", actor=actor, at=now, data={"talk": talk_id})


def correct(session: Session, talk_id: str, correction: Correction, *, actor: str, now: datetime) -> None:
    """Keep what she said is right beside what was written first; it has to be read to her again.

    Raises InvalidInput (`required`, `unchanged`) and Conflict (`closed`).
    """
    talk, _message, ticket = _held(session, talk_id)
    if ticket.status == TicketStatus.CLOSED:
        raise Conflict("the complaint is closed", code="closed")
    body, newest = _clean(correction.text), session.get_one(Message, talk.newest_id)
    if not body:
        raise InvalidInput("the text is empty", field="text", code="required")
    before, after = _changes(ticket, correction)
    if body == newest.body and not after:
        raise InvalidInput("nothing was changed", field="text", code="unchanged")
    ticket.amount, ticket.occurred_on = correction.amount, correction.occurred_on
    talk.read_back_at = None
    data: dict[str, object] = {"talk": talk_id, "from": before, "to": after}
    record(session, ticket, "read_back_corrected", actor=actor, at=now, data=data)
    if body != newest.body:
        talk.newest_id = _say_again(session, ticket, newest, body, actor=actor, now=now).id
        session.flush()
        triage.keep_from_staff(session, ticket, body, now=now)
        triage.weigh_again(session, ticket, body, now=now)


def add_recording(session: Session, talk_id: str, recording: Recording, *, actor: str, now: datetime) -> None:
    """Keep the recording with the message of the call; a second one stays beside the first.

    Raises InvalidInput (`not_sound` and what attachments.sniff() says).
    """
    talk, message, ticket = _held(session, talk_id)
    row: Attachment = attachments.save_upload(
        session,
        recording.content,
        channel=message.channel,
        filename=recording.filename,
        storage_key=recording.storage_key,
        now=now,
    )
    if row.kind not in _SOUNDS:
        raise InvalidInput("a recording is a sound", field="recording", code="not_sound")
    attachments.attach(session, message, (row.public_id,))
    talk.recorded_at, talk.no_recording = now, None
    record(session, ticket, "recording_added", actor=actor, at=now, data={"talk": talk_id})


def explain_no_recording(
    session: Session, talk_id: str, reason: NoRecording, *, actor: str, now: datetime
) -> None:
    """Say why there is none; the recording may still be added. Raises Conflict (`recorded`)."""
    talk, _message, ticket = _held(session, talk_id)
    if talk.recorded_at is not None:
        raise Conflict("the recording is here", code="recorded")
    if talk.no_recording is not reason:
        talk.no_recording = reason
        data = {"talk": talk_id, "no_recording": reason.value}
        record(session, ticket, "recording_missing", actor=actor, at=now, data=data)


def _held(session: Session, talk_id: str) -> tuple[Talk, Message, Ticket]:
    """Return the talk of the message with this id, its ticket locked. Raises NotFound."""
    ticket_id = session.scalar(
        select(Message.ticket_id)
        .join(Talk, Talk.message_id == Message.id)
        .where(Message.public_id == talk_id)
    )
    if ticket_id is None:
        raise NotFound(f"no talk {talk_id}")
    ticket = lock_ticket(session, ticket_id)
    talk, message = session.execute(
        select(Talk, Message)
        .join(Message, Message.id == Talk.message_id)
        .where(Message.public_id == talk_id)
        .execution_options(populate_existing=True)
    ).one()
    return talk, message, ticket


def _changes(ticket: Ticket, correction: Correction) -> tuple[dict[str, object], dict[str, object]]:
    def told(amount: int | None, occurred_on: date | None) -> dict[str, object]:
        return {"amount": amount, "occurred_on": occurred_on.isoformat() if occurred_on else None}

    old = told(ticket.amount, ticket.occurred_on)
    new = told(correction.amount, correction.occurred_on)
    changed = [name for name in new if new[name] != old[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _say_again(
    session: Session, ticket: Ticket, before: Message, body: str, *, actor: str, now: datetime
) -> Message:
    message = Message(
        direction=Direction.IN,
        purpose=Purpose.STORY,
        channel=before.channel,
        body=body,
        facts={"corrects": before.public_id},
        at=now,
    )
    tickets.add_message(session, ticket, message)
    ticket.last_inbound_at = now
    data: dict[str, object] = {"corrects": before.public_id}
    record_message(session, ticket, message, "message_received", actor=actor, at=now, data=data)
    return message


def _clean(text: str | None) -> str | None:
    return redact(text.replace("\0", "")).text.strip() or None if text else None
