"""Calls and letters that wait for a person: on the ticket, on a page of their own, and as a letter to print."""

import re

import pypdfium2
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import resolve
from ticket_stories import PAY, SignIn, a_ticket, address, opened
from visits import stored

from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.messages import Purpose
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Message, OutboxItem
from helpdesk.models.outreach import ContactTask
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import delivery


def a_lost_answer(rt: Runtime) -> Ticket:
    """A decision that WhatsApp did not bring to somebody whose phone others use, too."""
    ticket = a_ticket(rt)

    def lose(session: Session) -> None:
        mine = session.get_one(Ticket, ticket.id)
        resolve(session, mine, now=rt.now())
        session.get_one(Contact, mine.contact_id).phone_digest = None
        query = select(Message).where(Message.ticket_id == ticket.id, Message.purpose == Purpose.ANSWER)
        message = session.scalars(query).one()
        item = session.scalars(select(OutboxItem).where(OutboxItem.message_id == message.id)).one()
        delivery.record_failure(session, item.id, code="63003", outcome=SendOutcome.BAD_ADDRESS, now=rt.now())

    rt.write(lose)
    return ticket


def test_a_lost_answer_is_a_call_then_a_letter(rt: Runtime, signed_in: SignIn) -> None:
    ticket, visit = a_lost_answer(rt), signed_in(teams=PAY)
    visit.get("/tasks")
    assert "Telepon Mitra" in visit.text
    assert signed_in(teams=("triase",)).get("/tasks").status_code == 200
    opened(visit, ticket)
    assert "Tugas dibuat: Telepon Mitra" in visit.text
    [task] = stored(rt, select(ContactTask))
    where = address(ticket, "") + f"/tasks/{task.public_id}"
    assert visit.post(where, result="nonsense").status_code == 422
    assert visit.post(where, result="not_reached", note="Tidak diangkat").status_code == 303
    opened(visit, ticket)
    assert "Tidak terhubung, kirim surat" in visit.text
    assert "Tidak diangkat" in visit.text
    assert visit.post(where, result="reached").status_code == 409
    links = re.findall(r"/tickets/[\d-]+/tasks/[\w-]+/letter\.pdf", visit.page) or re.findall(
        r"[^\"]+letter\.pdf", opened(visit, ticket).page
    )
    answer = visit.client.get(links[-1])
    page = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_bounded()
    assert "Sudah kami betulkan, Ibu." in page
    assert "Kepada" in page
    assert "Balas" not in page, "nobody can press 1 on paper"
    assert "Beri tanda, lalu berikan surat ini" in page
    stranger = signed_in(teams=("triase",))
    stranger.get("/tasks")
    assert stranger.get(links[-1]).status_code == 404
    assert "Telepon Mitra" not in stranger.text


def test_an_agent_makes_a_task_herself(rt: Runtime, signed_in: SignIn) -> None:
    ticket, visit = a_ticket(rt), signed_in(teams=PAY)
    opened(visit, ticket)
    assert visit.post(address(ticket, "") + "/tasks", kind="dance").status_code == 422
    assert visit.post(address(ticket, "") + "/tasks", kind="meet").status_code == 303
    opened(visit, ticket)
    assert "Temui Mitra" in visit.text
    assert "Dibuat oleh petugas." in visit.text
