"""Rows of the world before they are written: all at once, chained as services/trail.py chains them."""

from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, canonical_json, keys_of
from helpdesk.db import Base
from helpdesk.domain.chain import ChainEntry, link
from helpdesk.domain.search import index_words
from helpdesk.models.tickets import AuditEntry, TicketWord

Row = dict[str, Any]

BATCH = 5_000


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
        self.serial, self.head = entry.serial, link(self.head, entry)
        return {
            "serial": entry.serial,
            "at": at,
            "kind": kind,
            "actor": actor,
            "data": data,
            "seal": seal,
            "link": self.head,
        }


class Ledger:
    """Collects rows by table, hands out ids, writes everything in the order of the foreign keys."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.keys = keys_of(session)
        self.rows: dict[type[Base], list[Row]] = defaultdict(list)
        self._index: list[tuple[bytes, int]] = []
        self._audit: list[tuple[datetime, str, str, dict[str, object]]] = []
        self._next_ids: dict[type[Base], int] = {}
        self.word = lru_cache(maxsize=20_000)(self._word)

    def new_id(self, table: type[Base]) -> int:
        """Return the next free id of a table; only this transaction writes to it."""
        if table not in self._next_ids:
            newest = self._session.scalar(select(func.max(table.__table__.c.id)))
            self._next_ids[table] = int(newest or 0)
        self._next_ids[table] += 1
        return self._next_ids[table]

    def add(self, table: type[Base], row: Row) -> None:
        """Keep a row for write()."""
        self.rows[table].append(row)

    def audit(self, at: datetime, kind: str, actor: str, data: dict[str, object]) -> None:
        """Keep an entry that belongs to no ticket; write() chains them in the order of time."""
        self._audit.append((at, kind, actor, data))

    def words(self, *texts: str) -> set[bytes]:
        """Return the digests of all words, as services/tickets.py indexes them."""
        return {self.word(word) for body in texts for word in index_words(body)}

    def write(self, table: type[Base], *, order: str | None = None) -> int:
        """Write the rows kept for a table, sorted by a column if one is named; return how many."""
        rows = self.rows.pop(table, [])
        if order is not None:
            rows.sort(key=lambda row: row[order])
        for start in range(0, len(rows), BATCH):
            # The table, not the class: rows of one batch go out as one statement, whatever is None in them.
            self._session.execute(insert(cast(Table, table.__table__)), rows[start : start + BATCH])
        return len(rows)

    def index(self, ticket_id: int, *texts: str) -> None:
        """Keep the search words of a ticket's messages."""
        self._index += ((word, ticket_id) for word in self.words(*texts))

    def write_index(self) -> None:
        """Write the search words of all tickets, in the order of their table."""
        self._index.sort()
        if self._session.get_bind().dialect.name == "sqlite":
            # A quarter of a million rows of two plain values: the types would cost more than the writing.
            self._session.connection().exec_driver_sql(
                "INSERT INTO ticket_words (word, ticket_id) VALUES (?, ?)", self._index
            )
            return
        self.rows[TicketWord] = [{"word": word, "ticket_id": ticket_id} for word, ticket_id in self._index]
        self.write(TicketWord)

    def write_audit(self) -> None:
        """Chain and write the audit entries after those that are there."""
        last = self._session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc()).limit(1)).first()
        chain = Chain(self.keys, head=last.link if last else b"", serial=last.serial if last else 0)
        self.rows[AuditEntry] = [chain.add(*entry) for entry in sorted(self._audit, key=lambda each: each[0])]
        self.write(AuditEntry)

    def advance_sequences(self) -> None:
        """Tell PostgreSQL which ids were given by hand; SQLite looks for itself."""
        if self._session.get_bind().dialect.name != "postgresql":
            return
        for table, newest in self._next_ids.items():
            self._session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :newest)"),
                {"table": table.__tablename__, "newest": newest},
            )

    def _word(self, word: str) -> bytes:
        return self.keys.digest("word", word)
