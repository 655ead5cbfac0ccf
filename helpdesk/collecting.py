"""What does not come by itself: poll() asks for news, reconcile() compares the provider's list with ours and heals."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from helpdesk import inbox
from helpdesk.channels.asking import CanList, CanPoll, HasComplaints, HasStanding, Listed, Polled
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.errors import AskFailed
from helpdesk.domain.messages import ChannelCode, Envelope, WebhookRequest
from helpdesk.runtime import Runtime
from helpdesk.services import channel_alarms, watches
from helpdesk.services.watches import Lease

logger = logging.getLogger(__name__)

POLL_SECONDS = 25
POLL_LEASE = timedelta(seconds=POLL_SECONDS + 20)
"""So long nobody polls after a poller has died."""
LOOK_LEASE = timedelta(minutes=10)
ON_ITS_WAY = timedelta(minutes=2)
"""A message so young may still come by itself."""
PATIENCE = timedelta(hours=1)
"""So old a message is taken without its files, where another look before could not list them either."""
AFTER_A_FAULT = timedelta(seconds=15)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Look:
    """What came of comparing one channel with its provider."""

    listed_count: int | None = None
    """None where the provider keeps no list."""
    healed_count: int = 0
    pending_count: int | None = None
    is_webhook_set_again: bool = False
    fault: str | None = None
    """Why the provider could not be asked."""
    is_busy: bool = False
    """Another process is at it, or has just been."""
    is_polled: bool = False
    """The worker takes everything there is."""


def poll(rt: Runtime, code: str, *, owner: str, wait_seconds: int = POLL_SECONDS) -> int:
    """Ask a polled channel for news once, and take them in. Returns how many came.

    One process polls at a time. What comes is on disk before the provider is told that it may forget it.
    """
    channel = rt.channels.get(code)
    if not isinstance(channel, CanPoll) or not channel.is_polled:
        return 0
    lease = _lease(rt, code, owner, POLL_LEASE)
    if lease is None:
        return 0
    until = None
    try:
        found = _polled(channel, lease.position, wait_seconds)
        _take(rt, code, found, is_healing=False)
        rt.write(partial(watches.note_standing, channel=code, pending_count=None, now=rt.now()))
        return len(found)
    except AskFailed as failure:
        _note_fault(rt, code, failure)
        until = rt.now() + AFTER_A_FAULT
        return 0
    finally:
        rt.write(partial(watches.release, channel=code, owner=owner, until=until))


def _polled(channel: CanPoll, after: int | None, wait_seconds: int) -> Sequence[Polled]:
    try:
        return channel.poll(after, wait_seconds=wait_seconds)
    except AskFailed as failure:
        if failure.code != "webhook_set" or not isinstance(channel, HasStanding):
            raise
        channel.drop_webhook()  # left over from before the setting was changed
        return channel.poll(after, wait_seconds=wait_seconds)


def reconcile(
    rt: Runtime, code: str, *, owner: str, rest: timedelta = timedelta(), is_forced: bool = False
) -> Look | None:
    """Compare with the provider what it sent and what we have, and heal; None for a channel that cannot.

    `rest`: not so soon after the last look. `is_forced`: a person asks; what is pending is fetched at once.
    """
    channel = rt.channels.get(code)
    if channel is None or not isinstance(channel, CanList | HasStanding):
        return None
    if isinstance(channel, CanPoll) and channel.is_polled:
        return Look(is_polled=True)
    lease = _lease(rt, code, owner, LOOK_LEASE, rest)
    if lease is None:
        return Look(is_busy=True)
    try:
        if isinstance(channel, CanList):
            return _compare(rt, code, channel, lease)
        return _look_after_webhook(rt, code, channel, lease, is_forced=is_forced)
    except AskFailed as failure:
        _note_fault(rt, code, failure)
        return Look(fault=failure.code)
    finally:
        rt.write(partial(watches.release, channel=code, owner=owner))


def _compare(rt: Runtime, code: str, channel: CanList, lease: Lease) -> Look:
    """Heal what the provider's list has and we have not, in the order in which it was said."""
    started, listed_count, missing = rt.now(), 0, list[Listed]()
    listing = channel.list_received(lease.since)
    while batch := list(islice(listing, BATCH)):
        listed_count += len(batch)
        ids = [each.message_id for each in batch]
        unknown = rt.read(partial(watches.unknown_ids, channel=code, message_ids=ids))
        missing += [
            each for each in batch if each.message_id in unknown and each.sent_at <= started - ON_ITS_WAY
        ]
    healed_count, fault = 0, None
    for each in sorted(missing, key=lambda one: one.sent_at):
        try:
            request = _request(each, is_late=lease.had_fault and each.sent_at <= started - PATIENCE)
        except AskFailed as failure:  # the next look comes back for this one
            fault = failure
            continue
        envelope = _envelope(rt, request)
        stored = rt.write(partial(watches.heal, request=request, envelope=envelope, now=rt.now()))
        healed_count += not stored.is_repeat
        inbox.process(rt, stored.event_id)
    if healed_count:
        logger.warning(
            "%s: %s messages had not reached us and were taken from the provider", code, healed_count
        )
    _take_complaints(rt, code, channel, lease.checked_at or lease.since)
    if fault is not None:
        _note_fault(rt, code, fault)
        return Look(listed_count=listed_count, healed_count=healed_count, fault=fault.code)
    rt.write(partial(watches.note_covered, channel=code, until=started, now=rt.now()))
    return Look(listed_count=listed_count, healed_count=healed_count)


def _request(each: Listed, *, is_late: bool) -> WebhookRequest:
    """Return the webhook of a message. Her words do not wait for ever for files that the provider does not list."""
    try:
        return each.request()
    except AskFailed as failure:
        if not is_late:
            raise
        logger.warning("message %s was taken without its files: %s", each.message_id, failure.code)
        return each.without_files()


def _take_complaints(rt: Runtime, code: str, channel: object, since: datetime) -> None:
    """Keep that the provider could not reach our webhook; a token that may not ask for it costs only this."""
    if not isinstance(channel, HasComplaints):
        return
    try:
        found = channel.complaints(since)
    except AskFailed as failure:
        logger.info("%s: what failed at our webhook could not be asked for: %s", code, failure.code)
        return
    note = partial(channel_alarms.note, channel=ChannelCode(code), fault=ChannelFault.WEBHOOK)
    for each in found:
        rt.write(partial(note, code=each.code, now=rt.now()))


def _look_after_webhook(
    rt: Runtime, code: str, channel: HasStanding, lease: Lease, *, is_forced: bool
) -> Look:
    """Set the webhook again where it is lost or fails; fetch what is pending where that did not help."""
    address = f"{rt.settings.public_url}/webhooks/{code}"
    standing = channel.standing()
    has_failed = standing.error_at is not None and (
        lease.checked_at is None or standing.error_at > lease.checked_at
    )
    is_in_trouble = standing.pending_count > 0 and (has_failed or is_forced)
    healed_count, pending_count, is_set_again = 0, standing.pending_count, False
    if is_in_trouble and (lease.was_pending or is_forced) and isinstance(channel, CanPoll):
        channel.drop_webhook()  # nobody may poll beside it
        try:
            healed_count = _fetch_pending(rt, code, channel)
        finally:
            channel.set_webhook(address)
        pending_count, is_set_again = 0, True
    elif is_in_trouble or standing.address != address:
        channel.set_webhook(address)
        is_set_again = True
        logger.warning("%s: the webhook was set again", code)
    rt.write(
        lambda session: watches.note_standing(
            session,
            code,
            pending_count=pending_count,
            error=standing.error,
            error_at=standing.error_at,
            now=rt.now(),
        )
    )
    return Look(healed_count=healed_count, pending_count=pending_count, is_webhook_set_again=is_set_again)


def _fetch_pending(rt: Runtime, code: str, channel: CanPoll) -> int:
    healed_count, position = 0, None
    while found := channel.poll(position, wait_seconds=0):
        position = max(each.position for each in found)
        healed_count += _take(rt, code, found, is_healing=True)
    if healed_count:
        logger.warning("%s: %s pending updates were fetched", code, healed_count)
    return healed_count


def _take(rt: Runtime, code: str, found: Sequence[Polled], *, is_healing: bool) -> int:
    """Store what came, then process it. Returns how much of it is new."""
    if not found:
        return 0
    packed = [(each.position, each.request, _envelope(rt, each.request)) for each in found]
    if is_healing:
        named = [envelope.message_id for *_, envelope in packed if envelope.message_id]
        unknown = rt.read(partial(watches.unknown_ids, channel=code, message_ids=named))
        packed = [each for each in packed if each[2].message_id is None or each[2].message_id in unknown]
    ids = rt.write(
        partial(watches.store_polled, channel=code, found=packed, is_healing=is_healing, now=rt.now())
    )
    for event_id in ids:
        inbox.process(rt, event_id)
    return len(packed)


def _envelope(rt: Runtime, request: WebhookRequest) -> Envelope:
    return rt.channels[request.channel].envelope(request)


def _lease(
    rt: Runtime, code: str, owner: str, span: timedelta, rest: timedelta = timedelta()
) -> Lease | None:
    return rt.write(
        partial(watches.take_lease, channel=code, owner=owner, span=span, rest=rest, now=rt.now())
    )


def _note_fault(rt: Runtime, code: str, failure: AskFailed) -> None:
    logger.warning("%s: the provider could not be asked: %s", code, failure.code)
    rt.write(partial(watches.note_fault, channel=code, code=failure.code, now=rt.now()))


def stop(rt: Runtime) -> None:
    """End waiting polls, so that the process can end."""
    for channel in rt.channels.values():
        if isinstance(channel, CanPoll):
            channel.stop_polling()
