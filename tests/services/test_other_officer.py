"""The promise of T12: another officer checks what the contact objects to; and T15b says who comes in (design.md 3)."""

from datetime import timedelta

import pytest
from factories import make_team, make_user
from installing import NOW
from owner_samples import at_work, events
from sqlalchemy.orm import Session
from talk import LENDER, PAID, answer_goes, tell, ticket_of
from talker import Talk

from helpdesk.domain.complaints import (
    Disposition,
    RedressKind,
    RedressOffer,
    ResolutionDraft,
    load_root_causes,
)
from helpdesk.domain.errors import Conflict
from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.services import assignment, complaints, replies, tickets

HOUR = timedelta(hours=1)
DRAFT = ResolutionDraft(
    Disposition.UPHELD,
    load_root_causes()[0].causes[0].code,
    (RedressOffer(RedressKind.APOLOGY),),
    "Sudah kami betulkan, Ibu.",
)


@pytest.fixture
def team_of_two(session: Session) -> tuple[Ticket, User, User]:
    """A ticket that the first of two agents has answered, and its contact objects."""
    ticket = ticket_of(session, tell(session, PAID, now=NOW))
    team = make_team(session, "dua")
    team.is_auto_assigned = True
    ticket.team_id = team.id
    first, second = (
        at_work(session, team, seen_at=NOW + 4 * HOUR),
        at_work(session, team, seen_at=NOW + 4 * HOUR),
    )
    tickets.claim(session, ticket.id, user_id=first.id, actor=actor(first), now=NOW + HOUR)
    decide(session, ticket, first)
    tell(session, "belum", now=NOW + 3 * HOUR)
    return ticket, first, second


def actor(user: User) -> str:
    return f"user:{user.public_id}"


def decide(session: Session, ticket: Ticket, user: User, *, after: int = 2) -> None:
    complaints.resolve(
        session, ticket.id, DRAFT, author_id=user.id, actor=actor(user), lender=LENDER, now=NOW + after * HOUR
    )
    answer_goes(session, ticket, now=NOW + after * HOUR)


def test_it_leaves_whose_answer_she_objects_to(
    session: Session, team_of_two: tuple[Ticket, User, User]
) -> None:
    ticket, _first, second = team_of_two
    assert (ticket.status, ticket.assignee_id, ticket.returned_at) == (
        TicketStatus.OPEN,
        None,
        NOW + 3 * HOUR,
    )
    assert events(session, ticket, "returned_to_queue")[0]["reason"] == "objection"
    assert assignment.assign_by_itself(session, ticket.id, now=NOW + 4 * HOUR) == assignment.Outcome.GIVEN
    assert ticket.assignee_id == second.id


def test_she_can_neither_take_it_nor_decide_it_again(
    session: Session, team_of_two: tuple[Ticket, User, User]
) -> None:
    ticket, first, second = team_of_two
    for refused in (
        lambda: tickets.claim(session, ticket.id, user_id=first.id, actor=actor(first), now=NOW + 4 * HOUR),
        lambda: tickets.assign(session, ticket.id, assignee_id=first.id, actor="system", now=NOW + 4 * HOUR),
        lambda: decide(session, ticket, first, after=4),
    ):
        with pytest.raises(Conflict) as caught:
            refused()
        assert caught.value.code == "same_officer"
    replies.reply(
        session, ticket.id, "Kami periksa lagi, Ibu.", author_id=first.id, actor=actor(first),
        seen_message_id=None, lender=LENDER, now=NOW + 4 * HOUR,
    )  # fmt: skip
    assert ticket.assignee_id is None
    decide(session, ticket, second, after=5)
    assert ticket.status == TicketStatus.RESOLVED


def test_a_program_may_and_so_may_who_answered_before_the_last(
    session: Session, team_of_two: tuple[Ticket, User, User]
) -> None:
    ticket, first, second = team_of_two
    decide(session, ticket, second, after=4)
    tell(session, "belum", now=NOW + 5 * HOUR)
    decide(session, ticket, first, after=5)
    tell(session, "belum juga", now=NOW + 6 * HOUR)
    for _ in range(2):
        complaints.resolve(
            session, ticket.id, DRAFT, author_id=None, actor="token:x", lender=LENDER, now=NOW + 7 * HOUR
        )
        answer_goes(session, ticket, now=NOW + 7 * HOUR)
        tell(session, "belum", now=NOW + 8 * HOUR)
    assert ticket.reopened_count == 5


def test_who_comes_in_is_named_before_her_first_words(talk: Talk) -> None:
    talk.story()
    sari = make_user(talk.session, name="Sari Dewi")
    talk.says("0")
    ticket = talk.ticket

    def answer() -> list[str]:
        talk.now += HOUR
        before = talk.newest()
        replies.reply(
            talk.session, ticket.id, "Baik, Ibu. Kami cek dulu.", author_id=sari.id, actor=actor(sari),
            seen_message_id=None, lender=LENDER, now=talk.now,
        )  # fmt: skip
        return talk.heard_since(before)

    first = answer()
    assert first[-1] == "Baik, Ibu. Kami cek dulu."
    assert len(first) == (1 if talk.is_sms else 2)
    assert talk.is_sms or "Sari" in first[0]
    assert len(answer()) == 1
