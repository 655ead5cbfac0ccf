"""The checklist on the page: a majelis in a few strokes, files, and who may do what."""

import io
import zipfile

import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import select
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.explanations import Explanation
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime

ALL = ["how", "free", "deadlines", "external", "privacy"]


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))


@pytest.fixture
def field(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


def kept(visit: Visit, **fields: object) -> int:
    visit.get("/explanations")
    return visit.send("/explanations", key=visit.hidden("key"), **{"point": ALL, **fields}).status_code


def test_a_majelis_needs_its_name_and_a_count_and_the_next_begins_where_it_was(
    rt: Runtime, field: Visit
) -> None:
    assert kept(field, majelis="=Melati", present_count="14", means="lwk", explained_on="20/11/2026") == 200
    assert "Tercatat: =Melati." in field.text
    assert '<option value="lwk" selected>' in field.page
    assert 'value="20/11/2026"' in field.page
    [row] = stored(rt, select(Explanation))
    assert (row.majelis, row.present_count, row.means, row.points) == ("=Melati", 14, "lwk", ALL)
    assert str(row.explained_on) == "2026-11-20"
    answer = field.client.get("/explanations/lines.csv")
    assert "2026-11-20,Titik Bogor,'=Melati,14,Dokumen LWK,Bahasa Indonesia" in answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(field.client.get("/explanations/lines.xlsx").data)) as book:
        assert b'name="Per cabang"' in book.read("xl/workbook.xml")
        assert b"<t>=Melati</t>" in book.read("xl/sharedStrings.xml")
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml"), "nothing is computed on opening"
    kinds = stored(rt, select(AuditEntry.kind).order_by(AuditEntry.serial))
    assert kinds[-3:] == ["explanation_recorded", "explanations_exported", "explanations_exported"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "salah satu saja", id="nobody"),
        pytest.param({"majelis": "Melati"}, "Tulis angka", id="no count"),
        pytest.param({"majelis": "Melati", "present_count": "5", "point": []}, "Centang", id="no point"),
        pytest.param({"person": "Siti", "explained_on": "24/11/2026"}, "belum terjadi", id="tomorrow"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_stays(
    rt: Runtime, field: Visit, fields: dict[str, object], words: str
) -> None:
    assert kept(field, language="su", **fields) == 422
    assert "<title>Salah: " in field.page
    assert words in field.text
    assert '<option value="su" selected>' in field.page
    assert stored(rt, select(Explanation.id)) == []


def test_a_second_press_is_one_line_and_a_wrong_one_is_voided(rt: Runtime, field: Visit) -> None:
    field.get("/explanations")
    fields = {"key": field.hidden("key"), "point": ["how"], "majelis": "Melati", "present_count": "5"}
    for _ in range(2):
        assert field.post("/explanations", **fields).status_code == 303
    [row] = stored(rt, select(Explanation))
    field.get("/explanations")
    field.send(f"/explanations/{row.public_id}/void")
    assert "dibatalkan" in field.text
    field.get("/explanations/branches")
    assert "1 cabang belum pernah mencatat penjelasan" in field.text


def test_head_office_looks_on_and_says_for_which_branch_it_enters(
    rt: Runtime, app: Flask, field: Visit, point: OrgUnit
) -> None:
    kept(field, majelis="Melati", present_count="5")
    [row] = stored(rt, select(Explanation))
    compliance = signed_in(app, a_user(rt, Role.COMPLIANCE))
    compliance.get("/explanations?means=verbal&unit=BGR&since=01/11/2026")
    assert "Melati" in compliance.text
    assert "Catat penjelasan" not in compliance.text
    assert compliance.post("/explanations").status_code == 403
    compliance.get("/explanations?means=app")
    assert "Belum ada catatan" in compliance.text
    assert compliance.get(f"/explanations/branches/{point.id}").status_code == 200
    assert compliance.get("/explanations/branches/99999").status_code == 404
    agent = signed_in(app, a_user(rt, Role.AGENT))
    assert kept(agent, majelis="Mawar", present_count="5") == 422
    assert "Pilih cabang dari daftar" in agent.text
    assert kept(agent, majelis="Mawar", present_count="5", unit="BGR") == 200
    assert agent.post(f"/explanations/{row.public_id}/void").status_code == 404
    product = signed_in(app, a_user(rt, Role.PRODUCT))
    assert product.get("/explanations").status_code == 403
