"""Brings the files of messages from their providers and prepares them: neither happens inside a transaction."""

import logging

from helpdesk.channels.base import CanFetch
from helpdesk.domain.errors import FetchFailed, InvalidInput, NotFound, Unusable
from helpdesk.domain.messages import ChannelCode, FetchedFile
from helpdesk.media import workshop
from helpdesk.media.made import Made
from helpdesk.runtime import Runtime
from helpdesk.services import attachments, preparing
from helpdesk.services.attachments import ToFetch
from helpdesk.services.preparing import Copies, ToPrepare

logger = logging.getLogger(__name__)


def fetch_due(rt: Runtime, channel: ChannelCode, *, limit: int = 3) -> int:
    """Fetch files that still lie with a channel's provider, each claimed in its turn. Returns how many were stored."""
    stored = 0
    for _ in range(limit):
        item = rt.write(lambda session: attachments.claim_next(session, channel, now=rt.now()))
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
                session,
                item.attachment_id,
                content=file.content,
                storage_key=key,
                media_type=media_type,
                now=rt.now(),
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


_MAY_PASS = frozenset({"took_too_long", "crashed"})
"""Reasons that may be the machine's and not the file's."""


def prepare_due(rt: Runtime, *, limit: int = 3) -> int:
    """Clean what came and make its copies, each file claimed in its turn. Returns how many are ready."""
    ready = 0
    for _ in range(limit):
        item = rt.write(lambda session: preparing.claim_next(session, now=rt.now()))
        if item is None:
            break
        ready += _prepare(rt, item)
    return ready


def _prepare(rt: Runtime, item: ToPrepare) -> bool:
    try:
        made = _made(rt, item)
    except Unusable as error:
        _give_up(rt, item, error.code)
        return False
    except NotFound:
        _give_up(rt, item, "file_lost")
        return False
    except Exception:  # the disk, or a file under another key: nothing is given up, and the next may be made
        logger.exception("preparing attachment %s failed", item.attachment_id)
        return False
    keys, copies = _stored(rt, made)
    obsolete = rt.write(lambda session: preparing.record_prepared(session, item, copies, now=rt.now()))
    for key in keys if obsolete is None else obsolete:
        rt.storage.delete(key)
    return obsolete is not None


def _made(rt: Runtime, item: ToPrepare) -> Made:
    if not attachments.needs_preparing(item.media_type):  # kept by an older release
        return Made()
    return workshop.make(rt.storage.get(item.storage_key), item.media_type)


def _stored(rt: Runtime, made: Made) -> tuple[list[str], Copies]:
    keys = {
        name: rt.storage.put(content)
        for name, content in (("content", made.content), ("thumb", made.thumb), ("playable", made.playable))
        if content is not None
    }
    copies = Copies(
        media_type=made.media_type,
        content=made.content,
        content_key=keys.get("content"),
        thumb_key=keys.get("thumb"),
        playable_key=keys.get("playable"),
        duration_seconds=made.duration_seconds,
    )
    return list(keys.values()), copies


def _give_up(rt: Runtime, item: ToPrepare, code: str) -> None:
    """Keep the reason. What was ended from outside is tried a few times."""
    if code in _MAY_PASS and not item.is_last_try:
        rt.write(lambda session: preparing.try_later(session, item, code, now=rt.now()))
        return
    logger.warning("nothing can be made of attachment %s: %s", item.attachment_id, code)
    for key in rt.write(lambda session: preparing.record_unusable(session, item, code, now=rt.now())):
        rt.storage.delete(key)


def sheets_of(content: bytes) -> tuple[bytes, ...]:
    """Return the pictures of an uploaded scan: the pages of a PDF, or a clean copy of one photo.

    Made at once by the child process, for the person who waits. Raises InvalidInput (`file_type`, `broken` …).
    """
    media_type = attachments.sniff(content)
    if media_type != "application/pdf" and not media_type.startswith("image/"):
        raise InvalidInput("neither a PDF nor a picture", field="scans", code="file_type")
    try:
        made = workshop.make(content, media_type)
    except Unusable as error:
        raise InvalidInput(f"the scan cannot be used: {error.code}", field="scans", code=error.code) from None
    return made.pages or ((made.content or content),)
