"""An account may write without its number, then with it: in whatever order, and at once, it is one contact."""

from itertools import permutations

import pytest
from installing import NOW
from overlap import overlap
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds

from helpdesk.domain.messages import ChannelCode, InboundMessage
from helpdesk.models.contacts import Contact, Handle
from helpdesk.models.tickets import Ticket
from helpdesk.queries.audit_check import verify
from helpdesk.runtime import Runtime
from helpdesk.services import contacts, intake
from helpdesk.services.contacts import Person

PHONE, ACCOUNT = "+6285700011199", "ID.7100000000000009"
TEL, BSUID = f"tel:{PHONE}", f"bsuid:{ACCOUNT}"
SHAPES = {
    "phone": (f"whatsapp:{PHONE}", (TEL,)),
    "account": (f"whatsapp:{ACCOUNT}", (BSUID,)),
    "both": (f"whatsapp:{PHONE}", (TEL, BSUID)),
}


def write(session: Session, shape: str, channel: ChannelCode = ChannelCode.WHATSAPP) -> Ticket:
    address, aliases = SHAPES[shape]
    message = InboundMessage(channel, f"SM{shape}{channel}", address, aliases, text=PAID, display_name="Sari")
    received = intake.receive_message(session, message, lender=LENDER, now=NOW)
    return session.get_one(Ticket, received.ticket_id)


def owners(session: Session) -> set[int]:
    return {*session.scalars(select(Handle.contact_id)), *session.scalars(select(Ticket.contact_id))}


@pytest.mark.parametrize("order", list(permutations(SHAPES)), ids="-".join)
def test_in_whatever_order_she_is_one_contact_with_her_phone(
    session: Session, order: tuple[str, ...]
) -> None:
    tickets = [write(session, shape) for shape in order]
    [contact_id] = owners(session)
    assert [contact.id for contact in session.scalars(select(Contact))] == [contact_id]
    assert session.get_one(Contact, contact_id).phone == PHONE
    united = {ticket.id for ticket in tickets if "contact_united" in event_kinds(session, ticket.id)}
    assert len(united) == (order[2] == "both")


def test_her_sms_and_her_account_are_tied_by_her_first_message_with_both(session: Session) -> None:
    write(session, "phone", ChannelCode.SMS)
    write(session, "account")
    assert len(owners(session)) == 2
    write(session, "both")
    assert len(owners(session)) == 1


@pytest.mark.parametrize("who", ["phone", "account"])
def test_whom_we_know_stays_and_the_bare_account_goes(session: Session, who: str) -> None:
    known = session.get_one(Contact, write(session, who).contact_id)
    contacts.learn(session, known, name="Sari Contoh", village="Sukamaju")
    write(session, "account" if who == "phone" else "phone")
    write(session, "both")
    assert owners(session) == {known.id}
    assert (known.name, known.phone) == ("Sari Contoh", PHONE)


@pytest.mark.parametrize("why", ["both are known", "shared phone", "erased"])
def test_who_may_be_two_people_stays_two(session: Session, why: str) -> None:
    one, other = (
        session.get_one(Contact, write(session, shape).contact_id) for shape in ("phone", "account")
    )
    if why == "both are known":
        for number, contact in enumerate((one, other)):
            contacts._fill(session, contact, Person(mitra_id=f"M-{number}"))
    elif why == "shared phone":
        for handle in session.scalars(select(Handle).where(Handle.contact_id == one.id)):
            handle.is_shared = True
    else:
        other.erased_at = NOW
    write(session, "both")
    assert owners(session) == {one.id, other.id}


def test_whom_people_have_parted_stays_parted(session: Session) -> None:
    ticket = write(session, "both")
    account = write(session, "account")
    account.contact_id = contacts.stranger(session, session.get_one(Contact, ticket.contact_id), now=NOW).id
    session.scalars(
        select(Handle).where(Handle.id == account.handle_id)
    ).one().contact_id = account.contact_id
    session.flush()
    address, aliases = SHAPES["both"]
    again = InboundMessage(ChannelCode.WHATSAPP, "SMlater", address, aliases, text="Halo")
    intake.receive_message(session, again, lender=LENDER, now=NOW)
    assert len(owners(session)) == 2


@pytest.mark.parametrize(("first", "second"), [("account", "both"), ("both", "account")])
def test_at_once_too(rt: Runtime, first: str, second: str) -> None:
    rt.write(lambda session: write(session, "phone"))
    overlap(rt, lambda session: write(session, first), lambda session: write(session, second))
    assert len(rt.read(owners)) == 1
    assert rt.read(verify) is None
