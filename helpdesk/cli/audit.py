"""`helpdesk audit`: the check of the audit chains."""

import click
from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from helpdesk.cli.base import FAULT
from helpdesk.crypto import keys_of
from helpdesk.domain.errors import ConfigurationError
from helpdesk.domain.numbers import format_number
from helpdesk.models.tickets import AuditEntry, Ticket, TicketEvent
from helpdesk.queries.audit import Broken
from helpdesk.queries.audit import verify as first_broken


@click.group(short_help="The audit trail.")
def audit() -> None:
    """Check that the audit trail is whole.

    \b
    Example:
      helpdesk audit verify
    """


@audit.command(short_help="Check every chain of the audit trail.")
@click.pass_context
def verify(context: click.Context) -> None:
    """Check every chain and name the first broken entry; exit status 1 if one is broken.

    \b
    Example:
      helpdesk audit verify
    """
    with context.obj.runtime() as rt:
        try:
            broken = rt.read(first_broken)
        except (ConfigurationError, ValueError):
            # The keys opened the data keys: what they do not open was written by somebody else.
            broken = rt.read(_first_unreadable)
    if broken is None:
        click.echo("The audit trail is whole.")
        return
    where = "the general trail" if broken.chain == "audit" else f"ticket {broken.chain}"
    click.echo(f"Broken at entry {broken.serial} of {where}.")
    context.exit(FAULT)


def _first_unreadable(session: Session) -> Broken | None:
    """Return the first entry whose details do not decrypt; None when all do."""
    stored = type_coerce(TicketEvent.data, Text)
    events = session.execute(
        select(Ticket.number, TicketEvent.serial, stored)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(stored.is_not(None))
        .order_by(TicketEvent.ticket_id, TicketEvent.serial)
    )
    for number, serial, data in events:
        if not _is_readable(session, data):
            return Broken(format_number(number), serial)
    others = session.execute(
        select(AuditEntry.serial, type_coerce(AuditEntry.data, Text)).order_by(AuditEntry.serial)
    )
    for serial, data in others:
        if data is not None and not _is_readable(session, data):
            return Broken("audit", serial)
    return None


def _is_readable(session: Session, stored: str) -> bool:
    try:
        keys_of(session).decrypt(stored.encode())
    except ConfigurationError:
        return False
    return True
