"""Bearer tokens: who calls, and whether the token's scope covers the call."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal, TypeVar

from flask import Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized, UnsupportedMediaType

from helpdesk.domain.errors import Forbidden
from helpdesk.queries.visibility import Viewer, viewer_for_token
from helpdesk.views.access import by_token, runtime
from helpdesk.views.api.base import bp

Scope = Literal["app", "staff", "reporting"]

View = TypeVar("View", bound=Callable[..., Response])

MAX_JSON = 1024 * 1024
"""Bytes of a JSON body; files have their own limit (complaints.py)."""


def for_scope(scope: Scope, *, takes_file: bool = False) -> Callable[[View], View]:
    """Mark a view as open to tokens of this scope."""

    def mark(view: View) -> View:
        view.token_scope = scope  # type: ignore[attr-defined]
        view.takes_file = takes_file  # type: ignore[attr-defined]
        # The docstring is the description of the call: on one line, or flask_openapi3 puts <br/> into it.
        view.__doc__ = " ".join((view.__doc__ or "").split())
        return by_token(view)

    return mark


def caller() -> Viewer:
    """Return the token that calls. Only for views that are marked with for_scope()."""
    found: Viewer = g.api_caller
    return found


@bp.before_request
def check_token() -> None:
    """Refuse a call without a token of the view's scope, before anything of it is read."""
    view = current_app.view_functions[str(request.endpoint)]
    scope: Scope | None = getattr(view, "token_scope", None)
    if scope is None:
        return  # views/access.py refuses a view that does not say that it is public
    takes_file = bool(getattr(view, "takes_file", False))
    if not takes_file:
        request.max_content_length = MAX_JSON
    viewer = _viewer()
    if viewer.role != scope:
        raise Forbidden(f"this needs a token of scope {scope}")
    g.api_caller = viewer
    _check_media_type(takes_file=takes_file)
    _parse_body()


def _check_media_type(*, takes_file: bool) -> None:
    """Refuse a body of another kind than the view reads; without any body the view names what is missing."""
    if request.method != "POST" or not request.content_length:
        return
    if takes_file and request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("send the file as multipart/form-data")
    if not takes_file and not request.is_json:
        raise UnsupportedMediaType("send the body as application/json")


def _parse_body() -> None:
    """Parse a JSON body now (it is kept for the view): a hostile depth is the client's fault, not ours."""
    try:
        request.get_json(silent=True)
    except RecursionError:
        raise BadRequest("the JSON is nested too deeply") from None


def _viewer() -> Viewer:
    given = request.authorization
    token = given.token if given is not None and given.type == "bearer" else None
    if not token:
        raise _unauthorized("a bearer token is needed")
    found = runtime().read(lambda session: viewer_for_token(session, token))
    if found is None:
        raise _unauthorized("the token is unknown or revoked", error="invalid_token")
    return found


def _unauthorized(detail: str, **parameters: str | None) -> Unauthorized:
    """Return the refusal of RFC 6750: a request without any token is told no error code."""
    challenge = WWWAuthenticate("bearer", {"realm": "helpdesk", **parameters})
    return Unauthorized(f"{HTTPStatus.UNAUTHORIZED.phrase}: {detail}", www_authenticate=challenge)
