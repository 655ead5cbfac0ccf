"""The link to the other language leads to a page that can be read, also from the answer to a refused form."""

import re

import pytest
from mitra_visits import file_complaint
from ticket_stories import PAY, SignIn, a_ticket, address, opened
from visits import Visit

from helpdesk.runtime import Runtime

OURS = "http://localhost"


def lang_link(visit: Visit) -> str:
    found = re.search(r'href="([^"]+)" lang="en" hreflang', visit.page)
    assert found, visit.text
    return found[1].replace("&amp;", "&")


def refused(visit: Visit, at: str, *, referrer: str = "", **fields: str) -> str:
    """Send a form that is refused, as a browser at `referrer` does, and return the link of its answer."""
    headers = {"Referer": referrer} if referrer else {}
    token = visit.hidden("csrf_token")
    answer = visit.client.post(at, data={"csrf_token": token, **fields}, headers=headers)
    assert answer.status_code == 422
    visit.page = answer.get_data(as_text=True)
    return lang_link(visit)


def looked_up(visit: Visit) -> Visit:
    """Open the news of a complaint."""
    number = file_complaint(visit)
    visit.get("/lapor/status")
    assert visit.send("/lapor/status", number=number, code="7890").status_code == 200
    return visit


@pytest.mark.parametrize(
    ("referrer", "wanted"),
    [
        pytest.param(f"{OURS}/lapor/status/kabar?x=1&lang=id", "/lapor/status/kabar?x=1&lang=en", id="page"),
        pytest.param(f"{OURS}/lapor/status/tambah", "/lapor/status?lang=en", id="refused twice"),
        pytest.param("https://jahat.example/lapor", "/lapor/status?lang=en", id="from elsewhere"),
        pytest.param("", "/lapor/status?lang=en", id="not told"),
    ],
)
def test_a_refused_addition_of_hers_leads_to_a_page_of_ours(visit: Visit, referrer: str, wanted: str) -> None:
    link = refused(looked_up(visit), "/lapor/status/tambah", referrer=referrer, story="")
    assert link == wanted
    assert visit.get(link).status_code == 200
    assert '<html lang="en">' in visit.page


@pytest.mark.parametrize("referrer", ["", "{base}/tickets/{number}"])
def test_a_refused_reply_leads_to_the_ticket(rt: Runtime, signed_in: SignIn, referrer: str) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    came_from = referrer.format(base=OURS, number=ticket.number)
    link = refused(visit, address(ticket, "/replies"), referrer=came_from, text="")
    assert link == f"{address(ticket)}?lang=en"
    assert visit.get(link).status_code == 200


def test_a_page_that_can_be_read_keeps_its_address_also_when_its_form_is_refused(visit: Visit) -> None:
    visit.get("/lapor/status?nomor=4821&lang=id")
    assert lang_link(visit) == "/lapor/status?nomor=4821&lang=en"
    link = refused(visit, "/lapor/status?nomor=4821", referrer=f"{OURS}/lapor", number="", code="")
    assert link == "/lapor/status?nomor=4821&lang=en"


def test_an_address_that_only_takes_forms_says_so_and_leads_on(visit: Visit) -> None:
    assert visit.get("/lapor/status/tambah").status_code == 405
    assert "Alamat ini hanya untuk mengirim isian" in visit.text
    assert visit.get(lang_link(visit)).status_code == 200


def test_an_address_that_is_nowhere_is_told_in_the_other_language_too(visit: Visit) -> None:
    visit.get("/tidak-ada")
    assert lang_link(visit) == "/tidak-ada?lang=en"
