"""Paper entry: slips, one ticket per sheet with its true date, no sheet lost, sealed ones unread."""

import re
from datetime import UTC, date, datetime

import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import select
from ticket_stories import tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.complaints import LwkBatch, LwkForm
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit, Role
from helpdesk.runtime import Runtime

SLIP = {"unit": "BGR", "received_on": "20/11/2026", "form_count": "2", "amount_total": "300.000"}
SHEET = {
    "form_no": "1",
    "mitra_id": "20417",
    "name": "Siti <i>",
    "choice": "1",
    "occurred_on": "0311",
    "amount": "150000",
    "text": "Saya bayar ke Pak Budi, belum dicatat",
}


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))


@pytest.fixture
def office(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    """A browser of the head office."""
    return signed_in(app, a_user(rt, Role.AGENT))


@pytest.fixture
def field(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    """A browser of the point itself."""
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


def begin(visit: Visit, **changes: str) -> str:
    """Begin a batch and return its address."""
    visit.get("/lwk")
    answer = visit.post("/lwk", **{**SLIP, **changes})
    assert answer.status_code == 303, visit.text
    return answer.headers["Location"]


def enter(visit: Visit, address: str, **changes: str) -> int:
    visit.get(address)
    return visit.send(address, **{"key": visit.hidden("key"), **SHEET, **changes}).status_code


def test_a_problem_that_is_not_on_the_paper_names_the_choices(office: Visit) -> None:
    assert enter(office, begin(office), choice="9") == 422
    assert "Tulis satu angka, 1 sampai 6." in office.text


def test_a_phone_that_cannot_be_one_is_asked_about_once_and_then_kept(rt: Runtime, office: Visit) -> None:
    address = begin(office)
    assert enter(office, address, phone="08x") == 422
    assert "Sudah betul? Simpan sekali lagi." in office.text
    assert tickets(rt) == []
    assert enter(office, address, phone="08x", phone_seen=office.hidden("phone_seen")) == 200
    assert stored(rt, select(Contact.phone)) == ["08x"]


def test_control_signs_are_in_no_short_field_and_a_story_keeps_its_lines(rt: Runtime, office: Visit) -> None:
    enter(office, begin(office), mitra_id="A\x01B", name="Siti\x7f\tAminah", text="satu\ndua")
    assert stored(rt, select(Contact.mitra_id)) == ["AB"]
    assert stored(rt, select(Contact.name)) == ["Siti Aminah"]
    assert stored(rt, select(Message.body))[0].replace("\r", "") == "satu\ndua"


def test_a_sheet_becomes_a_ticket_received_when_it_was_handed_in(rt: Runtime, office: Visit) -> None:
    address = begin(office)
    assert enter(office, address) == 200
    [ticket] = tickets(rt)
    assert f"Form 1 tersimpan: {ticket.number[:4]}-{ticket.number[4:]}" in office.text
    assert (ticket.channel, ticket.amount, ticket.occurred_on) == ("lwk", 150_000, date(2026, 11, 3))
    assert ticket.received_at == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert "Masuk 1 dari 2" in office.text
    assert "Uang Rp150.000 dari Rp300.000" in office.text
    assert 'name="form_no" type="text" value="2"' in office.page


def test_a_slip_that_is_sent_twice_begins_one_batch(rt: Runtime, office: Visit) -> None:
    office.get("/lwk")
    key = office.hidden("key")
    places = {office.post("/lwk", **SLIP, key=key).headers["Location"] for _ in range(2)}
    assert len(places) == len(stored(rt, select(LwkBatch))) == 1


def test_another_slip_from_the_same_page_is_asked_about_and_then_begun(rt: Runtime, office: Visit) -> None:
    office.get("/lwk")
    key, other = office.hidden("key"), {**SLIP, "form_count": "3"}
    office.post("/lwk", **SLIP, key=key)
    assert office.post("/lwk", **other, key=key).status_code == 422
    assert "sudah terkirim dengan isi lain" in office.text
    assert 'value="3"' in office.page
    assert office.post("/lwk", **other, key=office.hidden("key")).status_code == 303
    assert len(stored(rt, select(LwkBatch))) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("unit", "", id="no point"),
        pytest.param("received_on", "", id="no day"),
        pytest.param("received_on", "24/11/2026", id="tomorrow"),
        pytest.param("form_count", "0", id="no sheets"),
        pytest.param("form_count", "x", id="no number"),
        pytest.param("amount_total", "banyak", id="no amount"),
    ],
)
def test_a_wrong_slip_is_told_and_kept(rt: Runtime, office: Visit, name: str, value: str) -> None:
    office.get("/lwk")
    answer = office.post("/lwk", **{**SLIP, name: value})
    assert answer.status_code == 422
    assert f'href="#{name}"' in office.page
    kept = "form_count" if name != "form_count" else "received_on"
    assert f'value="{SLIP[kept]}"' in office.page
    assert stored(rt, select(LwkBatch)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("form_no", "", id="no number"),
        pytest.param("choice", "7", id="no such choice"),
        pytest.param("occurred_on", "21/11/2026", id="after it was handed in"),
        pytest.param("occurred_on", "3002", id="no such day"),
        pytest.param("amount", "x", id="no amount"),
    ],
)
def test_a_wrong_sheet_is_told_and_kept(rt: Runtime, office: Visit, name: str, value: str) -> None:
    address = begin(office)
    assert enter(office, address, **{name: value}) == 422
    assert f'href="#{name}"' in office.page
    assert 'value="Siti &lt;i&gt;"' in office.page
    assert tickets(rt) == []


def test_another_sheet_with_a_known_number_is_not_swallowed(rt: Runtime, office: Visit) -> None:
    address = begin(office)
    enter(office, address)
    assert enter(office, address, name="Aminah", mitra_id="", text="Uang saya kurang") == 422
    assert "Nomor form ini sudah ada" in office.text
    assert "Uang saya kurang" in office.text
    assert len(tickets(rt)) == 1


def test_the_same_page_sent_twice_is_one_sheet(rt: Runtime, office: Visit) -> None:
    address = begin(office)
    office.get(address)
    page, key = office.page, office.hidden("key")
    first = office.post(address, **SHEET, key=key)
    office.page = page
    again = office.post(address, **SHEET, key=key)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert len(tickets(rt)) == 1


def test_a_likely_repeat_is_pointed_out(rt: Runtime, office: Visit, app: Flask) -> None:
    supervisor = signed_in(app, a_user(rt, Role.SUPERVISOR))
    address = begin(supervisor)
    enter(supervisor, address)
    assert "mungkin kembar" not in supervisor.text
    enter(supervisor, address, form_no="2")
    first = tickets(rt)[0].number
    assert re.search(rf"Form tadi mungkin kembar {first[:4]}-{first[4:]}", supervisor.text)


def test_a_sheet_about_staff_typed_at_the_point_is_sealed_unread(rt: Runtime, field: Visit) -> None:
    address = begin(field, unit="")
    enter(field, address, choice="3", text="Petugas kasar sekali kepada saya")
    assert "Kirim amplop tertutup ke pusat" in field.text
    assert "kasar" not in field.text
    assert tickets(rt) == []
    [form] = stored(rt, select(LwkForm))
    assert (form.form_no, form.is_sealed, form.ticket_id) == (1, True, None)
    assert "tersegel 1" in field.text


def test_a_sheet_about_staff_typed_at_head_office_is_a_ticket_kept_from_the_point(
    rt: Runtime, office: Visit, field: Visit
) -> None:
    address = begin(office)
    enter(office, address, choice="3", text="Petugas kasar sekali kepada saya")
    [ticket] = tickets(rt)
    assert ticket.is_about_staff
    shown = f"{ticket.number[:4]}-{ticket.number[4:]}"
    assert shown in office.text
    field.get(address)
    assert shown not in field.text
    assert "1 · amplop tertutup" in field.text
    assert "tersegel 1" in field.text
    assert "Uang Rp0 dari Rp300.000" in field.text
    field.get("/lwk")
    assert "Rp0 / Rp300.000" in field.text


def test_a_batch_of_another_point_does_not_exist_for_field_staff(
    rt: Runtime, app: Flask, office: Visit
) -> None:
    address = begin(office)
    other = rt.write(lambda session: make_unit(session, code="GRT", name="Titik Garut"))
    stranger = signed_in(app, a_user(rt, Role.FIELD, unit=other))
    assert stranger.get(address).status_code == 404
    stranger.get("/lwk")
    assert "Titik Bogor" not in stranger.text


def test_a_batch_closes_by_its_totals_or_with_a_reason(rt: Runtime, office: Visit) -> None:
    address = begin(office)
    enter(office, address)
    answer = office.post(f"{address}/close", reason=" ")
    assert answer.status_code == 422
    assert "Tulis alasannya" in office.text
    enter(office, address, form_no="2", mitra_id="20418")
    assert "cocok dengan slip" in office.text
    office.send(f"{address}/close")
    assert "sudah ditutup" in office.text
    assert stored(rt, select(LwkBatch.close_reason)) == [None]
    office.post(address, **{**SHEET, "form_no": "3", "key": "x"})
    assert len(tickets(rt)) == 2
