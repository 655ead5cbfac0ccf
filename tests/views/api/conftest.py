"""The API on its own: only what it needs of the application, on a fresh database of either kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from flask_openapi3.models import Info
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.orm import Session

from api.api_calls import Api, Quiet
from helpdesk.models.people import TokenScope
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.accounts import add_token
from helpdesk.views import api
from helpdesk.views.access import init_access
from helpdesk.views.api.waiting import init_waiting
from helpdesk.views.errors import init_errors
from helpdesk.views.headers import init_headers
from helpdesk.views.templating import init_templating

ROOT = Path(__file__).resolve().parents[3]


def build_app(rt: Runtime) -> Flask:
    """Return the blueprint with what every request passes."""
    app = OpenAPI(
        "helpdesk.app",
        info=Info(title="Helpdesk", version="1"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "helpdesk" / "static"),
        **api.OPENAPI_OPTIONS,
    )
    app.config["MAX_CONTENT_LENGTH"] = (rt.settings.max_upload_mb + 1) * 1024 * 1024
    app.extensions["helpdesk"] = rt
    Babel(app, locale_selector=lambda: "en")
    init_access(app)
    init_errors(app)
    init_headers(app)
    init_templating(app)
    app.register_api(api.bp)
    init_waiting(app)
    return app


def make_tokens(rt: Runtime) -> dict[str, str]:
    """Return one token of each scope."""

    def add(session: Session, scope: TokenScope) -> str:
        return add_token(session, name=f"tes-{scope}", scope=scope, actor="system", now=rt.now())

    return {scope.value: rt.write(lambda session, scope=scope: add(session, scope)) for scope in TokenScope}


@pytest.fixture(scope="module")
def quiet(
    shared_runtime: Runtime, template: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Quiet]:
    """One API for all tests of a module that change nothing."""
    folder = tmp_path_factory.mktemp("quiet")
    changes = {"database_url": template(folder), "storage_dir": folder / "storage"}
    runtime = build_runtime(shared_runtime.settings.model_copy(update=changes), now=shared_runtime.now)
    runtime.load_keys()
    yield Quiet(build_app(runtime), make_tokens(runtime), runtime.settings.storage_dir)
    runtime.close()


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The API on its own database."""
    return build_app(rt)


@pytest.fixture
def tokens(rt: Runtime) -> dict[str, str]:
    """One token of each scope."""
    return make_tokens(rt)


@pytest.fixture
def mitra_app(app: Flask, tokens: dict[str, str]) -> Api:
    """The Mitra app."""
    return Api(app, tokens["app"])


@pytest.fixture
def staff(app: Flask, tokens: dict[str, str]) -> Api:
    """A staff system."""
    return Api(app, tokens["staff"])


@pytest.fixture
def reporting(app: Flask, tokens: dict[str, str]) -> Api:
    """A product team's tool."""
    return Api(app, tokens["reporting"])
