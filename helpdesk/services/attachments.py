"""Files of messages: a row first, its bytes later, a reason when they never come."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import puremagic
from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import ERASED_MEANWHILE
from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.media import may_ask_again
from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.paper import LwkPage
from helpdesk.services.trail import lock_ticket, record

RETRY_AFTER = (3, 10, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
"""Seconds before each next try: media may be late by seconds, a provider away for hours."""
LEASE = timedelta(minutes=5)
"""A claimed fetch that nobody finished is tried again after this time: far more than one file takes."""

UNCLAIMED_KEPT = timedelta(days=7)
"""An upload by the API that no complaint names is forgotten after this time: an app may be offline for days."""

ALLOWED = {
    "image/jpeg": MediaKind.PHOTO,
    "image/png": MediaKind.PHOTO,
    "image/webp": MediaKind.PHOTO,
    "image/gif": MediaKind.PHOTO,
    "image/heic": MediaKind.PHOTO,
    "audio/ogg": MediaKind.VOICE,
    "audio/mpeg": MediaKind.AUDIO,
    "audio/mp4": MediaKind.AUDIO,
    "audio/aac": MediaKind.AUDIO,
    "audio/amr": MediaKind.VOICE,
    "audio/wav": MediaKind.AUDIO,
    "audio/x-wav": MediaKind.AUDIO,
    "audio/webm": MediaKind.VOICE,
    "video/mp4": MediaKind.VIDEO,
    "video/quicktime": MediaKind.VIDEO,
    "video/3gpp": MediaKind.VIDEO,
    "video/webm": MediaKind.VIDEO,
    "application/pdf": MediaKind.DOCUMENT,
    "text/vcard": MediaKind.CONTACT,
    "text/x-vcard": MediaKind.CONTACT,
}
"""Types that are kept, by what the bytes say. Anything that a browser would run is not among them."""

_ALIASES = {
    "application/ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
    "video/ogg": "audio/ogg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/wave": "audio/wav",
    "image/jpg": "image/jpeg",
    "application/x-mp4": "video/mp4",
    "video/x-m4v": "video/mp4",
}

_UNKNOWN_TO_LIBRARY = ((b"#!AMR", "audio/amr"), (b"BEGIN:VCARD", "text/vcard"))
"""First bytes that puremagic 1.30 knows without a type, or only with an ending."""

KEYS = (Attachment.storage_key, Attachment.thumb_key, Attachment.playable_key)
"""Columns that name files in the storage."""


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A file that this process alone fetches now."""

    attachment_id: int
    channel: ChannelCode
    ref: AttachmentRef


def expect(session: Session, message: Message, refs: tuple[AttachmentRef, ...], *, now: datetime) -> None:
    """Note the files of an inbound message; the fetching job brings their bytes."""
    first = _next_turn(session, message) if refs else 0
    session.add_all(
        Attachment(
            public_id=str(uuid.uuid4()),
            message_id=message.id,
            channel=message.channel,
            kind=ref.kind,
            reference=ref.reference,
            media_type=ref.media_type,
            filename=ref.filename,
            size_bytes=ref.size_bytes,
            state="pending",
            next_attempt_at=now,
            created_at=now,
            attempts=0,
            turn=turn,
        )
        for turn, ref in enumerate(refs, first)
    )
    session.flush()


def _next_turn(session: Session, message: Message) -> int:
    """Return the turn of a sender's next file: after those of hers that wait, and not before the one that is next.

    So one who sends 500 files does not hold back another's one, and is not held back by all who come later either.
    """
    waiting = and_(Attachment.state == "pending", Attachment.channel == message.channel)
    is_hers = (
        Message.ticket_id == message.ticket_id
        if message.handle_id is None
        else Message.handle_id == message.handle_id
    )
    least = session.scalar(select(func.min(Attachment.turn)).where(waiting))
    hers = select(func.max(Attachment.turn)).join(Message, Message.id == Attachment.message_id)
    last = session.scalar(hers.where(waiting, is_hers))
    return max(least or 0, 0 if last is None else last + 1)


def claim_next(session: Session, channel: ChannelCode, *, now: datetime) -> ToFetch | None:
    """Claim the file of a channel whose turn it is: its next attempt is moved away, so a dead process frees it."""
    row = session.scalars(
        select(Attachment)
        .where(
            Attachment.state == "pending",
            Attachment.channel == channel,
            Attachment.next_attempt_at <= now,
        )
        .order_by(Attachment.turn, Attachment.next_attempt_at, Attachment.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.attempts += 1
    row.next_attempt_at = now + LEASE
    session.flush()
    ref = AttachmentRef(row.reference or "", row.kind, row.media_type, row.filename, row.size_bytes)
    return ToFetch(row.id, row.channel, ref)


def record_fetched(
    session: Session, attachment_id: int, *, content: bytes, storage_key: str, media_type: str, now: datetime
) -> bool:
    """The bytes are on disk under `storage_key`. False when another worker was faster or the file was erased."""
    row = _pending(session, attachment_id)
    if row is None:
        return False
    row.storage_key, row.media_type, row.size_bytes = storage_key, media_type, len(content)
    _keep_as_it_came(row, content, now=now)
    return True


def _keep_as_it_came(row: Attachment, content: bytes, *, now: datetime) -> None:
    """It waits to be prepared, where there is something to prepare."""
    row.state, row.error_code, row.attempts, row.next_attempt_at = "stored", None, 0, now
    row.content_digest = row.original_digest = hashlib.sha256(content).digest()
    if not needs_preparing(row.media_type):
        row.prepared_at, row.next_attempt_at = now, None


def needs_preparing(media_type: str | None) -> bool:
    """Whether copies are made of it: of pictures, sounds and films."""
    return (media_type or "").startswith(("image/", "audio/", "video/"))


def record_failed(
    session: Session,
    attachment_id: int,
    *,
    code: str,
    is_final: bool,
    now: datetime,
    size_bytes: int | None = None,
) -> None:
    """Plan another try, unless the file is settled; after the last the conversation shows the reason in its place."""
    row = _pending(session, attachment_id)
    if row is None:
        return
    row.error_code, row.size_bytes = code, size_bytes or row.size_bytes
    if is_final or row.attempts > len(RETRY_AFTER):
        row.state, row.next_attempt_at = "failed", None
    else:
        row.next_attempt_at = now + timedelta(seconds=RETRY_AFTER[max(row.attempts, 1) - 1])


def fetch_again(session: Session, ticket_id: int, public_id: str, *, actor: str, now: datetime) -> None:
    """Ask the provider for a failed file from the start. Raises NotFound, Conflict (`file_settled`)."""
    ticket = lock_ticket(session, ticket_id)
    row = session.scalars(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.public_id == public_id, Message.ticket_id == ticket_id)
        .with_for_update(of=Attachment)
    ).first()
    if row is None:
        raise NotFound("no such file in this ticket")
    if not may_ask_again(row.state, row.error_code, has_reference=row.reference is not None):
        raise Conflict("it is here, or asking again does not help", code="file_settled")
    row.state, row.attempts, row.next_attempt_at, row.error_code = "pending", 0, now, None
    row.prepared_at = None
    record(session, ticket, "file_asked_again", actor=actor, at=now, data={"attachment": public_id})


def _pending(session: Session, attachment_id: int) -> Attachment | None:
    return session.scalars(
        select(Attachment)
        .where(Attachment.id == attachment_id, Attachment.state == "pending")
        .with_for_update()
    ).first()


def save_upload(
    session: Session,
    content: bytes,
    *,
    channel: ChannelCode,
    filename: str | None,
    storage_key: str,
    now: datetime,
) -> Attachment:
    """Keep an uploaded file (its bytes are on disk already) that no message has yet."""
    media_type = sniff(content)
    row = Attachment(
        public_id=str(uuid.uuid4()),
        channel=channel,
        kind=ALLOWED[media_type],
        media_type=media_type,
        filename=filename,
        size_bytes=len(content),
        storage_key=storage_key,
        created_at=now,
    )
    _keep_as_it_came(row, content, now=now)
    session.add(row)
    session.flush()
    return row


def attach(session: Session, message: Message, public_ids: tuple[str, ...]) -> None:
    """Give uploaded files to a message; each can be given once. Raises InvalidInput for an unknown one."""
    for public_id in public_ids:
        changed = session.execute(
            update(Attachment)
            .where(Attachment.public_id == public_id, Attachment.message_id.is_(None))
            .values(message_id=message.id)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise InvalidInput(
                f"no free attachment {public_id}", field="attachments", code="unknown_attachment"
            )


def forget_unclaimed(session: Session, *, now: datetime) -> list[str]:
    """Drop uploads that no message has named in time; return the keys of their files, for the caller to remove."""
    found = session.execute(
        delete(Attachment)
        .where(
            Attachment.message_id.is_(None),
            Attachment.created_at < now - UNCLAIMED_KEPT,
            ~exists().where(LwkPage.attachment_id == Attachment.id),  # waits for its form to be typed
        )
        .returning(*KEYS)
    )
    return [key for row in found for key in row if key is not None]


def stored_keys(session: Session) -> set[str]:
    """Return the keys of all files that a row names."""
    return {key for row in session.execute(select(*KEYS)) for key in row if key is not None}


def sniff(content: bytes) -> str:
    """Return the media type that the bytes themselves show. Raises InvalidInput when it is not allowed."""
    if not content:
        raise InvalidInput("the file is empty", field="file", code="empty_file")
    if _is_heic(content):  # puremagic 1.30 takes some of them for films
        return "image/heic"
    try:
        found = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    if not found:
        start = content[:64].lstrip().upper()
        found = next((name for sign, name in _UNKNOWN_TO_LIBRARY if start.startswith(sign)), "")
    media_type = _without_pictures(_ALIASES.get(found, found), content)
    if media_type not in ALLOWED:
        raise InvalidInput("files of this type are not taken", field="file", code="file_type")
    return media_type


def _is_heic(content: bytes) -> bool:
    """Whether it is a photo as iPhones take it: its main brand says so, or a general one with that beside it."""
    brand, others = content[4:12], content[16:64]
    return brand in (b"ftypheic", b"ftypheix") or (brand == b"ftypmif1" and b"heic" in others)


def _without_pictures(media_type: str, content: bytes) -> str:
    """Return the type of a sound for what lies in the container of a film, as phones and browsers record it.

    By the names of its tracks; whoever prepares it reads the tracks themselves.
    """
    if media_type in ("video/mp4", "video/quicktime", "video/3gpp"):
        return media_type if b"vide" in content or b"soun" not in content else "audio/mp4"
    if media_type == "video/webm":
        start = content[:65_536]
        is_film = any(codec in start for codec in (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG"))
        return media_type if is_film or b"A_" not in start else "audio/webm"
    return media_type


def empty(session: Session, which: ColumnElement[bool]) -> Sequence[str]:
    """Forget what the files were; return what lies on the disk of them."""
    files = session.execute(select(*KEYS).where(which)).all()
    session.execute(
        update(Attachment)
        .where(which)
        .values(
            reference=None, filename=None, storage_key=None, thumb_key=None, playable_key=None,
            content_digest=None, original_digest=None, transcript=None, state="failed",
            error_code=ERASED_MEANWHILE, next_attempt_at=None,
        )
    )  # fmt: skip
    return [key for row in files for key in row if key is not None]
