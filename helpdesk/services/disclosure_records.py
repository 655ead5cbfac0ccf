"""What is handed over of a contact, as frozen records (services/disclosure.py fills them)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class HandleRecord:
    """An address of hers."""

    channel: str
    address: str
    is_shared: bool
    """Several people use this phone."""
    identified_at: datetime | None
    is_blocked: bool
    opted_out_at: datetime | None
    last_inbound_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file she sent or was sent; its bytes are handed over separately."""

    public_id: str
    kind: str
    media_type: str | None
    filename: str | None
    size_bytes: int | None
    state: str
    transcript: str | None
    """What was written down of a voice message."""


@dataclass(frozen=True, slots=True)
class TalkRecord:
    """What was kept of a call or visit besides its words."""

    speaker: str
    speaker_name: str | None
    is_phone_shared: bool
    safe_hour: str | None
    recorded_at: datetime | None
    no_recording: str | None
    read_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """An earlier way on which a message was tried."""

    channel: str
    address: str
    status: str
    error_code: str | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A call, a letter or a visit to reach her."""

    kind: str
    reason: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None
    result: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ExplanationRecord:
    """That the way to complain was explained to her."""

    explained_on: date
    person: str
    """Her name or id as it was typed."""
    means: str
    language: str
    points: tuple[str, ...]
    is_voided: bool


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One utterance, internal notes too."""

    public_id: str
    direction: str
    purpose: str
    channel: str
    at: datetime
    text: str
    facts: Mapping[str, object]
    external_id: str | None
    delivery: str | None
    attachments: tuple[FileRecord, ...]
    attempts: tuple[AttemptRecord, ...]
    talk: TalkRecord | None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One entry of the audit trail."""

    serial: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RedressRecord:
    """What was given, in whole rupiah where it is money."""

    kind: str
    amount: int | None
    currency: str
    offered_at: datetime
    accepted_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResolutionRecord:
    """One answer."""

    disposition: str | None
    root_cause: str
    summary: str | None
    late_code: str | None
    late_reason: str | None
    at: datetime
    redress: tuple[RedressRecord, ...]


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """One ticket with all that hangs on it."""

    number: str
    kind: str
    status: str
    subject: str
    category: str | None
    severity: str
    channel: str
    amount: int | None
    occurred_on: date | None
    received_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    rating: int | None
    rating_comment: str | None
    messages: tuple[MessageRecord, ...]
    events: tuple[EventRecord, ...]
    resolutions: tuple[ResolutionRecord, ...]
    tasks: tuple[TaskRecord, ...]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """What came from her by a channel and could not be processed yet."""

    channel: str
    received_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The whole answer to a request for access."""

    exported_at: datetime
    contact: str
    """Public id."""
    name: str | None
    phone: str | None
    mitra_id: str | None
    village: str | None
    majelis: str | None
    unit: str | None
    language: str
    notice_shown_at: datetime | None
    """When the notice of privacy was last shown to her in chat."""
    created_at: datetime
    erased_at: datetime | None
    handles: tuple[HandleRecord, ...]
    explanations: tuple[ExplanationRecord, ...]
    tickets: tuple[TicketRecord, ...]
    unprocessed: tuple[RawRecord, ...]
    unmatched_scans: tuple[str, ...]
    """Pages of paper that may be hers or a neighbour's, in words: nobody has matched them yet."""
