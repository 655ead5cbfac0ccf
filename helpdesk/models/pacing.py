"""How much of a channel's and of a person's pace is used up."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, BigId, one_of
from helpdesk.domain.messages import ChannelCode


class SendPace(Base):
    """One instant for a channel, and one for each address that was written to lately."""

    __tablename__ = "send_paces"

    channel: Mapped[ChannelCode] = mapped_column(one_of(ChannelCode, "channel"), primary_key=True)
    handle_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    """0 for the channel itself."""
    used_until: Mapped[datetime]
