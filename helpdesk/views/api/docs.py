"""The description of the API: for programs as OpenAPI 3.1, for people as a page made from it."""

from dataclasses import dataclass
from typing import cast

from flask import Response, current_app, json, render_template
from flask_openapi3.openapi import OpenAPI
from pydantic import JsonValue

from helpdesk.views.access import public
from helpdesk.views.api.base import JSON, bp

Schema = dict[str, JsonValue]

_REFERENCE = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one key of a body."""

    name: str
    place: str
    """path, query, header or body."""
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation may answer."""

    status: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One call."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]
    sent: str
    """Example of the body, empty where there is none."""
    received: str
    """Example of the answer."""


@bp.get("/openapi.json", doc_ui=False)
@public
def openapi_json() -> Response:
    """The document itself."""
    return Response(json.dumps(_document()), content_type=JSON)


@bp.get("/docs", doc_ui=False)
@public
def docs() -> Response:
    """A page that reads it out."""
    document = _document()
    tags = cast(list[dict[str, str]], document["tags"])
    page = render_template("api/docs.html", tags=tags, operations=operations(document))
    return Response(page, content_type="text/html; charset=utf-8")


def _document() -> Schema:
    return cast(Schema, cast(OpenAPI, current_app).api_doc)


def operations(document: Schema) -> tuple[Operation, ...]:
    """Return the calls that an OpenAPI document describes, in its order."""
    paths = cast(dict[str, dict[str, Schema]], document["paths"])
    components = cast(dict[str, dict[str, Schema]], document["components"])["schemas"]
    return tuple(
        _operation(path, method, described, components)
        for path, methods in paths.items()
        for method, described in methods.items()
    )


def _operation(path: str, method: str, described: Schema, schemas: dict[str, Schema]) -> Operation:
    parameters = cast(list[Schema], described.get("parameters", []))
    responses = cast(dict[str, Schema], described["responses"])
    body = _content_schema(cast(Schema, described.get("requestBody", {})), schemas)
    good = _content_schema(next(answer for status, answer in responses.items() if status[0] == "2"), schemas)
    return Operation(
        id=str(described["operationId"]),
        method=method.upper(),
        path=path,
        tag=str(cast(list[JsonValue], described["tags"])[0]),
        summary=str(described.get("summary", "")),
        description=str(described.get("description", "")),
        fields=(*(_parameter(each, schemas) for each in parameters), *_keys(body, schemas)),
        answers=tuple(
            Answer(status, str(answer["description"])) for status, answer in sorted(responses.items())
        ),
        sent=_example(body),
        received=_example(good),
    )


def _content_schema(holder: Schema, schemas: dict[str, Schema]) -> Schema:
    content = cast(dict[str, dict[str, Schema]], holder.get("content", {}))
    for described in content.values():
        return _resolved(described["schema"], schemas)
    return {}


def _resolved(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return schemas[str(reference).removeprefix(_REFERENCE)] if reference else schema


def _parameter(described: Schema, schemas: dict[str, Schema]) -> Field:
    return Field(
        name=str(described["name"]),
        place=str(described["in"]),
        type=type_of(cast(Schema, described["schema"]), schemas),
        is_required=bool(described.get("required")),
        description=str(described.get("description", "")),
    )


def _keys(body: Schema, schemas: dict[str, Schema]) -> tuple[Field, ...]:
    required = cast(list[str], body.get("required", []))
    return tuple(
        Field(name, "body", type_of(schema, schemas), name in required, str(schema.get("description", "")))
        for name, schema in cast(dict[str, Schema], body.get("properties", {})).items()
    )


def type_of(schema: Schema, schemas: dict[str, Schema]) -> str:
    """Return a schema in a few words: `text`, `list of new | open`."""
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        return " | ".join(str(word) for word in cast(list[JsonValue], schema["enum"]))
    if "anyOf" in schema:
        parts = [type_of(part, schemas) for part in cast(list[Schema], schema["anyOf"])]
        return " or ".join(part for part in parts if part != "null")
    kind = str(schema.get("format") or schema.get("type", "object"))
    if kind == "array":
        return f"list of {type_of(cast(Schema, schema.get('items', {})), schemas)}"
    return {"string": "text", "binary": "file", "date-time": "instant"}.get(kind, kind)


def _example(schema: Schema) -> str:
    examples = cast(list[JsonValue], schema.get("examples") or [])
    return json.dumps(examples[0], indent=2, ensure_ascii=False, sort_keys=False) if examples else ""
