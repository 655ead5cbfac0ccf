"""`helpdesk inbox` and `helpdesk outbox`: what waits on its way in and on its way out."""

import os
from datetime import datetime
from functools import partial

import click
from sqlalchemy.orm import Session

from helpdesk import collecting
from helpdesk import inbox as inbox_work
from helpdesk import outbox as outbox_work
from helpdesk.cli.base import FAULT, Context, local, print_table
from helpdesk.domain.errors import NotFound
from helpdesk.domain.messages import CHAT_CHANNELS
from helpdesk.domain.numbers import format_number
from helpdesk.queries import operations
from helpdesk.services import webhooks

MAX_ID = 2**63 - 1
"""No database holds a greater one."""


@click.group(short_help="Stored webhooks.")
def inbox() -> None:
    """List and replay webhook events that are not processed.

    \b
    Example:
      helpdesk inbox list
    """


@inbox.command("list", short_help="List what is not processed.")
@click.pass_obj
def list_inbox(context: Context) -> None:
    """List stored webhook events that wait for another try or for a person (stuck), with the reason.

    \b
    Example:
      helpdesk inbox list
    """
    with context.runtime() as rt:
        found = rt.read(operations.unprocessed_events)
        zone = rt.settings.zone
    rows = [
        (row.id, row.channel, row.state, local(row.received_at, zone), row.attempts, row.reason, row.error)
        for row in found
    ]
    print_table(("ID", "CHANNEL", "STATE", "RECEIVED", "ATTEMPTS", "REASON", "DETAIL"), rows)


@inbox.command(short_help="Process events again.")
@click.argument("ids", nargs=-1, type=click.IntRange(1, MAX_ID), metavar="[ID]...")
@click.pass_context
def replay(click_context: click.Context, ids: tuple[int, ...]) -> None:
    """Process these events again, or all that are not processed; exit status 1 if one still resists.

    \b
    Example:
      helpdesk inbox replay 17 18
    """
    failed = 0
    with click_context.obj.runtime() as rt:
        waiting = rt.write(lambda session: _back_in_line(session, ids, rt.now()))
        for event_id in waiting:
            outcome = inbox_work.process(rt, event_id)
            failed += outcome is not inbox_work.Outcome.PROCESSED
            row = rt.read(partial(operations.events_by_id, ids=[event_id]))[0]
            reason = f", {row.reason}: {row.error}" if row.reason else ""
            click.echo(f"{event_id}: {outcome}{reason}")
    click.echo(f"{len(waiting) - failed} processed, {failed} failed.")
    if failed:
        click_context.exit(FAULT)


@inbox.command(short_help="Fetch what never reached us from the providers.")
@click.argument("channels", nargs=-1, type=click.Choice(sorted(CHAT_CHANNELS)), metavar="[CHANNEL]...")
@click.pass_context
def reconcile(click_context: click.Context, channels: tuple[str, ...]) -> None:
    """Compare these channels, or all, with their providers' own lists, and take in what is missing here.

    The worker does it every five minutes; exit status 1 if a provider could not be asked.

    \b
    Example:
      helpdesk inbox reconcile whatsapp
    """
    has_fault = False
    with click_context.obj.runtime() as rt:
        for code in channels or sorted(CHAT_CHANNELS):
            look = collecting.reconcile(rt, code, owner=f"cli:{os.getpid()}", is_forced=True)
            has_fault = has_fault or (look is not None and look.fault is not None)
            click.echo(f"{code}: {_told(look, is_on=code in rt.channels)}")
    if has_fault:
        click_context.exit(FAULT)


def _told(look: collecting.Look | None, *, is_on: bool) -> str:
    if look is None:
        return "its provider keeps no list" if is_on else "off"
    if look.is_polled:
        return "polled by the worker"
    if look.is_busy:
        return "a worker is at it"
    if look.fault is not None:
        return f"the provider could not be asked: {look.fault}"
    parts = [f"{look.healed_count} healed"]
    if look.listed_count is not None:
        parts.insert(0, f"{look.listed_count} listed")
    if look.pending_count is not None:
        parts.append(f"{look.pending_count} pending")
    if look.is_webhook_set_again:
        parts.append("webhook set again")
    return ", ".join(parts)


def _back_in_line(session: Session, ids: tuple[int, ...], now: datetime) -> list[int]:
    waiting = webhooks.try_again(session, list(ids), now=now)
    missing = sorted(set(ids) - set(waiting))
    if missing:
        raise NotFound(f"no unprocessed event {', '.join(map(str, missing))}")
    return waiting


@click.group(short_help="Messages on their way out.")
def outbox() -> None:
    """List messages that wait or failed, and send what is due.

    \b
    Example:
      helpdesk outbox list
    """


@outbox.command("list", short_help="List what waits or failed.")
@click.pass_obj
def list_outbox(context: Context) -> None:
    """List messages that wait to be sent, are being sent, or failed; never their texts.

    Those that wait on purpose come last: held until the contact writes, or later, when her night is over.

    \b
    Example:
      helpdesk outbox list
    """
    with context.runtime() as rt:
        found = rt.read(lambda session: operations.outbox(session, now=rt.now()))
        zone = rt.settings.zone
    rows = [
        (row.message_id, format_number(row.number), row.channel, row.status, row.attempts,
         local(row.next_attempt_at, zone), row.error)
        for row in found
    ]  # fmt: skip
    print_table(("MESSAGE", "TICKET", "CHANNEL", "STATUS", "ATTEMPTS", "NEXT TRY", "ERROR"), rows)


@outbox.command(short_help="One sending pass.")
@click.pass_obj
def send(context: Context) -> None:
    """Send what is due now and stop; failures are tried again by the worker.

    \b
    Example:
      helpdesk outbox send
    """
    with context.runtime() as rt:
        sent = outbox_work.send_all(rt)
        found = rt.read(lambda session: operations.outbox(session, now=rt.now()))
    on_purpose = sum(row.status in (operations.HELD, operations.LATER) for row in found)
    held = f" {on_purpose} held until they may go." if on_purpose else ""
    click.echo(f"{sent} sent; {len(found) - on_purpose} wait or failed.{held}")
