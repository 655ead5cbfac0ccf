"""Numbered paper forms: numbers are taken once, the PDF bears them, and a batch knows which are missing."""

import pypdfium2
import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import select
from test_lwk import SHEET
from visits import Visit, a_user, signed_in, stored

from helpdesk.domain.procedure import paper_form
from helpdesk.domain.wording import Language
from helpdesk.models.paper import LwkPack
from helpdesk.models.people import OrgUnit, Role
from helpdesk.queries import paper_packs
from helpdesk.runtime import Runtime

LONG = "Titik Pelayanan Kecamatan Cikembar Selatan"


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name=LONG))


@pytest.fixture
def field(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


def take(visit: Visit, count: int) -> int:
    """Take a pack and return its number."""
    visit.get("/lwk/print")
    address = visit.post("/lwk/print", unit="", form_count=str(count), key=visit.hidden("key")).headers[
        "Location"
    ]
    return int(address.rpartition("=")[2])


def pages(visit: Visit, pack: int, language: str = "id") -> list[str]:
    """Return the words of each page of the printed pack."""
    answer = visit.client.get(f"/lwk/packs/{pack}.pdf?lang_of={language}")
    assert answer.content_type == "application/pdf"
    document = pypdfium2.PdfDocument(answer.get_data())
    words = []
    for page in document:
        text = page.get_textpage()
        words.append(text.get_text_bounded())
        text.close()
        page.close()
    document.close()
    return words


def test_each_form_bears_a_number_of_its_own_and_what_a_mitra_must_know(rt: Runtime, field: Visit) -> None:
    first, second = take(field, 3), take(field, 2)
    assert [(row.first_no, row.form_count) for row in stored(rt, select(LwkPack))] == [(1, 3), (4, 2)]
    slip, *forms = pages(field, second)
    assert f"Paket {second}" in slip
    assert "semua 9" in slip, "the sum of 4 and 5"
    assert ["004" in form for form in forms] == [True, False]
    for told in ("GRATIS", "berhak mengadu", "OJK 157", "paling lambat 10 hari", "amplop", LONG):
        assert told in " ".join(forms[0].split()), told
    assert "FREE" in pages(field, first, "en")[1]


def test_numbers_are_taken_once_however_often_the_button_is_pressed(rt: Runtime, field: Visit) -> None:
    field.get("/lwk/print")
    key = field.hidden("key")
    for _ in range(2):
        assert field.post("/lwk/print", unit="", form_count="40", key=key).status_code == 303
    assert len(stored(rt, select(LwkPack))) == 1
    assert field.post("/lwk/print", unit="", form_count="101", key="k").status_code == 422


def test_a_batch_of_a_pack_begins_with_its_first_number_and_shows_what_is_missing(
    rt: Runtime, app: Flask, field: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(field, 10)
    pack = take(field, 4)
    take(field, 1)
    monkeypatch.setattr(paper_packs, "LIMIT", 1)  # however many were printed since
    field.get("/lwk")
    slip = {"received_on": "20/11/2026", "form_count": "3", "amount_total": "450000", "number_total": "37"}
    assert field.post("/lwk", **slip, pack="99").status_code == 422
    address = field.post("/lwk", **slip, pack=str(pack)).headers["Location"]
    field.get(address)
    assert 'name="form_no" type="text" value="11"' in field.page
    for number, mitra in (("12", "20417"), ("14", "20418")):
        field.get(address)
        sheet = {**SHEET, "form_no": number, "mitra_id": mitra, "key": field.hidden("key")}
        assert field.send(address, **sheet).status_code == 200
    assert "Nomor yang terlompat: 11, 13" in field.text
    monkeypatch.undo()
    field.get("/lwk/print")
    assert "2 / 4" in field.text
    field.get("/lwk")
    again = field.post("/lwk", **slip, pack=str(pack)).headers["Location"]
    field.get(again)
    twice = {**SHEET, "form_no": "12", "mitra_id": "20419", "key": field.hidden("key")}
    assert field.send(again, **twice).status_code == 422
    assert "sudah ada di batch lain dari paket ini" in field.text
    other = rt.write(lambda session: make_unit(session, code="GRT"))
    stranger = signed_in(app, a_user(rt, Role.FIELD, unit=other))
    assert stranger.get(f"/lwk/packs/{pack}.pdf").status_code == 404


def test_the_form_says_the_same_in_both_languages() -> None:
    values = {"merek": "", "telp": "", "hari": "", "jumlah": ""}
    indonesian, english = (paper_form(language, values) for language in (Language.ID, Language.EN))
    assert indonesian.keys() == english.keys()
    assert not [text for text in (*indonesian.values(), *english.values()) if not text or "{" in text]
