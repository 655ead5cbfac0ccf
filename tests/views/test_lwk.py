"""Paper entry: slips, one ticket per sheet with its true date, no sheet lost, sealed ones unread."""

import re
from datetime import UTC, date, datetime

import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import select
from ticket_stories import tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit, Role
from helpdesk.runtime import Runtime

SLIP = {
    "unit": "BGR",
    "received_on": "20/11/2026",
    "form_count": "2",
    "amount_total": "300.000",
    "number_total": "3",
}
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
    enter(office, begin(office), mitra_id="A\x01B7", name="Siti\x7f\tAminah", text="satu\ndua")
    assert stored(rt, select(Contact.mitra_id)) == ["AB7"]
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
        pytest.param("number_total", "", id="no sum of numbers"),
        pytest.param("officer", "Nobody", id="no such officer"),
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
        pytest.param("signature", "x", id="neither yes nor no"),
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


@pytest.mark.parametrize("answer", ["same", "different"])
def test_a_likely_repeat_is_asked_about_and_added_or_kept_apart(
    rt: Runtime, app: Flask, point: OrgUnit, answer: str
) -> None:
    supervisor = signed_in(app, a_user(rt, Role.SUPERVISOR))
    address = begin(supervisor)
    assert enter(supervisor, address) == 200
    [first] = tickets(rt)
    assert enter(supervisor, address, form_no="2", text="Masih belum dicatat") == 422
    assert "Form ini belum disimpan" in supervisor.text
    assert f'value="{first.number}"' in supervisor.page
    assert "Masih belum dicatat" in supervisor.text
    again = {**SHEET, "form_no": "2", "text": "Masih belum dicatat", "key": supervisor.hidden("key")}
    supervisor.send(address, **again, repeat=first.number if answer == "same" else answer)
    assert len(tickets(rt)) == (1 if answer == "same" else 2)
    assert ("kembar 1" in supervisor.text) is (answer == "same")
    assert "cocok dengan slip" in supervisor.text


def test_a_name_is_chosen_from_those_of_the_point_or_is_new(rt: Runtime, field: Visit) -> None:
    address = begin(field)
    enter(field, address)
    named = {"form_no": "2", "mitra_id": "siti", "name": "", "choice": "2", "occurred_on": "", "amount": ""}
    assert enter(field, address, **named) == 422
    assert "Pilih Mitra dari daftar, atau orang baru." in field.text
    known = re.search(r'name="contact" value="([0-9a-f-]{36})"', field.page)
    assert known
    assert enter(field, address, **named, contact=known[1]) == 200
    assert enter(field, address, **{**named, "form_no": "3"}, contact="new") == 200
    assert [ticket.contact_id for ticket in tickets(rt)].count(tickets(rt)[0].contact_id) == 2
    assert len(stored(rt, select(Contact.id))) == 2


def test_the_look_up_tells_who_she_is_and_what_may_be_the_same(rt: Runtime, field: Visit) -> None:
    address = begin(field)
    enter(field, address)
    field.get(f"{address}/look-up?mitra_id=20417&contact=&choice=1")
    assert 'data-state="known"' in field.page
    assert "Siti <i>" in field.text
    assert "Sama: tambahkan ke situ" in field.text
    field.get(f"{address}/look-up?mitra_id=99999&contact=&choice=1")
    assert 'data-state="new"' in field.page
    assert "Sama" not in field.text


def test_what_is_unreadable_is_held_and_listed_until_she_was_called(rt: Runtime, field: Visit) -> None:
    address = begin(field)
    unread = {"unreadable": ["amount", "occurred_on"], "amount": "???", "occurred_on": "3?"}
    assert enter(field, address, **unread) == 200  # type: ignore[arg-type]
    assert "Ditahan sampai Mitra ditelepon" in field.text
    assert "ditahan 1" in field.text
    field.get("/lwk/held")
    assert "Tanggal kejadian, Uang (Rp)" in field.text
    field.get(f"{address}/forms/1")
    field.send(f"{address}/forms/1/called", said="Petugas kasar sekali dan membentak saya")
    assert "Ini tentang petugas" in field.text
    assert "dan membentak" not in " ".join(stored(rt, select(Message.body)))
    field.send(f"{address}/forms/1/called", amount="150rb", occurred_on="0311", said="Saya bayar tanggal 3")
    assert "Tidak ada form yang ditahan" in field.text
    [ticket] = tickets(rt)
    assert (ticket.amount, ticket.occurred_on) == (150_000, date(2026, 11, 3))


def test_a_form_is_looked_back_at_and_put_right_until_the_batch_is_closed(rt: Runtime, field: Visit) -> None:
    address = begin(field)
    enter(field, address, amount="15000")
    field.get(f"{address}/forms/1")
    assert field.send(f"{address}/forms/1", amount="150000", occurred_on="0311").status_code == 200
    assert [ticket.amount for ticket in tickets(rt)] == [150_000]
    assert field.get(f"{address}/forms/9").status_code == 404


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


def test_a_form_about_staff_is_on_no_page_of_paper_for_an_agent_of_another_team(
    rt: Runtime, app: Flask, office: Visit
) -> None:
    address = begin(office, amount_total="927000")
    enter(office, address, text="Saya bayar lewat VA, belum masuk")
    staff = {"choice": "3", "text": "Petugas kasar sekali kepada saya", "unreadable": "signature"}
    enter(office, address, form_no="2", mitra_id="20418", amount="777000", **staff)
    number = next(each.number for each in tickets(rt) if each.is_about_staff)
    spelt = f"{number[:4]}-{number[4:]}"
    other = signed_in(app, a_user(rt, Role.AGENT))
    told = {
        path: (spelt in other.get(path).text, "777" in other.text)
        for path in (address, f"{address}/forms/2", f"{address}/second", "/lwk/held", "/lwk")
    }
    assert set(told.values()) == {(False, False)}, told
    assert other.send(f"{address}/forms/2", amount="5").status_code == 404
    assert other.post(f"{address}/close").status_code == 422, "without the money that she does not see"
    assert spelt in office.get(f"{address}/forms/2").text, "who typed it has read it"
    assert office.post(f"{address}/close").status_code == 303


def test_a_batch_of_another_point_does_not_exist_for_field_staff(
    rt: Runtime, app: Flask, office: Visit
) -> None:
    address = begin(office)
    other = rt.write(lambda session: make_unit(session, code="GRT", name="Titik Garut"))
    stranger = signed_in(app, a_user(rt, Role.FIELD, unit=other))
    assert stranger.get(address).status_code == 404
    stranger.get("/lwk")
    assert "Titik Bogor" not in stranger.text


def test_a_batch_closes_by_its_totals(rt: Runtime, office: Visit) -> None:
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


def test_a_batch_that_differs_is_closed_by_two_persons(rt: Runtime, office: Visit, field: Visit) -> None:
    address = begin(office)
    enter(office, address)
    office.send(f"{address}/close", reason="satu form basah")
    assert "Orang lain harus menyetujui." in office.text
    office.send(f"{address}/agree")
    assert stored(rt, select(LwkBatch.closed_at)) == [None]
    field.get(address)
    assert "Alasan: satu form basah" in field.text
    field.send(f"{address}/agree")
    assert "sudah ditutup" in field.text
    assert "satu form basah" in field.text


def test_an_envelope_is_received_and_typed_at_head_office(
    rt: Runtime, app: Flask, field: Visit, office: Visit
) -> None:
    address = begin(field, unit="")
    enter(field, address, choice="3", text="Petugas kasar sekali kepada saya")
    assert office.get("/lwk/sealed").status_code == 403
    boss = signed_in(app, a_user(rt, Role.SUPERVISOR))
    boss.get("/lwk/sealed")
    boss.send(f"/lwk/sealed/{address.rsplit('/', 1)[1]}/1")
    assert "sudah tiba" in boss.text
    typed = f"{address}?form=1"
    assert enter(boss, typed, choice="3", text="Petugas kasar sekali kepada saya") == 200
    [ticket] = tickets(rt)
    assert ticket.is_about_staff
    field.get(address)
    assert "1 · amplop tertutup" in field.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPLIANCE])
def test_who_only_reads_sees_totals_and_enters_nothing(
    rt: Runtime, app: Flask, office: Visit, role: Role
) -> None:
    address = begin(office)
    reader = signed_in(app, a_user(rt, role))
    reader.get(address)
    assert "Masuk 0 dari 2" in reader.text
    assert "Simpan, form berikutnya" not in reader.text
    assert reader.post(address, **SHEET).status_code == 403
    assert reader.post(f"{address}/close").status_code == 403
    assert reader.get(f"{address}/look-up?mitra_id=20417").status_code == 403


def test_amounts_are_keyed_again_blind_and_differences_settled(
    rt: Runtime, office: Visit, field: Visit
) -> None:
    address = begin(office)
    enter(office, address, amount="15000")
    enter(office, address, form_no="2", mitra_id="20418")
    office.get(f"{address}/second")
    assert "amount-1" not in office.page, "her own"
    field.get(f"{address}/second")
    assert "15.000" not in field.text, "blind"
    assert field.post(f"{address}/second", **{"amount-1": "x"}).status_code == 422
    field.send(f"{address}/second", **{"amount-1": "150000", "amount-2": "150000"})
    assert "2 uang diketik ulang, 1 berbeda." in field.text
    assert office.post(f"{address}/close", reason="tidak cocok").status_code == 422
    assert "Bereskan dulu" in office.text
    assert field.post(f"{address}/second/1", answer="other").status_code == 422
    first_button = field.page.partition(f'{address}/second/1"')[2].partition('type="submit"')[2]
    assert first_button.startswith(' name="answer" value="other"'), "Enter in the field saves what is in it"
    field.send(f"{address}/second/1", answer="second")
    assert "Itu bacaan Anda sendiri." in field.text
    office.send(f"{address}/second/1", answer="second")
    assert "Selisih form 1 dibereskan." in office.text
    office.get(address)
    assert "cocok dengan slip" in office.text
