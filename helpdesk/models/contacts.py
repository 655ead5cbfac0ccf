"""Contacts (people outside) and their handles (addresses on channels)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.messages import ChannelCode

_WAITS = text("nudge_at IS NOT NULL")


class Contact(Base):
    """A person outside, usually a Mitra. Everything personal is encrypted; digests serve look-up."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(EncryptedText)
    is_name_told: Mapped[bool] = mapped_column(default=False, server_default=false())
    """She or staff said it; otherwise it is only what her chat account calls itself."""
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    """E.164 when valid, else as typed: then it is never used for sending."""
    phone_digest: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    """Of the E.164 number. Not unique: a phone may be shared by several Mitra."""
    mitra_id: Mapped[str | None] = mapped_column(EncryptedText)
    """None also where it is an identity number: then she is found by the digest alone."""
    mitra_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    village: Mapped[str | None] = mapped_column(EncryptedText)
    majelis: Mapped[str | None] = mapped_column(EncryptedText)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    language: Mapped[str] = mapped_column(default="id")
    notice_shown_at: Mapped[datetime | None]
    """When the notice of privacy (T02) was last shown to her in chat."""
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class ContactWord(Base):
    """Keyed digest of each word of a contact's name and phone, for `q`."""

    __tablename__ = "contact_words"
    __table_args__ = (Index("ix_contact_words_contact_id", "contact_id"), {"sqlite_with_rowid": False})

    word: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )


class Handle(Base):
    """An address on one channel, kept as received so that an answer finds its way back."""

    __tablename__ = "handles"
    __table_args__ = (
        UniqueConstraint("channel", "address_digest"),
        Index("ix_handles_nudge_at", "nudge_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    address: Mapped[str] = mapped_column(EncryptedText)
    address_digest: Mapped[bytes] = mapped_column(LargeBinary)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contacts.id"), index=True)
    """The contact who spoke last from here; tickets keep their own contact."""
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody said that she is another than the one whom we took her for: several people use this phone."""
    identified_at: Mapped[datetime | None]
    """When whoever writes from here last said who she is."""
    nudge_at: Mapped[datetime | None]
    """When her silence after a question of ours is met with one more text (T19); None where nothing waits."""
    is_blocked: Mapped[bool] = mapped_column(default=False)
    opted_out_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    """Starts WhatsApp's 24-hour window."""
    created_at: Mapped[datetime]


class HandleKey(Base):
    """Typed keys that name the owner of a handle (`tel:`, `bsuid:`, `tg:`), as digests."""

    __tablename__ = "handle_keys"
    __table_args__ = (Index("ix_handle_keys_handle_id", "handle_id"),)

    key_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    handle_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("handles.id", ondelete="CASCADE"), primary_key=True
    )
