"""Refusals of the API as RFC 9457 problem documents, and what the description of the API says of them."""

from http import HTTPStatus

from flask import Response
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PROBLEM_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One field that cannot be taken."""

    field: str = Field(
        description="Name of the field or parameter; parts of a list have their place: `redress.0.kind`"
    )
    detail: str = Field(description="What is wrong with it")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Entity",
                    "status": 422,
                    "detail": "the text is empty",
                    "code": "required",
                    "errors": [{"field": "text", "detail": "the text is empty"}],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What happened, in English")
    code: str | None = Field(None, description="A word for programs, where one status has several causes")
    errors: list[FieldProblem] | None = Field(None, description="The fields that are wrong")


def on_invalid(error: ValidationError) -> Response:
    """Answer a request whose shape is wrong; nothing that the client sent is repeated."""
    faults = [
        FieldProblem(field=".".join(str(part) for part in fault["loc"]), detail=_without_prefix(fault["msg"]))
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    problem = Problem(
        title=status.phrase,
        status=status,
        detail="; ".join(f"{fault.field or 'body'}: {fault.detail}" for fault in faults),
        code="invalid",
        errors=faults,
    )
    return Response(problem.model_dump_json(), status=status, content_type=PROBLEM_TYPE)


def _without_prefix(message: str) -> str:
    return message.removeprefix("Value error, ")


def described(*statuses: HTTPStatus) -> ResponseDict:
    """Return the descriptions of these refusals for an operation."""
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        str(int(status)): {"description": _MEANING[status], "content": {PROBLEM_TYPE: reference}}
        for status in statuses
    }


_MEANING = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read",
    HTTPStatus.UNAUTHORIZED: "No valid bearer token",
    HTTPStatus.FORBIDDEN: "The token has another scope",
    HTTPStatus.NOT_FOUND: "There is no such thing, or it is not for this token",
    HTTPStatus.CONFLICT: "The ticket is not in the state that this needs, or something newer has not been read",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not of the kind that the call takes",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value breaks a rule, or the key was used for another request",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away; try again",
}
