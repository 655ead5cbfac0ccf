"""A complaint as the Mitra app shows it: nothing internal, no names of staff."""

from datetime import datetime
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from helpdesk.domain.lifecycle import TicketKind, TicketStatus
from helpdesk.domain.messages import Direction, MediaKind
from helpdesk.domain.numbers import format_number
from helpdesk.domain.wording import Language, status_words
from helpdesk.queries.conversation import AttachmentRow, MessageRow
from helpdesk.queries.paging import Page
from helpdesk.queries.public import PublicTicket

FILE_ID = "0c7a1c4e-6f0e-4f0c-8a63-0f5a4a1f2b3c"


class FileView(BaseModel):
    """A file of a message."""

    id: str = Field(description="Its id", examples=[FILE_ID])
    kind: MediaKind = Field(description="What it is")
    media_type: str | None = Field(description="What its bytes show", examples=["image/jpeg"])
    filename: str | None = Field(description="As it was sent", examples=["bukti.jpg"])
    size_bytes: int | None = Field(description="Bytes", examples=[48213])
    state: str = Field(
        description="pending while it is still fetched, stored, or failed", examples=["stored"]
    )


class PublicMessage(BaseModel):
    """One message to or from the Mitra."""

    id: str = Field(description="Its id")
    direction: Direction = Field(description="in: from the Mitra; out: to her")
    at: datetime = Field(description="When, in UTC")
    text: str = Field(description="The words")
    attachments: list[FileView] = Field(description="Its files")


class PublicComplaint(BaseModel):
    """The public view of a complaint. A promised date is null while we wait for the Mitra."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "4821-9375",
                    "kind": "complaint",
                    "status": "new",
                    "status_text": "Diterima",
                    "category": "Bayar via VA/agen, belum tercatat",
                    "language": "id",
                    "received_at": "2026-11-23T03:00:00Z",
                    "updated_at": "2026-11-23T03:00:00Z",
                    "answer_by": "2026-11-24T03:00:00Z",
                    "resolve_by": "2026-11-30T10:00:00Z",
                    "resolved_at": None,
                    "is_waiting_for_mitra": False,
                    "rating": None,
                    "messages": [
                        {
                            "id": "7d5c2a0e-54a1-4d7e-9a42-0d6b7cf0c111",
                            "direction": "in",
                            "at": "2026-11-23T03:00:00Z",
                            "text": "Angsuran minggu lalu sudah saya bayar tetapi belum tercatat.",
                            "attachments": [],
                        }
                    ],
                    "version": "5d1f0c9b7a3e4f62",
                }
            ]
        }
    )

    number: str = Field(description="The ticket's number")
    kind: TicketKind = Field(description="complaint, enquiry or request")
    status: TicketStatus = Field(description="The status as a word for programs")
    status_text: str = Field(description="The status in words for the Mitra, in her language")
    category: str | None = Field(description="What it is about, in her language")
    language: str = Field(description="id or en")
    received_at: datetime = Field(description="When it reached us")
    updated_at: datetime = Field(description="When something happened last")
    answer_by: datetime | None = Field(description="Promised: a person answers by then")
    resolve_by: datetime | None = Field(description="Promised: it is decided by then")
    resolved_at: datetime | None = Field(description="When the answer was given")
    is_waiting_for_mitra: bool = Field(description="Whether we wait for something from her")
    rating: int | None = Field(description="Her rating, 1 to 5")
    messages: list[PublicMessage] = Field(description="What was said, oldest first")
    version: str = Field(default="", description="Another text whenever anything above has changed")


class PublicList(BaseModel):
    """Complaints of one Mitra, newest first."""

    items: list[PublicComplaint] = Field(description="This page")
    next: str | None = Field(description="Cursor of the next page, null at the end")


class Uploaded(BaseModel):
    """A file that waits for the complaint that names it."""

    id: str = Field(description="Name it in `attachments`", examples=[FILE_ID])


def file_view(row: AttachmentRow) -> FileView:
    """Return a file as both views show it."""
    return FileView(
        id=row.public_id,
        kind=row.kind,
        media_type=row.media_type,
        filename=row.filename,
        size_bytes=row.size_bytes,
        state=row.state,
    )


def public_complaint(found: PublicTicket) -> PublicComplaint:
    """Return the public view."""
    status = found.status
    is_english = status.language == Language.EN
    _icon, words = status_words(status.status, Language(status.language), is_read=status.is_read)
    view = PublicComplaint(
        number=format_number(status.number),
        kind=status.kind,
        status=status.status,
        status_text=words,
        category=status.category_en if is_english else status.category_id,
        language=status.language,
        received_at=status.received_at,
        updated_at=status.updated_at,
        answer_by=status.answer_by,
        resolve_by=status.resolve_by,
        resolved_at=status.resolved_at,
        is_waiting_for_mitra=status.is_waiting_for_contact,
        rating=status.rating,
        messages=[_message(row) for row in found.messages],
    )
    return view.model_copy(update={"version": sha256(view.model_dump_json().encode()).hexdigest()[:16]})


def public_list(page: Page[PublicTicket]) -> PublicList:
    """Return one page of public views."""
    return PublicList(items=[public_complaint(found) for found in page.items], next=page.next)


def _message(row: MessageRow) -> PublicMessage:
    return PublicMessage(
        id=row.public_id,
        direction=row.direction,
        at=row.at,
        text=row.text,
        attachments=[file_view(file) for file in row.attachments],
    )
