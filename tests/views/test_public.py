"""The Mitra's pages: five short steps, one ticket, news of it; words kept, nothing secret shown."""

import gzip
import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from visits import Visit, app_on, stored

from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import complaints, public_form

STORY = "Saya bayar tanggal 3 Juli tapi belum dicatat"


@pytest.fixture
def app(rt: Runtime) -> Flask:
    return app_on(rt)


@pytest.fixture
def visit(app: Flask) -> Visit:
    return Visit(app)


def fill(
    visit: Visit, *, story: str = STORY, phone: str = "0812 3456 7890", name: str = "Siti Aminah"
) -> None:
    """Walk to the last page before Kirim."""
    visit.get("/lapor")
    visit.send("/lapor", choice="1")
    visit.send("/lapor/cerita", story=story, way="next")
    visit.send("/lapor/kontak", name=name, phone=phone, village="Sukamaju")


def press_send(visit: Visit) -> None:
    visit.send("/lapor/periksa", key=visit.hidden("key"), website="")


def file_complaint(visit: Visit, *, phone: str = "0812 3456 7890", story: str = STORY) -> str:
    """Send a whole complaint and return its shown number."""
    fill(visit, phone=phone, story=story)
    press_send(visit)
    found = re.search(r"Nomor pengaduan: (\d{4,}-\d{4})", visit.text)
    assert found, visit.text
    return found[1]


def tickets(rt: Runtime) -> list[Ticket]:
    return stored(rt, select(Ticket).order_by(Ticket.id))


def test_the_start_page_says_that_it_is_free_and_leads_on(visit: Visit) -> None:
    answer = visit.get("/")
    assert answer.status_code == 200
    assert "Gratis" in visit.text
    assert 'href="/lapor"' in visit.page
    assert "Jangan tulis PIN atau OTP" in visit.text


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


def test_without_a_phone_a_kode_kabar_opens_the_news(visit: Visit) -> None:
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: ([A-Z0-9]{7})", visit.text)
    assert code
    visit.get("/lapor/status")
    visit.send("/lapor/status", number=number, code=f"{code[1][:3].lower()} {code[1][3:]}")
    assert f"Kabar pengaduan {number}" in visit.text


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


def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    kept = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(kept, "JPEG", quality=95)
    return kept.getvalue()


def test_a_photo_is_added_after_the_number(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    visit.send("/lapor/selesai", photo=(io.BytesIO(photo()), "struk.jpg"))
    assert "1 foto atau suara sudah kami terima" in visit.text
    [file] = stored(rt, select(Attachment))
    assert (file.kind, file.filename) == ("photo", "struk.jpg")
    assert rt.storage.get(file.storage_key or "") == photo_of(rt, file)


def photo_of(rt: Runtime, file: Attachment) -> bytes:
    content = rt.storage.get(file.storage_key or "")
    assert len(content) == file.size_bytes
    return content


def test_a_large_photo_is_made_small(rt: Runtime, visit: Visit) -> None:
    file_complaint(visit)
    visit.send("/lapor/selesai", photo=(io.BytesIO(photo((2400, 1200))), "besar.jpg"))
    [file] = stored(rt, select(Attachment))
    with Image.open(io.BytesIO(photo_of(rt, file))) as picture:
        assert picture.size == (1280, 640)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<html><script>", "Hanya foto, suara", id="web page"),
        pytest.param(b"", "Foto belum terkirim", id="empty"),
        pytest.param(b"\xff\xd8\xff" + b"x" * 9 * 1024 * 1024, "File terlalu besar", id="above the limit"),
    ],
)
def test_a_refused_file_leaves_the_number_on_the_screen(
    rt: Runtime, visit: Visit, content: bytes, words: str
) -> None:
    number = file_complaint(visit)
    answer = visit.send("/lapor/selesai", photo=(io.BytesIO(content), "a.jpg"))
    assert answer.status_code == 422
    assert words in visit.text
    assert number in visit.text
    assert stored(rt, select(Attachment)) == []


def look_up(visit: Visit, number: str, code: str = "7890") -> int:
    visit.get("/lapor/status")
    return visit.send("/lapor/status", number=number, code=code).status_code


def test_number_and_last_digits_open_the_news_without_the_story(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    other = Visit(app)
    assert look_up(other, number.replace("-", " ")) == 200
    assert "Diterima" in other.text
    assert re.search(r"Janji selesai \w+, \d+ \w+, jam", other.text)
    assert STORY not in other.text
    assert "Siti" not in other.text


def test_a_wrong_number_and_wrong_digits_are_answered_alike(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)

    def said(number: str, code: str) -> tuple[int, str]:
        other = Visit(app)
        status = look_up(other, number, code)
        return status, re.sub(r'value="[^"]*"', "", other.page)

    assert said(number, "1111") == said("1234-5678", "1111") == said("99", "7890")
    assert said(number, "1111")[0] == 422


def test_guessing_digits_is_stopped(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    guesser = Visit(app)
    answers = [look_up(guesser, number, f"{guess:04}") for guess in range(12)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_the_look_up_needs_both_fields(visit: Visit) -> None:
    visit.get("/lapor/status")
    assert visit.send("/lapor/status", number="", code="").status_code == 422
    assert 'href="#number"' in visit.page
    assert 'href="#code"' in visit.page


def test_she_adds_to_her_story(rt: Runtime, visit: Visit) -> None:
    look_up(visit, file_complaint(visit))
    visit.send("/lapor/status/tambah", story="Petugasnya datang lagi kemarin")
    assert "Cerita Ibu sudah kami terima" in visit.text
    assert visit.send("/lapor/status/tambah", story="  ").status_code == 422
    assert stored(rt, select(Message.body).order_by(Message.id)) == [
        STORY,
        "Petugasnya datang lagi kemarin",
    ]


def resolve(rt: Runtime, answer: str = "Bayaran Ibu sudah kami catat.") -> None:
    """Answer the only complaint."""
    [ticket] = tickets(rt)
    draft = ResolutionDraft(
        disposition=Disposition.NOT_UPHELD,
        root_cause="MANUSIA-CATAT",
        summary="Dicatat.",
        answer=answer,
        redress=(),
    )
    rt.write(
        lambda session: complaints.resolve(
            session, ticket.id, draft, author_id=None, actor="system", lender=rt.lender, now=rt.now()
        )
    )


@pytest.mark.parametrize(
    ("solved", "status"),
    [
        pytest.param("yes", TicketStatus.CLOSED, id="solved"),
        pytest.param("no", TicketStatus.OPEN, id="not yet"),
    ],
)
def test_she_says_whether_our_answer_solves_it(
    rt: Runtime, visit: Visit, solved: str, status: TicketStatus
) -> None:
    number = file_complaint(visit)
    resolve(rt)
    look_up(visit, number)
    assert "Apakah masalah Ibu sudah selesai?" in visit.text
    assert "Bayaran Ibu sudah kami catat" not in visit.text
    visit.send("/lapor/status/jawab", solved=solved, comment="")
    assert [ticket.status for ticket in tickets(rt)] == [status]


def test_the_holder_of_a_kode_kabar_reads_our_answer_and_rates_us(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: (\w{7})", visit.text)
    assert code
    resolve(rt)
    look_up(visit, number, code[1])
    assert "Bayaran Ibu sudah kami catat." in visit.text
    visit.send("/lapor/status/jawab", solved="yes")
    assert visit.send("/lapor/status/nilai").status_code == 422
    visit.send("/lapor/status/nilai", score="5")
    assert "Terima kasih atas nilai" in visit.text


def test_a_look_up_is_forgotten_when_it_is_closed(visit: Visit) -> None:
    look_up(visit, file_complaint(visit))
    visit.send("/lapor/status/tutup")
    assert visit.get("/lapor/status/kabar").headers["Location"] == "/lapor/status"


def test_the_notice_names_the_rights_and_the_ways_out(visit: Visit) -> None:
    visit.get("/privasi")
    for words in ("DATA", "OJK", "157", "LAPS SJK", "tidak dipungut biaya", "Berapa lama"):
        assert words in visit.text


PUBLIC_PAGES = ("/", "/lapor", "/lapor/status", "/privasi")


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_public_page_is_light_and_asks_for_nothing_else(visit: Visit, address: str) -> None:
    visit.get(address)
    assert len(gzip.compress(visit.page.encode(), 6)) <= 14 * 1024
    assert re.findall(r'<(?:script|img)\b|rel="stylesheet"', visit.page) == []


def test_a_draft_is_kept_without_naming_it_in_any_address(rt: Runtime, visit: Visit) -> None:
    fill(visit)
    assert visit.hidden("key") not in re.sub(r'name="key" value="[^"]*"', "", visit.page)


def test_news_of_an_unread_ticket_stand_at_received(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit)
    look_up(visit, number)
    assert re.search(r'class="kh-now" aria-current="step".*?Diterima', visit.page)
    rt.write(lambda session: session.execute(update(Ticket).values(status=TicketStatus.OPEN)))
    look_up(visit, number)
    assert re.search(r'class="kh-now" aria-current="step">(?:(?!</li>).)*Dikerjakan', visit.page)
