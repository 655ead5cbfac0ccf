"""What a contact adds may be about staff, or graver than before: by chat, on the web and through the app alike."""

from datetime import timedelta

import pytest
from factories import make_contact, make_ladder, make_user
from installing import NOW
from query_samples import viewer_of
from sqlalchemy.orm import Session
from talk import event_kinds, resolve, tell, ticket_of

from helpdesk.domain.errors import NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.severity import Severity
from helpdesk.models.people import OrgUnit, Position, Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.ticket import ticket_by_number
from helpdesk.services import registration, tickets

PAID = "Bu saya sudah bayar angsuran lewat VA tgl 3 tapi belum masuk"
SLAPPED = "Petugas BP Andi datang lagi, membentak dan menampar saya"
PHONE = "+6285788800123"
LATER = NOW + timedelta(minutes=9)


@pytest.fixture
def point(session: Session) -> OrgUnit:
    return make_ladder(session)[2]


@pytest.fixture
def ticket(session: Session, point: OrgUnit) -> Ticket:
    make_contact(session, phone=PHONE, unit_id=point.id)
    ticket = ticket_of(session, tell(session, PAID, now=NOW, phone=PHONE))
    ticket.unit_id = point.id
    return ticket


def add(session: Session, ticket: Ticket, how: str, text: str) -> None:
    if how == "chat":
        assert tell(session, text, now=LATER, phone=PHONE).ticket_id == ticket.id
    else:
        registration.add_to(session, ticket.number, text, channel=ChannelCode.WEB, now=LATER)


@pytest.mark.parametrize("how", ["chat", "web"])
@pytest.mark.parametrize("state", ["untaken", "taken", "answered"])
def test_the_point_reads_no_further_once_it_is_about_its_staff(
    session: Session, point: OrgUnit, ticket: Ticket, how: str, state: str
) -> None:
    officer = viewer_of(session, make_user(session, Role.FIELD, position=Position.BP, unit=point))
    assert ticket_by_number(session, officer, ticket.number, now=NOW)
    if state == "taken":
        tickets.assign(session, ticket.id, assignee_id=make_user(session).id, actor="user:x", now=NOW)
    elif state == "answered":
        resolve(session, ticket, now=NOW)
    add(session, ticket, how, SLAPPED)
    with pytest.raises(NotFound):
        ticket_by_number(session, officer, ticket.number, now=LATER)
    assert event_kinds(session, ticket.id).count("became_about_staff") == 1
    assert (ticket.assignee_id is not None) is (state == "taken")


def test_an_assignee_of_the_point_loses_it_to_the_team(
    session: Session, point: OrgUnit, ticket: Ticket
) -> None:
    manager = make_user(session, Role.AGENT, unit=point)
    tickets.assign(session, ticket.id, assignee_id=manager.id, actor="user:x", now=NOW)
    add(session, ticket, "chat", SLAPPED)
    assert ticket.assignee_id is None
    add(session, ticket, "chat", SLAPPED)
    assert event_kinds(session, ticket.id).count("became_about_staff") == 1


@pytest.mark.parametrize("how", ["chat", "web"])
def test_more_of_the_same_bars_nobody(session: Session, ticket: Ticket, how: str) -> None:
    add(session, ticket, how, "Ini saya kirim lagi bukti transfernya, petugas sudah tahu")
    assert not ticket.is_about_staff
    assert "became_about_staff" not in event_kinds(session, ticket.id)


@pytest.mark.parametrize("how", ["chat", "web"])
def test_what_is_added_is_weighed_by_every_way(session: Session, ticket: Ticket, how: str) -> None:
    assert ticket.severity > Severity.S1
    add(session, ticket, how, SLAPPED)
    assert ticket.severity == Severity.S1
