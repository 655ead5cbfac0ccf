"""What a Mitra says by chat beside a complaint that is there already: another one, something graver, a number."""

from datetime import timedelta

import pytest
from installing import NOW
from sqlalchemy.orm import Session
from talk import PAID, said, step_of, steps_of, tell, ticket_of

from helpdesk.models.contacts import Contact


def test_who_begins_with_start_is_answered_in_the_language_of_her_story(session: Session) -> None:
    ticket = ticket_of(session, tell(session, "/start", now=NOW))
    tell(session, "I paid twice for my installment, please help", now=NOW + timedelta(minutes=1))
    receipt, notice = said(session, ticket.id)[-2:]
    assert receipt.startswith("✅ We have your complaint")
    assert notice.startswith("🔒 We keep your name")


def test_after_lapor_a_story_is_a_complaint_of_its_own(session: Session) -> None:
    first = ticket_of(session, tell(session, PAID, now=NOW))
    tell(session, "LAPOR", now=NOW + timedelta(minutes=1))
    assert step_of(session, first.id) == "T05b"
    second = ticket_of(
        session, tell(session, "petugas minta uang 50 ribu ke saya", now=NOW + timedelta(minutes=2))
    )
    assert second.id != first.id
    assert (second.category_code, second.severity) == ("FRD-PUNGLI", "S1")
    assert steps_of(session, second.id) == ["T06", "T03b"]
    assert ticket_of(session, tell(session, "itu kemarin bu", now=NOW + timedelta(minutes=3))) is second


def test_what_is_graver_alone_decides_the_category(session: Session) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    tell(session, "petugas minta uang 50 ribu ke saya", now=NOW + timedelta(minutes=2))
    assert (ticket.category_code, ticket.severity) == ("FRD-PUNGLI", "S1")
    assert ticket.is_about_staff


@pytest.mark.parametrize("asked", ["STATUS 12345678", "Status 9999-9999"])
def test_the_news_of_a_mistyped_number_is_not_those_of_another(session: Session, asked: str) -> None:
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    tell(session, asked, now=NOW + timedelta(minutes=1))
    assert step_of(session, ticket.id) == "T08d"


def test_an_account_named_by_its_number_has_no_name(session: Session) -> None:
    named = ticket_of(session, tell(session, now=NOW, display_name="+62 857-1111-2222"))
    assert session.get_one(Contact, named.contact_id).name is None
