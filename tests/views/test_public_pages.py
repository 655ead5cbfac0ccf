"""The other public pages: the start, the notice, and their weight."""

import gzip
import re

import pytest
from mitra_visits import STORY, press_send
from visits import Visit


def test_the_start_page_says_that_it_is_free_and_leads_on(visit: Visit) -> None:
    answer = visit.get("/")
    assert answer.status_code == 200
    assert "Gratis" in visit.text
    assert 'href="/lapor"' in visit.page
    assert "Jangan tulis PIN atau OTP" in visit.text


def test_the_notice_names_the_rights_and_the_ways_out(visit: Visit) -> None:
    visit.get("/privasi")
    for words in ("DATA", "OJK", "157", "LAPS SJK", "tidak dipungut biaya", "Berapa lama"):
        assert words in visit.text


PUBLIC_PAGES = ("/", "/lapor", "/lapor/status", "/privasi", "/cara-mengadu")


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_public_page_is_light_and_asks_for_nothing_else(visit: Visit, address: str) -> None:
    visit.get(address)
    assert len(gzip.compress(visit.page.encode(), 6)) <= 14 * 1024
    assert re.findall(r'<(?:script|img)\b|rel="stylesheet"', visit.page) == []


def test_the_whole_form_is_light_and_so_is_its_only_script(visit: Visit) -> None:
    """Bar 3 of design.md section 6: all pages of one complaint, as a proxy compresses them, and the script."""
    pages = []

    def keep() -> None:
        assert len(gzip.compress(visit.page.encode(), 6)) <= 14 * 1024
        pages.append(visit.page)

    visit.get("/")
    keep()
    visit.get("/lapor")
    keep()
    for address, fields in (
        ("/lapor", {"choice": "1"}),
        ("/lapor/cerita", {"story": STORY, "way": "next"}),
        ("/lapor/kontak", {"phone": ""}),
    ):
        visit.send(address, **fields)
        keep()
    press_send(visit)
    keep()
    [script] = set(re.findall(r'<script type="module" src="([^"]+)"', visit.page))
    with visit.client.get(script) as answer:
        code = answer.data
    assert len(gzip.compress(code, 6)) <= 6 * 1024
    whole = sum(len(gzip.compress(text.encode(), 6)) for text in pages) + len(gzip.compress(code, 6))
    assert whole <= 40 * 1024


@pytest.mark.parametrize(
    ("language", "told", "promised_to_all"),
    [
        (
            "id",
            "Hanya petugas yang mengurusnya, juga di cabang Ibu. Kalau pengaduan tentang petugas, petugas itu"
            " tidak bisa membacanya. Rekan satu kantornya juga tidak bisa.",
            "Hanya petugas pengaduan",
        ),
        (
            "en",
            "Only the staff who handle it, also at your branch. If the complaint is about an officer, that"
            " officer cannot read it. Other staff at the same office cannot read it either.",
            "Only the complaint staff",
        ),
    ],
)
def test_colleagues_are_kept_out_only_where_the_complaint_is_about_staff(
    visit: Visit, language: str, told: str, promised_to_all: str
) -> None:
    visit.get(f"/privasi?lang={language}")
    assert told in visit.text
    assert promised_to_all not in visit.text
