"""The blueprint of the API, and what the application needs to describe it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypedDict

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import SecuritySchemesDict
from pydantic import BaseModel, ValidationError

from helpdesk.views.api.problems import Problem, described, on_invalid

COMPLAINTS = Tag(
    name="complaints", description="For the Mitra app (scope `app`): file complaints and follow them"
)
TICKETS = Tag(
    name="tickets", description="For staff systems (scope `staff`): all that a supervisor sees and does"
)
FEED = Tag(name="feed", description="For product teams (scope `reporting`): figures without personal data")

JSON = "application/json"


class _Options(TypedDict):
    doc_ui: bool
    security_schemes: SecuritySchemesDict
    validation_error_status: int
    validation_error_model: type[BaseModel]
    validation_error_callback: Callable[[ValidationError], Response]


OPENAPI_OPTIONS: _Options = {
    "doc_ui": False,  # its page has inline scripts, which our policy refuses: docs.py serves our own
    "security_schemes": {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made by `helpdesk token add --scope app|staff|reporting --name NAME`",
        }
    },
    "validation_error_status": int(HTTPStatus.UNPROCESSABLE_ENTITY),
    "validation_error_model": Problem,
    "validation_error_callback": on_invalid,
}
"""Keywords of flask_openapi3.OpenAPI."""


def _operation_id(*, name: str, path: str, method: str) -> str:
    """Each view function has a name of its own, which is the operation's."""
    return name


bp = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_security=[{"bearer": []}],
    abp_responses=described(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    operation_id_callback=_operation_id,
)


def json_of(answer: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the answer as JSON; instants become RFC 3339 in UTC."""
    return Response(answer.model_dump_json(), status=status, content_type=JSON)
