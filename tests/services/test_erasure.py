"""What an erasure finds beside the tickets: raw words that wait, and people who were to be reached."""

from datetime import datetime, timedelta

import pytest
from factories import make_contact, make_user
from installing import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import tell, ticket_of

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.domain.messages import Envelope, WebhookRequest
from helpdesk.domain.outreach import TaskResult
from helpdesk.models.contacts import Contact
from helpdesk.models.outreach import ContactTask
from helpdesk.models.people import Notification, Team
from helpdesk.models.tickets import Ticket
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.queries.audit_check import verify
from helpdesk.services import contact_tasks, disclosure, privacy, watches, webhooks

PHONE, OTHER = "+6285711112222", "+6285733334444"
LONG_AGO = NOW - timedelta(days=6 * 366)
DAY = timedelta(days=1)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    """Closed so long ago that nothing of it need be kept."""
    ticket = ticket_of(session, tell(session, now=LONG_AGO, phone=PHONE))
    ticket.status, ticket.closed_at = TicketStatus.CLOSED, LONG_AGO
    session.flush()
    return ticket


def came(
    session: Session,
    sender: str,
    *,
    sid: str,
    on: str = "whatsapp",
    state: str = "stuck",
    at: datetime = NOW - DAY,
) -> WebhookEvent:
    request = WebhookRequest(on, f"https://x/webhooks/{on}", {}, (), f"Body=rahasia+saya+{sid}".encode())
    stored = webhooks.store(session, request, Envelope(sender, sid), now=at)
    event = session.get_one(WebhookEvent, stored.event_id)
    event.state = WebhookState(state)
    if state == WebhookState.PROCESSED:
        webhooks.mark_processed(event, now=at)
    session.flush()
    return event


@pytest.mark.parametrize("state", ["stuck", "received"])
@pytest.mark.parametrize(("on", "spelt"), [("whatsapp", PHONE), ("sms", PHONE), ("whatsapp", PHONE[1:])])
def test_what_waits_to_be_processed_is_looked_at_first_or_goes_with_her(
    session: Session, ticket: Ticket, state: str, on: str, spelt: str
) -> None:
    """It may be a complaint; and a replay after the erasure would bring her back."""
    done = came(session, PHONE, sid="MM1", state="processed")
    hers, another = came(session, spelt, sid="MM2", on=on, state=state), came(session, OTHER, sid="MM3")
    assert "not processed" in privacy.obstacles(session, ticket.contact_id, now=NOW)[0]
    assert privacy.due_contacts(session, now=NOW) == {}
    assert privacy.obstacles(session, ticket.contact_id, now=NOW + 6 * 366 * DAY) == (), "kept long enough"
    assert not privacy.erase(session, ticket.contact_id, force=False, actor="cli", now=NOW).is_done
    exported = disclosure.export(session, ticket.contact_id, actor="cli", now=NOW)
    assert [(raw.channel, raw.text) for raw in exported.unprocessed] == [(on, "Body=rahasia saya MM2")]
    assert privacy.erase(session, ticket.contact_id, force=True, actor="cli", now=NOW).is_done
    assert (hers.body, hers.sender_digest, done.sender_digest) == (None, None, None)
    assert webhooks.load(session, hers.id) is None
    assert webhooks.try_again(session, None, now=NOW) == [another.id], "another person's waits on"
    assert watches.unknown_ids(session, "whatsapp", ["MM1", "MM2"]) == set(), "its list brings nothing back"
    assert verify(session) is None


def test_what_came_from_a_telephone_of_several_is_not_hers_alone(session: Session, ticket: Ticket) -> None:
    came(session, PHONE, sid="MM2")
    theirs = ticket_of(session, tell(session, now=NOW, phone=PHONE))
    husband = make_contact(session)
    theirs.contact_id = husband.id
    session.flush()
    assert privacy.obstacles(session, ticket.contact_id, now=NOW) == ()
    privacy.erase(session, ticket.contact_id, force=False, actor="cli", now=NOW)
    assert session.scalars(select(WebhookEvent.body)).one() is not None


def test_what_nobody_could_process_is_not_kept_for_ever_either(session: Session) -> None:
    """Whose it is may not be known at all, as with a delivery report that could not be read."""
    old, recent = came(session, "", sid="MM1", at=LONG_AGO), came(session, "", sid="MM2")
    assert privacy.due_leftovers(session, now=NOW).raw_count == 1
    assert privacy.erase_leftovers(session, actor="cli", now=NOW).raw_count == 1
    assert (old.body, recent.body is None) == (None, False)
    assert privacy.erase_leftovers(session, actor="cli", now=NOW).raw_count == 0
    assert verify(session) is None


def test_nobody_is_to_call_her_any_more(session: Session, ticket: Ticket) -> None:
    make_user(session, teams=(session.get_one(Team, ticket.team_id),))
    contact_tasks.wanted(session, ticket, reason="asked", now=NOW)
    unread = select(Notification.id).where(
        Notification.kind == contact_tasks.OPENED, Notification.read_at.is_(None)
    )
    assert session.scalars(unread).all()
    privacy.erase(session, ticket.contact_id, force=True, actor="cli", now=NOW)
    task = session.scalars(select(ContactTask)).one()
    assert (task.done_at, task.result) == (NOW, TaskResult.NEEDLESS)
    assert session.scalars(unread).all() == [], "nor is anybody told of it"
    assert session.get_one(Contact, ticket.contact_id).erased_at == NOW
    assert verify(session) is None
