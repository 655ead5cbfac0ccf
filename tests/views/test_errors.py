"""Error pages say what to do, in the dress of the reader."""

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import OperationalError
from visits import Visit, a_user, app_on, signed_in

from helpdesk.logs import clean
from helpdesk.models.people import Role, SignIn
from helpdesk.runtime import Runtime


def test_an_unknown_address_is_told_plainly_to_everybody(rt: Runtime) -> None:
    visit = Visit(app_on(rt))
    assert visit.get("/tidak-ada").status_code == 404
    assert "<title>Salah: 404" in visit.page
    assert "Ke halaman awal" in visit.text
    assert "kh-rail" not in visit.page


def test_staff_keep_their_menu_on_an_error(rt: Runtime) -> None:
    visit = signed_in(app_on(rt), a_user(rt, Role.AGENT))
    assert visit.get("/contacts/tidak-ada").status_code == 404
    assert 'class="kh-rail"' in visit.page


def test_a_page_of_another_role_is_refused(rt: Runtime) -> None:
    visit = signed_in(app_on(rt), a_user(rt, Role.PRODUCT))
    assert visit.get("/intake").status_code == 403
    assert "tidak boleh membuka" in visit.text


def test_an_old_form_is_asked_to_be_loaded_again(rt: Runtime) -> None:
    visit = Visit(app_on(rt))
    answer = visit.post("/lapor", choice="1")
    assert answer.status_code == 400
    assert "muat ulang" in visit.text


def sent_too_late(rt: Runtime, fields: dict[str, str], **headers: str) -> Visit:
    visit = Visit(app_on(rt))
    answer = visit.client.post("/lapor", data={"csrf_token": "lama", **fields}, headers=headers)
    assert answer.status_code == 400
    visit.page = answer.get_data(as_text=True)
    return visit


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=["fetch", "origin"]
)
def test_what_was_typed_into_an_old_form_is_sent_by_one_press(rt: Runtime, headers: dict[str, str]) -> None:
    visit = sent_too_late(rt, {"choice": "1", "text": 'Uang "saya" <hilang>'}, **headers)
    assert "Isian masih ada di sini" in visit.text
    assert visit.hidden("text") == 'Uang "saya" <hilang>'
    assert visit.page.count('name="csrf_token"') == 1
    assert visit.post("/lapor", choice=visit.hidden("choice")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        pytest.param({"choice": "1"}, {}, id="nobody says where it comes from"),
        pytest.param({"choice": "1"}, {"Sec-Fetch-Site": "none"}, id="not from a page of ours"),
        pytest.param({"password": "rahasia"}, {"Sec-Fetch-Site": "same-origin"}, id="a password"),
    ],
)
def test_nothing_is_written_back_from_elsewhere_and_no_password(
    rt: Runtime, fields: dict[str, str], headers: dict[str, str]
) -> None:
    visit = sent_too_late(rt, fields, **headers)
    assert "muat ulang" in visit.text
    assert "rahasia" not in visit.page
    assert "<form" not in visit.page


def test_words_typed_before_the_sign_in_ended_wait_until_she_has_signed_in_again(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    visit = signed_in(app_on(rt), user)
    visit.get("/queue")
    rt.write(lambda session: session.execute(delete(SignIn)))
    headers = {"Sec-Fetch-Site": "same-origin"}
    fields = {"csrf_token": visit.hidden("csrf_token"), "text": "Sudah kami cek, Ibu."}
    answer = visit.client.post("/tickets/10000000/replies", data=fields, headers=headers)
    visit.page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Masuk dulu di tab lain, lalu tekan Kirim lagi." in visit.text
    assert visit.hidden("text") == "Sudah kami cek, Ibu."
    assert 'href="/login" target="_blank"' in visit.page
    assert "<blockquote>Sudah kami cek, Ibu.</blockquote>" in visit.page


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_a_page_does_not_know_is_told_as_such(rt: Runtime, method: str) -> None:
    visit = Visit(app_on(rt))
    answer = visit.client.open("/lapor", method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"]
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<title>Salah: 405" in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_still_refused(rt: Runtime) -> None:
    visit = Visit(app_on(rt))
    assert visit.client.post("/login", data={"email": "a@b.id", "password": "x"}).status_code == 400
    assert visit.client.post("/tidak-ada").status_code == 404


def test_a_page_says_so_in_plain_words_when_the_database_is_away(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = signed_in(app_on(rt), a_user(rt, Role.AGENT))  # who it is stands in the database, too

    def away(*_: object) -> object:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(rt, "read", away)
    assert visit.get("/queue").status_code == 503
    assert "Coba lagi sebentar lagi" in visit.text


def test_what_a_person_typed_is_not_in_the_log_of_a_statement_that_fails(
    rt: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    visit = Visit(app_on(rt))
    visit.get("/login")
    rt.write(lambda session: session.execute(text("ALTER TABLE users RENAME TO users_gone")))
    assert visit.post("/login", email="marsinah@contoh.id", password="x").status_code == 503
    log = capsys.readouterr().err
    assert "FROM users" in log  # which statement it was is told
    assert "marsinah" not in log


@pytest.mark.parametrize(
    "detail",
    ["Key (email)=(marsinah@contoh.id) already exists.", "Failing row contains (1, Marsinah,\n  Desa, x)."],
)
def test_values_that_postgresql_adds_to_an_error_are_taken_out_of_the_log(detail: str) -> None:
    line = f"duplicate key value\nDETAIL:  {detail}\n[SQL: INSERT INTO users]\n\nThe above"
    assert clean(line) == "duplicate key value\nDETAIL: [hidden]\n[SQL: INSERT INTO users]\n\nThe above"
