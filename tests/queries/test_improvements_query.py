"""The improvement board."""

import pytest
from factories import NOW, make_ladder, make_ticket, make_user
from query_samples import a_viewer, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.complaints import Disposition, RedressKind
from helpdesk.domain.errors import Forbidden, NotFound
from helpdesk.models.complaints import Improvement, ImprovementStatus, ImprovementTicket, Redress, Resolution
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.improvements import improvement, improvement_board


def finding(session: Session, *tickets: Ticket, name: str = "Jam setor") -> Improvement:
    owner = make_user(session, Role.PRODUCT, name="Tari")
    row = Improvement(
        public_id=name,
        title=name,
        finding="Setoran sesudah jam 15",
        category_code="BYR-SALDO",
        status=ImprovementStatus.FIXING,
        owner_id=owner.id,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(row)
    session.flush()
    session.add_all(ImprovementTicket(improvement_id=row.id, ticket_id=ticket.id) for ticket in tickets)
    session.flush()
    return row


def refund(session: Session, ticket: Ticket, amount: int | None) -> None:
    resolution = Resolution(
        ticket_id=ticket.id, disposition=Disposition.UPHELD, root_cause="X", resolved_by="system", at=NOW
    )
    session.add(resolution)
    session.flush()
    session.add(Redress(resolution_id=resolution.id, kind=RedressKind.REFUND, amount=amount, offered_at=NOW))
    session.flush()


def test_a_card_counts_tickets_and_sums_redress(session: Session) -> None:
    one, other = make_ticket(session), make_ticket(session)
    refund(session, one, 100_000)
    refund(session, one, None)
    refund(session, other, 50_000)
    refund(session, make_ticket(session), 999)
    finding(session, one, other)
    finding(session, name="Tanpa tiket")
    product = a_viewer(session, Role.PRODUCT)
    with counted(session) as seen:
        board = improvement_board(session, product)
    assert len(seen) == 2, "the board, and once the names of staff that no text may tell"
    assert list(board) == list(ImprovementStatus)
    cards = {card.title: (card.ticket_count, card.redress_total) for card in board[ImprovementStatus.FIXING]}
    assert cards == {"Jam setor": (2, 150_000), "Tanpa tiket": (0, 0)}
    assert board[ImprovementStatus.NEW] == ()


def test_only_those_who_see_a_ticket_get_its_number(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    shown, hidden = make_ticket(session), make_ticket(session)
    add_subject(session, hidden, user)
    finding(session, shown, hidden)
    page = improvement(session, viewer_of(session, user), "Jam setor")
    assert [row.number for row in page.tickets] == [shown.number]
    assert improvement(session, a_viewer(session, Role.PRODUCT), "Jam setor").tickets == ()


def test_a_card_counts_nothing_of_what_is_kept_from_the_viewer(session: Session) -> None:
    _, _, point = make_ladder(session)
    user = make_user(session, Role.SUPERVISOR, unit=point)
    shown, about_him = make_ticket(session), make_ticket(session)
    about_staff = make_ticket(session, unit=point, is_about_staff=True)
    add_subject(session, about_him, user)
    for ticket in (shown, about_him, about_staff):
        refund(session, ticket, 50_000)
    finding(session, shown, about_him, about_staff)
    viewer = viewer_of(session, user)
    with counted(session) as seen:
        (card,) = improvement_board(session, viewer)[ImprovementStatus.FIXING]
    assert len(seen) == 2, "the board, and once the names of staff that no text may tell"
    assert (card.ticket_count, card.redress_total) == (1, 50_000)
    assert improvement(session, viewer, "Jam setor").card == card
    full = improvement(session, a_viewer(session), "Jam setor").card
    assert (full.ticket_count, full.redress_total) == (3, 150_000)


def test_an_unknown_finding_is_not_found_and_agents_have_no_board(session: Session) -> None:
    with pytest.raises(NotFound):
        improvement(session, a_viewer(session), "none")
    with pytest.raises(Forbidden):
        improvement_board(session, a_viewer(session, Role.AGENT))
