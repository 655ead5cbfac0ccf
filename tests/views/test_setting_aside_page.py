"""The ticket page sets aside and brings back; the queue has a view of what was set aside."""

from talk import LENDER, PAID
from ticket_stories import ANSWER, PAY, SignIn, a_ticket, address, opened, reload, tickets

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import Role
from helpdesk.runtime import Runtime
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission, register

SPAM = "Jual gorden murah, warna lengkap, bisa kirim ke seluruh kota"


def test_it_leaves_the_queue_for_a_view_of_its_own_and_comes_back(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt, SPAM)
    visit = opened(signed_in(teams=PAY), ticket)
    assert visit.post(address(ticket, "/set-aside"), **{"as": "zebra"}).status_code == 422
    visit.send(address(ticket, "/set-aside"), **{"as": "spam"})
    assert "Disisihkan: Spam atau iklan" in visit.text
    visit.get("/queue?view=all")
    assert ticket.number in visit.page
    visit.get("/queue?view=set_aside")
    assert ticket.number in visit.page
    visit.get("/queue?view=unassigned")
    assert ticket.number not in visit.page
    visit.get(address(ticket))
    visit.send(address(ticket, "/bring-back"))
    assert reload(rt, ticket).status == "open"
    visit.get("/queue?view=set_aside")
    assert ticket.number not in visit.page


def test_a_number_that_is_not_hers_is_let_go(rt: Runtime, signed_in: SignIn) -> None:
    submission = Submission(
        channel=ChannelCode.WEB, text=PAID, person=Person(phone="+6285766667777"), received_at=rt.now()
    )
    rt.write(lambda s: register(s, submission, scope="web", key=None, lender=LENDER, now=rt.now()))
    ticket = tickets(rt)[0]
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Lepas nomor" in visit.text
    visit.send(address(ticket, "/replies"), text=ANSWER)
    visit.send(address(ticket, "/not-hers"))
    assert "Nomor ternyata bukan milik Mitra" in visit.text
    assert "nomor ini bukan milik Mitra (wrong_number)" in visit.text
    assert "Lepas nomor" not in visit.text


def test_a_reader_sets_nothing_aside_and_an_agent_no_grave_one(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt, "petugas minta uang rokok 50 ribu")
    visit = opened(signed_in(teams=PAY), ticket)
    assert visit.post(address(ticket, "/set-aside"), **{"as": "spam"}).status_code == 409
    assert "Minta penyelia" in visit.text
    reader = opened(signed_in(Role.COMPLIANCE), ticket)
    assert reader.post(address(ticket, "/set-aside"), **{"as": "spam"}).status_code == 403
    assert reload(rt, ticket).set_aside_as is None
