"""Rows of the world before they are written, by table."""

from collections import defaultdict
from concurrent.futures import Executor, Future
from datetime import datetime
from functools import cached_property
from operator import itemgetter

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from helpdesk.crypto import keys_of
from helpdesk.db import Base
from helpdesk.demo.world.chain import Chain, Happening
from helpdesk.demo.world.rows import Batch, Row, Sealed, insert_into, seal
from helpdesk.demo.world.sealing import Lived, SealedLives, seal_lives, seal_rows
from helpdesk.models.messages import Message
from helpdesk.models.tickets import AuditEntry, AuditHead, TicketEvent, TicketWord

ROWS_AT_A_TIME, LIVES_AT_A_TIME = 1000, 50
"""How much is handed to the second process at once."""


class Ledger:
    """Collects rows by table and hands out ids; only reads from its session, for the writing comes later.

    What comes in great number is sealed by the other process meanwhile.
    """

    def __init__(self, session: Session, other: Executor) -> None:
        self._session = session
        self._other = other
        self._dialect = session.get_bind().dialect
        self.keys = keys_of(session)
        self.objects: list[Base] = []
        self._rows: dict[type[Base], list[Row]] = defaultdict(list)
        self._batches: dict[type[Base], list[Future[Batch]]] = defaultdict(list)
        self._lives: list[Lived] = []
        self._sealed_lives: list[Future[SealedLives]] = []
        self._audit: list[Happening] = []
        self._next_ids: dict[type[Base], int] = {}

    def new_id(self, table: type[Base]) -> int:
        """Return the next free id of a table; nobody else writes to it meanwhile."""
        if table not in self._next_ids:
            newest = self._session.scalar(select(func.max(table.__table__.c.id)))
            self._next_ids[table] = int(newest or 0)
        self._next_ids[table] += 1
        return self._next_ids[table]

    def add(self, table: type[Base], row: Row) -> None:
        """Keep a row for seal(). Rows of one table have the same columns."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) == ROWS_AT_A_TIME:
            self._batches[table].append(self._other.submit(seal_rows, table, self._rows.pop(table)))

    def add_life(self, life: Lived) -> None:
        """Keep what is long of a ticket; it is chained and indexed as well."""
        self._lives.append(life)
        if len(self._lives) == LIVES_AT_A_TIME:
            self._hand_over_lives()

    def chain_of(self, ticket_id: int, *, serial: int) -> Chain:
        """Return the chain of a ticket, to go on with; all lives must have been added."""
        return Chain(self.keys, head=self._heads[ticket_id], serial=serial)

    def keep(self, *objects: Base) -> None:
        """Keep objects that have their ids already, in the order of their foreign keys."""
        self.objects += objects

    def audit(self, at: datetime, kind: str, actor: str, data: dict[str, object]) -> None:
        """Keep an entry that belongs to no ticket; seal_audit() chains them in the order of time."""
        self._audit.append((at, kind, actor, data))

    def seal(self, table: type[Base], *, order: str | None = None) -> Sealed:
        """Return the rows kept for a table, sorted by a column if one is named."""
        batches = [future.result() for future in self._batches.pop(table, ())]
        if table is Message:
            batches += (lives.messages for lives in self._all_lives)
        elif table is TicketEvent:
            batches += (lives.events for lives in self._all_lives)
        if rows := self._rows.pop(table, None):
            batches.append(seal(table, rows, self._dialect))
        if not batches:
            return Sealed("", [])
        names = batches[0].names
        values = [row for batch in batches for row in batch.values]
        if order is not None:
            values.sort(key=itemgetter(names.index(order)))
        return Sealed(insert_into(table, names), values)

    def seal_index(self) -> Sealed:
        """Return the search words of all tickets, in the order of their table."""
        words = sorted(word for lives in self._all_lives for word in lives.words)
        return Sealed(insert_into(TicketWord, ("word", "ticket_id")), words)

    def seal_audit(self) -> tuple[Sealed, Sealed]:
        """Return the audit entries, chained to those that are there, and the head of the chain after them."""
        kept = self._session.scalar(select(AuditHead))
        chain = Chain(self.keys, head=kept.head if kept else b"", serial=kept.serial if kept else 0)
        for entry in sorted(self._audit, key=itemgetter(0)):
            self.add(AuditEntry, chain.add(*entry))
        head = Sealed(
            insert_into(AuditHead, ("id", "serial", "head")),
            [(1, chain.serial, chain.head)],
            ending="ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, head = excluded.head",
        )
        return self.seal(AuditEntry), head

    def advance_sequences(self, session: Session) -> None:
        """Tell PostgreSQL which ids were given by hand; SQLite looks for itself."""
        if self._dialect.name != "postgresql":
            return
        for table, newest in self._next_ids.items():
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :newest)"),
                {"table": table.__tablename__, "newest": newest},
            )

    @cached_property
    def _all_lives(self) -> list[SealedLives]:
        """What the other process made of the lives; nothing is added afterwards."""
        if self._lives:
            self._hand_over_lives()
        return [future.result() for future in self._sealed_lives]

    @cached_property
    def _heads(self) -> dict[int, bytes]:
        return {ticket: head for lives in self._all_lives for ticket, head in lives.heads.items()}

    def _hand_over_lives(self) -> None:
        self._sealed_lives.append(self._other.submit(seal_lives, self._lives))
        self._lives = []
