"""The script beside the form: for each way, for a sensitive story, and the form of the complaint that follows."""

import pytest
from factories import make_ticket, make_unit
from flask import Flask
from sqlalchemy import select
from ticket_stories import SignIn, tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.domain.call_script import Way
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.messages import Message
from helpdesk.models.people import Role
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.sla.policy import form_of
from helpdesk.views.script import FORMS

STORY = "Saya sudah bayar tanggal 3 tapi belum dicatat"


@pytest.fixture
def supervisor(signed_in: SignIn) -> Visit:
    return signed_in(Role.SUPERVISOR)


def called(visit: Visit, **changes: object) -> str:
    visit.get("/intake")
    fields = {"channel": "phone", "name": "Siti Aminah", "phone": "0812 3456 7890", "text": STORY}
    answer = visit.send("/intake", key=visit.hidden("key"), **{**fields, **changes})
    assert answer.status_code == 200, visit.text
    return visit.page.split('action="/talks/')[1].split("/")[0]


def test_the_shown_form_is_the_one_that_the_ticket_gets() -> None:
    assert {
        Way.PHONE: form_of(ChannelCode.PHONE),
        Way.OFFICE: form_of(ChannelCode.VISIT, place="office"),
        Way.FIELD: form_of(ChannelCode.VISIT, place="field"),
    } == FORMS


@pytest.mark.parametrize(("way", "is_recorded"), [("phone", True), ("office", False), ("field", False)])
def test_each_way_has_its_script(supervisor: Visit, way: str, is_recorded: bool) -> None:
    supervisor.get(f"/intake?way={way}")
    assert ("Telepon ini kami rekam" in supervisor.text) is is_recorded
    for words in ("lisan, 5 hari kerja", "tertulis, 10 hari kerja", "telepon OJK di 157", "Masih ditagih?"):
        assert words in supervisor.text


def test_a_sensitive_story_is_met_with_one_question_and_nothing_typed_is_lost(
    rt: Runtime, supervisor: Visit
) -> None:
    supervisor.get("/intake")
    typed = {"key": supervisor.hidden("key"), "channel": "phone", "name": "Siti", "phone": "0812 3456 7890"}
    supervisor.send("/intake", action="sensitive", text=STORY, **typed)
    assert "Jam berapa Ibu aman bicara?" in supervisor.text
    assert not any(
        words in supervisor.text for words in ("Tanyakan:", "Boleh tahu nama Ibu", "Ceritakan apa")
    )
    assert 'id="occurred_on"' not in supervisor.page
    assert STORY in supervisor.text
    sent = {**typed, "is_sensitive": "1", "category": "PNG-KERAS", "choice": "3", "safe_hour": "10 pagi"}
    assert supervisor.send("/intake", text="", **sent).status_code == 200
    [ticket] = tickets(rt)
    assert (ticket.category_code, ticket.is_about_staff) == ("PNG-KERAS", True)
    assert "Waktu yang aman: 10 pagi" in supervisor.text


def test_what_she_tells_again_goes_into_her_complaint(rt: Runtime, supervisor: Visit) -> None:
    called(supervisor)
    [ticket] = tickets(rt)
    supervisor.get("/intake?q=62812-3456-7890&way=field")
    address = f"/intake/add/{ticket.number}"
    assert f'href="{address}?way=field"' in supervisor.page
    supervisor.get(f"{address}?way=field")
    key = supervisor.hidden("key")
    assert supervisor.send(address, key=key, way="field", text=" ").status_code == 422
    fields = {
        "way": "phone",
        "text": "Sekarang saya ditagih lagi",
        "speaker": "child",
        "speaker_name": "Rina",
    }
    for _ in range(2):
        assert supervisor.send(address, key=key, **fields).status_code == 200
    assert "Tambahan ini masuk ke pengaduan" in supervisor.text
    assert "Sekarang saya ditagih lagi" in supervisor.text
    assert stored(rt, select(Message.body).where(Message.purpose == "story")) == [STORY, fields["text"]]
    assert stored(rt, select(Talk.speaker).order_by(Talk.message_id)) == ["self", "child"]
    assert len(tickets(rt)) == 1


def test_nobody_adds_to_what_is_not_for_her_nor_about_her_own_point(rt: Runtime, app: Flask) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))
    ticket = rt.write(lambda session: make_ticket(session, unit=point))
    stranger = signed_in(app, a_user(rt, Role.AGENT, teams=("lain",)))
    address = f"/intake/add/{ticket.number}"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, text="x", way="phone").status_code == 404
    field = signed_in(app, a_user(rt, Role.FIELD, unit=point))
    field.get(address)
    told = "Petugas membentak dan mengancam saya di rumah"
    assert field.send(address, key="k", text=told, way="field").status_code == 403
    assert told not in field.text
    assert "jadi tidak dicatat di cabang" in field.text
    assert len(stored(rt, select(AuditEntry).where(AuditEntry.kind == "staff_complaint_stopped"))) == 1
