"""Rows as the driver takes them: encrypted, with nothing left to be worked out; and how they are written."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, Enum, LargeBinary
from sqlalchemy.orm import Session

from helpdesk.db import Base, UtcDateTime

PLACES = 800
"""So many values in one statement; SQLite takes 32,766, but longer ones are no quicker."""

Row = dict[str, Any]
Values = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one table."""

    names: tuple[str, ...]
    values: Values


@dataclass(frozen=True, slots=True)
class Sealed:
    """All rows of one table, with the statement that writes them, up to its VALUES and from there on."""

    into: str
    values: Values
    ending: str = ""

    def write(self, session: Session) -> None:
        """Write them, many with one statement: that takes half the time of a statement for each."""
        if not self.values:
            return
        connection = session.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        width = len(self.values[0])
        row = f"({', '.join([mark] * width)})"
        for rows in _in_turn(self.values, max(1, PLACES // width)):
            statement = f"{self.into} VALUES {', '.join([row] * len(rows))} {self.ending}"
            connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows)))


def seal(table: type[Base], rows: list[Row], dialect: Dialect) -> Batch:
    """Return the rows, at least one, as the driver takes them; all have the same columns."""
    columns = (_column(table, name, rows, dialect) for name in rows[0])
    return Batch(tuple(rows[0]), list(zip(*columns, strict=True)))


def insert_into(table: type[Base], names: Sequence[str]) -> str:
    """Return the statement for rows with these columns, up to its VALUES."""
    return f"INSERT INTO {table.__tablename__} ({', '.join(names)})"


@contextmanager
def without_indexes(session: Session, *tables: type[Base]) -> Iterator[None]:
    """Build the indexes of these tables after their rows: to sort once is quicker than to search for each row."""
    connection = session.connection()
    indexes = [index for table in tables for index in Base.metadata.tables[table.__tablename__].indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _column(table: type[Base], name: str, rows: list[Row], dialect: Dialect) -> Iterable[Any]:
    """Return one column as the driver takes it: a column at a time is quicker than a row at a time."""
    kind = table.__table__.c[name].type
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    values = (row[name] for row in rows)
    if process is None or isinstance(kind, LargeBinary):  # drivers take bytes; a memoryview cannot travel
        return values
    # Many rows share an instant or a word, and what the driver takes for it is dear to work out.
    return map(cache(process) if isinstance(kind, UtcDateTime | Enum) else process, values)


def _in_turn(values: Values, size: int) -> Iterator[Values]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
