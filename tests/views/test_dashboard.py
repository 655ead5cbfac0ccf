"""The SLA board and the wall: numbers that match their queues, and nobody named on a wall."""

import re
from datetime import timedelta
from html import unescape

import pytest
from factories import NOW, make_contact, make_team, make_ticket, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from ticket_stories import SignIn, a_ticket
from visits import Visit

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow, Worker
from helpdesk.runtime import Runtime

HOUR = timedelta(hours=1)


@pytest.fixture
def supervisor(signed_in: SignIn) -> Visit:
    return signed_in(Role.SUPERVISOR)


def fill(rt: Runtime) -> None:
    """Two late tickets, one due within the hour, one urgent that nobody took and that is about staff."""

    def write(session: Session) -> None:
        team = make_team(session, "pembayaran")
        agent = make_user(session, name="Petugas Rahasia")
        contact = make_contact(session, name="Siti Bernama")
        for due in (NOW - HOUR, NOW - 2 * HOUR, NOW + HOUR / 2):
            make_ticket(session, team=team, contact=contact, assignee_id=agent.id, next_due_at=due)
        make_ticket(
            session,
            team=team,
            contact=contact,
            severity=Severity.S1,
            category_code="PNG-ANCAM",
            is_about_staff=True,
            next_due_at=NOW + 5 * HOUR,
        )
        make_ticket(
            session,
            team=team,
            contact=contact,
            severity=Severity.S1,
            category_code="FRD-LUAR",
            assignee_id=agent.id,
            next_due_at=NOW + 5 * HOUR,
        )

    rt.write(write)


def test_an_empty_world_has_a_board_of_noughts(supervisor: Visit) -> None:
    assert supervisor.get("/dashboard").status_code == 200
    assert "Tidak ada tiket aktif." in supervisor.text
    assert "Tidak ada S1 terbuka." in supervisor.text
    assert "0 dari 0, target 95 %" in supervisor.text
    assert supervisor.get("/wall").status_code == 200


def test_every_number_leads_to_a_queue_of_that_many_tickets(supervisor: Visit, rt: Runtime) -> None:
    fill(rt)
    supervisor.get("/dashboard")
    tiles = re.findall(r'<a class="[^"]*" href="(/queue[^"]+)">(.*?)</a>', supervisor.page, re.DOTALL)
    shown = {
        unescape(href): int(re.findall(r"\d+", re.sub(r"<[^>]+>", "", text))[-1]) for href, text in tiles[4:]
    }
    shown |= {
        unescape(href): int(re.search(r"<strong>.*?(\d+)</strong>", text, re.DOTALL)[1])  # type: ignore[index]
        for href, text in tiles[:4]
    }
    assert len(shown) >= 8
    assert sum(shown.values()) > 0
    listed = {}
    for href in shown:
        supervisor.get(href)
        listed[href] = supervisor.page.count('<tr id="t')
    assert listed == shown


def test_the_desk_names_category_and_owner_of_an_open_s1(supervisor: Visit, rt: Runtime) -> None:
    fill(rt)
    supervisor.get("/dashboard")
    assert "Ancaman, intimidasi" in supervisor.text
    assert "Petugas Rahasia" in supervisor.text


@pytest.mark.parametrize("address", ["/wall", "/wall/board"])
def test_the_wall_names_nobody_and_hides_what_is_restricted(
    supervisor: Visit, rt: Runtime, address: str
) -> None:
    fill(rt)
    supervisor.get(address)
    assert "(terbatas)" in supervisor.text
    assert "Fraud" in supervisor.text
    assert "Petugas Rahasia" not in supervisor.page
    assert "Siti" not in supervisor.page
    assert "Ancaman" not in supervisor.page


def test_the_wall_renews_itself_without_javascript(supervisor: Visit) -> None:
    supervisor.get("/wall")
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in supervisor.page
    assert "TIDAK ADA DATA" in supervisor.page


def test_the_board_is_not_sent_again_while_nothing_changed(supervisor: Visit, rt: Runtime) -> None:
    first = supervisor.get("/dashboard/board")
    mark = first.headers["ETag"]
    assert supervisor.client.get("/dashboard/board", headers={"If-None-Match": mark}).status_code == 304
    a_ticket(rt)
    again = supervisor.client.get("/dashboard/board", headers={"If-None-Match": mark})
    assert (again.status_code, again.headers["ETag"] == mark) == (200, False)


def test_a_wall_is_always_sent_anew(supervisor: Visit) -> None:
    answer = supervisor.get("/wall/board")
    assert (answer.status_code, answer.headers.get("ETag")) == (200, None)
    assert "<html" not in supervisor.page


@pytest.mark.parametrize(("age", "is_warned"), [(timedelta(minutes=1), False), (timedelta(seconds=61), True)])
def test_a_worker_that_is_gone_is_told(
    supervisor: Visit, rt: Runtime, age: timedelta, is_warned: bool
) -> None:
    rt.write(lambda session: session.add(Worker(name="satu", started_at=NOW - HOUR, seen_at=NOW - age)))
    for address in ("/dashboard", "/wall"):
        supervisor.get(address)
        assert ("Penjaga SLA tidak berjalan" in supervisor.text) is is_warned
        assert ("(0 proses pekerja)" in supervisor.text) is is_warned
        assert "Tertinggal 0 langkah." in supervisor.text


def test_a_guard_that_is_behind_is_told_and_how_far(supervisor: Visit, rt: Runtime) -> None:
    def write(session: Session) -> None:
        session.add(Worker(name="satu", started_at=NOW - HOUR, seen_at=NOW - timedelta(seconds=12)))
        for at, clock in enumerate(session.scalars(select(SlaClockRow)).all()):
            clock.next_step_at = None if at else NOW - HOUR

    a_ticket(rt)
    mark = supervisor.client.get("/dashboard/board").headers["ETag"]
    rt.write(write)
    assert supervisor.client.get("/dashboard/board", headers={"If-None-Match": mark}).status_code == 200
    for address in ("/dashboard", "/wall"):
        supervisor.get(address)
        assert "Penjaga SLA tertinggal." in supervisor.text
        assert "Terakhir bekerja 12 detik lalu (1 proses pekerja)." in supervisor.text
        assert "Tertinggal 1 langkah, yang tertua 1 jam." in supervisor.text
        assert "tidak berjalan" not in supervisor.text
