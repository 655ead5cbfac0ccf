"""Late work needs a reason, and a breach is never edited away."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from clock_samples import RESOLUTION, newest, started, wib
from factories import NOW
from regulation_samples import ACT, asked, written
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted
from talk import LENDER

from helpdesk.domain.complaints import Disposition, RedressKind, RedressOffer, ResolutionDraft
from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.severity import Severity
from helpdesk.models.complaints import Resolution
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.services import complaints, documents, privacy, reply_clocks, sla, sweeps, tickets

LATE = NOW + timedelta(days=40)
UPHELD = ResolutionDraft(
    Disposition.UPHELD, "MANUSIA-CATAT", (RedressOffer(RedressKind.APOLOGY),), "Sudah kami betulkan, Ibu."
)
EXPLAINED = replace(UPHELD, late_code="third_party", late_reason="Bank 3216015501900001 belum menjawab")


def resolve(session: Session, ticket: Ticket, draft: ResolutionDraft, *, now: datetime) -> Resolution:
    return complaints.resolve(
        session, ticket.id, draft, author_id=None, actor="system", lender=LENDER, now=now
    )


def told(session: Session, ticket: Ticket) -> dict[str, object]:
    """Data of the last event `resolved`."""
    found = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "resolved")
        .order_by(TicketEvent.serial.desc())
    ).first()
    assert found is not None
    return dict(found.data or {})


def test_a_late_ticket_is_not_resolved_without_a_reason(session: Session) -> None:
    ticket = started(session)
    with pytest.raises(InvalidInput) as refused:
        resolve(session, ticket, UPHELD, now=LATE)
    assert (refused.value.code, refused.value.field) == ("resolution_incomplete", "late_reason")
    assert ticket.status == TicketStatus.NEW


def test_the_reason_is_named_among_all_that_is_missing(session: Session) -> None:
    ticket = started(session)
    with pytest.raises(InvalidInput) as refused:
        resolve(session, ticket, replace(UPHELD, root_cause=None, answer=""), now=LATE)
    assert refused.value.field == "root_cause,answer,late_reason"


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        pytest.param(
            replace(UPHELD, late_code="weather"), "late_reason", "unknown_late_reason", id="unknown"
        ),
        pytest.param(
            replace(UPHELD, late_code="other"), "late_note", "resolution_incomplete", id="other, no words"
        ),
    ],
)
def test_a_reason_is_of_the_list_and_other_has_words(
    session: Session, draft: ResolutionDraft, field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve(session, started(session), draft, now=LATE)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_the_reason_is_kept_with_the_outcome_and_told_in_its_event(session: Session) -> None:
    ticket = started(session)
    row = resolve(session, ticket, EXPLAINED, now=LATE)
    assert row.late_code == "third_party"
    assert row.late_reason is not None
    assert row.late_reason.startswith("Bank")
    assert "3216015501900001" not in row.late_reason, "numbers of persons are hidden here as everywhere"
    assert told(session, ticket)["late_reason"] == "third_party"
    assert told(session, ticket)["late"] == "acknowledgement, first_response, resolution, regulatory"


def test_work_in_time_keeps_no_reason_even_where_one_is_given(session: Session) -> None:
    ticket = started(session)
    row = resolve(session, ticket, EXPLAINED, now=NOW + timedelta(minutes=5))
    assert (row.late_code, row.late_reason) == (None, None)
    assert "late_reason" not in told(session, ticket)


def test_an_answer_at_the_due_instant_is_in_time(session: Session) -> None:
    ticket = started(session)
    for metric in ("acknowledgement", "first_response", "regulatory"):
        session.delete(
            session.scalars(
                select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == metric)
            ).one()
        )
    session.flush()
    due = newest(session, ticket, RESOLUTION).due_at
    assert due is not None
    assert resolve(session, ticket, UPHELD, now=due).late_code is None


def test_a_promise_that_was_broken_before_a_milder_one_replaced_it_still_wants_a_reason(
    session: Session,
) -> None:
    ticket = started(session, severity=Severity.S1)
    ticket.severity = Severity.S4
    sla.refit(session, ticket, now=NOW + timedelta(days=7))
    sla.person_replied(session, ticket, at=NOW + timedelta(days=7))
    with pytest.raises(InvalidInput, match="late_reason"):
        resolve(session, ticket, UPHELD, now=NOW + timedelta(days=7, minutes=1))


def test_what_was_explained_once_is_not_asked_again_but_what_comes_after_is(session: Session) -> None:
    ticket = started(session)
    resolve(session, ticket, EXPLAINED, now=LATE)
    complaints.reject(session, ticket, now=LATE + timedelta(hours=1))
    assert resolve(session, ticket, UPHELD, now=LATE + timedelta(hours=2)).late_code is None
    complaints.reject(session, ticket, now=LATE + timedelta(hours=3))
    with pytest.raises(InvalidInput, match="late_reason"):
        resolve(session, ticket, UPHELD, now=LATE + timedelta(days=60))


def deem_withdrawn(session: Session, **reason: str) -> Ticket:
    """A complaint whose documents were asked for on its last day, and never came."""
    ticket = written(session)
    asked(session, ticket, now=wib("2026-12-07"))
    documents.refuse_incomplete(session, ticket.id, now=wib("2027-01-09"), **ACT, **reason)  # type: ignore[arg-type]
    return ticket


@pytest.mark.parametrize(("code", "field"), [("", "late_reason"), ("other", "late_note")])
def test_to_deem_a_late_ticket_withdrawn_wants_a_reason_too(session: Session, code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        deem_withdrawn(session, late_code=code)
    assert (refused.value.code, refused.value.field) == ("resolution_incomplete", field)


def test_that_reason_is_kept_with_the_outcome(session: Session) -> None:
    ticket = deem_withdrawn(session, late_code="third_party", late_reason="Bank")
    row = session.scalars(select(Resolution).where(Resolution.ticket_id == ticket.id)).one()
    assert (row.disposition, row.late_code, row.late_reason) == ("withdrawn", "third_party", "Bank")
    assert str(told(session, ticket)["late"]).endswith("resolution")


def test_a_mitra_who_withdraws_is_asked_for_no_reason_of_ours(session: Session) -> None:
    ticket = started(session)
    complaints.withdraw(session, ticket, now=LATE)
    assert ticket.status == TicketStatus.CLOSED


def breaches(session: Session, ticket: Ticket) -> set[tuple[str, datetime]]:
    rows = session.scalars(select(SlaClockRow).where(SlaClockRow.ticket_id == ticket.id))
    return {(row.metric, row.breached_at) for row in rows if row.breached_at is not None}


def test_a_breach_on_record_outlives_whatever_happens_to_the_ticket(session: Session) -> None:
    ticket = started(session)
    sweeps.run_within(session, now=LATE)
    before = breaches(session, ticket)
    assert before
    at = LATE
    for level in (Severity.S1, Severity.S4):
        at += timedelta(hours=1)
        ticket.severity = level
        sla.refit(session, ticket, now=at)
    sla.pause(session, ticket, reason="waiting_for_contact", actor="user:x", at=at)
    sla.resume(session, ticket, at=at + timedelta(hours=1))
    sla.void_pause(session, ticket, since=at, now=at + timedelta(hours=2))
    resolve(session, ticket, EXPLAINED, now=at + timedelta(hours=3))
    tickets.change_status(
        session, ticket.id, TicketStatus.OPEN, reason="salah", actor="user:x", now=at + timedelta(hours=4)
    )
    reply_clocks.undo_reply(session, ticket, at + timedelta(hours=3), now=at + timedelta(hours=5))
    assert before <= breaches(session, ticket)


def test_asking_for_the_reason_takes_two_statements_however_many_clocks_there_are(session: Session) -> None:
    ticket = started(session)
    found = []
    for hours in range(3):
        session.flush()
        with counted(session) as statements:
            complaints.unexplained_breaches(session, ticket, at=LATE)
        found.append(len(statements))
        ticket.severity = (Severity.S1, Severity.S2, Severity.S4)[hours]
        sla.refit(session, ticket, now=NOW + timedelta(hours=hours + 1))
    assert found == [2, 2, 2]


def test_the_words_of_a_reason_are_erased_with_the_person(session: Session) -> None:
    ticket = started(session)
    row = resolve(session, ticket, EXPLAINED, now=LATE)
    privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=LATE + timedelta(days=30))
    session.refresh(row)
    assert (row.late_code, row.late_reason) == ("third_party", None)
