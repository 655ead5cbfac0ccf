"""What requests of the API may hold."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from flask_openapi3.models.file import FileStorage
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from helpdesk.domain.complaints import Disposition, RedressKind, late_reasons
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Impact, Severity, Urgency
from helpdesk.domain.wording import Language
from helpdesk.views.api.waiting import LONGEST

MAX_TEXT = 20_000
MAX_FILES = 10
MAX_PAGE = 100

_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _plain(text: str) -> str:
    """NUL is in no word of anybody, and PostgreSQL refuses it; half of a surrogate pair is no sign in any encoding.

    Refused like a story with one, not mended: nothing is stored, the field is named, and the client still has it all.
    """
    if "\0" in text:
        raise ValueError("holds a NUL character")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds half of a surrogate pair")
    return text.strip()


def _with_plus(value: object) -> object:
    """`+07:00` in an address means ` 07:00` unless it is escaped, which is easily forgotten."""
    return _LOST_PLUS.sub(r"+\1", value) if isinstance(value, str) else value


def _written_out(value: object) -> object:
    """RFC 3339 alone: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not value[:10].count("-") == 2:
        raise ValueError("is not an RFC 3339 instant")
    return value


def _in_range(at: datetime) -> datetime:
    if not _FIRST <= at <= _LAST:
        raise ValueError("is out of range")
    return at.astimezone(UTC)


def _split(value: object) -> object:
    """`status=new,open` means the same as `status=new&status=open`."""
    if not isinstance(value, list):
        return value
    return [word for part in value for word in (part.split(",") if isinstance(part, str) else [part])]


class Query(BaseModel):
    """Parameters of an address; an empty one (`status=&cursor=`) is as good as none."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value not in ("", [""], [])}


Plain = Annotated[str, AfterValidator(_plain)]
Story = Annotated[str, Field(max_length=MAX_TEXT)]
Instant = Annotated[
    AwareDatetime, BeforeValidator(_with_plus), BeforeValidator(_written_out), AfterValidator(_in_range)
]
FileId = Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{36}$")]


class NumberPath(BaseModel):
    """The ticket."""

    number: str = Field(
        description="Number of the ticket, with or without its dash",
        json_schema_extra={"example": "4821-9375"},
    )


class WaitQuery(Query):
    """Whether to wait for news."""

    since: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="The `version` that the app has: with `wait`, the answer comes once there is another",
    )
    wait: Annotated[int, Field(ge=0, le=LONGEST)] = Field(
        0, description="Seconds that the answer may take while there is no other version"
    )


class NewComplaint(BaseModel):
    """A complaint that a Mitra files in the app."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "mitra_id": "M-204881",
                    "name": "Siti Aminah",
                    "phone": "0857 1234 5678",
                    "text": "Angsuran minggu lalu sudah saya bayar tetapi belum tercatat.",
                    "category": "BYR-POST",
                    "language": "id",
                    "occurred_on": "2026-11-16",
                    "amount": 150000,
                }
            ]
        }
    )

    mitra_id: Annotated[Plain, Field(max_length=100)] | None = Field(
        None, description="The lender's id of the Mitra. One that is not known yet is taken too"
    )
    name: Annotated[Plain, Field(max_length=200)] | None = Field(None, description="Her name")
    phone: Annotated[Plain, Field(max_length=50)] | None = Field(
        None, description="Her phone, as she writes it"
    )
    text: Story = Field(description="What happened, in her words. PINs, OTPs and card numbers are taken out")
    category: Annotated[Plain, Field(max_length=50)] | None = Field(
        None, description="Code of a category; without one the text proposes it"
    )
    language: Language = Field(Language.ID, description="Language of what we write to her")
    occurred_on: date | None = Field(None, description="Day on which it happened")
    amount: int | None = Field(None, ge=0, le=10**15, description="Whole rupiah at stake")
    attachments: list[FileId] = Field([], max_length=MAX_FILES, description="Ids from POST /attachments")


class Upload(BaseModel):
    """A file: picture, voice, video or PDF."""

    file: FileStorage = Field(description="The file itself")


class MitraQuery(Query):
    """Whose complaints."""

    mitra_id: Annotated[Plain, Field(min_length=1, max_length=100)] = Field(
        description="The Mitra whose complaints are listed", json_schema_extra={"example": "M-204881"}
    )
    cursor: Annotated[Plain, Field(max_length=500)] | None = Field(
        None, description="`next` of the page before"
    )
    limit: int = Field(50, ge=1, le=MAX_PAGE, description="Items of a page")


class NewWords(BaseModel):
    """More of the Mitra's words for her complaint."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Ini bukti bayarnya."}]})

    text: Story = Field("", description="What she adds; may be empty where files come with it")
    attachments: list[FileId] = Field([], max_length=MAX_FILES, description="Ids from POST /attachments")


class NewRating(BaseModel):
    """How she rates the handling."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"score": 5, "comment": "Cepat dan jelas."}]})

    score: StrictInt = Field(
        ge=1, le=5, description="1 (bad) to 5 (good)", validation_alias=AliasChoices("score", "rating")
    )
    comment: Annotated[str, Field(max_length=2000)] = Field("", description="In her words")


class NewAnswer(BaseModel):
    """Whether she accepts our answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"accepted": False, "comment": "Belum kembali."}]}
    )

    accepted: StrictBool = Field(description="true closes the complaint, false opens it again")
    comment: Story = Field("", description="In her words; becomes a message of the complaint")


class TicketQuery(Query):
    """Which tickets. A parameter given twice, or with commas, means any of its values."""

    status: Annotated[list[TicketStatus], BeforeValidator(_split)] = Field([], description="Statuses")
    severity: Annotated[list[Severity], BeforeValidator(_split)] = Field([], description="Severities")
    channel: Annotated[list[ChannelCode], BeforeValidator(_split)] = Field([], description="Channels")
    team: Annotated[Plain, Field(max_length=100)] | None = Field(None, description="Code of a team")
    q: Annotated[str, Field(max_length=200)] = Field(
        "", description="Words that all stand, whole and in any case, in messages, number or contact"
    )
    created_after: Instant | None = Field(None, description="Only tickets made after this instant (RFC 3339)")
    due_before: Instant | None = Field(
        None, description="Only open tickets with a deadline before this instant (RFC 3339), soonest first"
    )
    cursor: Annotated[Plain, Field(max_length=500)] | None = Field(
        None, description="`next` of the page before"
    )
    limit: int = Field(50, ge=1, le=MAX_PAGE, description="Items of a page")


class NewReply(BaseModel):
    """Words to the contact."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Ibu Siti, pembayaran Ibu sudah kami temukan."}]}
    )

    text: Story = Field(
        description="What is sent: at most 1,500 characters, no secret, no unfilled placeholder"
    )
    seen_message_id: FileId | None = Field(
        None,
        description="Newest message that the author has read; with a newer one the reply is refused (409)",
    )


class NewNote(BaseModel):
    """Words that stay inside."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Sudah telepon BP, menunggu buku setoran."}]}
    )

    text: Story = Field(description="The note")


class Assignment(BaseModel):
    """Who handles the ticket. At least one of the two is needed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"assignee": "agen@demo.id", "team": "pembayaran"}]}
    )

    assignee: Annotated[Plain, Field(max_length=200)] | None = Field(
        None,
        description="E-mail or public id of an agent or supervisor; null gives the ticket back to the queue",
    )
    team: Annotated[Plain, Field(max_length=100)] | None = Field(
        None, description="Code of the team that takes it"
    )


class StatusChange(BaseModel):
    """A move by hand. Resolving has a call of its own; a ticket closes by its outcome."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "pending", "reason": "Menunggu foto buku setoran"}]}
    )

    status: TicketStatus = Field(description="The status to come")
    reason: Annotated[str, Field(max_length=2000)] = Field("", description="Why; kept in the audit trail")


class SeverityChange(BaseModel):
    """A person's judgement instead of the matrix's; the category's default stays the floor."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"impact": "I3", "urgency": "U2", "reason": "Ibu sedang sakit"}]}
    )

    impact: Impact = Field(description="How much harm")
    urgency: Urgency = Field(description="How soon it grows")
    reason: Annotated[str, Field(max_length=2000)] = Field(description="Why; kept in the audit trail")


class NewRedress(BaseModel):
    """One thing that is given."""

    kind: RedressKind = Field(description="What it is")
    amount: int | None = Field(None, gt=0, le=10**15, description="Whole rupiah, where it is money")


LateReason = Annotated[
    Plain,
    Field(
        max_length=1000,
        description="Needed where a promise of the ticket was broken: "
        f"{', '.join(each.code for each in late_reasons())}, or words of your own, kept as `other`",
    ),
]
LateNote = Annotated[Plain, Field(max_length=1000, description="Words besides the code; `other` needs them")]


class NewResolution(BaseModel):
    """The outcome. Everything that the ticket needs and that is missing is named at once (422)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "disposition": "upheld",
                    "root_cause": "MANUSIA-CATAT",
                    "redress": [{"kind": "refund", "amount": 150000}],
                    "answer": "Ibu Siti, pembayaran Ibu sudah kami catat.",
                    "summary": "Setoran masuk ke rekening lain.",
                }
            ]
        }
    )

    disposition: Disposition | None = Field(None, description="How it ended")
    root_cause: Annotated[Plain, Field(max_length=50)] | None = Field(
        None, description="Code of the root cause"
    )
    redress: list[NewRedress] = Field([], max_length=20, description="What is given")
    answer: Story = Field("", description="Sent to the contact; not needed when withdrawn or duplicate")
    summary: Story = Field("", description="Stays inside")
    late_reason: LateReason = ""
    late_note: LateNote = ""
    seen_message_id: FileId | None = Field(None, description="Newest message that the author has read")
