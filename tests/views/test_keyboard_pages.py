"""Calls, visits, explanations and texts by keyboard alone in a real browser: no click, and the focus always seen."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from factories import make_unit
from flask import Flask
from hands import Hands
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from ticket_stories import tickets
from visits import a_user, stored
from windows import signed_in_window

from helpdesk.domain.wording import Language, TextForm
from helpdesk.models.explanations import Explanation
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import Role, User
from helpdesk.models.talks import Talk
from helpdesk.models.texts import text_book
from helpdesk.runtime import Runtime

pytestmark = pytest.mark.browser

OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(40)
PHONE = "0812 3456 7890"
Window = Callable[[User], Page]


@pytest.fixture
def window(app: Flask, browser: Browser) -> Iterator[Window]:
    """Function that opens the window of a person who has signed in."""
    with ExitStack() as stack:
        yield lambda user: stack.enter_context(signed_in_window(app, browser, user))


def test_a_call_is_looked_up_written_down_read_back_and_recorded_by_keys_alone(
    rt: Runtime, window: Window
) -> None:
    page = window(a_user(rt, Role.SUPERVISOR))
    hands, main = Hands(page), page.locator("main")
    page.on("filechooser", lambda _chooser: None)  # else it is asked for too late
    page.goto("/intake")
    hands.walk()
    hands.shortcut("f")
    expect(page.locator("#q")).to_be_focused()
    hands.type(PHONE)
    hands.press("Enter")
    expect(main).to_contain_text("Tidak ada yang cocok")
    hands.fill("#name", "Siti Aminah")
    hands.fill("#text", "Sudah bayar tanggal 3, belum dicatat")
    hands.tab_to(page.locator("#choice"))
    hands.press("ArrowDown")
    expect(page.locator("details[data-choice='1']")).to_have_attribute("open", "")
    hands.fill("#amount", "banyak")
    hands.press("Control+Enter")
    hands.mend("#amount", "150000")
    hands.press("Enter")
    expect(page.locator("#said")).to_have_text("Sudah bayar tanggal 3, belum dicatat")
    hands.walk()
    hands.shortcut("s")
    hands.fill("#text", "Sudah bayar tanggal 4, belum dicatat")
    hands.use("Simpan perbaikan")
    expect(page.locator("#said")).to_have_text("Sudah bayar tanggal 4, belum dicatat")
    hands.shortcut("b")
    expect(main).to_contain_text("Sudah dibacakan dan benar.")
    hands.use("Simpan rekaman atau alasan")
    hands.follow_error("#recording")
    hands.tab_to(page.locator("#no_recording"))
    hands.press("ArrowDown")
    hands.use("Simpan rekaman atau alasan")
    expect(page.locator("[data-flashes]")).to_contain_text("Alasan tersimpan.")
    hands.tab_to(page.locator("#recording"))
    with page.expect_file_chooser() as asked:
        hands.press("Enter")
    asked.value.set_files({"name": "a.ogg", "mimeType": "audio/ogg", "buffer": OGG})
    hands.use("Simpan rekaman atau alasan")
    expect(page.locator("[data-flashes]")).to_contain_text("Rekaman tersimpan.")
    [talk] = stored(rt, select(Talk))
    assert (talk.read_back_at, talk.recorded_at, talk.no_recording) == (rt.now(), rt.now(), None)
    assert stored(rt, select(Attachment.media_type)) == ["audio/ogg"]


def test_a_visitor_is_found_and_what_she_adds_is_written_down_by_keys_alone(
    rt: Runtime, window: Window
) -> None:
    page = window(a_user(rt, Role.SUPERVISOR))
    page.set_viewport_size({"width": 360, "height": 800})
    hands, main = Hands(page), page.locator("main")
    page.goto("/intake")
    hands.use("Datang ke kantor", role="link")
    expect(page.locator("input[name=channel]:checked")).to_have_value("visit")
    hands.fill("#name", "Siti Aminah")
    hands.fill("#phone", PHONE)
    hands.fill("#text", "Petugas kasar")
    hands.use("Kekerasan atau pelecehan: naskah peka")
    expect(page.locator("#text")).to_have_value("Petugas kasar")
    hands.use("Bukan peka: pertanyaan biasa")
    hands.fill("#text", "Pinjaman belum cair")
    hands.press("Control+Enter")
    expect(main).to_contain_text("Minta Ibu menyebut ulang nomornya")
    hands.shortcut("n")
    expect(page.locator("h1")).to_have_text("Catat pengaduan")
    hands.shortcut("f")
    expect(page.locator("#q")).to_be_focused()
    hands.type(PHONE)
    hands.press("Enter")
    expect(main).to_contain_text("Mitra yang cocok")
    hands.walk()
    hands.use(f"Tambahkan ke {tickets(rt)[0].number[:4]}-{tickets(rt)[0].number[4:]}", role="link")
    expect(page.locator("#way")).to_be_visible()
    hands.walk()
    hands.fill("#text", "Sampai hari ini belum ada")
    hands.press("Control+Enter")
    expect(main).to_contain_text("Tambahan ini masuk ke pengaduan")
    hands.use("Dibacakan dan benar")
    expect(main).to_contain_text("Sudah dibacakan dan benar.")
    assert [ticket.channel for ticket in tickets(rt)] == ["visit"]
    said = stored(rt, select(Message.body).where(Message.direction == "in").order_by(Message.id))
    assert said == ["Pinjaman belum cair", "Sampai hari ini belum ada"]


def test_an_explanation_is_kept_voided_and_looked_up_by_keys_alone(rt: Runtime, window: Window) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))
    page = window(a_user(rt, Role.FIELD, unit=point))
    page.set_viewport_size({"width": 360, "height": 800})
    hands, flashes = Hands(page), page.locator("[data-flashes]")
    page.goto("/explanations")
    expect(page.locator("#majelis")).to_be_focused()
    hands.type("Melati")
    hands.press("Enter")
    hands.mend("#present_count", "14")
    hands.tab_to(page.locator("#means"))
    hands.press("ArrowDown")
    hands.tab_to(page.locator("#point-privacy"))
    hands.press("Space")
    hands.use("Simpan, lalu majelis berikut")
    expect(flashes).to_contain_text("Tercatat: Melati.")
    expect(page.locator("#majelis")).to_be_focused()
    hands.walk()
    hands.use("Batalkan Melati")
    expect(flashes).to_contain_text("Catatan dibatalkan.")
    hands.fill("#since", "01/11/2026")
    hands.press("Enter")
    expect(page.locator("main table")).to_contain_text("Melati")
    hands.use("Per cabang dan bulan", role="link")
    expect(page.locator("main table")).to_contain_text("Titik Bogor")
    hands.walk()
    [row] = stored(rt, select(Explanation))
    assert (row.majelis, row.present_count, "privacy" in row.points) == ("Melati", 14, False)
    assert row.voided_at is not None


def test_a_text_is_changed_looked_at_asked_for_and_published_by_keys_alone(
    rt: Runtime, window: Window
) -> None:
    page = window(a_user(rt, Role.ADMIN))
    hands, main = Hands(page), page.locator("main")
    page.goto("/admin/texts")
    hands.fill("#q", "T13c")
    hands.press("Enter")
    expect(page.locator("main tbody tr")).to_have_count(1)
    hands.walk()
    hands.tab_to(page.locator("main tbody a"))
    hands.press("Enter")
    expect(page.locator("#chat-id")).to_be_visible()
    hands.walk()
    hands.fill("#chat-id", "Terima kasih banyak, {sapaan}.")
    hands.use("Lihat dulu")
    expect(main).to_contain_text("Yang tampil di bawah belum disimpan.")
    expect(page.locator("#chat-id")).to_have_value("Terima kasih banyak, {sapaan}.")
    hands.use("Simpan rancangan")
    expect(page.locator("[data-flashes]")).to_contain_text("Disimpan dalam rancangan.")
    hands.use("Minta persetujuan")
    hands.mend("#note", "Lebih ramah")
    hands.use("Minta persetujuan")
    expect(page.locator("[data-flashes]")).to_contain_text("Persetujuan diminta.")
    second = window(a_user(rt, Role.SUPERVISOR))
    second.goto("/admin/texts/T13c")
    reader = Hands(second)
    reader.walk()
    reader.use("Terbitkan")
    expect(second.locator("[data-flashes]")).to_contain_text("Teks ini berlaku mulai sekarang.")
    said = rt.read(lambda session: text_book(session, "T13c").texts("T13c"))
    assert said[(TextForm.CHAT, Language.ID)] == "Terima kasih banyak, {sapaan}."
