"""What counts no more on the ticket page: clocks that were replaced, and a team that a rule chose before."""

from datetime import timedelta

from sqlalchemy.orm import Session
from ticket_stories import SignIn, a_ticket, address, opened
from visits import Visit

from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps


def re_rated(visit: Visit, ticket: Ticket) -> Visit:
    """Set another severity by hand."""
    opened(visit, ticket)
    answer = visit.send(address(ticket, "/severity"), impact="I4", urgency="U1", reason="Uang hilang")
    assert answer.status_code == 200
    return visit


def side(visit: Visit) -> tuple[str, str]:
    """Return the clocks of the side panel that count, and those that do not."""
    before_history = visit.text.partition("Riwayat (")[0]
    clocks = before_history.rpartition("Batas waktu")[2].partition("Rencana eskalasi")[0]
    standing, _mark, past = clocks.partition("Tidak berlaku lagi (")
    return standing, past


def test_clocks_from_before_another_severity_stand_apart(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Tidak berlaku lagi" not in visit.text
    standing, past = side(re_rated(visit, ticket))
    assert standing.count("Balas pertama") == 1
    assert past.count("Balas pertama") == 1
    assert "Diganti karena tingkat, kategori, atau waktunya diubah" in past


def test_a_clock_that_was_late_before_it_ended_is_not_in_the_header(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)

    def write(session: Session) -> None:
        row = session.get_one(Ticket, ticket.id)
        sla.resolved(session, row, at=rt.now() + timedelta(days=30))

    rt.write(write)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    header = visit.text.partition("Kenapa S")[0]
    assert "Balas pertama" not in header
    assert "Balas pertama Lewat" in side(visit)[1]


def why_this_team(visit: Visit) -> str:
    return visit.text.partition("Matriks versi")[2].partition("Percakapan")[0]


def test_the_rule_is_told_only_while_the_ticket_is_in_the_team_that_it_chose(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "R-50" in why_this_team(visit)
    visit.send(address(ticket, "/assign"), team="digital")
    assert "Tim Layanan Digital: dipindah oleh petugas" in why_this_team(visit)
    assert "R-50" not in why_this_team(visit)
    visit.send(address(ticket, "/assign"), team="pembayaran")
    assert "R-50" in why_this_team(visit)


def test_a_ticket_that_an_escalation_moved_says_so(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    rt.write(lambda session: sweeps.run_within(session, now=rt.now() + timedelta(days=60)))
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Pelindungan Konsumen: dipindah oleh eskalasi" in why_this_team(visit)
    assert "R-50" not in why_this_team(visit)
