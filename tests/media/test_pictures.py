"""Of a picture only its pixels are kept: upright, bounded, in a form that every browser shows."""

import io
import struct
import zlib

import pytest
from media.samples import picture
from PIL import Image

from helpdesk.domain.errors import Unusable
from helpdesk.media import pictures, workshop
from helpdesk.services.attachments import sniff

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def opened(content: bytes | None) -> Image.Image:
    found = Image.open(io.BytesIO(content or b""))
    found.load()
    return found


def is_red(picture: Image.Image, x: float, y: float) -> bool:
    red, _, blue = picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))  # type: ignore[misc]
    return bool(red > 150 > blue)


def test_where_and_with_what_it_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "HP Ibu Siti"
    exif.get_ifd(GPS)[2] = (6.0, 12.0, 30.0)
    made = pictures.clean(picture((60, 40), exif=exif))
    kept = opened(made.content)
    assert (kept.size, made.width, made.height) == ((40, 60), 40, 60)
    assert is_red(kept, 0.75, 0.25)  # turned by a quarter: the red corner is on the right now
    assert not is_red(kept, 0.25, 0.25)
    for copy in (made.content or b"", made.thumb or b""):
        assert dict(opened(copy).getexif()) == {}
        assert b"Exif" not in copy
        assert b"Siti" not in copy


def test_a_photo_of_an_iphone_becomes_a_jpeg_that_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "HP Ibu Siti"
    content = picture((120, 80), "HEIF", exif=exif.tobytes())
    assert b"irot" in content, "it says itself how it is turned, besides its particulars"
    assert sniff(content) == "image/heic"
    assert sniff(content.replace(b"ftypheic", b"ftypmif1", 1)) == "image/heic"
    made = workshop.make(content, "image/heic")
    kept = opened(made.content)
    assert (made.media_type, kept.size) == ("image/jpeg", (80, 120))
    assert is_red(kept, 0.75, 0.25)
    assert b"Siti" not in (made.content or b"")


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("MPO", "RGB", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("GIF", "P", "image/png"),
        ("WEBP", "RGBA", "image/jpeg"),
        ("HEIF", "RGB", "image/jpeg"),
    ],
)
def test_every_form_becomes_a_jpeg_or_a_png(kind: str, mode: str, media_type: str) -> None:
    made = pictures.clean(picture(kind=kind, mode=mode))
    assert made.media_type == media_type
    assert opened(made.content).get_format_mimetype() == media_type
    assert opened(made.thumb).format == "JPEG"


def test_what_cannot_be_seen_through_any_more_is_white() -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(kept, "PNG")
    assert opened(pictures.clean(kept.getvalue()).content).getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller_and_a_large_screenshot_a_jpeg() -> None:
    kept = io.BytesIO()
    Image.effect_noise((2600, 800), 90).convert("RGB").save(kept, "PNG")
    made = pictures.clean(kept.getvalue())
    assert (made.media_type, opened(made.content).size) == ("image/jpeg", (2560, 788))
    assert opened(made.thumb).size == (320, 99)


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are an endless picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99)))


def test_a_picture_that_would_fill_the_memory_is_not_unpacked() -> None:
    with pytest.raises(Unusable, match="too_many_pixels"):
        pictures.clean(png_of(60_000, 60_000))


def test_a_page_that_calls_itself_a_picture_leaves_nothing_of_it() -> None:
    made = pictures.clean(picture() + b"<html><script>alert(1)</script>")
    assert b"script" not in (made.content or b"")
