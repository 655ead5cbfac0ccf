"""Rows of the world before they are written: all at once, chained as services/trail.py chains them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Dialect, func, select, text
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, canonical_json, keys_of
from helpdesk.db import Base, UtcDateTime
from helpdesk.domain.chain import ChainEntry, head_after, link
from helpdesk.domain.search import index_words
from helpdesk.models.tickets import AuditEntry, AuditHead, TicketWord

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows of one table as the driver takes them: encrypted, and with nothing left to be worked out."""

    statement: str
    values: list[tuple[Any, ...]]

    def write(self, session: Session) -> None:
        """Write them."""
        if self.values:
            session.connection().exec_driver_sql(self.statement, self.values)


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


class Ledger:
    """Collects rows by table and hands out ids; only reads from its session, for the writing comes later."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dialect = session.get_bind().dialect
        self.keys = keys_of(session)
        self.rows: dict[type[Base], list[Row]] = defaultdict(list)
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
        """Keep a row for seal()."""
        self.rows[table].append(row)

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
        rows = self.rows.pop(table, [])
        if order is not None:
            rows.sort(key=lambda row: row[order])
        names = tuple(rows[0]) if rows else ()
        columns = (_column(table, name, rows, self._dialect) for name in names)
        return Sealed(self._statement(table, names), list(zip(*columns, strict=True)))

    def seal_index(self) -> Sealed:
        """Return the search words of all tickets, in the order of their table."""
        self._index.sort()
        return Sealed(self._statement(TicketWord, ("word", "ticket_id")), self._index)

    def seal_audit(self) -> tuple[Sealed, Sealed]:
        """Return the audit entries, chained to those that are there, and the head of the chain after them."""
        kept = self._session.scalar(select(AuditHead))
        chain = Chain(self.keys, head=kept.head if kept else b"", serial=kept.serial if kept else 0)
        self.rows[AuditEntry] = [chain.add(*entry) for entry in sorted(self._audit, key=lambda each: each[0])]
        statement = self._statement(AuditHead, ("id", "serial", "head"))
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

    def _statement(self, table: type[Base], names: tuple[str, ...]) -> str:
        mark = "?" if self._dialect.paramstyle == "qmark" else "%s"
        marks = ", ".join(mark for _ in names)
        return f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  (our own words)


def _column(table: type[Base], name: str, rows: list[Row], dialect: Dialect) -> Iterable[Any]:
    """Return one column as the driver takes it: a column at a time is quicker than a row at a time."""
    kind = table.__table__.c[name].type
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    values = (row[name] for row in rows)
    if process is None:
        return values
    # Many rows share an instant; its text is the dearest of all that is not encrypted.
    return map(cache(process) if isinstance(kind, UtcDateTime) else process, values)
