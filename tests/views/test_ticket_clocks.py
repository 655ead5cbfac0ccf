"""Why a clock stands where it stands, on the ticket page and on the page of its clocks."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from statements import counted
from ticket_stories import PAY, SignIn, a_ticket, address, opened, reload
from visits import Visit

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import sla
from helpdesk.services.trail import lock_ticket


def long_ago(rt: Runtime, ticket: Ticket, days: int) -> None:
    """Let every clock have begun so many days earlier."""
    start = rt.now() - timedelta(days=days)
    values = {"started_at": start, "counts_from": start, "due_at": start + timedelta(days=1)}
    rt.write(lambda session: session.execute(update(SlaClockRow).values(**values)))


def test_the_page_says_which_clock_is_next_and_why_each_stands_as_it_does(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Berikutnya: " in visit.text.partition("Kenapa S")[0], "in the header, too"
    assert (
        visit.page.count('<figure class="kh-clockbar">') == visit.page.count("Buku waktu, jam setempat") == 4
    )
    for words in ("Kenapa?", "hari ini", "Hitungan hari kerja", "Tidak dihitung: ", "tersisa"):
        assert words in visit.text, words


def test_the_bar_tells_kinds_apart_by_shape_and_the_table_says_the_same(
    rt: Runtime, signed_in: SignIn
) -> None:
    visit = opened(signed_in(teams=PAY), a_ticket(rt))
    pieces = re.findall(
        r'<rect class="kh-(\w+)[^"]*" x="[\d.]+" y="(\d+)" height="(\d+)" width="[\d.]+"/>', visit.page
    )
    shapes = {kind: (y, height) for kind, y, height in pieces}
    assert {"running", "closed"} <= set(shapes)
    assert len(set(shapes.values())) == len(shapes)
    assert "style=" not in visit.page


def test_a_long_life_is_folded_and_its_single_stretches_stand_on_a_page_of_their_own(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    long_ago(rt, ticket, 60)
    opened(visit, ticket)
    rows = visit.page.count('<tr><th scope="row">')
    assert rows < 120
    assert f'href="/tickets/{ticket.number}/clocks"' in visit.page
    assert visit.get(address(ticket, "/clocks")).status_code == 200
    assert visit.page.count("<li>") > 300
    assert "Sudah terlewat: " in visit.text


def test_the_ledger_of_a_clock_that_counts_no_more_stands_on_the_page_of_the_clocks(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)

    def write(session: Session) -> None:
        row = lock_ticket(session, ticket.id)
        row.severity = Severity.S4
        sla.refit(session, row, now=rt.now())

    rt.write(write)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    here = visit.page.count("Buku waktu, jam setempat")
    assert visit.page.count("/clocks") >= 1
    visit.get(address(ticket, "/clocks"))
    assert visit.page.count("Buku waktu, jam setempat") > here


def test_the_clocks_are_hidden_with_the_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    assert signed_in(teams=("digital",)).get(address(ticket, "/clocks")).status_code == 404
    assert signed_in(Role.ADMIN).get(address(ticket, "/clocks")).status_code == 403
    assert signed_in(Role.SUPERVISOR).get("/tickets/99999999/clocks").status_code == 404


def test_it_speaks_english_where_english_is_asked_for(rt: Runtime, signed_in: SignIn) -> None:
    visit = signed_in(teams=PAY)
    ticket = a_ticket(rt)
    for part in ("", "/clocks"):
        visit.get(f"{address(ticket, part)}?lang=en")
        for words in ("Next: ", "Counted from", "working days", "no working day"):
            assert words in visit.text, (part, words)
        assert "Berikutnya" not in visit.text


def selects(rt: Runtime, visit: Visit, ticket: Ticket, part: str) -> int:
    with counted(rt.engine) as seen:
        assert visit.get(address(ticket, part)).status_code == 200
    return len([each for each in seen if each.startswith("SELECT")])


@pytest.mark.parametrize("part", ["", "/clocks"], ids=["ticket", "clocks"])
def test_many_clocks_take_as_many_statements_as_few(rt: Runtime, signed_in: SignIn, part: str) -> None:
    ticket, visit = a_ticket(rt), signed_in(Role.SUPERVISOR)

    def change(level: Severity) -> None:
        def write(session: Session) -> None:
            row = lock_ticket(session, ticket.id)
            row.severity = level
            sla.refit(session, row, now=rt.now())

        rt.write(write)

    change(Severity.S1)
    few = selects(rt, visit, ticket, part)
    for level in (Severity.S3, Severity.S4, Severity.S1):
        change(level)
    assert selects(rt, visit, ticket, part) == few
    assert reload(rt, ticket).severity == "S1"
