"""Fixtures of the page tests: the product's app on a fresh database, and people who sign in by the real form."""

import pytest
from flask import Flask
from policy_visits import DRAFT
from ticket_stories import SignIn
from visits import Visit, a_user, app_on
from visits import signed_in as sign_in

from helpdesk.models.people import OrgUnit, Role, User
from helpdesk.runtime import Runtime


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole application on its own database; its clock stands at NOW."""
    return app_on(rt)


@pytest.fixture
def visit(app: Flask) -> Visit:
    """A browser in which nobody has signed in."""
    return Visit(app)


@pytest.fixture
def signed_in(app: Flask, rt: Runtime) -> SignIn:
    """Function that returns the browser of a signed-in person: of a role and teams, or of a user that is there."""

    def sign(
        role: Role = Role.AGENT,
        *,
        teams: tuple[str, ...] = (),
        unit: OrgUnit | None = None,
        user: User | None = None,
    ) -> Visit:
        return sign_in(app, user or a_user(rt, role, unit=unit, teams=teams))

    return sign


@pytest.fixture
def admin(signed_in: SignIn) -> Visit:
    """An administrator who reads the policies."""
    visit = signed_in(Role.ADMIN)
    visit.get("/admin/policies")
    return visit


@pytest.fixture
def author(admin: Visit) -> Visit:
    """An administrator with a draft."""
    admin.send(DRAFT)
    return admin
