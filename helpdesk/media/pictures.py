"""A clean copy of a picture, and a small one: upright, without anything but its pixels."""

import io
from typing import Final

import pillow_heif
from PIL import Image, ImageOps

from helpdesk.domain.errors import Unusable
from helpdesk.media.made import Made

LONGEST: Final = 2560
"""Pixels: a page that was scanned at 200 dpi can still be read."""
THUMB: Final = 320
MOST_PIXELS: Final = 60_000_000
"""What may be unpacked. A JPEG is unpacked at a fraction of its size, so it may be larger (phones have 200 MP)."""
MOST_JPEG_PIXELS: Final = 250_000_000
_MOST_PNG_BYTES: Final = 1_500_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")


def clean(content: bytes) -> Made:
    """Return the copies of a picture; of a moving one its first. Raises Unusable, or what the decoder raises."""
    pillow_heif.register_heif_opener(thumbnails=False)  # what an iPhone takes
    Image.MAX_IMAGE_PIXELS = None  # judged here, where the format is known
    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        is_jpeg = opened.format in ("JPEG", "MPO")  # MPO: what phones with two lenses write
        if opened.width * opened.height > (MOST_JPEG_PIXELS if is_jpeg else MOST_PIXELS):
            raise Unusable("too_many_pixels")
        opened.draft("RGB", (LONGEST, LONGEST))
        if opened.width * opened.height > MOST_PIXELS:
            raise Unusable("too_many_pixels")
        is_flat = opened.format in ("PNG", "GIF")
        # Shrunk before it is turned: a long side is the same either way, and the rest costs less.
        small = _plain(opened)
        small.thumbnail((LONGEST, LONGEST))
        upright = ImageOps.exif_transpose(small)
    saved, media_type = _saved(upright, is_flat=is_flat)
    size = upright.size
    upright.thumbnail((THUMB, THUMB))
    return Made(
        content=saved,
        media_type=media_type,
        thumb=_as_jpeg(upright, quality=75),
        width=size[0],
        height=size[1],
    )


def _plain(opened: Image.Image) -> Image.Image:
    """Return it in plain colours on white, with nothing but how it is turned."""
    orientation = opened.getexif().get(_ORIENTATION)
    if opened.mode.startswith("I"):  # 16 bits of grey, from scanners
        plain = opened.convert("I").point(lambda value: value * (1 / 256)).convert("RGB")
    elif opened.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in opened.info:
        over = opened.convert("RGBA")
        plain = Image.new("RGB", over.size, "white")
        plain.paste(over, mask=over.getchannel("A"))
    else:
        plain = opened.convert("RGB")
    plain.info.clear()
    plain.getexif().clear()
    if orientation:
        plain.getexif()[_ORIENTATION] = orientation
    return plain


def _saved(picture: Image.Image, *, is_flat: bool) -> tuple[bytes, str]:
    """Return the encoded picture; screenshots stay sharp as PNG while that is small."""
    if is_flat:
        kept = io.BytesIO()
        picture.save(kept, "PNG")
        if kept.tell() <= _MOST_PNG_BYTES:
            return kept.getvalue(), "image/png"
    return _as_jpeg(picture, quality=82), "image/jpeg"


def _as_jpeg(picture: Image.Image, *, quality: int) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality, exif=b"", icc_profile=None)
    return kept.getvalue()


_ORIENTATION: Final = 0x0112
