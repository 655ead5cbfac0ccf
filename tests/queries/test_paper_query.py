"""The pages of paper batches tell nothing of a form whose ticket is kept from the viewer."""

from datetime import date

import pytest
from factories import NOW, make_contact, make_ladder, make_ticket, make_user
from query_samples import a_viewer, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import InvalidInput
from helpdesk.models.complaints import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paper import FormRow, batch_page, batches, may_repeat
from helpdesk.services import lwk


def batch_with(session: Session, unit: OrgUnit, *tickets: Ticket | None, amount: int) -> LwkBatch:
    """Return a batch with one form per ticket, each over Rp50.000; None is a sealed one."""
    batch = lwk.open_batch(
        session,
        unit_id=unit.id,
        received_on=date(2026, 11, 19),
        form_count=len(tickets),
        amount_total=amount,
        user_id=make_user(session).id,
        actor="user:x",
        now=NOW,
    )
    for form_no, ticket in enumerate(tickets, start=1):
        form = {"is_sealed": True} if ticket is None else {"ticket_id": ticket.id, "amount": 50_000}
        session.add(LwkForm(batch_id=batch.id, form_no=form_no, created_at=NOW, **form))
        session.flush()
    return batch


@pytest.fixture
def point(session: Session) -> OrgUnit:
    return make_ladder(session)[2]


@pytest.mark.parametrize("is_about_staff", [True, False], ids=["about staff", "about the viewer"])
def test_a_form_that_is_hidden_looks_like_a_sealed_one(
    session: Session, point: OrgUnit, is_about_staff: bool
) -> None:
    user = make_user(session, Role.FIELD, unit=point)
    shown = make_ticket(session, unit=point)
    hidden = make_ticket(session, unit=point, is_about_staff=is_about_staff)
    if not is_about_staff:
        add_subject(session, hidden, user)
    batch = batch_with(session, point, shown, hidden, None, amount=100_000)
    page = batch_page(session, viewer_of(session, user), batch.public_id)
    sealed = [FormRow(number, None, None, is_sealed=True) for number in (3, 2)]
    assert page.forms == (*sealed, FormRow(1, shown.number, 50_000, is_sealed=False))
    (row,) = batches(session, viewer_of(session, user))
    for tally in (page.batch, row):
        assert (tally.entered_count, tally.sealed_count, tally.amount_entered) == (3, 2, 50_000)
        assert not tally.is_balanced
    office = batch_page(session, a_viewer(session), batch.public_id).batch
    assert (office.entered_count, office.sealed_count, office.amount_entered) == (3, 1, 100_000)


@pytest.mark.parametrize(
    ("amount", "is_asked"),
    [pytest.param(50_000, False, id="agrees without it"), pytest.param(100_000, True, id="agrees with it")],
)
def test_closing_asks_for_a_reason_by_what_the_closer_sees(
    session: Session, point: OrgUnit, amount: int, is_asked: bool
) -> None:
    user = make_user(session, Role.FIELD, unit=point)
    hidden = make_ticket(session, unit=point, is_about_staff=True)
    batch = batch_with(session, point, make_ticket(session, unit=point), hidden, amount=amount)
    page = batch_page(session, viewer_of(session, user), batch.public_id)
    assert page.batch.is_balanced is not is_asked
    who = {"user_id": user.id, "point_id": point.id}
    if is_asked:
        with pytest.raises(InvalidInput):
            lwk.close_batch(session, batch.public_id, actor="user:f", now=NOW, **who)
    else:
        lwk.close_batch(session, batch.public_id, actor="user:f", now=NOW, **who)
        assert batch.closed_at == NOW


def test_a_hidden_number_leads_to_no_other_complaint_of_its_contact(session: Session, point: OrgUnit) -> None:
    contact = make_contact(session)
    hidden = make_ticket(session, unit=point, contact=contact, is_about_staff=True, category_code="BYR-TUNAI")
    make_ticket(session, unit=point, contact=contact, category_code="BYR-TUNAI")
    assert may_repeat(session, a_viewer(session, Role.FIELD, unit=point), hidden.number) == ()
    assert len(may_repeat(session, a_viewer(session), hidden.number)) == 1


def test_the_list_takes_two_statements_however_many_batches(session: Session, point: OrgUnit) -> None:
    for _ in range(5):
        batch_with(session, point, make_ticket(session, unit=point), None, amount=0)
    viewer = a_viewer(session, Role.FIELD, unit=point)
    with counted(session) as seen:
        assert len(batches(session, viewer)) == 5
    assert len(seen) == 2
