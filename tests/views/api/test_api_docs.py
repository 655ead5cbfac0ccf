"""The description of the API."""

import re
from typing import Any

import pytest

from api.api_calls import Api, Quiet, body_of


@pytest.fixture
def document(quiet: Quiet) -> dict[str, Any]:
    """The OpenAPI document, read without a token."""
    return body_of(Api(quiet.app).get("/openapi.json"))


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, each) for path, item in document["paths"].items() for method, each in item.items()]


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def test_the_document_is_openapi_3_1_and_names_every_call(quiet: Quiet, document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, method, _ in operations(document)}
    routed = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in quiet.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and not rule.rule.endswith(("/docs", "/openapi.json"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert document["openapi"].startswith("3.1")
    assert described == routed


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)

    assert found
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert isinstance(place, dict)


def test_every_call_says_what_it_takes_and_answers(document: dict[str, Any]) -> None:
    ids = [each["operationId"] for _, _, each in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, each in operations(document):
        where = f"{method} {path}"
        assert each["summary"], where
        assert each["description"], where
        assert each["security"] == [{"bearer": []}], where
        assert {"401", "403", "422"} <= each["responses"].keys(), where
        assert any(status.startswith("2") for status in each["responses"]), where
        placed = {parameter["name"] for parameter in each.get("parameters", []) if parameter["in"] == "path"}
        assert placed == set(re.findall(r"{(\w+)}", path)), where
        assert all(parameter.get("description") for parameter in each.get("parameters", [])), where
        headers = {
            parameter["name"] for parameter in each.get("parameters", []) if parameter["in"] == "header"
        }
        assert headers == ({"Idempotency-Key"} if method == "post" else set()), where


def test_the_page_shows_every_call_without_scripts(quiet: Quiet, document: dict[str, Any]) -> None:
    answer = quiet.app.test_client().get("/api/v1/docs")

    assert answer.status_code == 200
    for path, method, each in operations(document):
        assert f"{method.upper()} {path}" in answer.text
        assert f'id="{each["operationId"]}"' in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
