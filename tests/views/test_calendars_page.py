"""Calendars in admin: where holidays hold, opening hours as versions, and what the next year lacks."""

from datetime import UTC, date, datetime

import pytest
from factories import make_unit
from flask import Flask
from sqlalchemy import delete, select
from ticket_stories import SignIn
from visits import Visit, stored

from helpdesk.models.people import Role
from helpdesk.models.sla import Holiday, HolidayKind, SlaCalendar
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.sla.policy import CalendarCode

NEW_YEAR = date(2026, 1, 1)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08.00–12.00, 13.00–17.00")


@pytest.fixture
def admin(signed_in: SignIn) -> Visit:
    visit = signed_in(Role.ADMIN)
    visit.get("/admin")
    return visit


def service_versions(rt: Runtime) -> list[SlaCalendar]:
    mine = SlaCalendar.code == CalendarCode.SERVICE
    return stored(rt, select(SlaCalendar).where(mine).order_by(SlaCalendar.version))


def save(admin: Visit, code: str = "service", **typed: str) -> int:
    admin.get(f"/admin/calendars/{code}")
    form = WEEK | {"version": admin.hidden("version"), "act": "save"} | typed
    return admin.send(f"/admin/calendars/{code}", **form).status_code


def test_a_holiday_of_a_province_is_entered_and_shown(admin: Visit, rt: Runtime) -> None:
    rt.write(lambda session: make_unit(session, code="BGR", province="Jawa Barat"))
    admin.get("/admin/calendars?year=2026")
    assert "Provinsi Jawa Barat" in admin.text
    typed = {"on": "2026-11-25", "name": "Pilkada", "kind": "local", "unit": "province:Jawa Barat"}
    admin.send("/admin/calendars/holidays", **typed)
    row = stored(rt, select(Holiday).where(Holiday.on == date(2026, 11, 25)))[0]
    assert (row.province, row.unit_id, row.is_own) == ("Jawa Barat", None, True)
    assert admin.post("/admin/calendars/holidays", **(typed | {"unit": "province:Entah"})).status_code == 422
    assert "Pilih provinsi dari daftar." in admin.text
    decreed = typed | {"on": "2026-11-26", "kind": "national"}
    assert admin.post("/admin/calendars/holidays", **decreed).status_code == 422
    assert "Libur nasional dan cuti bersama berlaku di seluruh Indonesia." in admin.text


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({"on": "9999-12-31"}, "Tahun ini terlalu jauh."),
        ({"on": "0001-01-01"}, "Tahun ini terlalu jauh."),
        ({"name": "x" * 121}, "Teks terlalu panjang."),
    ],
)
def test_a_slip_of_the_pen_closes_no_day(admin: Visit, rt: Runtime, slip: dict[str, str], told: str) -> None:
    before = len(stored(rt, select(Holiday)))
    typed = {"on": "2026-11-25", "name": "Rapat", "kind": "company", "unit": ""} | slip
    admin.get("/admin/calendars")
    assert admin.post("/admin/calendars/holidays", **typed).status_code == 422
    assert told in admin.text
    assert len(stored(rt, select(Holiday))) == before


def test_a_national_day_can_be_worked_in_one_province(admin: Visit, rt: Runtime) -> None:
    rt.write(lambda session: make_unit(session, code="DPS", province="Bali"))
    day = stored(rt, select(Holiday).where(Holiday.on == NEW_YEAR))[0]
    admin.send(f"/admin/calendars/holidays/{day.id}/cancel", unit="province:Bali", year="2026")
    assert "Provinsi Bali" in admin.text
    assert "1 Januari 2026 menjadi hari kerja." in admin.text
    rows = stored(rt, select(Holiday).where(Holiday.on == NEW_YEAR).order_by(Holiday.id))
    assert [(row.province, row.is_cancelled, row.withdrawn_at) for row in rows] == [
        (None, False, None),
        ("Bali", True, None),
    ]


def test_a_date_that_is_not_decreed_yet_is_to_be_confirmed(admin: Visit) -> None:
    admin.get("/admin/calendars?year=2027")
    assert "perkiraan, perlu dipastikan" in admin.text
    assert "(perkiraan)" not in admin.text
    assert "2027: 8 cuti bersama" in admin.text


def test_a_year_without_cuti_bersama_is_told_on_both_pages(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin")
    assert "Cuti bersama 2027 belum ada" not in admin.text
    of_2027 = (Holiday.kind == HolidayKind.CUTI_BERSAMA, Holiday.on >= date(2027, 1, 1))
    rt.write(lambda session: session.execute(delete(Holiday).where(*of_2027)))
    admin.get("/admin")
    assert "Cuti bersama 2027 belum ada" in admin.text
    admin.get("/admin/calendars")
    assert "Cuti bersama 2027 belum ada" in admin.text


def test_hours_are_saved_as_a_new_version_by_name(admin: Visit, rt: Runtime) -> None:
    save(admin, mon="08.00–20.00", sat="09.00–12.00")
    assert "Versi 2 berlaku untuk tiket yang masuk sesudah ini." in admin.text
    assert "v2 berlaku" in admin.text
    old, new = service_versions(rt)
    assert new.hours["mon"] == [["08:00", "20:00"]]
    assert new.hours["sat"] == [["09:00", "12:00"]]
    assert old.retired_at == new.published_at is not None
    admin.get("/admin/calendars")
    assert "Sabtu 09.00–12.00" in admin.text
    assert stored(rt, select(AuditEntry).order_by(AuditEntry.serial))[-1].kind == "calendar_published"


def test_ramadan_hours_and_a_break_are_rows_of_days(admin: Visit, rt: Runtime) -> None:
    save(
        admin,
        **{"special-0-first": "2027-02-08", "special-0-last": "2027-03-09", "special-0-hours": "08.00–15.00"},
        **{"breaks-0-first": "2026-12-04", "breaks-0-last": "", "breaks-0-hours": "11.30–13.30"},
    )
    new = service_versions(rt)[-1]
    assert len(new.special_days) == 22
    assert new.breaks == {"2026-12-04": [["11:30", "13:30"]]}
    assert 'id="special-0-last" name="special-0-last" type="date" value="2027-03-09"' in admin.page
    admin.get("/admin/calendars")
    assert "8 Februari 2027 – 9 Maret 2027: 08.00–15.00" in admin.text
    assert "4 Desember 2026: istirahat 11.30–13.30" in admin.text


def test_other_hours_are_shown_by_an_example_before_they_are_saved(admin: Visit, rt: Runtime) -> None:
    """It is Monday, 10 o'clock: eight hours are over tomorrow at 10, or at 18 today."""
    admin.get("/admin/calendars/service")
    assert "8 jam kerja mulai sekarang = Selasa, 24 November 2026 pukul 10.00 WIB" in admin.text
    assert save(admin, act="preview", mon="08.00–20.00") == 200
    assert "Senin, 23 November 2026 pukul 18.00 WIB" in admin.text
    assert "Senin 08.00–12.00, 13.00–17.00 08.00–20.00" in admin.text
    assert len(service_versions(rt)) == 1


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        pytest.param(dict.fromkeys(WEEK, ""), "mon", "Kalender ini tidak pernah buka.", id="never open"),
        pytest.param({"tue": "08.00–12.00, 11.00–17.00"}, "tue", "Jam ini bertumpuk.", id="overlap"),
        pytest.param({"wed": "17.00–08.00"}, "wed", "Jam tutup harus sesudah jam buka.", id="backwards"),
        pytest.param({"thu": "pagi"}, "thu", "Tulis jam seperti 08.00–12.00", id="a word"),
        pytest.param(
            {"special-0-hours": "08.00–10.00"}, "special-0-first", "Tulis tanggal pertamanya.", id="no day"
        ),
        pytest.param(
            {"special-0-first": "besok"}, "special-0-first", "Tulis tanggal, contoh", id="not a day"
        ),
        pytest.param(
            {"breaks-0-first": "2026-12-04"}, "breaks-0-hours", "Tulis jam seperti", id="empty break"
        ),
        pytest.param(
            {"special-0-first": "2026-12-05", "special-0-last": "2026-12-04"},
            "special-0-first",
            "Tanggal akhir harus sama atau sesudah",
            id="range backwards",
        ),
    ],
)
def test_wrong_hours_are_told_beside_their_field_and_kept(
    admin: Visit, rt: Runtime, typed: dict[str, str], field: str, words: str
) -> None:
    assert save(admin, **typed) == 422
    assert words in admin.text
    assert f'id="{field}-error"' in admin.page
    assert f'href="#{field}"' in admin.page
    assert len(service_versions(rt)) == 1


def test_hours_that_somebody_else_changed_meanwhile_are_not_overwritten(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/calendars/service")
    seen = admin.hidden("version")
    save(admin, sat="08.00–10.00")
    assert save(admin, sun="08.00–10.00", version=seen) == 409
    assert "Kalender ini baru saja diubah orang lain." in admin.text
    assert len(service_versions(rt)) == 2


def test_versions_are_compared_and_an_old_one_comes_back(admin: Visit, rt: Runtime) -> None:
    save(admin, sat="08.00–10.00")
    assert "Sabtu tutup 08.00–10.00" in admin.text
    admin.send("/admin/calendars/service/restore", restored="1", version="2")
    assert "Versi 3 berlaku" in admin.text
    assert service_versions(rt)[-1].hours == service_versions(rt)[0].hours
    admin.send("/admin/calendars/service/restore", restored="1", version="3")
    assert "Tidak ada yang berubah." in admin.text
    assert admin.post("/admin/calendars/service/restore", restored="77", version="3").status_code == 404


def test_the_strict_calendar_counts_whole_days_and_no_fewer_than_the_law(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/calendars/strict")
    assert "5 hari kerja mulai sekarang = Senin, 30 November 2026 pukul 24.00 WIB" in admin.text
    days = dict.fromkeys([*WEEK, "sat"], "1")
    for slip in ({"mon": ""}, {"special-0-first": "2026-12-04", "special-0-hours": ""}):
        assert save(admin, "strict", **(days | slip)) == 422
        assert "Senin sampai Jumat tetap hari kerja." in admin.text
    save(admin, "strict", **days)
    new = stored(rt, select(SlaCalendar).where(SlaCalendar.code == CalendarCode.STRICT))[-1]
    assert new.hours["sat"] == [["00:00", "24:00"]]
    assert "sun" not in new.hours


@pytest.mark.parametrize("code", ["always", "regulatory", "entah"])
def test_only_calendars_with_hours_to_change_have_a_page(admin: Visit, code: str) -> None:
    assert admin.get(f"/admin/calendars/{code}").status_code == 404
    admin.get("/admin")
    assert admin.post(f"/admin/calendars/{code}", **WEEK).status_code == 404


def test_the_pages_speak_english_too(admin: Visit, app: Flask) -> None:
    admin.get("/admin/calendars/service?lang=en")
    assert "8 working hours from now" in admin.text
    assert datetime(2026, 11, 23, tzinfo=UTC).strftime("%A") in admin.text
