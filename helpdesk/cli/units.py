"""`helpdesk unit`: the organisation tree."""

import click

from helpdesk.cli.base import ACTOR, Context, print_table
from helpdesk.models.people import UnitKind
from helpdesk.queries import admin
from helpdesk.services import units

_KINDS = [kind.value for kind in UnitKind if kind is not UnitKind.HEAD_OFFICE]


@click.group(short_help="Regions, areas and points.")
def unit() -> None:
    """Add and list units of the organisation. Head office (HO) is there from the start.

    \b
    Example:
      helpdesk unit add BGR --kind point --under A1 --name "Bogor"
    """


@unit.command(short_help="Add a unit.")
@click.argument("code")
@click.option("--kind", type=click.Choice(_KINDS), required=True)
@click.option("--under", "parent", required=True, metavar="CODE", help="The unit above.")
@click.option("--name", required=True, help="Name on screens.")
@click.option("--zone", help="Time zone, such as Asia/Makassar; the default is that of the unit above.")
@click.option(
    "--remote", "is_remote", is_flag=True, help="Letters take long: 20 working days to object, not 10."
)
@click.pass_obj
def add(
    context: Context, code: str, *, kind: str, parent: str, name: str, zone: str | None, is_remote: bool
) -> None:
    """Add the unit CODE: a region under HO, an area under a region, a point under an area.

    \b
    Example:
      helpdesk unit add R1 --kind region --under HO --name "Jawa Barat"
    """
    with context.runtime() as rt:
        rt.write(
            lambda session: units.add_unit(
                session, code=code, name=name, kind=UnitKind(kind), parent_code=parent, zone=zone,
                is_remote=is_remote, actor=ACTOR, now=rt.now(),
            )
        )  # fmt: skip
    click.echo(f"{code} was added under {parent}.")


@unit.command("set", short_help="Change a unit.")
@click.argument("code")
@click.option(
    "--remote/--not-remote", "is_remote", required=True, help="Whether letters take long to and from there."
)
@click.pass_obj
def change(context: Context, code: str, *, is_remote: bool) -> None:
    """Say whether the unit CODE is remote: whoever belongs to it has 20 working days to object to an answer, not 10.

    Answers that were given keep their date. Units below it have a setting of their own.

    \b
    Example:
      helpdesk unit set BGR --remote
    """
    with context.runtime() as rt:
        rt.write(
            lambda session: units.set_remote(session, code, is_remote=is_remote, actor=ACTOR, now=rt.now())
        )
    click.echo(f"{code} is {'' if is_remote else 'not '}remote.")


@unit.command("list", short_help="List units.")
@click.pass_obj
def list_units(context: Context) -> None:
    """List the organisation tree.

    \b
    Example:
      helpdesk unit list
    """
    with context.runtime() as rt:
        found = rt.read(admin.units)
    rows = [(row.code, row.name, row.kind, row.zone, "yes" if row.is_remote else "") for row in found]
    print_table(("CODE", "NAME", "KIND", "ZONE", "REMOTE"), rows)
