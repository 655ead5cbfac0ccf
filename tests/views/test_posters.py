"""Poster, leaflet and the page about complaining: what they say, and that codes and words can be read back."""

import re

import pypdfium2
import pytest
from factories import make_unit
from flask import Flask
from PIL import Image
from qr_reading import qr_texts
from ticket_stories import SignIn
from visits import Visit, app_on

from helpdesk.channels import build_channels
from helpdesk.domain.phones import national_form
from helpdesk.models.people import Role
from helpdesk.runtime import Runtime

A4, A5, A3 = (595, 842), (420, 595), (841, 1191)


def read(content: bytes) -> tuple[list[tuple[int, int]], str, list[str]]:
    """Return the pages' sizes in points, their words with single blanks, and what their codes say."""
    with pypdfium2.PdfDocument(content) as document:
        pages = list(document)
        sizes = [(round(page.get_width()), round(page.get_height())) for page in pages]
        words = " ".join(page.get_textpage().get_text_range() for page in pages)
        codes = [text for page in pages for text in qr_texts(drawn(page))]
    return sizes, re.sub(r"\s+", " ", words), codes


def drawn(page: pypdfium2.PdfPage) -> Image.Image:
    """Return the page as a picture 1100 pixels wide, whatever its size."""
    picture: Image.Image = page.render(scale=1100 / page.get_width()).to_pil()
    return picture


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The application at an address that is short enough for a wall, with WhatsApp and SMS."""
    twilio = {"twilio_account_sid": "ACx", "twilio_auth_token": "x"}
    senders = {"twilio_whatsapp_from": "whatsapp:+6221555000100", "twilio_sms_from": "+6281230001000"}
    return change(rt, public_url="https://mitra.example", **twilio, **senders)


def change(rt: Runtime, **settings: str | None) -> Flask:
    """Return the application under other settings."""
    rt.settings = rt.settings.model_copy(update=settings)
    rt.channels = build_channels(rt.settings)
    return app_on(rt)


SENDERS = (national_form("+6221555000100"), national_form("+6281230001000"))
NUMBERS = (*SENDERS, "0800 100 2030", "0800 100 2031 ", "112", "157", "lapssjk.id", "mitra.example/lapor")
SAID = {
    "id": ("Gratis", "paling lambat 5 hari", "paling lambat 10 hari", "Jangan beri PIN atau OTP", *NUMBERS),
    "en": ("Free", "within 5 days", "within 10 days", "Never give your PIN or OTP", *NUMBERS),
}


@pytest.mark.parametrize(
    ("address", "sizes"),
    [
        ("/poster.pdf?lang=id", [A4]),
        ("/poster.pdf?lang=en", [A4]),
        ("/poster.pdf?lang=id&size=a3", [A3]),
        ("/selebaran.pdf?lang=id", [A5, A5]),
        ("/selebaran.pdf?lang=en", [A5, A5]),
    ],
)
def test_paper_says_how_to_complain_and_its_codes_lead_there(
    visit: Visit, address: str, sizes: list[tuple[int, int]]
) -> None:
    answer = visit.client.get(address)
    assert answer.content_type == "application/pdf"
    found, words, codes = read(answer.data)
    assert found == sizes
    assert [said for said in SAID["en" if "lang=en" in address else "id"] if said not in words] == []
    [whatsapp, form] = codes
    assert form == "https://mitra.example/lapor"
    assert re.fullmatch(r"https://wa\.me/6221555000100\?text=[\w%.]+", whatsapp)
    again = visit.client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("paper", ["poster", "selebaran"])
def test_paper_without_whatsapp_and_sms_shows_the_form_alone(rt: Runtime, visit: Visit, paper: str) -> None:
    alone = Visit(change(rt, twilio_account_sid=None, twilio_auth_token=None))
    _sizes, words, codes = read(alone.client.get(f"/{paper}.pdf").data)
    assert codes == ["https://mitra.example/lapor"]
    assert "Boleh ketik, foto, atau suara" not in words
    assert "Tulis masalah Ibu" not in words


@pytest.mark.parametrize("paper", ["poster", "selebaran"])
def test_paper_and_page_name_the_bot_of_telegram(rt: Runtime, visit: Visit, paper: str) -> None:
    bot = {
        "telegram_bot_token": "7:x",
        "telegram_webhook_secret": "x",
        "telegram_bot_name": "n" * 28 + "_bot",
    }
    with_bot = Visit(change(rt, **bot))
    _sizes, words, codes = read(with_bot.client.get(f"/{paper}.pdf").data)
    assert f"@{bot['telegram_bot_name']}" in words.replace(" ", "")
    assert len(codes) == 2
    with_bot.get("/cara-mengadu")
    assert f'href="https://t.me/{bot["telegram_bot_name"]}"' in with_bot.page
    without = Visit(change(rt, telegram_bot_token=None, telegram_webhook_secret=None))
    assert "Telegram" not in without.get("/cara-mengadu").get_data(as_text=True)


def test_the_page_tells_the_procedure_and_leads_to_the_paper(visit: Visit) -> None:
    visit.get("/cara-mengadu")
    for words in ("Gratis", "paling lambat 5 hari", "OJK, telepon 157", "LAPS SJK", "tanpa pengadilan"):
        assert words in visit.text
    assert 'href="/poster.pdf"' in visit.page
    visit.get("/?lang=en")
    assert 'href="/cara-mengadu?lang=en"' in visit.page


def test_staff_print_with_the_numbers_of_a_point(rt: Runtime, signed_in: SignIn) -> None:
    point = rt.write(lambda session: make_unit(session))
    visit = signed_in(Role.SUPERVISOR)
    visit.get("/posters")
    assert f'<option value="{point.code}">{point.name}' in visit.page
    typed = f"unit={point.code}&phone=0251 831 2345&hours=08.00-15.00"
    for paper, size in (("poster", A4), ("poster-a3", A3), ("leaflet", A5)):
        answer = visit.client.get(f"/posters/print.pdf?paper={paper}&lang_of=en&{typed}")
        sizes, words, _codes = read(answer.data)
        assert sizes[0] == size
        assert f"{point.name} · 0251 831 2345 · 08.00-15.00" in words
        assert "Free" in words


@pytest.mark.parametrize("paper", ["poster", "leaflet"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_longest_names_still_fit(rt: Runtime, signed_in: SignIn, paper: str, language: str) -> None:
    change(
        rt,
        public_url="https://pengaduan-mitra.lembaga-keuangan.example",
        brand="M" * 14,
        contact_phone="+62 812 3456 78901",
        urgent_phone="+62 812 3456 78902",
        contact_hours="Senin-Sabtu 08.00-17.00",
        telegram_bot_token="7:x",
        telegram_webhook_secret="x",
        telegram_bot_name="W" * 32,
    )
    visit = signed_in(Role.FIELD)
    address = f"/posters/print.pdf?paper={paper}&lang_of={language}&phone={'8' * 40}&hours={'9' * 40}"
    answer = visit.client.get(address)
    assert answer.status_code == 200, answer.text
    _sizes, _words, codes = read(answer.data)
    assert codes[1] == "https://pengaduan-mitra.lembaga-keuangan.example/lapor"
    refused = visit.get(f"/posters/print.pdf?paper={paper}&phone={'8' * 41}")
    assert refused.status_code == 422
    assert "Terlalu panjang" in visit.text
