"""Rows as the driver takes them: encrypted, with nothing left to be worked out. A second process can do it."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context, parent_process
from typing import Any

from sqlalchemy import URL, Dialect, Engine, Enum, LargeBinary
from sqlalchemy.orm import Session

from helpdesk.crypto import KeyRing, attach_key_ring, keys_of
from helpdesk.db import Base, UtcDateTime, make_engine

Row = dict[str, Any]
Values = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Sealed:
    """All rows of one table, with the statement that writes them."""

    statement: str
    values: Values

    def write(self, session: Session) -> None:
        """Write them."""
        if self.values:
            session.connection().exec_driver_sql(self.statement, self.values)


def seal(table: type[Base], rows: list[Row], dialect: Dialect) -> Values:
    """Return the rows as the driver takes them; all have the same columns."""
    if not rows:
        return []
    columns = (_column(table, name, rows, dialect) for name in rows[0])
    return list(zip(*columns, strict=True))


def insert_into(table: type[Base], names: Iterable[str], dialect: Dialect) -> str:
    """Return the statement for rows with these columns."""
    names = tuple(names)
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join(mark for _ in names)
    return f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  (our own words)


def _column(table: type[Base], name: str, rows: list[Row], dialect: Dialect) -> Iterable[Any]:
    """Return one column as the driver takes it: a column at a time is quicker than a row at a time."""
    kind = table.__table__.c[name].type
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    values = (row[name] for row in rows)
    if process is None or isinstance(kind, LargeBinary):  # drivers take bytes; a memoryview cannot travel
        return values
    # Many rows share an instant or a word, and what the driver takes for it is dear to work out.
    return map(cache(process) if isinstance(kind, UtcDateTime | Enum) else process, values)


@contextmanager
def second_process(session: Session) -> Iterator[Executor]:
    """Lend a process that runs seal_there() with the keys of the session; it starts when it is first used."""
    engine = session.get_bind().engine
    pool = ProcessPoolExecutor(
        max_workers=1,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(engine.url, keys_of(session)),
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_engine: Engine
"""Of the second process; it never connects."""


def _begin(url: URL, keys: KeyRing) -> None:
    global _engine
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which ends this one
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    _engine = make_engine(url.render_as_string(hide_password=False))
    attach_key_ring(_engine, keys)


def _end_with_the_first() -> None:
    """Leave nothing behind where the first process was killed and could not end us."""
    first = parent_process()
    if first is not None:
        first.join()
        os._exit(1)


def seal_there(table: type[Base], rows: list[Row]) -> Values:
    """Seal rows in the second process."""
    return seal(table, rows, _engine.dialect)
