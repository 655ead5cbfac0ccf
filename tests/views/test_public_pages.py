"""The other public pages: the start, the notice, and their weight."""

import gzip
import re

import pytest
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


PUBLIC_PAGES = ("/", "/lapor", "/lapor/status", "/privasi")


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_public_page_is_light_and_asks_for_nothing_else(visit: Visit, address: str) -> None:
    visit.get(address)
    assert len(gzip.compress(visit.page.encode(), 6)) <= 14 * 1024
    assert re.findall(r'<(?:script|img)\b|rel="stylesheet"', visit.page) == []
