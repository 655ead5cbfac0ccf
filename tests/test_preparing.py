"""What came is cleaned and made playable by the worker: once, also by two at once, and never after an erasure."""

import hashlib
from datetime import timedelta

import pytest
from factories import NOW, make_message, make_ticket
from media.samples import picture, sound
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import files
from helpdesk.domain.errors import Unusable
from helpdesk.domain.messages import ChannelCode
from helpdesk.media import workshop
from helpdesk.models.messages import Attachment
from helpdesk.runtime import Runtime
from helpdesk.services import attachments, preparing

PICTURE = picture(kind="PNG") + b"and words behind it"


def uploaded(rt: Runtime, content: bytes) -> int:
    """A file has come with a message; return the row's id."""

    def come(session: Session) -> int:
        row = attachments.save_upload(
            session, content, channel=ChannelCode.WEB, filename=None, storage_key=key, now=NOW
        )
        attachments.attach(session, make_message(session, make_ticket(session)), (row.public_id,))
        return row.id

    key = rt.storage.put(content)
    return rt.write(come)


def row_of(rt: Runtime, row_id: int) -> Attachment:
    return rt.read(lambda session: session.get_one(Attachment, row_id))


def on_disk(rt: Runtime) -> set[str]:
    return {path.name for path in rt.settings.storage_dir.rglob("*") if path.is_file()}


def test_of_a_picture_the_clean_copy_and_a_small_one_are_kept(rt: Runtime) -> None:
    row_id = uploaded(rt, PICTURE)
    before = row_of(rt, row_id)
    assert files.prepare_due(rt) == 1
    row = row_of(rt, row_id)
    kept = rt.storage.get(row.storage_key or "")
    assert b"words" not in kept
    assert row.storage_key != before.storage_key
    assert (row.prepared_at, row.media_type, row.size_bytes) == (NOW, "image/png", len(kept))
    assert row.content_digest == hashlib.sha256(kept).digest()
    assert row.original_digest == hashlib.sha256(PICTURE).digest()
    assert on_disk(rt) == {row.storage_key, row.thumb_key}
    assert files.prepare_due(rt) == 0
    assert rt.read(attachments.stored_keys) == on_disk(rt)


def test_of_a_voice_the_original_is_kept_beside_what_every_browser_plays(rt: Runtime) -> None:
    said = sound("android recording")
    row_id = uploaded(rt, said)
    assert files.prepare_due(rt) == 1
    row = row_of(rt, row_id)
    assert (row.kind, row.media_type, row.duration_seconds) == ("audio", "audio/mp4", 2)
    assert rt.storage.get(row.storage_key or "") == said
    assert rt.storage.get(row.playable_key or "").startswith(b"ID3")
    assert on_disk(rt) == {row.storage_key, row.playable_key}


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        (picture()[:200], "failed", "broken"),
        (b"\xff\xd8\xff\xe1\0\x10Exif\0\0" + bytes(200), "failed", "broken"),
        (b"ID3\4\0\0\0\0\0\0" + bytes(300), "stored", "broken"),
    ],
    ids=["half a photo", "a head of a photo", "no sound"],
)
def test_what_cannot_be_opened_says_why(rt: Runtime, content: bytes, state: str, reason: str) -> None:
    row_id = uploaded(rt, content)
    assert files.prepare_due(rt) == 0
    row = row_of(rt, row_id)
    assert (row.state, row.error_code, row.prepared_at) == (state, reason, NOW)
    assert on_disk(rt) == ({row.storage_key} if state == "stored" else set())  # a sound can be downloaded
    assert files.prepare_due(rt) == 0


@pytest.mark.parametrize("content", [PICTURE, sound("android recording")], ids=["picture", "sound"])
def test_a_file_that_is_gone_is_asked_for_once(rt: Runtime, content: bytes) -> None:
    row_id = uploaded(rt, content)
    rt.storage.delete(row_of(rt, row_id).storage_key or "")
    assert files.prepare_due(rt) == 0
    assert (row_of(rt, row_id).error_code, row_of(rt, row_id).prepared_at) == ("file_lost", NOW)


def test_a_file_that_cannot_be_read_now_keeps_back_no_other_and_is_not_given_up(rt: Runtime) -> None:
    row_id, other_id = uploaded(rt, PICTURE), uploaded(rt, picture())
    path = next(rt.settings.storage_dir.rglob(row_of(rt, row_id).storage_key or ""))
    kept = path.read_bytes()
    path.write_bytes(b"under another key")
    assert files.prepare_due(rt) == 1
    assert row_of(rt, other_id).prepared_at == NOW
    path.write_bytes(kept)
    rt.now = lambda: NOW + attachments.LEASE
    assert files.prepare_due(rt) == 1
    assert row_of(rt, row_id).error_code is None


def test_what_is_to_be_downloaded_only_is_ready_at_once(rt: Runtime) -> None:
    row_id = uploaded(rt, b"%PDF-1.4\n")
    assert row_of(rt, row_id).prepared_at == NOW
    # An older release has left one without the mark.
    rt.write(
        lambda session: session.execute(update(Attachment).values(prepared_at=None, original_digest=None))
    )
    assert files.prepare_due(rt) == 1
    assert row_of(rt, row_id).original_digest == hashlib.sha256(b"%PDF-1.4\n").digest()


def test_a_file_whose_process_is_ended_again_and_again_is_given_up(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_content: bytes, _media_type: str) -> None:
        raise Unusable("took_too_long")

    monkeypatch.setattr(workshop, "make", endless)
    row_id = uploaded(rt, PICTURE)
    for turn in range(preparing.MAX_ATTEMPTS):
        assert row_of(rt, row_id).state == "stored"
        rt.now = lambda turn=turn: NOW + turn * preparing.AGAIN_AFTER  # type: ignore[misc]
        assert files.prepare_due(rt) == 0
    assert (row_of(rt, row_id).state, row_of(rt, row_id).error_code) == ("failed", "took_too_long")
    assert on_disk(rt) == set()


def test_the_worker_that_comes_late_changes_nothing_and_leaves_no_file(rt: Runtime) -> None:
    row_id = uploaded(rt, PICTURE)
    late = rt.write(lambda session: preparing.claim_next(session, now=NOW))
    assert late is not None
    assert rt.write(lambda session: preparing.claim_next(session, now=NOW)) is None
    rt.now = lambda: NOW + attachments.LEASE
    assert files.prepare_due(rt) == 1
    kept = on_disk(rt)
    assert not files._prepare(rt, late)
    rt.now = lambda: NOW + timedelta(days=1)
    assert files.prepare_due(rt) == 0
    assert on_disk(rt) == kept == {row_of(rt, row_id).storage_key, row_of(rt, row_id).thumb_key}


def test_a_file_that_is_erased_while_it_is_prepared_does_not_come_back(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = workshop.make

    def erased_meanwhile(content: bytes, media_type: str) -> object:
        rt.write(lambda session: session.execute(update(Attachment).values(state="failed", storage_key=None)))
        rt.storage.delete(key)
        return make(content, media_type)

    row_id = uploaded(rt, PICTURE)
    key = rt.read(lambda session: session.scalars(select(Attachment.storage_key)).one()) or ""
    monkeypatch.setattr(workshop, "make", erased_meanwhile)
    assert files.prepare_due(rt) == 0
    assert row_of(rt, row_id).thumb_key is None
    assert on_disk(rt) == set()
