"""The improvement board: made from complaints, moved with a decision, and closed to those who only read."""

import secrets
from datetime import timedelta

import pytest
from factories import NOW, make_ticket, make_unit, make_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from ticket_stories import SignIn, a_ticket, kinds
from visits import Visit, stored

from helpdesk.domain.numbers import new_number
from helpdesk.models.complaints import Improvement, ImprovementTicket
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime

CODE = "BYR-SALDO"
TYPED = {
    "title": "Saldo naik",
    "finding": "Sistem terlambat",
    "category": CODE,
    "due_on": "2026-12-15",
    "since": "2026-11-16",
    "until": "2026-11-23",
}


def real_number() -> str:
    """A number with its check digit: what is typed is checked."""
    return new_number(secrets.randbelow)


def tickets_of_weeks(rt: Runtime, *weeks_back: int) -> None:
    """One complaint of the category for each number of weeks ago."""

    def write(session: Session) -> None:
        for back in weeks_back:
            make_ticket(
                session, number=real_number(), category_code=CODE, received_at=NOW - timedelta(weeks=back)
            )

    rt.write(write)


def make(visit: Visit, **changes: str) -> str:
    """Fill in the form and return the address of the new finding."""
    visit.get("/improvements/new")
    answer = visit.post("/improvements/new", **(TYPED | {"key": visit.hidden("key")} | changes))
    assert answer.status_code == 303, visit.text
    return str(answer.headers["Location"])


def linked_count(rt: Runtime) -> int:
    return rt.read(lambda session: session.scalar(select(func.count()).select_from(ImprovementTicket)) or 0)


def test_what_was_typed_from_a_ticket_names_nobody(signed_in: SignIn, rt: Runtime) -> None:
    rt.write(lambda session: make_user(session, Role.FIELD, name="Asep Saepudin"))
    visit = signed_in(Role.PRODUCT)
    address = make(visit, title="asep terlambat setor", finding="Kata Mitra: ptgs dudung, HP 081234567890")
    for page in (address, "/improvements"):
        visit.get(page)
        assert "[nama] terlambat setor" in visit.text
        assert "asep" not in visit.page.lower()
    visit.get(address)
    assert "Kata Mitra: ptgs [nama], HP [telepon]" in visit.text


def test_an_empty_board_has_its_four_columns(signed_in: SignIn) -> None:
    visit = signed_in(Role.PRODUCT)
    assert visit.get("/improvements").status_code == 200
    for column in ("Baru 0", "Diselidiki 0", "Diperbaiki 0", "Dikabari 0"):
        assert column in visit.text


def test_the_form_is_filled_in_from_a_trend(signed_in: SignIn) -> None:
    visit = signed_in(Role.PRODUCT)
    visit.get(f"/improvements/new?category={CODE}&week=2026-11-09")
    assert f'<option value="{CODE}" selected>' in visit.page
    assert 'name="since" type="date" value="2026-11-09"' in visit.page
    assert 'name="until" type="date" value="2026-11-23"' in visit.page
    assert "naik" in visit.page


@pytest.mark.parametrize("query", ["category=APA&week=kemarin", "week=2026-99-99", ""])
def test_a_strange_address_gives_an_ordinary_form(signed_in: SignIn, query: str) -> None:
    visit = signed_in(Role.PRODUCT)
    assert visit.get(f"/improvements/new?{query}").status_code == 200
    assert 'name="since" type="date" value="2026-10-26"' in visit.page


def test_a_finding_takes_the_tickets_of_its_category_and_days(signed_in: SignIn, rt: Runtime) -> None:
    tickets_of_weeks(rt, 0, 1, 1, 4)
    visit = signed_in(Role.PRODUCT)
    visit.get(make(visit))
    assert "Perbaikan dibuat, 3 tiket." in visit.text
    assert "3 tiket. Isinya tidak untuk Anda." in visit.text
    assert "/tickets/" not in visit.page
    visit.get("/improvements")
    assert "Saldo naik" in visit.text
    assert "3 tiket" in visit.text
    assert "15 Desember 2026" in visit.text


def test_a_supervisor_sees_the_tickets_behind_it(signed_in: SignIn, rt: Runtime) -> None:
    tickets_of_weeks(rt, 0)
    visit = signed_in(Role.SUPERVISOR)
    visit.get(make(visit))
    number = stored(rt, select(Ticket))[0].number
    assert f'href="/tickets/{number}"' in visit.page


def test_a_form_sent_twice_makes_one_finding(signed_in: SignIn, rt: Runtime) -> None:
    visit = signed_in(Role.PRODUCT)
    visit.get("/improvements/new")
    typed = TYPED | {"key": visit.hidden("key")}
    places = {visit.post("/improvements/new", **typed).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert len(stored(rt, select(Improvement))) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        pytest.param("title", " ", "Tulis judulnya.", id="no title"),
        pytest.param("category", "APA", "Pilih kategori dari daftar.", id="unknown category"),
        pytest.param("due_on", "besok", "Tulis tanggal", id="no date"),
        pytest.param("until", "2026-11-01", "Tanggal akhir sebelum tanggal mulai.", id="backwards"),
        pytest.param("finding", "x" * 4001, "Teks terlalu panjang", id="too long"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_all_is_kept(
    signed_in: SignIn, rt: Runtime, field: str, value: str, words: str
) -> None:
    visit = signed_in(Role.PRODUCT)
    visit.get("/improvements/new")
    answer = visit.post("/improvements/new", **(TYPED | {field: value}))
    assert answer.status_code == 422
    assert words in visit.text
    assert f'id="{field}-error"' in visit.page
    assert "<title>Salah: " in visit.page
    assert ("Sistem terlambat" in visit.page) is (field != "finding")
    assert stored(rt, select(Improvement)) == []


def test_moving_on_wants_a_decision(signed_in: SignIn, rt: Runtime) -> None:
    visit = signed_in(Role.PRODUCT)
    place = make(visit)
    visit.get(place)
    assert visit.post(f"{place}/move", status="fixing", decision="").status_code == 422
    assert "Tulis keputusannya dulu." in visit.text
    assert '<option value="fixing" selected>' in visit.page
    visit.send(f"{place}/move", status="fixing", decision="Ganti token")
    assert "Pindah ke Diperbaiki." in visit.text
    assert "Ganti token" in visit.text
    visit.get(place)
    assert visit.post(f"{place}/move", status="selesai").status_code == 422


def test_a_ticket_can_be_added_by_its_number(signed_in: SignIn, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.SUPERVISOR)
    place = make(visit, category="")
    visit.get(place)
    shown = f"{ticket.number[:4]}-{ticket.number[4:]}"
    visit.send(f"{place}/tickets", number=shown)
    assert "Tiket ditambahkan." in visit.text
    assert shown in visit.text
    assert "improvement_linked" in kinds(rt, ticket)
    visit.send(f"{place}/tickets", number=ticket.number)
    assert "Tiket ini sudah ada di sini." in visit.text
    assert linked_count(rt) == 1


def test_a_number_that_is_not_there_or_not_for_the_person_is_refused_alike(
    signed_in: SignIn, rt: Runtime
) -> None:
    ticket = a_ticket(rt)
    supervisor, product = signed_in(Role.SUPERVISOR), signed_in(Role.PRODUCT)
    for visit, number in ((supervisor, "1234"), (supervisor, ""), (product, ticket.number)):
        place = make(visit, category="")
        visit.get(place)
        assert visit.post(f"{place}/tickets", number=number).status_code == 422
        assert "Nomor ini tidak ada." in visit.text
    assert linked_count(rt) == 0


def test_an_unknown_finding_is_not_found(signed_in: SignIn) -> None:
    visit = signed_in(Role.PRODUCT)
    assert visit.get("/improvements/tidak-ada").status_code == 404


def test_compliance_reads_and_changes_nothing(signed_in: SignIn, rt: Runtime) -> None:
    place = make(signed_in(Role.PRODUCT))
    visit = signed_in(Role.COMPLIANCE)
    assert visit.get(place).status_code == 200
    assert f"{place}/move" not in visit.page
    assert visit.post(f"{place}/move", status="told", decision="x").status_code == 403


def test_a_supervisor_at_the_accused_point_does_not_even_see_the_count(
    signed_in: SignIn, rt: Runtime
) -> None:
    def write(session: Session) -> object:
        point = make_unit(session)
        make_ticket(session, number=real_number(), unit=point, category_code=CODE, is_about_staff=True)
        return point

    point = rt.write(write)
    place = make(signed_in(Role.PRODUCT))
    visit = signed_in(Role.SUPERVISOR, unit=point)
    visit.get(place)
    assert "1 tiket" not in visit.text
    assert "Belum ada tiket." in visit.text
    product = signed_in(Role.PRODUCT)
    product.get(place)
    assert "1 tiket. Isinya tidak untuk Anda." in product.text
