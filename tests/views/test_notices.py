"""The page of notices: everybody who is told has a page to read it on, and a count that leads there."""

from datetime import timedelta

from factories import make_ladder
from sqlalchemy import select
from sqlalchemy.orm import Session
from ticket_stories import PAY, SignIn, a_ticket, name_subject
from visits import Visit, a_user, stored

from helpdesk.models.people import Notification, Position, Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.notifications import MOST_COUNTED
from helpdesk.runtime import Runtime
from helpdesk.services.escalations import notify
from helpdesk.sla.escalation import Level


def told(rt: Runtime, user: User, ticket: Ticket, *, times: int = 1) -> None:
    """Write notices of an escalation to the user."""
    rt.write(
        lambda session: session.add_all(
            Notification(
                user_id=user.id, ticket_id=ticket.id, kind="escalated", level="L2", created_at=rt.now()
            )
            for _ in range(times)
        )
    )


def test_an_area_manager_reads_what_the_ladder_told_her(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    _region, area, point = rt.write(make_ladder)
    manager = a_user(rt, Role.FIELD, unit=area)

    def escalate(session: Session) -> None:
        session.get_one(User, manager.id).position = Position.AM
        late = session.get_one(Ticket, ticket.id)
        late.unit_id = point.id
        session.flush()
        assert [user.id for user in notify(session, late, Level.L2, "escalated", at=rt.now())] == [manager.id]

    rt.write(escalate)
    visit = signed_in(user=manager)
    visit.get("/lwk")
    assert "Pemberitahuan 1" in visit.text
    visit.get("/notices")
    shown = f"{ticket.number[:4]}-{ticket.number[4:]}"
    assert "Eskalasi: L2" in visit.text
    assert shown in visit.text
    assert point.name in visit.text
    assert f'href="/tickets/{ticket.number}"' not in visit.page
    assert visit.get(f"/tickets/{ticket.number}").status_code == 404
    name_subject(rt, ticket, manager.id)
    visit.get("/notices")
    assert shown not in visit.text


def test_notices_stay_until_they_are_read_by_their_owner(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    user = a_user(rt, Role.AGENT, teams=PAY)
    told(rt, user, ticket)
    visit, other = signed_in(user=user), signed_in(teams=PAY)
    visit.get("/notices")
    assert f'href="/tickets/{ticket.number}"' in visit.page
    notice_id = visit.hidden("id")
    other.get("/notices")
    other.post("/notices/read", id=notice_id)
    visit.get("/notices")
    assert "Eskalasi: L2" in visit.text
    visit.send("/notices/read", id=notice_id)
    assert "Tidak ada pemberitahuan baru." in visit.text
    assert stored(rt, select(Notification))[0].read_at == rt.now()


def test_what_was_told_twice_is_one_line(rt: Runtime, signed_in: SignIn) -> None:
    user = a_user(rt, Role.AGENT, teams=PAY)
    told(rt, user, a_ticket(rt), times=2)
    visit = signed_in(user=user)
    visit.get("/notices")
    assert visit.text.count("Eskalasi: L2") == 1


def test_the_count_in_the_top_bar_has_an_end(rt: Runtime, signed_in: SignIn) -> None:
    user = a_user(rt, Role.AGENT, teams=PAY)
    told(rt, user, a_ticket(rt), times=MOST_COUNTED)
    visit: Visit = signed_in(user=user)
    visit.get("/queue")
    assert "Pemberitahuan 99+" in visit.text


def test_the_count_in_the_top_bar_is_no_text_that_waits(rt: Runtime, signed_in: SignIn) -> None:
    user = a_user(rt, Role.SUPERVISOR)
    told(rt, user, a_ticket(rt), times=3)
    visit = signed_in(user=user)
    visit.get("/admin/texts")
    assert "Pemberitahuan 3" in visit.text
    assert "Menunggu orang kedua:" not in visit.text


def test_who_may_open_a_complaint_about_staff_reads_what_it_is_about(rt: Runtime, signed_in: SignIn) -> None:
    ticket, supervisor = a_ticket(rt), a_user(rt, Role.SUPERVISOR)
    rt.write(lambda session: setattr(session.get_one(Ticket, ticket.id), "is_about_staff", True))
    told(rt, supervisor, ticket)
    visit = signed_in(user=supervisor)
    visit.get("/notices")
    assert f'href="/tickets/{ticket.number}"' in visit.page
    assert "(terbatas)" not in visit.text


def test_a_deadline_that_has_passed_is_told_as_such(rt: Runtime, signed_in: SignIn) -> None:
    ticket, supervisor = a_ticket(rt), a_user(rt, Role.SUPERVISOR)
    told(rt, supervisor, ticket)
    visit = signed_in(user=supervisor)
    visit.get("/notices")
    assert "lewat sejak" not in visit.text

    def let_pass(session: Session) -> None:
        session.get_one(Ticket, ticket.id).next_due_at = rt.now() - timedelta(hours=1)

    rt.write(let_pass)
    visit.get("/notices")
    assert "lewat sejak" in visit.text
