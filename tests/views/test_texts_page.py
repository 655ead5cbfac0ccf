"""The pages of the standing texts: to find them, to look at them as a phone does, and to let two people decide."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from installing import NOW
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from text_office import publish_texts
from ticket_stories import SignIn
from visits import Visit, a_user, stored
from windows import signed_in_window

from helpdesk.domain.wording import SHIPPED, Language, TextForm, steps
from helpdesk.models.people import Role
from helpdesk.models.texts import TextEdition, text_book
from helpdesk.runtime import Runtime

HERE = "/admin/texts/T13c"
CHAT_ID = (TextForm.CHAT, Language.ID)
THANKS = "Terima kasih banyak, {sapaan}."


def fields(step: str = "T13c", **changes: str) -> dict[str, object]:
    """The texts of the form as they stand, with changes like chat_id."""
    found: dict[str, object] = {
        f"{form}-{language}": text for (form, language), text in SHIPPED.texts(step).items()
    }
    return found | {name.replace("_", "-"): text for name, text in changes.items()}


def drafted(admin: Visit, text: str = THANKS) -> None:
    admin.get(HERE)
    admin.send(HERE, **fields(chat_id=text), seen=admin.hidden("seen"), do="save")
    assert "Disimpan dalam rancangan. Belum berlaku." in admin.text


def asked(admin: Visit, **more: object) -> None:
    drafted(admin)
    admin.send(f"{HERE}/submit", seen=admin.hidden("seen"), note="Lebih ramah", **more)
    assert "Persetujuan diminta." in admin.text


def test_all_texts_are_listed_and_found_by_words_and_state(admin: Visit, rt: Runtime) -> None:
    rt.write(lambda session: publish_texts(session, {"T13c": {CHAT_ID: THANKS}}, now=NOW))
    admin.get("/admin/texts")
    assert all(f'href="/admin/texts/{step}"' in admin.page for step in steps())
    assert "indeks baca 1,4 (paling banyak 4,0)" in admin.text
    for query, there, gone in (
        ("q=kata+sandi", "T02 Data pribadi", "T06 Nomor"),
        ("q=T06", "T06 Nomor dan janji", "T07 "),
        ("q=DARURAT", "T16b Darurat", "T06 Nomor"),
        ("state=own", "T13c Nilai baik", "T13 Nilai"),
        ("state=waiting", "Tidak ada yang cocok.", "T06 Nomor"),
    ):
        admin.get(f"/admin/texts?{query}")
        assert there in admin.text, query
        assert gone not in admin.text, query


def test_a_look_shows_phone_counters_and_faults_and_saves_nothing(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/texts/T06")
    chat = SHIPPED.texts("T06")[CHAT_ID].replace("Simpan pesan ini.", "Simpan ya, {sapaan}. Konfirmasi!")
    answer = admin.post(
        "/admin/texts/T06", **fields("T06", chat_id=chat), seen=admin.hidden("seen"), do="preview"
    )
    assert answer.status_code == 200
    assert "Simpan ya, Ibu. Konfirmasi!" in admin.text
    assert "Nomor: <strong>4821-9375</strong>" in admin.page
    assert "Nomor: 4821-9375" in admin.page
    assert "Chat Indonesia: ganti “Konfirmasi” dengan “betul?”." in admin.text
    assert 'id="chat-id-count">292/300</p>' in admin.page
    assert 'id="sms-id-count">160/160 · 1 SMS</p>' in admin.page
    assert "Simpan <del>pesan ini. </del><ins>ya, {sapaan}. Konfirmasi! </ins>" in admin.page
    assert stored(rt, select(TextEdition)) == []


def test_the_words_of_a_template_are_not_changed_here(admin: Visit) -> None:
    admin.get("/admin/texts/T22")
    assert "disetujui WhatsApp sebagai templat" in admin.text
    assert 'name="chat-id"' not in admin.page


def test_what_may_be_pressed_stands_under_the_bubble(admin: Visit) -> None:
    admin.get("/admin/texts/T04?lang=en")
    assert "List behind the button" in admin.text
    assert "1. Angsuran" in admin.text
    assert "On her phone" in admin.text


def test_two_people_change_a_text_and_its_past_is_kept(admin: Visit, signed_in: SignIn, rt: Runtime) -> None:
    asked(admin)
    other = signed_in(Role.ADMIN)
    other.get("/admin")
    assert "1 rancangan teks untuk Mitra menunggu orang kedua." in other.text
    second = signed_in(Role.SUPERVISOR)
    second.get("/reports")
    assert "1 rancangan teks untuk Mitra menunggu orang kedua." in second.text
    second.get(HERE)
    assert "Alasan: Lebih ramah" in second.text
    assert 'name="chat-id"' not in second.page
    second.send(f"{HERE}/publish", seen=second.hidden("seen"))
    assert "Teks ini berlaku mulai sekarang." in second.text
    assert rt.read(lambda session: text_book(session, "T13c").texts("T13c")[CHAT_ID]) == THANKS
    assert "edisi 1" in second.text
    admin.get(HERE)
    admin.send(f"{HERE}/restore", seen=admin.hidden("seen"))
    assert "Rancangan" in admin.text
    assert "🙏 Semoga usaha {sapaan} lancar.</ins>" in admin.page


def test_a_draft_is_sent_back_or_discarded(admin: Visit, signed_in: SignIn, rt: Runtime) -> None:
    asked(admin)
    second = signed_in(Role.COMPLIANCE)
    second.get(HERE)
    assert second.post(f"{HERE}/send-back", seen=second.hidden("seen"), reason="").status_code == 422
    second.send(f"{HERE}/send-back", seen=second.hidden("seen"), reason="Terlalu pendek")
    assert "mengembalikan rancangan ini: Terlalu pendek" in second.text
    admin.get(HERE)
    admin.send(f"{HERE}/discard", seen=admin.hidden("seen"))
    assert "Rancangan dibuang." in admin.text
    (row,) = stored(rt, select(TextEdition))
    assert row.discarded_at is not None


def test_what_is_wrong_is_told_and_what_was_typed_stays(admin: Visit, signed_in: SignIn) -> None:
    admin.get(HERE)
    seen = admin.hidden("seen")
    long = admin.post(HERE, **fields(chat_id="x" * 1501), seen=seen, do="save")
    assert long.status_code == 422
    assert 'id="chat-id-error"' in admin.page
    assert "x" * 1501 in admin.page
    assert admin.post(HERE, **fields(), seen=seen, do="save").status_code == 422
    assert "Rancangan ini tidak mengubah apa-apa." in admin.text
    drafted(admin, "Kirim PIN Ibu.")
    assert "Chat Indonesia: jangan pernah minta PIN, OTP, atau kata sandi." in admin.text
    answer = admin.post(f"{HERE}/submit", seen=admin.hidden("seen"), note="x")
    assert answer.status_code == 422
    assert "Teksnya masih salah." in admin.text
    old = admin.post(HERE, **fields(chat_id="Halo lagi."), seen=seen, do="save")
    assert old.status_code == 409
    assert "Halo lagi.</textarea>" in admin.page
    assert "Teks ini berubah sejak Anda membukanya." in admin.text
    other = signed_in(Role.ADMIN)
    other.get(HERE)
    assert "yang mengubah rancangan ini." in other.text
    assert other.post(HERE, **fields(), seen=other.hidden("seen"), do="save").status_code == 409


def test_who_may_not_edit_or_see_is_refused(signed_in: SignIn) -> None:
    agent, compliance = signed_in(Role.AGENT), signed_in(Role.COMPLIANCE)
    assert agent.get("/admin/texts").status_code in (403, 404)
    compliance.get(HERE)
    assert compliance.post(HERE, **fields(), do="save").status_code in (
        403,
        404,
    )
    assert compliance.get("/admin/texts/T99").status_code == 404


@pytest.fixture
def window(rt: Runtime, app: Flask, browser: Browser) -> Iterator[Page]:
    """The window of an administrator who has signed in."""
    user = a_user(rt, Role.ADMIN)
    with signed_in_window(app, browser, user) as page:
        yield page


@pytest.mark.browser
def test_counters_and_bubbles_follow_what_is_typed_and_agree_with_the_server(window: Page) -> None:
    window.goto("/admin/texts/T06")
    window.locator("#chat-id").press_sequentially(" Ya, {sapaan}.")
    window.locator("#sms-id").press_sequentially(" “ya”")
    counted = [window.locator(f"#{name}-count").inner_text() for name in ("chat-id", "sms-id")]
    assert counted == ["290/300", "164/160 · 3 SMS"]
    expect(window.locator("[data-text-live=id][data-channel=whatsapp] strong").first).to_have_text(
        "4821-9375"
    )
    expect(window.locator("[data-text-live=id][data-channel=telegram]")).to_contain_text("Ya, Ibu.")
    expect(window.locator("[data-text-live=id][data-channel=sms]")).to_contain_text("“ya”")
    window.get_by_role("button", name="Lihat dulu").click()
    window.wait_for_load_state()
    assert [window.locator(f"#{name}-count").inner_text() for name in ("chat-id", "sms-id")] == counted
    window.set_viewport_size({"width": 360, "height": 800})
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    report = Axe().run(window)
    assert not report.violations_count, report.generate_report()
