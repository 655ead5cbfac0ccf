"""Lists of administrators, notices, and the health of the worker."""

from datetime import timedelta

from factories import NOW, make_message, make_team, make_ticket, make_user
from query_samples import HOUR, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import Direction
from helpdesk.models.messages import OutboxItem
from helpdesk.models.people import ApiToken, Notification, Role, TokenScope
from helpdesk.models.sla import Worker
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.queries import admin, health, notifications, operations


def test_users_are_listed_with_unit_and_teams(session: Session) -> None:
    team = make_team(session)
    user = make_user(session, teams=(team,), name="Sari")
    gone = make_user(session, disabled_at=NOW)
    with counted(session) as seen:
        rows = {row.id: row for row in admin.users(session)}
    assert len(seen) == 2
    assert rows[user.id].teams == (team.code,)
    assert rows[gone.id].disabled_at == NOW
    assert gone.id not in {row.id for row in admin.users(session, with_disabled=False)}


def test_a_team_counts_members_who_can_sign_in(session: Session) -> None:
    team = make_team(session)
    make_user(session, teams=(team,))
    make_user(session, teams=(team,), disabled_at=NOW)
    assert {row.code: row.member_count for row in admin.teams(session)}[team.code] == 1


def test_reference_data_is_listed_as_seeded(session: Session) -> None:
    units = admin.units(session)
    assert units[0].parent_id is None
    assert admin.calendars(session)[0].hours
    assert any(row.name for row in admin.holidays(session, 2026))
    policies = admin.policies(session)
    assert all(row.targets for row in policies)
    assert [row.rank for row in policies] == sorted(row.rank for row in policies)
    assert admin.matrices(session)[0].version == 1
    assert admin.routing_rules(session)


def test_tokens_are_listed_without_their_secret(session: Session) -> None:
    session.add(ApiToken(name="app", scope=TokenScope.APP, token_hash="h", created_at=NOW))
    session.flush()
    row = admin.tokens(session)[-1]
    assert (row.name, row.scope) == ("app", TokenScope.APP)
    assert not hasattr(row, "token_hash")


def test_only_unprocessed_webhooks_are_listed(session: Session) -> None:
    for number, state in enumerate(WebhookState):
        session.add(
            WebhookEvent(
                channel="sms",
                body_digest=bytes([number]),
                url="x",
                headers={},
                body=b"",
                state=state,
                received_at=NOW,
                next_attempt_at=NOW,
            )
        )
    session.flush()
    found = {row.state for row in operations.unprocessed_events(session)}
    assert found == {WebhookState.RECEIVED, WebhookState.STUCK}


def test_waiting_and_failed_messages_are_listed(session: Session) -> None:
    ticket = make_ticket(session)
    for status in (DeliveryStatus.FAILED, DeliveryStatus.SENT):
        message = make_message(session, ticket, direction=Direction.OUT)
        session.add(OutboxItem(message_id=message.id, status=status, lane=0, next_attempt_at=NOW))
    session.flush()
    assert [(row.number, row.status) for row in operations.outbox(session)] == [
        (ticket.number, DeliveryStatus.FAILED)
    ]


def test_notices_are_unread_own_and_never_of_a_barred_ticket(session: Session) -> None:
    user = make_user(session, Role.SUPERVISOR)
    shown, barred = make_ticket(session), make_ticket(session)
    add_subject(session, barred, user)
    for ticket, user_id, read_at in (
        (shown, user.id, None),
        (shown, user.id, NOW),
        (shown, make_user(session).id, None),
        (barred, user.id, None),
    ):
        session.add(
            Notification(user_id=user_id, ticket_id=ticket.id, kind="x", created_at=NOW, read_at=read_at)
        )
    session.flush()
    viewer = viewer_of(session, user)
    assert [row.number for row in notifications.unread(session, viewer)] == [shown.number]
    assert notifications.unread_count(session, viewer) == 1


def test_a_worker_is_alive_when_seen_lately(session: Session) -> None:
    assert not health.is_worker_alive(session, now=NOW)
    session.add(Worker(name="w", started_at=NOW - HOUR, seen_at=NOW))
    session.flush()
    assert health.is_worker_alive(session, now=NOW + health.LATELY)
    assert not health.is_worker_alive(session, now=NOW + health.LATELY + timedelta(seconds=1))
