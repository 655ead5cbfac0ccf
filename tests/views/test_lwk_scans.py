"""Scans of paper batches, and a whole batch from the printed forms to its closing by two persons."""

import os
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from factories import make_unit
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from test_lwk import SHEET
from ticket_stories import tickets
from visits import Visit, a_user, signed_in, stored

from helpdesk.models.messages import Attachment, Message
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPage
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import AuditEntry, Ticket
from helpdesk.queries import paper_lists
from helpdesk.runtime import Runtime
from helpdesk.services import attachments, disclosure, lwk_scans, merging, privacy
from helpdesk.services.privacy import Erasure
from helpdesk.views.lwk import scans

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


def look(visit: Visit, picture: str) -> int:
    answer = visit.client.get(picture)
    answer.close()
    return answer.status_code


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
    assert "Itu bacaan Anda sendiri." in other.text
    field.send(f"{address}/second/2", answer="second")
    field.send(f"{address}/close", reason="slip salah jumlah Rp5.000")
    other.get(address)
    assert "slip salah jumlah" in other.text
    other.send(f"{address}/agree")
    assert "sudah ditutup" in other.text
    for form_no, page in enumerate(stored(rt, select(LwkPage.id).order_by(LwkPage.position))[1:], 1):
        assert read(field, address, page, form_no) == 200, "scans may come after the closing"
    [batch] = stored(rt, select(LwkBatch))
    assert batch.closed_by_id != batch.close_asked_by_id
    assert [ticket.amount for ticket in tickets(rt)] == [150_000] * FORMS
    kinds = set(stored(rt, select(AuditEntry.kind)))
    assert {"lwk_forms_printed", "lwk_pages_added", "lwk_amounts_keyed_again", "lwk_batch_closed"} <= kinds
    files = stored(rt, select(Attachment.message_id))
    assert files.count(None) == 1, "each picture is with its ticket, the slip with none"
    page = field.client.get(f"{address}/scans/{first}.jpg")
    assert (page.content_type, page.headers["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    page.close()


def read(visit: Visit, address: str, page: int, number: object, **more: str) -> int:
    visit.get(f"{address}/scans")
    return visit.send(f"{address}/scans/{page}/number", form_no=str(number), **more).status_code


def shown_with(rt: Runtime) -> list[str | None]:
    """Return the number of the form whose message has the picture, for each picture as it came."""
    said = {message.id: (message.facts or {}).get("form_no") for message in stored(rt, select(Message))}
    return [said.get(each or 0) for each in stored(rt, select(Attachment.message_id).order_by(Attachment.id))]


def test_a_picture_goes_to_the_form_whose_number_was_read_on_it_and_not_by_order_alone(
    rt: Runtime, field: Visit
) -> None:
    address = begin(field, forms=4, amount=0)
    for number in (1, 2, 3):
        enter(field, address, number, amount="0")
    assert send(field, address, photo(10), photo(20), photo(30)) == 200
    first, second, third = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    assert (matched(rt), shown_with(rt)) == ([(1, 1), (2, 2), (3, 3)], [None] * 3), (
        "as many, but nobody looked"
    )
    assert "masih 3 halaman" in field.text
    assert read(field, address, first, "") == 422
    assert read(field, address, first, "nol") == 422
    assert read(field, address, first, 2) == 200
    assert (matched(rt), shown_with(rt)) == ([(1, 2), (2, 3), (3, None)], ["2", None, None])
    assert read(field, address, second, 1) == 200
    assert (matched(rt), shown_with(rt)) == ([(1, 2), (2, 1), (3, 3)], ["2", "1", None]), "2 is taken"
    assert read(field, address, third, 4) == 200
    assert shown_with(rt) == ["2", "1", None], "not typed yet"
    assert "Form 4 (belum diketik)" in field.text
    assert "Form tanpa scan: 3." in field.text, "also after the last page"
    enter(field, address, 4, amount="0")
    assert shown_with(rt) == ["2", "1", "4"]
    assert read(field, address, third, 3) == 200
    field.get(f"{address}/scans?moved={third}&before=4")
    assert "Kembalikan ke Form 4" in field.text
    assert read(field, address, third, 4) == 200
    assert read(field, address, third, "", do="undo") == 200
    assert shown_with(rt) == ["2", "1", None]
    kinds = stored(rt, select(AuditEntry.kind))
    assert kinds.count("lwk_page_read") == 6


def test_a_picture_follows_its_form_into_the_ticket_with_which_it_was_merged(
    rt: Runtime, field: Visit
) -> None:
    address = begin(field, forms=2, amount=0)
    for number in (1, 2):
        enter(field, address, number, amount="0", mitra_id="20001", repeat="different")
    first, second = tickets(rt)
    rt.write(lambda s: merging.merge(s, first.id, target_id=second.id, actor="user:x", now=rt.now()))
    assert send(field, address, photo(10)) == 200
    [page] = stored(rt, select(LwkPage.id))
    assert read(field, address, page, 1) == 200
    assert shown_with(rt) == ["1"]


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
        assert shown_with(rt) == [None, None]
    assert read(field, address, second, 1) == 422, "it is said to be no form"
    assert read(field, address, first, 1) == 200
    field.send(f"{address}/scans/{second}", change="later")
    field.send(f"{address}/scans/{second}", change="more")
    assert shown_with(rt) == ["1", "1"], "its back goes with it"
    with Image.open(BytesIO(field.client.get(f"{address}/scans/{first}.jpg").get_data())) as picture:
        assert picture.size == (40, 60), "upright"
    assert "kh-turn-90" in field.page


def test_arranging_a_page_takes_no_other_page_from_the_complaint_that_it_is_with(
    rt: Runtime, field: Visit
) -> None:
    """Also in a batch that is closed: its scans may come later."""
    address = begin(field, forms=2, amount=0)
    for number in (1, 2):
        enter(field, address, number, amount="0")
    field.send(f"{address}/close")
    assert send(field, address, photo(10), photo(20), photo(30)) == 200
    front, back, other = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    field.send(f"{address}/scans/{back}", change="more")
    assert (read(field, address, front, 1), read(field, address, other, 2)) == (200, 200)
    for page, change in ((front, "skip"), (other, "earlier"), (front, "other"), (front, "later")):
        field.send(f"{address}/scans/{page}", change=change)
        assert shown_with(rt) == ["1", "1", "2"], change
    assert "Batalkan nomor itu dulu." in field.text
    field.send(f"{address}/scans/{back}", change="later")
    assert shown_with(rt) == ["1", "2", "2"], "the page itself goes where a person puts it"


@pytest.mark.parametrize("scan", [b"MZ", b"%PDF-1.7 broken", b""], ids=["program", "broken", "empty"])
def test_what_is_no_scan_is_refused(rt: Runtime, field: Visit, scan: bytes) -> None:
    address = begin(field, forms=1, amount=0)
    assert send(field, address, scan) == 422
    assert stored(rt, select(LwkPage)) == []


def test_a_page_about_staff_and_one_that_head_office_scanned_is_not_shown_at_the_point(
    rt: Runtime, app: Flask, field: Visit, office: Visit
) -> None:
    address = begin(office, forms=3, amount=0)
    assert send(office, address, photo(10), photo(20)) == 200
    assert send(field, address, photo(30)) == 200
    first, second, own = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    pictures = {page: f"{address}/scans/{page}.jpg" for page in (first, second, own)}
    codes = [look(field, picture) for picture in pictures.values()]
    assert codes == [404, 404, 200], "not typed yet: only what the point scanned"
    assert field.send(f"{address}/scans/{own}", change="earlier").status_code == 404, "shifts what is kept"
    assert field.send(f"{address}/scans/{own}", change="turn").status_code == 200
    assert office.send(f"{address}/scans/{own}", change="turn").status_code == 200
    enter(office, address, 1, amount="0")
    enter(office, address, 2, amount="0", choice="3", text="Petugas kasar sekali kepada saya")
    enter(field, address, 3, amount="0")
    agent = signed_in(app, a_user(rt, Role.AGENT))
    for number, pages in enumerate(([404, 404, 404], [200, 404, 404], [200, 404, 404], [200, 404, 200])):
        if number:
            assert read(office, address, (first, second, own)[number - 1], number) == 200
        assert [look(agent, picture) for picture in pictures.values()] == pages, (
            "unread, it may be the page about staff, whatever the order says"
        )
    for visit, codes in ((field, [404, 404, 200]), (office, [200, 200, 200])):
        assert [look(visit, picture) for picture in pictures.values()] == codes
    field.get(f"{address}/scans")
    assert "Tidak untuk ditampilkan." in field.text
    assert 'value="earlier"' not in field.page
    seen = [[n for n in (1, 2) if "Amplop tertutup" not in visit.get(f"{address}/forms/{n}").text]
            for visit in (agent, office)]  # fmt: skip
    assert seen == [[1], [1, 2]], "as the ticket is"


def test_a_page_that_is_kept_from_a_colleague_leaves_no_empty_pane(
    rt: Runtime, field: Visit, other: Visit
) -> None:
    address = begin(field, forms=3, amount=0)
    assert send(field, address, photo(10), photo(20), photo(30)) == 200
    enter(field, address, 1, amount="0")
    enter(field, address, 2, choice="3", text="Petugas kasar sekali kepada saya")
    for page in (address, f"{address}/forms/1"):
        field.get(page)
        assert "data-scan" in field.page
        other.get(page)
        assert "data-scan" not in other.page
    other.get(f"{address}/scans")
    assert "dicocokkan pengirim scan atau kantor pusat" in other.text


def test_the_page_of_a_sealed_form_is_passed_over_and_shown_to_nobody_of_the_point(
    rt: Runtime, app: Flask, field: Visit, office: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = begin(field, forms=2, amount=0)
    assert send(field, address, photo(10), photo(20)) == 200
    enter(field, address, 1, choice="3", text="Petugas kasar sekali kepada saya")
    assert 'alt="Halaman 2"' in field.page
    assert 'alt="Halaman 1"' not in field.page
    enter(field, address, 2, amount="0")
    assert matched(rt) == [(1, 1), (2, 2)]
    first = stored(rt, select(LwkPage.id).order_by(LwkPage.position))[0]
    agent = signed_in(app, a_user(rt, Role.AGENT))
    for visit, code in ((field, 404), (agent, 404), (office, 200)):
        assert look(visit, f"{address}/scans/{first}.jpg") == code
    assert stored(rt, select(Attachment.message_id).order_by(Attachment.id))[0] is None
    office.get("/lwk/sealed")
    monkeypatch.setattr(paper_lists, "LIMIT", 0)  # beyond the end of the list
    assert office.send(f"/lwk/sealed/{address.rpartition('/')[2]}/1").status_code == 200
    for visit, code in ((agent, 422), (office, 200)):
        visit.get(f"{address}?form=1")
        sheet = {**SHEET, "form_no": "1", "mitra_id": "20001", "amount": "0", "key": visit.hidden("key")}
        assert visit.send(address, **sheet).status_code == code, "an envelope is opened by its receivers"


def test_an_upload_may_be_large_and_one_that_is_larger_is_told_in_words(
    rt: Runtime, field: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = begin(field, forms=1, amount=0)
    assert send(field, address, photo(10) + bytes(10 * 1024 * 1024)) == 200, (
        "above the limit of other uploads"
    )
    monkeypatch.setattr(scans, "MOST_BYTES", 1024 * 1024)
    assert send(field, address, photo(20) + bytes(2 * 1024 * 1024)) == 413
    assert "Kirim dalam beberapa bagian." in field.text
    monkeypatch.setattr(lwk_scans, "MOST_PAGES", 1)
    assert send(field, address, photo(20), photo(30), b"%PDF-1.7 broken") == 422
    assert "Terlalu banyak halaman" in field.text, "the third was not looked at"


def test_a_page_that_waits_for_its_form_is_not_forgotten(rt: Runtime, field: Visit) -> None:
    from factories import NOW

    address = begin(field, forms=1, amount=0)
    assert send(field, address, photo(10)) == 200
    later = NOW + 2 * attachments.UNCLAIMED_KEPT
    assert rt.write(lambda session: attachments.forget_unclaimed(session, now=later)) == []


def erase(rt: Runtime, contact_id: int, *, force: bool = True) -> Erasure:
    return rt.write(
        lambda session: privacy.erase(session, contact_id, force=force, actor="user:c", now=rt.now())
    )


def test_an_erasure_takes_her_pages_and_no_neighbours_while_nobody_has_read_which_they_are(
    rt: Runtime, field: Visit
) -> None:
    address = begin(field, forms=3, amount=0)
    for number in (1, 2, 3):
        enter(field, address, number, amount="0")
    assert send(field, address, photo(10), photo(20)) == 200
    pages = stored(rt, select(LwkPage.id).order_by(LwkPage.position))
    first, second, _third = (ticket.contact_id for ticket in tickets(rt))
    assert read(field, address, pages[0], 1) == 200
    refused = erase(rt, first, force=False)
    assert "1 scanned pages of the paper of 2026-11-20 at BGR are not matched" in refused.obstacles[-1]
    exported = rt.write(lambda session: disclosure.export(session, first, actor="user:c", now=rt.now()))
    assert [len(said.attachments) for said in exported.tickets[0].messages if said.direction == "in"] == [1]
    assert exported.unmatched_scans == refused.obstacles[-1:]
    erased = erase(rt, first)
    assert len(erased.storage_keys) == 1, "the page that is hers"
    assert erase(rt, second).left == erased.left == refused.obstacles[-1:]
    kept = select(Attachment.storage_key).order_by(Attachment.id)
    assert [key is None for key in stored(rt, kept)] == [True, False], "the other may be the third's"
    assert read(field, address, pages[1], 3) == 200
    assert read(field, address, pages[1], 2) == 200
    assert stored(rt, kept) == [None, None], "it was the second's, and she was to be forgotten"
    field.get(f"{address}/scans")
    assert "Tidak untuk ditampilkan." in field.text


def test_an_erasure_takes_unread_pages_where_nobody_else_has_a_form(rt: Runtime, field: Visit) -> None:
    address = begin(field, forms=1, amount=0)
    enter(field, address, 1, amount="0")
    assert send(field, address, photo(10)) == 200
    erased = erase(rt, tickets(rt)[0].contact_id)
    assert (len(erased.storage_keys), erased.left) == (1, ())
    assert stored(rt, select(Attachment.storage_key)) == [None]


def test_retention_leaves_unread_pages_until_no_complaint_of_their_batch_is_kept(
    rt: Runtime, field: Visit
) -> None:
    address = begin(field, forms=2, amount=0)
    assert send(field, address, photo(10)) == 200
    for number in (1, 2):
        enter(field, address, number, amount="0")
    first, second = tickets(rt)
    later = rt.now() + timedelta(days=5 * 366)

    def due(ticket_id: int, closed_at: datetime) -> int:
        closed = update(Ticket).where(Ticket.id == ticket_id).values(status="closed", closed_at=closed_at)
        rt.write(lambda session: session.execute(closed))
        return rt.read(lambda session: privacy.due_leftovers(session, now=later)).page_count

    assert due(first.id, rt.now()) == 0, "the second is being worked on"
    assert due(second.id, later - timedelta(days=1)) == 0, "and then must be kept"
    assert due(second.id, rt.now()) == 1
    assert (
        len(rt.write(lambda session: privacy.erase_leftovers(session, actor="x", now=later)).storage_keys)
        == 1
    )
