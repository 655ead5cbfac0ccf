"""Who may call a view: each one says so, one place checks it, and a view that says nothing is refused."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from helpdesk.domain.errors import Forbidden
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.runtime import Runtime

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

PUBLIC = "public"
"""Open to everybody: the Mitra's pages, sign-in, providers' webhooks (signed), operations."""
TOKEN = "token"  # noqa: S105  (a kind of access, not a secret)
"""Bearer tokens of the JSON API; views/api/auth.py checks their scope."""
SIGNED_IN = "signed_in"
"""Any member of staff."""

_FRAMEWORK = frozenset({"static", "bootstrap.static"})


def public(view: View) -> View:
    """Mark a view as open to everybody."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def by_token(view: View) -> View:
    """Mark a view as guarded by bearer tokens."""
    view.access = TOKEN  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Mark a view as open to every member of staff."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def requires(action: Action) -> Callable[[View], View]:
    """Mark a view as open to those whose role may do `action`."""

    def mark(view: View) -> View:
        view.access = action  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> str | None:
    """Return what the endpoint's view says of itself, None when it says nothing."""
    if endpoint in _FRAMEWORK:
        return PUBLIC
    found: str | None = getattr(app.view_functions[endpoint], "access", None)
    return found


def runtime() -> Runtime:
    """Return the runtime of this application."""
    rt: Runtime = current_app.extensions["helpdesk"]
    return rt


def viewer() -> Viewer:
    """Return who is signed in. Only for views that are not public."""
    if not current_user.is_authenticated:
        raise Forbidden("nobody is signed in")
    found: Viewer = current_user.viewer
    return found


def init_access(app: Flask) -> None:
    """Check every request before its view."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # 404 or 405 follows
        access = access_of(app, request.endpoint)
        if access in (PUBLIC, TOKEN):
            return None
        if access is None:
            abort(403)
        if not current_user.is_authenticated:
            g.pop("csrf_token", None)
            if request.method != "GET":
                abort(401)
            return redirect(url_for("auth.login", next=request.full_path.rstrip("?")))
        if access != SIGNED_IN and not can(viewer(), Action(access)):
            raise Forbidden(f"{viewer().role} may not {access}")
        return None
