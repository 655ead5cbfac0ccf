"""Signing in: one form, one message for every mistake, a way back to what was asked for."""

from urllib.parse import urlencode

import pytest
from visits import PASSWORD, Visit, a_user, app_on, signed_in

from helpdesk.models.people import Role
from helpdesk.runtime import Runtime
from helpdesk.views.auth import TRIES_PER_QUARTER


def test_the_right_password_leads_to_the_queue(rt: Runtime) -> None:
    user = a_user(rt, Role.SUPERVISOR)
    visit = Visit(app_on(rt))
    visit.get("/login")
    answer = visit.post("/login", email=user.email, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/queue")


@pytest.mark.parametrize("email", ["staf@contoh.example", None], ids=["unknown", "wrong password"])
def test_a_wrong_part_is_not_named_and_the_address_is_kept(rt: Runtime, email: str | None) -> None:
    address = email or a_user(rt, Role.AGENT).email
    visit = Visit(app_on(rt))
    visit.get("/login")
    answer = visit.post("/login", email=address, password="salah-sekali")
    assert answer.status_code == 401
    assert "<title>Salah: Masuk" in visit.page
    assert "Email atau kata sandi salah" in visit.text
    assert f'value="{address}"' in visit.page
    assert "salah-sekali" not in visit.page


def test_after_signing_in_one_comes_to_the_page_that_was_asked_for(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    visit = Visit(app_on(rt))
    address = visit.get("/contacts?q=siti").headers["Location"]
    assert address.startswith("/login?next=")
    visit.get(address)
    answer = visit.post(address, email=user.email, password=PASSWORD)
    assert answer.headers["Location"] == "/contacts?q=siti"


def test_who_is_signed_in_does_not_see_the_form_again(rt: Runtime) -> None:
    visit = signed_in(app_on(rt), a_user(rt, Role.FIELD))
    assert visit.get("/login").headers["Location"] == "/lwk"


def test_the_right_password_is_never_too_much(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    for _ in range(TRIES_PER_QUARTER + 1):
        visit = Visit(app_on(rt))
        visit.get("/login")
        assert visit.post("/login", email=user.email, password=PASSWORD).status_code == 302


def test_after_many_wrong_passwords_the_right_one_must_wait(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    visit = Visit(app_on(rt))
    visit.get("/login")
    for _ in range(TRIES_PER_QUARTER):
        assert visit.post("/login", email=user.email, password="salah-sekali").status_code == 401
    assert visit.post("/login", email=user.email, password=PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "//[",
    ],
)
def test_one_never_comes_to_another_site(rt: Runtime, address: str) -> None:
    user = a_user(rt, Role.AGENT)
    visit = Visit(app_on(rt))
    visit.get("/login")
    answer = visit.post(f"/login?{urlencode({'next': address})}", email=user.email, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/queue")
