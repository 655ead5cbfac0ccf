"""Moving a message on the ticket page: to a complaint of its own, and back by the button beside it."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session
from ticket_stories import PAY, SignIn, a_ticket, address, opened, tickets, write_more
from visits import stored

from helpdesk.models.messages import Message
from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime

MORE = "Selain itu saya belum terima kartu angsuran"


def places(rt: Runtime) -> dict[str, str]:
    """Number of the ticket in which each of her texts lies."""
    numbers = {ticket.id: ticket.number for ticket in tickets(rt)}
    found = stored(rt, select(Message).where(Message.direction == "in"))
    return {message.body: numbers[message.ticket_id] for message in found}


def message_id(rt: Runtime, text: str) -> str:
    return next(m.public_id for m in stored(rt, select(Message)) if m.body == text)


def test_a_message_becomes_a_complaint_of_its_own_and_comes_back(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    write_more(rt, MORE)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    moved = message_id(rt, MORE)
    visit.send(address(ticket, f"/messages/{moved}/move"), to="new")
    other = places(rt)[MORE]
    assert other != ticket.number
    assert f"Satu pesan dipindah ke {other[:4]}-{other[4:]}" in visit.text
    assert "Kembalikan ke sini" in visit.text
    visit.send(f"/tickets/{other}/messages/{moved}/move", to=ticket.number)
    assert places(rt)[MORE] == ticket.number
    visit.get(address(ticket))
    assert "Kembalikan ke sini" not in visit.text


def test_it_goes_to_another_complaint_of_the_same_person_by_the_list(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    write_more(rt, MORE)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    moved = message_id(rt, MORE)
    visit.send(address(ticket, f"/messages/{moved}/move"), to="new")
    other = places(rt)[MORE]
    write_more(rt, "Tambahan: kartu saya warna biru")
    source = places(rt)["Tambahan: kartu saya warna biru"]
    target = ticket.number if source == other else other
    visit.get(f"/tickets/{source}")
    assert re.search(rf'<option value="{target}"', visit.page)
    visit.send(
        f"/tickets/{source}/messages/{message_id(rt, 'Tambahan: kartu saya warna biru')}/move", to=target
    )
    assert places(rt)["Tambahan: kartu saya warna biru"] == target


def test_who_may_not_see_the_other_ticket_moves_nothing(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    write_more(rt, MORE)
    hidden = a_ticket(rt, phone="+6285733334444", team="digital")
    visit = opened(signed_in(teams=PAY), ticket)
    moved = message_id(rt, MORE)
    assert visit.post(address(ticket, f"/messages/{moved}/move"), to=hidden.number).status_code == 409
    assert places(rt)[MORE] == ticket.number
    for role in (Role.COMPLIANCE, Role.AUDITOR):
        reader = opened(signed_in(role), ticket)
        assert "Pindahkan pesan" not in reader.text
        assert reader.post(address(ticket, f"/messages/{moved}/move"), to="new").status_code == 403


def test_no_history_names_a_ticket_that_is_kept_from_the_reader(rt: Runtime, signed_in: SignIn) -> None:
    """The one that took the message away, and the one that it came from: of each only that there is one."""
    ticket = a_ticket(rt)
    write_more(rt, MORE)
    leader = opened(signed_in(Role.SUPERVISOR), ticket)
    moved = message_id(rt, MORE)
    leader.send(address(ticket, f"/messages/{moved}/move"), to="new")
    other = places(rt)[MORE]

    def keep_from_agents(session: Session, number: str) -> None:
        """Each of the two in turn is of a team that this agent is not in."""
        for row in session.scalars(select(Ticket)):
            code = "digital" if row.number == number else PAY[0]
            row.team_id = session.scalars(select(Team.id).where(Team.code == code)).one()

    visit = signed_in(teams=PAY)
    for kept, read, words in ((other, ticket.number, "dipindah ke"), (ticket.number, other, "dipindah dari")):
        rt.write(lambda session, kept=kept: keep_from_agents(session, kept))  # type: ignore[misc]
        visit.get(f"/tickets/{read}")
        assert f"Satu pesan {words} tiket lain" in visit.text
        assert f"{kept[:4]}-{kept[4:]}" not in visit.page
        assert kept not in visit.page
        assert "Kembalikan" not in visit.text
        leader.get(f"/tickets/{read}")
        assert f"Satu pesan {words} {kept[:4]}-{kept[4:]}" in leader.text
