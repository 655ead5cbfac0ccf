"""`helpdesk audit`: the check of the audit chains."""

import click

from helpdesk.cli.base import FAULT
from helpdesk.queries.audit_check import verify as first_broken


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
        broken = rt.snapshot(first_broken)
    if broken is None:
        click.echo("The audit trail is whole.")
        return
    where = "the general trail" if broken.chain == "audit" else f"ticket {broken.chain}"
    click.echo(f"Broken at entry {broken.serial} of {where}.")
    context.exit(FAULT)
