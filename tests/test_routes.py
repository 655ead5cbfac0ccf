"""Every route says who may call it, and the mark is honoured."""

import pytest
from flask import Flask

from helpdesk.app import create_app
from helpdesk.queries.visibility import Action
from helpdesk.runtime import Runtime
from helpdesk.views.access import PUBLIC, SIGNED_IN, TOKEN, access_of


@pytest.fixture
def app(shared_runtime: Runtime) -> Flask:
    return create_app(shared_runtime)


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    marks = {PUBLIC, TOKEN, SIGNED_IN, *Action}
    silent = {
        rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) not in marks
    }
    assert silent == set()


PUBLIC_ADDRESSES = (
    "/",
    "/lapor",
    "/privasi",
    "/cara-mengadu",
    "/poster.pdf",
    "/selebaran.pdf",
    "/login",
    "/logout",
    "/webhooks",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api",
)


def test_only_the_public_addresses_are_public(app: Flask) -> None:
    unexpected = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if access_of(app, rule.endpoint) == PUBLIC
        and not rule.rule.startswith(("/static", "/bootstrap"))
        and rule.rule != "/"
        and not rule.rule.startswith(PUBLIC_ADDRESSES[1:])
    }
    assert unexpected == set()


def test_without_a_session_every_staff_page_leads_to_the_sign_in(app: Flask) -> None:
    client = app.test_client()
    wrong = []
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) in (PUBLIC, TOKEN) or "GET" not in (rule.methods or ()):
            continue
        address = rule.rule
        for argument in rule.arguments:
            address = (
                address.replace(f"<{argument}>", "1")
                .replace(f"<int:{argument}>", "1")
                .replace(f"<path:{argument}>", "1")
            )
        answer = client.get(address)
        if not (answer.status_code == 302 and "/login" in answer.headers["Location"]):
            wrong.append((address, answer.status_code))
        answer.close()
    assert wrong == []


def test_without_a_session_nothing_can_be_changed(app: Flask) -> None:
    client = app.test_client()
    wrong = []
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) in (PUBLIC, TOKEN) or "POST" not in (rule.methods or ()):
            continue
        address = rule.rule
        for argument in rule.arguments:
            address = address.replace(f"<{argument}>", "1").replace(f"<int:{argument}>", "1")
        answer = client.post(address)
        if answer.status_code not in (400, 401, 403):
            wrong.append((address, answer.status_code))
        answer.close()
    assert wrong == []
