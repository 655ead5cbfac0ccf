"""Notices of the last weeks: who was told of warnings, breaches and escalations; the newest are unread."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.demo.world.chronicle import Chronicle
from helpdesk.demo.world.facts import Notice
from helpdesk.demo.world.rows import Row, Sealed, insert_into, seal
from helpdesk.models.people import Notification
from helpdesk.models.tickets import Ticket
from helpdesk.services import escalations

KEPT = timedelta(days=21)
UNREAD = timedelta(hours=20)
READ_AFTER = timedelta(hours=3)


def write_notices(session: Session, chronicles: list[Chronicle], *, now: datetime) -> None:
    """Write them as services/escalations.py would have."""
    known: dict[tuple[object, ...], list[int]] = {}
    rows: list[Row] = []
    for chronicle in chronicles:
        for notice in chronicle.notices:
            if now - notice.at > KEPT:
                continue
            for user_id in _told(session, known, chronicle, notice):
                rows.append(
                    {
                        "user_id": user_id,
                        "ticket_id": chronicle.ticket.id,
                        "kind": notice.kind,
                        "level": notice.level,
                        "clock_event_id": notice.event["id"],
                        "created_at": notice.at,
                        "read_at": _read_at(notice, user_id, now=now),
                    }
                )
    rows.sort(key=lambda row: row["created_at"])
    if rows:
        batch = seal(Notification, rows, session.get_bind().dialect)
        Sealed(insert_into(Notification, batch.names), batch.values).write(session)


def _read_at(notice: Notice, user_id: int, *, now: datetime) -> datetime | None:
    """Who answered an escalation has read it by that; of the rest the newest are unread."""
    answered_at: datetime | None = notice.event["acknowledged_at"]
    if answered_at is not None and notice.event["acknowledged_by_id"] == user_id:
        return answered_at
    return None if now - notice.at < UNREAD else notice.at + READ_AFTER


def _told(
    session: Session, known: dict[tuple[object, ...], list[int]], chronicle: Chronicle, notice: Notice
) -> list[int]:
    """Return the ids of who stands at the level; the same question is asked once."""
    ticket = chronicle.ticket
    key = (ticket.unit_id, ticket.is_about_staff, notice.team_id, notice.level)
    if key not in known:
        asked = Ticket(
            id=-1, unit_id=ticket.unit_id, is_about_staff=ticket.is_about_staff, team_id=notice.team_id
        )
        users = escalations.recipients(session, asked, notice.level)
        known[key] = [user.id for user in users]
    return [user_id for user_id in known[key] if user_id not in chronicle.subjects]
