"""Keeps what leaves within the pace of each provider and of each person, over all workers."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.pacing import paces_of
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.pacing import SendPace

LONGEST_REST = timedelta(minutes=5)
"""A provider that wants less than this wants it of all messages; a longer wait is the message's own (63018)."""
_CHANNEL = 0


def is_resting(session: Session, channel: ChannelCode, *, now: datetime) -> bool:
    """Whether the provider has had enough for now. Locks the channel's row: claims of a channel go one by one."""
    return _row(session, channel, _CHANNEL, now=now).used_until > paces_of(channel).channel.latest(now)


def is_unhurried(channel: ChannelCode, *, now: datetime) -> ColumnElement[bool]:
    """Whether the person of an outbox item has not been sent too much lately."""
    hurried = (
        select(SendPace.handle_id)
        .join(Message, Message.handle_id == SendPace.handle_id)
        .where(
            SendPace.channel == channel,
            SendPace.used_until > paces_of(channel).person.latest(now),
            Message.id == OutboxItem.message_id,
        )
    )
    return ~hurried.exists()


def count(session: Session, channel: ChannelCode, handle_ids: Iterable[int], *, now: datetime) -> None:
    """Note that a message goes to each of these addresses."""
    paces, sent = paces_of(channel), Counter(handle_ids)
    for handle_id, times in sent.items():
        row = _row(session, channel, handle_id, now=now)
        row.used_until = paces.person.after(row.used_until, now, count=times)
    row = _row(session, channel, _CHANNEL, now=now)
    row.used_until = paces.channel.after(row.used_until, now, count=sent.total())
    session.flush()


def rest(session: Session, channel: ChannelCode, wait: timedelta, *, now: datetime) -> None:
    """The provider asked us to wait: nothing goes by this channel until then."""
    if wait <= LONGEST_REST:
        row = _row(session, channel, _CHANNEL, now=now)
        row.used_until = max(row.used_until, paces_of(channel).channel.latest(now + wait))


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop what limits nobody any more."""
    session.execute(delete(SendPace).where(SendPace.used_until < now - timedelta(days=1)))


def _row(session: Session, channel: ChannelCode, handle_id: int, *, now: datetime) -> SendPace:
    row = session.scalar(
        select(SendPace)
        .where(SendPace.channel == channel, SendPace.handle_id == handle_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = SendPace(channel=channel, handle_id=handle_id, used_until=now)
        session.add(row)
        session.flush()
    return row
