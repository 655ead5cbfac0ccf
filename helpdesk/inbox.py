"""Webhooks: accept() verifies and stores one, process() turns it into tickets and delivery reports."""

import logging
from datetime import datetime
from urllib.parse import parse_qsl

from sqlalchemy.orm import Session

from helpdesk.channels.base import CanAcknowledge
from helpdesk.domain.errors import CannotParse, NotFound
from helpdesk.domain.messages import ChannelItem, DeliveryReport, InboundMessage, WebhookRequest
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, intake, webhooks

logger = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 2000
"""Twilio sends some thirty; this is read before anybody has shown to be the provider."""


def form_fields(content_type: str, body: bytes) -> tuple[tuple[str, str], ...]:
    """Return every form field in order with its repeats; empty for anything that is not a form, or is too long a one.

    A body without fields has no valid signature: channels refuse it.
    """
    if content_type.split(";")[0].strip().lower() != FORM:
        return ()
    try:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return ()
    return tuple(fields)


def accept(rt: Runtime, request: WebhookRequest) -> int:
    """Verify and store a webhook; when this returns it is on disk. Raises NotFound, InvalidSignature."""
    channel = rt.channels.get(request.channel)
    if channel is None:
        raise NotFound(f"channel {request.channel} is off")
    channel.verify(request)
    now = rt.now()
    return rt.write(lambda session: webhooks.store(session, request, now=now)).event_id


def process(rt: Runtime, event_id: int) -> bool:
    """Turn a stored webhook into what it says, once. A failure is noted and tried again later; never raises."""
    try:
        stored = rt.read(lambda session: webhooks.load(session, event_id))
        if stored is None:
            return True
        channel_code, url, body, headers = stored
        request = WebhookRequest(
            channel_code, url, headers, form_fields(headers.get("content-type", ""), body), body
        )
        channel = rt.channels.get(channel_code)
        if channel is None:
            raise NotFound(f"channel {channel_code} is off")
        items = channel.parse(request)
        rt.write(lambda session: _take(session, rt, event_id, items, rt.now()))
        if isinstance(channel, CanAcknowledge):
            channel.acknowledge(items)
        return True
    except Exception as error:
        is_final = isinstance(error, CannotParse)
        logger.log(
            logging.WARNING if is_final else logging.ERROR,
            "webhook %s not processed: %s",
            event_id,
            type(error).__name__,
            exc_info=not is_final,
        )
        name = type(error).__name__
        rt.write(
            lambda session: webhooks.mark_failed(
                session, event_id, error=name, is_final=is_final, now=rt.now()
            )
        )
        return False


def process_due(rt: Runtime, *, limit: int = 100) -> int:
    """Process what waits: left behind by a crash, or due for another try. Returns how many succeeded."""
    ids = rt.read(lambda session: webhooks.due_ids(session, now=rt.now(), limit=limit))
    return sum(process(rt, event_id) for event_id in ids)


def _take(session: Session, rt: Runtime, event_id: int, items: list[ChannelItem], now: datetime) -> None:
    """All items of one webhook and the mark that it is done: in one transaction, so that a crash doubles nothing."""
    event = webhooks.claim(session, event_id)
    if event is None:
        return
    for item in items:
        if isinstance(item, InboundMessage):
            intake.receive_message(session, item, lender=rt.lender, now=now)
        elif isinstance(item, DeliveryReport):
            delivery.apply_report(session, item, now=now)
        else:
            delivery.apply_reachability(session, item)
    webhooks.mark_processed(event, now=now)
