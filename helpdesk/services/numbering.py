"""Ticket numbers that nobody has."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.domain.numbers import new_number
from helpdesk.models.tickets import Ticket


def free_number(session: Session) -> str:
    """Draw numbers until one is free: random, so that none tells anything of another (contract.md 5)."""
    length = 8
    for attempt in range(200):
        if attempt and attempt % 20 == 0:
            length += 1  # this length runs out
        number = new_number(secrets.randbelow, length=length)
        if session.scalar(select(Ticket.id).where(Ticket.number == number)) is None:
            return number
    raise Conflict("no free ticket number was found")
