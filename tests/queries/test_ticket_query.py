"""One ticket: what its page holds, who gets it, and at what price."""

import pytest
from factories import NOW, make_contact, make_handle, make_message, make_team, make_ticket, make_user
from query_samples import DAY, HOUR, a_viewer, add_clock, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.errors import Forbidden, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import ChannelCode, Direction, MediaKind
from helpdesk.models.complaints import (
    Improvement,
    ImprovementStatus,
    ImprovementTicket,
    Rating,
    Redress,
    Resolution,
)
from helpdesk.models.messages import Attachment
from helpdesk.models.people import Role, User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.files import file_of
from helpdesk.queries.ticket import OTHERS, ticket_by_number, ticket_id_of, ticket_views
from helpdesk.services.trail import record


def full_ticket(session: Session) -> Ticket:
    """Return a ticket with everything a page may show."""
    agent = make_user(session, name="Sari")
    contact = make_contact(session, name="Siti Aminah", phone="+6281234567890", majelis="Melati")
    handle = make_handle(session, contact=contact)
    ticket = make_ticket(
        session,
        contact=contact,
        handle_id=handle.id,
        assignee_id=agent.id,
        category_code="BYR-SALDO",
        status=TicketStatus.OPEN,
    )
    add_conversation(session, ticket, agent)
    record(session, ticket, "assigned", actor=f"user:{agent.public_id}", at=NOW, data={"to": "x"})
    add_outcome(session, ticket, agent)
    add_improvement(session, ticket, owner=agent)
    add_clock(session, ticket, due_at=NOW + HOUR)
    add_subject(session, ticket, make_user(session, name="Pak Joko"))
    return ticket


def add_conversation(session: Session, ticket: Ticket, agent: User) -> None:
    """A message with a photo, an answer and a note."""
    said = make_message(session, ticket, body="Saya bayar tanggal 3 Juli")
    make_message(session, ticket, direction=Direction.OUT, author=agent, body="Baik, Ibu")
    make_message(session, ticket, direction=Direction.NOTE, author=agent, body="Cabang ditelepon")
    session.add(
        Attachment(
            public_id=f"file-{ticket.id}",
            message_id=said.id,
            channel=ChannelCode.WHATSAPP,
            kind=MediaKind.PHOTO,
            state="stored",
            storage_key="abc",
            created_at=NOW,
        )
    )


def add_outcome(session: Session, ticket: Ticket, agent: User) -> None:
    """A decision with money, and the Mitra's rating."""
    resolution = Resolution(
        ticket_id=ticket.id,
        disposition=Disposition.UPHELD,
        root_cause="X",
        resolved_by=f"user:{agent.public_id}",
        at=NOW,
    )
    session.add(resolution)
    session.flush()
    session.add(Redress(resolution_id=resolution.id, kind=RedressKind.REFUND, amount=150_000, offered_at=NOW))
    session.add(Rating(ticket_id=ticket.id, score=4, at=NOW))


def add_improvement(session: Session, ticket: Ticket, *, owner: User) -> None:
    """An improvement that the ticket belongs to."""
    finding = Improvement(
        public_id=f"imp-{ticket.id}",
        title="Jam setor",
        finding="…",
        status=ImprovementStatus.NEW,
        owner_id=owner.id,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(finding)
    session.flush()
    session.add(ImprovementTicket(improvement_id=finding.id, ticket_id=ticket.id))


def test_the_page_holds_conversation_trail_outcome_and_neighbours(session: Session) -> None:
    ticket = full_ticket(session)
    other = make_ticket(session, contact=session.get_one(type(make_contact(session)), ticket.contact_id))
    view = ticket_by_number(session, a_viewer(session), ticket.number, now=NOW)
    assert [message.direction for message in view.messages] == [Direction.IN, Direction.OUT, Direction.NOTE]
    assert [message.author for message in view.messages] == [None, "Sari", "Sari"]
    assert view.messages[0].attachments[0].kind is MediaKind.PHOTO
    assert view.last_message_id == view.messages[-1].id
    assert [(entry.kind, entry.actor_name, entry.data) for entry in view.events] == [
        ("assigned", "Sari", {"to": "x"})
    ]
    assert view.resolutions[0].resolved_by == "Sari"
    assert view.resolutions[0].redress[0].amount == 150_000
    assert [each.number for each in view.others] == [other.number]
    assert [each.title for each in view.improvements] == ["Jam setor"]
    assert view.subjects == ("Pak Joko",)
    assert (view.rating, view.assignee, len(view.clocks)) == (4, "Sari", 1)
    assert TicketStatus.PENDING in view.next_statuses
    assert TicketStatus.OPEN not in view.next_statuses


def test_the_phone_is_masked(session: Session) -> None:
    ticket = full_ticket(session)
    view = ticket_by_number(session, a_viewer(session), ticket.number, now=NOW)
    assert view.contact.phone == "0812-****-7890"


@pytest.mark.parametrize("typed", ["48219375", "4821-9375", " 4821 9375 ", "#4821-9375"])
def test_a_number_is_found_with_or_without_its_dash(session: Session, typed: str) -> None:
    ticket = make_ticket(session, number="48219375")
    assert ticket_id_of(session, a_viewer(session), typed) == ticket.id


@pytest.mark.parametrize("typed", ["", "4821", "00000000", "x" * 100, "9" * 40])
def test_any_other_number_is_not_found(session: Session, typed: str) -> None:
    with pytest.raises(NotFound):
        ticket_by_number(session, a_viewer(session), typed, now=NOW)


def test_an_invisible_ticket_is_not_found_by_any_way(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    ticket = full_ticket(session)
    add_subject(session, ticket, user)
    viewer = viewer_of(session, user)
    with pytest.raises(NotFound):
        ticket_by_number(session, viewer, ticket.number, now=NOW)
    with pytest.raises(NotFound):
        file_of(session, viewer, f"file-{ticket.id}")
    assert ticket_views(session, viewer, [ticket.id], now=NOW) == ()


def test_other_tickets_of_the_contact_that_are_barred_are_not_shown(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    contact = make_contact(session)
    shown = make_ticket(session, contact=contact)
    add_subject(session, make_ticket(session, contact=contact), user)
    assert ticket_by_number(session, viewer_of(session, user), shown.number, now=NOW).others == ()


def test_a_contact_with_many_tickets_takes_no_room_from_the_others_of_a_page(session: Session) -> None:
    busy, quiet = make_contact(session), make_contact(session)
    many = [
        make_ticket(session, contact=busy, received_at=NOW - number * DAY) for number in range(3 * OTHERS)
    ]
    one, other = make_ticket(session, contact=quiet), make_ticket(session, contact=quiet)
    first, second = ticket_views(session, a_viewer(session), [many[-1].id, one.id], now=NOW)
    assert [each.number for each in first.others] == [ticket.number for ticket in many[:OTHERS]]
    assert [each.number for each in second.others] == [other.number]


@pytest.mark.parametrize("role", [Role.PRODUCT, Role.ADMIN])
def test_a_role_without_ticket_texts_may_not_ask(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        ticket_by_number(session, a_viewer(session, role), make_ticket(session).number, now=NOW)


def test_ten_tickets_take_as_many_statements_as_one(session: Session) -> None:
    viewer = a_viewer(session)
    ids = [full_ticket(session).id for _ in range(10)]
    counts = []
    for some in (ids[:1], ids):
        session.expunge_all()
        with counted(session) as seen:
            views = ticket_views(session, viewer, some, now=NOW + DAY)
        assert [view.id for view in views] == some
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 18


def test_a_file_is_given_to_those_who_see_its_ticket(session: Session) -> None:
    ticket = full_ticket(session)
    found = file_of(session, a_viewer(session), f"file-{ticket.id}")
    assert (found.storage_key, found.number) == ("abc", ticket.number)
    stranger = a_viewer(session, Role.AGENT, teams=(make_team(session),))
    with pytest.raises(NotFound):
        file_of(session, stranger, f"file-{ticket.id}")
