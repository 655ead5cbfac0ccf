"""Which requests of a provider are one delivery: the same bytes, or its own word for a repeat."""

from collections.abc import Mapping

import pytest
from installing import NOW
from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.domain.messages import Envelope, WebhookRequest
from helpdesk.services import webhooks

TOKEN = {"i-twilio-idempotency-token": "delivery-1"}
OTHER = {"i-twilio-idempotency-token": "delivery-2"}


def came(
    session: Session,
    body: bytes,
    headers: Mapping[str, str],
    *,
    on: str = "whatsapp",
    sid: str | None = "SM1",
) -> webhooks.Stored:
    request = WebhookRequest(on, f"https://x/webhooks/{on}", headers, (), body)
    return webhooks.store(session, request, Envelope("whatsapp:+62857", sid), now=NOW)


@pytest.mark.parametrize(
    ("body", "headers", "channel", "is_repeat"),
    [
        (b"Body=x", {}, "whatsapp", True),
        (b"Body=x", OTHER, "whatsapp", True),
        (b"Body=x&New=1", TOKEN, "whatsapp", True),
        (b"Body=x&New=1", OTHER, "whatsapp", False),
        (b"Body=x&New=1", {}, "whatsapp", False),
        (b"Body=x", TOKEN, "sms", False),
    ],
    ids=["bytes", "bytes with another token", "token", "neither", "no token", "another channel"],
)
def test_a_repeat_is_known_by_its_bytes_or_by_its_token_and_message(
    session: Session, body: bytes, headers: Mapping[str, str], channel: str, is_repeat: bool
) -> None:
    first = came(session, b"Body=x", TOKEN)

    second = came(session, body, headers, on=channel)

    assert second.is_repeat is is_repeat
    assert (second.event_id == first.event_id) is is_repeat


@pytest.mark.parametrize("sid", ["SM2", None], ids=["another message", "a report"])
def test_a_token_alone_makes_no_repeat(session: Session, sid: str | None) -> None:
    first = came(session, b"Body=x", TOKEN)
    other = came(session, b"Body=y", TOKEN, sid=sid)
    assert not other.is_repeat
    assert other.event_id != first.event_id
    assert came(session, b"Body=y", TOKEN, sid=sid).is_repeat


def test_without_a_token_only_the_same_bytes_are_looked_for(session: Session) -> None:
    """Else each request would read all that ever came without one."""
    came(session, b"Body=x", {})
    read: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: read.append(args[2]))
    came(session, b"Body=y", {})
    assert [statement for statement in read if "webhook_events" in statement]
    assert not [statement for statement in read if "token_digest IS NULL" in statement]
