"""Fifty people who take one ticket at once: one has it, the others are told so (fazer-ai #359, acceptance test 24)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from factories import make_team, make_ticket, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict
from helpdesk.models.tickets import Ticket, TicketEvent
from helpdesk.runtime import Runtime
from helpdesk.services import tickets

CROWD = 50


def test_of_fifty_who_take_a_ticket_one_wins_and_the_others_are_told(rt: Runtime) -> None:
    """Half of them press "take", half give it to themselves on a page that shows nobody."""

    def prepare(session: Session) -> tuple[int, list[tuple[int, str]]]:
        team = make_team(session, "pembayaran")
        crowd = [make_user(session, teams=(team,)) for _ in range(CROWD)]
        return make_ticket(session, team=team).id, [(user.id, f"user:{user.public_id}") for user in crowd]

    ticket_id, crowd = rt.write(prepare)
    start = Barrier(CROWD)

    def take(at: int) -> str:
        user_id, actor = crowd[at]

        def use_case(session: Session) -> None:
            if at % 2:
                tickets.claim(session, ticket_id, user_id=user_id, actor=actor, now=NOW)
            else:
                tickets.assign(
                    session, ticket_id, assignee_id=user_id, seen_assignee="", actor=actor, now=NOW
                )

        start.wait()
        try:
            rt.write(use_case)
        except Conflict as refused:
            return refused.code
        return "won"

    with ThreadPoolExecutor(CROWD) as pool:
        outcomes = list(pool.map(take, range(CROWD)))

    def look(session: Session) -> tuple[int | None, list[str]]:
        assigned = select(TicketEvent.actor).where(TicketEvent.kind == "assigned")
        return session.get_one(Ticket, ticket_id).assignee_id, list(session.scalars(assigned))

    winner = crowd[outcomes.index("won")]
    assert sorted(outcomes) == ["taken"] * (CROWD - 1) + ["won"]
    assert rt.read(look) == (winner[0], [winner[1]])
