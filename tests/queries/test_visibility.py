"""Who may see which ticket, and who may do what."""

import pytest
from factories import NOW, make_ladder, make_team, make_ticket, make_unit, make_user
from query_samples import a_viewer, add_subject, viewer_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.crypto import token_hash
from helpdesk.domain.errors import Forbidden
from helpdesk.models.people import ApiToken, Role, TokenScope
from helpdesk.models.tickets import Ticket
from helpdesk.queries.agents import assignable
from helpdesk.queries.permissions import ALLOWED
from helpdesk.queries.visibility import Action, Viewer, can, load_viewer, require, viewer_for_token, visible
from helpdesk.services.escalations import barred_user_ids

SEES_ALL = (Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR)


def sees(session: Session, viewer: Viewer, ticket: Ticket) -> bool:
    return session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, visible(viewer))) is not None


def token(session: Session, scope: TokenScope) -> Viewer:
    session.add(
        ApiToken(name=f"t-{scope}", scope=scope, token_hash=token_hash(f"secret-{scope}"), created_at=NOW)
    )
    session.flush()
    viewer = viewer_for_token(session, f"secret-{scope}")
    assert viewer is not None
    return viewer


def test_an_agent_sees_the_tickets_of_own_teams_only(session: Session) -> None:
    own, other = make_team(session), make_team(session)
    agent = a_viewer(session, Role.AGENT, teams=(own,))
    assert sees(session, agent, make_ticket(session, team=own))
    assert not sees(session, agent, make_ticket(session, team=other))


def test_an_agent_sees_an_assigned_ticket_of_another_team(session: Session) -> None:
    agent = a_viewer(session, Role.AGENT)
    assert sees(session, agent, make_ticket(session, team=make_team(session), assignee_id=agent.user_id))


@pytest.mark.parametrize("role", SEES_ALL)
def test_these_roles_see_every_team(session: Session, role: Role) -> None:
    assert sees(session, a_viewer(session, role), make_ticket(session, is_about_staff=True))


@pytest.mark.parametrize("role", [Role.PRODUCT, Role.ADMIN])
def test_these_roles_see_no_ticket_at_all(session: Session, role: Role) -> None:
    team = make_team(session)
    viewer = a_viewer(session, role, teams=(team,))
    assert not sees(session, viewer, make_ticket(session, team=team, assignee_id=viewer.user_id))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_sees_a_complaint_about_themselves(session: Session, role: Role) -> None:
    team = make_team(session)
    user = make_user(session, role, teams=(team,))
    ticket = make_ticket(session, team=team, assignee_id=user.id, registered_by_id=user.id)
    add_subject(session, ticket, user)
    assert not sees(session, viewer_of(session, user), ticket)


def test_field_staff_see_their_own_point_and_what_they_registered(session: Session) -> None:
    _, area, point = make_ladder(session)
    field = a_viewer(session, Role.FIELD, unit=point)
    neighbour = make_unit(session, parent=area)
    assert sees(session, field, make_ticket(session, unit=point))
    assert not sees(session, field, make_ticket(session, unit=neighbour))
    assert sees(session, field, make_ticket(session, unit=neighbour, registered_by_id=field.user_id))


def test_a_field_user_at_head_office_does_not_see_tickets_of_unknown_points(session: Session) -> None:
    assert not sees(session, a_viewer(session, Role.FIELD), make_ticket(session))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_at_a_point_sees_its_complaints_about_staff(session: Session, role: Role) -> None:
    _, _, point = make_ladder(session)
    team = make_team(session)
    viewer = a_viewer(session, role, unit=point, teams=(team,))
    ticket = make_ticket(
        session,
        unit=point,
        team=team,
        is_about_staff=True,
        registered_by_id=viewer.user_id,
        assignee_id=viewer.user_id,
    )
    assert not sees(session, viewer, ticket)


@pytest.mark.parametrize("is_about_staff", [False, True], ids=["about money", "about staff"])
@pytest.mark.parametrize("is_subject", [False, True], ids=["not named", "named"])
@pytest.mark.parametrize("ticket_at", ["point", "head office"])
@pytest.mark.parametrize("person_at", ["point", "neighbour", "area", "head office"])
def test_reads_assignments_and_notices_bar_the_same_people(
    session: Session, person_at: str, ticket_at: str, is_subject: bool, is_about_staff: bool
) -> None:
    _, area, point = make_ladder(session)
    places = {"point": point, "neighbour": make_unit(session, parent=area), "area": area, "head office": None}
    team = make_team(session)
    user = make_user(session, Role.SUPERVISOR, unit=places[person_at], teams=(team,))
    ticket = make_ticket(session, unit=places[ticket_at], team=team, is_about_staff=is_about_staff)
    if is_subject:
        add_subject(session, ticket, user)
    expected = is_subject or (is_about_staff and person_at == ticket_at == "point")
    assert sees(session, viewer_of(session, user), ticket) is not expected
    assert (user.id in barred_user_ids(session, ticket)) is expected
    offered = assignable(session, a_viewer(session), ticket.number)
    assert (user.id not in {row.id for row in offered}) is expected


def test_a_staff_token_sees_every_ticket_with_the_rights_of_a_supervisor(session: Session) -> None:
    viewer = token(session, TokenScope.STAFF)
    assert sees(session, viewer, make_ticket(session, is_about_staff=True))
    assert ALLOWED[TokenScope.STAFF] == ALLOWED[Role.SUPERVISOR]
    assert viewer.actor == "token:t-staff"


@pytest.mark.parametrize("scope", [TokenScope.APP, TokenScope.REPORTING])
def test_other_tokens_see_no_ticket_rows(session: Session, scope: TokenScope) -> None:
    assert not sees(session, token(session, scope), make_ticket(session))


def test_a_revoked_or_unknown_token_is_nobody(session: Session) -> None:
    token(session, TokenScope.STAFF)
    session.scalars(select(ApiToken).where(ApiToken.name == "t-staff")).one().revoked_at = NOW
    session.flush()
    assert viewer_for_token(session, "secret-staff") is None
    assert viewer_for_token(session, "never made") is None


def test_a_disabled_user_is_nobody(session: Session) -> None:
    user = make_user(session, disabled_at=NOW)
    assert load_viewer(session, user.id) is None


def test_a_viewer_carries_teams_unit_and_actor(session: Session) -> None:
    _, _, point = make_ladder(session, zone="Asia/Makassar")
    team = make_team(session)
    user = make_user(session, unit=point, teams=(team,))
    viewer = viewer_of(session, user)
    assert viewer.team_ids == {team.id}
    assert (viewer.unit_path, viewer.zone, viewer.is_at_point) == (point.path, "Asia/Makassar", True)
    assert viewer.actor == f"user:{user.public_id}"


@pytest.mark.parametrize(
    ("role", "action", "expected"),
    [
        (Role.AGENT, Action.REPLY, True),
        (Role.AGENT, Action.SEVERITY, False),
        (Role.AGENT, Action.READ_DASHBOARD, False),
        (Role.SUPERVISOR, Action.SEVERITY, True),
        (Role.SUPERVISOR, Action.READ_AUDIT, False),
        (Role.SUPERVISOR, Action.ADMINISTER, False),
        (Role.FIELD, Action.ENTER_LWK, True),
        (Role.FIELD, Action.REPLY, False),
        (Role.FIELD, Action.READ_QUEUE, False),
        (Role.PRODUCT, Action.EDIT_IMPROVEMENTS, True),
        (Role.PRODUCT, Action.READ_TICKET, False),
        (Role.COMPLIANCE, Action.APPROVE, True),
        (Role.COMPLIANCE, Action.REPLY, False),
        (Role.AUDITOR, Action.READ_AUDIT, True),
        (Role.AUDITOR, Action.REVEAL_PERSONAL, False),
        (Role.ADMIN, Action.ADMINISTER, True),
        (Role.ADMIN, Action.READ_TICKET, False),
    ],
)
def test_the_table_of_actions_follows_the_contract(
    session: Session, role: Role, action: Action, expected: bool
) -> None:
    viewer = a_viewer(session, role)
    assert can(viewer, action) is expected
    if not expected:
        with pytest.raises(Forbidden):
            require(viewer, action)


def test_only_agents_and_supervisors_write_to_the_contact() -> None:
    assert {who for who, actions in ALLOWED.items() if Action.REPLY in actions} == {
        Role.AGENT,
        Role.SUPERVISOR,
        TokenScope.STAFF,
    }
