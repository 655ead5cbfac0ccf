"""`helpdesk report`: the same figures as the screens, for a terminal or a workbook."""

from datetime import date
from pathlib import Path

import click

from helpdesk.cli.base import Context, operator, print_table
from helpdesk.domain.errors import NotFound
from helpdesk.queries import ojk as ojk_figures
from helpdesk.queries import trends as trend_figures
from helpdesk.queries.durations import Spread
from helpdesk.queries.ojk import OjkLine, OjkReport
from helpdesk.queries.periods import parse_period
from helpdesk.queries.trends import HeatCell, TrendRow
from helpdesk.reports import BALANCE_HEAD, balance_row, ojk_workbook


@click.group(short_help="Figures for the regulator and for product teams.")
def report() -> None:
    """Print reports, or write them as a workbook.

    \b
    Example:
      helpdesk report ojk --period 2026H2 -o ojk-2026H2.xlsx
    """


@report.command(short_help="The half-yearly figures for OJK.")
@click.option("--period", required=True, help="2026H2, 2026Q3, 2026-07 or 2026.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.xlsx",
              help="Write a workbook instead.")  # fmt: skip
@click.pass_obj
def ojk(context: Context, period: str, output: Path | None) -> None:
    """Count complaints as the regulator asks: open before + received = resolved + open after.

    \b
    Example:
      helpdesk report ojk --period 2026H2 -o ojk-2026H2.xlsx
    """
    with context.runtime() as rt:
        span = parse_period(period, rt.settings.timezone)
        figures = rt.read(lambda session: ojk_figures.ojk_report(session, operator(session), span))
    if output is None:
        _print_ojk(figures)
        return
    if not output.parent.is_dir():
        raise NotFound(f"folder {output.parent} does not exist")
    output.write_bytes(ojk_workbook(figures))
    click.echo(f"{output}: {figures.total.received} received in {figures.period.label}")


@report.command(short_help="Complaints per category and week.")
@click.option("--weeks", type=click.IntRange(1, trend_figures.MAX_WEEKS), default=trend_figures.WEEKS,
              show_default=True, help="ISO weeks, the running one included.")  # fmt: skip
@click.option("--category", metavar="CODE", help="One category, with its units and example stories.")
@click.pass_obj
def trends(context: Context, weeks: int, category: str | None) -> None:
    """Show what rises: a week marked ! lies above what chance explains.

    \b
    Example:
      helpdesk report trends --weeks 8 --category PNG-ANCAM
    """
    with context.runtime() as rt:
        now = rt.now()
        if category is None:
            found = rt.read(
                lambda session: trend_figures.trends(session, operator(session), now=now, weeks=weeks)
            )
            _print_trends(found.weeks, found.rows)
            _print_spread(found.resolution)
            return
        detail = rt.read(
            lambda session: trend_figures.category_detail(
                session, operator(session), category, now=now, weeks=weeks
            )
        )
    _print_trends(detail.weeks, (detail.row,))
    _print_spread(detail.resolution)
    _print_units(detail.units)
    for story in detail.examples:
        click.echo(f"\n  {story}")


def _print_ojk(figures: OjkReport) -> None:
    period = figures.period
    click.echo(f"Complaints {period.label}: {period.starts_on} until before {period.ends_on}\n")
    sections = (("PROBLEM TYPE", figures.by_type), ("CHANNEL", figures.by_channel), ("FORM", figures.by_form))
    for title, lines in sections:
        _print_balances(title, lines, figures)
    click.echo(f"In time {figures.in_time_count}, late {figures.late_count}")
    click.echo(f"Redress paid: {figures.redress_count}, Rp {figures.redress_sum}")
    for disposition, count in figures.dispositions:
        click.echo(f"{disposition}: {count}")
    for gap in figures.gaps:
        if gap.count:
            click.echo(f"To mend, {gap.kind}: {gap.count}")


def _print_balances(title: str, lines: tuple[OjkLine, ...], figures: OjkReport) -> None:
    rows: list[tuple[object, ...]] = [
        (line.code or "-", line.name, *balance_row(line.balance)) for line in lines
    ]
    rows.append(("TOTAL", "", *balance_row(figures.total)))
    print_table((title, "NAME", *(head.upper() for head in BALANCE_HEAD)), rows)
    click.echo()


def _print_trends(weeks: tuple[date, ...], rows: tuple[TrendRow, ...]) -> None:
    table = [
        (
            row.category,
            row.name_en,
            *(f"{point.count}{'!' if point.is_above else ''}" for point in row.points),
            row.n,
        )
        for row in rows
    ]
    print_table(("CATEGORY", "NAME", *(f"{monday:%d %b}" for monday in weeks), "SUM"), table)


def _print_spread(spread: Spread) -> None:
    if spread.median_days is None or spread.p90_days is None:
        click.echo("\nNothing was resolved in these weeks.")
        return
    click.echo(f"\n{spread.n} resolved: median {spread.median_days:.1f} days, p90 {spread.p90_days:.1f} days")


def _print_units(units: tuple[HeatCell, ...]) -> None:
    click.echo()
    print_table(("UNIT", "NAME", "COMPLAINTS"), [(cell.unit_code, cell.unit, cell.count) for cell in units])
