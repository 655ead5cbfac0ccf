"""Files are fetched once, and none stays on disk that no row names: slow providers, two workers, erasure."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import NOW, make_message, make_ticket
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import files, jobs
from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import AttachmentRef, ChannelCode, FetchedFile, MediaKind
from helpdesk.models.messages import Attachment, Message
from helpdesk.runtime import Runtime
from helpdesk.services import attachments

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


class SlowProvider:
    """A WhatsApp channel whose files take their time; `meanwhile` happens while the first is under way."""

    def __init__(
        self, rt: Runtime, *, takes: timedelta, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self.asked: list[str] = []
        self.missing: dict[str, int] = {}
        self._takes, self._meanwhile, self._now = takes, meanwhile, NOW
        rt.now = self.now
        rt.channels = {"whatsapp": self}  # type: ignore[dict-item]

    def now(self) -> datetime:
        return self._now

    def pass_until(self, then: datetime) -> None:
        self._now = max(self._now, then)

    def fetch(self, ref: AttachmentRef) -> FetchedFile:
        self.asked.append(ref.reference)
        self._now += self._takes
        if len(self.asked) == 1:
            self._meanwhile()
        if self.missing.get(ref.reference, 0) > 0:
            self.missing[ref.reference] -= 1
            raise FetchFailed("http_404", is_final=False)
        if ref.reference == "gone":
            raise FetchFailed("gone", is_final=True)
        return FetchedFile(content=JPEG + ref.reference.encode(), media_type="image/jpeg")

    def close(self) -> None:
        """Nothing is open."""


def expect_files(rt: Runtime, *references: str) -> None:
    """A message has come whose files lie with the provider."""

    def come(session: Session) -> None:
        message = make_message(session, make_ticket(session))
        refs = tuple(AttachmentRef(name, MediaKind.PHOTO, "image/jpeg") for name in references)
        attachments.expect(session, message, refs, now=NOW)

    rt.write(come)


def rows(rt: Runtime) -> list[Attachment]:
    return rt.read(lambda session: list(session.scalars(select(Attachment).order_by(Attachment.id))))


def on_disk(rt: Runtime) -> list[str]:
    return sorted(path.name for path in rt.settings.storage_dir.rglob("*") if path.is_file())


def test_a_file_is_claimed_only_when_its_turn_has_come(rt: Runtime) -> None:
    expect_files(rt, "first", "second")
    waiting: list[datetime | None] = []
    provider = SlowProvider(
        rt,
        takes=attachments.LEASE - timedelta(seconds=1),
        meanwhile=lambda: waiting.extend(row.next_attempt_at for row in rows(rt)),
    )
    assert files.fetch_due(rt, ChannelCode.WHATSAPP) == 2
    assert waiting == [NOW + attachments.LEASE, NOW]
    assert provider.asked == ["first", "second"]


@pytest.mark.parametrize("late", ["file", "gone"])
def test_the_worker_that_comes_late_changes_nothing_and_leaves_no_file(rt: Runtime, late: str) -> None:
    expect_files(rt, late)

    def the_other_is_faster() -> None:
        rt.write(lambda session: session.execute(update(Attachment).values(reference="file")))
        assert files.fetch_due(rt, ChannelCode.WHATSAPP) == 1

    provider = SlowProvider(rt, takes=attachments.LEASE, meanwhile=the_other_is_faster)
    assert files.fetch_due(rt, ChannelCode.WHATSAPP) == 0
    [row] = rows(rt)
    assert provider.asked == [late, "file"]
    assert (row.state, row.error_code) == ("stored", None)
    assert on_disk(rt) == [row.storage_key]
    assert rt.storage.get(row.storage_key or "") == JPEG + b"file"


def test_a_file_that_is_erased_while_it_is_fetched_does_not_come_back(rt: Runtime) -> None:
    expect_files(rt, "file")

    def erase() -> None:
        rt.write(lambda session: session.execute(update(Attachment).values(state="failed", reference=None)))

    SlowProvider(rt, takes=timedelta(seconds=1), meanwhile=erase)
    assert files.fetch_due(rt, ChannelCode.WHATSAPP) == 0
    [row] = rows(rt)
    assert (row.state, row.storage_key, on_disk(rt)) == ("failed", None, [])


def test_media_that_are_late_come_and_a_provider_that_is_away_is_asked_for_hours(rt: Runtime) -> None:
    """404 twice, then the file; and one that never comes ends as failed with its reason."""
    expect_files(rt, "late", "never")
    provider = SlowProvider(rt, takes=timedelta(0))
    provider.missing = {"late": 2, "never": 99}
    waits: list[timedelta] = []
    while pending := [row for row in rows(rt) if row.state == "pending"]:
        began = provider.now()
        provider.pass_until(min(row.next_attempt_at for row in pending if row.next_attempt_at))
        waits.append(provider.now() - began)
        files.fetch_due(rt, ChannelCode.WHATSAPP)
    late, never = rows(rt)
    assert (late.state, late.error_code) == ("stored", None)
    assert (never.state, never.error_code, never.next_attempt_at) == ("failed", "http_404", None)
    assert never.attempts == len(attachments.RETRY_AFTER) + 1
    assert sum(waits, timedelta()) == timedelta(seconds=sum(attachments.RETRY_AFTER))


def test_files_of_strangers_take_no_thread_from_clocks_and_messages(rt: Runtime) -> None:
    slow = {job.name for job in jobs.SCHEDULE if job.run in (jobs.fetch_files, jobs.prepare_files)}
    assert {job.name for job in jobs.SCHEDULE if job.pool != "default"} == slow
    scheduler = jobs.start_scheduler(rt)
    try:
        assert {job.name for job in scheduler.get_jobs() if job.executor == jobs.FILES} == slow
    finally:
        jobs.stop_scheduler(scheduler, rt)


def test_who_sends_very_many_files_does_not_hold_back_another(rt: Runtime) -> None:
    provider = SlowProvider(rt, takes=timedelta(seconds=1))

    def come(session: Session) -> None:
        many, one, late = (make_message(session, make_ticket(session)) for _ in range(3))
        for message, names in ((many, [f"many {n}" for n in range(8)]), (one, ["one"]), (many, ["many 8"])):
            refs = tuple(AttachmentRef(name, MediaKind.PHOTO, "image/jpeg") for name in names)
            attachments.expect(session, message, refs, now=NOW)
        ids.append(late.id)

    ids: list[int] = []
    rt.write(come)
    assert files.fetch_due(rt, ChannelCode.WHATSAPP, limit=4) == 4
    assert provider.asked == ["many 0", "one", "many 1", "many 2"]

    def come_late(session: Session) -> None:
        refs = tuple(AttachmentRef(name, MediaKind.PHOTO, "image/jpeg") for name in ("late 0", "late 1"))
        attachments.expect(session, session.get_one(Message, ids[0]), refs, now=rt.now())

    rt.write(come_late)
    assert files.fetch_due(rt, ChannelCode.WHATSAPP, limit=5) == 5
    assert provider.asked[4:] == ["many 3", "late 0", "many 4", "late 1", "many 5"]
