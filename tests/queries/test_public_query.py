"""What the Mitra sees of her complaint."""

import pytest
from factories import NOW, make_contact, make_message, make_ticket
from query_samples import DAY, HOUR, add_clock
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Direction
from helpdesk.models.contacts import Contact
from helpdesk.queries.public import FOLLOW_UP, by_mitra, public_ticket, public_view
from helpdesk.sla.policy import Metric


def a_mitra(session: Session) -> tuple[Contact, bytes]:
    digest = keys_of(session).digest("mitra", "20417")
    return make_contact(session, phone="+6281234567890", mitra_id="20417", mitra_digest=digest), digest


def test_number_and_last_four_digits_open_the_status(session: Session) -> None:
    ticket = make_ticket(session, contact=a_mitra(session)[0], status=TicketStatus.OPEN)
    add_clock(session, ticket, metric=Metric.FIRST_RESPONSE, due_at=NOW + HOUR)
    add_clock(session, ticket, metric=Metric.RESOLUTION, due_at=NOW, superseded_at=NOW)
    add_clock(session, ticket, metric=Metric.RESOLUTION, due_at=NOW + DAY)
    found = public_view(session, ticket.number, digits="7890")
    assert (found.step, found.answer_by, found.resolve_by) == (2, NOW + HOUR, NOW + DAY)
    assert not found.is_resolved


@pytest.mark.parametrize("digits", ["", "7891", "890", "+62812 3456 7891", "٧٨٩١"])
def test_wrong_digits_are_answered_as_an_unknown_number(session: Session, digits: str) -> None:
    ticket = make_ticket(session, contact=a_mitra(session)[0])
    with pytest.raises(NotFound):
        public_view(session, ticket.number, digits=digits)


def test_without_a_phone_the_code_opens_the_status_in_any_case(session: Session) -> None:
    digest = keys_of(session).digest(FOLLOW_UP, "KMBG7")
    ticket = make_ticket(session, contact=make_contact(session), follow_up_code_digest=digest)
    assert public_view(session, ticket.number, code=" kmbg7 ").number == ticket.number
    for wrong in ("", "KMBG8"):
        with pytest.raises(NotFound):
            public_view(session, ticket.number, code=wrong)
    with pytest.raises(NotFound):
        public_view(session, ticket.number, digits="")


def test_the_app_sees_messages_but_no_notes(session: Session) -> None:
    contact, digest = a_mitra(session)
    ticket = make_ticket(session, contact=contact)
    for direction in Direction:
        make_message(session, ticket, direction=direction)
    found = public_ticket(session, ticket.number, mitra_digest=digest)
    assert [message.direction for message in found.messages] == [Direction.IN, Direction.OUT]
    with pytest.raises(NotFound):
        public_ticket(session, ticket.number, mitra_digest=b"other")


def test_a_mitra_lists_her_complaints_newest_first_in_pages(session: Session) -> None:
    contact, digest = a_mitra(session)
    mine = [make_ticket(session, contact=contact).number for _ in range(5)]
    make_ticket(session)
    found: list[str] = []
    after = None
    while True:
        with counted(session) as seen:
            page = by_mitra(session, digest, after=after, limit=2)
        assert len(seen) <= 4
        found += [each.status.number for each in page.items]
        after = page.next
        if after is None:
            break
    assert found == mine[::-1]


def test_an_unknown_mitra_has_no_complaints(session: Session) -> None:
    assert by_mitra(session, b"nobody").items == ()
