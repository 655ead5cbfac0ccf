"""Which channels cannot do what they should, as their providers told us."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.channel_faults import LASTS, STOPPING, ChannelFault, is_alarming
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.channels import ChannelAlarm


@dataclass(frozen=True, slots=True)
class Alarm:
    """One fault of one channel that lasts."""

    channel: ChannelCode
    fault: ChannelFault
    code: str
    since_at: datetime
    last_at: datetime
    times: int

    @property
    def is_stopped(self) -> bool:
        """Nothing goes out by the channel."""
        return self.fault in STOPPING


def alarms(session: Session, *, now: datetime) -> list[Alarm]:
    """Return what must be shown, what stops a channel first."""
    rows = session.scalars(select(ChannelAlarm).where(ChannelAlarm.cleared_at.is_(None)))
    found = [
        Alarm(row.channel, row.fault, row.code, row.since_at, row.last_at, row.times)
        for row in rows
        if is_alarming(row.fault, row.times) and (row.fault in STOPPING or now - row.last_at <= LASTS)
    ]
    return sorted(found, key=lambda alarm: (not alarm.is_stopped, alarm.since_at))
