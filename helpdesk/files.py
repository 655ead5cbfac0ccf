"""Brings the files of messages from their providers: none is called inside a transaction."""

import logging

from helpdesk.channels.base import CanFetch
from helpdesk.domain.errors import FetchFailed, InvalidInput
from helpdesk.domain.messages import FetchedFile
from helpdesk.runtime import Runtime
from helpdesk.services import attachments
from helpdesk.services.attachments import ToFetch

logger = logging.getLogger(__name__)


def fetch_due(rt: Runtime, *, limit: int = 10) -> int:
    """Fetch files that still lie with providers, each claimed in its turn. Returns how many were stored."""
    stored = 0
    for _ in range(limit):
        item = rt.write(lambda session: attachments.claim_next(session, now=rt.now()))
        if item is None:
            break
        stored += _fetch(rt, item)
    return stored


def _fetch(rt: Runtime, item: ToFetch) -> bool:
    try:
        file = _fetched(rt, item)
        media_type = attachments.sniff(file.content)
        key = rt.storage.put(file.content)
    except FetchFailed as error:
        failure = error
    except InvalidInput as error:
        failure = FetchFailed(error.code, is_final=True)
    except Exception:
        logger.exception("fetching attachment %s failed", item.attachment_id)
        failure = FetchFailed("internal_error", is_final=False)
    else:
        is_ours = rt.write(
            lambda session: attachments.record_fetched(
                session, item.attachment_id, content=file.content, storage_key=key, media_type=media_type
            )
        )
        if not is_ours:
            rt.storage.delete(key)
        return is_ours
    rt.write(
        lambda session: attachments.record_failed(
            session,
            item.attachment_id,
            code=failure.code,
            is_final=failure.is_final,
            size_bytes=failure.size_bytes,
            now=rt.now(),
        )
    )
    return False


def _fetched(rt: Runtime, item: ToFetch) -> FetchedFile:
    channel = rt.channels.get(item.channel)
    if not isinstance(channel, CanFetch):
        raise FetchFailed("channel_off", is_final=False)
    return channel.fetch(item.ref)
