"""A message moves to the ticket where it belongs, and back: events, search, clocks and the audit check follow."""

from datetime import timedelta

import pytest
from factories import make_unit, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER, PAID, event_kinds, said, tell, ticket_of

from helpdesk.crypto import keys_of
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import MediaKind
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket, TicketSubject, TicketWord
from helpdesk.queries.audit_check import verify
from helpdesk.queries.visibility import Viewer, load_viewer, visible
from helpdesk.services import moving, periods, replies
from helpdesk.sla.policy import Metric

HOUR = timedelta(hours=1)
BRIBE = "petugas minta uang rokok limapuluh ribu"
AGENT = "user:x"


@pytest.fixture
def source(session: Session) -> Ticket:
    """A complaint that a person has answered, in which she then told of something else."""
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    replies.reply(
        session, ticket.id, "Kami cek dulu, Ibu.", author_id=None, actor=AGENT, seen_message_id=None,
        lender=LENDER, now=NOW + HOUR,
    )  # fmt: skip
    tell(session, BRIBE, now=NOW + 2 * HOUR)
    return ticket


def last_of_hers(session: Session, ticket: Ticket) -> str:
    return moving.newest_of_hers(session, ticket).public_id


def knows(session: Session, ticket: Ticket, word: str) -> bool:
    digest = keys_of(session).digest("word", word)
    return session.get(TicketWord, (digest, ticket.id)) is not None


def live(session: Session, ticket: Ticket) -> set[Metric]:
    rows = session.scalars(
        select(SlaClockRow).where(
            SlaClockRow.ticket_id == ticket.id,
            SlaClockRow.met_at.is_(None),
            SlaClockRow.superseded_at.is_(None),
        )
    )
    return {row.metric for row in rows}


def test_it_becomes_a_complaint_of_its_own_from_when_she_wrote_it(session: Session, source: Ticket) -> None:
    assert Metric.NEXT_RESPONSE in live(session, source)
    target = moving.split(
        session, source.id, last_of_hers(session, source), lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR
    )
    assert (target.received_at, target.severity, target.contact_id) == (
        NOW + 2 * HOUR,
        "S1",
        source.contact_id,
    )
    assert said(session, target.id, "in") == [BRIBE]
    assert said(session, source.id, "in") == [PAID]
    assert Metric.NEXT_RESPONSE not in live(session, source)
    assert {Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.REGULATORY} <= live(session, target)
    assert (source.last_inbound_at, target.last_inbound_at) == (NOW, NOW + 2 * HOUR)


def test_search_and_the_audit_check_follow_it_there_and_back(session: Session, source: Ticket) -> None:
    message_id = last_of_hers(session, source)
    target = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    assert (knows(session, source, "rokok"), knows(session, target, "rokok")) == (False, True)
    assert verify(session) is None
    moving.into_ticket(session, target.id, message_id, target_id=source.id, actor=AGENT, now=NOW + 4 * HOUR)
    assert (knows(session, source, "rokok"), knows(session, target, "rokok")) == (True, False)
    assert said(session, source.id, "in") == [PAID, BRIBE]
    assert target.status == TicketStatus.CLOSED
    assert Metric.NEXT_RESPONSE in live(session, source)
    assert verify(session) is None
    assert event_kinds(session, source.id).count("message_moved_out") == 1
    assert event_kinds(session, source.id).count("message_moved_in") == 1


def test_a_changed_text_is_found_in_the_ticket_where_it_lies(session: Session, source: Ticket) -> None:
    message_id = last_of_hers(session, source)
    target = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    session.scalars(select(Message).where(Message.public_id == message_id)).one().body = "petugas baik"
    session.flush()
    broken = verify(session)
    assert broken is not None
    assert broken.chain.replace("-", "") == target.number


def test_the_only_message_of_a_ticket_stays(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    with pytest.raises(Conflict) as caught:
        moving.split(
            session, ticket.id, last_of_hers(session, ticket), lender=LENDER, actor=AGENT, now=NOW + HOUR
        )
    assert caught.value.code == "only_message"


def test_it_goes_to_no_other_person_and_to_no_closed_ticket(session: Session, source: Ticket) -> None:
    message_id = last_of_hers(session, source)
    other = ticket_of(session, tell(session, PAID, now=NOW, phone="+6285733334444"))
    own = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    tell(session, "BATAL", now=NOW + 4 * HOUR)
    cases = ((other.id, "other_person"), (own.id, "same_ticket"))
    for target_id, code in cases:
        with pytest.raises(Conflict) as caught:
            moving.into_ticket(
                session, own.id, message_id, target_id=target_id, actor=AGENT, now=NOW + 5 * HOUR
            )
        assert caught.value.code == code
    with pytest.raises(NotFound):
        moving.into_ticket(session, source.id, message_id, target_id=own.id, actor=AGENT, now=NOW + 5 * HOUR)


def test_she_hears_the_number_of_what_staff_made_of_her_message(session: Session, source: Ticket) -> None:
    target = moving.split(
        session, source.id, last_of_hers(session, source), lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR
    )
    receipts = [text for text in said(session, target.id, "out") if target.number[:4] in text]
    assert len(receipts) == 1
    assert target.acknowledged_at == NOW + 3 * HOUR


def test_words_older_than_our_last_reply_there_owe_nothing(session: Session, source: Ticket) -> None:
    message_id = last_of_hers(session, source)
    other = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    replies.reply(
        session, source.id, "Sudah kami catat.", author_id=None, actor=AGENT, seen_message_id=None,
        lender=LENDER, now=NOW + 4 * HOUR,
    )  # fmt: skip
    moving.into_ticket(session, other.id, message_id, target_id=source.id, actor=AGENT, now=NOW + 5 * HOUR)
    assert Metric.NEXT_RESPONSE not in live(session, source)


def test_an_emptied_ticket_takes_its_message_back_and_counts_on(session: Session, source: Ticket) -> None:
    """Moved away by mistake: the complaint that closed for it is as it was, its promises never stopped."""
    message_id = last_of_hers(session, source)
    other = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    promised = {
        row.metric: row.due_at
        for row in session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == other.id))
    }
    party = periods.begin(session, other, periods.PARTY, subject="bank", started_at=NOW, actor=AGENT)
    due_at = party.due_at
    moving.into_ticket(session, other.id, message_id, target_id=source.id, actor=AGENT, now=NOW + 4 * HOUR)
    assert (other.status, live(session, other)) == (TicketStatus.CLOSED, set())
    assert party.outcome == periods.ANSWERED
    moving.into_ticket(session, source.id, message_id, target_id=other.id, actor=AGENT, now=NOW + 5 * HOUR)
    assert (other.status, other.reopened_count, other.closed_at) == (TicketStatus.OPEN, 0, None)
    assert (party.ended_at, party.outcome, party.due_at) == (None, None, due_at), "the law's time goes on too"
    rows = session.scalars(
        select(SlaClockRow).where(SlaClockRow.ticket_id == other.id, SlaClockRow.superseded_at.is_(None))
    )
    assert {row.metric: row.due_at for row in rows} == promised
    assert verify(session) is None


def test_a_complaint_that_is_over_takes_nothing(session: Session, source: Ticket) -> None:
    message_id = last_of_hers(session, source)
    other = moving.split(session, source.id, message_id, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    tell(session, "BATAL", now=NOW + 4 * HOUR)
    tell(session, "ya", now=NOW + 4 * HOUR)
    assert other.status == TicketStatus.CLOSED
    first = moving.newest_of_hers(session, source).public_id
    with pytest.raises(Conflict) as caught:
        moving.into_ticket(session, source.id, first, target_id=other.id, actor=AGENT, now=NOW + 5 * HOUR)
    assert caught.value.code == "closed"


@pytest.mark.parametrize("is_new", [True, False], ids=["into a new one", "into another"])
def test_what_was_told_about_staff_stays_kept_from_them_wherever_it_moves(
    session: Session, is_new: bool
) -> None:
    """Her words open to the point neither in the complaint made of them nor in the one that takes them in."""
    point = make_unit(session, code="BGR")
    source = ticket_of(session, tell(session, PAID, now=NOW))
    for more in ("kartu saya hilang", "kemarin dia datang lagi minta tambah"):
        tell(session, more, now=NOW + HOUR)
    told, card = (message.public_id for message in _told_last(session, source))
    other = moving.split(session, source.id, card, lender=LENDER, actor=AGENT, now=NOW + 2 * HOUR)
    colleague = load_viewer(session, make_user(session, Role.FIELD, unit=point).id)
    named = make_user(session)
    source.unit_id = other.unit_id = point.id
    source.is_about_staff = True
    session.add(TicketSubject(ticket_id=source.id, user_id=named.id))
    other.assignee_id = named.id
    session.flush()
    assert colleague is not None
    assert _seen(session, colleague) == {other.id}
    if is_new:
        target = moving.split(session, source.id, told, lender=LENDER, actor=AGENT, now=NOW + 3 * HOUR)
    else:
        target = other
        moving.into_ticket(session, source.id, told, target_id=other.id, actor=AGENT, now=NOW + 3 * HOUR)
    assert _seen(session, colleague) == {other.id} - {target.id}
    subjects = select(TicketSubject.user_id).where(TicketSubject.ticket_id == target.id)
    assert (target.is_about_staff, session.scalars(subjects).all()) == (True, [named.id])
    assert target.assignee_id is None, "no subject has it any more"
    assert verify(session) is None


def _told_last(session: Session, ticket: Ticket) -> list[Message]:
    """Her last two messages, the newest first."""
    hers = select(Message).where(Message.ticket_id == ticket.id, Message.direction == "in")
    return list(session.scalars(hers.order_by(Message.id.desc()).limit(2)))


def _seen(session: Session, viewer: Viewer) -> set[int]:
    return set(session.scalars(select(Ticket.id).where(visible(viewer))))


@pytest.mark.parametrize("is_spoken", [False, True])
def test_a_complaint_that_takes_in_words_about_staff_is_kept_from_them(
    session: Session, is_spoken: bool
) -> None:
    source = ticket_of(session, tell(session, PAID, now=NOW))
    for more in ("kartu saya hilang", "kartunya warna biru"):
        tell(session, more, now=NOW + HOUR)
    target = moving.split(
        session, source.id, last_of_hers(session, source), lender=LENDER, actor=AGENT, now=NOW + 2 * HOUR
    )
    message = moving.newest_of_hers(session, source)
    if is_spoken:
        session.add(
            Attachment(
                public_id="suara", message_id=message.id, channel="whatsapp", kind=MediaKind.VOICE,
                state="stored", transcript=BRIBE, created_at=NOW,
            )
        )  # fmt: skip
    else:
        message.body = BRIBE
    session.flush()
    assert (source.is_about_staff, target.is_about_staff) == (False, False)
    moving.into_ticket(
        session, source.id, message.public_id, target_id=target.id, actor=AGENT, now=NOW + 3 * HOUR
    )
    assert target.is_about_staff
    assert event_kinds(session, target.id).count("became_about_staff") == 1


def test_what_we_waited_for_opens_the_ticket_it_moves_to(session: Session) -> None:
    waiting = ticket_of(session, tell(session, PAID, now=NOW))
    tell(session, BRIBE, now=NOW + HOUR)
    other = moving.split(
        session, waiting.id, last_of_hers(session, waiting), lender=LENDER, actor=AGENT, now=NOW + HOUR
    )
    for ticket, text, status in (
        (waiting, "Tanggal berapa bayarnya, Ibu?", TicketStatus.PENDING),
        (other, "Kami cek ya, Ibu.", None),
    ):
        replies.reply(
            session, ticket.id, text, author_id=None, actor=AGENT, seen_message_id=None, lender=LENDER,
            now=NOW + 2 * HOUR, then_status=status,
        )  # fmt: skip
    tell(session, "tanggal tiga pak, ada kuitansinya", now=NOW + 3 * HOUR)
    assert waiting.status == TicketStatus.PENDING
    moving.into_ticket(
        session, other.id, last_of_hers(session, other), target_id=waiting.id, actor=AGENT, now=NOW + 4 * HOUR
    )
    assert waiting.status == TicketStatus.OPEN
    assert Metric.NEXT_RESPONSE in live(session, waiting)
