"""create_app(): the composition root of the web process."""

from pathlib import Path

from flask import Flask, Request, g, request
from flask import session as cookie
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk import __version__
from helpdesk.config import Settings
from helpdesk.logs import configure_logging
from helpdesk.runtime import Runtime
from helpdesk.views import (
    additions,
    admin,
    api,
    audit,
    auth,
    complaints,
    contact_tasks,
    contacts,
    dashboard,
    explanations,
    extensions,
    files,
    improvements,
    intake,
    lwk,
    merging,
    moving,
    notices,
    operations,
    posters,
    presence,
    public,
    queue,
    regulation,
    reports,
    samples,
    setting_aside,
    talks,
    tickets,
    trends,
    webhooks,
)
from helpdesk.views.access import init_access
from helpdesk.views.api.waiting import init_waiting
from helpdesk.views.errors import init_errors
from helpdesk.views.headers import check_origin, init_headers
from helpdesk.views.navigation import init_navigation
from helpdesk.views.nul import init_nul
from helpdesk.views.presence import init_presence
from helpdesk.views.shipped_names import shipped
from helpdesk.views.templating import init_templating

ROOT = Path(__file__).resolve().parent.parent

LANGUAGES = ("id", "en")

PAGES = (
    additions.bp,
    admin.bp,
    audit.bp,
    complaints.bp,
    contact_tasks.bp,
    contacts.bp,
    dashboard.bp,
    explanations.bp,
    extensions.bp,
    files.bp,
    improvements.bp,
    intake.bp,
    lwk.bp,
    merging.bp,
    moving.bp,
    notices.bp,
    operations.bp,
    posters.bp,
    presence.bp,
    public.bp,
    queue.bp,
    regulation.bp,
    reports.bp,
    samples.bp,
    talks.bp,
    setting_aside.bp,
    tickets.bp,
    trends.bp,
    webhooks.bp,
)

_SELF_AUTHENTICATED = ("/webhooks/", "/api/")
"""Signed by a provider or by a bearer token: no session, so no forged form to fear."""


def create_app(rt: Runtime) -> Flask:
    """Return the web application on `rt`, whose keys must be loaded."""
    settings = rt.settings
    configure_logging(settings)
    app = OpenAPI(
        __name__,
        info=Info(title="Helpdesk", version=__version__),
        template_folder=str(ROOT / "templates"),
        static_folder=str(Path(__file__).parent / "static"),
        **api.OPENAPI_OPTIONS,
    )
    _configure(app, settings)
    app.extensions["helpdesk"] = rt
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    Bootstrap5(app)
    Babel(app, locale_selector=chosen_language)
    init_nul(app)
    _protect_forms(app, settings.public_url)
    auth.init_auth(app)
    init_access(app)
    init_presence(app)
    init_errors(app)
    init_headers(app, public_url=settings.public_url)
    init_templating(app)
    app.jinja_env.filters["shipped"] = shipped
    init_navigation(app)
    for page in PAGES:
        app.register_blueprint(page)
    app.register_api(api.bp)
    init_waiting(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="helpdesk_session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=(settings.max_upload_mb + 1) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_SSL_STRICT=False,  # check_origin() judges what a browser sends; the token holds for the rest
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )


def chosen_language() -> str:
    """Language of this answer: the address, then the session; Bahasa Indonesia first."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        cookie["lang"] = asked
    if not hasattr(g, "language"):
        g.language = asked if asked in LANGUAGES else cookie.get("lang") or "id"
    language: str = g.language
    return language


def _protect_forms(app: Flask, public_url: str) -> None:
    csrf = CSRFProtect()
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)

    @app.before_request
    def check() -> None:
        if request.routing_exception is not None or not _needs_token(request):
            return  # an address or method that is not there is told as such (404, 405), whatever was sent
        check_origin(request, public_url=public_url)
        csrf.protect()


def _needs_token(asked: Request) -> bool:
    return asked.method not in ("GET", "HEAD", "OPTIONS") and not asked.path.startswith(_SELF_AUTHENTICATED)
