"""Webhooks: accept() verifies and stores one, process() turns it into tickets and delivery reports."""

import logging
import os
import re
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from helpdesk.channels.base import CanAcknowledge, CanShakeHands
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.errors import CannotParse, HelpdeskError, InvalidSignature, NotFound
from helpdesk.domain.messages import ChannelCode, ChannelItem, DeliveryReport, InboundMessage, WebhookRequest
from helpdesk.domain.setbacks import Setback
from helpdesk.runtime import DATABASE_AWAY, Runtime
from helpdesk.services import channel_alarms, delivery, intake, reconciling, webhooks

logger = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
REFUSALS_NOTED_EVERY = timedelta(minutes=1)
MAX_FIELDS = 2000
"""Twilio sends some thirty; this is read before anybody has shown to be the provider."""
MAX_REASON = 120
_QUOTED = re.compile(r"(?P<quote>['\"]).*(?P=quote)|\d{3,}", re.DOTALL)


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
    now = rt.now()
    try:
        channel.verify(request)
    except InvalidSignature:
        _note_refusal(rt, ChannelCode(channel.code), now)
        raise
    envelope = channel.envelope(request)
    return rt.write(lambda session: webhooks.store(session, request, envelope, now=now)).event_id


def handshake(rt: Runtime, channel_code: str, query: Mapping[str, str]) -> str:
    """Answer a provider that asks for its webhook before it uses it. Raises NotFound, InvalidSignature."""
    channel = rt.channels.get(channel_code)
    if not isinstance(channel, CanShakeHands):
        raise NotFound(f"channel {channel_code} has no handshake")
    return channel.handshake(query)


def _note_refusal(rt: Runtime, channel: ChannelCode, now: datetime) -> None:
    """Keep that a wrongly signed request came: many of them and no right one mean a wrong token or PUBLIC_URL.

    Once a minute at most, however many a stranger sends.
    """
    noted_at = rt.read(lambda session: channel_alarms.signature_noted_at(session, channel))
    if noted_at is None or now - noted_at >= REFUSALS_NOTED_EVERY:
        rt.write(
            lambda session: channel_alarms.note(
                session, channel, ChannelFault.SIGNATURE, code="signature", now=now
            )
        )


class Outcome(StrEnum):
    """What became of an event that was to be processed."""

    PROCESSED = "processed"
    WAITS = "waits"  # for an earlier one of the same sender
    FAILED = "failed"  # and will be tried again
    QUARANTINED = "quarantined"  # until a person has looked


def process(rt: Runtime, event_id: int, *, is_counted: bool = False) -> Outcome:
    """Turn a stored webhook into what it says, once, and then what waited for it; never raises.

    A failure is noted and tried again later; then the event waits for a person, and its sender's later ones go on.
    """
    outcome = latest = _attempt(rt, event_id, is_counted=is_counted)
    while latest in (Outcome.PROCESSED, Outcome.QUARANTINED):
        following = _next_of_sender(rt, event_id)
        if following is None:
            break
        event_id = following
        latest = _attempt(rt, event_id)
    return outcome


def process_due(rt: Runtime, *, limit: int = 100) -> int:
    """Process what waits: left behind by a crash, or due for another try. Returns how many succeeded."""
    done = 0
    while ids := rt.read(lambda session: webhooks.due_ids(session, now=rt.now(), limit=limit)):
        for event_id in ids:
            if rt.write(partial(webhooks.begin, event_id=event_id, now=rt.now())):
                done += process(rt, event_id, is_counted=True) is Outcome.PROCESSED
    return done


def _next_of_sender(rt: Runtime, event_id: int) -> int | None:
    try:
        return rt.read(lambda session: webhooks.next_of_sender(session, event_id, now=rt.now()))
    except DATABASE_AWAY:  # the worker finds it
        return None


def _attempt(rt: Runtime, event_id: int, *, is_counted: bool = False) -> Outcome:
    try:
        stored = rt.read(lambda session: webhooks.load(session, event_id))
        if stored is None:
            return Outcome.PROCESSED
        channel_code, url, body, headers = stored
        request = WebhookRequest(
            channel_code, url, headers, form_fields(headers.get("content-type", ""), body), body
        )
        channel = rt.channels.get(channel_code)
        if channel is None:
            raise NotFound(f"channel {channel_code} is off")
        items = channel.parse(request)
        outcome = rt.write(lambda session: _take(session, rt, event_id, items, rt.now()))
        if outcome is Outcome.PROCESSED and isinstance(channel, CanAcknowledge):
            channel.acknowledge(items)
        return outcome
    except Exception as error:
        return _note_failure(rt, event_id, error, is_counted=is_counted)


def _note_failure(rt: Runtime, event_id: int, error: Exception, *, is_counted: bool) -> Outcome:
    failure = webhooks.Failure(_setback(error), _place(error))
    logger.log(
        logging.WARNING if failure.is_final else logging.ERROR,
        "webhook %s not processed: %s",
        event_id,
        failure.error,
        exc_info=not failure.is_final,
    )
    try:
        is_stuck = rt.write(
            lambda session: webhooks.mark_failed(
                session, event_id, failure, is_counted=is_counted, now=rt.now()
            )
        )
    except DATABASE_AWAY:
        logger.warning("webhook %s: the failure could not be noted; the worker takes it up", event_id)
        return Outcome.FAILED
    return Outcome.QUARANTINED if is_stuck else Outcome.FAILED


def _setback(error: Exception) -> Setback:
    """Return the word for what happened; the first that fits."""
    if isinstance(error, CannotParse):
        return Setback.NOT_UNDERSTOOD
    if isinstance(error, NotFound):
        return Setback.CHANNEL_OFF
    if isinstance(error, (IntegrityError, DataError, HelpdeskError)):
        return Setback.REFUSED
    return Setback.DATABASE if isinstance(error, DATABASE_AWAY) else Setback.OUR_FAULT


def _place(error: Exception) -> str:
    """Return class and place of an error. Its text may quote the person; of a parser's the quotation is cut out."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{os.sep}helpdesk{os.sep}" in frame.filename
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    said = f": {_QUOTED.sub('…', str(error))[:MAX_REASON]}" if isinstance(error, CannotParse) else ""
    return f"{type(error).__name__} ({where}){said}"


def _take(session: Session, rt: Runtime, event_id: int, items: list[ChannelItem], now: datetime) -> Outcome:
    """All items of one webhook and the mark that it is done: in one transaction, so that a crash doubles nothing."""
    event = webhooks.claim(session, event_id)
    if event is None:
        return Outcome.PROCESSED
    if webhooks.waits_for_earlier(session, event_id):
        return Outcome.WAITS
    for item in items:
        if isinstance(item, InboundMessage):
            intake.receive_message(session, item, lender=rt.lender, now=now)
        elif isinstance(item, DeliveryReport):
            if item.message_id is not None:
                reconciling.recognised(session, item, now=now)
            delivery.apply_report(session, item, now=now)
        else:
            delivery.apply_reachability(session, item)
    webhooks.mark_processed(event, now=now)
    return Outcome.PROCESSED
