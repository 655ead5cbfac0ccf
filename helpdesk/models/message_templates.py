"""What providers keep of ours and send by its id: templates, and sets of buttons."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, one_of
from helpdesk.domain.message_templates import TemplateState


class MessageTemplate(Base):
    """One language of a standing text as the provider keeps it; kept when it is no longer used."""

    __tablename__ = "message_templates"
    __table_args__ = (UniqueConstraint("content_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    """The standing text that it stands for (T22)."""
    language: Mapped[str]
    name: Mapped[str]
    """What people call it."""
    content_id: Mapped[str]
    variables: Mapped[list[str]] = mapped_column(JSON)
    """Names of what fills {{1}}, {{2}} …"""
    state: Mapped[TemplateState] = mapped_column(one_of(TemplateState, "state"))
    changed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(default="", server_default="")
    """Who entered it, or last said that it is approved."""
    confirmed_by: Mapped[str | None]
    """The second person, without whom it is not sent."""
    confirmed_at: Mapped[datetime | None]
    body: Mapped[str | None]
    """Its text as the provider has it."""
    read_at: Mapped[datetime | None]
    """When the provider was last asked."""
    read_error: Mapped[str | None]
    """Why it could not be asked."""


class KeptButtons(Base):
    """A set of buttons that the provider keeps, or why it does not; rows of sets no longer offered stay."""

    __tablename__ = "kept_buttons"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    """ButtonSet.name: a digest of what may be pressed."""
    content_id: Mapped[str | None]
    """Twilio's Content SID; None where it is not kept."""
    error_code: Mapped[str | None]
    """What the provider said against it last."""
    rests_until: Mapped[datetime | None]
    """Until then messages go without it, and it is not asked for again."""
    changed_at: Mapped[datetime]
