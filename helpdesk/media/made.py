"""What has been made of a file, and how it travels from one process to the other."""

import json
import struct
from dataclasses import dataclass, fields
from typing import Final

from helpdesk.domain.errors import Unusable

_LENGTH: Final = struct.Struct(">I")
_BLOBS: Final = ("content", "thumb", "playable")


@dataclass(frozen=True, slots=True)
class Made:
    """Copies of a file and what was seen in it. `content` takes the place of what came; None keeps it."""

    media_type: str | None = None
    content: bytes | None = None
    thumb: bytes | None = None
    """A small JPEG."""
    playable: bytes | None = None
    """An MP3: the one sound that every browser plays."""
    width: int | None = None
    height: int | None = None
    duration_seconds: int | None = None
    pages: tuple[bytes, ...] = ()
    """Of a document: a JPEG of each page."""


def packed(made: Made | Unusable) -> bytes:
    """Return the outcome as bytes: the length of a JSON head, the head, and the copies one after another."""
    if isinstance(made, Unusable):
        head: dict[str, object] = {"unusable": made.code}
        blobs: list[bytes] = []
    else:
        values = {each.name: getattr(made, each.name) for each in fields(made)}
        pages = values.pop("pages")
        kept = {name: blob for name in _BLOBS if (blob := values.pop(name)) is not None}
        head = {"values": values, "sizes": {name: len(blob) for name, blob in kept.items()}}
        head["pages"] = [len(page) for page in pages]
        blobs = [*kept.values(), *pages]
    start = json.dumps(head).encode()
    return b"".join((_LENGTH.pack(len(start)), start, *blobs))


def unpacked(said: bytes) -> Made:
    """Return what was packed. Raises Unusable where that was said, ValueError for anything else."""
    try:
        end = _LENGTH.size + _LENGTH.unpack_from(said)[0]
        head = json.loads(said[_LENGTH.size : end])
        if "unusable" in head:
            raise Unusable(str(head["unusable"]))
        values = head["values"]
        for name, size in head["sizes"].items():
            values[name], end = said[end : end + size], end + size
        pages = []
        for size in head["pages"]:
            pages.append(said[end : end + size])
            end += size
        if end != len(said):
            raise ValueError("not as long as it says")
        return Made(**values, pages=tuple(pages))
    except (struct.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError("the child said something else") from error
