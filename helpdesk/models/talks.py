"""Talks: complaints that a person told staff by phone or face to face, with what has to be kept of each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.talks import NoRecording, Speaker

_UNRECORDED = text("is_recording_due AND recorded_at IS NULL AND no_recording IS NULL")
_UNREAD = text("read_back_at IS NULL")


class Talk(Base):
    """One call or visit: the message that staff wrote down, and what has to be known of it besides its words."""

    __tablename__ = "talks"
    __table_args__ = (
        CheckConstraint("recorded_at IS NULL OR no_recording IS NULL", name="recorded_or_not"),
        Index("ix_talks_unrecorded", "message_id", sqlite_where=_UNRECORDED, postgresql_where=_UNRECORDED),
        Index("ix_talks_unread", "message_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), primary_key=True)
    newest_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    """Her words as corrected after they were read to her; at first the message itself."""
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The member of staff who heard it; None for a program."""
    speaker: Mapped[Speaker] = mapped_column(one_of(Speaker, "speaker"))
    speaker_name: Mapped[str | None] = mapped_column(EncryptedText)
    """Of one who is not the Mitra herself."""
    is_phone_shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    safe_hour: Mapped[str | None] = mapped_column(EncryptedText)
    """When she may be called without harm, in her words (design.md T20)."""
    is_recording_due: Mapped[bool]
    """A call: the whole of it has to be recorded. A visit need not be."""
    recorded_at: Mapped[datetime | None]
    no_recording: Mapped[NoRecording | None] = mapped_column(one_of(NoRecording, "no_recording"))
    read_back_at: Mapped[datetime | None]
    """When she heard her words and said that they are right."""
