"""Photos that a Mitra adds to her complaint."""

import io

import pytest
from mitra_visits import file_complaint
from PIL import Image
from sqlalchemy import select
from visits import Visit, stored

from helpdesk.models.messages import Attachment
from helpdesk.runtime import Runtime


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
    visit.send("/lapor/selesai", photo=(io.BytesIO(photo((2400, 1200))), "besar.jpg"))
    [file] = stored(rt, select(Attachment))
    with Image.open(io.BytesIO(kept_content(rt, file))) as picture:
        assert picture.size == (1280, 640)


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
