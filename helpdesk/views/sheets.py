"""Tables as CSV files that spreadsheets open without running anything in them."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

Cell = str | int | float | None

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's own code page."""


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a download named `name`.csv; text that a spreadsheet would compute is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    answer = Response((_BOM + out.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _safe(cell: Cell) -> Cell:
    """OWASP, CSV Injection: an apostrophe in front makes a cell plain text."""
    if isinstance(cell, str) and cell.lstrip(" \n").startswith(_STARTS_FORMULA):
        return f"'{cell}"
    return cell
