"""Trends on screen: what stands out is marked, n is always there, and nobody is named."""

from datetime import timedelta

from factories import NOW, make_contact, make_message, make_ticket, make_unit, make_user
from sqlalchemy.orm import Session
from ticket_stories import SignIn

from helpdesk.models.people import Role
from helpdesk.runtime import Runtime

WEEK = timedelta(weeks=1)
CODE, OTHER = "BYR-SALDO", "PNG-LAYAN"


def spike(rt: Runtime) -> None:
    """Quiet weeks, then a bad one at one point; another category stays as it was."""

    def write(session: Session) -> None:
        point = make_unit(session, name="Point Subang", code="SBG")
        contact = make_contact(session, name="Siti Aminah")
        for back in range(20):
            for _ in range(15 if back == 1 else 3):
                make_ticket(
                    session, unit=point, contact=contact, category_code=CODE, received_at=NOW - back * WEEK
                )
        for _ in range(4):
            make_ticket(session, contact=contact, category_code=OTHER)
        newest = make_ticket(session, unit=point, contact=contact, category_code=CODE)
        make_message(session, newest, body="Saya Siti Aminah, sisa pinjaman saya salah")

    rt.write(write)


def test_an_empty_world_says_so(signed_in: SignIn) -> None:
    visit = signed_in(Role.PRODUCT)
    assert visit.get("/trends").status_code == 200
    assert "Belum ada pengaduan" in visit.text
    assert visit.get(f"/trends/{CODE}").status_code == 200
    assert "Tidak ada minggu di atas batas." in visit.text


def test_what_stands_out_comes_first_and_leads_to_an_improvement(signed_in: SignIn, rt: Runtime) -> None:
    spike(rt)
    visit = signed_in(Role.PRODUCT)
    visit.get("/trends")
    assert "▲ di atas batas" in visit.text
    assert visit.page.index(f"c-{CODE}") < visit.page.index(f"c-{OTHER}")
    assert f'href="/improvements/new?category={CODE}&amp;week=2026-11-16"' in visit.page
    assert visit.page.count("/improvements/new?") == 1


def test_the_running_week_is_no_part_of_the_line_and_the_scale_is_said(
    signed_in: SignIn, rt: Runtime
) -> None:
    spike(rt)
    visit = signed_in(Role.PRODUCT)
    visit.get("/trends?weeks=8")
    row = visit.page[visit.page.index(f'id="c-{CODE}"') :]
    assert "3, 3, 3, 3, 3, 3, 15. Minggu ini, belum penuh: 4" in row
    assert "0–15</small>" in row
    assert "Titik: minggu ini, belum penuh." in visit.text
    visit.get(f"/trends/{CODE}?weeks=8")
    assert "Pengaduan, minggu penuh terakhir 15" in visit.page
    assert "Minggu ini, belum penuh terakhir 4" in visit.page
    assert visit.page.count('class="kh-line kh-line-3 kh-dot"') == 2, "in the chart and in its legend"


def test_shares_of_a_few_are_a_dash_and_n_stays(signed_in: SignIn, rt: Runtime) -> None:
    spike(rt)
    visit = signed_in(Role.PRODUCT)
    visit.get("/trends")
    row = visit.page[visit.page.index(f'id="c-{OTHER}"') :]
    assert 'data-label="n">4<' in row
    assert 'data-label="Bagian">–<' in row


def test_a_category_shows_its_bad_weeks_its_points_and_quotes_without_names(
    signed_in: SignIn, rt: Runtime
) -> None:
    spike(rt)
    visit = signed_in(Role.PRODUCT)
    visit.get(f"/trends/{CODE}?weeks=8")
    assert "Minggu 16 November 2026: 15 pengaduan" in visit.text
    assert "Point Subang" in visit.text
    assert "sisa pinjaman saya salah" in visit.text
    assert "Siti" not in visit.page


def test_quotes_name_neither_staff_nor_leaders(signed_in: SignIn, rt: Runtime) -> None:
    def write(session: Session) -> None:
        make_user(session, Role.FIELD, name="Iwan Darmawan")
        for told in ("saya dibentak bp iwan", "oleh petugas Zulkarnain", "ketua majelis bu tati pinjam uang"):
            make_message(session, make_ticket(session, category_code=CODE), body=told)

    rt.write(write)
    visit = signed_in(Role.PRODUCT)
    visit.get(f"/trends/{CODE}")
    for shown in ("saya dibentak bp [nama]", "oleh petugas [nama]", "ketua majelis bu [nama] pinjam uang"):
        assert shown in visit.text
    assert not any(name in visit.page.lower() for name in ("iwan", "zulkarnain", "bu tati"))


def test_only_those_with_a_queue_are_led_to_tickets(signed_in: SignIn, rt: Runtime) -> None:
    spike(rt)
    product, supervisor = signed_in(Role.PRODUCT), signed_in(Role.SUPERVISOR)
    product.get("/trends")
    supervisor.get("/trends")
    assert "/queue?" not in product.page
    assert "kategori%3ABYR-SALDO+cabang%3ASBG" in supervisor.page


def test_compliance_reads_and_makes_no_improvement(signed_in: SignIn, rt: Runtime) -> None:
    spike(rt)
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/trends")
    assert "Jadikan perbaikan" not in visit.text


def test_window_and_unit_can_be_chosen_and_nonsense_falls_back(signed_in: SignIn, rt: Runtime) -> None:
    spike(rt)
    visit = signed_in(Role.PRODUCT)
    visit.get("/trends?weeks=8&unit=SBG")
    assert '<option value="8" selected>' in visit.page
    assert f"c-{OTHER}" not in visit.page
    assert visit.get("/trends?weeks=ribuan&unit=tidak-ada").status_code == 200
    assert '<option value="12" selected>' in visit.page


def test_an_unknown_category_is_not_found(signed_in: SignIn) -> None:
    assert signed_in(Role.PRODUCT).get("/trends/APA-INI").status_code == 404
