"""The pages of paper batches tell nothing of a form whose ticket is kept from the viewer."""

from datetime import date, timedelta

import pytest
from factories import NOW, make_contact, make_ladder, make_ticket, make_user
from query_samples import a_viewer, add_subject, viewer_of
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.errors import Forbidden, InvalidInput
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit, Role
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paper import FormRow, batch_page, batches, form_page
from helpdesk.queries.paper_entry import people, repeats
from helpdesk.queries.paper_lists import held_forms, sealed_forms
from helpdesk.queries.paper_second import second_page
from helpdesk.services import lwk
from helpdesk.services.contacts import Person, contact_for
from helpdesk.services.lwk_closing import Closer, close_batch


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


@pytest.mark.parametrize("why", ["about her point", "about the viewer", "of another team"])
def test_a_form_that_is_hidden_looks_like_a_sealed_one(session: Session, point: OrgUnit, why: str) -> None:
    """On every page of paper: the batch, the list, the form, what is held, and what is keyed again."""
    user = (
        make_user(session, Role.AGENT)
        if why == "of another team"
        else make_user(session, Role.FIELD, unit=point)
    )
    shown = make_ticket(session, unit=point)
    hidden = make_ticket(session, unit=point, is_about_staff=why != "about the viewer")
    if why == "about the viewer":
        add_subject(session, hidden, user)
    batch = batch_with(session, point, shown, hidden, None, amount=100_000)
    for form in session.scalars(select(LwkForm).where(LwkForm.ticket_id.is_not(None))):
        form.unreadable, form.second_amount, form.second_at = ["text"], 70_000, NOW
    session.flush()
    viewer, office = viewer_of(session, user), a_viewer(session)
    page = batch_page(session, viewer, batch.public_id)
    sealed = [FormRow(number, None, None, is_sealed=True) for number in (3, 2)]
    assert page.forms == (*sealed, FormRow(1, shown.number, 50_000, is_sealed=False, is_held=True))
    assert page.sealed_nos == {2, 3}
    (row,) = batches(session, viewer)
    for tally in (page.batch, row):
        assert (tally.entered_count, tally.sealed_count, tally.amount_entered) == (3, 2, 50_000)
        assert (tally.held_count, tally.unsettled_count) == (1, 1)
        assert not tally.is_balanced
    form = form_page(session, viewer, batch.public_id, 2)
    assert (form.number, form.amount, form.unreadable) == (None, None, ())
    assert [each.number for each in held_forms(session, viewer)] == [shown.number]
    second = second_page(session, viewer, batch.public_id)
    assert ([each.form_no for each in second.differences], second.keyed_count) == ([1], 1)
    tallied = batch_page(session, office, batch.public_id).batch
    assert (tallied.entered_count, tallied.sealed_count, tallied.amount_entered) == (3, 1, 100_000)
    assert len(held_forms(session, office)) == 2
    assert len(second_page(session, office, batch.public_id).differences) == 2
    session.execute(update(LwkForm).where(LwkForm.form_no == 2).values(entered_by_id=user.id))
    typed = form_page(session, viewer, batch.public_id, 2).number
    assert typed == (hidden.number if why == "of another team" else None), "who typed it has read it"


@pytest.mark.parametrize(
    ("amount", "is_asked"),
    [pytest.param(50_000, False, id="agrees without it"), pytest.param(100_000, True, id="agrees with it")],
)
def test_closing_asks_for_a_reason_by_what_the_closer_sees(
    session: Session, point: OrgUnit, amount: int, is_asked: bool
) -> None:
    user = make_user(session, Role.AGENT)
    hidden = make_ticket(session, unit=point, is_about_staff=True)
    batch = batch_with(session, point, make_ticket(session, unit=point), hidden, amount=amount)
    page = batch_page(session, viewer_of(session, user), batch.public_id)
    assert page.batch.is_balanced is not is_asked
    by = Closer(user.id, "user:f", page.sealed_nos)
    if is_asked:
        with pytest.raises(InvalidInput):
            close_batch(session, batch.public_id, by=by, now=NOW)
    else:
        assert close_batch(session, batch.public_id, by=by, now=NOW)
        assert batch.closed_at == NOW


def test_a_form_may_repeat_only_what_the_viewer_may_know_of(session: Session, point: OrgUnit) -> None:
    contact = make_contact(session)
    shown, hidden, other_kind, _old = (
        make_ticket(session, unit=point, contact=contact, **changes)
        for changes in (
            {"category_code": "BYR-TUNAI"},
            {"category_code": "BYR-TUNAI", "is_about_staff": True},
            {"category_code": "PRD-LAMBAT"},
            {"category_code": "BYR-TUNAI", "received_at": NOW - timedelta(days=15)},
        )
    )
    near = {"received_on": NOW.date(), "zone": "Asia/Jakarta"}
    officer, office = a_viewer(session, Role.FIELD, unit=point), a_viewer(session)
    assert [row.number for row in repeats(session, officer, contact.id, 1, **near)] == [shown.number]
    assert {row.number for row in repeats(session, office, contact.id, 1, **near)} == {
        shown.number,
        hidden.number,
    }
    (found,) = repeats(session, office, contact.id, 2, **near)
    assert (found.number, found.can_join) == (other_kind.number, True)
    day_before = {"received_on": (NOW - timedelta(days=1)).date(), "zone": "Asia/Jakarta"}
    joins = {row.number: row.can_join for row in repeats(session, office, contact.id, 1, **day_before)}
    assert joins == {shown.number: False, hidden.number: False}, "its clock would start late"


def test_a_name_is_looked_for_at_the_point_and_an_id_everywhere_but_by_field_staff(
    session: Session, point: OrgUnit
) -> None:
    there, elsewhere = (
        contact_for(session, Person(name="Siti Aminah", mitra_id=code, unit_id=unit.id), now=NOW)
        for code, unit in (("M-1", point), ("M-2", make_ladder(session)[2]))
    )
    officer, office = a_viewer(session, Role.FIELD, unit=point), a_viewer(session)
    assert [row.id for row in people(session, office, point.id, "siti")] == [there.id]
    assert [row.id for row in people(session, office, point.id, "M-2")] == [elsewhere.id]
    assert people(session, officer, point.id, "M-2") == ()


def test_held_and_sealed_forms_are_listed_for_those_who_act_on_them(session: Session, point: OrgUnit) -> None:
    ticket, barred = make_ticket(session, unit=point), make_ticket(session, unit=point, is_about_staff=True)
    batch = batch_with(session, point, ticket, barred, None, amount=0)
    for form in session.scalars(select(LwkForm).where(LwkForm.ticket_id.is_not(None))):
        form.unreadable = ["amount"]
    officer, office = a_viewer(session, Role.FIELD, unit=point), a_viewer(session)
    assert [row.number for row in held_forms(session, officer)] == [ticket.number]
    assert len(held_forms(session, office)) == 2
    assert batch_page(session, officer, batch.public_id).batch.held_count == 1
    assert [row.form_no for row in sealed_forms(session, office) if row.batch_id == batch.public_id] == [3]
    with pytest.raises(Forbidden):
        sealed_forms(session, officer)
    page = form_page(session, officer, batch.public_id, 2)
    assert (page.previous_no, page.next_no) == (1, 3)


def test_batches_of_one_day_are_told_apart_by_a_letter(session: Session, point: OrgUnit) -> None:
    made = [batch_with(session, point, None, amount=0).public_id for _ in range(2)]
    viewer = a_viewer(session, Role.FIELD, unit=point)
    labels = {row.public_id: row.label for row in batches(session, viewer)}
    assert [labels[public_id] for public_id in made] == ["1119-A", "1119-B"]


def test_the_list_takes_two_statements_however_many_batches(session: Session, point: OrgUnit) -> None:
    for _ in range(5):
        batch_with(session, point, make_ticket(session, unit=point), None, amount=0)
    viewer = a_viewer(session, Role.FIELD, unit=point)
    with counted(session) as seen:
        assert len(batches(session, viewer)) == 5
    assert len(seen) == 2
