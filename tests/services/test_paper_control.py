"""Control of paper batches: two persons at a difference, a blind second keying, held forms, envelopes, repeats."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories import make_contact, make_ladder, make_message, make_ticket, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.domain.messages import Direction, Purpose
from helpdesk.models.barring import ticket_is_barred
from helpdesk.models.messages import Message
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import OrgUnit, Position, Role, User
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import AuditEntry, Ticket, TicketEvent
from helpdesk.services import entry, lwk, lwk_closing, lwk_second
from helpdesk.services.entry import Typist
from helpdesk.services.lwk import PaperForm
from helpdesk.services.lwk_closing import Closer
from helpdesk.sla.policy import Metric

DAY = date(2026, 11, 19)
FORM = PaperForm(1, "Siti", "", "M-77", "Melati", 1, DAY, 150_000, "Sudah bayar tapi belum dicatat")


@pytest.fixture
def point(session: Session) -> OrgUnit:
    return make_ladder(session)[2]


@pytest.fixture
def clerks(session: Session, point: OrgUnit) -> tuple[User, User]:
    """Two officers of the point."""
    first, second = (
        make_user(session, Role.FIELD, position=Position.BP, unit=point, name=name)
        for name in ("Dewi Lestari", "Budi Santoso")
    )
    return first, second


@pytest.fixture
def batch(session: Session, point: OrgUnit, clerks: tuple[User, User]) -> LwkBatch:
    """A batch of two forms with Rp300.000 and the numbers 1 and 2."""
    return lwk.open_batch(
        session, unit_id=point.id, received_on=DAY, form_count=2, amount_total=300_000, number_total=3,
        user_id=clerks[0].id, actor="user:a", now=NOW,
    )  # fmt: skip


def enter(session: Session, batch: LwkBatch, user: User, **changes: object) -> str:
    form = replace(FORM, **changes)  # type: ignore[arg-type]
    typist = Typist(user.id, user.public_id, "user:a", batch.unit_id, user.name)
    key = f"page {form.form_no}"
    return entry.enter_paper(session, batch.public_id, form, typist=typist, key=key, lender=LENDER, now=NOW)


def closer(user: User) -> Closer:
    return Closer(user.id, f"user:{user.public_id}")


def ticket_of(session: Session, number: str) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


@pytest.mark.parametrize(
    ("second", "is_balanced"),
    [
        pytest.param({"form_no": 2}, True, id="all agree"),
        pytest.param({"form_no": 3}, False, id="form numbers differ"),
        pytest.param({"form_no": 2, "amount": 15_000}, False, id="money differs"),
    ],
)
def test_a_batch_closes_by_count_money_and_numbers_or_by_two_persons(
    session: Session,
    batch: LwkBatch,
    clerks: tuple[User, User],
    second: dict[str, object],
    is_balanced: bool,
) -> None:
    first, other = clerks
    enter(session, batch, first)
    with pytest.raises(InvalidInput) as refusal:
        lwk_closing.close_batch(session, batch.public_id, by=closer(first), now=NOW)
    assert refusal.value.code == "totals_differ"
    enter(session, batch, first, **second, mitra_id="M-78")
    reason = "" if is_balanced else "slip salah"
    is_closed = lwk_closing.close_batch(session, batch.public_id, reason=reason, by=closer(first), now=NOW)
    assert is_closed is is_balanced
    if not is_balanced:
        assert (batch.closed_at, batch.close_asked_by_id) == (None, first.id)
        with pytest.raises(Forbidden):
            lwk_closing.agree_to_close(session, batch.public_id, by=closer(first), now=NOW)
        lwk_closing.agree_to_close(session, batch.public_id, by=closer(other), now=NOW)
    assert (batch.closed_at, batch.closed_by_id) == (NOW, first.id if is_balanced else other.id)
    (told,) = session.scalars(
        select(AuditEntry.data)
        .where(AuditEntry.kind == "lwk_batch_closed")
        .order_by(AuditEntry.serial.desc())
    ).all()[:1]
    assert (told["batch"], told["balanced"]) == (batch.public_id, is_balanced)


def test_another_form_takes_back_what_was_asked(
    session: Session, batch: LwkBatch, clerks: tuple[User, User]
) -> None:
    first, other = clerks
    lwk_closing.close_batch(session, batch.public_id, reason="slip salah", by=closer(first), now=NOW)
    enter(session, batch, other)
    with pytest.raises(Conflict):
        lwk_closing.agree_to_close(session, batch.public_id, by=closer(other), now=NOW)
    assert (batch.close_asked_at, batch.close_reason) == (None, None)


def test_amounts_are_keyed_again_by_another_and_a_difference_is_settled_before_closing(
    session: Session, batch: LwkBatch, clerks: tuple[User, User]
) -> None:
    first, other = clerks
    number = enter(session, batch, first, amount=15_000)
    enter(session, batch, first, form_no=2, mitra_id="M-78")
    who = {"actor": "user:b", "now": NOW}
    with pytest.raises(Forbidden):
        lwk_second.key_amounts(session, batch.public_id, {1: 15_000}, user_id=first.id, **who)
    read, own = {1: 150_000, 2: 150_000}, {first.id: 15_000, other.id: 150_000}
    assert lwk_second.key_amounts(session, batch.public_id, read, user_id=other.id, **who) == 1
    with pytest.raises(InvalidInput) as refusal:
        lwk_closing.close_batch(session, batch.public_id, reason="apa saja", by=closer(first), now=NOW)
    assert refusal.value.code == "unsettled"
    for user in (first, other):
        for alone in (own[user.id], 15_001, None):
            with pytest.raises(Forbidden):
                lwk_second.settle(session, batch.public_id, 1, amount=alone, user_id=user.id, **who)
    lwk_second.settle(session, batch.public_id, 1, amount=150_000, user_id=first.id, **who)
    ticket = ticket_of(session, number)
    assert ticket.amount == 150_000
    said = session.scalars(select(TicketEvent.data).where(TicketEvent.kind == "lwk_amount_settled")).one()
    assert said == {"batch": batch.public_id, "form_no": 1, "amount": 150_000}
    general = session.scalars(select(AuditEntry.data).where(AuditEntry.kind.contains("amount"))).all()
    assert all("150" not in str(data) for data in general), (
        "that trail is not kept from whom a ticket is kept"
    )
    with pytest.raises(Conflict):
        lwk_second.settle(session, batch.public_id, 2, amount=1, user_id=first.id, **who)
    assert lwk_closing.close_batch(session, batch.public_id, by=closer(first), now=NOW)


@pytest.mark.parametrize("is_called", [False, True], ids=["corrected", "called"])
def test_one_person_is_not_both_readers_of_an_amount(
    session: Session, batch: LwkBatch, clerks: tuple[User, User], is_called: bool
) -> None:
    first, other = clerks
    who = {"actor": "user:b", "now": NOW}
    enter(session, batch, first, amount=15_000, unreadable=("signature",) if is_called else ())
    form = lwk.form_of(session, batch, 1)
    assert form is not None
    lwk_second.key_amounts(session, batch.public_id, {1: 150_000}, user_id=other.id, **who)
    mine = {"amount": 150_000, "occurred_on": DAY, "user_id": other.id, **who}
    if is_called:
        lwk.complete_form(session, batch.public_id, 1, "Uangnya 150 ribu", **mine)
    else:
        lwk.correct_form(session, batch, form, **mine)
    assert (form.amount, form.second_at) == (150_000, None), "her own second reading confirms nothing"
    with pytest.raises(Forbidden):
        lwk_second.key_amounts(session, batch.public_id, {1: 150_000}, user_id=other.id, **who)
    assert lwk_second.key_amounts(session, batch.public_id, {1: 150_000}, user_id=first.id, **who) == 0


def test_what_could_not_be_read_is_held_until_she_was_called(
    session: Session, batch: LwkBatch, clerks: tuple[User, User]
) -> None:
    number = enter(
        session,
        batch,
        clerks[0],
        amount=None,
        text="",
        menu_choice=None,
        unreadable=("choice", "amount", "text"),
    )
    ticket = ticket_of(session, number)
    assert ticket.received_at.date() == DAY, "the clocks run all the same"
    with pytest.raises(InvalidInput):
        lwk.complete_form(session, batch.public_id, 1, " ", actor="user:a", now=NOW)
    said = "Saya sudah bayar angsuran lewat VA tapi belum masuk"
    lwk.complete_form(session, batch.public_id, 1, said, amount=150_000, actor="user:a", now=NOW)
    form = session.scalars(select(LwkForm).where(LwkForm.batch_id == batch.id)).one()
    assert (form.completed_at, form.amount, ticket.amount) == (NOW, 150_000, 150_000)
    bodies = session.scalars(
        select(Message.body).where(Message.ticket_id == ticket.id, Message.direction == "in")
    )
    assert said in list(bodies)
    assert session.scalars(select(Talk.is_recording_due)).all() == [True], "she was called"
    with pytest.raises(Conflict):
        lwk.complete_form(session, batch.public_id, 1, said, actor="user:a", now=NOW)


def test_a_mistyped_amount_is_put_right_with_an_event(
    session: Session, batch: LwkBatch, clerks: tuple[User, User]
) -> None:
    number = enter(session, batch, clerks[0], amount=15_000)
    form = lwk.form_of(session, batch, 1)
    assert form is not None
    lwk.correct_form(session, batch, form, amount=150_000, occurred_on=DAY, actor="user:a", now=NOW)
    ticket = ticket_of(session, number)
    told = session.scalars(
        select(TicketEvent.data).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "lwk_form_corrected"
        )
    ).one()
    assert (told["from"]["amount"], told["to"]["amount"], ticket.amount) == (15_000, 150_000, 150_000)


@pytest.mark.parametrize("words", ["Saya titip ke Pak Budi", "uangnya dibawa budi santoso"])
def test_a_form_that_names_the_one_who_types_it_is_not_hers_to_read(
    session: Session, batch: LwkBatch, clerks: tuple[User, User], words: str
) -> None:
    dewi, budi = clerks
    with pytest.raises(Forbidden):
        enter(session, batch, budi, text=words)
    assert enter(session, batch, dewi, text=words)


def test_head_office_types_a_sealed_form_once_its_envelope_is_there(
    session: Session, batch: LwkBatch, clerks: tuple[User, User]
) -> None:
    lwk.seal_form(session, batch.public_id, 1, user_id=clerks[0].id, actor="user:a", now=NOW)
    boss = make_user(session, Role.SUPERVISOR)
    typist = Typist(boss.id, boss.public_id, "user:s", None, boss.name)
    what = {"typist": typist, "key": "k", "lender": LENDER, "now": NOW}
    with pytest.raises(Conflict):
        entry.enter_paper(session, batch.public_id, FORM, **what)  # type: ignore[arg-type]
    for _ in range(2):
        lwk.note_arrival(session, batch.public_id, 1, actor="user:s", now=NOW)
    number = entry.enter_paper(session, batch.public_id, FORM, **what)  # type: ignore[arg-type]
    ticket = ticket_of(session, number)
    assert (ticket.is_about_staff, ticket.received_at.date()) == (True, DAY), "sealed: kept from its point"
    (form,) = session.scalars(select(LwkForm).where(LwkForm.batch_id == batch.id))
    assert (form.is_sealed, form.ticket_id, form.arrived_at) == (True, ticket.id, NOW)


def test_what_came_in_an_envelope_keeps_the_complaint_from_the_point_to_which_it_is_added(
    session: Session, batch: LwkBatch, clerks: tuple[User, User], point: OrgUnit
) -> None:
    contact = make_contact(session, unit_id=point.id)
    earlier = make_ticket(session, unit=point, contact=contact)
    lwk.seal_form(session, batch.public_id, 1, user_id=clerks[0].id, actor="user:a", now=NOW)
    lwk.note_arrival(session, batch.public_id, 1, actor="user:s", now=NOW)
    boss = make_user(session, Role.SUPERVISOR)
    typist = Typist(boss.id, boss.public_id, "user:s", None, boss.name)
    form = replace(FORM, contact_id=contact.id, same_as=earlier.number)
    entry.enter_paper(session, batch.public_id, form, typist=typist, key="k", lender=LENDER, now=NOW)
    assert earlier.is_about_staff
    assert ticket_barred_from(session, clerks[1]) == {earlier.id}


def ticket_barred_from(session: Session, user: User) -> set[int]:
    barred = ticket_is_barred(user_id=user.id, point_id=user.unit_id)
    return set(session.scalars(select(Ticket.id).where(barred)))


def test_a_form_that_repeats_a_complaint_is_added_to_it(
    session: Session, batch: LwkBatch, clerks: tuple[User, User], point: OrgUnit
) -> None:
    contact = make_contact(session, unit_id=point.id)
    earlier = make_ticket(session, unit=point, contact=contact)
    number = enter(session, batch, clerks[0], contact_id=contact.id, same_as=earlier.number)
    assert number == earlier.number
    form = lwk.form_of(session, batch, 1)
    assert form is not None
    assert (form.ticket_id, form.is_repeat, form.amount) == (earlier.id, True, 150_000)
    facts = session.scalars(select(Message.facts).where(Message.ticket_id == earlier.id)).one()
    assert facts == {"batch": batch.public_id, "form_no": "1"}


@pytest.mark.parametrize(
    ("received_days", "replied_days", "from_days"),
    [
        pytest.param(7, 5, None, id="from when it was handed in"),
        pytest.param(7, 2, 0, id="from its typing where she was written to since"),
        pytest.param(1, None, 1, id="never before the complaint"),
    ],
)
def test_the_answer_to_a_repeat_is_owed_from_when_she_handed_it_in(
    session: Session,
    batch: LwkBatch,
    clerks: tuple[User, User],
    point: OrgUnit,
    received_days: int,
    replied_days: int | None,
    from_days: int | None,
) -> None:
    contact = make_contact(session, unit_id=point.id)
    received_at = NOW - timedelta(days=received_days)
    earlier = make_ticket(session, unit=point, contact=contact, received_at=received_at, status="open")
    if replied_days is not None:
        at = NOW - timedelta(days=replied_days)
        make_message(session, earlier, direction=Direction.OUT, purpose=Purpose.REPLY, at=at)
    enter(session, batch, clerks[0], contact_id=contact.id, same_as=earlier.number)
    handed_in = lwk.received_at(DAY, ZoneInfo(point.zone), now=NOW)
    owed_from = handed_in if from_days is None else NOW - timedelta(days=from_days)
    said = select(Message.at).where(Message.ticket_id == earlier.id, Message.direction == Direction.IN)
    assert session.scalars(said).all() == [owed_from]
    owed = select(SlaClockRow.started_at).where(
        SlaClockRow.ticket_id == earlier.id,
        SlaClockRow.metric == Metric.NEXT_RESPONSE,
        SlaClockRow.superseded_at.is_(None),
    )
    assert session.scalars(owed).all() == [owed_from]
    assert earlier.last_inbound_at == NOW, "nobody has read it yet"


def test_a_mitra_who_was_picked_by_name_is_not_made_again(
    session: Session, batch: LwkBatch, clerks: tuple[User, User], point: OrgUnit
) -> None:
    contact = make_contact(session, unit_id=point.id)
    number = enter(session, batch, clerks[0], mitra_id="", name="", contact_id=contact.id)
    assert ticket_of(session, number).contact_id == contact.id
