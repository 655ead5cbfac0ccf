"""Entries of the audit trail, chained as services/trail.py chains them."""

from datetime import datetime

from helpdesk.crypto import KeyRing, canonical_json
from helpdesk.demo.world.rows import Row
from helpdesk.domain.chain import ChainEntry, head_after, link

Happening = tuple[datetime, str, str, dict[str, object]]
"""When, what kind, by whom, details: an entry before it is chained."""


class Chain:
    """Entries of one chain, each linked to the one before."""

    def __init__(self, keys: KeyRing, *, head: bytes = b"", serial: int = 0) -> None:
        self._keys = keys
        self.head = head
        self.serial = serial

    def add(self, at: datetime, kind: str, actor: str, data: dict[str, object]) -> Row:
        """Return the row of the next entry."""
        seal = self._keys.seal(canonical_json(data))
        entry = ChainEntry(self.serial + 1, at, kind, actor, seal)
        follows = link(self.head, entry)
        self.serial, self.head = entry.serial, head_after(follows, seal=self._keys.seal)
        return {
            "serial": entry.serial,
            "at": at,
            "kind": kind,
            "actor": actor,
            "data": data,
            "seal": seal,
            "link": follows,
        }
