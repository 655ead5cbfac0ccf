"""Actions of the ticket page, each with its refusal: taking, giving away, status, category, severity."""

from sqlalchemy import select
from talk import resolve
from ticket_stories import PAY, SignIn, a_ticket, address, name_subject, opened, reload
from visits import a_user, stored

from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime


def test_taking_has_one_winner(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    sari = a_user(rt, Role.AGENT, teams=PAY)
    first, second = opened(signed_in(user=sari), ticket), opened(signed_in(teams=PAY), ticket)
    assert first.post(address(ticket, "/take")).status_code == 303
    assert second.post(address(ticket, "/take")).status_code == 409
    assert "sudah diambil orang lain" in second.text
    assert reload(rt, ticket).assignee_id == sari.id


def test_a_ticket_goes_to_a_colleague_and_never_to_one_complained_about(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    colleague, accused = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.AGENT, teams=PAY)
    name_subject(rt, ticket, accused.id)
    visit = opened(signed_in(teams=PAY), ticket)
    assert colleague.public_id in visit.page
    assert accused.public_id not in visit.page
    assert visit.post(address(ticket, "/assign"), assignee=accused.public_id).status_code == 422
    visit.send(address(ticket, "/assign"), assignee=colleague.public_id)
    assert reload(rt, ticket).assignee_id == colleague.id
    assert f"Petugas: – → {colleague.name}" in visit.text
    visit.send(address(ticket, "/assign"), assignee="", seen_assignee=visit.hidden("seen_assignee"))
    assert reload(rt, ticket).assignee_id is None


def test_a_ticket_given_to_another_team_leads_back_to_the_queue(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert visit.post(address(ticket, "/assign"), team="zebra").status_code == 422
    visit.send(address(ticket, "/assign"), team="digital")
    assert "Tiket ini sekarang di tim lain." in visit.text
    assert visit.get(address(ticket)).status_code == 404
    wanted = stored(
        rt, select(Team.code).join(Ticket, Ticket.team_id == Team.id).where(Ticket.id == ticket.id)
    )
    assert wanted == ["digital"]


def test_the_status_moves_where_it_may_and_resolving_has_its_own_page(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    for refused in ("resolved", "closed", "zebra", ""):
        assert visit.post(address(ticket, "/status"), status=refused).status_code == 422
    visit.send(address(ticket, "/status"), status="on_hold", reason="Menunggu bank")
    assert "Baru → Menunggu pihak lain. Alasan: Menunggu bank" in visit.text
    assert visit.post(address(ticket, "/status"), status="on_hold").status_code == 409
    assert reload(rt, ticket).status == "on_hold"


def test_opening_an_answered_ticket_again_asks_why(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    rt.write(lambda session: resolve(session, session.get_one(Ticket, ticket.id), now=rt.now()))
    visit = opened(signed_in(teams=PAY), ticket)
    refused = visit.post(address(ticket, "/status"), status="open", reason=" ")
    assert refused.status_code == 422
    assert 'id="reopen-reason-error"' in refused.text
    visit.send(address(ticket, "/status"), status="open", reason="Salah hitung")
    assert "Alasan: Salah hitung" in visit.text
    assert reload(rt, ticket).status == "open"


def test_a_supervisor_does_not_take_a_ticket_from_whoever_took_it_meanwhile(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    supervisor, agent = opened(signed_in(Role.SUPERVISOR), ticket), opened(signed_in(teams=PAY), ticket)
    seen = supervisor.hidden("seen_assignee")
    agent.send(address(ticket, "/take"))
    owner = reload(rt, ticket).assignee_id
    answer = supervisor.post(address(ticket, "/assign"), assignee="", seen_assignee=seen)
    assert answer.status_code == 409
    assert reload(rt, ticket).assignee_id == owner
    supervisor.send(address(ticket, "/assign"), assignee="", seen_assignee=supervisor.hidden("seen_assignee"))
    assert reload(rt, ticket).assignee_id is None


def test_a_corrected_category_changes_severity_and_team(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert visit.post(address(ticket, "/category"), category="ZEBRA").status_code == 422
    visit.send(address(ticket, "/category"), category="DIG-ERROR")
    assert reload(rt, ticket).category_code == "DIG-ERROR"
    assert "Kategori diubah: Aplikasi error/lambat" in visit.text
    assert "Tim Layanan Digital" in visit.text


def test_only_a_supervisor_says_that_a_complaint_is_not_about_staff(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    supervisor = opened(signed_in(Role.SUPERVISOR), ticket)
    assert 'name="not_about_staff"' not in supervisor.page
    rt.write(lambda session: setattr(session.get_one(Ticket, ticket.id), "is_about_staff", True))
    agent = opened(signed_in(teams=PAY), ticket)
    assert 'name="not_about_staff"' not in agent.page
    form = {"category": "BYR-SALDO", "not_about_staff": "1"}
    assert agent.post(address(ticket, "/category"), **form).status_code == 403
    agent.send(address(ticket, "/category"), category="BYR-SALDO")
    assert reload(rt, ticket).is_about_staff
    assert 'name="not_about_staff"' in opened(supervisor, ticket).page
    supervisor.send(address(ticket, "/category"), **form)
    assert not reload(rt, ticket).is_about_staff
    assert "Tentang petugas: ya → –" in supervisor.text


def test_only_a_supervisor_overrides_the_severity_and_says_why(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    agent = opened(signed_in(teams=PAY), ticket)
    assert "Ubah tingkat" not in agent.text
    assert agent.post(address(ticket, "/severity"), impact="I4", urgency="U3", reason="x").status_code == 403
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert visit.post(address(ticket, "/severity"), impact="I4", urgency="U3", reason=" ").status_code == 422
    assert 'id="impact" name="impact" value="I4" checked' in visit.page
    assert visit.post(address(ticket, "/severity"), impact="I9", urgency="U3", reason="x").status_code == 422
    visit.send(address(ticket, "/severity"), impact="I4", urgency="U3", reason="Ada ancaman")
    assert reload(rt, ticket).severity == "S1"
    assert "Tingkat diubah: S2 → S1. Alasan: Ada ancaman" in visit.text
    assert "diubah oleh penyelia" in visit.text
