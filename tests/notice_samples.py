"""Escalations whose people are told besides the application."""

from dataclasses import dataclass
from datetime import UTC, datetime

from factories import make_ladder, make_team, make_ticket, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import NoticeWay
from helpdesk.domain.numbers import format_number
from helpdesk.domain.severity import Severity
from helpdesk.models.people import NoticeDelivery, Position, Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps


def wib(day: str, time: str) -> datetime:
    """Instant that clocks in Jakarta show."""
    return datetime.fromisoformat(f"{day}T{time}+07:00").astimezone(UTC)


PHONE = "+6281311112222"
EMAIL = NoticeWay.EMAIL


@dataclass
class Case:
    """An area manager in Makassar (an hour ahead of Jakarta), and a ticket of her area."""

    manager: User
    ticket: Ticket

    @property
    def number(self) -> str:
        return format_number(self.ticket.number)


def a_case(rt: Runtime, *via: NoticeWay, severity: Severity = Severity.S2, **changes: object) -> Case:
    def make(session: Session) -> Case:
        _region, area, point = make_ladder(session, zone="Asia/Makassar")
        manager = make_user(
            session,
            Role.FIELD,
            position=Position.AM,
            unit=area,
            email="rina@contoh.id",
            phone=PHONE,
            notify_via=list(via or (EMAIL,)),
        )
        ticket = make_ticket(
            session, unit=point, team=make_team(session), severity=severity, received_at=rt.now(), **changes
        )
        sla.start_clocks(session, ticket, now=rt.now())
        return Case(manager, ticket)

    return rt.write(make)


def sweep(rt: Runtime) -> None:
    rt.write(lambda session: sweeps.run_within(session, now=rt.now()))


def at(rt: Runtime, day: str, time: str) -> None:
    """Let it be that time in Jakarta."""
    now = wib(day, time)
    rt.now = lambda: now


def on_the_way(rt: Runtime) -> list[tuple[str, str, str | None, int]]:
    def read(session: Session) -> list[tuple[str, str, str | None, int]]:
        rows = session.scalars(select(NoticeDelivery).order_by(NoticeDelivery.id))
        return [(row.via, row.status, row.error_code, row.attempts) for row in rows]

    return rt.read(read)


def next_try(rt: Runtime) -> object:
    return rt.read(lambda session: session.scalar(select(NoticeDelivery.next_attempt_at)))


def a_case_of_another(rt: Runtime) -> Case:
    def make(session: Session) -> Case:
        _region, area, point = make_ladder(session)
        manager = make_user(session, Role.FIELD, position=Position.AM, unit=area, notify_via=["email"])
        ticket = make_ticket(session, unit=point, severity=Severity.S2, received_at=rt.now())
        sla.start_clocks(session, ticket, now=rt.now())
        return Case(manager, ticket)

    return rt.write(make)
