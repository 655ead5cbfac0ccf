"""Presence, breaks, who may take what from whom, and what the pages say of an assignment that made itself."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from ticket_stories import PAY, SignIn, a_ticket, address, opened, reload
from visits import Visit, a_user, stored

from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, Presence, Role, Team, User
from helpdesk.models.tickets import AuditEntry, Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import assignment, ownership, presence, tickets


def seen_at(rt: Runtime) -> list[object]:
    return [row.seen_at for row in stored(rt, select(Presence))]


class TestSignsOfLife:
    def test_a_page_is_one_at_most_once_a_minute(self, rt: Runtime, signed_in: SignIn) -> None:
        visit = signed_in()
        visit.get("/queue")
        assert seen_at(rt) == [NOW]
        rt.now = lambda: NOW + timedelta(seconds=59)
        visit.get("/queue")
        assert seen_at(rt) == [NOW]
        rt.now = lambda: NOW + timedelta(minutes=2)
        visit.get("/notices")
        assert seen_at(rt) == [NOW + timedelta(minutes=2)]

    @pytest.mark.parametrize(
        ("headers", "counts"),
        [({"X-Requested-With": "fetch"}, False), ({"X-Requested-With": "fetch", "X-Present": "1"}, True)],
        ids=["an unattended screen", "somebody sits before it"],
    )
    def test_live_rows_are_one_only_while_somebody_moves(
        self, rt: Runtime, signed_in: SignIn, headers: dict[str, str], counts: bool
    ) -> None:
        visit = signed_in()
        visit.get("/queue")
        rt.now = lambda: NOW + timedelta(minutes=5)
        assert visit.client.get("/queue/rows?view=urgent", headers=headers).status_code == 200
        assert seen_at(rt) == [NOW + timedelta(minutes=5) if counts else NOW]

    def test_the_wall_and_strangers_are_none(self, rt: Runtime, signed_in: SignIn, visit: Visit) -> None:
        visit.get("/login")
        supervisor = signed_in(Role.SUPERVISOR)
        supervisor.get("/wall")
        assert seen_at(rt) == []

    def test_a_page_is_shown_where_it_cannot_be_written(self, rt: Runtime, signed_in: SignIn) -> None:
        visit = signed_in()
        refusals = {
            "sqlite": "CREATE TRIGGER closed BEFORE INSERT ON presence BEGIN SELECT RAISE(ABORT, 'closed'); END",
            "postgresql": "ALTER TABLE presence ADD CONSTRAINT closed CHECK (user_id < 0)",
        }
        rt.write(lambda session: session.execute(text(refusals[rt.engine.dialect.name])))
        assert visit.get("/queue").status_code == 200
        assert seen_at(rt) == []


class TestBreaks:
    def test_a_button_begins_and_ends_a_break(self, rt: Runtime, signed_in: SignIn) -> None:
        visit = signed_in(teams=PAY)
        visit.get("/queue?view=mine")
        answer = visit.post("/presence", away="1", next=visit.hidden("next"))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/queue?view=mine")
        visit.get("/queue")
        assert "Anda sedang istirahat." in visit.text
        assert "Kembali bekerja" in visit.text
        visit.send("/presence", away="0")
        assert "Selamat bekerja kembali." in visit.text
        assert [row.is_away for row in stored(rt, select(Presence))] == [False]

    def test_it_leads_nowhere_else(self, signed_in: SignIn) -> None:
        visit = signed_in()
        visit.get("/queue")
        answer = visit.post("/presence", away="1", next="//evil.example/")
        assert answer.headers["Location"] == "/queue"

    def test_only_who_handles_tickets_has_one(self, signed_in: SignIn) -> None:
        visit = signed_in(Role.AUDITOR)
        visit.get("/audit")
        assert 'action="/presence"' not in visit.page
        assert visit.post("/presence", away="1").status_code == 403


class TestTakenMeanwhile:
    def give(self, rt: Runtime, ticket: Ticket, user: User) -> None:
        rt.write(
            lambda session: tickets.claim(session, ticket.id, user_id=user.id, actor="user:x", now=rt.now())
        )

    def test_an_agent_who_leaves_out_what_she_saw_takes_from_nobody(
        self, rt: Runtime, signed_in: SignIn
    ) -> None:
        ticket, sari, budi = (
            a_ticket(rt),
            a_user(rt, Role.AGENT, teams=PAY),
            a_user(rt, Role.AGENT, teams=PAY),
        )
        self.give(rt, ticket, sari)
        visit = opened(signed_in(teams=PAY), ticket)
        assert visit.post(address(ticket, "/assign"), assignee=budi.public_id).status_code == 409
        assert reload(rt, ticket).assignee_id == sari.id

    @pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR], ids=lambda role: role.value)
    def test_whoever_has_an_old_page_is_refused_in_words_and_sees_who_has_it(
        self, rt: Runtime, signed_in: SignIn, role: Role
    ) -> None:
        ticket, sari, budi = (
            a_ticket(rt),
            a_user(rt, Role.AGENT, teams=PAY),
            a_user(rt, Role.AGENT, teams=PAY),
        )
        visit = opened(signed_in(role, teams=PAY), ticket)
        seen = visit.hidden("seen_assignee")
        self.give(rt, ticket, sari)
        answer = visit.post(address(ticket, "/assign"), assignee=budi.public_id, seen_assignee=seen)
        assert (seen, answer.status_code) == ("", 409)
        assert reload(rt, ticket).assignee_id == sari.id
        assert "Tiket ini sudah diambil orang lain." in visit.text
        assert sari.name in visit.text

    @pytest.mark.parametrize(("role", "is_moved"), [(Role.AGENT, False), (Role.SUPERVISOR, True)])
    def test_from_the_list_only_a_supervisor_moves_what_others_have(
        self, rt: Runtime, signed_in: SignIn, role: Role, is_moved: bool
    ) -> None:
        ticket, sari, budi = (
            a_ticket(rt),
            a_user(rt, Role.AGENT, teams=PAY),
            a_user(rt, Role.AGENT, teams=PAY),
        )
        self.give(rt, ticket, sari)
        visit = signed_in(role, teams=PAY)
        visit.get("/queue")
        visit.send("/queue/bulk", number=ticket.number, action="assign", assignee=budi.public_id)
        assert reload(rt, ticket).assignee_id == (budi.id if is_moved else sari.id)
        assert is_moved or "sudah diambil orang lain" in visit.text


def test_the_page_says_why_a_ticket_was_given_by_itself(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    sari, budi = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.AGENT, teams=PAY)

    def assign(session: Session) -> None:
        session.scalars(select(Team).where(Team.code == "pembayaran")).one().is_auto_assigned = True
        session.get_one(User, sari.id).skills = ["whatsapp"]
        presence.note_seen(session, sari.id, now=NOW)
        presence.set_away(session, budi.id, is_away=True, now=NOW)
        assignment.assign_by_itself(session, ticket.id, now=NOW)

    rt.write(assign)
    visit = opened(signed_in(user=sari), ticket)
    assert f"Diberikan otomatis kepada {sari.name}" in visit.text
    assert "Kenapa saya?" in visit.text
    assert f"1. {sari.name} : keahlian cocok: whatsapp; beban 0 (0 tiket)" in visit.text
    assert f"{budi.name} : istirahat" in visit.text
    assert "Harus bertindak paling lambat" in visit.text
    assert f"{budi.name} (0) · istirahat" in visit.text
    assert f"Kenapa {sari.name}?" in opened(signed_in(Role.SUPERVISOR), ticket).text


def test_what_came_back_has_a_view_and_the_supervisor_a_notice_that_leads_there(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    sari, head = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.SUPERVISOR, teams=PAY)

    def leave(session: Session) -> None:
        session.get_one(Ticket, ticket.id).severity = Severity.S1
        presence.note_seen(session, sari.id, now=NOW)
        tickets.assign(session, ticket.id, assignee_id=sari.id, actor="user:x", now=NOW)

    rt.write(leave)
    rt.now = lambda: NOW + timedelta(hours=1)
    for work in rt.read(lambda session: ownership.returns(session, now=rt.now())):
        rt.write(lambda session, work=work: ownership.give_back(session, work, now=rt.now()))
    visit = signed_in(user=head)
    visit.get("/notices")
    assert f"Kembali ke antrean: pekerjaan {sari.name}" in visit.text
    assert 'href="/queue?view=returned"' in visit.page
    visit.get("/queue?view=returned")
    assert ticket.number in visit.page
    assert f"Kembali ke antrean: {sari.name} tidak terlihat bekerja" in opened(visit, ticket).text
    visit.send(address(ticket, "/take"))
    assert ticket.number not in visit.get("/queue?view=returned").get_data(as_text=True)
    assert len(stored(rt, select(Notification).where(Notification.kind == "returned_to_queue"))) == 1


class TestAdministration:
    def test_shift_skills_and_capacity_are_set_and_audited(self, rt: Runtime, signed_in: SignIn) -> None:
        sari, visit = a_user(rt, Role.AGENT), signed_in(Role.ADMIN)
        page = f"/admin/users/{sari.public_id}/work"
        visit.get(page)
        visit.send(
            page, mon="08.00-12.00, 13.00-17.00", sat="22.00-06.00", skills=["FRD", "id", "zzz"], capacity="7"
        )
        assert "Perubahan disimpan." in visit.text
        assert "Dengan jadwal" in visit.text
        stands = stored(rt, select(User).where(User.id == sari.id))[0]
        assert stands.shift == {
            "mon": [["08:00", "12:00"], ["13:00", "17:00"]],
            "sat": [["22:00", "24:00"]],
            "sun": [["00:00", "06:00"]],
        }
        assert (stands.skills, stands.capacity) == (["FRD", "id"], 7)
        visit.get(page)
        assert 'value="22:00-06:00"' in visit.page
        visit.send(page, mon="", skills=[], capacity="")
        stands = stored(rt, select(User).where(User.id == sari.id))[0]
        assert (stands.shift, stands.skills, stands.capacity) == (None, [], None)
        kinds = [row.kind for row in stored(rt, select(AuditEntry).order_by(AuditEntry.serial))]
        assert kinds.count("work_changed") == 2

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("tue", "pagi", "Tulis jam seperti"),
            ("capacity", "banyak", "Tulis angka"),
            ("capacity", "9999", "Tulis angka"),
        ],
    )
    def test_what_is_wrong_is_told_and_kept(
        self, rt: Runtime, signed_in: SignIn, field: str, value: str, words: str
    ) -> None:
        sari, visit = a_user(rt, Role.AGENT), signed_in(Role.ADMIN)
        page = f"/admin/users/{sari.public_id}/work"
        visit.get(page)
        assert visit.post(page, **{field: value}).status_code == 422
        assert words in visit.text
        assert f'value="{value}"' in visit.page

    def test_a_team_is_switched_and_stays_off_until_then(self, rt: Runtime, signed_in: SignIn) -> None:
        visit = signed_in(Role.ADMIN)
        assert stored(rt, select(Team).where(Team.is_auto_assigned)) == []
        visit.get("/admin/teams")
        visit.send("/admin/teams/penipuan", auto="1")
        assert [team.code for team in stored(rt, select(Team).where(Team.is_auto_assigned))] == ["penipuan"]
        visit.send("/admin/teams/penipuan", auto="0")
        assert stored(rt, select(Team).where(Team.is_auto_assigned)) == []
        assert visit.post("/admin/teams/zebra", auto="1").status_code == 404
