"""Rows of the world before they are written: all at once, chained as services/trail.py chains them."""

from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, canonical_json, keys_of
from helpdesk.db import Base
from helpdesk.demo.world.sealing import Row, Sealed, Values, insert_into, seal, seal_there
from helpdesk.domain.chain import ChainEntry, head_after, link
from helpdesk.domain.search import index_words
from helpdesk.models.tickets import AuditEntry, AuditHead, TicketWord

BATCH = 1000
"""So many rows of a table are sealed at a time by the second process."""


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


@dataclass(slots=True)
class _Table:
    """What is kept for one table: batches that were handed over, and the rows since."""

    names: tuple[str, ...]
    batches: list[Future[Values]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class Ledger:
    """Collects rows by table and hands out ids; only reads from its session, for the writing comes later.

    What comes in great number is sealed by the other process meanwhile.
    """

    def __init__(self, session: Session, other: Executor) -> None:
        self._session = session
        self._other = other
        self._dialect = session.get_bind().dialect
        self.keys = keys_of(session)
        self._tables: dict[type[Base], _Table] = {}
        self.objects: list[Base] = []
        self._index: list[tuple[bytes, int]] = []
        self._audit: list[tuple[datetime, str, str, dict[str, object]]] = []
        self._next_ids: dict[type[Base], int] = {}
        self.word = lru_cache(maxsize=20_000)(self._word)

    def new_id(self, table: type[Base]) -> int:
        """Return the next free id of a table; nobody else writes to it meanwhile."""
        if table not in self._next_ids:
            newest = self._session.scalar(select(func.max(table.__table__.c.id)))
            self._next_ids[table] = int(newest or 0)
        self._next_ids[table] += 1
        return self._next_ids[table]

    def add(self, table: type[Base], row: Row) -> None:
        """Keep a row for seal(). Rows of one table have the same columns."""
        kept = self._tables.get(table)
        if kept is None:
            kept = self._tables[table] = _Table(names=tuple(row))
        kept.rows.append(row)
        if len(kept.rows) == BATCH:
            kept.batches.append(self._other.submit(seal_there, table, kept.rows))
            kept.rows = []

    def count(self, table: type[Base]) -> int:
        """Return how many rows are kept for a table."""
        kept = self._tables.get(table)
        return len(kept.batches) * BATCH + len(kept.rows) if kept else 0

    def keep(self, *objects: Base) -> None:
        """Keep objects that have their ids already, in the order of their foreign keys."""
        self.objects += objects

    def audit(self, at: datetime, kind: str, actor: str, data: dict[str, object]) -> None:
        """Keep an entry that belongs to no ticket; seal_audit() chains them in the order of time."""
        self._audit.append((at, kind, actor, data))

    def words(self, *texts: str) -> set[bytes]:
        """Return the digests of all words, as services/tickets.py indexes them."""
        return {self.word(word) for body in texts for word in index_words(body)}

    def index(self, ticket_id: int, *texts: str) -> None:
        """Keep the search words of a ticket's messages."""
        self._index += ((word, ticket_id) for word in self.words(*texts))

    def seal(self, table: type[Base], *, order: str | None = None) -> Sealed:
        """Return the rows kept for a table, sorted by a column if one is named."""
        kept = self._tables.pop(table, None)
        if kept is None:
            return Sealed("", [])
        values = [row for batch in kept.batches for row in batch.result()]
        values += seal(table, kept.rows, self._dialect)
        if order is not None:
            values.sort(key=itemgetter(kept.names.index(order)))
        return Sealed(insert_into(table, kept.names, self._dialect), values)

    def seal_index(self) -> Sealed:
        """Return the search words of all tickets, in the order of their table."""
        self._index.sort()
        return Sealed(insert_into(TicketWord, ("word", "ticket_id"), self._dialect), self._index)

    def seal_audit(self) -> tuple[Sealed, Sealed]:
        """Return the audit entries, chained to those that are there, and the head of the chain after them."""
        kept = self._session.scalar(select(AuditHead))
        chain = Chain(self.keys, head=kept.head if kept else b"", serial=kept.serial if kept else 0)
        for entry in sorted(self._audit, key=itemgetter(0)):
            self.add(AuditEntry, chain.add(*entry))
        statement = insert_into(AuditHead, ("id", "serial", "head"), self._dialect)
        statement += " ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, head = excluded.head"
        return self.seal(AuditEntry), Sealed(statement, [(1, chain.serial, chain.head)])

    def advance_sequences(self, session: Session) -> None:
        """Tell PostgreSQL which ids were given by hand; SQLite looks for itself."""
        if self._dialect.name != "postgresql":
            return
        for table, newest in self._next_ids.items():
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :newest)"),
                {"table": table.__tablename__, "newest": newest},
            )

    def _word(self, word: str) -> bytes:
        return self.keys.digest("word", word)
