"""Writes reports as workbooks: plain values in named sheets, nothing that is computed on opening."""

from collections.abc import Sequence
from io import BytesIO

from xlsxwriter import Workbook

from helpdesk.queries.ojk import Balance, OjkLine, OjkReport

BALANCE_HEAD = ("Opening", "Received", "Resolved", "Closing")

_HEAD_ID = ("Kode", "Nama", "Saldo awal", "Diterima", "Selesai", "Saldo akhir")


def balance_row(balance: Balance) -> tuple[int, int, int, int]:
    """Return the four figures in the order of BALANCE_HEAD."""
    return balance.opening, balance.received, balance.resolved, balance.closing


def ojk_workbook(report: OjkReport) -> bytes:
    """Return the half-yearly report as an .xlsx file, in Bahasa Indonesia as the regulator's form is."""
    return workbook(
        [
            ("Ringkasan", _summary(report)),
            ("Jenis masalah", _balances(report.by_type, report.total)),
            ("Kanal", _balances(report.by_channel, report.total)),
            ("Bentuk", _balances(report.by_form, report.total)),
            ("Perlu dilengkapi", _gaps(report)),
        ]
    )


Rows = Sequence[Sequence[str | int]]


def workbook(sheets: Sequence[tuple[str, Rows]]) -> bytes:
    """Return named tables, each with its head first, as an .xlsx file."""
    buffer = BytesIO()
    # A cell that begins with "=" stays text: what people wrote must never run in a spreadsheet.
    with Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        for title, rows in sheets:
            _write(book, title, rows)
    return buffer.getvalue()


def _summary(report: OjkReport) -> Rows:
    total = report.total
    return [
        ("Uraian", "Nilai"),
        ("Periode", report.period.label),
        ("Mulai", report.period.starts_on.isoformat()),
        ("Sebelum", report.period.ends_on.isoformat()),
        *zip(_HEAD_ID[2:], balance_row(total), strict=True),
        ("Saldo cocok", "ya" if total.is_reconciled else "tidak"),
        ("Selesai tepat waktu", report.in_time_count),
        ("Selesai terlambat", report.late_count),
        ("Ganti rugi dibayar (jumlah)", report.redress_count),
        ("Ganti rugi dibayar (Rp)", report.redress_sum),
        *((f"Putusan {disposition}", count) for disposition, count in report.dispositions),
    ]


def _balances(lines: Sequence[OjkLine], total: Balance) -> Rows:
    rows = [(line.code, line.name, *balance_row(line.balance)) for line in lines]
    return [_HEAD_ID, *rows, ("JUMLAH", "", *balance_row(total))]


def _gaps(report: OjkReport) -> Rows:
    rows = [(gap.kind, gap.count, ", ".join(gap.numbers)) for gap in report.gaps]
    return [("Kekurangan", "Jumlah", "Nomor"), *rows]


def _write(book: Workbook, title: str, rows: Rows) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row, bold if line == 0 else None)
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=False)]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2, 60))
    sheet.freeze_panes(1, 0)
