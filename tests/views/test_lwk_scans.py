"""Scans of paper batches, and a whole batch from the printed forms to its closing by two persons."""

import os
from io import BytesIO

import pytest
from factories import make_unit
from flask import Flask
from PIL import Image
from sqlalchemy import select
from test_lwk import SHEET
from ticket_stories import tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.messages import Attachment, Message
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPage
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.services import attachments

FORMS = 40 if os.environ.get("HELPDESK_SOAK") else 5
DAY = "20/11/2026"


@pytest.fixture
def point(rt: Runtime) -> OrgUnit:
    return rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))


@pytest.fixture
def field(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


@pytest.fixture
def other(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    """A colleague of the same point."""
    return signed_in(app, a_user(rt, Role.FIELD, unit=point))


@pytest.fixture
def office(rt: Runtime, app: Flask, point: OrgUnit) -> Visit:
    return signed_in(app, a_user(rt, Role.SUPERVISOR))


def begin(visit: Visit, *, forms: int, amount: int, pack: str = "") -> str:
    visit.get("/lwk")
    slip = {"received_on": DAY, "form_count": str(forms), "amount_total": str(amount), "pack": pack}
    numbers = str(forms * (forms + 1) // 2)
    answer = visit.post("/lwk", **slip, unit="BGR", number_total=numbers, key=visit.hidden("key"))
    assert answer.status_code == 303, visit.text
    return answer.headers["Location"]


def enter(visit: Visit, address: str, form_no: int, **changes: str) -> None:
    visit.get(address)
    sheet = {**SHEET, "form_no": str(form_no), "mitra_id": str(20_000 + form_no), "key": visit.hidden("key")}
    assert visit.send(address, **{**sheet, **changes}).status_code == 200, visit.text


def send(visit: Visit, address: str, *scans: bytes) -> int:
    visit.get(f"{address}/scans")
    files = [(BytesIO(scan), f"scan{number}") for number, scan in enumerate(scans)]
    return visit.send(f"{address}/scans", scans=files).status_code


def photo(shade: int) -> bytes:
    """A photo of its own, turned on its side as phones do it."""
    kept, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40), (shade, shade, shade)).save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def matched(rt: Runtime) -> list[tuple[int, int | None]]:
    """Return (place, form number) of each page."""
    pages = stored(rt, select(LwkPage).order_by(LwkPage.position))
    numbers = {form.id: form.form_no for form in stored(rt, select(LwkForm))}
    return [(place, numbers.get(page.form_id or 0)) for place, page in enumerate(pages, 1)]


def test_a_batch_goes_from_the_printed_forms_to_its_closing_by_two_persons(
    rt: Runtime, field: Visit, other: Visit
) -> None:
    field.get("/lwk/print")
    made = field.post("/lwk/print", unit="", form_count=str(FORMS), key=field.hidden("key"))
    pack = made.headers["Location"].rpartition("=")[2]
    scanned = field.client.get(f"/lwk/packs/{pack}.pdf").get_data()
    address = begin(field, forms=FORMS, amount=150_000 * FORMS + 5_000, pack=pack)
    assert send(field, address, scanned) == 200
    assert f"{FORMS + 1} halaman baru." in field.text
    assert send(field, address, scanned) == 200
    assert "0 halaman baru." in field.text, "the same stack once more"
    first = stored(rt, select(LwkPage.id).order_by(LwkPage.position))[0]
    field.send(f"{address}/scans/{first}", change="other")  # the slip on top
    field.get(address)
    assert 'alt="Halaman 2"' in field.page, "beside the form that is to be typed"
    for number in range(1, FORMS + 1):
        enter(field, address, number, **({"amount": "15000"} if number == 2 else {}))
    assert matched(rt) == [(1, None), *((number + 1, number) for number in range(1, FORMS + 1))]

    other.get(f"{address}/second")
    assert "Scan form 1" in other.text
    other.send(f"{address}/second", **{f"amount-{number}": "150000" for number in range(1, FORMS + 1)})
    assert f"{FORMS} uang diketik ulang, 1 berbeda." in other.text
    other.send(f"{address}/second/2", answer="second")
    field.send(f"{address}/close", reason="slip salah jumlah Rp5.000")
    other.get(address)
    assert "slip salah jumlah" in other.text
    other.send(f"{address}/agree")
    assert "sudah ditutup" in other.text
    [batch] = stored(rt, select(LwkBatch))
    assert batch.closed_by_id != batch.close_asked_by_id
    assert [ticket.amount for ticket in tickets(rt)] == [150_000] * FORMS
    kinds = set(stored(rt, select(AuditEntry.kind)))
    assert {"lwk_forms_printed", "lwk_pages_added", "lwk_amount_settled", "lwk_batch_closed"} <= kinds
    files = stored(rt, select(Attachment.message_id))
    assert files.count(None) == 1, "each picture is with its ticket, the slip with none"
    page = field.client.get(f"{address}/scans/{first}.jpg")
    assert (page.content_type, page.headers["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    page.close()


def test_photos_may_come_later_and_are_shifted_until_each_is_beside_its_form(
    rt: Runtime, field: Visit
) -> None:
    address = begin(field, forms=3, amount=0)
    for number in (1, 2, 3):
        enter(field, address, number, amount="0")
    assert send(field, address, photo(10), photo(20)) == 200
    assert matched(rt) == [(1, 1), (2, 2)]
    first, second = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    for page, change, pairs in (
        (first, "skip", [(1, 2), (2, 3)]),
        (second, "more", [(1, 2), (2, 2)]),
        (second, "form", [(1, 2), (2, 3)]),
        (second, "earlier", [(1, 1), (2, 3)]),
        (first, "unskip", [(1, 1), (2, 2)]),
        (second, "other", [(1, None), (2, 1)]),
        (second, "turn", [(1, None), (2, 1)]),
    ):
        field.send(f"{address}/scans/{page}", change=change)
        assert matched(rt) == pairs, change
    bodies = {message.id: (message.facts or {})["form_no"] for message in stored(rt, select(Message))
              if message.direction == "in"}  # fmt: skip
    shown = [
        bodies.get(message_id or 0)
        for message_id in stored(rt, select(Attachment.message_id).order_by(Attachment.id))
    ]
    assert shown == ["1", None]
    with Image.open(BytesIO(field.client.get(f"{address}/scans/{first}.jpg").get_data())) as picture:
        assert picture.size == (40, 60), "upright"
    assert "kh-turn-90" in field.page


@pytest.mark.parametrize("scan", [b"MZ", b"%PDF-1.7 broken", b""], ids=["program", "broken", "empty"])
def test_what_is_no_scan_is_refused(rt: Runtime, field: Visit, scan: bytes) -> None:
    address = begin(field, forms=1, amount=0)
    assert send(field, address, scan) == 422
    assert stored(rt, select(LwkPage)) == []


def test_a_page_about_staff_and_one_that_head_office_scanned_is_not_shown_at_the_point(
    rt: Runtime, field: Visit, office: Visit
) -> None:
    address = begin(office, forms=2, amount=0)
    assert send(office, address, photo(10), photo(20)) == 200
    first, second = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    pictures = {page: f"{address}/scans/{page}.jpg" for page in (first, second)}
    assert [field.get(picture).status_code for picture in pictures.values()] == [404, 404], "not typed yet"
    enter(office, address, 1, amount="0")
    enter(office, address, 2, amount="0", choice="3", text="Petugas kasar sekali kepada saya")
    for visit, codes in ((field, [200, 404]), (office, [200, 200])):
        answers = [visit.client.get(picture) for picture in pictures.values()]
        assert [answer.status_code for answer in answers] == codes
        for answer in answers:
            answer.close()
    field.get(f"{address}/scans")
    assert "Tidak untuk ditampilkan." in field.text


def test_the_page_of_a_sealed_form_is_passed_over_and_shown_to_nobody_of_the_point(
    rt: Runtime, field: Visit, office: Visit
) -> None:
    address = begin(field, forms=2, amount=0)
    assert send(field, address, photo(10), photo(20)) == 200
    enter(field, address, 1, choice="3", text="Petugas kasar sekali kepada saya")
    assert 'alt="Halaman 2"' in field.page
    assert 'alt="Halaman 1"' not in field.page
    enter(field, address, 2, amount="0")
    assert matched(rt) == [(1, 1), (2, 2)]
    first = stored(rt, select(LwkPage.id).order_by(LwkPage.position))[0]
    assert field.get(f"{address}/scans/{first}.jpg").status_code == 404
    assert stored(rt, select(Attachment.message_id).order_by(Attachment.id))[0] is None


def test_a_page_that_waits_for_its_form_is_not_forgotten(rt: Runtime, field: Visit) -> None:
    from factories import NOW

    address = begin(field, forms=1, amount=0)
    assert send(field, address, photo(10)) == 200
    later = NOW + 2 * attachments.UNCLAIMED_KEPT
    assert rt.write(lambda session: attachments.forget_unclaimed(session, now=later)) == []
