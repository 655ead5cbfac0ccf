"""What is wrong with channels themselves, as their providers told us."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, one_of
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.messages import ChannelCode


class ChannelAlarm(Base):
    """One fault of one channel, kept when it is over: the next time it begins anew."""

    __tablename__ = "channel_alarms"
    __table_args__ = (UniqueConstraint("channel", "fault"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"))
    fault: Mapped[ChannelFault] = mapped_column(one_of(ChannelFault, "fault"))
    code: Mapped[str]
    """The provider's, of the last time."""
    since_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    """How often it was met since then."""
    cleared_at: Mapped[datetime | None]
