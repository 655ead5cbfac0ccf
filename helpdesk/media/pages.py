"""The pages of a PDF as pictures, one after another."""

import io
from typing import Final

import pypdfium2

from helpdesk.domain.errors import Unusable
from helpdesk.media.made import Made

MOST: Final = 120
"""Pages: more than any batch of paper has, with the backs of its sheets."""
LONGEST: Final = 1800
"""Pixels of a page's longer side: about 150 dots per inch of A4, handwriting can be read."""
_QUALITY: Final = 70


def split(content: bytes) -> Made:
    """Return each page as a JPEG. Raises Unusable, or what the decoder raises."""
    document = pypdfium2.PdfDocument(content)
    if len(document) > MOST:
        raise Unusable("too_many_pages")
    pages = []
    for page in document:
        scale = LONGEST / max(page.get_size())
        picture = page.render(scale=min(scale, 4)).to_pil().convert("RGB")
        kept = io.BytesIO()
        picture.save(kept, "JPEG", quality=_QUALITY)
        pages.append(kept.getvalue())
        page.close()
    document.close()
    return Made(pages=tuple(pages))
