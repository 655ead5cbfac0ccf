"""`helpdesk privacy`: what a person may ask for, and the end of retention."""

from dataclasses import asdict
from datetime import date, datetime

import click

from helpdesk.cli.base import ACTOR, Context, Json, print_json, rfc3339
from helpdesk.domain.errors import Conflict
from helpdesk.runtime import Runtime
from helpdesk.services import disclosure
from helpdesk.services import privacy as rights
from helpdesk.services.privacy import Erasure


@click.group(short_help="Data-subject rights and retention.")
def privacy() -> None:
    """Answer requests for access and erasure, and end retention.

    CONTACT is a contact's id, mitra id or phone, or the number of one of its tickets.

    \b
    Example:
      helpdesk privacy export 4821-9375
    """


@privacy.command(short_help="All that is stored about a contact, as JSON.")
@click.argument("contact")
@click.pass_obj
def export(context: Context, contact: str) -> None:
    """Print all that is stored about CONTACT as JSON; the audit trail keeps that it was taken out.

    \b
    Example:
      helpdesk privacy export 081234567890 > access-request.json
    """
    with context.runtime() as rt:
        found = rt.read(lambda session: rights.find_contact(session, contact))
        data = rt.write(lambda session: disclosure.export(session, found, actor=ACTOR, now=rt.now()))
    print_json(_json(asdict(data)))


@privacy.command(short_help="Make a contact anonymous.")
@click.argument("contact")
@click.option("--force", is_flag=True, help="Also while tickets are open or must be kept; this is recorded.")
@click.pass_obj
def erase(context: Context, contact: str, *, force: bool) -> None:
    """Remove name, phone, addresses, texts and files of CONTACT for good; figures and the audit chain stay.

    Refused, and recorded as refused, while a ticket is not closed or must be kept (5 years after closing, 10 with
    redress), or something that came from her is not processed yet.

    \b
    Example:
      helpdesk privacy erase 4821-9375
    """
    with context.runtime() as rt:
        found = rt.read(lambda session: rights.find_contact(session, contact))
        done = _erase(rt, found, force=force)
    if not done.is_done:
        raise Conflict(f"not erased: {'; '.join(done.obstacles)} (--force overrides)", code="retained")
    click.echo(f"{done.contact} is erased, with the texts of {done.ticket_count} tickets.")
    for words in done.left:
        click.echo(f"Left: {words}; what is hers is erased then.")


@privacy.command(short_help="Erase what need not be kept any longer.")
@click.option("--dry-run", is_flag=True, help="Name the contacts and change nothing.")
@click.pass_obj
def retention(context: Context, *, dry_run: bool) -> None:
    """Erase every contact whose tickets have all been closed for the time they must be kept.

    Also forget whom explanations of more than five years ago were about, scans as old that no ticket has, and what
    nobody could process for as long.

    \b
    Example:
      helpdesk privacy retention --dry-run
    """
    with context.runtime() as rt:
        due = rt.read(lambda session: rights.due_contacts(session, now=rt.now()))
        for public_id, contact_id in due.items():
            if not dry_run:
                _erase(rt, contact_id, force=False)
            click.echo(f"{public_id} {'would be erased' if dry_run else 'is erased'}")
        left = rt.read(lambda session: rights.due_leftovers(session, now=rt.now()))
        if not dry_run:
            left = rt.write(lambda session: rights.erase_leftovers(session, actor=ACTOR, now=rt.now()))
            for key in left.storage_keys:
                rt.storage.delete(key)
    click.echo(f"{len(due)} contacts are due." if dry_run else f"{len(due)} contacts erased.")
    kinds = f"{left.explanation_count} explanations, {left.page_count} scanned pages and {left.raw_count} webhooks"
    click.echo(f"{kinds} are due." if dry_run else f"{kinds} forgotten.")


def _erase(rt: Runtime, contact_id: int, *, force: bool) -> Erasure:
    done = rt.write(lambda session: rights.erase(session, contact_id, force=force, actor=ACTOR, now=rt.now()))
    for key in done.storage_keys:  # only now that no row names them any more
        rt.storage.delete(key)
    return done


def _json(value: object) -> Json:
    """Turn nested records into what JSON knows."""
    if isinstance(value, dict):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
