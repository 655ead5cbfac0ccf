"""The Mitra's form: five short steps, words kept, one ticket, nothing secret stored."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from installing import NOW
from mitra_visits import STORY, file_complaint, fill, press_send
from sqlalchemy import select
from ticket_stories import tickets
from visits import Visit, stored

from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message
from helpdesk.models.outreach import ContactTask
from helpdesk.runtime import Runtime
from helpdesk.services import public_form, workers
from helpdesk.views.mitra import sender


def test_a_complaint_is_filed_in_five_short_pages(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit)
    assert "Pengaduan Ibu sudah kami terima" in visit.text
    assert re.search(r"Kami balas paling lambat \w+, \d+ \w+, jam \d\d\.\d\d WIB", visit.text)
    [ticket] = tickets(rt)
    assert ticket.number == number.replace("-", "")
    assert ticket.channel == "web"
    [contact], [body] = stored(rt, select(Contact)), stored(rt, select(Message.body))
    assert (contact.name, contact.phone, contact.village, body) == (
        "Siti Aminah",
        "+6281234567890",
        "Sukamaju",
        STORY,
    )


def test_the_form_is_in_english_where_asked_and_stays_so(visit: Visit) -> None:
    visit.get("/lapor?lang=en")
    answer = visit.post("/lapor?lang=en", choice="1")
    assert answer.headers["Location"] == "/lapor/cerita?lang=en"
    visit.get(answer.headers["Location"])
    assert '<html lang="en">' in visit.page


def test_going_back_keeps_the_answers(visit: Visit) -> None:
    fill(visit)
    visit.get("/lapor/cerita")
    assert STORY in visit.text
    visit.get("/lapor")
    assert re.search(r'value="1" checked', visit.page)
    visit.get("/lapor/kontak")
    assert 'value="0812 3456 7890"' in visit.page


@pytest.mark.parametrize("address", ["/lapor/cerita", "/lapor/kontak", "/lapor/periksa", "/lapor/selesai"])
def test_a_later_page_without_answers_leads_to_the_first(visit: Visit, address: str) -> None:
    assert visit.get(address).headers["Location"] == "/lapor"


def test_an_unanswered_choice_says_what_to_do(visit: Visit) -> None:
    visit.get("/lapor")
    answer = visit.send("/lapor")
    assert answer.status_code == 422
    assert "<title>Salah: " in visit.page
    assert visit.page.count("Pilih satu masalah") == 2
    assert 'href="#choice"' in visit.page
    assert 'id="choice"' in visit.page


def test_an_empty_story_is_asked_for_and_may_be_skipped(rt: Runtime, visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="3")
    assert visit.send("/lapor/cerita", story=" ", way="next").status_code == 422
    assert visit.send("/lapor/cerita", story="", way="skip").status_code == 200
    visit.send("/lapor/kontak")
    press_send(visit)
    assert [ticket.subject for ticket in tickets(rt)] == ["Petugas"]


def test_a_story_that_is_too_long_stays_in_its_field(visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    text = "Uang saya hilang. " * 300
    assert visit.send("/lapor/cerita", story=text, way="next").status_code == 422
    assert "Cerita terlalu panjang" in visit.text
    assert text.strip() in visit.text


def test_who_wants_to_be_called_says_so_in_the_ticket(rt: Runtime, visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    visit.send("/lapor/cerita", story="", way="call")
    assert visit.send("/lapor/kontak").status_code == 422
    visit.send("/lapor/kontak", phone="0812 3456 7890")
    press_send(visit)
    assert "Petugas kami akan menelepon Ibu" in visit.text
    assert [ticket.subject for ticket in tickets(rt)] == ["Angsuran. Minta ditelepon."]
    assert [(task.kind, task.reason) for task in stored(rt, select(ContactTask))] == [("call", "asked")]


def test_nobody_is_promised_a_call_without_a_number(rt: Runtime, visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    visit.send("/lapor/cerita", story="", way="call")
    for _press in range(2):
        visit.send("/lapor/kontak", phone="", phone_seen="")
    press_send(visit)
    assert "menelepon Ibu" not in visit.text
    assert tickets(rt)


def test_who_wants_to_be_called_is_told_one_thing_about_the_number(visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    asked, wrong = "supaya kami bisa menelepon", "Tulis nomor HP, contoh 0812 3456 7890"
    others = ("Semua boleh kosong", "Kosongkan saja", "Nomornya sudah betul?")
    visit.send("/lapor/cerita", story="", way="call")
    assert [words in visit.text for words in (asked, wrong, *others)] == [True] + [False] * 4
    visit.send("/lapor/kontak", phone="")
    assert [words in visit.text for words in (asked, wrong, *others)] == [False, True] + [False] * 3
    visit.send("/lapor/kontak", phone="0812 34")
    assert "Nomornya sudah betul? Tekan Lanjut sekali lagi." in visit.text


@pytest.mark.parametrize(
    "phone", ["081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812 34567890", "(0812) 3456.7890"]
)
def test_a_phone_is_understood_in_every_spelling(rt: Runtime, visit: Visit, phone: str) -> None:
    file_complaint(visit, phone=phone)
    assert stored(rt, select(Contact.phone)) == ["+6281234567890"]
    assert "7890, 4 angka terakhir" in visit.text


def test_a_wrong_phone_is_asked_for_once_and_then_kept_as_text(rt: Runtime, visit: Visit) -> None:
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    visit.send("/lapor/cerita", story=STORY, way="next")
    first = visit.send("/lapor/kontak", name="Siti", phone="0812 34", village="")
    assert first.status_code == 422
    assert visit.page.count("Tulis nomor HP, contoh 0812 3456 7890") == 2
    assert 'value="Siti"' in visit.page
    again = visit.send(
        "/lapor/kontak", name="Siti", phone="0812 34", village="", phone_seen=visit.hidden("phone_seen")
    )
    assert again.status_code == 200
    press_send(visit)
    assert "Kode kabar:" in visit.text
    [contact] = stored(rt, select(Contact))
    assert (contact.phone, contact.phone_digest) == ("0812 34", None)


def test_a_form_that_was_sent_is_not_sent_again(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    key = visit.hidden("key")
    page = visit.page
    press_send(visit)
    visit.page = page
    visit.send("/lapor/periksa", key=key, website="")
    assert "Pengaduan Ibu sudah kami terima" in visit.text
    assert len(tickets(rt)) == 1
    visit.get("/lapor")
    assert '" checked' not in visit.page


def test_twenty_presses_at_once_make_one_ticket(rt: Runtime, app: Flask, visit: Visit) -> None:
    fill(visit)
    key, page = visit.hidden("key"), visit.page
    cookie = visit.client.get_cookie("helpdesk_session")
    assert cookie is not None

    def press(_: int) -> str:
        other = Visit(app)
        other.client.set_cookie("helpdesk_session", cookie.value)
        other.page = page
        other.send("/lapor/periksa", key=key, website="")
        found = re.search(r"Nomor pengaduan: (\d+-\d+)", other.text)
        return found[1] if found else other.text

    with ThreadPoolExecutor(20) as pool:
        shown = set(pool.map(press, range(20)))
    [ticket] = tickets(rt)
    assert shown == {f"{ticket.number[:4]}-{ticket.number[4:]}"}


def test_the_trap_for_programs_stores_nothing(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    answer = visit.send("/lapor/periksa", key=visit.hidden("key"), website="https://contoh.example")
    assert answer.status_code == 422
    assert "Coba tekan Kirim lagi" in visit.text
    assert tickets(rt) == []
    press_send(visit)
    assert len(tickets(rt)) == 1


def test_too_many_complaints_of_one_network_are_stopped_with_the_story_kept(
    rt: Runtime, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_form, "PER_HOUR", 1)
    file_complaint(Visit(app))
    second = Visit(app)
    fill(second)
    answer = second.send("/lapor/periksa", key=second.hidden("key"), website="")
    assert answer.status_code == 429
    assert "Terlalu banyak pengaduan" in second.text
    assert STORY in second.text
    assert len(tickets(rt)) == 1
    other_phone = Visit(app)
    other_phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 9; itel A33)"
    file_complaint(other_phone)
    assert len(tickets(rt)) == 2


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]:4711", "[2001:db8::1]:4711"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_of_ipv6_is_one_sender(app: Flask, address: str, counted: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert sender().address == counted


@pytest.mark.parametrize("phone", ["0812 3456 7890", ""])
def test_what_opens_the_news_is_saved_in_her_own_whatsapp(visit: Visit, phone: str) -> None:
    number = file_complaint(visit, phone=phone)
    link = re.search(r'href="https://wa\.me/\?text=([^"]+)"', visit.page)
    assert link
    code = re.search(r"Kode kabar: (\w{7})", visit.text)
    saved = unquote(link[1])
    assert saved == f"Nomor pengaduan saya {number}" + (f", kode kabar {code[1]}" if code else "")
    assert bool(code) is not bool(phone)


def test_a_form_without_its_token_is_refused(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    answer = visit.client.post("/lapor/periksa", data={"key": visit.hidden("key")})
    assert answer.status_code == 400
    assert tickets(rt) == []


NASTY = "<script>alert(1)</script> {{ 7*7 }} 'x' \"y\" 😀\u202egnp.exe a\0b"


def test_whatever_is_typed_is_shown_as_text(rt: Runtime, visit: Visit) -> None:
    fill(visit, story=NASTY, name=NASTY[:90])
    assert "<script>alert" not in visit.page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in visit.page
    assert "😀" in visit.page
    press_send(visit)
    assert stored(rt, select(Message.body)) == [NASTY.replace("\0", "")]


def test_a_pin_is_hidden_before_it_is_kept_and_she_is_told(rt: Runtime, visit: Visit) -> None:
    fill(visit, story="Petugas minta PIN saya 123456 lalu uang hilang")
    assert "123456" not in visit.page
    assert "Segera ganti PIN Ibu" in visit.text
    press_send(visit)
    assert "123456" not in stored(rt, select(Message.body))[0]


def test_a_draft_is_kept_for_a_day(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    for hours, address in ((24, "/lapor/periksa"), (25, "/lapor")):
        rt.write(
            lambda session, hours=hours: workers.forget_drafts(session, now=NOW + timedelta(hours=hours))
        )
        answer = visit.get("/lapor/periksa")
        assert answer.headers.get("Location", "/lapor/periksa") == address
    assert tickets(rt) == []


def test_a_draft_is_kept_without_naming_it_in_any_address(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    assert visit.hidden("key") not in re.sub(r'name="key" value="[^"]*"', "", visit.page)
