"""The audit trail on screen: filters, pages, its own reading, and the check of its chains."""

import re
from datetime import timedelta
from html import unescape

import pytest
from factories import NOW
from sqlalchemy import select, update
from ticket_stories import SignIn, a_ticket

from helpdesk.models.people import Role
from helpdesk.models.tickets import AuditEntry, TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import tickets, trail


def kinds_kept(rt: Runtime) -> list[str]:
    return rt.read(lambda session: list(session.scalars(select(AuditEntry.kind).order_by(AuditEntry.serial))))


def test_reading_the_trail_is_an_entry_with_what_was_asked(signed_in: SignIn, rt: Runtime) -> None:
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit?kind=signed_in")
    assert kinds_kept(rt) == ["signed_in", "audit_read"]
    visit.get("/audit?kind=audit_read")
    assert "Jejak audit dibaca" in visit.text
    assert "jenis: signed_in" in visit.text


def test_tickets_and_other_entries_stand_together_with_names(signed_in: SignIn, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit")
    assert "Tiket dibuat" in visit.text
    assert "Masuk" in visit.text
    assert "kanal: WhatsApp" in visit.text
    assert f'href="/tickets/{ticket.number}"' in visit.page


def test_old_and_new_stand_side_by_side(signed_in: SignIn, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    rt.write(
        lambda session: tickets.assign(
            session, ticket.id, assignee_id=None, team="penipuan", actor="system", now=NOW
        )
    )
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit?kind=assigned")
    assert "pembayaran → penipuan" in visit.text


@pytest.mark.parametrize("query", ["number={dashed}", "number={plain}", "kind=created", "actor=contact"])
def test_a_filter_narrows(signed_in: SignIn, rt: Runtime, query: str) -> None:
    ticket = a_ticket(rt)
    dashed = f"{ticket.number[:4]}-{ticket.number[4:]}"
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit?" + query.format(dashed=dashed, plain=ticket.number))
    assert dashed in visit.text
    body = visit.page[visit.page.index("<tbody>") :]
    assert "Surya" not in body
    assert "<td>Masuk</td>" not in body


@pytest.mark.parametrize(
    ("query", "words"),
    [("number=12", "Nomor ini tidak benar."), ("kind=DROP%20TABLE", "Pilih jenis dari daftar.")],
)
def test_a_filter_that_makes_no_sense_is_told(signed_in: SignIn, query: str, words: str) -> None:
    visit = signed_in(Role.AUDITOR)
    assert visit.get(f"/audit?{query}").status_code == 422
    assert words in visit.text


def test_a_cursor_of_another_list_is_told(signed_in: SignIn) -> None:
    visit = signed_in(Role.AUDITOR)
    assert visit.get("/audit?after=apa-ini").status_code == 422
    assert "Mulai lagi dari halaman pertama." in visit.text


def test_pages_lead_on_without_repeats(signed_in: SignIn, rt: Runtime) -> None:
    for minute in range(60):
        at = NOW - timedelta(minutes=minute + 1)
        rt.write(lambda session, at=at: trail.audit(session, "uji", actor="system", at=at))
    visit = signed_in(Role.AUDITOR)
    visit.get("/audit?kind=uji")
    seen = re.findall(r'data-label="No.">(\d+)<', visit.page)
    following = re.search(r'href="(/audit\?[^"]*after=[^"]+)"', visit.page)
    assert following
    visit.get(unescape(following[1]))
    seen += re.findall(r'data-label="No.">(\d+)<', visit.page)
    assert len(seen) == len(set(seen)) == 60


def test_whole_chains_are_told_and_the_check_is_kept(signed_in: SignIn, rt: Runtime) -> None:
    a_ticket(rt)
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/audit")
    visit.send("/audit/verify")
    assert "Semua rantai utuh." in visit.text
    assert "audit_verified" in kinds_kept(rt)


def test_a_changed_entry_is_named(signed_in: SignIn, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    change = update(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.serial == 2)
    with rt.engine.begin() as connection:
        connection.execute(change.values(actor="user:lain"))
    visit = signed_in(Role.COMPLIANCE)
    visit.get("/audit")
    visit.send("/audit/verify")
    assert f"Rantai {ticket.number[:4]}-{ticket.number[4:]} putus di catatan 2." in visit.text
