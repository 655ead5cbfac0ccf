"""Reading back, correcting and recording on the page; the lists of what is missing; the ticket page says so."""

import io

import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import select
from ticket_stories import SignIn, tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import Role
from helpdesk.models.talks import Talk
from helpdesk.runtime import Runtime

STORY = "Saya sudah bayar tanggal 3 tapi belum dicatat"
OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(40)


def called(visit: Visit, **changes: object) -> str:
    """Write a call down; returns the address of its talk."""
    visit.get("/intake")
    fields = {"channel": "phone", "name": "Siti Aminah", "phone": "0812 3456 7890", "text": STORY}
    answer = visit.send("/intake", key=visit.hidden("key"), **{**fields, **changes})
    assert answer.status_code == 200, visit.text
    return visit.page.split('action="/talks/')[1].split("/")[0]


@pytest.fixture
def supervisor(signed_in: SignIn) -> Visit:
    return signed_in(Role.SUPERVISOR)


def test_the_page_says_what_to_read_and_takes_her_yes(rt: Runtime, supervisor: Visit) -> None:
    talk = called(
        supervisor, amount="150rb", occurred_on="03/11/2026", speaker="husband", speaker_name="Budi"
    )
    for words in (STORY, "Rp150.000", "03/11/2026", "Minta Ibu menyebut ulang nomornya"):
        assert words in supervisor.text
    supervisor.send(f"/talks/{talk}/read-back")
    assert "Sudah dibacakan dan benar" in supervisor.text
    supervisor.get(f"/tickets/{tickets(rt)[0].number}")
    assert "Suami: Budi" in supervisor.text
    assert "Dibacakan kepada Mitra: benar" in supervisor.text
    assert "Rekaman belum ada. Telepon wajib direkam." in supervisor.text


def test_what_is_wrong_is_put_right_and_read_again(rt: Runtime, supervisor: Visit) -> None:
    talk = called(supervisor, amount="150000")
    address = f"/talks/{talk}/correction"
    assert supervisor.send(address, text=STORY, amount="150000").status_code == 422
    assert "Tidak ada yang berubah" in supervisor.text
    assert supervisor.send(address, text="Bukan itu", amount="banyak").status_code == 422
    assert "Bukan itu" in supervisor.text
    supervisor.send(address, text="Saya bayar tanggal 4", amount="")
    assert "Bacakan lagi yang sudah diperbaiki" in supervisor.text
    assert "Yang ditulis pertama kali" in supervisor.text
    assert stored(rt, select(Message.body).where(Message.purpose == "story")) == [
        STORY,
        "Saya bayar tanggal 4",
    ]
    assert tickets(rt)[0].amount is None
    supervisor.get(f"/tickets/{tickets(rt)[0].number}")
    assert "Diperbaiki setelah dibacakan; tulisan pertama tetap ada di atas." in supervisor.text


def test_a_recording_comes_now_or_later_or_a_reason_does(rt: Runtime, supervisor: Visit) -> None:
    talk = called(supervisor)
    address = f"/talks/{talk}/recording"
    assert supervisor.send(address).status_code == 422
    assert "atau alasan tidak ada rekaman" in supervisor.text
    text_file = (io.BytesIO(b"%PDF-1.4\n%%EOF"), "a.pdf")
    assert supervisor.send(address, recording=text_file).status_code == 422
    large = (io.BytesIO(OGG + bytes(9 * 1024 * 1024)), "a.ogg")
    assert supervisor.send(address, recording=large).status_code == 422
    assert "Rekaman terlalu besar" in supervisor.text
    assert list(rt.storage.old_keys(before=rt.now().replace(year=2100))) == []
    supervisor.get("/talks")
    assert "Rekaman belum ada 1" in supervisor.text
    supervisor.get(f"/talks/{talk}")
    supervisor.send(address, no_recording="refused")
    supervisor.get("/talks?gap=explained")
    assert "Mitra tidak mau direkam 1" in supervisor.text
    supervisor.get(f"/talks/{talk}")
    supervisor.send(address, recording=(io.BytesIO(OGG), "rekaman.ogg"))
    assert "Rekaman ada sejak" in supervisor.text
    [file] = stored(rt, select(Attachment))
    assert (file.state, file.media_type, file.filename) == ("stored", "audio/ogg", "rekaman.ogg")
    supervisor.get("/talks?gap=explained")
    assert "Tidak ada di sini" in supervisor.text


def test_a_sensitive_story_is_not_read_aloud(supervisor: Visit) -> None:
    called(supervisor, category="PNG-KERAS", safe_hour="jam 10 pagi")
    assert STORY not in supervisor.text
    assert "Ini bukan salah Ibu" in supervisor.text
    assert "Waktu yang aman: jam 10 pagi. Betul?" in supervisor.text
    assert "Ada yang salah" not in supervisor.text


def test_others_know_of_no_talk(rt: Runtime, app: Flask, supervisor: Visit) -> None:
    talk = called(supervisor)
    other = signed_in(app, a_user(rt, Role.AGENT, teams=("lain",)))
    other.get("/intake")
    for answer in (
        other.get(f"/talks/{talk}"),
        other.post(f"/talks/{talk}/read-back"),
        other.post(f"/talks/{talk}/correction", text="x"),
        other.post(f"/talks/{talk}/recording", no_recording="refused"),
    ):
        assert answer.status_code == 404
    assert stored(rt, select(Talk.read_back_at)) == [None]
    compliance = signed_in(app, a_user(rt, Role.COMPLIANCE))
    assert compliance.get("/talks?gap=unread").status_code == 200
    assert f'href="/tickets/{tickets(rt)[0].number}"' in compliance.page
    assert compliance.get(f"/talks/{talk}").status_code == 403


def test_field_staff_write_nothing_about_their_own_point_by_correcting(rt: Runtime, app: Flask) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))
    field = signed_in(app, a_user(rt, Role.FIELD, unit=point))
    talk = called(field, channel="visit", place="field")
    assert "Rekaman telepon" not in field.text
    told = "Petugas membentak dan mengancam saya di rumah"
    assert field.send(f"/talks/{talk}/correction", text=told).status_code == 422
    assert "jadi tidak dicatat di cabang" in field.text
    assert stored(rt, select(Message.body).where(Message.purpose == "story")) == [STORY]
