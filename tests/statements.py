"""Counts the statements that a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


class Statements(list[str]):
    """Statements in order; `calls` has each with its parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, object]] = []


@contextmanager
def counted(source: Session | Engine) -> Iterator[Statements]:
    """Collect the statements that run inside, savepoints left out; what a session still holds is written before."""
    seen = Statements()

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if not statement.upper().startswith(("SAVEPOINT", "RELEASE")):
            seen.append(statement)
            seen.calls.append((statement, parameters))

    if isinstance(source, Session):
        source.flush()
    engine = source if isinstance(source, Engine) else source.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
