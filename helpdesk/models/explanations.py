"""The checklist of explanations: when and to whom the way to complain was explained."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.crypto import EncryptedText
from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.explanations import Means, Tongue


class Explanation(Base):
    """One explanation to a majelis or to one Mitra; a wrong entry is voided, never changed."""

    __tablename__ = "explanations"
    __table_args__ = (
        CheckConstraint("present_count > 0", name="present_count"),
        CheckConstraint("(majelis IS NULL) <> (person IS NULL)", name="majelis_or_person"),
        Index("ix_explanations_unit_id_explained_on", "unit_id", "explained_on"),
        Index("ix_explanations_explained_on", "explained_on", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    explained_on: Mapped[date]
    majelis: Mapped[str | None] = mapped_column(EncryptedText)
    person: Mapped[str | None] = mapped_column(EncryptedText)
    """Name or Mitra id as it was typed."""
    audience_digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the majelis or the person: the same entry twice is one."""
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contacts.id"), index=True)
    """Of a person whose Mitra id is known."""
    present_count: Mapped[int]
    means: Mapped[Means] = mapped_column(one_of(Means, "means"))
    language: Mapped[Tongue] = mapped_column(one_of(Tongue, "language"))
    points: Mapped[list[str]] = mapped_column(JSON)
    explained_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
