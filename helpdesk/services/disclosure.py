"""All that is stored about one contact, for the right of access (UU PDP 27/2022 Ps. 7, 13)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote_plus

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.numbers import format_number
from helpdesk.domain.privacy import redact
from helpdesk.models.complaints import Rating, Redress, Resolution
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.outreach import ContactTask, DeliveryAttempt
from helpdesk.models.people import OrgUnit
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import explanations, paper_erasure, raw_words
from helpdesk.services.disclosure_records import (
    AttemptRecord,
    EventRecord,
    ExplanationRecord,
    FileRecord,
    HandleRecord,
    MessageRecord,
    PersonalData,
    RawRecord,
    RedressRecord,
    ResolutionRecord,
    TalkRecord,
    TaskRecord,
    TicketRecord,
)
from helpdesk.services.trail import audit


def export(session: Session, contact_id: int, *, actor: str, now: datetime) -> PersonalData:
    """Return all that is stored about the contact, and keep in the audit trail that it was taken out."""
    contact = session.get_one(Contact, contact_id)
    unit = session.scalar(select(OrgUnit.name).where(OrgUnit.id == contact.unit_id))
    tickets = session.scalars(select(Ticket).where(Ticket.contact_id == contact_id).order_by(Ticket.id)).all()
    data = PersonalData(
        exported_at=now,
        contact=contact.public_id,
        name=contact.name,
        phone=contact.phone,
        mitra_id=contact.mitra_id,
        village=contact.village,
        majelis=contact.majelis,
        unit=unit,
        language=contact.language,
        notice_shown_at=contact.notice_shown_at,
        created_at=contact.created_at,
        erased_at=contact.erased_at,
        handles=_handles(session, contact_id),
        explanations=_explanations(session, contact),
        tickets=tuple(_ticket(session, ticket) for ticket in tickets),
        unprocessed=_unprocessed(session, contact),
        unmatched_scans=tuple(paper_erasure.unread(session, contact_id)),
    )
    audit(session, "personal_data_exported", actor=actor, at=now, data={"contact": contact.public_id})
    return data


def _unprocessed(session: Session, contact: Contact) -> tuple[RawRecord, ...]:
    """What she said and nobody has understood yet; a secret that she should not have told is not handed on."""
    return tuple(
        RawRecord(
            row.channel,
            row.received_at,
            redact(unquote_plus((row.body or b"").decode(errors="replace"))).text,
        )
        for row in raw_words.waiting(session, contact)
    )


def _handles(session: Session, contact_id: int) -> tuple[HandleRecord, ...]:
    found = session.scalars(select(Handle).where(Handle.contact_id == contact_id).order_by(Handle.id))
    return tuple(
        HandleRecord(
            row.channel,
            row.address,
            row.is_shared,
            row.identified_at,
            row.is_blocked,
            row.opted_out_at,
            row.last_inbound_at,
            row.created_at,
        )
        for row in found
    )


def _explanations(session: Session, contact: Contact) -> tuple[ExplanationRecord, ...]:
    return tuple(
        ExplanationRecord(
            row.explained_on,
            row.person or "",
            row.means,
            row.language,
            tuple(row.points),
            row.voided_at is not None,
        )
        for row in explanations.about_contact(session, contact)
    )


def _ticket(session: Session, ticket: Ticket) -> TicketRecord:
    rating = session.get(Rating, ticket.id)
    return TicketRecord(
        number=format_number(ticket.number),
        kind=ticket.kind,
        status=ticket.status,
        subject=ticket.subject,
        category=ticket.category_code,
        severity=ticket.severity,
        channel=ticket.channel,
        amount=ticket.amount,
        occurred_on=ticket.occurred_on,
        received_at=ticket.received_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        rating=rating.score if rating else None,
        rating_comment=rating.comment if rating else None,
        messages=_messages(session, ticket.id),
        events=_events(session, ticket.id),
        resolutions=_resolutions(session, ticket.id),
        tasks=_tasks(session, ticket.id),
    )


def _messages(session: Session, ticket_id: int) -> tuple[MessageRecord, ...]:
    messages = session.scalars(
        select(Message).where(Message.ticket_id == ticket_id).order_by(Message.id)
    ).all()
    ids = [message.id for message in messages]
    files, attempts = _files(session, ids), _attempts(session, ids)
    talks = _talks(session, ids)
    return tuple(
        MessageRecord(
            public_id=row.public_id,
            direction=row.direction,
            purpose=row.purpose,
            channel=row.channel,
            at=row.at,
            text=row.body,
            facts=row.facts or {},
            external_id=row.external_id,
            delivery=row.delivery,
            attachments=tuple(files[row.id]),
            attempts=tuple(attempts[row.id]),
            talk=talks.get(row.id),
        )
        for row in messages
    )


def _files(session: Session, message_ids: Sequence[int]) -> Mapping[int, list[FileRecord]]:
    files: dict[int, list[FileRecord]] = defaultdict(list)
    found = session.scalars(
        select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.id)
    )
    for row in found:
        file = FileRecord(
            row.public_id, row.kind, row.media_type, row.filename, row.size_bytes, row.state, row.transcript
        )
        if row.message_id is not None:
            files[row.message_id].append(file)
    return files


def _attempts(session: Session, message_ids: Sequence[int]) -> Mapping[int, list[AttemptRecord]]:
    attempts: dict[int, list[AttemptRecord]] = defaultdict(list)
    found = session.execute(
        select(DeliveryAttempt, Handle.address)
        .join(Handle, Handle.id == DeliveryAttempt.handle_id)
        .where(DeliveryAttempt.message_id.in_(message_ids))
        .order_by(DeliveryAttempt.id)
    )
    for row, address in found:
        attempt = AttemptRecord(row.channel, address, row.status, row.error_code, row.ended_at)
        attempts[row.message_id].append(attempt)
    return attempts


def _talks(session: Session, message_ids: Sequence[int]) -> Mapping[int, TalkRecord]:
    found = session.scalars(select(Talk).where(Talk.message_id.in_(message_ids)))
    return {
        row.message_id: TalkRecord(
            row.speaker,
            row.speaker_name,
            row.is_phone_shared,
            row.safe_hour,
            row.recorded_at,
            row.no_recording,
            row.read_back_at,
        )
        for row in found
    }


def _tasks(session: Session, ticket_id: int) -> tuple[TaskRecord, ...]:
    found = session.scalars(
        select(ContactTask).where(ContactTask.ticket_id == ticket_id).order_by(ContactTask.id)
    )
    return tuple(
        TaskRecord(row.kind, row.reason, row.due_at, row.created_at, row.done_at, row.result, row.note)
        for row in found
    )


def _events(session: Session, ticket_id: int) -> tuple[EventRecord, ...]:
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.serial)
    )
    return tuple(EventRecord(row.serial, row.at, row.kind, row.actor, row.data or {}) for row in events)


def _resolutions(session: Session, ticket_id: int) -> tuple[ResolutionRecord, ...]:
    found = session.scalars(
        select(Resolution).where(Resolution.ticket_id == ticket_id).order_by(Resolution.id)
    )
    return tuple(
        ResolutionRecord(
            row.disposition,
            row.root_cause,
            row.summary,
            row.late_code,
            row.late_reason,
            row.at,
            _redress(session, row.id),
        )
        for row in found.all()
    )


def _redress(session: Session, resolution_id: int) -> tuple[RedressRecord, ...]:
    found = session.scalars(
        select(Redress).where(Redress.resolution_id == resolution_id).order_by(Redress.id)
    )
    return tuple(
        RedressRecord(row.kind, row.amount, row.currency, row.offered_at, row.accepted_at, row.paid_at)
        for row in found
    )
