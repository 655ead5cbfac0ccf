"""The parts of a message that is too long for its channel: each is sent once, together they have one state."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus, combined
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.outreach import plain
from helpdesk.domain.segments import TextLimit, numbered, split
from helpdesk.models.messages import Dispatch, Message


def parts_of(session: Session, message: Message) -> Sequence[Dispatch]:
    """Return the parts in their order; none for a message that goes in one."""
    return session.scalars(
        select(Dispatch)
        .where(Dispatch.message_id == message.id)
        .order_by(Dispatch.part)
        .execution_options(populate_existing=True)
    ).all()


def next_part(
    session: Session, message: Message, limit: TextLimit | None, *, is_moved: bool = False
) -> tuple[str, bool]:
    """Return what of the message goes now, and whether it is the last of it; marks the part as under way.

    `is_moved`: it was written for another channel, and goes without the signs that this one has not.
    """
    if is_moved and message.channel == ChannelCode.SMS:
        return plain(message.body), True
    parts = parts_of(session, message)
    if not parts and limit is not None and limit.length(message.body) > limit.size:
        parts = _cut(session, message, limit)
    waiting = [part for part in parts if part.status == DeliveryStatus.QUEUED]
    if not waiting:
        return message.body, True
    waiting[0].status = DeliveryStatus.SENDING
    text = message.body[waiting[0].starts : waiting[0].ends]
    return numbered(text, waiting[0].part, len(parts)), len(waiting) == 1


def text_in_doubt(session: Session, message: Message, *, is_moved: bool) -> str:
    """Return the words of which nobody knows whether they went."""
    if is_moved and message.channel == ChannelCode.SMS:
        return plain(message.body)
    parts = parts_of(session, message)
    for part in parts:
        if part.status == DeliveryStatus.FAILED:
            return numbered(message.body[part.starts : part.ends], part.part, len(parts))
    return message.body


def _cut(session: Session, message: Message, limit: TextLimit) -> list[Dispatch]:
    parts = [
        Dispatch(
            message_id=message.id,
            part=place,
            starts=starts,
            ends=ends,
            status=DeliveryStatus.QUEUED,
        )
        for place, (starts, ends) in enumerate(split(message.body, limit), start=1)
    ]
    session.add_all(parts)
    session.flush()
    return parts


def under_way(parts: Sequence[Dispatch]) -> Dispatch | None:
    """Return the part that a sender has claimed."""
    return next((part for part in parts if part.status == DeliveryStatus.SENDING), None)


def delivery_of(parts: Sequence[Dispatch]) -> DeliveryStatus:
    """Return the one state of a message in parts."""
    return combined([part.status for part in parts])


def sending_of(parts: Sequence[Dispatch]) -> DeliveryStatus:
    """Return how the sending of the whole stands; a lost part keeps back those that would follow it."""
    states = {part.status for part in parts}
    if DeliveryStatus.FAILED in states:
        return DeliveryStatus.FAILED
    return DeliveryStatus.QUEUED if DeliveryStatus.QUEUED in states else DeliveryStatus.SENT


def by_digest(session: Session, digest: bytes) -> Dispatch | None:
    """Return the part that the provider knows by this id."""
    return session.scalar(select(Dispatch).where(Dispatch.external_digest == digest))


def try_again(parts: Sequence[Dispatch]) -> None:
    """Let only those parts go once more that failed; what arrived does not come twice."""
    for part in parts:
        if part.status == DeliveryStatus.FAILED:
            part.status, part.error_code = DeliveryStatus.QUEUED, None
            part.external_id = part.external_digest = None


def end(parts: Sequence[Dispatch]) -> None:
    """Let no part go any more that has not gone."""
    for part in parts:
        if part.status in (DeliveryStatus.QUEUED, DeliveryStatus.SENDING):
            part.status = DeliveryStatus.FAILED
