"""Who it may be that calls: found by any spelling, sifted by majelis, with what she may mean, for who may see it."""

import pytest
from factories import make_contact, make_ticket, make_unit, make_user
from installing import NOW
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.people import Role
from helpdesk.queries.callers import callers
from helpdesk.queries.visibility import Viewer, load_viewer
from helpdesk.services.contacts import Person, contact_for, index_contact


def a_viewer(session: Session, role: Role, **more: object) -> Viewer:
    found = load_viewer(session, make_user(session, role, **more).id)  # type: ignore[arg-type]
    assert found is not None
    return found


def a_mitra(session: Session, name: str, majelis: str, village: str = "", **more: object) -> int:
    person = Person(name=name, majelis=majelis, village=village or None, **more)  # type: ignore[arg-type]
    return contact_for(session, person, now=NOW).id


@pytest.mark.parametrize(
    "spelling", ["0812 3456 7890", "+62 812-3456-7890", "6281234567890", "(0812) 3456.7890", "812 3456 7890"]
)
def test_a_phone_is_found_however_it_is_said(session: Session, spelling: str) -> None:
    viewer = a_viewer(session, Role.AGENT)
    first = a_mitra(session, "Siti Aminah", "Melati", phone="0812 3456 7890")
    second = a_mitra(session, "Kartini", "Mawar", phone="0812 3456 7890")
    found = callers(session, viewer, spelling)
    assert {each.contact.id for each in found} == {first, second}, "a phone is shared"
    assert all(each.contact.phone == "0812-****-7890" for each in found)


def test_many_of_one_name_are_sifted_by_majelis_or_village(session: Session) -> None:
    viewer = a_viewer(session, Role.SUPERVISOR)
    wanted = a_mitra(session, "Siti Aminah", "Melati Jaya", "Sukamaju")
    for serial in range(25):
        a_mitra(session, "Siti Aminah", f"Mawar {serial}")
    assert len(callers(session, viewer, "siti aminah")) == 20
    for place in ("melati", "SUKAMAJU", "jaya melati"):
        assert [each.contact.id for each in callers(session, viewer, "siti aminah", place=place)] == [wanted]
    assert callers(session, viewer, "siti aminah", place="tulip") == ()


def test_she_is_shown_with_what_is_not_closed_and_may_be_seen(session: Session) -> None:
    point = make_unit(session, code="BGR")
    contact = make_contact(session, phone="+6281234567890", unit_id=point.id)
    index_contact(session, contact)
    seen = make_ticket(session, contact=contact, unit=point)
    answered = make_ticket(session, contact=contact, unit=point, status=TicketStatus.RESOLVED)
    make_ticket(session, contact=contact, unit=point, status=TicketStatus.CLOSED)
    barred = make_ticket(session, contact=contact, unit=point, is_about_staff=True)
    supervisor, field = a_viewer(session, Role.SUPERVISOR), a_viewer(session, Role.FIELD, unit=point)
    stranger = a_viewer(session, Role.AGENT)
    with counted(session) as statements:
        [caller] = callers(session, supervisor, "0812 3456 7890")
    assert len(statements) == 3
    numbers = {ticket.number for ticket in (seen, answered, barred)}
    assert {each.number for each in caller.complaints} == numbers
    [near] = callers(session, field, "0812 3456 7890")
    assert {each.number for each in near.complaints} == numbers - {barred.number}
    assert [each.complaints for each in callers(session, stranger, "0812 3456 7890")] == [()]
