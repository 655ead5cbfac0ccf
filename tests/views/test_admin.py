"""Administrators' pages: people, calendars, rules, tokens and what is stuck; secrets once, ticket texts never."""

import re
from datetime import date

import pytest
from factories import NOW, make_unit
from flask import Flask
from sqlalchemy import select
from ticket_stories import SignIn, a_ticket
from visits import PASSWORD, Visit, a_user, stored

from helpdesk.domain.messages import WebhookRequest
from helpdesk.domain.setbacks import Setback
from helpdesk.models.people import ApiToken, OrgUnit, Position, Role, User
from helpdesk.models.sla import Holiday, SlaClockRow
from helpdesk.models.tickets import AuditEntry
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.runtime import Runtime
from helpdesk.services import webhooks

PERSON = {
    "email": "Baru@contoh.id",
    "name": "Orang Baru",
    "role": "agent",
    "position": "HO",
    "unit": "HO",
    "teams": ["pembayaran", "triage"],
}
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def admin(signed_in: SignIn) -> Visit:
    visit = signed_in(Role.ADMIN)
    visit.get("/admin")
    return visit


def may_sign_in(app: Flask, email: str, password: str) -> bool:
    visit = Visit(app)
    visit.get("/login")
    return visit.post("/login", email=email, password=password).status_code == 302


def shown_password(visit: Visit) -> str:
    found = re.search(r"<dt>Kata sandi</dt><dd>([^<]+)</dd>", visit.page)
    assert found
    return found[1]


def entries(rt: Runtime) -> list[str]:
    return [row.kind for row in stored(rt, select(AuditEntry).order_by(AuditEntry.serial))]


def at_home(rt: Runtime, user: User) -> User:
    return stored(rt, select(User).where(User.id == user.id))[0]


def test_the_start_page_names_empty_teams(admin: Visit) -> None:
    assert "Ada tim tanpa anggota" in admin.text


def test_a_new_account_shows_its_password_once_and_it_works(admin: Visit, app: Flask, rt: Runtime) -> None:
    answer = admin.post("/admin/users/new", **PERSON)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    password = shown_password(admin)
    assert may_sign_in(app, "baru@contoh.id", password)
    assert "user_added" in entries(rt)
    admin.get("/admin/users")
    assert "Orang Baru" in admin.text
    assert "Pembayaran, Triase" in admin.text
    assert password not in admin.page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        pytest.param("email", "bukan email", "Tulis email lengkap", id="no address"),
        pytest.param("role", "raja", "Pilih peran dari daftar.", id="unknown role"),
        pytest.param("position", "kaisar", "Pilih jabatan dari daftar.", id="unknown position"),
        pytest.param("unit", "entah", "Pilih cabang dari daftar.", id="unknown unit"),
        pytest.param("teams", "entah", "Pilih tim dari daftar.", id="unknown team"),
    ],
)
def test_a_wrong_account_is_told_and_kept(
    admin: Visit, rt: Runtime, field: str, value: str, words: str
) -> None:
    assert admin.post("/admin/users/new", **(PERSON | {field: value})).status_code == 422
    assert words in admin.text
    assert 'value="Orang Baru"' in admin.page
    assert len(stored(rt, select(User))) == 1


def test_an_address_has_one_account(admin: Visit, rt: Runtime) -> None:
    taken = a_user(rt, Role.AGENT)
    assert admin.post("/admin/users/new", **(PERSON | {"email": taken.email})).status_code == 422
    assert "Email ini sudah punya akun." in admin.text


def test_an_account_can_be_changed(admin: Visit, rt: Runtime) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Point Bogor"))
    user = a_user(rt, Role.AGENT, teams=("triage",))
    admin.get(f"/admin/users/{user.public_id}")
    assert 'value="triage" checked' in admin.page
    typed = {"name": "Nama Lain", "role": "field", "position": "BM", "unit": "BGR"}
    admin.send(f"/admin/users/{user.public_id}", **typed)
    assert "Perubahan disimpan." in admin.text
    changed = at_home(rt, user)
    assert (changed.name, changed.role, changed.position) == ("Nama Lain", Role.FIELD, Position.BM)
    assert changed.unit_id == point.id
    admin.get(f"/admin/users/{user.public_id}")
    assert '<option value="BGR" selected>' in admin.page


def test_nobody_takes_the_administration_from_themselves(admin: Visit, rt: Runtime) -> None:
    own = stored(rt, select(User).where(User.role == Role.ADMIN))[0]
    place = f"/admin/users/{own.public_id}"
    admin.get(place)
    assert "Tutup akun" not in admin.text
    assert admin.post(place, **(PERSON | {"role": "agent"})).status_code == 422
    assert "Peran sendiri tidak bisa diubah." in admin.text
    admin.send(f"{place}/disable")
    assert "Akun sendiri tidak bisa ditutup." in admin.text
    assert at_home(rt, own).disabled_at is None


def test_a_closed_account_signs_in_no_more(admin: Visit, app: Flask, rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    admin.send(f"/admin/users/{user.public_id}/disable")
    assert f"Akun {user.email} ditutup." in admin.text
    assert not may_sign_in(app, user.email, PASSWORD)
    admin.get(f"/admin/users/{user.public_id}")
    assert "Akun ini sudah ditutup." in admin.text
    admin.get("/admin")
    assert admin.post(f"/admin/users/{user.public_id}", **PERSON).status_code == 422


def test_a_new_password_is_shown_once_and_the_old_one_is_gone(admin: Visit, app: Flask, rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    assert admin.post(f"/admin/users/{user.public_id}/password").status_code == 200
    assert may_sign_in(app, user.email, shown_password(admin))
    assert not may_sign_in(app, user.email, PASSWORD)


@pytest.mark.parametrize("place", ["", "/password", "/disable"])
def test_an_unknown_account_is_not_found(admin: Visit, place: str) -> None:
    assert admin.post(f"/admin/users/tidak-ada{place}", **PERSON).status_code == 404
    assert admin.get("/admin/users/tidak-ada").status_code == 404


def test_teams_name_their_members_and_mark_the_empty_ones(admin: Visit, rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT, teams=("pembayaran",))
    admin.get("/admin/teams")
    assert user.name in admin.text
    assert "▲ kosong" in admin.text


def a_holiday(rt: Runtime, on: date, unit_id: int | None = None) -> Holiday:
    place = Holiday.unit_id.is_(None) if unit_id is None else Holiday.unit_id == unit_id
    return stored(rt, select(Holiday).where(Holiday.on == on, place, Holiday.withdrawn_at.is_(None)))[0]


def test_a_year_shows_national_days_and_cuti_bersama(admin: Visit) -> None:
    admin.get("/admin/calendars?year=2026")
    assert "Kamis, 1 Januari 2026" in admin.text
    assert "Cuti bersama" in admin.text
    assert "Senin 08.00–12.00, 13.00–17.00" in admin.text
    assert "Janji yang sudah diberikan tidak digeser" in admin.text
    assert admin.get("/admin/calendars?year=kapan").status_code == 200
    assert "Kalender 2026" in admin.text


def test_an_own_holiday_moves_no_promise_that_was_given(admin: Visit, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    clocks = select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id).order_by(SlaClockRow.id)
    before = [row.due_at for row in stored(rt, clocks)]
    typed = {"on": "2026-11-24", "name": "Ulang tahun kantor", "kind": "company", "unit": ""}
    admin.send("/admin/calendars/holidays", **typed)
    assert "Selasa, 24 November 2026 menjadi hari libur." in admin.text
    assert "Ulang tahun kantor" in admin.text
    assert [row.due_at for row in stored(rt, clocks)] == before
    assert "holiday_added" in entries(rt)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        pytest.param("on", "", "Tulis tanggalnya.", id="no day"),
        pytest.param("on", "31/12", "Tulis tanggal, contoh", id="not a day"),
        pytest.param("on", "2026-01-01", "Hari ini sudah libur di sana.", id="closed already"),
        pytest.param("name", "", "Tulis nama harinya.", id="no name"),
        pytest.param("kind", "pesta", "Pilih jenis dari daftar.", id="unknown kind"),
        pytest.param("unit", "entah", "Pilih cabang dari daftar.", id="unknown unit"),
    ],
)
def test_a_wrong_holiday_is_told_beside_its_field(admin: Visit, field: str, value: str, words: str) -> None:
    typed = {"on": "2026-11-24", "name": "Libur", "kind": "national", "unit": ""}
    assert admin.post("/admin/calendars/holidays", **(typed | {field: value})).status_code == 422
    assert words in admin.text
    assert f'id="{field}-error"' in admin.page


def test_a_day_can_be_worked_after_all_and_closed_again(admin: Visit, rt: Runtime) -> None:
    day = a_holiday(rt, NEW_YEAR)
    place = f"/admin/calendars/holidays/{day.id}"
    admin.send(f"{place}/cancel", year="2026")
    assert "dibatalkan, hari kerja" in admin.text
    changed = a_holiday(rt, NEW_YEAR)
    assert (changed.is_cancelled, changed.is_own) == (True, True)
    admin.send(f"{place}/cancel")
    assert "Hari ini sudah menjadi hari kerja di sana." in admin.text
    admin.send(f"{place}/restore")
    assert a_holiday(rt, NEW_YEAR).is_cancelled is False
    admin.send(f"{place}/restore")
    assert "Hari ini sudah libur di sana." in admin.text


def test_a_day_can_be_worked_at_one_unit_alone(admin: Visit, rt: Runtime) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Point Bogor"))
    day = a_holiday(rt, NEW_YEAR)
    admin.send(f"/admin/calendars/holidays/{day.id}/cancel", unit="BGR", year="2026")
    assert "Point Bogor" in admin.text
    assert a_holiday(rt, NEW_YEAR, point.id).is_cancelled is True
    assert a_holiday(rt, NEW_YEAR).is_cancelled is False
    admin.send(f"/admin/calendars/holidays/{day.id}/cancel", unit="entah")
    assert "Pilih cabang dari daftar." in admin.text


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_an_unknown_holiday_is_not_found(admin: Visit, number: str) -> None:
    for act in ("cancel", "restore"):
        assert admin.post(f"/admin/calendars/holidays/{number}/{act}").status_code == 404
        admin.get("/admin")


def test_the_matrix_is_shown_with_its_cells_rules_and_version(admin: Visit) -> None:
    admin.get("/admin/matrix")
    for words in (
        "Matriks tingkat v1",
        "Urgensi U3",
        "M-10",
        "“pisau”",
        "uang mulai Rp1.000.000",
        "PNG-KERAS",
    ):
        assert words in admin.text


def test_routing_and_categories_are_shown_in_words(admin: Visit) -> None:
    admin.get("/admin/routing")
    assert "R-10 kategori Fraud &" in admin.text
    assert "semua tiket lain → Triase" in admin.text
    admin.get("/admin/categories")
    assert "FRD-LUAR" in admin.text


def test_a_token_is_shown_once_and_can_be_revoked(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/tokens")
    assert "Belum ada token." in admin.text
    answer = admin.post("/admin/tokens", name="aplikasi", scope="app")
    found = re.search(r"hd_app_[\w-]+", admin.page)
    assert answer.status_code == 200
    assert found
    admin.get("/admin/tokens")
    assert found[0] not in admin.page
    assert admin.post("/admin/tokens", name="aplikasi", scope="app").status_code == 422
    assert "Nama ini sudah dipakai token lain." in admin.text
    admin.send("/admin/tokens/revoke", name="aplikasi")
    assert "Token aplikasi dicabut." in admin.text
    assert stored(rt, select(ApiToken))[0].revoked_at == NOW
    admin.send("/admin/tokens/revoke", name="aplikasi")
    assert "Token ini sudah dicabut." in admin.text


@pytest.mark.parametrize("typed", [{"name": "", "scope": "app"}, {"name": "sistem", "scope": "semua"}])
def test_a_wrong_token_is_told(admin: Visit, typed: dict[str, str]) -> None:
    assert admin.post("/admin/tokens", **typed).status_code == 422
    assert "Ada yang perlu dibetulkan" in admin.text


def a_stuck_event(rt: Runtime) -> int:
    request = WebhookRequest(
        "telegram", "https://contoh.id/webhooks/telegram", {}, (), b'{"rahasia": "Siti"}'
    )

    def write(session: object) -> int:
        stored_event = webhooks.store(session, request, now=NOW)  # type: ignore[arg-type]
        webhooks.mark_failed(
            session,  # type: ignore[arg-type]
            stored_event.event_id,
            webhooks.Failure(Setback.NOT_UNDERSTOOD, "CannotParse"),
            now=NOW,
        )
        return stored_event.event_id

    return rt.write(write)


def test_a_stuck_event_is_tried_again_and_told_when_it_still_resists(admin: Visit, rt: Runtime) -> None:
    event_id = a_stuck_event(rt)
    admin.get("/admin")
    assert "1 pesan masuk belum diproses" in admin.text
    admin.get("/admin/operations")
    assert "isinya tidak dikenali CannotParse" in admin.text
    assert "Siti" not in admin.page
    admin.send("/admin/operations/replay", id=str(event_id))
    assert "1 masih gagal." in admin.text
    assert "masih gagal, kanalnya mati" in admin.text
    assert "mulai ulang layanan" in admin.text  # what to do about it
    assert stored(rt, select(WebhookEvent))[0].state is not WebhookState.PROCESSED
    assert "webhooks_replayed" in entries(rt)


@pytest.mark.parametrize("chosen", [{}, {"id": "apa"}, {"id": "9" * 40}])
def test_nothing_chosen_replays_nothing(admin: Visit, rt: Runtime, chosen: dict[str, str]) -> None:
    a_stuck_event(rt)
    admin.send("/admin/operations/replay", **chosen)
    assert "Pilih dulu satu atau lebih." in admin.text
    assert "webhooks_replayed" not in entries(rt)


def test_settings_show_which_channels_are_off_and_no_secret(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/settings")
    assert admin.text.count("mati, belum ada kunci penyedia") == 3
    assert rt.settings.secret_key not in admin.page
    assert rt.settings.encryption_keys not in admin.page


def test_no_page_of_administrators_shows_a_ticket(admin: Visit, rt: Runtime) -> None:
    ticket = a_ticket(rt, "Kalimat yang sangat khas tentang angsuran")
    for page in ("", "/users", "/teams", "/calendars", "/operations", "/settings", "/tokens"):
        admin.get(f"/admin{page}")
        assert "khas" not in admin.page
        assert ticket.number not in admin.page.replace("-", "")


def test_the_tree_of_units_is_there_to_choose_from(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/users/new")
    assert all(f'value="{unit.code}"' in admin.page for unit in stored(rt, select(OrgUnit)))
