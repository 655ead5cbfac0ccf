"""The OpenAPI document is valid, and every answer to what it allows is one that it describes."""

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.api_calls import Api, Quiet, body_of, file_complaint

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

SCOPES = {"complaints": "app", "tickets": "staff", "feed": "reporting"}
"""Tag of a call to the scope that it needs."""

probes = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same calls at every run. `schemathesis run` on a demo tries more."""


def test_the_document_is_valid_openapi(quiet: Quiet) -> None:
    document = body_of(Api(quiet.app).get("/openapi.json"))

    validate(document)
    assert document["openapi"].startswith("3.1.")


def test_every_answer_is_one_that_the_document_describes(
    app: Flask, tokens: dict[str, str], mitra_app: Api
) -> None:
    number = file_complaint(mitra_app)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    statuses = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        statuses[operation.label] = _probe(operation, tokens[SCOPES[operation.tags[0]]], number)

    assert len(statuses) == 26
    assert [label for label, seen in statuses.items() if not seen or seen & {401, 403}] == []
    assert {200, 201} & set().union(*statuses.values()) == {200, 201}


def _probe(operation: APIOperation, token: str, number: str) -> set[int]:
    """Call the operation as its description allows; returns the statuses of the answers."""
    seen = set()

    @probes
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def probe(case: Case, is_known: bool) -> None:
        if is_known and "number" in case.path_parameters:
            case.path_parameters["number"] = number
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=list(CHECKS))
        seen.add(answer.status_code)

    probe()
    return seen
