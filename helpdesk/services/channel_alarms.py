"""Keeps what is wrong with a channel itself, stops one by which nothing can go, and forgets what is over."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.domain.channel_faults import LASTS, PROBE_AFTER, STOPPING, ChannelFault
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.channels import ChannelAlarm


def note(session: Session, channel: ChannelCode, fault: ChannelFault, *, code: str, now: datetime) -> None:
    """Keep that a fault was met; what was over, or forgotten, begins anew."""
    row = session.scalar(
        select(ChannelAlarm)
        .where(ChannelAlarm.channel == channel, ChannelAlarm.fault == fault)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = ChannelAlarm(channel=channel, fault=fault, code=code, since_at=now, last_at=now, times=0)
        session.add(row)
    elif row.cleared_at is not None or now - row.last_at > LASTS:
        row.since_at, row.times, row.cleared_at = now, 0, None
    row.code, row.last_at = code, now
    row.times += 1
    session.flush()


def clear(
    session: Session, channel: ChannelCode, faults: AbstractSet[ChannelFault], *, now: datetime
) -> None:
    """Say that these faults of a channel are over: something went, or came, that could not have otherwise."""
    session.execute(
        update(ChannelAlarm)
        .where(
            ChannelAlarm.channel == channel,
            ChannelAlarm.fault.in_(faults),
            ChannelAlarm.cleared_at.is_(None),
        )
        .values(cleared_at=now)
        .execution_options(synchronize_session=False)
    )


def is_stopped(session: Session, channel: ChannelCode, *, now: datetime) -> bool:
    """Whether nothing can go by the channel; after a rest it is tried with one message."""
    return (
        session.scalar(
            select(ChannelAlarm.id).where(
                ChannelAlarm.channel == channel,
                ChannelAlarm.fault.in_(STOPPING),
                ChannelAlarm.cleared_at.is_(None),
                ChannelAlarm.last_at > now - PROBE_AFTER,
            )
        )
        is not None
    )


def signature_noted_at(session: Session, channel: str) -> datetime | None:
    """When a request with a wrong signature was last written down."""
    return session.scalar(
        select(ChannelAlarm.last_at).where(
            ChannelAlarm.channel == channel, ChannelAlarm.fault == ChannelFault.SIGNATURE
        )
    )
