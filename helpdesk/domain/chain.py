"""The audit chain: each entry's link covers the entry before, so that a changed or missing one shows."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """What the link of one entry covers. `seal` is a keyed digest of its details, which may be erased."""

    serial: int
    at: datetime
    kind: str
    actor: str
    seal: bytes
    link: bytes = b""


def link(previous: bytes, entry: ChainEntry) -> bytes:
    """Return the link of `entry` after an entry with the link `previous` (empty for the first)."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    head = "\x1f".join((str(entry.serial), at, entry.kind, entry.actor)).encode()
    return hashlib.sha256(b"\x1e".join((previous, head, entry.seal))).digest()


def first_broken(entries: Iterable[ChainEntry], *, head: bytes | None) -> int | None:
    """Return the serial of the first entry that does not follow from the one before, or None.

    `head` is the link that the newest entry must have (None where nothing keeps it): a missing last entry is
    reported as the serial that should follow.
    """
    previous, expected = b"", 1
    for entry in entries:
        if entry.serial != expected or link(previous, entry) != entry.link:
            return expected
        previous, expected = entry.link, expected + 1
    return expected if head is not None and previous != head else None
