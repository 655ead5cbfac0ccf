"""Lists of administrators, notices, and the health of the worker."""

from datetime import timedelta

from factories import NOW, make_ladder, make_message, make_team, make_ticket, make_user
from query_samples import HOUR, add_subject, viewer_of
from sqlalchemy.orm import Session
from statements import counted

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.domain.messages import Direction
from helpdesk.models.messages import OutboxItem
from helpdesk.models.people import ApiToken, Notification, Position, Role, TokenScope
from helpdesk.models.sla import Worker
from helpdesk.models.webhooks import WebhookEvent, WebhookState
from helpdesk.queries import admin, calendars, health, notifications, operations


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
    assert calendars.calendars(session)[0].hours
    assert any(row.name for row in calendars.holidays(session, 2026))
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
        session.add(
            OutboxItem(
                message_id=message.id, status=status, channel=message.channel, lane=0, next_attempt_at=NOW
            )
        )
    session.flush()
    assert [(row.number, row.status) for row in operations.outbox(session, now=NOW)] == [
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


def test_a_manager_is_told_of_a_ticket_that_she_may_not_open(session: Session) -> None:
    _region, area, point = make_ladder(session)
    manager = make_user(session, Role.FIELD, position=Position.AM, unit=area)
    plain = make_ticket(session, unit=point, category_code="PRD-LAMBAT", next_due_at=NOW + HOUR)
    of_staff = make_ticket(session, unit=point, category_code="PRD-LAMBAT", is_about_staff=True)
    own = make_ticket(session, unit=point, registered_by_id=manager.id)
    about_her = make_ticket(session, unit=point)
    add_subject(session, about_her, manager)
    for ticket in (plain, of_staff, own, about_her):
        session.add(
            Notification(
                user_id=manager.id, ticket_id=ticket.id, kind="escalated", level="L2", created_at=NOW
            )
        )
    viewer = viewer_of(session, manager)
    with counted(session) as seen:
        rows = {row.number: row for row in notifications.unread(session, viewer)}
    assert len(seen) == 1
    assert {number: row.may_open for number, row in rows.items()} == {
        plain.number: False,
        of_staff.number: False,
        own.number: True,
    }
    assert (rows[plain.number].unit, rows[plain.number].next_due_at) == (point.name, NOW + HOUR)
    assert rows[plain.number].category_id
    assert (rows[of_staff.number].category_id, rows[of_staff.number].category_en) == (None, None)
    assert notifications.unread_count(session, viewer) == 3


def test_a_complaint_about_staff_is_told_to_nobody_of_its_point(session: Session) -> None:
    point = make_ladder(session)[2]
    colleague = make_user(session, Role.FIELD, unit=point)
    ticket = make_ticket(session, unit=point, is_about_staff=True)
    session.add(Notification(user_id=colleague.id, ticket_id=ticket.id, kind="escalated", created_at=NOW))
    session.flush()
    assert notifications.unread(session, viewer_of(session, colleague)) == ()


def test_a_role_that_reads_no_tickets_is_told_without_a_way_in(session: Session) -> None:
    director = make_user(session, Role.ADMIN, position=Position.DIRECTOR)
    ticket = make_ticket(session)
    session.add(Notification(user_id=director.id, ticket_id=ticket.id, kind="escalated", created_at=NOW))
    session.flush()
    (row,) = notifications.unread(session, viewer_of(session, director))
    assert (row.number, row.may_open) == (ticket.number, False)


def test_a_worker_is_alive_when_seen_lately(session: Session) -> None:
    assert not health.is_worker_alive(session, now=NOW)
    session.add(Worker(name="w", started_at=NOW - HOUR, seen_at=NOW))
    session.flush()
    assert health.is_worker_alive(session, now=NOW + health.LATELY)
    assert not health.is_worker_alive(session, now=NOW + health.LATELY + timedelta(seconds=1))
