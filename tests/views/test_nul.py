"""A NUL, which no text of ours holds and PostgreSQL refuses: told plainly in an address, taken out of a form."""

import pytest
from sqlalchemy import select
from ticket_stories import SignIn, a_ticket
from visits import PASSWORD, Visit, a_user, stored

from helpdesk.models.complaints import Improvement
from helpdesk.models.people import Role
from helpdesk.runtime import Runtime

PLACES = {
    "/trends?unit=%00": 400,
    "/audit?actor=%00": 400,
    "/audit?kind=a%00b": 400,
    "/queue?%00=x": 400,
    "/attachments/%00": 404,
    "/improvements/%00": 404,
    "/contacts/a%00b": 404,
    "/tickets/%00": 404,
    "/static/%00": 404,
}


@pytest.mark.parametrize(("address", "status"), PLACES.items())
def test_an_address_with_a_nul_is_refused_as_such(signed_in: SignIn, address: str, status: int) -> None:
    visit = signed_in(Role.COMPLIANCE)
    assert visit.get(address).status_code == status


def test_staff_at_a_point_too(signed_in: SignIn) -> None:
    assert signed_in(Role.SUPERVISOR).get("/lwk/%00").status_code == 404


@pytest.mark.parametrize(
    ("language", "told"),
    [("id", "Permintaan ini tidak bisa dibaca."), ("en", "This request cannot be read.")],
)
def test_the_reader_is_told_in_her_language(visit: Visit, language: str, told: str) -> None:
    assert visit.get(f"/lapor/status?nomor=%00&lang={language}").status_code == 400
    assert told in visit.text


def test_a_program_gets_a_problem_document(visit: Visit) -> None:
    answer = visit.get("/api/v1/complaints/%00")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_header_with_a_nul_is_refused(visit: Visit) -> None:
    assert visit.client.get("/lapor", headers={"Accept-Language": "id\0"}).status_code == 400


@pytest.mark.parametrize("wrong", [{"email": "\0"}, {"password": "\0"}], ids=["e-mail", "password"])
def test_a_sign_in_with_a_nul_is_a_wrong_one(rt: Runtime, visit: Visit, wrong: dict[str, str]) -> None:
    user = a_user(rt, Role.AGENT)
    visit.get("/login")
    typed = {
        name: value + wrong.get(name, "") for name, value in (("email", user.email), ("password", PASSWORD))
    }
    assert visit.post("/login", **typed).status_code == 401
    assert "Email atau kata sandi salah" in visit.text


def test_words_in_a_form_are_kept_without_it(rt: Runtime, signed_in: SignIn) -> None:
    visit = signed_in(Role.PRODUCT)
    visit.get("/improvements/new")
    answer = visit.post(
        "/improvements/new", title="Slip\0 hilang", finding="Tidak\0 dicetak", category="\0", key="a\0b"
    )
    assert answer.status_code == 303, visit.text
    (kept,) = stored(rt, select(Improvement))
    assert (kept.title, kept.finding, kept.category_code) == ("Slip hilang", "Tidak dicetak", None)


def test_names_are_looked_for_without_it(rt: Runtime, signed_in: SignIn) -> None:
    number = a_ticket(rt).number
    visit = signed_in(Role.SUPERVISOR)
    visit.get(f"/tickets/{number}")
    assert visit.post(f"/tickets/{number}/assign", team="\0", assignee="\0").status_code in (303, 422)
