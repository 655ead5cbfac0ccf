"""Visits to the real pages: an app on a runtime, a client that sends forms as a browser does, people to sign in."""

import re
import tempfile
from html import unescape
from typing import TypeVar

from argon2 import PasswordHasher
from factories import make_user
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from helpdesk.app import create_app
from helpdesk.models.people import OrgUnit, Role, User
from helpdesk.runtime import Runtime

T = TypeVar("T")

PASSWORD = "kata-sandi-panjang"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""As the product's own, with less work in it: a quarter of the page tests would be spent on signing in."""


_COMPILED = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="helpdesk-templates-"))
"""Each test has an app of its own; to compile the same templates for each would take longer than the tests."""


def app_on(rt: Runtime) -> Flask:
    """Return the product's own app."""
    app = create_app(rt)
    app.jinja_env.bytecode_cache = _COMPILED
    app.config["TESTING"] = True
    return app


class Visit:
    """One browser: it reads a page, fills its form in and sends it with the page's token and hidden fields."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def get(self, address: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(address)
        self.page = answer.get_data(as_text=True)
        return answer

    def post(self, address: str, **fields: object) -> TestResponse:
        """Send a form of the page that was opened last; redirects are not followed."""
        token = _TOKEN.search(self.page)
        values = {"csrf_token": token[1] if token else "", **fields}
        answer = self.client.post(address, data=values, content_type="multipart/form-data")
        answer.request.environ["wsgi.input"].close()  # a large body lies in a temporary file
        if answer.status_code != 303:
            self.page = answer.get_data(as_text=True)
        return answer

    def send(self, address: str, **fields: object) -> TestResponse:
        """Send a form and follow where it leads; an answer other than 303 is returned as it is."""
        answer = self.post(address, **fields)
        return self.get(answer.headers["Location"]) if answer.status_code == 303 else answer

    def hidden(self, name: str) -> str:
        """Return a hidden value of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"no hidden {name}"
        return unescape(found[1])

    @property
    def text(self) -> str:
        """The page as it is read: without tags, with single blanks."""
        bare = re.sub(r"<(style|script|svg)\b.*?</\1>|<[^>]+>", " ", self.page, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(bare))


def stored(rt: Runtime, query: Select[T]) -> list[T]:
    """Return what lies in the database, usable after the read."""

    def read(session: Session) -> list[T]:
        found = list(session.scalars(query))
        session.expunge_all()
        return found

    return rt.read(read)


def a_user(rt: Runtime, role: Role, *, unit: OrgUnit | None = None, teams: tuple[str, ...] = ()) -> User:
    """Return a member of staff who can sign in with PASSWORD."""
    from factories import make_team

    def make(session: Session) -> User:
        return make_user(
            session,
            role,
            unit=unit,
            teams=tuple(make_team(session, code) for code in teams),
            password_hash=_HASH,
        )

    return rt.write(make)


def signed_in(app: Flask, user: User) -> Visit:
    """Return a browser in which `user` has signed in."""
    visit = Visit(app)
    visit.get("/login")
    answer = visit.post("/login", email=user.email, password=PASSWORD)
    assert answer.status_code == 302, visit.text
    return visit
