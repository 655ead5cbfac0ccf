"""The ladder on a ticket's page: what is planned, and who was told of what was done."""

from datetime import timedelta

from factories import make_ticket
from sqlalchemy.orm import Session
from ticket_stories import SignIn, a_ticket, opened
from visits import Visit, a_user

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Position, Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps
from helpdesk.services.trail import lock_ticket, record

STANDING_RULE = {"metric": "resolution", "step": "ladder_L2_S2_start", "level": "L2"}


def an_area_manager(rt: Runtime, name: str) -> None:
    """Somebody who stands at L2 for every ticket without a point."""
    user = a_user(rt, Role.SUPERVISOR)

    def write(session: Session) -> None:
        row = session.get_one(User, user.id)
        row.name, row.position = name, Position.AM

    rt.write(write)


def a_grave_ticket(rt: Runtime) -> Ticket:
    """An S2 that the sweep has seen once."""

    def write(session: Session) -> Ticket:
        ticket = make_ticket(session, severity=Severity.S2)
        sla.start_clocks(session, ticket, now=rt.now())
        sweeps.run_within(session, now=rt.now())
        return ticket

    return rt.write(write)


def timeline(visit: Visit) -> str:
    return visit.page.partition('id="percakapan"')[2].partition('id="end"')[0]


def test_who_was_told_from_the_start_is_named(rt: Runtime, signed_in: SignIn) -> None:
    an_area_manager(rt, "Rina Wati")
    ticket = a_grave_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Sejak awal tanggung jawab L2, manajer area. Diberi tahu: Rina Wati" in timeline(visit)
    assert "Eskalasi ke L2" not in visit.text


def test_a_standing_rule_that_nobody_was_told_of_is_only_in_the_history(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    rt.write(
        lambda session: record(
            session,
            lock_ticket(session, ticket.id),
            "escalated",
            actor="system",
            at=rt.now(),
            data=STANDING_RULE,
        )
    )
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Sejak awal tanggung jawab" not in timeline(visit)
    assert "Sejak awal tanggung jawab L2, manajer area" in visit.text


def test_the_escalations_to_come_are_told_as_a_plan(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_grave_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    plan = visit.text.partition("Rencana eskalasi")[2]
    assert "L3, manajer wilayah (Penyelesaian)" in plan
    assert "Sejak awal" not in plan.partition("Riwayat")[0]
    assert "Eskalasi ke L3" not in visit.text


def test_an_escalation_that_was_carried_out_is_no_plan_any_more(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_grave_ticket(rt)
    rt.write(lambda session: sweeps.run_within(session, now=rt.now() + timedelta(days=60)))
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Eskalasi ke L3" in visit.text
    plan = visit.text.partition("Rencana eskalasi")[2].partition("Riwayat")[0]
    assert "L3, manajer wilayah" not in plan
    assert "L5, komite" in plan  # nobody at L4 has answered yet


def test_who_was_told_in_place_of_a_manager_who_is_missing_is_told_as_such(
    rt: Runtime, signed_in: SignIn
) -> None:
    stand_in = a_user(rt, Role.SUPERVISOR)
    ticket = a_grave_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "L2, manajer area. Tidak ada orang di jenjang itu, jadi diberi tahu: " in timeline(visit)
    assert stand_in.name in timeline(visit)
