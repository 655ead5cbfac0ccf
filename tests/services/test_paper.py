"""Paper forms: entered once, received when they were handed in, and unread where they are about colleagues."""

from dataclasses import replace
from datetime import date

import pytest
from factories import make_ladder, make_user
from installing import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from talk import LENDER

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import Position, Role
from helpdesk.models.tickets import AuditEntry, Ticket
from helpdesk.services import entry, lwk
from helpdesk.services.entry import Typist
from helpdesk.services.lwk import PaperForm
from helpdesk.services.lwk_closing import Closer, agree_to_close, close_batch

BY = Closer(None, "user:c")
FORM = PaperForm(
    7,
    "Siti",
    "0857 2222 1111",
    "M-77",
    "Melati",
    1,
    date(2026, 11, 18),
    150_000,
    "Sudah bayar tapi belum dicatat",
)


@pytest.fixture
def clerk(session: Session) -> Typist:
    """A field officer of a point in WITA."""
    _region, _area, point = make_ladder(session, zone="Asia/Makassar")
    user = make_user(session, Role.FIELD, position=Position.BP, unit=point, name="Dewi Lestari")
    return Typist(user.id, user.public_id, "user:c", point.id, user.name)


def batch_of(session: Session, clerk: Typist, *, forms: int, amount: int) -> LwkBatch:
    assert clerk.point_id is not None
    assert clerk.user_id is not None
    return lwk.open_batch(
        session,
        unit_id=clerk.point_id,
        received_on=date(2026, 11, 19),
        form_count=forms,
        amount_total=amount,
        user_id=clerk.user_id,
        actor=clerk.actor,
        now=NOW,
    )


def enter(session: Session, batch: LwkBatch, form: PaperForm, clerk: Typist, *, key: str = "page") -> str:
    return entry.enter_paper(session, batch.public_id, form, typist=clerk, key=key, lender=LENDER, now=NOW)


def test_a_form_counts_from_the_day_it_was_handed_in_and_is_entered_once(
    session: Session, clerk: Typist
) -> None:
    batch = batch_of(session, clerk, forms=1, amount=150_000)
    (number,) = {enter(session, batch, FORM, clerk) for _ in range(3)}
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    assert (ticket.received_at.date(), ticket.channel, ticket.form) == (date(2026, 11, 19), "lwk", "tertulis")
    assert close_batch(session, batch.public_id, by=BY, now=NOW)
    assert enter(session, batch, FORM, clerk) == number, "a late repeat of what was entered is none the worse"


@pytest.mark.parametrize("change", [{}, {"text": "Uang saya hilang"}], ids=["the same sheet", "another"])
def test_a_number_that_is_in_the_batch_is_not_taken_twice(
    session: Session, clerk: Typist, change: dict[str, str]
) -> None:
    batch = batch_of(session, clerk, forms=2, amount=0)
    enter(session, batch, FORM, clerk)
    with pytest.raises(Conflict) as refusal:
        enter(session, batch, replace(FORM, **change), clerk, key="next page")
    assert refusal.value.code == "form_no"


@pytest.fixture
def closed(session: Session, clerk: Typist) -> LwkBatch:
    batch = batch_of(session, clerk, forms=2, amount=0)
    first, second = (Closer(make_user(session).id, name) for name in ("user:a", "user:b"))
    close_batch(session, batch.public_id, reason="satu form basah", by=first, now=NOW)
    agree_to_close(session, batch.public_id, by=second, now=NOW)
    return batch


@pytest.mark.parametrize("text", ["Uang saya hilang", "BP saya membentak saya"], ids=["money", "staff"])
def test_nothing_is_added_to_a_closed_batch(
    session: Session, clerk: Typist, closed: LwkBatch, text: str
) -> None:
    with pytest.raises(Conflict) as refusal:
        enter(session, closed, replace(FORM, text=text), clerk)
    assert refusal.value.code == "closed"


@pytest.mark.parametrize("choice", [1, 3, 4])
@pytest.mark.parametrize(
    "words",
    [
        "uang angsuran saya ke petugas belum tercatat",
        "Sudah bayar angsuran lewat VA tgl 3 tapi belum masuk, BP membentak saya",
        "Setoran saya dibawa petugas tidak dicatat di buku",
        "Saya kena penipuan, ada yang minta kode OTP lalu saldo hilang",
        "PIN 123456 petugas minta uang rokok",
        "",
    ],
)
def test_what_is_stopped_at_the_point_is_hidden_from_it_when_head_office_types_it(
    session: Session, clerk: Typist, choice: int, words: str
) -> None:
    batch = batch_of(session, clerk, forms=1, amount=0)
    form = replace(FORM, menu_choice=choice, text=words)
    try:
        number = enter(session, batch, form, clerk)
    except Forbidden:
        boss = make_user(session, Role.SUPERVISOR)
        number = enter(session, batch, form, Typist(boss.id, boss.public_id, "user:b", None), key="office")
        expected = True
    else:
        expected = False
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    assert ticket.is_about_staff is (expected or ticket.category_code == "BYR-TUNAI")


def test_nothing_is_sealed_into_a_closed_batch_and_it_is_closed_once(
    session: Session, closed: LwkBatch
) -> None:
    with pytest.raises(Conflict):
        lwk.seal_form(session, closed.public_id, 1, actor="user:c", now=NOW)
    with pytest.raises(Conflict):
        close_batch(session, closed.public_id, reason="lain", by=BY, now=NOW)
    assert session.scalars(select(LwkForm.id).where(LwkForm.batch_id == closed.id)).all() == []
    assert closed.close_reason == "satu form basah"


def test_a_sealed_form_is_in_the_trail_by_its_number_once(session: Session, clerk: Typist) -> None:
    batch = batch_of(session, clerk, forms=2, amount=0)
    for _ in range(2):
        lwk.seal_form(session, batch.public_id, 7, actor="user:c", now=NOW)
    trail = select(AuditEntry.actor, AuditEntry.data).where(AuditEntry.kind == "lwk_form_sealed")
    entries = [tuple(row) for row in session.execute(trail) if row.data["batch"] == batch.public_id]
    assert entries == [("user:c", {"batch": batch.public_id, "form_no": 7})]


@pytest.mark.parametrize(
    "change", [{"menu_choice": 3}, {"text": "BP saya membentak saya"}], ids=["box", "words"]
)
def test_a_form_about_staff_is_not_typed_at_its_own_point(
    session: Session, clerk: Typist, change: dict[str, object]
) -> None:
    batch = batch_of(session, clerk, forms=2, amount=0)
    before = session.scalar(select(func.count(Ticket.id)))
    with pytest.raises(Forbidden):
        enter(session, batch, replace(FORM, **change), clerk)  # type: ignore[arg-type]
    assert session.scalar(select(func.count(Ticket.id))) == before
    with pytest.raises(InvalidInput):
        close_batch(session, batch.public_id, by=BY, now=NOW)
