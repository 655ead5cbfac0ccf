"""The regulator's time limits by the API: the same steps and refusals as on the page."""

from datetime import UTC, datetime

import pytest

from api.api_calls import Api, body_of, file_complaint, problem_of, resolve
from helpdesk.runtime import Runtime


@pytest.fixture
def number(mitra_app: Api) -> str:
    """A written complaint of somebody whom the record does not know."""
    return file_complaint(mitra_app, mitra_id=None, category="BYR-POST", phone="085712345678")


def clocks(staff: Api, number: str) -> list[tuple[str, str, str]]:
    found = body_of(staff.get(f"/tickets/{number}"))["clocks"]
    return [
        (each["started_at"], each["due_at"], each["state"])
        for each in found
        if each["metric"] == "regulatory"
    ]


TENTH = "2026-12-07T17:00:00Z"
STARTED = "2026-11-23T03:00:00Z"


def test_documents_are_asked_for_and_complete(staff: Api, number: str) -> None:
    answer = staff.post(f"/tickets/{number}/documents", {"items": ["supporting"], "note": "struk"})
    assert body_of(answer)["status"] == "pending"
    assert clocks(staff, number) == [(STARTED, TENTH, "superseded")]
    assert body_of(staff.post(f"/tickets/{number}/documents/complete", {}))["status"] == "open"
    assert clocks(staff, number)[1:] == [(STARTED, TENTH, "running")]
    problem = problem_of(staff.post(f"/tickets/{number}/documents/complete", {}), 409)
    assert "no documents were asked for" in problem["detail"]


def test_a_repeated_request_is_one(staff: Api, number: str) -> None:
    body = {"items": ["supporting"]}
    first = staff.post(f"/tickets/{number}/documents", body, key="once")
    assert staff.post(f"/tickets/{number}/documents", body, key="once").text == first.text
    problem_of(staff.post(f"/tickets/{number}/documents", body, key="twice"), 409)


def test_the_record_is_never_asked_for(mitra_app: Api, staff: Api) -> None:
    known = file_complaint(mitra_app)
    problem_of(staff.post(f"/tickets/{known}/documents", {"items": ["identity"]}), 422)


def test_the_form_is_corrected_with_a_reason(staff: Api, number: str) -> None:
    assert body_of(staff.get(f"/tickets/{number}"))["form"] == "tertulis"
    problem_of(staff.post(f"/tickets/{number}/form", {"form": "lisan", "reason": " "}), 422)
    assert (
        staff.post(f"/tickets/{number}/form", {"form": "lisan", "reason": "Ditelepon dari WA"}).status_code
        == 200
    )
    found = body_of(staff.get(f"/tickets/{number}"))
    assert found["form"] == "lisan"
    assert "form_changed" in [event["kind"] for event in found["events"]]
    assert clocks(staff, number)[-1] == (STARTED, "2026-11-30T17:00:00Z", "running")
    body = {"items": ["supporting"], "reason": "Perlu bukti"}
    assert body_of(staff.post(f"/tickets/{number}/conversion", body))["status"] == "pending"


def test_the_time_is_extended_once(staff: Api, number: str) -> None:
    body = {"ground": "b", "reason": "Rekening koran diperiksa"}
    problem_of(staff.post(f"/tickets/{number}/extension", body | {"party": "Bank"}), 409)
    assert staff.post(f"/tickets/{number}/extension", body).status_code == 200
    assert clocks(staff, number)[-1] == (STARTED, "2026-12-21T17:00:00Z", "running")
    assert "only once" in problem_of(staff.post(f"/tickets/{number}/extension", body), 409)["detail"]
    assert (
        staff.post(
            f"/tickets/{number}/extension", {"reason": "Bank belum membalas", "party": "Bank"}
        ).status_code
        == 200
    )


def test_a_mitra_gets_more_time_for_documents(staff: Api, number: str) -> None:
    more = {"ground": "a", "reason": "Di kampung"}
    problem_of(staff.post(f"/tickets/{number}/documents/extension", more), 409)
    staff.post(f"/tickets/{number}/documents", {"items": ["supporting"]})
    assert staff.post(f"/tickets/{number}/documents/extension", more).status_code == 200


def test_what_she_never_completed_ends_with_its_late_reason(rt: Runtime, staff: Api, number: str) -> None:
    path, body = f"/tickets/{number}/documents", {"items": ["supporting"]}
    problem_of(staff.post(f"{path}/refusal", {}), 409)
    rt.now = lambda: datetime(2026, 12, 7, 3, tzinfo=UTC)  # type: ignore[method-assign]
    staff.post(path, body)
    rt.now = lambda: datetime(2027, 1, 9, 3, tzinfo=UTC)  # type: ignore[method-assign]
    assert "late_reason" in str(problem_of(staff.post(f"{path}/refusal", {}), 422))
    ended = body_of(staff.post(f"{path}/refusal", {"late_reason": "Listrik padam"}))
    assert ended["status"] == "closed"


def test_an_answered_ticket_has_no_such_steps(staff: Api, number: str) -> None:
    resolve(staff, number)
    for path, body in (
        ("documents", {"items": ["supporting"]}),
        ("form", {"form": "lisan", "reason": "Ditelepon dari WA"}),
        ("extension", {"ground": "b", "reason": "Rekening koran dicek"}),
        ("conversion", {"items": ["supporting"], "reason": "Perlu bukti setor"}),
    ):
        problem_of(staff.post(f"/tickets/{number}/{path}", body), 409)


def test_an_app_may_not(mitra_app: Api, number: str) -> None:
    assert mitra_app.post(f"/tickets/{number}/documents/complete", {}).status_code == 403
