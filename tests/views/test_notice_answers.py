"""Answering an escalation on the pages: on the list of notices, and on the ticket."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from factories import make_ladder, make_team, make_ticket, make_user
from sqlalchemy.orm import Session
from ticket_stories import SignIn, kinds, name_subject, opened
from visits import a_user

from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit, Position, Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import sla, sweeps

PENDING = "L2 atau di atasnya, batas:"


@dataclass
class Case:
    ticket: Ticket
    point: OrgUnit
    manager: User
    other: User


@pytest.fixture
def case(rt: Runtime) -> Case:
    """An S2 that two area managers of its area were told of; neither may open it."""
    _region, area, point = rt.write(make_ladder)
    manager, other = a_user(rt, Role.FIELD, unit=area), a_user(rt, Role.FIELD, unit=area)

    def write(session: Session) -> Ticket:
        for user in (manager, other):
            session.get_one(User, user.id).position = Position.AM
        session.flush()
        ticket = make_ticket(session, unit=point, team=make_team(session), severity=Severity.S2)
        sla.start_clocks(session, ticket, now=rt.now())
        sweeps.run_within(session, now=rt.now())
        return ticket

    return Case(rt.write(write), point, manager, other)


def test_who_was_told_answers_from_the_list_without_opening_the_ticket(
    rt: Runtime, signed_in: SignIn, case: Case
) -> None:
    visit, colleague = signed_in(user=case.manager), signed_in(user=case.other)
    visit.get("/notices")
    assert PENDING in visit.text
    assert "15.00" in visit.text
    visit.send("/notices/acknowledge", number=visit.hidden("number"))
    assert "Eskalasi sudah ditanggapi." in visit.text
    assert "Tidak ada pemberitahuan baru." in visit.text  # her own is read by that
    assert "escalation_acknowledged" in kinds(rt, case.ticket)
    colleague.get("/notices")
    assert f"Ditanggapi oleh {case.manager.name}," in colleague.text
    assert PENDING not in colleague.text


def test_the_second_answer_is_told_that_nothing_waits(signed_in: SignIn, case: Case) -> None:
    visit, colleague = signed_in(user=case.manager), signed_in(user=case.other)
    colleague.get("/notices")
    visit.get("/notices")
    visit.send("/notices/acknowledge", number=case.ticket.number)
    colleague.send("/notices/acknowledge", number=case.ticket.number)
    assert "Tidak ada eskalasi yang menunggu tanggapan Anda." in colleague.text


def test_who_was_not_told_or_is_complained_about_cannot_answer(
    rt: Runtime, signed_in: SignIn, case: Case
) -> None:
    stranger = signed_in(Role.AGENT)
    stranger.get("/notices")
    assert stranger.post("/notices/acknowledge", number=case.ticket.number).status_code == 404
    assert stranger.post("/notices/acknowledge", number="tidak-ada").status_code == 404
    visit = signed_in(user=case.manager)
    visit.get("/notices")
    name_subject(rt, case.ticket, case.manager.id)
    assert visit.post("/notices/acknowledge", number=case.ticket.number).status_code == 404
    assert "escalation_acknowledged" not in kinds(rt, case.ticket)


def test_the_ticket_shows_who_must_answer_and_who_has(rt: Runtime, signed_in: SignIn, case: Case) -> None:
    supervisor = a_user(rt, Role.SUPERVISOR)
    visit = opened(signed_in(user=supervisor), case.ticket)
    assert "Belum ditanggapi. Kalau tidak ditanggapi, naik ke jenjang berikutnya:" in visit.text
    visit.send(f"/tickets/{case.ticket.number}/acknowledge")
    assert "Eskalasi sudah ditanggapi." in visit.text
    assert f"Ditanggapi oleh {supervisor.name}," in visit.text
    assert f"Eskalasi ditanggapi oleh {supervisor.name}" in visit.text
    assert "Saya tangani eskalasi ini" not in visit.text


def test_an_auditor_only_reads_though_she_stands_at_the_level(
    rt: Runtime, signed_in: SignIn, case: Case
) -> None:
    person = a_user(rt, Role.AUDITOR)

    def sits_in_the_committee(session: Session) -> None:
        session.get_one(User, person.id).position = Position.COMMITTEE

    rt.write(sits_in_the_committee)
    auditor = opened(signed_in(user=person), case.ticket)
    assert "Saya tangani eskalasi ini" not in auditor.text
    assert auditor.post(f"/tickets/{case.ticket.number}/acknowledge").status_code == 403
    assert auditor.post("/notices/acknowledge", number=case.ticket.number).status_code == 403


def test_unanswered_the_history_says_why_the_next_level_was_told(
    rt: Runtime, signed_in: SignIn, case: Case
) -> None:
    rt.write(lambda session: sweeps.run_within(session, now=rt.now() + timedelta(hours=6)))
    visit = opened(signed_in(Role.SUPERVISOR), case.ticket)
    assert "Eskalasi ke L3, manajer wilayah karena L2 tidak menanggapi: Penyelesaian" in visit.text
    assert "Jenjang yang lebih tinggi sudah diberi tahu." in visit.text


def test_a_note_of_whom_the_ladder_told_counts(rt: Runtime, signed_in: SignIn, case: Case) -> None:
    def give_the_right(session: Session) -> None:
        row = session.get_one(User, case.manager.id)
        row.role = Role.SUPERVISOR

    rt.write(give_the_right)
    visit = opened(signed_in(user=case.manager), case.ticket)
    visit.send(f"/tickets/{case.ticket.number}/notes", text="Saya telepon cabangnya.", key="k1")
    assert f"Eskalasi ditanggapi oleh {case.manager.name} dengan mengerjakan tiket" in visit.text


def test_the_list_asks_as_often_however_many_wait(rt: Runtime, case: Case) -> None:
    from statements import counted

    from helpdesk.queries.notifications import unread
    from helpdesk.queries.visibility import load_viewer

    def more(session: Session) -> None:
        for _ in range(5):
            ticket = make_ticket(session, unit=case.point, team=make_team(session), severity=Severity.S2)
            sla.start_clocks(session, ticket, now=rt.now())
        make_user(session)
        sweeps.run_within(session, now=rt.now())

    def count(session: Session) -> tuple[int, int]:
        viewer = load_viewer(session, case.manager.id)
        assert viewer is not None
        with counted(session) as statements:
            rows = unread(session, viewer)
        return len(rows), len(statements)

    one = rt.read(count)
    rt.write(more)
    many = rt.read(count)
    assert (one[0], many[0]) == (1, 6)
    assert many[1] == one[1] <= 5
