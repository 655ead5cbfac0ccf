"""What the lender says instead of the shipped texts: editions of each step, and the book of those in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.db import Base
from helpdesk.domain.text_document import from_document
from helpdesk.domain.wording import SHIPPED, StepTexts, TextBook, steps

_IS_DRAFT = text("version IS NULL AND discarded_at IS NULL")


class TextEdition(Base):
    """The texts of one step: a draft until a second person publishes or discards it; kept for ever."""

    __tablename__ = "text_editions"
    __table_args__ = (
        UniqueConstraint("step", "version"),
        Index(
            "uq_text_editions_draft", "step", unique=True, sqlite_where=_IS_DRAFT, postgresql_where=_IS_DRAFT
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    version: Mapped[int | None]
    """Number of a published edition, from 1 for each step; the newest one is in force."""
    own: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By form and language, the texts that differ from the shipped ones; empty: all as shipped."""
    shipped: Mapped[dict[str, Any]] = mapped_column(JSON)
    """All shipped texts of the step as they were then: a release may change them."""
    note: Mapped[str]
    """What the author says it changes, and why."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: published on the server from a file, as an earlier release let."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """When the author asked for the second person."""
    published_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who published, sent back or discarded it."""
    sent_back_reason: Mapped[str | None]


def text_book(session: Session, *named: str) -> TextBook:
    """Return the texts in force, of the named steps or of all; in one statement, so that none is ever stale.

    What a release no longer says is passed over.
    """
    # Columns, not rows of the identity map: this runs for every text that is said.
    found = select(TextEdition.step, TextEdition.own).where(TextEdition.version.is_not(None))
    if named:
        found = found.where(TextEdition.step.in_(named))
    own: dict[str, StepTexts] = {}
    for step, document in session.execute(found.order_by(TextEdition.step, TextEdition.version)):
        own[step] = from_document(document)
    return TextBook({step: texts for step, texts in own.items() if texts and step in steps()})


def editions_of(session: Session, step: str) -> list[TextBook]:
    """Return what was ever in force for a step, the newest first; as shipped where nothing was published.

    Who answers a menu may have read it before it was changed.
    """
    found = session.scalars(
        select(TextEdition.own)
        .where(TextEdition.step == step, TextEdition.version.is_not(None))
        .order_by(TextEdition.version.desc())
    )
    return [TextBook({step: from_document(own)}) for own in found] or [SHIPPED]
