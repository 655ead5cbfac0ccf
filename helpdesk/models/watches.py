"""What each channel's provider was last asked, what came of it, and who asks it now."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base


class ChannelWatch(Base):
    """One row for each channel whose provider is asked for what did not come by itself."""

    __tablename__ = "channel_watches"

    channel: Mapped[str] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime | None]
    """When the provider last answered."""
    covered_until: Mapped[datetime | None]
    """Everything that its list has up to then is here."""
    healed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages that never reached us and were taken from its list, since the beginning."""
    healed_at: Mapped[datetime | None]
    pending_count: Mapped[int | None]
    """What waits at the provider to be delivered to us."""
    provider_error: Mapped[str | None]
    """The provider's words on its last failed delivery."""
    provider_error_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    """Code of why asking failed, since it last succeeded."""
    fault_at: Mapped[datetime | None]
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Of the last update that was polled and is on disk."""
    position_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None]
    """Who asks now: one at a time."""
    lease_until: Mapped[datetime | None]
