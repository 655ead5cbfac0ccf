"""Puts all commands together, in the order in which `helpdesk --help` lists them."""

from pathlib import Path

import click

from helpdesk import __version__
from helpdesk.cli.audit import audit
from helpdesk.cli.base import Context, ForgivingGroup
from helpdesk.cli.db import db
from helpdesk.cli.doctor import doctor
from helpdesk.cli.matrix import matrix
from helpdesk.cli.messages import inbox, outbox
from helpdesk.cli.people import token, user
from helpdesk.cli.policies import policy
from helpdesk.cli.privacy import privacy
from helpdesk.cli.recompute import recompute_command
from helpdesk.cli.reporting import report
from helpdesk.cli.serving import serve, worker
from helpdesk.cli.sla import sla
from helpdesk.cli.templates import template
from helpdesk.cli.texts import texts
from helpdesk.cli.units import unit

sla.add_command(recompute_command)


@click.group(cls=ForgivingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--env",
    "env_file",
    # A file that is not there is wrong input to every command (status 2), also to those that report faults (1).
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Read settings from FILE.",
)
@click.version_option(__version__, prog_name="helpdesk")
@click.pass_context
def main(context: click.Context, env_file: Path | None) -> None:
    """Complaint handling: web server, worker and administration.

    Settings come from the environment (HELPDESK_...) and from FILE (default .env); the environment wins.

    \b
    Example:
      helpdesk --env var/demo.env doctor
    """
    context.obj = Context(env_file)


sla.add_command(policy)
for command in (
    serve,
    worker,
    db,
    unit,
    user,
    token,
    sla,
    matrix,
    texts,
    inbox,
    outbox,
    template,
    report,
    privacy,
    audit,
    doctor,
):
    main.add_command(command)
