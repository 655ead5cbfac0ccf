"""Makes a photo small where the phone could not: for those who send without JavaScript."""

import io

from PIL import Image, ImageOps

LONGEST = 1280
SMALL_ENOUGH = 300_000
"""Bytes below which a photo is kept as it came."""
MOST_PIXELS = 60_000_000
"""Above it a picture is kept as it came: unpacking it would cost more memory than it is worth."""


def shrink(content: bytes, media_type: str) -> bytes:
    """Return a photo of at most 1280 px, or the content itself where it is small, no photo, or broken."""
    if not media_type.startswith("image/") or len(content) <= SMALL_ENOUGH:
        return content
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return content
            picture.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((LONGEST, LONGEST))
            smaller = io.BytesIO()
            upright.save(smaller, "JPEG", quality=72)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return content
    return min(content, smaller.getvalue(), key=len)
