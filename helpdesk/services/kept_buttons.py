"""Sets of buttons that the provider keeps: which are missing, with which a message goes, and when without."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.db import one_by_one
from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import ChannelCode, Direction, OutboundMessage, Purpose
from helpdesk.domain.options import MAX_UNDER_BUTTONS, ButtonSet, button_sets
from helpdesk.models.message_templates import KeptButtons
from helpdesk.models.messages import Dispatch, Message, OutboxItem
from helpdesk.models.texts import text_book
from helpdesk.services import dispatches

ASK_AGAIN: Final = timedelta(minutes=10)
"""So long after a fault the provider is not asked again to keep a set."""
REST: Final = timedelta(hours=1)
"""So long a set is left out after a message was refused with it: one message an hour finds out."""
GONE: Final = frozenset({"20404", "21655", "63027"})
"""Twilio knows no such content: of another account, or deleted. It is looked for, and made, again."""
REFUSED: Final = GONE | {"21656", "63005", "63013", "63021", "63028", "63041"}
"""Certainly not sent, for what a Content is (Twilio error dictionary, read 2026-11): the same words may go without."""


def missing(session: Session, *, now: datetime) -> list[ButtonSet]:
    """Return the sets that our texts want and the provider is not known to keep, without those just asked for."""
    wanted = {offered.name: offered for _step, offered in button_sets(text_book(session)) if offered.options}
    rows = session.scalars(select(KeptButtons).where(KeptButtons.name.in_(wanted)))
    settled = {row.name for row in rows if row.content_id is not None or _rests(row, now)}
    return [offered for name, offered in wanted.items() if name not in settled]


def keep(session: Session, name: str, content_id: str, *, now: datetime) -> None:
    """The provider keeps the set by this id."""
    row = _row(session, name, now=now)
    if row.content_id == content_id:
        return
    row.content_id, row.error_code, row.changed_at = content_id, None, now
    row.rests_until = None


def note_fault(session: Session, names: Collection[str], code: str, *, now: datetime) -> None:
    """The provider could not be asked, or would not keep them: messages go without, it is asked again later."""
    for name in sorted(names):
        row = _row(session, name, now=now)
        if row.content_id is None:
            row.error_code, row.rests_until, row.changed_at = code, now + ASK_AGAIN, now


def put_under(
    session: Session, item: OutboxItem, outbound: OutboundMessage, *, language: str, now: datetime
) -> OutboundMessage:
    """Return the message with the provider's id of its buttons; without, where it cannot carry them."""
    item.buttons_id = None
    fits = len(outbound.text) <= MAX_UNDER_BUTTONS and outbound.text.strip()
    if outbound.channel != ChannelCode.WHATSAPP or not outbound.options or item.is_plain or not fits:
        return outbound
    offered = ButtonSet(language, outbound.options, outbound.list_title)
    row = session.scalar(select(KeptButtons).where(KeptButtons.name == offered.name))
    if row is None or row.content_id is None or _rests(row, now):
        return outbound
    item.buttons_id = row.id
    return replace(outbound, buttons_id=row.content_id)


def are_refused(item: OutboxItem, code: str | None) -> bool:
    """Whether its buttons are why the message was not sent."""
    return item.buttons_id is not None and code in REFUSED


def is_passed(session: Session, message: Message) -> bool:
    """Whether the talk went on without a question of ours that was lost: asked again now it would confuse her."""
    later = select(Message.id).where(
        Message.ticket_id == message.ticket_id, Message.direction == Direction.IN, Message.id > message.id
    )
    return message.purpose == Purpose.CHAT and session.scalar(later.limit(1)) is not None


def leave_out(session: Session, item: OutboxItem, *, code: str, now: datetime) -> None:
    """Let the set rest with which a message was refused."""
    row = session.get_one(KeptButtons, item.buttons_id, with_for_update={"key_share": True})
    row.error_code, row.rests_until, row.changed_at = code, now + REST, now
    if code in GONE:
        row.content_id, row.rests_until = None, None


def go_plain(
    session: Session, item: OutboxItem, message: Message, part: Dispatch | None, *, code: str, now: datetime
) -> None:
    """Queue a message whose buttons are refused once more, without them. Its ticket and the item are locked."""
    leave_out(session, item, code=code, now=now)
    item.buttons_id, item.is_plain = None, True
    item.status = message.delivery = DeliveryStatus.QUEUED
    item.attempts, item.next_attempt_at, item.last_error = 0, now, None
    message.error_code = None
    if part is not None:
        part.status = DeliveryStatus.FAILED
        session.flush()
    parts = dispatches.parts_of(session, message)
    dispatches.try_again(parts)
    if not parts or parts[0].external_digest is None:
        message.external_id = message.external_digest = None
    session.flush()


def _rests(row: KeptButtons, now: datetime) -> bool:
    return row.rests_until is not None and row.rests_until > now


def _row(session: Session, name: str, *, now: datetime) -> KeptButtons:
    """Return the locked row of a set, made where there is none."""
    one_by_one(session, name.encode()[-8:])
    found = session.scalar(
        select(KeptButtons).where(KeptButtons.name == name).with_for_update(key_share=True)
    )
    if found is None:
        found = KeptButtons(name=name, changed_at=now)
        session.add(found)
        session.flush()
    return found
