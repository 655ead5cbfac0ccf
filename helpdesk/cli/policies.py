"""`helpdesk sla policy`: the SLA policies as a YAML file. They are published on the pages, by two people."""

from collections.abc import Sequence
from pathlib import Path

import click

from helpdesk.cli.base import Context
from helpdesk.domain.errors import InvalidInput
from helpdesk.queries import policies as stored
from helpdesk.sla.policy import SlaPolicy
from helpdesk.sla.policy_changes import ChangeKind, PolicyChange, compare, lines, target_text
from helpdesk.sla.policy_checks import OTHER, Finding, FindingKind, Weight, check_policies, errors
from helpdesk.sla.policy_document import parse_document, write_document

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))

_SAID = {
    FindingKind.NO_POLICY: "no policy fits {where}",
    FindingKind.LEFT_TO_FALLBACK: "only the fallback fits {where}",
    FindingKind.NEVER_REACHED: "{policy} is never reached: those above it take all its tickets",
    FindingKind.UNKNOWN_CATEGORY: "{policy} names an unknown category: {others}",
    FindingKind.NO_LEGAL_PROMISE: "{policy} has no regulatory target, and the law gives {limit} for {where}",
    FindingKind.LATER_THAN_LAW: "{policy}: regulatory is later than the law, which gives {limit} for {where}",
    FindingKind.OUT_OF_ORDER: "{policy}: {metric} is later than {than}",
    FindingKind.GRAVER_IS_SLOWER: "{policy} is slower than {others}, which is milder: {metric}",
    FindingKind.PAUSE_WITHOUT_CAP: "{policy}: {metric} pauses without a cap",
    FindingKind.OVERLAP: "{policy} goes before {others}",
}


@click.group(short_help="The SLA policies as a YAML file.")
def policy() -> None:
    """Show, check and compare SLA policies. They are changed under /admin/policies, where a second person decides.

    \b
    Example:
      helpdesk sla policy show > policies.yaml
    """


@policy.command(short_help="Print the policies in force.")
@click.pass_obj
def show(context: Context) -> None:
    """Print the policies in force as YAML, in the order in which they are tried.

    \b
    Example:
      helpdesk sla policy show > policies.yaml
    """
    with context.runtime() as rt:
        found, editions = rt.read(lambda session: (stored.current(session), stored.editions(session)))
    click.echo(write_document(found).rstrip("\n"))
    if editions:
        newest = editions[0]
        who = newest.decided_by or "the system"
        click.echo(f"edition {newest.version}, published {newest.published_at.date()} by {who}", err=True)


@policy.command(short_help="Validate a file.")
@_file
def check(file: Path) -> None:
    """Validate FILE: gaps, overlaps, promises against each other and against the law; needs no database.

    \b
    Example:
      helpdesk sla policy check policies.yaml
    """
    found = _read(file)
    findings = check_policies(found)
    faults = errors(findings)
    if faults:
        raise InvalidInput("\n".join(map(_said, faults)), field="document")
    for finding in findings:
        if finding.weight is Weight.WARNING:
            click.echo(f"warning: {_said(finding)}")
    click.echo(f"{file} is a valid set of {len(found)} policies.")


@policy.command(short_help="Compare a file with the policies in force.")
@_file
@click.pass_obj
def diff(context: Context, file: Path) -> None:
    """Show what FILE would change in the policies in force; changes nothing.

    \b
    Example:
      helpdesk sla policy diff policies.yaml
    """
    wanted = _read(file)
    with context.runtime() as rt:
        current = rt.read(stored.current)
    changes = [change for change in compare(current, wanted) if change.kind is not ChangeKind.SAME]
    for change in changes:
        click.echo(f"{change.code}: {change.kind}{', moved' if _is_also_moved(change) else ''}")
        for line in _told(change):
            click.echo(f"  {line}")
    if not changes:
        click.echo("No difference.")


def _read(file: Path) -> tuple[SlaPolicy, ...]:
    try:
        return parse_document(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8 text") from None


def _is_also_moved(change: PolicyChange) -> bool:
    return change.is_moved and change.kind is ChangeKind.CHANGED


def _told(change: PolicyChange) -> Sequence[str]:
    if change.kind is ChangeKind.ADDED and change.after is not None:
        return [f"{target.metric}: {target_text(target)}" for target in change.after.targets]
    return lines(change)


def _said(finding: Finding) -> str:
    return _SAID[finding.kind].format(
        policy=finding.policy,
        metric=finding.metric,
        than=finding.than,
        others=", ".join(finding.others),
        where=_where(finding),
        limit="" if finding.limit is None else str(finding.limit),
    )


def _where(finding: Finding) -> str:
    told = [
        f"{name} {', '.join(word if word != OTHER else 'any other' for word in words)}"
        for name, words in finding.where.items()
    ]
    return "; ".join(told) or "all tickets"
