"""`make bench`: measures on SQLite and PostgreSQL in one run, prints a table, writes JSON."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.installation import databases, installation
from benchmarks.measures import MEASURES, Figures

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print, write."""
    results: dict[str, Figures] = {}
    with databases() as urls:
        for name, url in urls.items():
            results[name] = {}
            with installation(url) as (rt, app):
                for measure in track(MEASURES, description=name, transient=True):
                    results[name].update(measure(rt, app))
    show(results)
    print(f"written to {write(results)}")


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


def write(results: dict[str, Figures]) -> Path:
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
