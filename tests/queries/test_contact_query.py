"""Finding people, and who may."""

import pytest
from factories import NOW, make_contact, make_handle, make_ladder, make_team, make_ticket, make_user
from query_samples import a_viewer, add_contact_words, add_subject, viewer_of
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted
from talk import LENDER

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import Forbidden, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.contacts import Contact
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.contacts import contact_page, find, lookup
from helpdesk.queries.ticket import ticket_by_number
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.services.contacts import Person
from helpdesk.services.entry import Typist, register_for_contact
from helpdesk.services.registration import Submission
from helpdesk.services.reveals import reveal_phone


def siti(session: Session, **changes: object) -> Contact:
    digest = keys_of(session).digest("mitra", "20417")
    contact = make_contact(
        session, phone="+6281234567890", name="Siti Aminah", mitra_id="20417", mitra_digest=digest, **changes
    )
    add_contact_words(session, contact.id, "Siti Aminah")
    return contact


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("aminah SITI", True),
        ("siti budi", False),
        ("0812-3456-7890", True),
        ("+6281234567890", True),
        ("20417", True),
        ("4821-9375", True),
        ("", False),
        ("sit", False),
    ],
)
def test_a_contact_is_found_by_name_phone_mitra_or_ticket_number(
    session: Session, text: str, is_found: bool
) -> None:
    contact = siti(session)
    make_ticket(session, contact=contact, number="48219375")
    found = find(session, a_viewer(session), text)
    assert [row.public_id for row in found] == ([contact.public_id] if is_found else [])


def test_counts_hold_only_tickets_the_viewer_may_see(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    contact = siti(session)
    make_ticket(session, contact=contact)
    make_ticket(session, contact=contact, status=TicketStatus.CLOSED)
    hidden = make_ticket(session, contact=contact, number="48219375")
    add_subject(session, hidden, user)
    viewer = viewer_of(session, user)
    row = find(session, viewer, "siti")[0]
    assert (row.ticket_count, row.active_count, row.phone) == (2, 1, "0812-****-7890")
    assert find(session, viewer, "4821-9375") == ()


def test_the_page_lists_addresses_and_visible_tickets(session: Session) -> None:
    contact = siti(session)
    make_handle(session, contact=contact)
    team = make_team(session)
    own = make_ticket(session, contact=contact, team=team)
    make_ticket(session, contact=contact)
    agent = a_viewer(session, Role.AGENT, teams=(team,))
    with counted(session) as seen:
        page = contact_page(session, agent, contact.public_id)
    assert [row.number for row in page.tickets] == [own.number]
    assert len(page.handles) == 1
    assert len(seen) <= 6
    with pytest.raises(NotFound):
        contact_page(session, agent, "nobody")


def test_field_staff_look_up_only_people_of_their_point(session: Session) -> None:
    _, _, point = make_ladder(session)
    field = a_viewer(session, Role.FIELD, unit=point)
    siti(session)
    assert lookup(session, field, mitra_id="20417") == ()
    neighbour = make_contact(session, phone="+6281234567890", unit_id=point.id)
    assert [row.id for row in lookup(session, field, phone="081234567890")] == [neighbour.id]
    assert len(lookup(session, a_viewer(session), phone="081234567890")) == 2
    with pytest.raises(Forbidden):
        find(session, field, "siti")


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.FIELD])
@pytest.mark.parametrize("how", ["about staff of the point", "about the viewer"])
def test_who_is_barred_from_all_her_tickets_does_not_find_her(session: Session, role: Role, how: str) -> None:
    _, _, point = make_ladder(session)
    user = make_user(session, role, unit=point)
    contact = siti(session, unit_id=point.id)
    hidden = make_ticket(
        session, contact=contact, unit=point, number="48219375", is_about_staff="staff" in how
    )
    if "viewer" in how:
        add_subject(session, hidden, user)
    assert seen_by(session, viewer_of(session, user)) == set()
    assert seen_by(session, a_viewer(session, Role.SUPERVISOR)) == set(WAYS)
    with pytest.raises(NotFound):
        reveal_phone(session, contact.public_id, user_id=user.id, point_id=point.id, actor="user:x", now=NOW)
    make_ticket(session, contact=contact, unit=point)
    assert "phone" in seen_by(session, viewer_of(session, user))


def test_a_person_without_tickets_is_no_secret(session: Session) -> None:
    _, _, point = make_ladder(session)
    siti(session, unit_id=point.id)
    assert "phone" in seen_by(session, a_viewer(session, Role.FIELD, unit=point))


def test_a_further_complaint_of_a_hidden_person_is_hers_and_shows_nothing_of_the_first(
    session: Session,
) -> None:
    _, _, point = make_ladder(session)
    user = make_user(session, Role.FIELD, unit=point)
    contact = siti(session, unit_id=point.id)
    make_ticket(session, contact=contact, unit=point, is_about_staff=True)
    submission = Submission(
        channel=ChannelCode.PHONE,
        person=Person(name="Siti", phone="0812-3456-7890", mitra_id="20417", unit_id=point.id),
        text="Uang pinjaman saya belum cair",
        received_at=NOW,
        registered_by_id=user.id,
    )
    typist = Typist(user.id, user.public_id, "user:x", point.id)
    number = register_for_contact(session, submission, typist=typist, key="k", lender=LENDER, now=NOW)
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    assert ticket.contact_id == contact.id
    viewer = viewer_of(session, user)
    (row,) = lookup(session, viewer, mitra_id="20417")
    assert (row.id, row.ticket_count, row.active_count) == (contact.id, 1, 1)
    assert ticket_by_number(session, viewer, number, now=NOW).others == ()


WAYS = ("name", "phone", "mitra id", "number", "page")


def seen_by(session: Session, viewer: Viewer) -> set[str]:
    """Return the ways by which the viewer comes upon siti()."""
    found = {
        "name": lookup(session, viewer, name="siti"),
        "phone": lookup(session, viewer, phone="081234567890"),
        "mitra id": lookup(session, viewer, mitra_id="20417"),
    }
    if can(viewer, Action.READ_CONTACTS):
        for way, text in (("name", "aminah"), ("phone", "081234567890"), ("mitra id", "20417")):
            assert bool(find(session, viewer, text)) == bool(found[way])
        found["number"] = find(session, viewer, "4821-9375")
        contact = session.scalars(select(Contact).where(Contact.name.is_not(None))).one()
        try:
            found["page"] = (contact_page(session, viewer, contact.public_id).contact,)
        except NotFound:
            found["page"] = ()
    return {way for way, rows in found.items() if rows}


def test_an_erased_contact_is_no_longer_found(session: Session) -> None:
    contact = siti(session)
    contact.erased_at = contact.created_at
    session.flush()
    assert find(session, a_viewer(session), "siti") == ()


@pytest.mark.parametrize("role", [Role.PRODUCT, Role.ADMIN, Role.AUDITOR])
def test_other_roles_find_nobody(session: Session, role: Role) -> None:
    viewer = a_viewer(session, role)
    with pytest.raises(Forbidden):
        find(session, viewer, "siti")
    with pytest.raises(Forbidden):
        lookup(session, viewer, name="siti")
