"""Photos that a Mitra adds to her complaint."""

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from mitra_visits import file_complaint
from PIL import Image
from sqlalchemy import select, update
from visits import Visit, stored

from helpdesk import files
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services.public_form import MAX_FILES, UPLOADS_PER_HOUR


def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    kept = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(kept, "JPEG", quality=95)
    return kept.getvalue()


def kept_content(rt: Runtime, file: Attachment) -> bytes:
    content = rt.storage.get(file.storage_key or "")
    assert len(content) == file.size_bytes
    return content


def test_a_photo_is_added_after_the_number(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    content = photo()
    visit.send("/lapor/selesai", photo=(io.BytesIO(content), "struk.jpg"))
    assert "1 foto atau suara sudah kami terima" in visit.text
    [file] = stored(rt, select(Attachment))
    assert (file.kind, file.filename) == ("photo", "struk.jpg")
    assert kept_content(rt, file) == content


def test_a_large_photo_is_made_small(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    visit.send("/lapor/selesai", photo=(io.BytesIO(photo((3000, 1500))), "besar.jpg"))
    assert files.prepare_due(rt) == 1
    [file] = stored(rt, select(Attachment))
    with Image.open(io.BytesIO(kept_content(rt, file))) as picture:
        assert picture.size == (2560, 1280)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<html><script>", "Hanya foto, suara", id="web page"),
        pytest.param(b"", "Foto belum terkirim", id="empty"),
        pytest.param(b"\xff\xd8\xff" + b"x" * 9 * 1024 * 1024, "File terlalu besar", id="above the limit"),
    ],
)
def test_a_refused_file_leaves_the_number_on_the_screen(
    rt: Runtime, visit: Visit, content: bytes, words: str
) -> None:
    number = file_complaint(visit)
    answer = visit.send("/lapor/selesai", photo=(io.BytesIO(content), "a.jpg"))
    assert answer.status_code == 422
    assert words in visit.text
    assert number in visit.text
    assert stored(rt, select(Attachment)) == []


def photos(count: int) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(photo((8, 8))), f"{number}.jpg") for number in range(count)]


def on_disk(rt: Runtime) -> set[str]:
    return {path.name for path in rt.settings.storage_dir.rglob("*") if path.is_file()}


def named(rt: Runtime) -> list[str]:
    return stored(rt, select(Attachment.storage_key).where(Attachment.message_id.is_not(None)))  # type: ignore[arg-type]


def test_files_above_their_number_are_not_kept(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    assert visit.send("/lapor/selesai", photo=photos(MAX_FILES + 1)).status_code == 422
    assert "Paling banyak 10 foto dan suara. Yang ini belum terkirim." in visit.text
    assert visit.send("/lapor/selesai", photo=photos(MAX_FILES)).status_code == 200
    for _ in range(2):
        assert visit.send("/lapor/selesai", photo=photos(MAX_FILES)).status_code == 422
    assert len(named(rt)) == MAX_FILES
    assert on_disk(rt) == set(named(rt))


def copy_of(visit: Visit, app: Flask) -> Visit:
    """The same form in another window."""
    other = Visit(app)
    cookie = visit.client.get_cookie("helpdesk_session")
    assert cookie is not None
    other.client.set_cookie("helpdesk_session", cookie.value)
    other.page = visit.page
    return other


def test_of_many_forms_with_files_at_once_no_more_are_kept_than_may_be(
    rt: Runtime, app: Flask, visit: Visit
) -> None:
    file_complaint(visit)
    windows = [copy_of(visit, app) for _ in range(6)]
    with ThreadPoolExecutor(len(windows)) as threads:
        answers = Counter(
            threads.map(lambda one: one.send("/lapor/selesai", photo=photos(4)).status_code, windows)
        )
    assert answers == {200: 2, 422: 4}
    assert len(named(rt)) == 8
    assert on_disk(rt) == set(named(rt))


def test_a_second_press_adds_the_files_once(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    key, content = visit.hidden("key"), photo((2400, 1200))
    for _ in range(2):
        answer = visit.post("/lapor/selesai", key=key, photo=(io.BytesIO(content), "a.jpg"))
        assert answer.status_code == 303
    assert len(named(rt)) == 1
    assert on_disk(rt) == set(named(rt))


def test_a_page_that_is_too_old_still_shows_the_number(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit)
    answer = visit.client.post("/lapor/selesai", data={"photo": (io.BytesIO(photo()), "a.jpg")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert number in page
    assert "Foto belum terkirim. Pengaduan Ibu tetap aman. Coba lagi." in page
    assert on_disk(rt) == set()


def test_a_disk_that_takes_nothing_leaves_the_number_on_the_screen(
    rt: Runtime, visit: Visit, tmp_path: Path
) -> None:
    number = file_complaint(visit)
    (tmp_path / "full").write_text("no folder")
    rt.settings = rt.settings.model_copy(update={"storage_dir": tmp_path / "full"})
    assert visit.send("/lapor/selesai", photo=photos(1)).status_code == 422
    assert number in visit.text
    assert "Pengaduan Ibu tetap aman. Coba lagi." in visit.text


def looked_up(visit: Visit) -> Visit:
    number = file_complaint(visit)
    visit.get("/lapor/status")
    visit.send("/lapor/status", number=number, code="7890")
    return visit


def test_she_adds_words_and_a_photo_to_what_she_told(rt: Runtime, visit: Visit) -> None:
    looked_up(visit)
    visit.send("/lapor/status/tambah", story="Ini struknya", photo=photos(2))
    assert "Cerita Ibu sudah kami terima" in visit.text
    visit.send("/lapor/status/tambah", story="", photo=photos(1))
    assert [len(named(rt)), stored(rt, select(Message.body))[1:]] == [3, ["Ini struknya", ""]]
    assert visit.send("/lapor/status/tambah", story="Lagi", photo=photos(8)).status_code == 422
    assert "Paling banyak 10 foto dan suara" in visit.text
    assert (
        visit.send("/lapor/status/tambah", story="Lagi", photo=(io.BytesIO(b"<p>"), "a")).status_code == 422
    )
    assert "Hanya foto, suara, video, atau PDF" in visit.text
    assert ">\nLagi</textarea>" in visit.page
    assert on_disk(rt) == set(named(rt))


def test_files_of_a_closed_complaint_are_not_kept(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    rt.write(lambda session: session.execute(update(Ticket).values(status="closed", closed_at=rt.now())))
    assert visit.send("/lapor/selesai", photo=photos(2)).status_code == 422
    assert "Pengaduan ini sudah selesai" in visit.text
    assert on_disk(rt) == set()


def test_one_address_cannot_send_files_without_end(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    for _ in range(UPLOADS_PER_HOUR):
        visit.send("/lapor/selesai", photo=(io.BytesIO(b"<html>"), "a.jpg"))
    assert visit.send("/lapor/selesai", photo=photos(1)).status_code == 422
    assert "Terlalu banyak kiriman" in visit.text
    assert on_disk(rt) == set()
