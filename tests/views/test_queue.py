"""The queue page: what it lists, how it is narrowed, live rows, search, and acts on several tickets."""

import pytest
from factories import make_unit
from statements import counted
from ticket_stories import PAY, SignIn, a_ticket, name_subject, reload, write_more
from visits import a_user

from helpdesk.models.people import Notification, Role
from helpdesk.runtime import Runtime


def test_a_new_ticket_stands_in_the_queue_with_number_severity_and_chip(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert visit.get("/queue").status_code == 200
    shown = f"{ticket.number[:4]}-{ticket.number[4:]}"
    for words in (shown, ticket.subject, "S2", "WhatsApp", "Baru", "5:00 lagi", "belum dibaca"):
        assert words in visit.text


ZONES = [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")]


@pytest.mark.parametrize(("zone", "name"), ZONES)
def test_lists_name_the_zone_of_their_reader(rt: Runtime, signed_in: SignIn, zone: str, name: str) -> None:
    ticket = a_ticket(rt)
    user = a_user(rt, Role.AGENT, unit=rt.write(lambda session: make_unit(session, zone=zone)), teams=PAY)
    heard = Notification(user_id=user.id, ticket_id=ticket.id, kind="sla_warning", created_at=rt.now())
    rt.write(lambda session: session.add(heard))
    visit = signed_in(user=user)
    for page in ("/queue", "/search?q=angsuran", "/notices"):
        visit.get(page)
        assert visit.text.count(f"Semua jam {name} ") == 1, page
    visit.get("/queue?lang=en")
    assert f"All times in {name} " in visit.text


def test_the_rail_counts_each_view_and_marks_the_one_that_is_open(rt: Runtime, signed_in: SignIn) -> None:
    a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get("/queue?view=unassigned")
    assert "Belum diambil 1" in visit.text
    assert 'view=unassigned" aria-current="true"' in visit.page


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("kanal:wa", True),
        ("kanal:sms", False),
        ("sev:2 angsuran", True),
        ("lewat", False),
        ("tim:pembayaran", True),
    ],
    ids=["channel", "other channel", "severity and word", "overdue", "team"],
)
def test_the_filter_narrows_the_view(rt: Runtime, signed_in: SignIn, typed: str, is_found: bool) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get(f"/queue?filter={typed}")
    assert (f'id="t{ticket.number}"' in visit.page) is is_found
    assert ("Tidak ada yang cocok" in visit.text) is not is_found


def test_an_unknown_filter_word_is_told_beside_the_field_and_kept(rt: Runtime, signed_in: SignIn) -> None:
    visit = signed_in(teams=PAY)
    answer = visit.get("/queue?filter=status:zebra")
    assert answer.status_code == 422
    assert "<title>Salah: " in visit.page
    assert 'value="status:zebra"' in visit.page
    assert 'aria-invalid="true"' in visit.page


@pytest.mark.parametrize("address", ["/queue?view=zebra", "/queue?after=zebra"])
def test_an_address_that_was_made_up_is_no_server_error(signed_in: SignIn, address: str) -> None:
    assert signed_in(teams=PAY).get(address).status_code in (404, 422)


def test_an_empty_view_says_so_and_points_to_what_waits(rt: Runtime, signed_in: SignIn) -> None:
    a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get("/queue?view=mine")
    assert "Tidak ada tiket di sini. Bagus. Lihat Belum diambil (1)" in visit.text


def test_pages_lead_on_and_back_to_the_first(rt: Runtime, signed_in: SignIn) -> None:
    for at in range(51):
        a_ticket(rt, phone=f"+62857111{at:05}")
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    assert visit.page.count("data-row>") + visit.page.count("data-row ") == 50
    follow = visit.page.split('class="kh-pages"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    visit.get(follow)
    assert visit.page.count('<tr id="t') == 1
    assert "Sebelumnya" in visit.text


def test_another_teams_agent_and_the_subject_see_nothing_of_it(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    accused = a_user(rt, Role.AGENT, teams=PAY)
    name_subject(rt, ticket, accused.id)
    for visit in (signed_in(teams=("digital",)), signed_in(user=accused)):
        visit.get("/queue?view=all")
        assert ticket.subject not in visit.text
        visit.get("/search?q=angsuran")
        assert ticket.subject not in visit.text


@pytest.mark.parametrize("role", [Role.FIELD, Role.PRODUCT, Role.AUDITOR, Role.ADMIN])
def test_roles_without_a_queue_are_refused(signed_in: SignIn, role: Role) -> None:
    assert signed_in(role).get("/queue").status_code == 403


def test_compliance_reads_the_queue_and_can_change_nothing(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/queue")
    assert ticket.subject in visit.text
    assert 'type="checkbox"' not in visit.page
    assert visit.post("/queue/bulk", number=ticket.number, action="take").status_code == 403


def test_live_rows_are_sent_once_and_again_after_a_change(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    etag = visit.page.split("data-live-etag='")[1].split("'")[0]
    same = visit.client.get("/queue/rows?view=urgent", headers={"If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")
    write_more(rt, "Tolong dicek ya Bu")
    changed = visit.client.get("/queue/rows?view=urgent", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.get_data(as_text=True).lstrip().startswith(f'<tr id="t{ticket.number}"')


def test_search_finds_words_and_a_number_leads_to_its_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get("/search?q=angsuran masuk")
    assert ticket.subject in visit.text
    shown = f"{ticket.number[:4]}-{ticket.number[4:]}"
    assert visit.client.get(f"/search?q={shown}").headers["Location"] == f"/tickets/{ticket.number}"
    visit.get("/search?q=zebra")
    assert "Tidak ada yang cocok" in visit.text
    assert visit.get("/search?q=" + "a" * 500).status_code == 422


@pytest.mark.parametrize("address", ["/search?q=%3F%21", "/queue?view=all&filter=%3F%21"])
def test_signs_without_a_word_find_nothing_and_the_page_says_so(
    rt: Runtime, signed_in: SignIn, address: str
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get(address)
    assert ticket.subject not in visit.text
    assert "Tidak ada kata yang bisa dicari" in visit.text


def test_several_tickets_are_taken_at_once_and_each_failure_is_told(rt: Runtime, signed_in: SignIn) -> None:
    first, second = a_ticket(rt), a_ticket(rt, phone="+6285733334444")
    sari, budi = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.AGENT, teams=PAY)
    hers, his = signed_in(user=sari), signed_in(user=budi)
    his.get("/queue")
    his.post("/queue/bulk", number=first.number, action="take")
    hers.get("/queue")
    hers.send("/queue/bulk", number=[first.number, second.number, "12345678"], action="take")
    assert "1 tiket berhasil." in hers.text
    assert f"{first.number[:4]}-{first.number[4:]} gagal: Tiket ini sudah diambil orang lain." in hers.text
    assert "1234-5678 gagal: Tiket tidak ada, atau tidak untuk Anda." in hers.text
    assert (reload(rt, first).assignee_id, reload(rt, second).assignee_id) == (budi.id, sari.id)


def test_several_tickets_are_given_to_a_colleague_of_the_team(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    colleague, stranger = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.AGENT, teams=("digital",))
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    visit.send("/queue/bulk", number=ticket.number, action="assign", assignee=stranger.public_id)
    assert "gagal: Orang ini tidak di tim tiket ini." in visit.text
    visit.send("/queue/bulk", number=ticket.number, action="assign", assignee=colleague.public_id)
    assert reload(rt, ticket).assignee_id == colleague.id


def test_nothing_chosen_is_said(signed_in: SignIn) -> None:
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    visit.send("/queue/bulk", action="take")
    assert "Pilih dulu satu tiket" in visit.text
    visit.send("/queue/bulk", action="assign", number="12345678", assignee="")
    assert "Pilih dulu petugasnya." in visit.text


def test_texts_of_a_mitra_are_never_markup(rt: Runtime, signed_in: SignIn) -> None:
    a_ticket(rt, "<script>alert(1)</script> angsuran saya \u202e belum masuk")
    visit = signed_in(Role.SUPERVISOR)
    visit.get("/queue")
    assert "<script>alert" not in visit.page
    assert "&lt;script&gt;alert(1)" in visit.page


def test_the_page_asks_the_database_as_often_for_many_tickets_as_for_one(
    rt: Runtime, signed_in: SignIn
) -> None:
    visit = signed_in(teams=PAY)

    def selects() -> int:
        with counted(rt.engine) as seen:
            visit.get("/queue")
        return len([each for each in seen if each.startswith("SELECT")])

    a_ticket(rt)
    one = selects()
    for at in range(12):
        a_ticket(rt, phone=f"+62857222{at:05}")
    assert selects() == one
    assert one <= 14


def test_a_row_says_nothing_that_all_rows_repeat(rt: Runtime, signed_in: SignIn) -> None:
    a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    row = visit.page.partition('<tr id="t')[2].partition("</tr>")[0]
    assert len(row.encode()) < 700, "fifty of these are a page"
    assert row.count("class=") < 8
