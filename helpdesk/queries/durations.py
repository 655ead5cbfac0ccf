"""Spread of the time from receipt to answer, computed in the database on both dialects."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Float, and_, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.models.tickets import Ticket

DAY_SECONDS = 86_400


class seconds_between(FunctionElement[float]):
    """Seconds from the first instant to the second."""

    type = Float()
    name = "seconds_between"
    inherit_cache = True


@compiles(seconds_between)
def _in_postgres(element: seconds_between, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))::float"


@compiles(seconds_between, "sqlite")
def _in_sqlite(element: seconds_between, compiler: SQLCompiler, **options: object) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * {DAY_SECONDS}.0)"


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `n` resolved complaints: calendar days to the answer, and how many were opened again."""

    n: int
    median_days: float | None
    p90_days: float | None
    reopened_share: float | None


def days_to_resolve(session: Session, *, since: datetime, scope: ColumnElement[bool]) -> Spread:
    """Return the spread of complaints resolved since then, in one statement; by nearest rank."""
    seconds = seconds_between(Ticket.received_at, Ticket.resolved_at)
    ranked = (
        select(
            seconds.label("seconds"),
            func.row_number().over(order_by=seconds).label("place"),
            func.count().over().label("n"),
            func.sum(case((Ticket.reopened_count > 0, 1), else_=0)).over().label("reopened"),
        )
        .where(Ticket.resolved_at >= since, Ticket.kind == TicketKind.COMPLAINT, scope)
        .subquery()
    )
    median = (ranked.c.n + 1) // 2
    ninetieth = (ranked.c.n * 9 + 9) // 10
    found = session.execute(
        select(
            func.max(ranked.c.n),
            func.max(ranked.c.reopened),
            func.max(case((ranked.c.place == median, ranked.c.seconds))),
            func.max(case((ranked.c.place == ninetieth, ranked.c.seconds))),
        ).where(and_(ranked.c.place >= median, ranked.c.place <= ninetieth))
    ).one()
    n, reopened, middle, high = found
    if not n:
        return Spread(0, None, None, None)
    return Spread(int(n), middle / DAY_SECONDS, high / DAY_SECONDS, int(reopened) / int(n))
