"""Phone and visit entry: the number is read back, nothing typed is lost, own points do not write about themselves."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from factories import make_unit, make_user
from flask import Flask
from sqlalchemy import select
from ticket_stories import tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit, Position, Role, User
from helpdesk.models.tickets import AuditEntry, TicketSubject
from helpdesk.runtime import Runtime

STORY = "Saya sudah bayar tanggal 3 tapi belum dicatat"


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))


@pytest.fixture
def agent(rt: Runtime, app: Flask) -> Visit:
    return signed_in(app, a_user(rt, Role.AGENT))


@pytest.fixture
def field(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


def entered(visit: Visit, **changes: object) -> int:
    """Open the form and save it; returns the status of the last answer."""
    visit.get("/intake")
    fields = {
        "key": visit.hidden("key"),
        "channel": "phone",
        "name": "Siti Aminah",
        "phone": "0812 3456 7890",
        "text": STORY,
        "kind": "complaint",
    }
    return visit.send("/intake", **{**fields, **changes}).status_code


def test_a_call_becomes_a_ticket_and_its_number_is_read_back(
    rt: Runtime, agent: Visit, point: OrgUnit
) -> None:
    status = entered(
        agent,
        unit="BGR",
        mitra_id="20417",
        majelis="Melati",
        village="Sukamaju",
        occurred_on="03/11/2026",
        amount="150rb",
        choice="1",
        received_at="23/11/2026 09.30",
    )
    assert status == 200
    [ticket] = tickets(rt)
    assert f"{ticket.number[:4]}-{ticket.number[4:]}" in agent.text
    assert re.search(r"Kami balas paling lambat \w+, \d+ \w+, jam", agent.text)
    assert "juga kami kirim lewat SMS" in agent.text
    assert (ticket.channel, ticket.unit_id, ticket.amount, ticket.occurred_on, ticket.received_at) == (
        "phone",
        point.id,
        150_000,
        date(2026, 11, 3),
        rt.now() - timedelta(minutes=30),
    )


def test_a_visit_keeps_its_place(rt: Runtime, agent: Visit) -> None:
    entered(agent, channel="visit", place="field")
    assert [(ticket.channel, ticket.place) for ticket in tickets(rt)] == [("visit", "field")]


def test_without_a_phone_the_kode_kabar_is_read_back(app: Flask, agent: Visit) -> None:
    entered(agent, phone="")
    number, code = re.search(r"Nomor pengaduan: (\S+) Kode kabar: (\w{7})", agent.text).groups()  # type: ignore[union-attr]
    mitra = Visit(app)
    mitra.get("/lapor/status")
    mitra.send("/lapor/status", number=number, code=code)
    assert f"Kabar pengaduan {number}" in mitra.text


@pytest.mark.parametrize(
    ("field_name", "value", "words"),
    [
        pytest.param("text", " ", "Tulis cerita Mitra", id="no story"),
        pytest.param("occurred_on", "31/02/2026", "contoh 31/07/2026", id="no such day"),
        pytest.param("occurred_on", "24/11/2026", "belum terjadi", id="tomorrow"),
        pytest.param("amount", "banyak", "Tulis jumlah uang", id="no amount"),
        pytest.param("received_at", "kemarin", "tanggal dan jam", id="no instant"),
        pytest.param("received_at", "23/11/2026 10.01", "belum terjadi", id="a minute to come"),
        pytest.param("unit", "TIDAK", "Pilih cabang dari daftar", id="unknown point"),
        pytest.param("category", "XXX", "Pilih kategori dari daftar", id="unknown category"),
        pytest.param("channel", "", "Pilih telepon atau datang", id="no channel"),
        pytest.param("phone", "0812", "contoh 0812 3456 7890", id="wrong phone"),
        pytest.param("name", "S" * 101, "Terlalu panjang", id="long name"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field_and_the_rest_is_kept(
    rt: Runtime, agent: Visit, field_name: str, value: str, words: str
) -> None:
    assert entered(agent, **{"village": "Desa <Baru>", field_name: value}) == 422
    assert "<title>Salah: " in agent.page
    assert f'href="#{field_name}"' in agent.page
    assert agent.text.count(words) >= 2
    assert 'value="Desa &lt;Baru&gt;"' in agent.page
    assert tickets(rt) == []


def test_control_signs_are_in_no_short_field(rt: Runtime, agent: Visit) -> None:
    assert entered(agent, mitra_id="A\x01B") == 200
    assert stored(rt, select(Contact.mitra_id)) == ["AB"]


def test_a_wrong_phone_is_taken_the_second_time(rt: Runtime, agent: Visit) -> None:
    assert entered(agent, phone="0812") == 422
    assert entered(agent, phone="0812", phone_seen="0812") == 200
    assert stored(rt, select(Contact.phone)) == ["0812"]


def test_the_same_form_sent_twenty_times_at_once_is_one_ticket(rt: Runtime, app: Flask, agent: Visit) -> None:
    agent.get("/intake")
    key, page = agent.hidden("key"), agent.page
    cookie = agent.client.get_cookie("helpdesk_session")
    assert cookie is not None

    def press(_: int) -> int:
        other = Visit(app)
        other.client.set_cookie("helpdesk_session", cookie.value)
        other.page = page
        return other.post("/intake", key=key, channel="phone", text=STORY, kind="complaint").status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(press, range(20))) == {303}
    assert len(tickets(rt)) == 1


def test_a_form_sent_again_with_other_words_is_refused(rt: Runtime, agent: Visit) -> None:
    entered(agent, key="sama")
    assert entered(agent, key="sama", text="Cerita lain sama sekali") == 422
    assert "sudah terkirim dengan isi lain" in agent.text
    assert len(tickets(rt)) == 1


def test_a_caller_is_looked_up_and_fills_the_form(rt: Runtime, agent: Visit) -> None:
    entered(agent, mitra_id="20417", majelis="Melati")
    agent.get("/intake?q=0812+3456+7890")
    assert "Siti Aminah" in agent.text
    [contact_id] = stored(rt, select(Contact.public_id))
    agent.get(f"/intake?q=0812+3456+7890&contact={contact_id}")
    assert 'value="20417"' in agent.page
    assert 'name="phone" type="tel" value="0812 3456 7890"' in agent.page
    entered(agent, mitra_id="20417")
    assert stored(rt, select(Contact.public_id)) == [contact_id]


def test_a_phone_of_several_is_said_to_be_shared_before_anything_is_told(rt: Runtime, agent: Visit) -> None:
    entered(agent)
    agent.get("/intake?q=62812-3456-7890")
    assert "Pastikan nama dan majelisnya" in agent.text
    assert 'name="is_phone_shared" value="1">' in agent.page
    entered(agent, name="Kartini")
    agent.get("/intake?q=62812-3456-7890")
    assert "HP ini dipakai beberapa Mitra" in agent.text
    assert 'name="is_phone_shared" value="1" checked>' in agent.page


def test_staff_complained_about_are_searched_and_ticked(rt: Runtime, agent: Visit, point: OrgUnit) -> None:
    officer = rt.write(
        lambda session: make_user(session, Role.FIELD, position=Position.BP, unit=point, name="Budi Santoso")
    )
    assert entered(agent, action="find_staff", staff="budi") == 200
    assert "Budi Santoso" in agent.text
    assert STORY in agent.text
    assert tickets(rt) == []
    entered(agent, subject=officer.public_id, unit="BGR")
    assert stored(rt, select(TicketSubject.user_id)) == [officer.id]
    assert [ticket.is_about_staff for ticket in tickets(rt)] == [True]


def test_staff_that_are_ticked_after_saving_are_not_lost_in_silence(
    rt: Runtime, agent: Visit, point: OrgUnit
) -> None:
    officer = rt.write(lambda session: make_user(session, Role.FIELD, position=Position.BP, unit=point))
    assert entered(agent, key="sama") == 200
    assert entered(agent, key="sama", subject=officer.public_id) == 422
    assert "sudah terkirim dengan isi lain" in agent.text
    assert len(tickets(rt)) == 1


def test_field_staff_enter_for_their_own_point_only(rt: Runtime, field: Visit, point: OrgUnit) -> None:
    other = rt.write(lambda session: make_unit(session, code="GRT", name="Titik Garut"))
    field.get("/intake")
    assert "Titik Bogor" in field.text
    assert "Titik Garut" not in field.text
    assert entered(field, unit=other.code) == 200
    assert [ticket.unit_id for ticket in tickets(rt)] == [point.id]


@pytest.mark.parametrize(
    "about_staff",
    [
        pytest.param({"category": "PNG-KASAR"}, id="by category"),
        pytest.param({"choice": "3"}, id="by choice"),
        pytest.param({"text": "Petugas membentak dan mengancam saya di rumah"}, id="by words"),
        pytest.param({"subject": "somebody"}, id="by name"),
    ],
)
def test_a_complaint_about_staff_of_the_own_point_is_stopped_and_only_the_attempt_kept(
    rt: Runtime, field: Visit, point: OrgUnit, about_staff: dict[str, str]
) -> None:
    officer: User = rt.write(lambda session: make_user(session, Role.FIELD, unit=point))
    fields = {
        name: officer.public_id if value == "somebody" else value for name, value in about_staff.items()
    }
    assert entered(field, **fields) == 403
    assert "amplop" not in field.text, "a call or a visit has no paper"
    assert "Pengaduan ini tentang petugas, jadi tidak dicatat di cabang." in field.text
    assert f"menelepon {rt.settings.contact_phone} (gratis)" in field.text
    assert f"{rt.settings.public_url}/lapor" in field.text
    assert fields.get("text", STORY) not in field.text
    assert tickets(rt) == []
    [entry] = stored(rt, select(AuditEntry).where(AuditEntry.kind == "staff_complaint_stopped"))
    assert entry.data == {"by": "intake"}


def test_after_a_stop_the_way_and_the_place_stay_and_nothing_that_was_told(field: Visit) -> None:
    told = {"name": "Siti Aminah", "phone": "0812 3456 7890", "text": "Petugas membentak saya"}
    assert entered(field, choice="3", channel="visit", place="field", **told) == 403
    assert 'value="visit" checked' in field.page
    assert 'value="field" checked' in field.page
    assert not any(value in field.page for value in told.values())


def test_a_stop_names_no_whatsapp_where_it_is_off(field: Visit) -> None:
    entered(field, choice="3")
    assert "WhatsApp" not in field.text


def test_nobody_enters_a_complaint_about_themselves(rt: Runtime, app: Flask) -> None:
    user = a_user(rt, Role.AGENT)
    visit = signed_in(app, user)
    assert entered(visit, subject=user.public_id) == 403
    assert tickets(rt) == []


def test_a_number_entered_by_somebody_else_is_not_read_back(rt: Runtime, app: Flask, agent: Visit) -> None:
    entered(agent)
    [ticket] = tickets(rt)
    other = signed_in(app, a_user(rt, Role.AGENT, teams=("team-lain",)))
    assert other.get(f"/intake/{ticket.number}").status_code == 404
