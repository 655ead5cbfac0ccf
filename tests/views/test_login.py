"""Signing in: one form, one message for every mistake, a way back to what was asked for."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from factories import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from visits import PASSWORD, Visit, a_user, app_on, signed_in, stored

from helpdesk.models.people import SIGN_IN_LASTS, Role, SignIn
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.services import accounts
from helpdesk.views import auth
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


def test_the_language_of_the_form_stays_after_signing_in_and_out(rt: Runtime) -> None:
    user = a_user(rt, Role.SUPERVISOR)
    visit = Visit(app_on(rt))
    visit.get("/login?lang=en")
    visit.post("/login", email=user.email, password=PASSWORD)
    for address in ("/queue", "/login"):
        visit.get(address)
        assert '<html lang="en"' in visit.page
        visit.post("/logout")


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


def wrong(rt: Runtime, emails: Iterable[str]) -> list[int]:
    """Try a wrong password for each, from one network address."""
    visit = Visit(app_on(rt))
    visit.get("/login")
    return [visit.post("/login", email=email, password="salah-sekali").status_code for email in emails]


def test_one_address_with_ever_other_accounts_is_stopped_and_audited_once(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "ADDRESS_TRIES_PER_QUARTER", 12)
    user = a_user(rt, Role.AGENT)
    assert wrong(rt, (f"siapa{number}@contoh.example" for number in range(15))) == [401] * 12 + [429] * 3
    kinds = stored(rt, select(AuditEntry.kind).order_by(AuditEntry.serial.desc()).limit(13))
    assert kinds == ["sign_ins_stopped", *["sign_in_failed"] * 12]
    visit = Visit(app_on(rt))
    visit.get("/login")
    assert visit.post("/login", email=user.email, password=PASSWORD).status_code == 429
    later = app_on(replace(rt, now=lambda: NOW + timedelta(minutes=15)))
    assert signed_in(later, user).get("/queue").status_code == 200


def test_an_office_is_not_stopped_by_one_who_goes_on_nor_by_right_passwords(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "ADDRESS_TRIES_PER_QUARTER", TRIES_PER_QUARTER + 2)
    user = a_user(rt, Role.AGENT)
    assert wrong(rt, ["lupa@contoh.example"] * 20)[-1] == 429
    for _ in range(4):
        assert signed_in(app_on(rt), user).get("/queue").status_code == 200
    assert wrong(rt, ["satu@contoh.example", "dua@contoh.example", "tiga@contoh.example"]) == [401, 401, 429]


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


def copy_of(visit: Visit) -> Visit:
    """Another browser with the same cookie, as somebody has it who copied it."""
    other = Visit(visit.client.application)
    cookie = visit.client.get_cookie("helpdesk_session")
    assert cookie is not None
    other.client.set_cookie("helpdesk_session", cookie.value)
    return other


def test_a_copied_cookie_opens_nothing_after_signing_out_and_other_devices_go_on(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    app = app_on(rt)
    desk, phone = signed_in(app, user), signed_in(app, user)
    desk.get("/queue")
    copied = copy_of(desk)
    assert copied.get("/queue").status_code == 200
    assert desk.post("/logout").status_code == 302
    assert copied.get("/queue").status_code == 302
    assert desk.get("/queue").status_code == 302
    assert phone.get("/queue").status_code == 200


def test_who_signs_in_again_in_the_same_browser_leaves_no_second_way_in(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    visit = signed_in(app_on(rt), user)
    visit.get("/queue")
    copied = copy_of(visit)
    assert visit.post("/login", email=user.email, password=PASSWORD).status_code == 302
    assert (visit.get("/queue").status_code, copied.get("/queue").status_code) == (200, 302)
    assert len(stored(rt, select(SignIn))) == 1


ENDS: dict[str, Callable[[Session, str], None]] = {
    "new password": lambda session, email: accounts.change_password(
        session, email, "kata-sandi-baru-sekali", actor="x", now=NOW
    ),
    "account closed": lambda session, email: accounts.disable_user(session, email, actor="x", now=NOW),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_new_password_or_a_closed_account_ends_every_sign_in(
    rt: Runtime, end: Callable[[Session, str], None]
) -> None:
    user = a_user(rt, Role.AGENT)
    visits = [signed_in(app_on(rt), user) for _ in range(2)]
    checked = rt.read(lambda session: accounts.authenticate(session, user.email, PASSWORD))
    rt.write(lambda session: end(session, user.email))
    assert [visit.get("/queue").status_code for visit in visits] == [302, 302]
    assert checked is not None
    assert rt.write(lambda session: accounts.sign_in(session, checked, now=NOW)) is None
    assert stored(rt, select(SignIn)) == []


def test_a_sign_in_ends_by_itself_in_the_end_and_the_next_one_clears_it_away(rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    later = replace(rt, now=lambda: NOW + SIGN_IN_LASTS)
    visit = signed_in(app_on(rt), user)
    other = copy_of(visit)
    other.client = app_on(later).test_client()
    cookie = visit.client.get_cookie("helpdesk_session")
    assert cookie is not None
    other.client.set_cookie("helpdesk_session", cookie.value)
    assert other.get("/queue").status_code == 302
    signed_in(app_on(later), user)
    assert len(stored(rt, select(SignIn))) == 1
