"""Reports on screen and as files: figures that reconcile, periods that are understood, cells that run nothing."""

import csv
import io
from datetime import timedelta

import pytest
from factories import NOW, make_team, make_ticket
from flask import Flask
from sqlalchemy.orm import Session
from ticket_stories import SignIn

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.models.people import Role
from helpdesk.runtime import Runtime
from helpdesk.views.sheets import csv_answer

DAY = timedelta(days=1)


def a_history(rt: Runtime) -> None:
    """One complaint answered with a refund, one open without category."""

    def write(session: Session) -> None:
        done = make_ticket(
            session,
            category_code="BYR-SALDO",
            received_at=NOW - 20 * DAY,
            resolved_at=NOW - 15 * DAY,
            status=TicketStatus.RESOLVED,
        )
        resolution = Resolution(
            ticket_id=done.id,
            disposition=Disposition.UPHELD,
            root_cause="SIS-POST",
            late_code="overload",
            resolved_by="system",
            at=NOW - 15 * DAY,
        )
        session.add(resolution)
        session.flush()
        session.add(
            Redress(
                resolution_id=resolution.id,
                kind=RedressKind.REFUND,
                amount=150_000,
                offered_at=NOW - 15 * DAY,
                paid_at=NOW,
            )
        )
        make_ticket(session, received_at=NOW - DAY, number="48219375", team=make_team(session, "=tim"))

    rt.write(write)


def table(page: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.decode("utf-8-sig"))))


def test_an_empty_world_reconciles(signed_in: SignIn) -> None:
    visit = signed_in(Role.COMPLIANCE)
    assert visit.get("/reports").status_code == 200
    assert "Laporan 2026H2" in visit.text
    assert "Saldo awal 0 + masuk 0 = selesai 0 + berjalan 0" in visit.text
    assert "✓ cocok" in visit.text


def test_the_figures_of_a_period_are_all_there(signed_in: SignIn, rt: Runtime) -> None:
    a_history(rt)
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/reports")
    assert "Saldo awal 0 + masuk 2 = selesai 1 + berjalan 1" in visit.text
    assert "▲ 1 tiket belum berkategori" in visit.text
    assert 'href="/tickets/48219375"' in visit.page
    assert "Belum dikategorikan" in visit.text
    assert "Pengembalian uang" in visit.text
    assert "Rp150.000" in visit.text
    assert "1 (Rp150.000)" in visit.text
    assert "Terlalu banyak pengaduan sekaligus 1" in visit.text


def test_it_says_when_the_regulator_expects_its_reports(signed_in: SignIn) -> None:
    """10 January 2027 is a Sunday (domain.md 1.6, R1)."""
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/reports")
    assert (
        "Laporan semester layanan pengaduan paling lambat Senin, 11 Januari 2027 · 49 hari lagi" in visit.text
    )
    assert "Penilaian sendiri paling lambat Kamis, 30 September 2027" in visit.text


def test_another_period_has_its_own_figures(signed_in: SignIn, rt: Runtime) -> None:
    a_history(rt)
    visit = signed_in(Role.SUPERVISOR)
    visit.get("/reports?period=2026H1")
    assert "Saldo awal 0 + masuk 0 = selesai 0 + berjalan 0" in visit.text
    visit.get("/reports?period=2026-11")
    assert "masuk 2" in visit.text


@pytest.mark.parametrize("period", ["tahun lalu", "2026H3", "1e9", "2026-13"])
def test_a_period_that_is_none_is_told_and_kept(signed_in: SignIn, period: str) -> None:
    visit = signed_in(Role.SUPERVISOR)
    assert visit.get(f"/reports?period={period}").status_code == 422
    assert "Tulis periode, contoh 2026H2" in visit.text
    assert f'value="{period}"' in visit.page


@pytest.mark.parametrize("name", ["sla", "backlog", "causes", "redress", "late", "ojk"])
def test_every_table_can_be_taken_along(signed_in: SignIn, rt: Runtime, name: str) -> None:
    a_history(rt)
    answer = signed_in(Role.SUPERVISOR).get(f"/reports/{name}.csv?period=2026H2")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert f"{name}-2026H2.csv" in answer.headers["Content-Disposition"]
    rows = table(answer.data)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) > (0 if name == "sla" else 1)


def test_the_file_says_what_the_page_says(signed_in: SignIn, rt: Runtime) -> None:
    a_history(rt)
    rows = table(signed_in(Role.SUPERVISOR).get("/reports/ojk.csv?period=2026H2").data)
    assert rows[-1] == ["total", "", "", "0", "2", "1", "1"]


def test_a_table_that_is_none_is_not_found(signed_in: SignIn) -> None:
    assert signed_in(Role.SUPERVISOR).get("/reports/rahasia.csv").status_code == 404


def test_a_name_that_looks_like_a_formula_stays_text(signed_in: SignIn, rt: Runtime) -> None:
    a_history(rt)
    rows = table(signed_in(Role.SUPERVISOR).get("/reports/backlog.csv").data)
    assert "'=tim" in [row[0] for row in rows]


@pytest.mark.parametrize("text", ["=1+1", "+62812", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_marked_as_text(app: Flask, text: str) -> None:
    with app.test_request_context():
        rows = csv_answer("uji", ("a", "b"), [(text, -3)])
    assert table(rows.data)[1] == [f"'{text}", "-3"]
