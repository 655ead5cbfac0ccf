"""A ticket as staff systems see it: the rows of the ticket page as JSON."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, Purpose
from helpdesk.domain.numbers import format_number
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.queries.conversation import AttachmentRow, EventRow, MessageRow
from helpdesk.queries.ticket import ContactCard, TicketView
from helpdesk.sla.clock import ClockState
from helpdesk.sla.policy import Form, Metric
from helpdesk.views.api.public_views import FileView, file_view


class SeverityView(BaseModel):
    """How grave, and why."""

    level: Severity = Field(description="S1 is the gravest")
    impact: Impact = Field(description="How much harm")
    urgency: Urgency = Field(description="How soon it grows")
    reasons: list[dict[str, str]] = Field(
        description="Each names its `rule` of the matrix and says it in words",
        examples=[
            [{"rule": "default:BYR-POST", "text_id": "Bawaan kategori", "text_en": "Default of the category"}]
        ],
    )
    is_overridden: bool = Field(description="Whether a person set it by hand")
    matrix_version: int = Field(description="Version of the matrix that judged")


class ContactView(BaseModel):
    """The person outside. The phone is masked here as on the screens."""

    id: str = Field(description="Public id")
    name: str | None = Field(description="Name, where known")
    phone: str | None = Field(description="Masked phone", examples=["+62 857-****-5678"])
    mitra_id: str | None = Field(description="The lender's id")
    village: str | None = Field(description="Village")
    majelis: str | None = Field(description="Group")
    language: str = Field(description="id or en")


class ClockView(BaseModel):
    """One clock. A recorded breach stays `breached`; `due_at` is null while it is paused."""

    model_config = ConfigDict(from_attributes=True)

    metric: Metric = Field(description="What it measures")
    started_at: datetime = Field(description="When it started")
    due_at: datetime | None = Field(description="When it is due")
    state: ClockState = Field(description="running, paused, met, breached or superseded")
    used_seconds: int = Field(description="Used time of its calendar, pauses taken out")
    paused_seconds: int = Field(description="Paused time of its calendar")
    target_seconds: int = Field(description="What may be used")
    met_at: datetime | None = Field(description="When it was met")
    breached_at: datetime | None = Field(description="When it was breached")
    policy: str = Field(description="Code of the policy")
    policy_version: int = Field(description="Version of the policy, which the clock keeps")


class LocationView(BaseModel):
    """A place that was sent instead of words."""

    latitude: float = Field(description="Degrees north", examples=[-6.175392])
    longitude: float = Field(description="Degrees east", examples=[106.827153])
    place: str | None = Field(description="Its name or address, where sent")


class FullFileView(FileView):
    """A file as staff see it."""

    error_code: str | None = Field(description="Why it is not there, or cannot be played")
    next_attempt_at: datetime | None = Field(description="When its provider is asked again")
    duration_seconds: int | None = Field(description="How long a sound or film takes")
    transcript: str | None = Field(description="What a person wrote down of a voice message")


class MessageView(BaseModel):
    """One utterance; a note is internal."""

    id: str = Field(description="Its id")
    direction: Direction = Field(description="in, out or note")
    purpose: Purpose = Field(description="Why it was written")
    channel: ChannelCode = Field(description="The medium")
    at: datetime = Field(description="When")
    author: str | None = Field(description="Member of staff who wrote it")
    text: str = Field(description="The words, secrets taken out")
    attachments: list[FullFileView] = Field(description="Its files")
    location: LocationView | None = Field(description="A place that was sent")
    external_id: str | None = Field(description="The provider's id, unique per channel and direction")
    delivery: DeliveryStatus | None = Field(description="How far an outbound message came")
    error_code: str | None = Field(description="Why it was not delivered")


class EventView(BaseModel):
    """One entry of the audit trail."""

    at: datetime = Field(description="When")
    kind: str = Field(description="What happened", examples=["sla_warning"])
    actor: str = Field(description="system, contact, user:<public id> or token:<name>")
    data: dict[str, JsonValue] = Field(description="Details")


class RedressView(BaseModel):
    """One thing that was given."""

    model_config = ConfigDict(from_attributes=True)

    kind: RedressKind = Field(description="What it is")
    amount: int | None = Field(description="Whole rupiah")
    offered_at: datetime = Field(description="When it was offered")
    accepted_at: datetime | None = Field(description="When it was accepted")
    paid_at: datetime | None = Field(description="When it was paid")


class ResolutionView(BaseModel):
    """One outcome; after an objection there is another."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="When")
    disposition: Disposition | None = Field(description="How it ended; null for an enquiry")
    root_cause: str = Field(description="Code of the root cause")
    summary: str | None = Field(description="Stays inside")
    late_code: str | None = Field(description="Why a promise was broken before; null where none was")
    late_reason: str | None = Field(description="The same in words")
    accepted_at: datetime | None = Field(description="When the contact accepted it")
    rejected_at: datetime | None = Field(description="When the contact rejected it")
    redress: list[RedressView] = Field(description="What was given")


class Ticket(BaseModel):
    """The full view of a ticket."""

    number: str = Field(description="Its number", examples=["4821-9375"])
    status: TicketStatus = Field(description="Its status")
    kind: TicketKind = Field(description="complaint, enquiry or request")
    subject: str = Field(description="Beginning of the story")
    category: str | None = Field(description="Code of the category", examples=["BYR-POST"])
    severity: SeverityView = Field(description="How grave, and why")
    channel: ChannelCode = Field(description="How it came")
    place: str | None = Field(description="Of a visit: office or field")
    form: Form = Field(description="lisan or tertulis, as the regulator counts it")
    language: str = Field(description="id or en")
    contact: ContactView = Field(description="Who complains")
    branch: str = Field(description="Code of the point, or of head office while unknown", examples=["HO"])
    branch_name: str = Field(description="Its name")
    team: str = Field(description="Code of the team", examples=["pembayaran"])
    team_name: str = Field(description="Its name")
    assignee: str | None = Field(description="E-mail of who handles it", examples=["agen@demo.id"])
    assignee_name: str | None = Field(description="Name of who handles it")
    amount: int | None = Field(description="Whole rupiah at stake")
    occurred_on: date | None = Field(description="When it happened")
    received_at: datetime = Field(description="When it reached us: starts every clock")
    created_at: datetime = Field(description="When the ticket was made")
    updated_at: datetime = Field(description="When something happened last")
    resolved_at: datetime | None = Field(description="When the answer was given")
    closed_at: datetime | None = Field(description="When it was closed")
    next_due_at: datetime | None = Field(description="Soonest deadline that still runs")
    merged_into: str | None = Field(
        description="Number of the ticket that stands for this one since they were merged, else null",
        examples=["4821-9375"],
    )
    reopened_count: int = Field(description="How often it was opened again")
    rating: int | None = Field(description="The contact's rating")
    clocks: list[ClockView] = Field(description="Oldest first")
    messages: list[MessageView] = Field(description="Oldest first")
    events: list[EventView] = Field(description="The audit trail, oldest first")
    resolutions: list[ResolutionView] = Field(description="Outcomes, oldest first")


class TicketList(BaseModel):
    """A page of full views."""

    items: list[Ticket] = Field(description="This page")
    next: str | None = Field(description="Cursor of the next page, null at the end")
    note: str | None = Field(
        description="Why nothing could be found (`q` held no word), else null",
        examples=["q holds no word to look for"],
    )


class TicketState(BaseModel):
    """What an action left behind; GET /tickets/{number} has the rest."""

    number: str = Field(description="The ticket", examples=["4821-9375"])
    status: TicketStatus = Field(description="Its status")
    kind: TicketKind = Field(description="complaint, enquiry or request")
    category: str | None = Field(description="Code of the category")
    severity: Severity = Field(description="Its severity")
    impact: Impact = Field(description="How much harm")
    urgency: Urgency = Field(description="How soon it grows")
    team: str = Field(description="Code of the team")
    assignee: str | None = Field(description="E-mail of who handles it")
    updated_at: datetime = Field(description="When this happened")


class MessageAdded(BaseModel):
    """A reply that is queued, or a note."""

    id: str = Field(description="Id of the message")
    direction: Direction = Field(description="out or note")
    channel: ChannelCode = Field(description="Where it goes")
    at: datetime = Field(description="When")
    ticket: TicketState = Field(description="The ticket after it")


Emails = Mapping[str, str]

_DATA = TypeAdapter(dict[str, JsonValue])


def ticket_view(found: TicketView, *, emails: Emails) -> Ticket:
    """Return the full view."""
    return Ticket(
        number=format_number(found.number),
        status=found.status,
        kind=found.kind,
        subject=found.subject,
        category=found.category,
        severity=SeverityView(
            level=found.severity,
            impact=found.impact,
            urgency=found.urgency,
            reasons=[dict(reason) for reason in found.severity_reasons],
            is_overridden=found.is_severity_overridden,
            matrix_version=found.matrix_version,
        ),
        channel=found.channel,
        place=found.place,
        form=found.form,
        language=found.language,
        contact=_contact(found.contact),
        branch=found.unit_code,
        branch_name=found.unit,
        team=found.team_code,
        team_name=found.team,
        assignee=emails.get(found.assignee_id or ""),
        assignee_name=found.assignee,
        amount=found.amount,
        occurred_on=found.occurred_on,
        received_at=found.received_at,
        created_at=found.created_at,
        updated_at=found.updated_at,
        resolved_at=found.resolved_at,
        closed_at=found.closed_at,
        next_due_at=found.next_due_at,
        merged_into=format_number(found.merges.into) if found.merges.into else None,
        reopened_count=found.reopened_count,
        rating=found.rating,
        clocks=[ClockView.model_validate(line) for line in found.clocks],
        messages=[_message(row) for row in found.messages],
        events=[_event(row) for row in found.events],
        resolutions=[ResolutionView.model_validate(row) for row in found.resolutions],
    )


def ticket_state(found: TicketView, *, emails: Emails) -> TicketState:
    """Return the short view that actions answer."""
    return TicketState(
        number=format_number(found.number),
        status=found.status,
        kind=found.kind,
        category=found.category,
        severity=found.severity,
        impact=found.impact,
        urgency=found.urgency,
        team=found.team_code,
        assignee=emails.get(found.assignee_id or ""),
        updated_at=found.updated_at,
    )


def _contact(card: ContactCard) -> ContactView:
    return ContactView(
        id=card.public_id,
        name=card.name,
        phone=card.phone,
        mitra_id=card.mitra_id,
        village=card.village,
        majelis=card.majelis,
        language=card.language,
    )


def _file_view(row: AttachmentRow) -> FullFileView:
    return FullFileView(
        **file_view(row).model_dump(),
        error_code=row.error_code,
        next_attempt_at=row.next_attempt_at,
        duration_seconds=row.duration_seconds,
        transcript=row.transcript,
    )


def _message(row: MessageRow) -> MessageView:
    return MessageView(
        id=row.public_id,
        direction=row.direction,
        purpose=row.purpose,
        channel=row.channel,
        at=row.at,
        author=row.author,
        text=row.text,
        attachments=[_file_view(file) for file in row.attachments],
        location=_location(row.facts),
        external_id=row.external_id,
        delivery=row.delivery,
        error_code=row.error_code,
    )


def _location(facts: Mapping[str, object]) -> LocationView | None:
    """Return the place; what a provider sent as one and is none is left out."""
    try:
        latitude, longitude = (float(str(facts.get(name, ""))) for name in ("latitude", "longitude"))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # also NaN
        return None
    place = facts.get("place")
    return LocationView(latitude=latitude, longitude=longitude, place=str(place) if place else None)


def _event(row: EventRow) -> EventView:
    return EventView(at=row.at, kind=row.kind, actor=row.actor, data=_DATA.validate_python(dict(row.data)))
