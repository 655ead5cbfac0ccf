"""`make bench`: measures on SQLite and PostgreSQL in one run, prints tables, writes JSON."""

import argparse
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.clocks import arithmetic, growth
from benchmarks.installation import GROWTH, bare, databases, installation
from benchmarks.measures import MEASURES, Figures
from benchmarks.pages import pages, show_pages
from benchmarks.queueing import queueing

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench BENCH=…", description=__doc__)
    parser.add_argument("--skip-growth", action="store_true", help="no sweeps over up to a million clocks")
    parser.add_argument("--only-growth", action="store_true", help="nothing but these")
    parser.add_argument("--only-pages", action="store_true", help="nothing but the Mitra's pages in Chromium")
    options = parser.parse_args()
    if options.only_pages:
        print(f"written to {write({'pages': measured_pages()})}")
        return
    results: dict[str, Figures] = {}
    sizes: dict[int, Figures] = {}
    with databases() as urls:
        growing = urls.pop(GROWTH)
        for name, url in {} if options.only_growth else urls.items():
            results[name] = {}
            with installation(url) as (rt, app):
                for measure in track((*MEASURES, queueing, arithmetic), description=name, transient=True):
                    results[name].update(measure(rt, app))
        if not options.skip_growth:
            with bare(growing) as rt:
                sizes = growth(rt)
    if results:
        show(results)
    if sizes:
        show_growth(sizes)
    public = {} if options.only_growth else measured_pages()
    print(f"written to {write({**results, 'pages': public, GROWTH: sizes})}")


def measured_pages() -> dict[str, Figures]:
    """Measure the public pages and print them; without Chromium say so."""
    found = pages()
    if found:
        show_pages(found)
    else:
        print("public pages not measured: no Chromium (apt-get install chromium)")
    return found


def show(results: dict[str, Figures]) -> None:
    """Print both databases side by side, and the ratio, which is what may be compared between machines."""
    table = Table(
        title=f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    )
    table.add_column("measure")
    for name in results:
        table.add_column(name, justify="right")
    table.add_column("ratio", justify="right")
    first, second = results.values()
    for measure, value in first.items():
        other = second[measure]
        table.add_row(measure, f"{value:,.1f}", f"{other:,.1f}", f"{other / value:.2f}" if value else "-")
    Console(width=110).print(table)


def show_growth(sizes: dict[int, Figures]) -> None:
    """Print the sweep at each number of open clocks, and the last over the first: 1 is a cost that does not grow."""
    table = Table(title="SLA sweep by open clocks, PostgreSQL")
    table.add_column("measure")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    table.add_column("last / first", justify="right")
    first, *_, last = sizes.values()
    for measure in last:
        values = [figures.get(measure) for figures in sizes.values()]
        ratio = f"{last[measure] / first[measure]:.2f}" if first.get(measure) else "-"
        table.add_row(measure, *("-" if each is None else f"{each:,.2f}" for each in values), ratio)
    Console(width=110).print(table)


def write(results: Mapping[str, object]) -> Path:
    """Write the figures with the commit they belong to."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(
        json.dumps({"at": now.isoformat(), "commit": commit, "figures": results}, indent=2) + "\n"
    )
    return path.relative_to(RESULTS.parent.parent)


if __name__ == "__main__":
    main()
