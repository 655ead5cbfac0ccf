"""Who may call, and how refusals look."""

import pytest

from api.api_calls import STORY, Api, Quiet, problem_of, refused
from helpdesk.runtime import Runtime
from helpdesk.services.accounts import revoke_token
from helpdesk.views.access import TOKEN, access_of

CALLS = [
    ("GET", "/complaints?mitra_id=M", "app"),
    ("GET", "/complaints/4821-9375", "app"),
    ("POST", "/complaints", "app"),
    ("POST", "/attachments", "app"),
    ("POST", "/complaints/4821-9375/messages", "app"),
    ("POST", "/complaints/4821-9375/rating", "app"),
    ("POST", "/complaints/4821-9375/answer", "app"),
    ("GET", "/tickets", "staff"),
    ("GET", "/tickets/4821-9375", "staff"),
    ("POST", "/tickets/4821-9375/replies", "staff"),
    ("POST", "/tickets/4821-9375/notes", "staff"),
    ("POST", "/tickets/4821-9375/assign", "staff"),
    ("POST", "/tickets/4821-9375/status", "staff"),
    ("POST", "/tickets/4821-9375/severity", "staff"),
    ("POST", "/tickets/4821-9375/resolve", "staff"),
    ("POST", "/tickets/4821-9375/merge", "staff"),
    ("POST", "/tickets/4821-9375/unmerge", "staff"),
    *(
        ("POST", f"/tickets/4821-9375/{step}", "staff")
        for step in (
            "form",
            "conversion",
            "documents",
            "documents/complete",
            "documents/extension",
            "documents/refusal",
            "extension",
        )
    ),
    ("GET", "/trends", "reporting"),
    ("GET", "/improvements", "reporting"),
]


@pytest.mark.parametrize(("method", "path", "scope"), CALLS, ids=lambda part: str(part))
def test_a_call_needs_a_token_of_its_scope(quiet: Quiet, method: str, path: str, scope: str) -> None:
    def call(token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = quiet.app.test_client().open(f"/api/v1{path}", method=method, headers=headers)
        return answer.status_code

    assert call(None) == call("hd_app_wrong") == 401
    assert {call(token) for name, token in quiet.tokens.items() if name != scope} == {403}
    assert call(quiet.tokens[scope]) in (200, 404, 422)


def test_the_calls_above_are_all_of_the_api(quiet: Quiet) -> None:
    guarded = {
        (method, rule.rule)
        for rule in quiet.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and access_of(quiet.app, rule.endpoint) == TOKEN
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    tested = {
        (method, "/api/v1" + path.split("?")[0].replace("4821-9375", "<number>")) for method, path, _ in CALLS
    }
    assert guarded == tested


@pytest.mark.parametrize(
    "header", [None, "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Bearer x y", "Bearer \u00e9", "hd_app"]
)
def test_without_a_token_the_way_to_sign_in_is_told(quiet: Quiet, header: str | None) -> None:
    answer = quiet.app.test_client().get(
        "/api/v1/tickets", headers={"Authorization": header} if header else {}
    )

    assert refused(answer) == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer ")


def test_a_revoked_token_opens_nothing(rt: Runtime, staff: Api) -> None:
    assert staff.get("/tickets").status_code == 200

    rt.write(lambda session: revoke_token(session, "tes-staff", actor="system", now=rt.now()))

    answer = staff.get("/tickets")
    assert refused(answer) == 401
    assert "error=invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_token_is_asked_for_before_the_request_is_judged(quiet: Quiet) -> None:
    assert refused(Api(quiet.app).post("/complaints", {"text": 5})) == 401


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/tickets", 405)]
)
def test_an_unknown_address_or_method_is_a_problem_document(
    quiet: Quiet, method: str, path: str, status: int
) -> None:
    assert refused(quiet.app.test_client().open(f"/api/v1{path}", method=method)) == status


def test_a_rule_that_is_broken_is_told_without_the_value(quiet: Quiet) -> None:
    answer = quiet.mitra_app.post("/complaints", {"text": STORY, "amount": "rahasia-saya"})

    assert problem_of(answer, 422)["errors"][0]["field"] == "amount"
    assert "rahasia-saya" not in answer.text
