"""The worker drops files that no row names, and uploads that nobody named in time; nothing else."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from factories import NOW, make_message, make_ticket
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.domain.errors import Conflict
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.messages import Attachment
from helpdesk.runtime import Runtime
from helpdesk.services import attachments

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
SECOND = timedelta(seconds=1)


def put(rt: Runtime, *, at: datetime) -> str:
    """Return the key of a file that no row names yet, written at that instant."""
    key = rt.storage.put(JPEG)
    [path] = rt.settings.storage_dir.rglob(key)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return key


def upload(rt: Runtime, *, at: datetime, is_claimed: bool) -> str:
    """Return the key of an uploaded file, in a message or not yet."""
    key = put(rt, at=at)

    def keep(session: Session) -> None:
        row = attachments.save_upload(
            session, JPEG, channel=ChannelCode.APP, filename=None, storage_key=key, now=at
        )
        if is_claimed:
            attachments.attach(session, make_message(session, make_ticket(session)), (row.public_id,))

    rt.write(keep)
    return key


def on_disk(rt: Runtime) -> set[str]:
    return {path.name for path in rt.settings.storage_dir.rglob("*") if path.is_file()}


def named(rt: Runtime) -> set[str]:
    return rt.read(lambda session: set(session.scalars(select(Attachment.storage_key))))


def test_old_files_without_a_row_go_and_the_others_stay(rt: Runtime) -> None:
    years_old = upload(rt, at=NOW - timedelta(days=900), is_claimed=True)
    young = put(rt, at=NOW - jobs.STRAY_AFTER + SECOND)
    put(rt, at=NOW - jobs.STRAY_AFTER - SECOND)
    jobs.drop_stray_files(rt)
    assert on_disk(rt) == {years_old, young}
    assert rt.storage.get(years_old) == JPEG


def test_a_half_written_file_goes_and_what_is_no_file_of_ours_stays(rt: Runtime) -> None:
    kept = upload(rt, at=NOW - timedelta(days=2), is_claimed=True)
    old = (NOW - timedelta(days=2)).timestamp()
    folder = rt.settings.storage_dir / "ab"
    folder.mkdir(exist_ok=True)
    for name in ("ab" * 16 + ".part", "README"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (old, old))
    jobs.drop_stray_files(rt)
    assert on_disk(rt) == {kept, "README"}


def test_an_upload_that_nobody_names_goes_after_its_time_with_its_file(rt: Runtime) -> None:
    claimed = upload(rt, at=NOW, is_claimed=True)
    upload(rt, at=NOW - SECOND, is_claimed=False)
    waiting = upload(rt, at=NOW, is_claimed=False)
    jobs.drop_stray_files(replace(rt, now=lambda: NOW + attachments.UNCLAIMED_KEPT))
    assert on_disk(rt) == named(rt) == {claimed, waiting}


def test_a_folder_of_which_no_row_names_a_file_is_left_alone(
    rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    others = {put(rt, at=NOW - timedelta(days=30)) for _ in range(3)}
    jobs.drop_stray_files(rt)
    assert on_disk(rt) == others
    assert "none is dropped" in caplog.text


def full_disk() -> Iterator[bytes]:
    yield JPEG
    raise OSError(28, "No space left on device")


def failing(error: Exception) -> Callable[[list[str]], None]:
    def use(keys: list[str]) -> None:
        raise error

    return use


def keep_for(rt: Runtime, contents: Iterable[bytes], use: Callable[[list[str]], None]) -> None:
    with rt.storage.keeping(contents) as keys:
        assert on_disk(rt) == set(keys)
        use(keys)


def test_files_of_a_refused_use_case_go_at_once(rt: Runtime) -> None:
    with pytest.raises(Conflict):
        keep_for(rt, [JPEG, JPEG], failing(Conflict("full", code="full")))
    assert on_disk(rt) == set()


def test_files_go_at_once_when_the_next_finds_no_place(rt: Runtime) -> None:
    with pytest.raises(OSError, match="No space left"):
        keep_for(rt, full_disk(), lambda keys: None)
    assert on_disk(rt) == set()


def test_files_of_an_unknown_outcome_stay_for_the_worker(rt: Runtime) -> None:
    with pytest.raises(RuntimeError):
        keep_for(rt, [JPEG], failing(RuntimeError("the connection was lost at the commit")))
    assert len(on_disk(rt)) == 1
