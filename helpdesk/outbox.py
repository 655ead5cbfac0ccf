"""Sends queued messages: no provider is called inside a transaction."""

import logging
from datetime import timedelta
from functools import partial

from helpdesk.channels.base import CanFind, CanReport
from helpdesk.channels.email_smtp import Mail
from helpdesk.domain import notice_text
from helpdesk.domain.delivery import NoticeWay, SendOutcome
from helpdesk.domain.errors import AskFailed, SendFailed
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode, OutboundMessage
from helpdesk.runtime import Runtime
from helpdesk.services import delivery, held, invitations, late_reports, notice_delivery, reconciling
from helpdesk.services.delivery import Claimed
from helpdesk.services.notice_delivery import ClaimedNotice

logger = logging.getLogger(__name__)

NOT_THERE = "20404"
"""Twilio does not know the one message, and is not away."""
PASS_LIMIT = 5
"""Messages of a channel in one pass."""


def send_due(rt: Runtime, channel: ChannelCode) -> list[bool]:
    """Send a few due messages of a channel, and return for each whether it went.

    Each is claimed right before its call: what waits behind a slow one, or one after which the process dies, is
    still queued.
    """
    outcomes: list[bool] = []
    carrier = rt.channels.get(channel)
    longest = carrier.capabilities.limit if carrier is not None else None
    window = carrier.capabilities.window if carrier is not None else None
    if window is not None:
        _hold_outside(rt, channel, window)
    claim = partial(delivery.claim_due, channel=channel, longest=longest, window=window)
    for _ in range(PASS_LIMIT):
        claimed = rt.write(lambda session: claim(session, now=rt.now()))
        if not claimed:
            break
        outcomes += [_send(rt, item) for item in claimed]
    return outcomes


def _hold_outside(rt: Runtime, channel: ChannelCode, window: timedelta) -> None:
    """Keep what may not go any more, and ask her whether she wants to read it."""
    now = rt.now()
    for outbox_id in rt.read(partial(invitations.outside_ids, channel=channel, window=window, now=now)):
        try:
            rt.write(partial(invitations.hold_due, outbox_id=outbox_id, window=window, now=now))
        except Exception:  # the channel goes on with all others
            logger.exception("outbox item %s could not be held", outbox_id)
    for handle_id in rt.read(held.answered_handles):
        try:
            rt.write(partial(held.release, handle_id=handle_id, now=now))
        except Exception:
            logger.exception("what waits for handle %s could not be released", handle_id)


def find_unknown(rt: Runtime) -> int:
    """Look at the providers for messages of unknown outcome. Returns how many were found; none is sent again."""
    count = 0
    for outbox_id in rt.read(lambda session: reconciling.due_ids(session, now=rt.now())):
        doubt = rt.write(partial(reconciling.take, outbox_id=outbox_id, now=rt.now()))
        carrier = rt.channels.get(doubt.channel) if doubt is not None else None
        if doubt is None or not isinstance(carrier, CanFind):
            continue
        try:
            copies = carrier.sent_to(doubt.address, since=doubt.since)
            count += rt.write(partial(reconciling.found, doubt=doubt, copies=copies, now=rt.now()))
        except AskFailed as error:
            logger.warning("message %s could not be looked for: %s", outbox_id, error.code)
        except Exception:
            logger.exception("looking for outbox item %s failed", outbox_id)
    return count


def ask_for_reports(rt: Runtime) -> int:
    """Ask the providers what became of messages whose report never came. Returns of how many they knew more."""
    asked = {
        ChannelCode(code): carrier for code, carrier in rt.channels.items() if isinstance(carrier, CanReport)
    }
    count, away = 0, set[ChannelCode]()
    for outbox_id in rt.read(lambda session: late_reports.due_ids(session, asked.keys(), now=rt.now())):
        silent = rt.write(partial(late_reports.take, outbox_id=outbox_id, now=rt.now()))
        if silent is None or silent.channel in away:
            continue
        for external_id in silent.external_ids:
            try:
                report = asked[silent.channel].report_on(external_id)
                count += rt.write(partial(late_reports.heard, report=report, now=rt.now()))
            except AskFailed as error:
                logger.warning("what became of outbox item %s is not known: %s", outbox_id, error.code)
                if error.code != NOT_THERE:
                    away.add(silent.channel)
            except Exception:
                logger.exception("asking for the report of outbox item %s failed", outbox_id)
    if count:
        logger.warning("%s delivery reports had not reached us and were asked for", count)
    return count


def send_all(rt: Runtime) -> int:
    """Send what is due, one channel after another, also those that are off. Returns how many were sent."""
    sent = 0
    for channel in sorted(CHAT_CHANNELS):
        while outcomes := send_due(rt, channel):
            sent += sum(outcomes)
    return sent + sum(send_notices(rt, way) for way in NoticeWay)


def send_notices(rt: Runtime, way: NoticeWay, *, limit: int = 200) -> int:
    """Send due notices to staff one of the ways, each claimed right before its call. Returns how many went."""
    sent = 0
    for _ in range(limit):
        claimed = rt.write(lambda session: notice_delivery.claim_next(session, way, now=rt.now()))
        if claimed is None:
            break
        try:
            sent += _tell(rt, claimed)
        except Exception:  # the database was away: this one ends as of unknown outcome, the next may go
            logger.exception("the outcome of notice %s was not recorded", claimed.delivery_id)
    return sent


def status_callback(rt: Runtime, channel: str) -> str:
    """Public address at which this channel's delivery reports arrive."""
    return f"{rt.settings.public_url}/webhooks/{channel}"


def _tell(rt: Runtime, item: ClaimedNotice) -> bool:
    try:
        _hand_over(rt, item)
    except SendFailed as error:
        failure = error
    except Exception:  # an adapter's bug must not leave it in `sending`; it may have been sent
        logger.exception("sending notice %s failed", item.delivery_id)
        failure = SendFailed("internal_error", outcome=SendOutcome.UNKNOWN)
    else:
        rt.write(lambda session: notice_delivery.record_sent(session, item.delivery_id, now=rt.now()))
        return True
    wait = timedelta(seconds=failure.retry_after) if failure.retry_after else None
    status = rt.write(
        lambda session: notice_delivery.record_failure(
            session,
            item.delivery_id,
            code=failure.code,
            outcome=failure.outcome,
            retry_after=wait,
            now=rt.now(),
        )
    )
    logger.warning("notice %s by %s not sent: %s, %s", item.delivery_id, item.via, failure.code, status)
    return False


def _hand_over(rt: Runtime, item: ClaimedNotice) -> None:
    """Hand a notice to the mail server or the provider. Raises SendFailed."""
    brand, link = rt.settings.brand, f"{rt.settings.public_url}/notices"
    notice_id = f"notice-{item.delivery_id}"
    if item.via is NoticeWay.EMAIL:
        if rt.mailer is None:
            raise SendFailed("channel_off", outcome=SendOutcome.REJECTED)
        subject = notice_text.subject_line(item.facts, brand=brand)
        text = notice_text.long_text(item.facts, brand=brand, link=link)
        rt.mailer.send(Mail(notice_id, item.address, subject, text, rt.now()))
        return
    code = ChannelCode(item.via)
    channel = rt.channels.get(code)
    if channel is None:
        raise SendFailed("channel_off", outcome=SendOutcome.REJECTED)
    text = notice_text.short_text(item.facts, code, brand=brand, link=link)
    channel.send(OutboundMessage(notice_id, code, item.address, text))


def _send(rt: Runtime, item: Claimed) -> bool:
    try:
        return _call(rt, item)
    except Exception:  # the database was away: this one ends as of unknown outcome, the next may go
        logger.exception("the outcome of message %s was not recorded", item.message.message_id)
        return False


def _call(rt: Runtime, item: Claimed) -> bool:
    channel = rt.channels.get(item.message.channel)
    try:
        if channel is None or item.message.channel not in CHAT_CHANNELS:
            raise SendFailed("channel_off", outcome=SendOutcome.REJECTED)
        message = item.message.with_callback(status_callback(rt, item.message.channel))
        external_id = channel.send(message)
    except SendFailed as error:
        _record_failure(rt, item, error)
        return False
    except Exception:  # an adapter's bug must not leave the message in `sending`; it may have been sent
        logger.exception("sending message %s failed", item.message.message_id)
        _record_failure(rt, item, SendFailed("internal_error", outcome=SendOutcome.UNKNOWN))
        return False
    rt.write(
        lambda session: delivery.record_sent(session, item.outbox_id, external_id=external_id, now=rt.now())
    )
    return True


def _record_failure(rt: Runtime, item: Claimed, error: SendFailed) -> None:
    logger.warning("message %s not sent: %s %s", item.message.message_id, error.code, error.outcome)
    wait = timedelta(seconds=error.retry_after) if error.retry_after else None
    rt.write(
        lambda session: delivery.record_failure(
            session,
            item.outbox_id,
            code=error.code,
            outcome=error.outcome,
            retry_after=wait,
            fault=error.fault,
            now=rt.now(),
        )
    )
