"""The audit chain: each entry's link covers the entry before, so that a changed or missing one shows."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from helpdesk.domain.folding import storable

Seal = Callable[[bytes], bytes]
"""Keyed digest: nobody without the key can say what it would be (KeyRing.seal)."""


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """What the link of one entry covers. `seal` is a keyed digest of its details, which may be erased."""

    serial: int
    at: datetime
    kind: str
    actor: str
    seal: bytes
    link: bytes = b""


def link(head: bytes, entry: ChainEntry) -> bytes:
    """Return the link of `entry`; `head` is that of the chain so far (empty for the first entry)."""
    covered = "\x1f".join((str(entry.serial), _instant(entry.at), entry.kind, entry.actor)).encode()
    return hashlib.sha256(b"\x1e".join((head, covered, entry.seal))).digest()


def head_after(newest_link: bytes, *, seal: Seal) -> bytes:
    """Return what is kept of a chain that ends with this link, and goes into the next one.

    It is keyed: whoever can only write to the database can neither go on with a chain nor end it earlier.
    """
    return seal(b"head\x1e" + newest_link)


def first_broken(entries: Iterable[ChainEntry], *, head: bytes, seal: Seal) -> int | None:
    """Return the serial of the first entry that does not follow from the one before, or None.

    `head` is what was kept of the chain: a missing last entry is reported as the serial that should follow.
    """
    so_far, expected = b"", 1
    for entry in entries:
        if entry.serial != expected or link(so_far, entry) != entry.link:
            return expected
        so_far, expected = head_after(entry.link, seal=seal), expected + 1
    return None if so_far == head else expected


def said(*, direction: str, author_id: int | None, at: datetime, body: str) -> bytes:
    """Return what the event of a message seals: who said what, when, and to whom."""
    frame = "\x1f".join((direction, str(author_id or ""), _instant(at)))
    return f"said\x1e{frame}\x1e{storable(body)}".encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
